"""Queues with limits, keys, deadlines, sessions, callbacks and dead letters, over HTTP."""

import time


def wait_until(what, seconds=10):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return
        time.sleep(0.02)
    raise AssertionError("it does not happen")


def fail(client, held):
    return client.tell(held, "fail", error={"code": "broken", "message": "as meant"}, final=True)


def test_settings_are_kept_and_reset(client, kind):
    assert client.get(f"/v1/queues/{kind}")["settings"]["concurrency_max"] == 0
    rate = {"n": 5, "period_ms": 1000}
    set_ = client.ask("PUT", f"/v1/queues/{kind}", {"concurrency_max": 2, "rate": rate, "attempts_max": 1})
    assert set_["settings"]["rate"] == {**rate, "burst": 5}
    assert client.get(f"/v1/queues/{kind}")["settings"] == set_["settings"]
    client.submit(kind)
    assert client.lease_one(kind)["attempts_max"] == 1
    assert client.ask("DELETE", f"/v1/queues/{kind}")["settings"]["rate"] is None
    assert kind in [q["name"] for q in client.get("/v1/queues", limit=200)["queues"]]


def test_pages_of_queues(client, kind):
    names = [f"{kind}.{i}" for i in range(3)]
    for name in names:
        client.submit(name)
    page = client.get("/v1/queues", cursor=kind, limit=2)
    assert [q["name"] for q in page["queues"]] == names[:2] and page["next_cursor"] == names[1]
    assert client.get("/v1/queues", cursor=names[1], limit=1)["queues"][0]["name"] == names[2]


def test_a_full_queue_refuses_and_says_when(client, kind):
    client.ask("PUT", f"/v1/queues/{kind}", {"depth_max": 1})
    client.submit(kind)
    answer = client.raw("POST", "/v1/tasks", b'{"kind":"%s"}' % kind.encode(), {"Content-Type": "application/json"})
    assert answer.status == 429 and answer.json["code"] == "queue_full" and answer.headers["retry-after"]
    problem = client.refused("POST", "/v1/tasks/batch", {"tasks": [{"kind": "other"}, {"kind": kind}]}, status=429)
    assert problem["pointer"] == "/tasks/1"


def test_a_paused_queue_says_so(client, kind):
    client.post(f"/v1/queues/{kind}/pause")
    made = client.submit(kind)
    assert client.lease(kind) == [] and client.task(made["id"])["reason"] == "paused"
    client.post(f"/v1/queues/{kind}/resume")
    assert client.lease_one(kind)["id"] == made["id"]


def test_concurrency_keys_block_and_pass_on(client, kind):
    for _ in range(2):
        made = client.submit(kind, concurrency={"key": kind})
    assert made["state"] == "blocked"
    task = client.task(made["id"])
    assert task["reason"] == "waiting_for_capacity" and task["reason_detail"].endswith("1 of 1 under way")
    held = client.lease_one(kind, max=10)
    assert held["concurrency_key"] == kind
    waiting = client.tell(held, "complete", output=1, lease={"worker": "test", "kinds": [kind]})
    assert waiting["tasks"][0]["id"] == made["id"]


def test_a_rate_names_its_time(client, kind):
    client.ask("PUT", f"/v1/queues/{kind}", {"rate": {"n": 1, "period_ms": 3600_000}})
    client.submit(kind)
    made = client.submit(kind)
    client.lease_one(kind, max=10)
    task = client.task(made["id"])
    assert task["state"] == "blocked" and task["reason"] == "rate_limited" and task["reason_until"]


def test_a_deadline_passes(client, kind):
    made = client.submit(kind, deadline_ms=50)
    wait_until(lambda: client.task(made["id"])["state"] == "failed")
    assert client.task(made["id"])["error"]["code"] == "deadline_exceeded"
    past = client.submit(kind, deadline_at="2020-01-01T00:00:00Z")
    wait_until(lambda: client.task(past["id"])["state"] == "failed")


def test_a_lost_answer_costs_nothing(client, kind):
    client.submit(kind)
    first = client.lease_one(kind, session=kind)
    again = client.lease_one(kind, session=kind, holding=[])
    assert again["again"] and not first["again"]
    assert (again["id"], again["token"], again["attempt"]) == (first["id"], first["token"], first["attempt"])
    assert client.lease(kind, session=kind, holding=[first["id"]]) == []


def test_a_callback_gets_the_output(client, kind):
    made = client.submit(kind, callback={"kind": kind + ".done", "input": {"a": 1}})
    client.complete(client.lease_one(kind), {"b": 2})
    told = client.lease_one(kind + ".done")["input"]
    assert told == {"task": made["id"], "kind": kind, "state": "succeeded", "output": {"b": 2}, "input": {"a": 1}}


def test_batches_of_one_key(client, kind):
    for i in range(4):
        client.submit(kind, concurrency={"key": f"{kind}.{i % 2}", "max": 9})
    held = client.lease(kind, max=10, group="key")
    assert len(held) == 2 and len({h["concurrency_key"] for h in held}) == 1


def test_a_dead_letter_is_retried_once(client, kind):
    made = client.submit(kind, {"n": 1})
    fail(client, client.lease_one(kind))
    assert [t["id"] for t in client.get("/v1/tasks", kind=kind, dead="true")["tasks"]] == [made["id"]]
    fresh = client.post(f"/v1/tasks/{made['id']}/retry", status=201)
    assert client.post(f"/v1/tasks/{made['id']}/retry")["id"] == fresh["id"]
    assert client.task(fresh["id"])["retry_of"] == made["id"]
    assert client.task(made["id"])["retried_as"] == fresh["id"]
    assert client.lease_one(kind)["input"] == {"n": 1}
    client.refused("POST", f"/v1/tasks/{fresh['id']}/retry", status=409, code="wrong_state")
    assert client.get("/v1/tasks", kind=kind, dead="true")["tasks"] == []


def test_all_dead_letters_of_a_queue(client, kind):
    for _ in range(3):
        client.submit(kind)
        fail(client, client.lease_one(kind))
    (first, *_) = client.get("/v1/tasks", kind=kind, dead="true")["tasks"]
    assert client.post(f"/v1/tasks/{first['id']}/discard")["discarded"] is True
    client.post(f"/v1/queues/{kind}/retry-dead", status=202)
    wait_until(lambda: client.get(f"/v1/queues/{kind}")["ready"] == 2)
    for held in client.lease(kind, max=5):
        fail(client, held)
    client.post(f"/v1/queues/{kind}/discard-dead", status=202)
    wait_until(lambda: client.get("/v1/tasks", kind=kind, dead="true")["tasks"] == [])
    day = client.get(f"/v1/queues/{kind}")["days"][0]
    assert day["failed"] == 5
