"""kill -9 of the real program on a real disk, under load: what was acknowledged is there.

`takt serve` runs on a folder of its own.  tests/crash/load.c submits numbered tasks over the
Unix socket, performs them, and notes each acknowledgement outside the server.  Meanwhile runs
of a workflow are under way, performed by `takt worker`.  At random moments the server, a
worker, or the supervisor itself is killed.  At the end the database is read as it lies on the
disk and held against the notes.

The kills are dealt out to several stories, which run side by side, each in a folder of its own.

    TAKT_BUILD  the build folder (default build/)
    TAKT_KILLS  how many kills in all (default 100)
    TAKT_SEED   of all that is random here; printed at the start
"""

import collections
import http.client
import itertools
import json
import os
import pathlib
import random
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TAKT_BUILD", ROOT / "build"))
TAKT = BUILD / "src" / "takt"
LOAD = BUILD / "tests" / "crash" / "crash-load"
KILLS = int(os.environ.get("TAKT_KILLS", "100"))
STORIES = 4
SEED = int(os.environ.get("TAKT_SEED", random.SystemRandom().randrange(1 << 32)))
PATIENCE = 30  # only ends a test that fails

SUCCEEDED, FAILED = 4, 5
ENDINGS = {"task.succeeded": SUCCEEDED, "task.failed": FAILED, "task.cancelled": 6}
ITEMS = 60

WORKFLOW = {
    "name": "crash",
    "steps": {
        "plan": {"kind": "crash.plan"},
        "item": {
            "kind": "crash.item",
            "each": {"ref": "/steps/plan/output/items"},
            "max_parallel": 8,
            "input": {"ref": "/item"},
        },
        "sum": {"kind": "crash.sum", "input": {"ref": "/steps/item/output"}},
        "last": {"kind": "crash.last", "input": {"ref": "/steps/sum/output"}},
    },
    "output": {"ref": "/steps/last/output"},
}

# Notes that it began, then performs.  The notes are the proof that a step which is recorded
# as finished is not performed again.
SCRIPT = """#!/bin/sh
input=$(cat)
echo "$TAKT_TASK_ID $TAKT_ATTEMPT $TAKT_KIND" >>"$NOTES"
case $TAKT_KIND in
crash.plan) printf '{"items":[0'; i=1; while [ $i -lt ITEMS ]; do printf ',%d' $i; i=$((i+1)); done; printf ']}' ;;
crash.item) sleep 0.05; printf '{"item":%s}' "$input" ;;
crash.sum) printf '%s' "$input" | grep -o item | wc -l ;;
*) printf '%s' "$input" ;;
esac
""".replace("ITEMS", str(ITEMS))


# takt takes every TAKT_… for a setting.
ENV = {k: v for k, v in os.environ.items() if not k.startswith("TAKT_")}


def wait_until(condition, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while not (value := condition()):
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.005)
    return value


# --- the program ------------------------------------------------------------------------------


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def await_ends(pidfds, patience):
    """Of whole processes: of the last thread, not the first."""
    for fd in pidfds:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        assert poll.poll(patience * 1000), "a process outlives its supervisor"
        os.close(fd)


def children(pid):
    """(pid, command line) of each."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append((int(stat.parent.name),
                              (stat.parent / "cmdline").read_bytes().split(b"\0")))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


class Takt:
    """`takt serve` on a folder, and whoever asks it over the Unix socket."""

    def __init__(self, folder, *options, log=None, env=None):
        self.folder, self.options, self.env = folder, options, {**ENV, **(env or {})}
        self.log_path = log or folder.with_suffix(".log")
        self.log = open(self.log_path, "ab")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [TAKT, "serve", "--data", self.folder, "--listen", "127.0.0.1:0", *self.options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, env=self.env)
        line = self.process.stdout.readline()
        assert b"ready" in line, (line, self.process.wait(), self.tail())

    def tail(self):
        return self.log_path.read_text()[-3000:]

    def server_pid(self):
        """The child that serves; None while there is none."""
        return next((pid for pid, argv in children(self.process.pid) if b"--as-server" in argv),
                    None)

    def once(self, method, path, body=None, headers={}):
        c = UnixConnection(self.folder / "takt.sock")
        try:
            data = None if body is None else json.dumps(body).encode()
            kind = {} if body is None else {"Content-Type": "application/json"}
            c.request(method, path, data, {**kind, **headers})
            r = c.getresponse()
            text = r.read()
            return r.status, json.loads(text) if text.startswith(b"{") else text
        finally:
            c.close()

    def ask(self, method, path, body=None, **headers):
        """Again until it is answered; (status, body)."""
        headers = {k.replace("_", "-"): v for k, v in headers.items()}

        def answered():
            try:
                status, value = self.once(method, path, body, headers)
            except (OSError, http.client.HTTPException):
                return None
            return None if status == 503 else (status, value)

        return wait_until(answered, f"an answer to {method} {path}\n{self.tail()}")

    def get(self, path):
        status, value = self.ask("GET", path)
        assert status == 200, (path, status, value)
        return value

    def post(self, path, body, wanted=(200, 201), **headers):
        status, value = self.ask("POST", path, body, **headers)
        assert status in wanted, (path, status, value)
        return value

    def task(self, id):
        return self.get(f"/v1/tasks/{id}")

    def leases(self, kind, **more):
        return self.post("/v1/leases", {"worker": "test", "kinds": [kind], **more})["tasks"]

    def lease(self, kind, **more):
        tasks = self.leases(kind, wait_ms=20000, **more)
        assert len(tasks) == 1
        return tasks[0]

    def tell(self, lease, verb, **more):
        return self.ask("POST", f"/v1/tasks/{lease['id']}/{verb}",
                        {"token": lease["token"], "attempt": lease["attempt"], **more})

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                return self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                return self.process.wait()
        return None


class Worker:
    """`takt worker` with a program."""

    def __init__(self, takt, kinds, program, env, *options):
        words = itertools.chain.from_iterable(("--kind", kind) for kind in kinds)
        self.argv = [TAKT, "worker", "--data", takt.folder, *words, *options, "--", program]
        self.env = {**ENV, **env}
        self.takt = takt
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, env=self.env,
                                        stdout=subprocess.DEVNULL, stderr=self.takt.log)

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def takt(tmp_path):
    t = Takt(tmp_path / "data")
    t.start()
    yield t
    if t.stop() is None:
        print(t.tail(), file=sys.stderr)


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "perform"
    path.write_text(SCRIPT)
    path.chmod(0o755)
    return path


# --- what lies on the disk ----------------------------------------------------------------------


class Disk:
    """The database of a server that is down, and what may be said of any database."""

    def __init__(self, folder):
        self.db = sqlite3.connect(f"file:{folder / 'takt.db'}?mode=ro", uri=True)
        both = "id, state, kind, input, output, run, step, item"
        self.db.execute(f"CREATE TEMP VIEW every_task AS SELECT {both} FROM task"
                        f" UNION ALL SELECT {both} FROM task_history")

    def all(self, sql):
        return self.db.execute(sql).fetchall()

    def check(self):
        assert self.all("PRAGMA integrity_check") == [("ok",)]
        self.check_events()
        self.check_tasks()

    def check_events(self):
        """Dense: 1 to n without a gap."""
        for tenant, first, last, n in self.all(
                "SELECT tenant, min(id & 0xffffffffff), max(id & 0xffffffffff), count(*)"
                " FROM event GROUP BY tenant"):
            assert (first, last) == (1, n), f"the events of tenant {tenant} have gaps"

    def check_tasks(self):
        """Each has one beginning; one end that says what its state says, or none; and nobody
        works on it behind its end."""
        states = dict(self.all("SELECT id, state FROM every_task"))
        begun, ended = collections.Counter(), {}
        for type, subject in self.all("SELECT type, subject FROM event"
                                      " WHERE type LIKE 'task.%' ORDER BY id"):
            begun[subject] += type == "task.submitted"
            assert subject not in ended, f"{type} of {subject} behind its {ended[subject]}"
            if type in ENDINGS:
                ended[subject] = type
        assert set(begun) == set(states)
        assert set(begun.values()) <= {1}
        for id, state in states.items():
            assert ENDINGS.get(ended.get(id)) == (state if state >= SUCCEEDED else None), (id, state)


BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"


def number_of(id):
    """The number in the database of "task_…"."""
    n = 0
    for c in id.partition("_")[2]:
        n = n * 32 + BASE32.index(c)
    return n


class Notes:
    """What the load was promised."""

    def __init__(self, path):
        self.path = path
        self.sent, self.submitted, self.completed, self.failed, self.wrong = set(), {}, [], [], []
        self.at = 0

    def read(self):
        if not self.path.exists():
            return self
        with open(self.path, encoding="utf-8") as f:
            f.seek(self.at)
            for line in iter(f.readline, ""):
                if not line.endswith("\n"):
                    break
                self.at += len(line)
                self.take(*line.split(maxsplit=1))
        return self

    def take(self, word, rest):
        rest = rest.strip()
        if word == "sent":
            self.sent.add(int(rest))
        elif word == "submitted":
            n, id = rest.split()
            self.submitted[int(n)] = id
        else:
            {"completed": self.completed, "failed": self.failed, "wrong": self.wrong}[word].append(rest)

    def check_newest(self, takt, n=25):
        """The newest promises are the ones that a kill may break.  Asked of the server."""
        assert not self.wrong, self.wrong[:5]
        for number, id in itertools.islice(reversed(self.submitted.items()), n):
            assert takt.task(id)["input"] == {"n": number}
        for state, ids in (("succeeded", self.completed), ("failed", self.failed)):
            for id in ids[-n:]:
                assert takt.task(id)["state"] == state

    def check(self, disk):
        """All of them.  On the disk."""
        assert not self.wrong, self.wrong[:5]
        tasks = disk.all("SELECT id, state, json_extract(input, '$.n'), output FROM every_task"
                         " WHERE kind = 'crash.load'")
        ids = {n: id for id, _, n, _ in tasks}
        states = {id: state for id, state, _, _ in tasks}
        assert len(ids) == len(tasks), "a number exists twice"
        assert set(ids) <= self.sent, "there is a task that nobody sent"
        for number, id in self.submitted.items():
            assert ids.get(number) == number_of(id), f"submit {number} was acknowledged"
        for state, known in ((SUCCEEDED, self.completed), (FAILED, self.failed)):
            assert len(known) == len(set(known)), "an end was acknowledged twice"
            for id in known:
                assert states[number_of(id)] == state, f"{id} was acknowledged"
        for id, state, n, output in tasks:
            assert state in (SUCCEEDED, FAILED), f"task {id} has not ended: {state}"
            assert state == FAILED or json.loads(output) == {"n": n}
        keys = disk.all("SELECT count(*) FROM idempotency")[0][0]
        assert keys >= len(tasks), "a task is there without its key"
        return len(tasks)


# --- the story ----------------------------------------------------------------------------------


class Runs(threading.Thread):
    """Keeps runs of the workflow under way until told otherwise."""

    def __init__(self, takt):
        super().__init__(daemon=True)
        self.takt, self.ids, self.is_over, self.failure = takt, [], threading.Event(), None

    def run(self):
        try:
            self.takt.post("/v1/workflows", WORKFLOW)
            while not self.is_over.is_set() or not self.ids:
                n = len(self.ids)
                run = self.takt.post("/v1/runs", {"workflow": "crash"},
                                     Idempotency_Key=f"crash-run-{n}")
                self.ids.append(run["id"])
                while self.takt.get(f"/v1/runs/{run['id']}")["state"] == "running":
                    self.is_over.wait(0.1) or time.sleep(0.1)
        except BaseException as e:  # shown by finish()
            self.failure = e

    def finish(self):
        self.is_over.set()
        self.join(PATIENCE)
        assert not self.failure, self.failure
        assert not self.is_alive(), "the run does not end"
        for id in self.ids:
            run = self.takt.get(f"/v1/runs/{id}")
            assert run["state"] == "succeeded", run
            assert run["output"] == ITEMS, run["output"]


def victims(rng):
    """Each kind of victim in turn, in a drawn order."""
    while True:
        some = ["server", "worker", "supervisor"]
        rng.shuffle(some)
        yield from some


class Killer:
    def __init__(self, takt, workers, rng):
        self.takt, self.workers, self.rng = takt, workers, rng
        self.killed = collections.Counter()

    def kill(self, victim):
        getattr(self, victim)()
        self.killed[victim] += 1

    def server(self):
        pid = wait_until(self.takt.server_pid, "a server to kill")
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.takt.server_pid() not in (None, pid), "the next server")

    def worker(self):
        """One of ours, or a maker of the supervisor's."""
        makers = [pid for pid, argv in children(self.takt.process.pid) if b"--as-server" not in argv]
        chosen = self.rng.randrange(len(self.workers) + bool(makers))
        if chosen < len(self.workers):
            self.workers[chosen].kill()
            self.workers[chosen].start()
        else:
            os.kill(self.rng.choice(makers), signal.SIGKILL)

    def supervisor(self):
        """Nothing outlives it, and the next one begins at once: one try, no stale lock."""
        self.takt.process.send_signal(signal.SIGSTOP)  # so that it starts no more of them
        family = [os.pidfd_open(pid) for pid, _ in children(self.takt.process.pid)]
        self.takt.process.kill()
        self.takt.process.wait()
        await_ends(family, 5)
        self.takt.start()


class Story:
    """A server under load, and what must be true of it at the end whatever happened meanwhile:

        with Story(takt, script, tmp_path, seed) as story:
            … trouble …
            story.finish()
    """

    def __init__(self, takt, script, tmp_path, seed):
        self.takt, self.seed = takt, seed
        self.rng = random.Random(seed)
        self.performed = tmp_path / "performed"
        self.workers = [Worker(takt, ["crash.plan", "crash.item", "crash.sum", "crash.last"], script,
                               {"NOTES": str(self.performed)}, "--slots", "2", "--lease-ms", "1500")
                        for _ in range(2)]
        self.notes = Notes(tmp_path / "notes")
        self.runs = Runs(takt)
        self.killer = Killer(takt, self.workers, self.rng)

    def __enter__(self):
        self.load = subprocess.Popen([LOAD, self.takt.folder / "takt.sock", self.notes.path,
                                      "6", "6", str(self.seed)], stdin=subprocess.PIPE)
        self.runs.start()
        return self

    def __exit__(self, *failure):
        self.load.kill()
        self.load.wait()
        self.load.stdin.close()
        for w in self.workers:
            w.kill()

    def more(self, n=20, what="submitted"):
        """Waits until so many more were acknowledged: the load is under way."""
        goal = len(getattr(self.notes.read(), what)) + n
        wait_until(lambda: len(getattr(self.notes.read(), what)) >= goal,
                   f"more that is {what}\n{self.takt.tail()}")

    def finish(self):
        """All comes to rest, and what lies on the disk is what was promised.  How many tasks."""
        self.load.stdin.write(b"s")
        self.load.stdin.flush()
        self.runs.finish()
        wait_until(lambda: all(q["ready"] + q["leased"] + q["scheduled"] == 0
                               for q in self.takt.get("/v1/queues")["queues"]), "the end of all tasks")
        self.load.stdin.close()
        assert self.load.wait(PATIENCE) == 0
        self.__exit__()
        assert self.takt.stop() == 0
        disk = Disk(self.takt.folder)
        disk.check()
        n = self.notes.read().check(disk)
        check_performed(disk, self.performed)
        print(f"{n} tasks, {len(self.notes.submitted)} acknowledged, {len(self.notes.completed)}"
              f" completed, {len(self.runs.ids)} runs, killed: {dict(self.killer.killed)}")
        return n


@pytest.mark.parametrize("story", range(STORIES))
def test_what_was_acknowledged_survives_kills(takt, script, tmp_path, story):
    """One kill in four meets a server that is not up again after the one before."""
    kills = KILLS // STORIES + (story < KILLS % STORIES)
    if not kills:
        pytest.skip(f"the {KILLS} kills are dealt out")
    print(f"\nTAKT_SEED={SEED} TAKT_KILLS={KILLS}")
    with Story(takt, script, tmp_path, SEED + story) as s:
        for victim in itertools.islice(victims(s.rng), kills):
            time.sleep(s.rng.uniform(0.01, 0.25))  # the random moment
            s.killer.kill(victim)
            if s.rng.randrange(4):
                s.more(1)
                s.notes.check_newest(takt)
        s.more(100)
        assert s.finish() > 20 * kills, "that was no load"


def check_performed(disk, performed):
    """No attempt was performed twice, none that was not leased; and in a run each step and
    item is one task, which ended once (Disk.check_tasks)."""
    lines = [line.split() for line in performed.read_text().splitlines()]
    began = collections.Counter((number_of(id), int(attempt)) for id, attempt, _ in lines)
    assert set(began.values()) == {1}, "an attempt was performed twice"
    leased = collections.Counter(id for id, in disk.all(
        "SELECT subject FROM event WHERE type = 'task.leased'"))
    for id, attempt in began:
        assert attempt <= leased[id]
    places = disk.all("SELECT run, step, item FROM every_task WHERE run IS NOT NULL")
    assert len(places) == len(set(places)), "a step was submitted twice"
    for run, in disk.all("SELECT id FROM run"):
        assert sum(place[0] == run for place in places) == ITEMS + 3


# --- slow and hanging workers --------------------------------------------------------------------

HOLDER = """
import sys, json
sys.path.insert(0, sys.argv[1])
import test_crash, pathlib
takt = test_crash.Takt(pathlib.Path(sys.argv[2]))
lease = takt.lease("slow", lease_ms=1000)
print(lease["id"], flush=True)
sys.stdin.readline()
print(json.dumps(takt.tell(lease, "complete", output="late")), flush=True)
"""


def test_a_worker_that_is_stopped_beyond_its_lease_costs_one_attempt(takt):
    id = takt.post("/v1/tasks", {"kind": "slow"})["id"]
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, pathlib.Path(__file__).parent,
                               takt.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)
    try:
        assert holder.stdout.readline().strip() == id
        holder.send_signal(signal.SIGSTOP)
        print("now complete", file=holder.stdin, flush=True)
        second = takt.lease("slow")
        assert (second["id"], second["attempt"]) == (id, 2)
        holder.send_signal(signal.SIGCONT)
        status, problem = json.loads(holder.stdout.readline())
        assert (status, problem["code"]) == (409, "lease_lost")
    finally:
        holder.kill()
        holder.wait()
    assert takt.tell(second, "complete", output="in time")[0] == 200
    task = takt.task(id)
    assert (task["state"], task["output"], task["attempt"], task["lost"]) == \
        ("succeeded", "in time", 2, 1)
    events = takt.get("/v1/events?limit=1000")["events"]
    types = [e["type"] for e in events if e["subject"] == id]
    assert types == ["task.submitted", "task.leased", "task.lease_lost", "task.leased",
                     "task.succeeded"]


HANGING = """#!/bin/sh
cat >/dev/null
echo "$TAKT_ATTEMPT" >>"$NOTES"
[ "$TAKT_ATTEMPT" -gt 1 ] || exec sleep 1000
echo '"done"'
"""


def test_a_program_that_hangs_costs_one_attempt(takt, tmp_path):
    program, notes = tmp_path / "hang", tmp_path / "hang-notes"
    program.write_text(HANGING)
    program.chmod(0o755)
    worker = Worker(takt, ["hang"], program, {"NOTES": str(notes)}, "--lease-ms", "1000")
    try:
        id = takt.post("/v1/tasks", {"kind": "hang", "timeout_ms": 1000,
                                     "retry": {"base_ms": 1, "cap_ms": 1}})["id"]
        wait_until(lambda: takt.task(id)["state"] == "succeeded", "the second attempt")
    finally:
        worker.kill()
    task = takt.task(id)
    assert (task["attempt"], task["output"], task["lost"]) == (2, "done", 0)
    assert notes.read_text().split() == ["1", "2"]


def test_a_folder_has_one_server_at_a_time(takt):
    """The lock holds against a second server, and does not outlive the first."""
    argv = [TAKT, "serve", "--data", takt.folder, "--listen", "127.0.0.1:0"]
    second = subprocess.run(argv, capture_output=True, timeout=PATIENCE, check=False,
                            env=ENV)
    assert second.returncode == 4
    assert b"data_folder_held" in second.stderr
    assert str(takt.process.pid).encode() in second.stderr
    Killer(takt, [], random.Random(0)).supervisor()
    assert takt.get("/v1/tasks")["tasks"] == []
