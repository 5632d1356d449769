"""Workflows and runs."""

import hashlib
import re

import pytest

from server import wait_until

YAML = {"Content-Type": "application/yaml"}


@pytest.fixture
def name(kind):
    return "w-" + kind.replace(".", "-")


def put(client, document, status=201):
    return client.ask("POST", "/v1/workflows", document, status)


def perform(client, kind, output=None, **more):
    lease = client.lease_one(kind, wait_ms=20_000)
    client.complete(lease, output, **more)
    return lease


def step(run, name):
    return next(s for s in run["steps"] if s["name"] == name)


def test_versions(client, name, kind):
    a = {"name": name, "steps": {"one": {"kind": kind}}}
    b = {**a, "description": "better"}
    assert put(client, a) == {"name": name, "version": 1}
    assert put(client, a, 200)["version"] == 1
    assert put(client, b)["version"] == 2
    assert client.get(f"/v1/workflows/{name}")["document"] == b
    first = client.get(f"/v1/workflows/{name}", version=1)
    assert first["document"] == a and first["description"] is None
    client.get(f"/v1/workflows/{name}", 404, version=3)
    client.get("/v1/workflows/nobody", 404)


@pytest.mark.parametrize("media", ["application/yaml", "text/yaml; charset=utf-8", "Application/X-YAML"])
def test_yaml_and_json_are_the_same(client, name, kind, media):
    text = f"name: {name}\nsteps:\n  one:\n    kind: {kind}  # who\n    input: {{n: 1, who: {{ref: /input/who}}}}\n"
    assert client.raw("POST", "/v1/workflows", text, {"Content-Type": media}).status == 201
    document = client.get(f"/v1/workflows/{name}")["document"]
    assert document["steps"]["one"]["input"] == {"n": 1, "who": {"ref": "/input/who"}}
    again = client.raw("POST", "/v1/workflows", text, {"Content-Type": media})
    assert again.status == 200 and again.json["version"] == 1


def test_list(client, name, kind):
    names = [f"{name}-{n}" for n in range(3)]
    for n in names:
        put(client, {"name": n, "steps": {"one": {"kind": kind}}})
    page = client.get("/v1/workflows", cursor=name, limit=2)
    assert [w["name"] for w in page["workflows"]] == names[:2] and page["next_cursor"] == names[1]
    assert client.get("/v1/workflows", cursor=names[1], limit=1)["workflows"][0]["name"] == names[2]


def test_a_run_from_start_to_end(client, name, kind):
    put(client, {"name": name, "input": {"type": "object", "required": ["who"]},
                 "steps": {"plan": {"kind": f"{kind}.plan", "input": {"ref": "/input"}},
                           "say": {"kind": f"{kind}.say", "input": {"text": {"ref": "/steps/plan/output/text"}}}},
                 "output": {"said": {"ref": "/steps/say/output"}}})
    id = client.post("/v1/runs", {"workflow": name, "input": {"who": "Ada"}}, 201)["id"]
    run = client.get(f"/v1/runs/{id}")
    assert run["state"] == "running" and run["steps_total"] == 2
    assert step(run, "plan")["reason"] == "waiting_for_agent"
    assert step(run, "say")["after"] == ["plan"] and step(run, "say")["reason"] == "waiting_for_steps"
    lease = client.lease_one(f"{kind}.plan", wait_ms=20_000)
    assert lease["run"] == id and lease["input"] == {"who": "Ada"}
    client.tell(lease, "heartbeat", progress=0.5, message="thinking")
    plan = step(client.get(f"/v1/runs/{id}"), "plan")
    assert (plan["state"], plan["reason"], plan["progress"], plan["message"]) == ("running", "leased", 0.5, "thinking")
    client.complete(lease, {"text": "hello Ada"})
    assert perform(client, f"{kind}.say", "said it")["input"] == {"text": "hello Ada"}
    run = client.get(f"/v1/runs/{id}")
    assert run["state"] == "succeeded" and run["output"] == {"said": "said it"} and run["finished_at"]
    assert run["steps_done"] == 2 and step(run, "say")["output"] == "said it"
    tasks = client.get("/v1/tasks", run=id)["tasks"]
    assert {t["id"] for t in tasks} == {step(run, "plan")["task"], step(run, "say")["task"]}


def test_each_and_when(client, name, kind):
    put(client, {"name": name, "steps": {
        "items": {"kind": kind, "each": {"ref": "/input"}, "max_parallel": 2,
                  "input": {"item": {"ref": "/item"}, "n": {"ref": "/index"}}},
        "more": {"kind": f"{kind}.more", "input": {"ref": "/steps/items/output"},
                 "when": {"value": {"ref": "/steps/items/output/0"}, "schema": {"const": "wanted"}}}},
        "output": {"ref": "/steps/items/output"}})
    id = client.post("/v1/runs", {"workflow": name, "input": ["a", "b", "c"]}, 201)["id"]
    leases = client.lease(kind, max=9, wait_ms=20_000)
    assert sorted(t["input"]["item"] for t in leases) == ["a", "b"]
    assert step(client.get(f"/v1/runs/{id}"), "items")["items"] == 3
    for lease in leases:
        client.complete(lease, lease["input"]["item"].upper())
    perform(client, kind, "C")
    run = client.get(f"/v1/runs/{id}")
    assert run["state"] == "succeeded" and run["output"] == ["A", "B", "C"]
    assert step(run, "more")["state"] == "skipped"
    assert step(run, "items")["each"] and step(run, "items")["items_done"] == 3


def test_collect_keeps_what_failed(client, name, kind):
    put(client, {"name": name, "output": {"ref": "/steps/items/output"}, "steps": {
        "items": {"kind": kind, "each": [1, 2], "on_error": "collect", "input": {"ref": "/item"},
                  "retry": {"attempts": 1}}}})
    id = client.post("/v1/runs", {"workflow": name}, 201)["id"]
    one, two = sorted(client.lease(kind, max=2, wait_ms=20_000), key=lambda t: t["input"])
    client.tell(one, "fail", error={"code": "no", "message": "can't"})
    client.complete(two, "fine")
    run = client.get(f"/v1/runs/{id}")
    assert run["state"] == "succeeded" and run["output"][1] == "fine"
    assert run["output"][0]["error"]["code"] == "no" and step(run, "items")["items_failed"] == 1


def test_a_failed_step_fails_the_run_and_cancels_the_rest(client, name, kind):
    put(client, {"name": name, "steps": {"a": {"kind": f"{kind}.a", "retry": {"attempts": 1}},
                                         "b": {"kind": f"{kind}.b"}, "c": {"kind": kind, "after": ["a"]}}})
    id = client.post("/v1/runs", {"workflow": name}, 201)["id"]
    held = client.lease_one(f"{kind}.b", wait_ms=20_000)
    client.tell(client.lease_one(f"{kind}.a"), "fail", error={"code": "no", "message": "can't", "detail": 1})
    run = client.get(f"/v1/runs/{id}")
    assert run["state"] == "failed" and run["error"]["step"] == "a" and run["error"]["code"] == "no"
    assert [s["state"] for s in run["steps"]] == ["failed", "cancelled", "cancelled"]
    assert client.tell(held, "heartbeat")["cancelled"]
    client.refused("POST", f"/v1/runs/{id}/cancel", status=409, code="wrong_state")


def test_cancel(client, name, kind):
    put(client, {"name": name, "steps": {"a": {"kind": kind}}})
    id = client.post("/v1/runs", {"workflow": name}, 201)["id"]
    lease = client.lease_one(kind, wait_ms=20_000)
    assert client.post(f"/v1/runs/{id}/cancel", {"reason": "enough"}) == {"id": id, "state": "cancelled"}
    run = client.get(f"/v1/runs/{id}")
    assert run["state"] == "cancelled" and run["error"]["message"] == "enough"
    assert client.tell(lease, "heartbeat")["cancelled"]
    assert client.post(f"/v1/runs/{id}/cancel")["state"] == "cancelled"


def test_lists(client, name, kind):
    put(client, {"name": name, "steps": {"a": {"kind": kind}}})
    ids = [client.post("/v1/runs", {"workflow": name}, 201)["id"] for _ in range(3)]
    client.post(f"/v1/runs/{ids[1]}/cancel")
    page = client.get("/v1/runs", workflow=name, limit=2)
    assert [r["id"] for r in page["runs"]] == ids[:0:-1]
    assert [r["id"] for r in client.get("/v1/runs", workflow=name, cursor=page["next_cursor"])["runs"]] == ids[:1]
    assert [r["id"] for r in client.get("/v1/runs", workflow=name, state="cancelled")["runs"]] == [ids[1]]
    assert ids[1] in [r["id"] for r in client.get("/v1/runs", state="cancelled", limit=200)["runs"]]


def test_starting_is_idempotent(client, name, kind):
    put(client, {"name": name, "steps": {"a": {"kind": kind}}})
    headers = {"Idempotency-Key": name}
    a = client.ask("POST", "/v1/runs", {"workflow": name, "input": 1}, 201, headers)
    b = client.ask("POST", "/v1/runs", {"workflow": name, "input": 1}, 200, headers)
    assert b == {"id": a["id"], "duplicate": True}
    client.refused("POST", "/v1/runs", {"workflow": name, "input": 2}, headers, status=409,
                   code="idempotency_key_reused")


def test_input_is_checked(client, name, kind):
    put(client, {"name": name, "steps": {"a": {"kind": kind}},
                 "input": {"properties": {"n": {"type": "array", "items": {"type": "integer"}}}}})
    client.refused("POST", "/v1/runs", {"workflow": name, "input": {"n": [1, "x"]}}, status=400,
                   code="schema_mismatch", pointer="/input/n/1")
    client.refused("POST", "/v1/runs", {"workflow": "nobody"}, status=404, code="not_found")
    client.refused("POST", "/v1/runs", {"workflow": name, "version": 2}, status=404, code="not_found")


BAD = {
    "cycle": ({"a": {"kind": "k", "after": ["b"]}, "b": {"kind": "k", "after": ["a"]}}, "/steps"),
    "itself": ({"a": {"kind": "k", "input": {"ref": "/steps/a/output"}}}, "/steps/a"),
    "unknown step": ({"a": {"kind": "k", "input": {"ref": "/steps/b/output"}}}, "/steps/a/input"),
    "unknown after": ({"a": {"kind": "k", "after": ["b"]}}, "/steps/a/after"),
    "typo": ({"a": {"kind": "k", "inputs": 1}}, "/steps/a/inputs"),
    "no kind": ({"a": {}}, "/steps/a"),
    "no steps": ({}, "/steps"),
    "bad schema": ({"a": {"kind": "k", "when": {"value": 1, "schema": {"type": "strin"}}}}, "/steps/a/when"),
    "item without each": ({"a": {"kind": "k", "input": {"ref": "/item"}}}, "/steps/a/input"),
    "no pointer": ({"a": {"kind": "k", "input": {"ref": "input"}}}, "/steps/a/input"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_definitions_say_where(client, name, case):
    steps, pointer = BAD[case]
    problem = client.refused("POST", "/v1/workflows", {"name": name, "steps": steps}, status=400)
    assert problem["pointer"].startswith(pointer) and problem["code"].startswith("bad_")
    client.get(f"/v1/workflows/{name}", 404)


@pytest.mark.parametrize("text", ["", " ", "a: [", "a: &x [*x]", "- 1", "name", "a: 1\na: 2", "\t- x", "--- 1\n--- 2",
                                  "name: !!python/object x", "\ufeff", "{" * 100, "a: *nobody", "? [a]\n: b"])
def test_bad_yaml(client, text):
    problem = client.refused("POST", "/v1/workflows", text.encode(), YAML)
    assert problem["code"] in ("json_syntax", "json_limit", "bad_workflow", "invalid", "field_type", "field_missing",
                               "field_unknown"), problem


def test_a_fan_out_has_a_limit(client, name, kind):
    """10,000 items are begun; one more fails the run, and a hundred thousand are no request."""
    put(client, {"name": name, "steps": {"a": {"kind": kind, "each": {"ref": "/input"}, "max_parallel": 2}}})
    run = client.post("/v1/runs", {"workflow": name, "input": [0] * 10001}, 201)["id"]
    failed = wait_for(client, run, "failed")
    assert "10001 items, at most 10000" in failed["error"]["message"]
    run = client.post("/v1/runs", {"workflow": name, "input": [0] * 10000}, 201)["id"]
    step = wait_until(lambda: next((s for s in client.get(f"/v1/runs/{run}")["steps"] if s["items"] == 10000), None), "the items")
    assert step["name"] == "a"
    client.post(f"/v1/runs/{run}/cancel", {})
    wait_for(client, run, "cancelled")
    client.refused("POST", "/v1/runs", {"workflow": name, "input": [0] * 100_000}, status=413, code="json_limit")


def test_a_kind_that_nobody_performs_is_no_mistake_but_said(client, name, kind):
    put(client, {"name": name, "steps": {"a": {"kind": kind}}})
    run = client.post("/v1/runs", {"workflow": name}, 201)["id"]
    task = wait_until(lambda: next(iter(client.get("/v1/tasks", run=run)["tasks"]), None), "the task")
    assert client.task(task["id"])["reason_detail"] == f"no agent that performs {kind} is there"
    client.post(f"/v1/runs/{run}/cancel", {})


@pytest.mark.parametrize("media", [{"Content-Type": "application/json"}, YAML])
def test_a_hundred_levels_are_refused_by_the_reader(client, media):
    deep = ('{"name": "deep", "steps": {"a": {"kind": "k", "input": ' + "[" * 100 + "]" * 100 + "}}}").encode()
    problem = client.refused("POST", "/v1/workflows", deep, media)
    assert problem["code"] in ("json_limit", "bad_workflow") and re.search(r"deep|level|nest", problem["detail"]), problem


# Waits, approvals, sub-workflows, compensation, forks

def wait_for(client, id, state):
    def there():
        run = client.get(f"/v1/runs/{id}")
        return run if run["state"] == state else None
    return wait_until(there, f"the state {state}", pause=0.02)


def begin(client, document, input=None):
    put(client, document)
    return client.post("/v1/runs", {"workflow": document["name"], "input": input}, 201)["id"]


def test_a_timer(client, name):
    id = begin(client, {"name": name, "steps": {"pause": {"wait": {"timer_ms": 300}}}})
    run = client.get(f"/v1/runs/{id}")
    assert run["state"] == "waiting" and step(run, "pause")["reason"] == "waiting_for_timer"
    assert step(run, "pause")["type"] == "timer" and step(run, "pause")["until"]
    assert wait_for(client, id, "succeeded")["steps_done"] == 1


def test_events(client, name):
    id = begin(client, {"name": name, "output": {"ref": "/steps/paid/output"}, "steps": {
        "paid": {"wait": {"event": "paid", "match": {"value": {"order": {"ref": "/input"}}}}}}}, 7)
    run = client.get(f"/v1/runs/{id}")
    assert run["state"] == "waiting" and step(run, "paid")["event"] == "paid"
    assert client.post(f"/v1/runs/{id}/events", {"name": "paid", "data": {"order": 8}}, 201)["id"] == id
    key = {"Idempotency-Key": f"{name}-1"}
    for status in (201, 200):
        answer = client.ask("POST", f"/v1/runs/{id}/events", {"name": "paid", "data": {"order": 7, "n": 1}}, status, key)
        assert answer["duplicate"] == (status == 200)
    assert wait_for(client, id, "succeeded")["output"] == {"order": 7, "n": 1}
    client.refused("POST", f"/v1/runs/{id}/events", {"name": "paid"}, status=409, code="wrong_state")


def test_too_many_events(client, name):
    id = begin(client, {"name": name, "steps": {"never": {"wait": {"event": "never"}}}})
    for n in range(1000):
        client.post(f"/v1/runs/{id}/events", {"name": "other", "data": n}, 201)
    client.refused("POST", f"/v1/runs/{id}/events", {"name": "other"}, status=429, code="queue_full")


def test_approval(client, name, kind):
    id = begin(client, {"name": name, "steps": {
        "sure": {"approve": {"prompt": "Publish?", "show": {"text": {"ref": "/input"}}}},
        "then": {"kind": kind, "input": {"ref": "/steps/sure/output/approved"}}}}, "Hello")
    [listed] = [a for a in client.get("/v1/approvals", limit=200)["approvals"] if a["run"] == id]
    one = client.get(f"/v1/runs/{id}/approvals/sure")
    assert one == {**listed, "show": {"text": "Hello"}}
    assert one["hash"] == hashlib.sha256(b'{"text":"Hello"}').hexdigest()
    path = f"/v1/runs/{id}/approvals/sure"
    client.refused("POST", path, {"decision": "approve", "hash": "0" * 64}, status=409, code="approval_changed")
    yes = {"decision": "approve", "hash": one["hash"], "comment": "fine"}
    assert not client.post(path, yes)["duplicate"] and client.post(path, yes)["duplicate"]
    assert perform(client, kind)["input"] is True
    run = wait_for(client, id, "succeeded")
    [by] = step(run, "sure")["output"]["by"]
    assert by["comment"] == "fine" and by["actor"].startswith("key_")
    client.refused("POST", path, {**yes, "decision": "reject"}, status=409, code="wrong_state")
    client.get(path, 404)
    [event] = [e for e in client.get("/v1/events", run=id)["events"] if e["type"] == "run.approval"]
    assert event["actor"] == by["actor"] and event["data"]["hash"] == one["hash"]


def test_approvals_page_by_page(client, name):
    document = {"name": name, "steps": {s: {"approve": {"prompt": s}} for s in "abc"}}
    id = begin(client, document)
    seen, cursor = [], {}
    while cursor is not None:
        page = client.get("/v1/approvals", limit=2, **cursor)
        seen += [a["step"] for a in page["approvals"] if a["run"] == id]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert seen == ["a", "b", "c"]
    client.post(f"/v1/runs/{id}/cancel")


def test_rejected(client, name):
    id = begin(client, {"name": name, "steps": {"sure": {"approve": {"prompt": "Publish?"}}}})
    one = client.get(f"/v1/runs/{id}/approvals/sure")
    client.post(f"/v1/runs/{id}/approvals/sure", {"decision": "reject", "hash": one["hash"], "comment": "no"})
    assert wait_for(client, id, "failed")["error"] == {"code": "rejected", "message": "no", "step": "sure"}


def test_sub_workflow(client, name, kind):
    put(client, {"name": f"{name}-in", "steps": {"a": {"kind": kind, "input": {"ref": "/input"}}},
                 "output": {"ref": "/steps/a/output"}})
    id = begin(client, {"name": name, "output": {"ref": "/steps/sub/output"},
                        "steps": {"sub": {"workflow": f"{name}-in@1", "input": {"ref": "/input"}}}}, 5)
    child = step(client.get(f"/v1/runs/{id}"), "sub")["child"]
    assert client.get(f"/v1/runs/{child}")["parent"] == id
    perform(client, kind, "done")
    assert wait_for(client, id, "succeeded")["output"] == "done"


def test_compensation(client, name, kind):
    id = begin(client, {"name": name, "steps": {
        "book": {"kind": f"{kind}.book", "compensate": {"kind": f"{kind}.undo", "input": {"ref": "/output"}}},
        "pay": {"kind": f"{kind}.pay", "after": ["book"], "retry": {"attempts": 1}}}})
    perform(client, f"{kind}.book", "room 1")
    client.tell(client.lease_one(f"{kind}.pay", wait_ms=20_000), "fail", error={"code": "no", "message": "can't"})
    wait_for(client, id, "compensating")
    client.refused("POST", f"/v1/runs/{id}/cancel", status=409, code="wrong_state")
    undo = client.lease_one(f"{kind}.undo", wait_ms=20_000)
    assert undo["input"] == "room 1"
    compensation = step(client.get(f"/v1/runs/{id}"), "book")["compensation"]
    assert compensation == {"state": "running", "task": undo["id"]}
    client.complete(undo)
    run = wait_for(client, id, "failed")
    assert step(run, "book")["compensation"]["state"] == "succeeded" and run["error"]["step"] == "pay"


def test_a_failed_compensation_is_named(client, name, kind):
    id = begin(client, {"name": name, "steps": {
        "book": {"kind": f"{kind}.book", "compensate": {"kind": f"{kind}.undo", "retry": {"attempts": 1}}},
        "pay": {"kind": f"{kind}.pay", "after": ["book"]}}})
    perform(client, f"{kind}.book", "room 1")
    assert client.post(f"/v1/runs/{id}/cancel")["state"] == "compensating"
    client.tell(client.lease_one(f"{kind}.undo", wait_ms=20_000), "fail", error={"code": "no", "message": "can't"})
    run = wait_for(client, id, "compensation_failed")
    assert run["error"]["compensation"] == {"code": "no", "message": "can't", "step": "book"}
    assert id in [r["id"] for r in client.get("/v1/runs", state="compensation_failed", limit=200)["runs"]]


def test_resume(client, name, kind):
    id = begin(client, {"name": name, "steps": {
        "trip": {"kind": f"{kind}.a", "compensate": {"kind": f"{kind}.undo-a", "retry": {"attempts": 1}}},
        "book": {"kind": f"{kind}.b", "after": ["trip"], "compensate": {"kind": f"{kind}.undo-b", "retry": {"attempts": 1}}},
        "pay": {"kind": f"{kind}.pay", "after": ["book"]}}})
    client.refused("POST", f"/v1/runs/{id}/resume", status=409, code="wrong_state")
    perform(client, f"{kind}.a")
    perform(client, f"{kind}.b")
    client.post(f"/v1/runs/{id}/cancel")
    for _ in range(2):  # tried again in vain
        client.tell(client.lease_one(f"{kind}.undo-b", wait_ms=20_000), "fail", error={"code": "no", "message": "can't"})
        wait_for(client, id, "compensation_failed")
        if _ == 0:
            assert client.post(f"/v1/runs/{id}/resume") == {"id": id, "state": "compensating"}
            assert client.post(f"/v1/runs/{id}/resume", {}) == {"id": id, "state": "compensating"}
    client.post(f"/v1/runs/{id}/resume", {"skip": True, "reason": "by hand"})
    perform(client, f"{kind}.undo-a")
    run = wait_for(client, id, "cancelled")
    assert step(run, "book")["compensation"]["state"] == "skipped" and "compensation" not in run["error"]
    assert step(run, "trip")["compensation"]["state"] == "succeeded"
    client.refused("POST", f"/v1/runs/{id}/resume", status=409, code="wrong_state")


def test_fork(client, name, kind):
    id = begin(client, {"name": name, "output": {"ref": "/steps/b/output"}, "steps": {
        "a": {"kind": f"{kind}.a"}, "b": {"kind": f"{kind}.b", "input": [{"ref": "/steps/a/output"}, {"ref": "/input/n"}]}}},
        {"n": 1})
    perform(client, f"{kind}.a", "A")
    perform(client, f"{kind}.b", "B")
    fork = client.post(f"/v1/runs/{id}/fork", {"from": "b", "input": {"n": 2}}, 201)
    assert fork["reused"] == 1
    assert perform(client, f"{kind}.b", "B2")["input"] == ["A", 2]
    run = wait_for(client, fork["id"], "succeeded")
    assert run["output"] == "B2" and run["forked_from"] == id and run["forked_step"] == "b"
    assert step(run, "a")["reused"] and not step(run, "b")["reused"]
    problem = client.refused("POST", f"/v1/runs/{id}/fork", {"from": "c"}, status=400, code="field_range")
    assert problem["pointer"] == "/from"


def test_check_says_line_and_column(client):
    text = "name: w\nsteps:\n  a:\n    kind: k\n    max_paralel: 2\n"
    problem = client.refused("POST", "/v1/workflows/check", text.encode(), YAML, status=400, code="bad_workflow")
    assert problem["pointer"] == "/steps/a/max_paralel"
    assert problem["detail"].startswith("line 5, column 18: ") and "max_parallel" in problem["detail"]
    assert client.post("/v1/workflows/check", {"name": "w", "steps": {"a": {"kind": "k"}}}) == {"name": "w", "steps": 1}
    client.get("/v1/workflows/w", 404)


def large(n):
    return {"title": "Bees", "rows": [{"n": i, "text": "x" * 10_000} for i in range(n)]}


def test_a_large_output_is_an_artifact_and_references_read_it(client, name, kind):
    """300 KB pass as ever, whole or in part; of 3 MB the whole is passed as its descriptor."""
    put(client, {"name": name, "output": {"ref": "/steps/a/output"}, "steps": {
        "a": {"kind": f"{kind}.a"},
        "part": {"kind": f"{kind}.part", "input": [{"ref": "/steps/a/output/title"}, {"ref": "/steps/a/output/rows/2/n"}]},
        "items": {"kind": f"{kind}.items", "each": {"ref": "/steps/a/output/rows"}, "max_parallel": 1,
                  "when": {"value": {"ref": "/input"}, "schema": {"const": "small"}}, "input": {"ref": "/item/n"}},
        "whole": {"kind": f"{kind}.whole", "input": {"ref": "/steps/a/output"}}}})
    for size, n in (("small", 30), ("large", 300)):
        id = client.post("/v1/runs", {"workflow": name, "input": size}, 201)["id"]
        output = large(n)
        lease = client.lease_one(f"{kind}.a", wait_ms=20_000)
        done = client.complete(lease, output, lease={"worker": "w", "kinds": [f"{kind}.none"]})
        assert done["tasks"] == []
        assert client.complete(lease, output)["state"] == "succeeded"  # said again: nothing new
        shown = client.task(lease["id"])["output"]
        assert shown["media_type"] == "application/json" and shown["size"] > 256 * 1024
        stored = client.raw("GET", f"/v1/artifacts/{shown['$artifact']}/files/output.json")
        assert stored.json == output and hashlib.sha256(stored.body).hexdigest() == shown["sha256"]
        assert [a["run"] for a in client.get("/v1/artifacts", run=id)["artifacts"]] == [id]
        assert perform(client, f"{kind}.part")["input"] == ["Bees", 2]
        whole = perform(client, f"{kind}.whole")["input"]
        assert whole == (output if size == "small" else shown)
        for item in range(n if size == "small" else 0):
            assert perform(client, f"{kind}.items")["input"] == item
        assert wait_for(client, id, "succeeded")["output"] == shown


def test_a_large_output_counts_for_its_holder_only(client, name, kind):
    task = client.submit(kind)["id"]
    lease = client.lease_one(kind)
    stale = {**lease, "token": "0" * 32}
    refused = client.raw("POST", f"/v1/tasks/{task}/complete", None)
    assert refused.status == 400
    client.refused("POST", f"/v1/tasks/{task}/complete", {"token": stale["token"], "attempt": 1, "output": large(30)},
                   status=409, code="lease_lost")
    client.refused("POST", f"/v1/tasks/{task}/complete",
                   {"token": lease["token"], "attempt": 1, "output": "x" * (16 << 20)}, status=400, code="field_range",
                   pointer="/output")
    before = [a["id"] for a in client.get("/v1/artifacts", name=f"output.{task}")["artifacts"]]
    assert before == []
    client.complete(lease, "x" * ((16 << 20) - 2))
    assert client.task(task)["output"]["size"] == 16 << 20


def test_a_small_output_in_a_large_body_stays_where_it_is(client, kind):
    task = client.submit(kind)["id"]
    lease = client.lease_one(kind)
    body = b'{"token": "%s", "attempt": 1, "output": 7%s}' % (lease["token"].encode(), b" " * 300_000)
    assert client.raw("POST", f"/v1/tasks/{task}/complete", body, {"Content-Type": "application/json"}).status == 200
    assert client.task(task)["output"] == 7
