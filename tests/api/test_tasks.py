"""Submitting, looking, cancelling."""

import datetime

import pytest


def test_submit_and_look(client, kind):
    text = {"ä": [1, 2.5, None, "\u2028"], "big": 9007199254740993}
    made = client.submit(kind, text, priority=7, attempts_max=3, timeout_ms=5000)
    assert made["state"] == "ready" and made["duplicate"] is False
    task = client.task(made["id"])
    assert task["input"] == text and task["priority"] == 7 and task["attempts_max"] == 3
    assert task["reason"] == "waiting_for_agent" and task["output"] is None and task["attempt"] == 0


def test_input_passes_through_byte_for_byte(client, kind):
    body = '{"kind":"%s","input": {"b":1.50, "a" : "\\u00e4" , "n":123456789012345678901234567890}}' % kind
    answer = client.raw("POST", "/v1/tasks", body, {"Content-Type": "application/json"})
    assert answer.status == 201
    whole = client.raw("GET", f"/v1/tasks/{answer.json['id']}").body.decode()
    assert '{"b":1.50, "a" : "\\u00e4" , "n":123456789012345678901234567890}' in whole


def test_delay_and_run_at(client, kind):
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=2)
    a = client.submit(kind, delay_ms=3600_000)
    b = client.submit(kind, run_at=later.isoformat())
    c = client.submit(kind, run_at="2001-02-03T04:05:06+01:00")
    assert [t["state"] for t in (a, b, c)] == ["scheduled", "scheduled", "ready"]
    assert client.task(a["id"])["reason"] == "delayed"
    assert client.task(b["id"])["run_at"] == later.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert [t["id"] for t in client.lease(kind, max=5)] == [c["id"]]


def test_the_same_key_is_the_same_task(client, kind):
    key = f"k-{kind}"
    a = client.submit(kind, {"n": 1}, idempotency_key=key)
    b = client.submit(kind, {"n": 1}, 200, idempotency_key=key)
    assert b == {**a, "duplicate": True}
    client.complete(client.lease_one(kind))
    c = client.submit(kind, {"n": 1}, 200, idempotency_key=key)
    assert c["id"] == a["id"] and c["state"] == "succeeded"


@pytest.mark.parametrize("change", [{"input": {"n": 2}}, {"priority": 1}, {"delay_ms": 5}, {"attempts_max": 2},
                                    {"timeout_ms": 9}, {"retry": {"base_ms": 3}}, {"run_at": "2030-01-01T00:00:00Z"}])
def test_the_same_key_with_another_request_is_refused(client, kind, change):
    headers = {"Idempotency-Key": f"k-{kind}"}
    client.ask("POST", "/v1/tasks", {"kind": kind, "input": {"n": 1}}, 201, headers)
    client.refused("POST", "/v1/tasks", {"kind": kind, "input": {"n": 1}, **change}, headers,
                   status=409, code="idempotency_key_reused")
    assert len(client.lease(kind, max=9)) == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 201])
def test_bad_idempotency_keys(client, kind, key):
    client.refused("POST", "/v1/tasks", {"kind": kind}, {"Idempotency-Key": key.encode()},
                   status=400, code="bad_request", pointer="Idempotency-Key")


def test_batch_is_all_or_none(client, kind):
    good = [{"kind": kind, "input": i} for i in range(500)]
    made = client.post("/v1/tasks/batch", {"tasks": good}, 201)["tasks"]
    assert len({t["id"] for t in made}) == 500
    assert [t["input"] for t in client.lease(kind, max=100)] == list(range(100))
    other = kind + ".none"
    bad = [{"kind": other}, {"kind": other}, {"kind": other, "priority": 101}]
    client.refused("POST", "/v1/tasks/batch", {"tasks": bad}, status=400, pointer="/tasks/2/priority")
    assert client.lease(other) == []


def test_keys_in_a_batch(client, kind):
    def batch(*inputs):
        return {"tasks": [{"kind": kind, "input": n, "idempotency_key": f"{kind}-{k}"} for k, n in inputs]}

    a = client.post("/v1/tasks/batch", batch((1, 1), (2, 2)), 201)["tasks"]
    b = client.post("/v1/tasks/batch", batch((2, 2), (3, 3)), 201)["tasks"]
    assert b[0] == {**a[1], "duplicate": True} and b[1]["duplicate"] is False
    problem = client.refused("POST", "/v1/tasks/batch", batch((4, 4), (1, 9)), code="idempotency_key_reused")
    assert problem.get("pointer", "").startswith("/tasks/1")
    assert [t["input"] for t in client.lease(kind, max=9)] == [1, 2, 3]
    client.refused("POST", "/v1/tasks/batch", batch((5, 5)), {"Idempotency-Key": "x"}, status=400,
                   code="bad_request", pointer="Idempotency-Key")


def test_higher_priority_first_then_older(client, kind):
    for n, priority in enumerate([0, -100, 100, 0]):
        client.submit(kind, n, priority=priority)
    assert [t["input"] for t in client.lease(kind, max=9)] == [2, 0, 3, 1]


def test_lists_in_pages(client, kind):
    ids = [client.submit(kind)["id"] for _ in range(7)]
    seen, cursor = [], {}
    while True:
        page = client.get("/v1/tasks", kind=kind, limit=3, **cursor)
        seen += [t["id"] for t in page["tasks"]]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == ids[::-1]
    lease = client.lease_one(kind)
    leased = client.get("/v1/tasks", kind=kind, state="leased")["tasks"]
    assert [t["id"] for t in leased] == [lease["id"]] and leased[0]["worker"] == "test"
    assert len(client.get("/v1/tasks", kind=kind, state="ready")["tasks"]) == 6
    assert client.get("/v1/tasks", kind=kind + "x") == {"tasks": [], "next_cursor": None}


def test_queues(client, kind):
    for delay_ms in (0, 0, 0, 3600_000):
        client.submit(kind, delay_ms=delay_ms)
    client.lease(kind)
    mine = client.get(f"/v1/queues/{kind}")
    assert (mine["scheduled"], mine["ready"], mine["leased"]) == (1, 2, 1) and mine["oldest_ready_at"]


def test_cancel(client, kind):
    made = client.submit(kind)
    path = f"/v1/tasks/{made['id']}/cancel"
    assert client.post(path, {"reason": "no more wanted"}) == {"id": made["id"], "state": "cancelled"}
    task = client.task(made["id"])
    assert task["error"] == {"code": "cancelled", "message": "no more wanted"} and task["finished_at"]
    assert client.post(path)["state"] == "cancelled"
    assert client.lease(kind) == []


def test_what_has_ended_cannot_be_cancelled(client, kind):
    made = client.submit(kind)
    client.complete(client.lease_one(kind))
    problem = client.refused("POST", f"/v1/tasks/{made['id']}/cancel", status=409, code="wrong_state")
    assert problem["detail"] == "the task has succeeded already"


def test_request_ids(client):
    answer = client.raw("GET", "/v1/queues", headers={"X-Request-Id": "mine-1._Z"})
    assert answer.headers["x-request-id"] == "mine-1._Z"
    for bad in ("", "a b", "x" * 65, "a/b"):
        answer = client.raw("GET", "/v1/queues", headers={"X-Request-Id": bad})
        assert answer.headers["x-request-id"].startswith("req_")
    problem = client.refused("GET", "/v1/tasks/x", headers={"X-Request-Id": "r2"})
    assert problem["request_id"] == "r2"
