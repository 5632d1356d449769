"""One id from the request to the agent, and a log that nobody can write into from outside."""

import json
import subprocess

import pytest

from server import Server, program, wait_until

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def talkative(tmp_path):
    with Server(tmp_path / "data", "--log-format", "json", "--log-level", "debug") as s:
        yield s


def lines(server, **want):
    """The log's lines with these fields; every line must be one JSON object."""
    said = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    return [one for one in said if all(one.get(k) == v for k, v in want.items())]


def test_an_id_is_found_from_submit_to_completion(talkative, kind):
    client = talkative.client
    task = client.post("/v1/tasks", {"kind": kind}, 201, **{"X-Request-Id": "order-4711", "traceparent": PARENT})
    lease = client.lease_one(kind)
    assert lease["request_id"] == "order-4711" and lease["traceparent"] == PARENT
    client.complete(lease)
    wait_until(lambda: lines(talkative, message="answered", path=f"/v1/tasks/{task['id']}/complete"), "the log")
    [submitted] = lines(talkative, message="answered", request_id="order-4711")
    assert submitted["task"] == task["id"] and submitted["route"] == "/v1/tasks" and submitted["method"] == "POST"
    assert submitted["status"] == 201 and submitted["micros"] >= 0 and submitted["tenant"] == 1
    assert submitted["traceparent"] == PARENT
    [leased] = lines(talkative, message="leased", request_id="order-4711")
    assert leased["task"] == task["id"] and leased["kind"] == kind
    [asked] = lines(talkative, message="answered", request_id=leased["lease_request_id"])
    assert asked["route"] == "/v1/leases"


def test_the_tasks_of_a_run_have_the_id_of_its_start(fresh, kind):
    client = fresh.client
    inner = {"name": "inner", "steps": {"c": {"kind": kind}}}
    outer = {"name": "outer", "steps": {"a": {"kind": kind}, "b": {"workflow": "inner", "after": ["a"]}}}
    client.post("/v1/workflows", inner, 201)
    client.post("/v1/workflows", outer, 201)
    client.post("/v1/runs", {"workflow": "outer"}, 201, **{"X-Request-Id": "night-1"})
    for _ in range(2):
        lease = client.lease_one(kind, wait_ms=10000)
        assert lease["request_id"] == "night-1" and lease["traceparent"] is None
        client.complete(lease)


def test_without_an_id_one_is_made_and_a_bad_parent_is_none(client, kind):
    answer = client.raw("POST", "/v1/tasks", json.dumps({"kind": kind}).encode(),
                        {"Content-Type": "application/json", "traceparent": PARENT.upper()})
    lease = client.lease_one(kind)
    assert lease["request_id"] == answer.headers["x-request-id"] and lease["traceparent"] is None
    client.complete(lease)


def test_the_id_outlives_a_retry_and_the_server(fresh, kind):
    client = fresh.client
    client.post("/v1/tasks", {"kind": kind}, 201, **{"X-Request-Id": "keeps"})
    lease = client.lease_one(kind)
    client.tell(lease, "return")
    fresh.end()
    fresh.start()
    assert fresh.client.lease_one(kind)["request_id"] == "keeps"


def test_a_program_finds_it_in_its_environment(talkative, kind, tmp_path):
    client = talkative.client
    task = client.post("/v1/tasks", {"kind": kind}, 201, **{"X-Request-Id": "from-afar", "traceparent": PARENT})
    script = tmp_path / "say.sh"
    script.write_text('#!/bin/sh\nprintf \'["%s","%s"]\' "$TAKT_REQUEST_ID" "$TRACEPARENT"\n')
    script.chmod(0o755)
    worker = subprocess.Popen([program(), "worker", "--data", talkative.folder, "--kind", kind, "--", script])
    try:
        wait_until(lambda: client.task(task["id"])["state"] == "succeeded", "the task")
    finally:
        worker.terminate()
        worker.wait(20)
    assert client.task(task["id"])["output"] == ["from-afar", PARENT]
    # What the worker said about it went under the same id.
    assert lines(talkative, message="answered", request_id="from-afar", route="/v1/tasks/{id}/complete")


def test_nobody_writes_into_the_log(talkative):
    client = talkative.client
    before = len(lines(talkative))
    paths = ["/v1/tasks/%0a%7b%22level%22:%22error%22%7d", "/v1/tasks/a%00b", "/x%1b[2J", "/v1/%ff%fe", '/"},{"a":"']
    for path in paths:
        assert client.raw("GET", path).status in (400, 404)
    client.raw("GET", "/healthz", headers={"X-Request-Id": 'x" level="error'})
    client.raw("GET", "/healthz", headers={"User-Agent": "\t{}", "X-Request-Id": "a=b c"})
    wait_until(lambda: len(lines(talkative)) >= before + len(paths) + 2, "the log")
    assert "\x1b" not in talkative.log()
    assert not lines(talkative, level="error")
    said = [one for one in lines(talkative, message="answered")]
    assert {one["request_id"][:4] for one in said[-2:]} == {"req_"}  # no odd id was taken over


def test_nothing_secret_is_logged(talkative, kind):
    client = talkative.client
    client.post("/v1/tasks", {"kind": kind, "input": {"password": "swordfish"}}, 201)
    lease = client.lease_one(kind)
    client.raw("GET", "/v1/events?after=0&limit=1&secret=swordfish")
    client.complete(lease, {"secret": "swordfish"})
    wait_until(lambda: lines(talkative, route="/v1/tasks/{id}/complete"), "the log")
    assert "swordfish" not in talkative.log() and client.key not in talkative.log()
    assert lease["token"] not in talkative.log()


@pytest.mark.parametrize("setting, good, bad", [("off", 0, 0), ("errors", 0, 1), ("all", 1, 1)])
def test_the_setting_says_which_requests(tmp_path, setting, good, bad):
    with Server(tmp_path / "data", "--log-format", "json", "--access-log", setting, "--log-level", "info") as s:
        s.client.get("/v1/queues")
        s.client.raw("GET", "/v1/tasks/nonsense")
        s.client.raw("GET", "/healthz")
        s.end()
        assert len(lines(s, route="/v1/queues", level="info")) == good
        assert len(lines(s, route="/v1/tasks/{id}", status=400)) == bad
