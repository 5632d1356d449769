"""What is no death and yet must cost nothing: processes that stop and go on, a disk without
room, a wall clock that jumps, clients that hang up at the wrong moment.

The load and the accounting are those of test_crash.py."""

import collections
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from test_crash import (BUILD, SEED, SCRIPT, Disk, Story, Takt, number_of,  # noqa: E402
                        script, takt, wait_until)  # noqa: F401

CLOCK = BUILD / "tests" / "crash" / "libjumping-clock.so"
YEAR = 366 * 24 * 3600
LEASE_S = 2  # of the load, and longer than that of the workers


# --- processes that stop ------------------------------------------------------------------------


class Stopped:
    """A process that gets no time, and then again."""

    def __init__(self, *pids):
        self.pids = pids

    def __enter__(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGSTOP)

    def __exit__(self, *failure):
        for pid in self.pids:
            os.kill(pid, signal.SIGCONT)


def test_stopped_processes_go_on(takt, script, tmp_path):  # noqa: F811
    """Server, supervisor and workers for moments; all agents for longer than their leases, so
    that each learns that it has lost what it did; the server for longer than that."""
    print(f"\nTAKT_SEED={SEED}")
    with Story(takt, script, tmp_path, SEED) as s:
        s.more(50)
        for _ in range(4):
            for pid in (takt.server_pid(), takt.process.pid, s.workers[0].process.pid):
                with Stopped(pid):
                    time.sleep(s.rng.uniform(0.0, 0.1))
            s.more()
        with Stopped(s.load.pid, *(w.process.pid for w in s.workers)):
            time.sleep(LEASE_S + 0.3)
        s.more()
        with Stopped(takt.server_pid()):
            time.sleep(LEASE_S + 0.3)
        s.more(what="completed")
        s.notes.check_newest(takt)
        assert takt.process.poll() is None
        s.finish()


# --- a disk without room ------------------------------------------------------------------------

SMALL_DISK = ["unshare", "--user", "--map-root-user", "--mount"]


def test_a_full_disk_under_load_loses_nothing(tmp_path):
    """In a process of its own, which alone sees the small disk: full_disk()."""
    if subprocess.run([*SMALL_DISK, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives no namespaces of mounts")
    disk = tmp_path / "disk"
    disk.mkdir()
    code = f"mount -t tmpfs -o size=48m none {disk} && exec {sys.executable} {__file__} {tmp_path}"
    done = subprocess.run([*SMALL_DISK, "sh", "-c", code], capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def fill(ballast):
    """Takes all the room there is."""
    with open(ballast, "ab", buffering=0) as f:
        try:
            while f.write(b"\0" * 4096):
                pass
        except OSError:
            pass


def is_refused(takt):  # noqa: F811
    """A submit of some size is not taken, or there is nobody who could take it."""
    try:
        status, _ = takt.once("POST", "/v1/tasks", {"kind": "large", "input": "x" * 100_000})
        return status in (500, 503, 507)
    except (OSError, http.client.HTTPException):
        return True


def full_disk(tmp_path):
    """Without a low-water mark, so that it is the disk that says no, in the middle of commits."""
    program = tmp_path / "perform"
    program.write_text(SCRIPT)
    program.chmod(0o755)
    t = Takt(tmp_path / "disk" / "data", "--disk-low-bytes", "0", log=tmp_path / "log")
    t.start()
    with Story(t, program, tmp_path, SEED) as s:
        for _ in range(3):
            s.more()
            ballast = tmp_path / "disk" / "ballast"
            fill(ballast)
            wait_until(lambda: is_refused(t), "a disk without room")
            time.sleep(0.2)
            ballast.unlink()
        s.more(what="completed")
        s.notes.check_newest(t)
        while tasks := t.leases("large", max=50):
            for task in tasks:
                assert t.tell(task, "complete")[0] == 200
        s.finish()


# --- a wall clock that jumps ---------------------------------------------------------------------


def test_jumps_of_the_wall_clock_expire_nothing(script, tmp_path):  # noqa: F811
    """By more than a year, to and fro, under load: no lease ends, and what is scheduled comes when
    so much time has passed.  A server that begins again must believe the clock, but only forward:
    so smaller jumps then, with kills, and recorded times never go back."""
    offset = tmp_path / "offset"

    def jump(seconds):
        with open(offset, "r+b") as f:
            f.write(b"%-20d" % seconds)

    offset.write_bytes(b"%-20d" % 0)
    t = Takt(tmp_path / "data", env={"LD_PRELOAD": str(CLOCK), "JUMPING_CLOCK": str(offset)})
    t.start()
    print(f"\nTAKT_SEED={SEED}")
    with Story(t, script, tmp_path, SEED) as s:
        s.more()
        began = time.monotonic()
        later = t.post("/v1/tasks", {"kind": "later", "delay_ms": 1500})["id"]
        t.post("/v1/tasks", {"kind": "held"})
        held = t.lease("held", lease_ms=60000)
        for seconds in (7200, -7200, YEAR, 10, -YEAR, s.rng.randrange(YEAR), 0):
            jump(seconds)
            s.more(5)
        lease = t.lease("later")
        assert lease["id"] == later and t.tell(lease, "complete")[0] == 200
        assert time.monotonic() - began >= 1.5, "the jump woke it"
        assert t.tell(held, "complete")[0] == 200, "the jump took a lease away"
        assert t.task(held["id"])["lost"] == 0
        for seconds in (3600, -3600, 60):
            jump(seconds)
            s.killer.kill("server")
            s.more(5)
        s.finish()
    times = [ms for ms, in Disk(t.folder).all("SELECT at_ms FROM event ORDER BY id")]
    assert times == sorted(times), "a recorded time goes back"


# --- clients that hang up ------------------------------------------------------------------------

HANG_UPS = 150


def poll_and_hang_up(takt, wait_s):  # noqa: F811
    """A worker that asks for a task, and is gone a moment later."""
    body = json.dumps({"worker": "gone", "kinds": ["hang"], "lease_ms": 1000, "wait_ms": 20000})
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(takt.folder / "takt.sock"))
        s.sendall(b"POST /v1/leases HTTP/1.1\r\nHost: takt\r\nContent-Type: application/json\r\n"
                  b"Content-Length: %d\r\n\r\n%s" % (len(body), body.encode()))
        time.sleep(wait_s)


def test_clients_that_hang_up_while_they_are_given_a_lease(takt):  # noqa: F811
    """A task goes to nobody for the length of one lease at most, and is then for the next."""
    rng = random.Random(SEED)
    print(f"\nTAKT_SEED={SEED}")
    ids = []
    for _ in range(HANG_UPS):
        leaver = threading.Thread(target=poll_and_hang_up, args=(takt, rng.uniform(0, 0.003)))
        leaver.start()
        time.sleep(rng.uniform(0, 0.003))
        ids.append(takt.post("/v1/tasks", {"kind": "hang"})["id"])
        leaver.join()
    done = set()
    while len(done) < HANG_UPS:
        lease = takt.lease("hang")
        assert takt.tell(lease, "complete")[0] == 200
        done.add(lease["id"])
    assert done == set(ids)
    assert takt.stop() == 0
    disk = Disk(takt.folder)
    disk.check()
    assert {number_of(id) for id in ids} == {id for id, in disk.all("SELECT id FROM every_task")}
    back = collections.Counter(type for type, in disk.all("SELECT type FROM event"))
    leases, lost = back["task.leased"], back["task.lease_lost"] + back["task.returned"]
    assert leases == HANG_UPS + lost, back
    assert back["task.succeeded"] == HANG_UPS
    print(f"{lost} leases of {leases} were given to somebody who had gone")


if __name__ == "__main__":
    full_disk(pathlib.Path(sys.argv[1]))
