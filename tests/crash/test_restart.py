"""Restarts without downtime, of the real program with real clients over TCP.

Clients keep connections alive.  What they may meet is a connection that the server closed
between two requests; then they ask again.  Anything else is a failure of the test: a refused
connection, a new connection without its answer, an answer of 5xx, work done twice.
"""

import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from test_crash import ENV, PATIENCE, TAKT, Disk, await_ends, children, wait_until  # noqa: E402

RESTARTS = int(os.environ.get("TAKT_RESTARTS", "6"))


class Serving:
    """`takt serve` on TCP, from a copy of the program that a test may exchange."""

    def __init__(self, tmp_path, *options, makers="0", command=None,
                 makers_folder=TAKT.parent / "makers"):
        self.folder, self.program = tmp_path / "data", tmp_path / "takt"
        self.log_path = tmp_path / "log"
        shutil.copy2(TAKT, self.program)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*(command or [self.program]), "serve", "--data", self.folder, "--listen", "127.0.0.1:0",
                 "--maker-processes", makers, "--makers", makers_folder, *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENV)
        self.port = int(wait_until(self.said, "the server")["address"].rsplit(":", 1)[1])
        self.key = (self.folder / "key").read_text().strip()

    def said(self):
        assert self.process.poll() is None, self.log()
        path = self.folder / "server.json"
        return json.loads(path.read_text()) if path.exists() else None

    def log(self):
        return self.log_path.read_text(errors="replace")

    def takt(self, *words, code=0):
        done = subprocess.run([TAKT, *words, "--data", self.folder], capture_output=True,
                              text=True, timeout=PATIENCE, check=False, env=ENV)
        assert done.returncode == code, (words, done, self.log()[-3000:])
        return done.stdout if code == 0 else done.stderr

    def restart(self, *options):
        return json.loads(self.takt("restart", "--json", *options))["ms"]

    def kids(self):
        return dict((pid, argv) for pid, argv in children(self.process.pid))

    def all_kids(self, n):
        """The workers begin when the server has announced itself."""
        return wait_until(lambda: len(kids := self.kids()) == n and kids, "all children")

    def server_pid(self):
        return next(pid for pid, argv in self.kids().items() if b"--as-server" in argv)

    def end(self, with_signal=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def serving(tmp_path):
    started = []

    def start(*options, **more):
        started.append(Serving(tmp_path, *options, **more))
        return started[-1]

    yield start
    for s in started:
        s.end()


class Client:
    """A keep-alive connection; asks again only when one that was used before was closed."""

    def __init__(self, serving):
        self.serving, self.connection, self.is_fresh = serving, None, True
        self.again, self.slowest = 0, 0.0

    def ask(self, method, path, body, **headers):
        began = time.monotonic()
        while (answer := self.once(method, path, body, headers)) is None:
            self.again += 1
        self.slowest = max(self.slowest, time.monotonic() - began)
        return answer

    def once(self, method, path, body, headers):
        if not self.connection:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.serving.port,
                                                         timeout=PATIENCE)
            self.connection.connect()
            self.is_fresh = True
        try:
            self.connection.request(method, path, json.dumps(body),
                                    {"Authorization": f"Bearer {self.serving.key}",
                                     "Content-Type": "application/json", **headers})
            r = self.connection.getresponse()
            text = r.read()
        except (ConnectionError, http.client.BadStatusLine):
            assert not self.is_fresh, "a new connection was closed without an answer"
            self.drop()
            return None
        self.is_fresh = False
        if r.getheader("Connection") == "close":
            self.drop()
        assert r.status in (200, 201), (r.status, text)
        return json.loads(text)

    def drop(self):
        if self.connection:
            self.connection.close()
        self.connection = None


class Load:
    """Submitters, performers and one reader of events, until told to stop."""

    def __init__(self, serving, n=4):
        self.serving, self.is_over, self.broken = serving, threading.Event(), []
        self.submitted, self.completed, self.clients = {}, [], []
        self.seen, self.subjects = [], set()  # by the reader of events
        self.left = threading.Event()
        jobs = [(self.submit, i) for i in range(n)] + [(self.perform, i) for i in range(n)]
        self.threads = [threading.Thread(target=self.guard, args=job) for job in jobs]
        self.reader = threading.Thread(target=self.guard, args=(self.read_events, 0))
        for t in (*self.threads, self.reader):
            t.start()

    def guard(self, fn, i):
        try:
            fn(i)
        except BaseException as e:  # shown by the test
            self.broken.append(e)
            self.is_over.set()

    def client(self):
        self.clients.append(Client(self.serving))
        return self.clients[-1]

    def submit(self, i):
        c, n = self.client(), 0
        while not self.is_over.is_set():
            key, n = f"{i}-{n}", n + 1
            task = c.ask("POST", "/v1/tasks", {"kind": "load", "input": key},
                         **{"Idempotency-Key": key})
            self.submitted[key] = task["id"]
            if n % 20 == 0:
                c.drop()  # new connections must be served as well

    def perform(self, i):
        c, session = self.client(), f"performer-{i}"
        idle = 0
        while idle < 2:
            tasks = c.ask("POST", "/v1/leases", {"worker": "w", "kinds": ["load"], "max": 5,
                                                 "wait_ms": 300, "session": session,
                                                 "holding": []})["tasks"]
            idle = 0 if tasks or not self.is_over.is_set() else idle + 1
            for t in tasks:
                c.ask("POST", f"/v1/tasks/{t['id']}/complete",
                      {"token": t["token"], "attempt": t["attempt"], "output": t["input"]})
                self.completed.append(t["id"])

    def read_events(self, _):
        while not self.left.is_set():
            c = http.client.HTTPConnection("127.0.0.1", self.serving.port, timeout=PATIENCE)
            last = {"Last-Event-ID": str(self.seen[-1])} if self.seen else {}
            c.request("GET", "/v1/events", headers={"Authorization": f"Bearer {self.serving.key}",
                                                    "Accept": "text/event-stream", **last})
            r = c.getresponse()
            assert r.status == 200, r.read()
            for line in iter(r.readline, b""):
                if line.startswith(b"id:"):
                    self.seen.append(int(line[3:]))
                elif line.startswith(b"data:"):
                    self.subjects.add(json.loads(line[5:])["subject"])
            c.close()

    def stop(self):
        self.is_over.set()
        for t in self.threads:
            t.join(PATIENCE)
            assert not t.is_alive()


def test_restarts_under_load_lose_and_refuse_nothing(serving):
    s = serving()
    load, rng = Load(s), random.Random(5)
    took = []
    try:
        for i in range(RESTARTS):
            at = len(load.completed) + rng.randrange(50, 200)
            wait_until(lambda: len(load.completed) >= at or load.broken, "more work")
            took.append(s.restart(*([] if i % 3 else ["--supervisor"])))
    finally:
        load.stop()
    last = Client(s).ask("POST", "/v1/tasks", {"kind": "last"})["id"]
    wait_until(lambda: load.broken or last in load.subjects, "the last event")
    load.left.set()  # the server's end is that of the stream, too
    assert s.end() == 0, s.log()
    load.reader.join(PATIENCE)
    assert not load.broken, (load.broken, s.log()[-3000:])
    check(load, Disk(s.folder))
    gaps = [int(line.rsplit("gap_ms=", 1)[1]) for line in s.log().splitlines()
            if "gap_ms=" in line]
    assert len(gaps) == RESTARTS
    print(f"\n{len(load.submitted)} tasks, {RESTARTS} restarts, gaps {gaps} ms, whole {took} ms,"
          f" {sum(c.again for c in load.clients)} asked again,"
          f" slowest answer {1000 * max(c.slowest for c in load.clients):.0f} ms")


def check(load, disk):
    disk.check()
    tasks = dict((id, (state, attempt)) for id, state, attempt in disk.all(
        "SELECT input, state, attempt FROM task WHERE kind = 'load'"))
    assert len(tasks) == len(load.submitted), "a submit was lost, or happened twice"
    assert set(tasks.values()) == {(4, 1)}, "a task was not performed once"
    assert len(set(load.completed)) == len(load.completed) == len(load.submitted)
    [(events,)] = disk.all("SELECT max(id & 0xffffffffff) FROM event")
    assert load.seen == list(range(1, events + 1)), "the reader missed events, or saw them twice"


def test_sigterm_under_load_ends_with_0_and_keeps_what_it_acknowledged(serving):
    s = serving("--drain-ms", "5000")
    load = Load(s)
    wait_until(lambda: len(load.completed) > 100 or load.broken, "some work")
    assert not load.broken, load.broken
    began = time.monotonic()
    assert s.end() == 0, s.log()
    assert time.monotonic() - began < 5
    load.left.set()
    load.stop()  # its clients found nobody
    disk = Disk(s.folder)
    disk.check()
    states = dict(disk.all("SELECT json_extract(input, '$'), state FROM task"))
    assert set(load.submitted) <= set(states)
    assert sum(state == 4 for state in states.values()) >= len(load.completed)


# --- another program ---------------------------------------------------------------------------


def exchange(serving, make):
    """As an upgrade does: the new file takes the name of the old one."""
    new = serving.program.with_name("new")
    make(new)
    os.replace(new, serving.program)


def test_the_supervisor_becomes_the_upgraded_program(serving):
    s = serving(makers="1")
    before, supervisor = s.all_kids(2), s.process.pid
    exchange(s, lambda new: shutil.copy2(TAKT, new))
    s.restart("--supervisor")
    after = s.kids()
    assert len(after) == 2 and not set(before) & set(after), "the children are of the old program"
    inode = s.program.stat().st_ino
    assert os.stat(f"/proc/{supervisor}/exe").st_ino == inode
    assert os.stat(f"/proc/{s.server_pid()}/exe").st_ino == inode
    assert s.said()["pid"] == supervisor
    # It reaps, starts again, restarts once more …
    os.kill(s.server_pid(), signal.SIGKILL)
    wait_until(lambda: set(s.kids()) - set(after) and Client(s).ask("POST", "/v1/tasks", {"kind": "x"}),
               "the next server")
    s.restart("--supervisor")
    # … and nothing outlives it.
    family = [os.pidfd_open(pid) for pid in s.kids()]
    s.process.kill()
    await_ends(family, 5)


def test_an_upgraded_supervisor_drains(serving):
    s = serving(makers="1")
    s.restart("--supervisor")
    assert s.end() == 0, s.log()
    assert not (s.folder / "takt.sock").exists() and not (s.folder / "server.json").exists()


def script(text):
    def make(path):
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
    return make


def not_executable(path):
    shutil.copy2(TAKT, path)
    path.chmod(0o600)


NEWER = """echo '{"takt":"9.0","schema_version":9999,"handover":1}'"""


@pytest.mark.parametrize("how", ["--supervisor", None])
@pytest.mark.parametrize("make, words", [
    (None, "is not there"),
    (not_executable, "Permission denied"),
    (script("echo boom >&2; exit 3"), "ended with 3: boom"),
    (script("echo hello"), "does not say that it is takt"),
    (script(NEWER), "takt db migrate"),
], ids=["missing", "not-executable", "failing", "foreign", "newer-schema"])
def test_a_program_that_cannot_follow_leaves_the_old_one_serving(serving, make, words, how):
    s = serving()
    server = s.server_pid()
    if make:
        exchange(s, make)
    else:
        s.program.unlink()
    said = s.takt("restart", *([how] if how else []), code=4)
    assert words in said and "the old one goes on" in said, said
    assert "not restarted, the old one goes on" in s.log()
    assert s.server_pid() == server
    assert Client(s).ask("POST", "/v1/tasks", {"kind": "x"})["id"]


def test_workers_are_restarted_one_after_the_other(serving):
    s = serving(makers="2")
    before = set(s.all_kids(3))
    s.restart("--workers")
    after = set(s.kids())
    assert len(after) == 3 and not before & after
    assert s.log().count("a child did not end well") == 0


def test_without_a_server_there_is_nothing_to_restart(serving, tmp_path):
    s = serving()
    s.end(signal.SIGKILL)  # server.json stays, with the number of a process that is gone
    assert "no server holds" in s.takt("restart", code=5)


def test_a_connection_that_was_accepted_gets_its_first_answer(serving):
    """The server has it, but not yet the request, when it begins to drain.  What waits is
    answered as if its time were over; nothing is refused."""
    s = serving()
    bearer = {"Authorization": f"Bearer {s.key}"}
    early = [http.client.HTTPConnection("127.0.0.1", s.port, timeout=PATIENCE) for _ in range(3)]
    for c in early:
        c.connect()
    Client(s).ask("POST", "/v1/tasks", {"kind": "x"})  # so that they have been accepted
    server = s.server_pid()
    os.kill(s.process.pid, signal.SIGHUP)
    wait_until(lambda: "draining" in s.log(), "the drain")
    early[0].request("GET", "/v1/info", headers=bearer)
    early[1].request("GET", "/v1/events", headers={**bearer, "Accept": "text/event-stream"})
    early[2].request("POST", "/v1/leases", json.dumps({"worker": "w", "kinds": ["x"], "wait_ms": 60000}),
                     {**bearer, "Content-Type": "application/json"})
    answers = [c.getresponse() for c in early]
    assert [(r.status, r.getheader("Connection")) for r in answers] == [(200, "close")] * 3
    info, events, leases = (r.read() for r in answers)
    assert json.loads(info)["pid"] == server and events == b"" and json.loads(leases)["tasks"] == []
    assert answers[1].getheader("Content-Type") == "text/event-stream"
    wait_until(lambda: "restarted server_pid" in s.log(), "the new server")


# Notes each attempt that it performs; a restart is none of its business.
PERFORM = """#!/bin/sh
echo "$TAKT_TASK_ID $TAKT_ATTEMPT" >>"$NOTES"
cat
"""


def test_workers_of_libtakt_live_through_restarts(serving, tmp_path):
    """`takt worker`, on the Unix socket and on TCP: none ends, nothing is performed twice."""
    s, notes = serving(), tmp_path / "notes"
    script(PERFORM.removeprefix("#!/bin/sh\n"))(tmp_path / "perform")
    ways = (["--data", s.folder], ["--server", f"http://127.0.0.1:{s.port}"])
    workers = [subprocess.Popen([TAKT, "worker", *map(str, way), "--kind", "w", "--", tmp_path / "perform"],
                                env={**ENV, "NOTES": str(notes), "TAKT_KEY": s.key},
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
               for way in ways for _ in range(2)]
    c, n = Client(s), 0

    def performed():
        return len(notes.read_text().splitlines()) if notes.exists() else 0
    try:
        for round in range(4):
            for _ in range(25):
                c.ask("POST", "/v1/tasks", {"kind": "w", "input": n})
                n += 1
            wait_until(lambda: performed() > n - 20, "work under way")
            s.restart(*([] if round % 2 else ["--supervisor"]))
        wait_until(lambda: performed() >= n, "the rest of the work")
        wait_until(lambda: json.loads(s.takt("queue", "show", "w", "--json"))["leased"] == 0, "the last end")
        assert [w.poll() for w in workers] == [None] * len(workers)
    finally:
        for w in workers:
            w.terminate()
        said = [w.communicate(timeout=PATIENCE)[1] for w in workers]
    assert s.end() == 0
    attempts = [line.split() for line in notes.read_text().splitlines()]
    assert len(attempts) == n and {a for _, a in attempts} == {"1"}, said
    assert set(Disk(s.folder).all("SELECT state, attempt, lost FROM task")) == {(4, 1, 0)}


# A maker whose tasks take longer than anybody waits.
MAKER = """exec {takt} worker --data "$(dirname "$3")" --kind slow --slots 2 -- sh -c 'cat >/dev/null; exec sleep 1000'
"""


def test_what_workers_hold_is_handed_back_at_the_end_and_at_their_restart(serving, tmp_path):
    folder = tmp_path / "makers" / "slow"
    folder.mkdir(parents=True)
    (folder / "maker.json").write_text(json.dumps(
        {"name": "slow", "description": "x", "program": "takt-maker-slow", "kinds": ["slow"],
         "input": {}, "workflow": {}}))
    script(MAKER.format(takt=TAKT))(folder / "takt-maker-slow")
    s = serving("--drain-ms", "2000", makers="1", makers_folder=tmp_path / "makers")
    c = Client(s)
    for _ in range(2):
        c.ask("POST", "/v1/tasks", {"kind": "slow"})

    def held():
        return json.loads(s.takt("queue", "show", "slow", "--json"))["leased"] == 2
    wait_until(held, "both to be performed")
    s.restart("--workers")
    wait_until(held, "both to be performed again")
    began = time.monotonic()
    assert s.end() == 0, s.log()
    assert time.monotonic() - began < 5
    disk = Disk(s.folder)
    disk.check()
    # Performed twice each, never lost: handed back at the restart and at the end.
    assert disk.all("SELECT state, attempt, lost FROM task") == [(2, 2, 0)] * 2
