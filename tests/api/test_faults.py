"""Faults of the machine: what the server says, with which exit code, and that nothing is damaged."""

import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import threading

import pytest

from server import Server, wait_until

NO_SERVER = 5  # the exit code of the command line


def is_root():
    return os.geteuid() == 0


def make_folder(tmp_path, n=3):
    """A data folder with n tasks, and no server on it."""
    with Server(tmp_path / "data") as s:
        ids = [s.client.submit("work", i)["id"] for i in range(n)]
    return s, ids


def children(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(c) for c in text.split()]


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill_9(s):
    """The supervisor; its server goes with it, a moment later."""
    pids = children(s.process.pid)
    s.process.kill()
    s.process.wait()
    for pid in pids:
        wait_until(lambda: not is_alive(pid), "the end of the child")


def test_the_port_is_taken(tmp_path):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        code, log = Server(tmp_path / "data", listen=f"127.0.0.1:{port}").run_to_end()
    assert code not in (0, None) and code > 0
    assert str(port) in log and "ss -ltnp" in log and "Traceback" not in log
    assert not (tmp_path / "data" / "takt.sock").exists()


def test_the_folder_is_held(fresh):
    second = Server(fresh.folder)
    second.log_path = fresh.folder.with_name("second.log")
    code, log = second.run_to_end()
    assert code > 0 and str(fresh.process.pid) in log and str(fresh.folder) in log
    assert fresh.client.get("/readyz") == {"status": "ready"}
    assert fresh.unix.get("/readyz") == {"status": "ready"}


def test_a_folder_that_cannot_be_written(tmp_path):
    folder = tmp_path / "sealed"
    folder.mkdir(mode=0o500)
    if is_root():
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", folder], capture_output=True)
        if made.returncode:
            pytest.skip("root may write everywhere, and mounting is not allowed here")
    try:
        for where in (folder, folder / "below"):
            s = Server(where)
            s.log_path = tmp_path / "log"
            code, log = s.run_to_end()
            assert code > 0 and str(folder) in log
            assert "Read-only" in log or "Permission" in log or "read-only" in log or "may not" in log, log
    finally:
        if is_root():
            subprocess.run(["umount", folder], check=True)


def test_a_newer_schema_is_refused_and_left_alone(tmp_path):
    s, ids = make_folder(tmp_path)
    path = s.folder / "takt.db"
    with contextlib.closing(sqlite3.connect(path)) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        db.execute("PRAGMA user_version = 9999")
        db.commit()
    before = path.read_bytes()
    code, log = s.run_to_end()
    assert code == NO_SERVER and "9999" in log and "newer" in log
    assert path.read_bytes() == before
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {version}")
        db.commit()
    with s:
        assert [t["id"] for t in s.client.lease("work", max=9)] == ids


@pytest.mark.parametrize("what", ["head", "pages", "not a database", "empty folder in its place"])
def test_a_damaged_database(tmp_path, what):
    s, _ = make_folder(tmp_path)
    path = s.folder / "takt.db"
    size = path.stat().st_size
    if what == "empty folder in its place":
        path.unlink()
        path.mkdir()
    else:
        with open(path, "r+b") as f:
            f.seek({"head": 20, "pages": 4096, "not a database": 0}[what])
            f.write(b"\xa5" * (size if what == "not a database" else min(size - 4096, 40960) if what == "pages" else 80))
    code, log = s.run_to_end()
    assert code == NO_SERVER, log
    assert "takt.db" in log and ("damaged" in log or "database" in log)


def test_sigterm_drains(tmp_path):
    """A long poll is answered, a stream ends whole, a second server may have the folder at once."""
    s = Server(tmp_path / "data").start()
    answers = []
    poll = threading.Thread(target=lambda: answers.append(s.client.lease("none", wait_ms=60_000)))
    poll.start()
    stream = s.client.open("GET", "/v1/events", None, {"Accept": "text/event-stream"})
    response = stream.getresponse()
    wait_until(lambda: s.client.metric("takt_lease_pollers") == 1, "the poller")
    wait_until(lambda: s.client.metric("takt_event_streams") == 1, "the stream")
    assert s.end() == 0
    assert "ssert" not in s.log()
    poll.join(10)
    rest = response.read().decode()
    assert answers == [[]]
    assert rest == "" or rest.endswith("\n\n"), "the stream ends between events"
    stream.close()
    for name in ("takt.sock", "server.json"):
        assert not (s.folder / name).exists()
    assert s.start().end() == 0


@pytest.mark.parametrize("who", ["the supervisor", "the server"])
def test_kill_9_keeps_what_was_acknowledged(tmp_path, who):
    s = Server(tmp_path / "data").start()
    known, stop = [], threading.Event()

    def submit():
        while not stop.is_set():
            try:
                known.append(s.client.submit("work", len(known))["id"])
            except (OSError, ConnectionError, AssertionError, http.client.HTTPException):
                return

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for t in threads:
        t.start()
    wait_until(lambda: len(known) > 100, "a hundred submits")
    if who == "the server":
        (child,) = children(s.process.pid)
        os.kill(child, signal.SIGKILL)
    else:
        kill_9(s)
    stop.set()
    for t in threads:
        t.join(20)
    if who == "the supervisor":
        s = Server(s.folder).start()
    wait_until(lambda: is_ready(s.client), "readiness")
    found, cursor = set(), {}
    while True:
        page = s.client.get("/v1/tasks", kind="work", limit=200, **cursor)
        found |= {t["id"] for t in page["tasks"]}
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert set(known) <= found and len(found) <= len(known) + 4
    seqs = [e["seq"] for e in s.client.get("/v1/events", limit=1000)["events"]]
    assert seqs == list(range(1, len(seqs) + 1))
    assert s.end() == 0


def is_ready(client):
    try:
        return client.get("/readyz")["status"] == "ready"
    except (OSError, AssertionError):
        return False


def test_a_lease_survives_a_restart(tmp_path):
    s, _ = make_folder(tmp_path, 1)
    with s:
        lease = s.client.lease_one("work", lease_ms=2000)
    with s:
        assert s.client.lease("work") == []
        assert s.client.complete(lease)["state"] == "succeeded"


def test_a_run_survives_a_restart(tmp_path):
    s = Server(tmp_path / "data")
    with s:
        s.client.post("/v1/workflows", {"name": "w", "steps": {
            "a": {"kind": "a"}, "b": {"kind": "b", "input": {"ref": "/steps/a/output"}}}}, 201)
        run = s.client.post("/v1/runs", {"workflow": "w"}, 201)["id"]
        s.client.complete(s.client.lease_one("a", wait_ms=20_000), "from a")
        kill_9(s)
    with s:
        lease = s.client.lease_one("b", wait_ms=20_000)
        assert lease["input"] == "from a" and lease["run"] == run
        s.client.complete(lease)
        assert s.client.get(f"/v1/runs/{run}")["state"] == "succeeded"


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    if not is_root():
        pytest.skip("a small disk can be mounted by root only")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder], capture_output=True)
    if made.returncode:
        pytest.skip("mounting is not allowed here: " + made.stderr.decode().strip())
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(path, leave):
    """A file that takes all room but `leave` bytes."""
    free = os.statvfs(path.parent).f_bavail * os.statvfs(path.parent).f_frsize
    with open(path, "wb") as f:
        f.write(b"\0" * max(0, free - leave))


def test_low_on_disk(tmp_path, small_disk):
    """Below the mark submits are refused and completions are not; with room all goes on."""
    s = Server(small_disk / "data", "--disk-low-bytes", str(4 << 20))
    s.log_path = tmp_path / "log"
    with s:
        c = s.client
        c.submit("work", 1)
        lease = c.lease_one("work")
        fill(small_disk / "ballast", 3 << 20)
        wait_until(lambda: c.raw("POST", "/v1/tasks", b'{"kind":"more"}',
                                 {"Content-Type": "application/json"}).status == 507, "the refusal", 0.05)
        answer = c.raw("POST", "/v1/tasks", b'{"kind":"more"}', {"Content-Type": "application/json"})
        assert answer.json["code"] == "disk_full" and "MB" in answer.json["detail"]
        answer = c.raw("POST", "/v1/tasks/batch", b'{"tasks":[{"kind":"more"}]}', {"Content-Type": "application/json"})
        assert answer.status == 507 and "pointer" not in answer.json
        assert c.complete(lease, "x" * 1000)["state"] == "succeeded"
        (small_disk / "ballast").unlink()
        wait_until(lambda: c.raw("POST", "/v1/tasks", b'{"kind":"again"}',
                                 {"Content-Type": "application/json"}).status == 201, "room", 0.05)


def test_no_room_at_all(tmp_path, small_disk):
    """A commit that finds no room has an unknown outcome: the server begins again, and all that was
    acknowledged is there."""
    s = Server(small_disk / "data", "--disk-low-bytes", "0")
    s.log_path = tmp_path / "log"
    done, n_lost = [], 0
    body = json.dumps({"kind": "work", "input": "x" * 100_000}).encode()
    with s:
        c = s.client
        fill(small_disk / "ballast", 1 << 20)
        for n in range(20):
            try:
                answer = c.raw("POST", "/v1/tasks", body, {"Content-Type": "application/json"})
            except (OSError, http.client.HTTPException):
                n_lost += 1
                break
            assert answer.status in (201, 500, 507), answer
            if answer.status == 201:
                done.append(answer.json["id"])
        (small_disk / "ballast").unlink()
        wait_until(lambda: is_ready(c), "readiness")
        assert c.submit("work")["state"] == "ready" and done
        known = {t["id"] for t in c.get("/v1/tasks", limit=200)["tasks"]}
        assert known >= set(done) and len(known) <= len(done) + n_lost + 1
    with contextlib.closing(sqlite3.connect(s.folder / "takt.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_blob_that_does_not_fit(tmp_path, small_disk):
    s = Server(small_disk / "data")
    s.log_path = tmp_path / "log"
    with s:
        fill(small_disk / "ballast", 2 << 20)
        data = os.urandom(3 << 20)
        path = "/v1/blobs/" + hashlib.sha256(data).hexdigest()
        headers = {"Content-Type": "application/octet-stream"}
        answer = s.client.raw("PUT", path, data, headers)
        assert answer.status == 507 and answer.json["code"] == "disk_full", answer
        assert s.client.raw("HEAD", path).status == 404
        (small_disk / "ballast").unlink()
        assert s.client.raw("PUT", path, data, headers).status == 201
