"""The record of changes: pages, and the live stream."""

import json
import threading

import contract
from server import wait_until


class Stream:
    """A reader of server-sent events."""

    def __init__(self, client, query="", last=None):
        headers = {"Accept": "text/event-stream"}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        self.connection = client.open("GET", "/v1/events" + query, None, headers)
        self.response = self.connection.getresponse()
        own = {k.lower(): v for k, v in self.response.getheaders()}
        contract.check_answer("GET", "/v1/events", self.response.status, own, b"")
        assert own["content-type"].startswith("text/event-stream")

    def frame(self):
        """The lines of the next frame; None at the end."""
        lines = []
        while (line := self.response.readline()) != b"\n":
            if line == b"":
                assert not lines, "the stream was cut inside a frame"
                return None
            lines.append(line.decode().rstrip("\n"))
        return lines

    def event(self):
        while (lines := self.frame()) is not None and lines[0].startswith(":"):
            pass
        if lines is None:
            return None
        names = [line.split(": ", 1) for line in lines]
        assert [n for n, _ in names] == ["id", "event", "data"], lines
        event = json.loads(names[2][1])
        assert (str(event["seq"]), event["type"]) == (names[0][1], names[1][1])
        contract.check_event(event)
        return event

    def take(self, n):
        return [self.event() for _ in range(n)]

    def close(self):
        self.response.close()
        self.connection.close()


def life(client, n):
    """n tasks from start to end: three events each."""
    for i in range(n):
        client.submit("work", i)
        client.complete(client.lease_one("work"))


def test_pages_are_dense(fresh):
    client = fresh.client
    life(client, 5)
    client.submit("work")
    first = client.get("/v1/events", limit=7)
    rest = client.get("/v1/events", after=first["events"][-1]["seq"])
    events = first["events"] + rest["events"]
    assert [e["seq"] for e in events] == list(range(1, 18)) and rest["last"] == first["last"] == 17
    assert [e["type"] for e in events[:4]] == ["task.submitted", "agent.registered", "task.leased", "task.succeeded"]
    assert events[0]["subject"] == events[2]["subject"] and events[0]["actor"].startswith("key_")
    assert events[2]["data"] == {"kind": "work", "attempt": 1, "worker": "test"}
    assert client.get("/v1/events", after=17) == {"events": [], "last": 17}


def undone_badly(client):
    """A run that is approved, hears an event, fails, and whose compensation fails, too."""
    client.post("/v1/workflows", {"name": "deep", "steps": {
        "make": {"kind": "deep.make", "compensate": {"kind": "deep.undo"}},
        "sure": {"approve": {"prompt": "Go on?", "show": {"a": 1}}, "after": ["make"]},
        "paid": {"wait": {"event": "paid"}, "after": ["sure"]},
        "last": {"kind": "deep.last", "after": ["paid"], "retry": {"attempts": 1}},
    }}, 201)
    run = client.post("/v1/runs", {"workflow": "deep"}, 201)["id"]
    client.tell(client.lease_one("deep.make", wait_ms=20_000), "complete")
    shown = client.get(f"/v1/runs/{run}/approvals/sure")
    client.post(f"/v1/runs/{run}/approvals/sure", {"decision": "approve", "hash": shown["hash"]})
    client.post(f"/v1/runs/{run}/events", {"name": "paid", "data": {}}, 201)
    error = {"code": "x", "message": "y"}
    client.tell(client.lease_one("deep.last", wait_ms=20_000), "fail", error=error)
    client.tell(client.lease_one("deep.undo", wait_ms=20_000), "fail", error=error, final=True)
    client.post(f"/v1/runs/{run}/resume", {"skip": True, "reason": "by hand"})


def agents_come_and_go(client):
    """One that falls silent and comes back, one that leaves as it was asked to."""
    words = {"kinds": ["none"], "silent_after_ms": 1000}
    for name in ("silent", "leaves"):
        client.ask("PUT", f"/v1/agents/{name}", words)
    client.post("/v1/agents/leaves/drain", {"reason": "an upgrade"})
    for name, state in (("silent", "silent"), ("leaves", "gone")):
        wait_until(lambda: client.get(f"/v1/agents/{name}")["state"] == state, f"{name} is {state}")
    client.ask("PUT", "/v1/agents/silent", words)
    client.post("/v1/agents/leaves/resume")
    client.ask("DELETE", "/v1/agents/leaves")


def test_every_type_is_as_documented(fresh):
    """Each answer is held against the schema of its type."""
    client = fresh.client
    agents_come_and_go(client)
    client.submit("a", retry={"base_ms": 1, "cap_ms": 1}, attempts_max=2)
    lease = client.lease_one("a")
    client.tell(lease, "heartbeat", progress=0.5, message="half", log=["line"])
    client.tell(lease, "fail", error={"code": "x", "message": "y", "detail": {"z": 1}})
    (lease,) = client.lease("a", wait_ms=20_000)
    client.tell(lease, "return")
    client.tell(client.lease_one("a"), "fail", error={"code": "x", "message": "y"})
    client.post(f"/v1/tasks/{client.submit('b')['id']}/cancel")
    client.submit("c")
    client.lease_one("c", lease_ms=1000)
    for name, retry in (("good", {}), ("bad", {"attempts": 1}), ("gone", {})):
        client.post("/v1/workflows", {"name": name, "steps": {"one": {"kind": name, "retry": retry}}}, 201)
        run = client.post("/v1/runs", {"workflow": name}, 201)["id"]
        if name == "gone":
            client.post(f"/v1/runs/{run}/cancel")
        else:
            lease = client.lease_one(name, wait_ms=20_000)
            words = {"error": {"code": "x", "message": "y"}} if name == "bad" else {}
            client.tell(lease, "fail" if words else "complete", **words)
    undone_badly(client)
    hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    client.raw("PUT", f"/v1/blobs/{hash}", b"hello", {"Content-Type": "application/octet-stream"})
    client.post("/v1/artifacts", {"name": "x", "files": [{"path": "a", "sha256": hash, "size": 5}]}, 201)
    client.lease("c", wait_ms=20_000)
    client.post("/v1/queues/a/pause")
    client.post("/v1/queues/a/resume")
    (dead, *_) = client.get("/v1/tasks", dead="true")["tasks"]
    client.post(f"/v1/tasks/{dead['id']}/retry", status=201)
    client.submit("d")
    held = client.lease_one("d")
    client.tell(held, "fail", error={"code": "x", "message": "y"}, final=True)
    client.post(f"/v1/tasks/{held['id']}/discard")
    client.post("/v1/queues/a/retry-dead", status=202)
    client.post("/v1/queues/a/retry-dead", status=202)
    events = client.get("/v1/events", limit=1000)["events"]
    # A gap takes a month: tests/unit/queue has it.
    assert {e["type"] for e in events} == set(
        contract.document()["components"]["schemas"]["Event"]["properties"]["type"]["enum"]) - {"events.gap"}


def test_a_stream_has_the_past_and_the_present(fresh):
    client = fresh.client
    life(client, 100)  # more than one page of the stream
    s = Stream(client)
    assert [e["seq"] for e in s.take(300)] == list(range(1, 301))
    life(client, 2)
    assert [e["seq"] for e in s.take(6)] == list(range(301, 307))
    s.close()
    wait_until(lambda: client.metric("takt_event_streams") == 0, "the end of the stream")


def test_a_cut_stream_goes_on_where_it_was(fresh):
    client = fresh.client
    writer = threading.Thread(target=life, args=(client, 60))
    writer.start()
    seen = []
    for n in range(1, 19):
        s = Stream(client, last=seen[-1] if seen else None)
        seen += [e["seq"] for e in s.take(10)]
        s.close()
    writer.join()
    assert seen == list(range(1, 181))


def test_last_event_id_wins_over_after(fresh):
    life(fresh.client, 3)
    s = Stream(fresh.client, "?after=1", last=5)
    assert s.event()["seq"] == 6
    s.close()


def test_only_one_run(fresh):
    client = fresh.client
    client.post("/v1/workflows", {"name": "w", "steps": {"one": {"kind": "step"}}}, 201)
    a, b = [client.post("/v1/runs", {"workflow": "w"}, 201)["id"] for _ in range(2)]
    s = Stream(client, f"?run={b}")
    life(client, 2)
    for lease in client.lease("step", max=2, wait_ms=20_000):
        client.complete(lease)
    events = []
    while not events or events[-1]["type"] != "run.succeeded":
        events.append(s.event())
    assert {e["run"] for e in events} == {b}
    assert [e["type"] for e in events] == [
        "run.started", "run.step", "task.submitted", "task.leased", "task.succeeded", "run.step", "run.succeeded"]
    page = client.get("/v1/events", run=b)["events"]
    assert page == events
    s.close()


def test_many_readers_see_the_same(fresh):
    client = fresh.client
    streams = [Stream(client) for _ in range(20)]
    life(client, 10)
    for s in streams:
        assert [e["seq"] for e in s.take(30)] == list(range(1, 31))
        s.close()


def test_a_slow_reader_is_waited_for_and_misses_nothing(fresh):
    """More than the sockets take and than the server keeps for it, in events of any size."""
    client = fresh.client
    slow, quick = Stream(client), Stream(client)
    client.submit("log")
    lease = client.lease_one("log")
    for n in range(40):
        client.tell(lease, "heartbeat", log=["x" * 4096] * 100 if n % 3 else ["\u0001" * 800] * 100)
    assert [e["seq"] for e in quick.take(43)] == list(range(1, 44))
    assert [e["seq"] for e in slow.take(43)] == list(range(1, 44))
    client.complete(lease)
    assert slow.event()["type"] == quick.event()["type"] == "task.succeeded"
    slow.close()
    quick.close()


def test_bad_places_to_resume(client):
    for last in ("x", "-1", "1.5", "1" * 30):
        client.refused("GET", "/v1/events", None, {"Accept": "text/event-stream", "Last-Event-ID": last},
                       status=400, code="bad_cursor", pointer="Last-Event-ID")


def test_a_place_behind_the_end_is_refused(fresh):
    """Its reader read another log: the one before a backup was restored."""
    fresh.client.submit("x")
    [event] = fresh.client.get("/v1/events")["events"]
    assert fresh.client.get("/v1/events", after=event["seq"])["events"] == []
    beyond = event["seq"] + 1
    stream = {"Accept": "text/event-stream"}
    for path, headers, pointer in ((f"/v1/events?after={beyond}", {}, "?after"),
                                   (f"/v1/events?after={beyond}", stream, "?after"),
                                   ("/v1/events", {**stream, "Last-Event-ID": str(beyond)}, "Last-Event-ID")):
        problem = fresh.client.refused("GET", path, None, headers, status=400, code="bad_cursor", pointer=pointer)
        assert "restored" in problem["detail"]
