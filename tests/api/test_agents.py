"""The registry of agents, over HTTP: what it knows of who leases, draining, silence, the contract."""

import json
import pathlib
import re
import socket
import statistics
import subprocess
import threading
import urllib.parse

from server import TIMEOUT, program, started, wait_until


def path(name, tail=""):
    return f"/v1/agents/{urllib.parse.quote(name, safe='')}{tail}"


def put(client, name, status=200, **words):
    return client.ask("PUT", path(name), {"kinds": ["demo"], **words}, status)


def lease_as(client, name, *kinds, **more):
    return client.post("/v1/leases", {"worker": name, "kinds": list(kinds), **more})


def test_who_leases_is_there(client, kind):
    made = client.submit(kind)
    assert client.task(made["id"])["reason_detail"] == f"no agent that performs {kind} is there"
    answer = lease_as(client, kind, kind)
    assert answer["draining"] is False and len(answer["tasks"]) == 1
    agent = client.get(path(kind))
    assert agent["state"] == "busy" and agent["implicit"] and agent["kinds"] == [kind]
    assert agent["tasks"] == [made["id"]] and agent["held"] == 1 and agent["load"] == 1
    client.complete(answer["tasks"][0])
    agent = client.get(path(kind))
    assert agent["state"] == "idle" and agent["attempts"]["succeeded"] == 1 and agent["tasks"] == []
    assert agent["targets"]["failure_rate"] == {"value": 0, "target": 0.01, "met": True}


def test_health_says_why(client, kind):
    client.submit(kind)
    (held,) = lease_as(client, kind, kind)["tasks"]
    client.tell(held, "fail", error={"code": "broken", "message": "as meant"}, final=True)
    agent = client.get(path(kind))
    assert agent["health"] == 95 and agent["health_reasons"] == ["5.0 % of its recent attempts failed"]
    assert agent["targets"]["failure_rate"]["met"] is False


def test_registering_is_idempotent(client, kind):
    words = {"labels": {"zone": kind}, "version": "1.2", "capacity": 4, "timeout_ms": 5000, "startup_ms": 12}
    for _ in range(3):
        assert put(client, kind, **words) == {"name": kind, "state": "starting", "draining": False, "held": 0}
    assert [c["change"] for c in client.get(path(kind, "/history"))["changes"]] == ["registered"]
    agent = client.get(path(kind))
    assert {n: agent[n] for n in words} == words and not agent["implicit"]
    put(client, kind)
    assert client.get(path(kind))["labels"] == {} and client.get(path(kind))["timeout_ms"] == 0


def test_an_agents_time_limit_bounds_the_lease(client, kind):
    put(client, kind, timeout_ms=5000)
    client.submit(kind, timeout_ms=60_000)
    (held,) = lease_as(client, kind, kind)["tasks"]
    assert held["timeout_ms"] == 5000 and held["lease_ms"] == 5000


def test_choosing_by_state_kind_and_label(client, kind):
    put(client, kind + " a", kinds=[kind], labels={"zone": kind})
    put(client, kind + " b", kinds=[kind], labels={"zone": "x:y"})
    lease_as(client, kind + " c", kind)
    names = lambda **query: [a["name"][len(kind) + 1:] for a in client.get("/v1/agents", kind=kind, **query)["agents"]]
    assert names() == ["a", "b", "c"]
    assert names(label="zone") == ["a", "b"]
    assert names(label=f"zone:{kind}") == ["a"]
    assert names(label="zone:x:y") == ["b"]
    assert names(state="idle") == ["c"] and names(state="starting") == ["a", "b"]
    page = client.get("/v1/agents", kind=kind, limit=2)
    rest = client.get("/v1/agents", kind=kind, limit=2, cursor=page["next_cursor"])
    assert [a["name"][-1] for a in rest["agents"]] == ["c"] and rest["next_cursor"] is None
    assert page["sum"]["agents"] >= 3


def test_draining_ends_the_poll_and_gives_nothing_new(client, kind):
    client.submit(kind)
    (held,) = lease_as(client, kind, kind)["tasks"]
    answers = []
    poll = threading.Thread(target=lambda: answers.append(lease_as(client, kind, kind, wait_ms=30_000)))
    poll.start()
    wait_until(lambda: client.get(path(kind))["polls"] == 1, "the poll waits")
    assert client.post(path(kind, "/drain"), {"reason": "new kernel"})["state"] == "draining"
    poll.join(10)
    assert answers == [{"tasks": [], "draining": True}]
    made = client.submit(kind)
    assert client.task(made["id"])["reason_detail"] == f"1 agent that performs {kind}, draining"
    assert client.tell(held, "heartbeat")["draining"] is True
    client.refused("DELETE", path(kind), status=409, code="wrong_state")
    done = client.complete(held, lease={"worker": kind, "kinds": [kind]})
    assert done["tasks"] == [] and done["draining"] is True
    agent = client.get(path(kind))
    assert agent["state"] == "drained" and agent["drain_reason"] == "new kernel"
    assert client.post(path(kind, "/resume"))["state"] == "idle"
    assert len(lease_as(client, kind, kind)["tasks"]) == 1
    changes = [c["change"] for c in client.get(path(kind, "/history"))["changes"]]
    assert changes == ["resumed", "drained", "draining", "registered"]


def test_silence_is_noticed_and_told(client, kind):
    put(client, kind, silent_after_ms=1000)
    wait_until(lambda: client.get(path(kind))["state"] == "silent", "it is silent")
    assert client.get(path(kind))["targets"]["recovery_ms"]["met"] is True
    lease_as(client, kind, kind)
    assert client.get(path(kind))["state"] == "idle"
    assert [c["change"] for c in client.get(path(kind, "/history"), limit=2)["changes"]] == ["back", "silent"]


def test_a_restart_keeps_what_was_counted(fresh):
    client = fresh.client
    client.submit("work")
    (held,) = lease_as(client, "one", "work")["tasks"]
    client.complete(held)
    client.submit("work")
    lease_as(client, "one", "work")
    before = client.get("/v1/agents/one")
    fresh.process.kill()
    fresh.process.wait()
    fresh.start()
    after = fresh.client.get("/v1/agents/one")
    assert (after["state"], after["held"], after["attempts"]) == ("busy", 1, before["attempts"])
    assert after["tasks"] == before["tasks"]


def test_names_of_any_kind(client, kind):
    for name in (f"{kind}/1", f"{kind} ü ?#%", kind + "x" * (200 - len(kind))):
        put(client, name)
        assert client.get(path(name))["name"] == name
    for bad in ("a" * 201, "a\nb", "\x7f"):
        client.refused("PUT", path(bad), {"kinds": ["demo"]}, status=400, code="field_range", pointer="{name}")
    assert lease_as(client, "a\nb", kind)["tasks"] == []  # works, and is nobody
    client.refused("GET", path(kind + "-nobody"), status=404, code="not_found")
    client.refused("POST", path(kind + "-nobody", "/drain"), status=404, code="not_found")


def test_labels_at_their_limits(client, kind):
    put(client, kind, labels={"a" * 63: "v" * 200, **{f"l{i}": "" for i in range(31)}})
    assert len(client.get(path(kind))["labels"]) == 32
    for labels, code, place in (
            ({f"l{i}": "" for i in range(33)}, "field_range", "/labels"),
            ({"a" * 64: ""}, "field_range", None), ({"a b": ""}, "field_range", "/labels/a b"),
            ({"a": "v" * 201}, "field_range", "/labels/a"), ({"a": 1}, "field_type", "/labels/a")):
        client.refused("PUT", path(kind), {"kinds": ["demo"], "labels": labels}, status=400, code=code, pointer=place)


def takt(server, *words):
    """(exit code, standard output) of the command line."""
    r = subprocess.run([program(), *words, "--data", server.folder], stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT)
    return r.returncode, r.stdout


def test_a_worker_registers_finishes_and_ends_when_it_is_drained(fresh, tmp_path):
    client = fresh.client
    gate = tmp_path / "gate"
    script = f"while [ ! -e {gate} ]; do sleep 0.02; done; cat"
    worker = subprocess.Popen([program(), "worker", "--data", fresh.folder, "--kind", "work", "--name", "mine",
                               "--slots", "3", "--", "sh", "-c", script], stderr=subprocess.DEVNULL)
    started.append(worker)
    made = client.submit("work", {"n": 1})
    wait_until(lambda: client.task(made["id"])["state"] == "leased", "the worker has it")
    agent = client.get("/v1/agents/mine")
    assert (agent["capacity"], agent["kinds"], agent["implicit"], agent["state"]) == (3, ["work"], False, "busy")
    assert agent["version"] and agent["startup_ms"] is not None
    assert takt(fresh, "agent", "drain", "mine", "--reason", "new kernel")[0] == 0
    late = client.submit("work", {"n": 2})
    assert worker.poll() is None
    gate.touch()
    assert worker.wait(TIMEOUT) == 0
    assert client.task(made["id"])["output"] == {"n": 1} and client.task(late["id"])["state"] == "ready"
    again = subprocess.run([program(), "worker", "--data", fresh.folder, "--kind", "work", "--name", "mine", "--", "cat"],
                           stderr=subprocess.PIPE, timeout=TIMEOUT)
    assert again.returncode == 0 and b"draining" in again.stderr


def test_the_command_line(fresh):
    client = fresh.client
    assert takt(fresh, "agent", "list") == (0, "no agents\n")
    put(client, "one", kinds=["a"], labels={"zone": "north"}, version="7")
    lease_as(client, "two", "b")
    assert [line.split()[:2] for line in takt(fresh, "agent", "list")[1].splitlines()[1:]] == [
        ["one", "starting"], ["two", "idle"]]
    assert takt(fresh, "agent", "list", "--label", "zone:north")[1].count("\n") == 2
    assert "labels        zone=north" in takt(fresh, "agent", "show", "one")[1]
    assert json.loads(takt(fresh, "agent", "show", "one", "--json")[1])["version"] == "7"
    assert takt(fresh, "agent", "remove", "two")[0] == 4
    assert takt(fresh, "agent", "drain", "two")[0] == 0
    assert takt(fresh, "agent", "resume", "two")[0] == 0
    assert [line.split()[2] for line in takt(fresh, "agent", "history", "two")[1].splitlines()[1:]] == [
        "resumed", "drained", "draining", "registered"]
    assert takt(fresh, "agent", "drain", "two")[0] == takt(fresh, "agent", "remove", "two")[0] == 0
    assert takt(fresh, "agent", "show", "two")[0] == 3


def memory_kb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


def wait_as(server, name, kinds):
    body = json.dumps({"worker": name, "session": f"session-of-{name}", "kinds": kinds, "max": 4,
                       "lease_ms": 30_000, "wait_ms": 60_000}).encode()
    s = socket.create_connection(("127.0.0.1", server.port))
    s.sendall(b"POST /v1/leases HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              b"Authorization: Bearer " + server.key.encode() + b"\r\n"
              b"Content-Length: %d\r\n\r\n" % len(body) + body)
    return s


def test_an_agent_that_waits_costs_less_than_four_kib(fresh):
    kinds = ["lesson.plan", "lesson.check", "lesson.generate"]
    polls, sizes, pid = [], [], fresh.client.get("/v1/info")["pid"]
    for n in (500, 1500, 2500, 3500):  # with the first 500 the server's own buffers come
        polls += [wait_as(fresh, f"maker-{i}", kinds) for i in range(len(polls), n)]
        wait_until(lambda: fresh.client.metric("takt_lease_pollers") == n, f"{n} pollers")
        sizes.append(memory_kb(pid))
    for s in polls:
        s.close()
    # A table that doubles, or the database's pages, come in one of the three thousands.
    each_kb = statistics.median((b - a) / 1000 for a, b in zip(sizes, sizes[1:]))
    assert each_kb < 4, (each_kb, sizes)
    wait_until(lambda: fresh.client.metric("takt_lease_pollers") == 0, "no pollers")
