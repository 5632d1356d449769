"""Backups of a server at work, and back: nothing acknowledged before is missing, nothing that
is damaged is taken, nothing half made has a name."""

import contextlib
import hashlib
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

from test_crash import ENV, PATIENCE, TAKT, Disk, UnixConnection, wait_until  # noqa: E402
from test_restart import Client, Load, Serving, serving  # noqa: E402, F401

BIG = "x" * 20000


def run(*words, code=0):
    done = subprocess.run([TAKT, *map(str, words)], capture_output=True, text=True,
                          timeout=PATIENCE, check=False, env=ENV)
    assert done.returncode == code, (words, done)
    return done.stdout if code == 0 else done.stderr


def fill(s, n=1000):
    """Some 20 MB: enough to be met in the middle."""
    c = Client(s)
    for _ in range(n // 100):
        c.ask("POST", "/v1/tasks/batch", {"tasks": [{"kind": "filler", "input": BIG}] * 100})


def put_blob(s, body):
    sha = hashlib.sha256(body).hexdigest()
    with contextlib.closing(UnixConnection(s.folder / "takt.sock")) as c:
        c.request("PUT", f"/v1/blobs/{sha}", body, {"Content-Type": "application/octet-stream"})
        assert c.getresponse().status in (200, 201)
    return {"path": f"f{sha[:8]}", "sha256": sha, "size": len(body)}


def publish(s, n=20):
    rng = random.Random(1)
    files = [put_blob(s, rng.randbytes(rng.randrange(1, 50000))) for _ in range(n)]
    Client(s).ask("POST", "/v1/artifacts", {"name": "things", "files": files})
    return files


def unpartial(folder):
    """No half of anything stands beside it."""
    return [f.name for f in folder.parent.iterdir() if f.name.startswith(folder.name)]


def test_what_was_acknowledged_before_it_began_is_in_it(serving, tmp_path):  # noqa: F811
    s = serving()
    files = publish(s)
    fill(s)
    load = Load(s)
    try:
        wait_until(lambda: len(load.completed) > 300 or load.broken, "some work")
        submitted, completed = dict(load.submitted), list(load.completed)
        made = s.takt("backup", "create", tmp_path / "made", "--json")
        later = len(load.completed)
        wait_until(lambda: len(load.completed) > later or load.broken, "work behind it")
    finally:
        load.left.set()
        load.stop()
    newest = Client(s).ask("POST", "/v1/tasks", {"kind": "newest"})["id"]
    s.end()
    assert not load.broken, load.broken
    assert unpartial(tmp_path / "made") == ["made"] and json.loads(made)["blobs_done"] == len(files)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path / "made", check=True)
    facts = json.loads(run("restore", tmp_path / "made", "--data", tmp_path / "back", "--json"))
    disk = Disk(tmp_path / "back")
    disk.check()
    states = dict(disk.all("SELECT json_extract(input, '$'), state FROM task WHERE kind = 'load'"))
    assert set(submitted) <= set(states), "an acknowledged submit is missing"
    assert sum(state == 4 for state in states.values()) >= len(completed)
    assert facts["tasks"] == len(states) + 1000
    for f in files:
        blob = tmp_path / "back" / "blobs" / f["sha256"][:2] / f["sha256"][2:]
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == f["sha256"]
    go_on(tmp_path, newest, facts)


def go_on(tmp_path, newest, facts):
    """The restored folder serves, and no id is given twice."""
    (tmp_path / "second").mkdir()
    os.rename(tmp_path / "back", tmp_path / "second" / "data")
    s = Serving(tmp_path / "second")
    try:
        c = Client(s)
        assert c.ask("POST", "/v1/tasks", {"kind": "newest"})["id"] > newest
        with contextlib.closing(UnixConnection(s.folder / "takt.sock")) as u:
            u.request("GET", "/v1/info")
            assert json.loads(u.getresponse().read())["event_epoch"] > 0
        leases = c.ask("POST", "/v1/leases", {"worker": "w", "kinds": ["filler"], "max": 5})["tasks"]
        assert len(leases) == 5
        assert "1000 tasks" not in s.log() and facts["events"] > 0
    finally:
        assert s.end() == 0


# --- killed in the middle ------------------------------------------------------------------------


def test_a_server_killed_in_the_middle_of_a_backup_leaves_nothing_that_looks_whole(serving, tmp_path):  # noqa: F811
    s = serving()
    fill(s)
    made, server = tmp_path / "made", s.server_pid()
    create = subprocess.Popen([TAKT, "backup", "create", made, "--data", s.folder], env=ENV,
                              stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    partial = made.with_name("made.partial") / "takt.db"
    wait_until(lambda: partial.exists() and partial.stat().st_size > 1 << 20, "the beginning")
    os.kill(server, signal.SIGKILL)
    assert create.wait(PATIENCE) != 0
    assert not made.exists()
    assert "no backup" in run("backup", "verify", made, code=3)
    wait_until(lambda: s.kids() and s.takt("backup", "list", "--json"), "the next server")
    s.takt("backup", "create", made)  # where the half of it still lies
    assert unpartial(made) == ["made"]
    run("backup", "verify", made)


def test_a_restart_in_the_middle_of_a_backup_gives_it_up(serving, tmp_path):  # noqa: F811
    s = serving()
    fill(s)
    made = tmp_path / "made"
    create = subprocess.Popen([TAKT, "backup", "create", made, "--data", s.folder], env=ENV,
                              stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    partial = made.with_name("made.partial") / "takt.db"
    wait_until(lambda: partial.exists() and partial.stat().st_size > 1 << 20, "the beginning")
    assert s.restart() < 5000
    assert create.wait(PATIENCE) != 0
    assert unpartial(made) == [] and "a backup failed" in s.log()


def test_a_restore_killed_in_the_middle_leaves_nothing_that_looks_whole(serving, tmp_path):  # noqa: F811
    s = serving()
    fill(s, 2000)
    made, back = tmp_path / "made", tmp_path / "back"
    s.takt("backup", "create", made)
    restore = subprocess.Popen([TAKT, "restore", made, "--data", back], env=ENV,
                               stdout=subprocess.DEVNULL)
    wait_until(lambda: back.with_name("back.partial").exists() or back.exists(), "the beginning")
    restore.kill()
    restore.wait()
    if back.exists():  # it was faster
        shutil.rmtree(back)
    run("restore", made, "--data", back)
    assert unpartial(back) == ["back"]
    Disk(back).check()


# --- damaged -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def backup(tmp_path_factory):
    """One backup for all that only read it or spoil a copy."""
    s = Serving(tmp_path_factory.mktemp("backup"))
    try:
        publish(s, 5)
        fill(s, 100)
        folder = s.folder.with_name("made")
        s.takt("backup", "create", folder)
    finally:
        s.end()
    return folder


def flip(path, at=0.5):
    bytes = bytearray(path.read_bytes())
    bytes[int(len(bytes) * at)] ^= 1
    path.write_bytes(bytes)


def some_blob(folder):
    return next(f for f in sorted(folder.glob("blobs/*/*")))


def longer(path):
    with open(path, "ab") as f:
        f.write(b"x")


SPOILT = {
    "database": (lambda f: flip(f / "takt.db"), "takt.db"),
    "database-end": (lambda f: flip(f / "takt.db", 0.9999), "takt.db"),
    "database-short": (lambda f: os.truncate(f / "takt.db", 4096), "takt.db"),
    "database-gone": (lambda f: (f / "takt.db").unlink(), "takt.db"),
    "manifest": (lambda f: flip(f / "manifest.json"), "manifest.json"),
    "manifest-gone": (lambda f: (f / "manifest.json").unlink(), "manifest.json"),
    "list": (lambda f: flip(f / "blobs.list"), "blobs.list"),
    "list-longer": (lambda f: longer(f / "blobs.list"), "blobs.list"),
    "sums": (lambda f: flip(f / "SHA256SUMS", 0.01), ("SHA256SUMS", "manifest.json")),
    "sums-of-database": (lambda f: flip(f / "SHA256SUMS", 0.5), "SHA256SUMS"),
    "sums-gone": (lambda f: (f / "SHA256SUMS").unlink(), "SHA256SUMS"),
    "blob": (lambda f: flip(some_blob(f)), "blobs/"),
    "blob-longer": (lambda f: longer(some_blob(f)), "blobs/"),
    "blob-gone": (lambda f: some_blob(f).unlink(), "blobs/"),
}


@pytest.mark.parametrize("spoil, place", SPOILT.values(), ids=SPOILT)
def test_what_is_damaged_is_refused_with_its_place(backup, tmp_path, spoil, place):
    folder, back = tmp_path / "made", tmp_path / "back"
    shutil.copytree(backup, folder)
    spoil(folder)
    for words in (("backup", "verify", folder), ("restore", folder, "--data", back)):
        error = json.loads(run(*words, "--json", code=5))["error"]
        assert error["code"] == "damaged", error
        assert error["place"].startswith(place), error
    assert unpartial(back) == []


def rewrite(folder, change):
    """A manifest that was changed by somebody who knows the sums."""
    path = folder / "manifest.json"
    said = json.loads(path.read_text())
    change(said)
    path.write_text(json.dumps(said))
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    sums[0] = hashlib.sha256(path.read_bytes()).hexdigest() + "  manifest.json"
    (folder / "SHA256SUMS").write_text("\n".join(sums) + "\n")


@pytest.mark.parametrize("change, code, exit", [
    (lambda m: m.update(schema_version=9999), "schema_newer", 4),
    (lambda m: m.update(takt_backup=2), "conflict", 4),
    (lambda m: m.update(schema_version=1), "damaged", 5),
    (lambda m: m["rows"].update(tasks=1), "damaged", 5),
    (lambda m: m["last_events"].pop(), "damaged", 5),
    (lambda m: m["blobs"].update(count=1), "damaged", 5),
    (lambda m: m["database"].update(bytes=4096), "damaged", 5),
    (lambda m: m.pop("id"), "damaged", 5),
], ids=["newer-schema", "newer-form", "other-schema", "rows", "events", "blobs", "bytes", "id"])
def test_a_manifest_that_says_otherwise_is_refused(backup, tmp_path, change, code, exit):
    folder = tmp_path / "made"
    shutil.copytree(backup, folder)
    rewrite(folder, change)
    error = json.loads(run("restore", folder, "--data", tmp_path / "back", "--json", code=exit))["error"]
    assert error["code"] == code, error
    assert not (tmp_path / "back").exists()


def test_only_an_empty_folder_is_restored_into(backup, serving, tmp_path):  # noqa: F811
    s = serving()
    assert "data_folder_held" in run("restore", backup, "--data", s.folder, code=4)
    assert s.takt("task", "submit", "still.there").startswith("task_")
    full, empty = tmp_path / "full", tmp_path / "empty"
    full.mkdir()
    (full / "mine").write_text("x")
    assert "is not empty (mine is in it)" in run("restore", backup, "--data", full, code=4)
    assert [f.name for f in full.iterdir()] == ["mine"]
    foreign = tmp_path / "there.partial"
    foreign.mkdir()
    (foreign / "mine").write_text("x")
    assert "mine" in run("restore", backup, "--data", tmp_path / "there", code=4)
    assert (foreign / "mine").exists()
    empty.mkdir()
    run("restore", backup, "--data", empty)
    assert (empty / "takt.db").exists() and empty.stat().st_mode & 0o777 == 0o700
    run("restore", tmp_path / "no-such", "--data", tmp_path / "x", code=3)
    run("restore", backup, "--data", tmp_path / "no" / "such", code=3)


def test_reading_a_backup_changes_nothing_in_it(backup):
    def seen():
        return sorted((str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in backup.rglob("*"))
    before = seen()
    run("backup", "verify", backup)
    assert seen() == before


# --- a full disk ---------------------------------------------------------------------------------

SMALL_DISK = ["unshare", "--user", "--map-root-user", "--mount"]


@pytest.fixture
def small_disk(tmp_path):
    """(a folder of 3 MB, which only a server started by the command sees)"""
    if subprocess.run([*SMALL_DISK, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives no namespaces of mounts")
    disk, program = tmp_path / "disk", tmp_path / "on-a-small-disk"
    disk.mkdir()
    program.write_text(f"#!/bin/sh\nmount -t tmpfs -o size=3m none {disk}\nexec {TAKT} \"$@\"\n")
    program.chmod(0o755)
    return disk, [*SMALL_DISK, program]


@pytest.mark.parametrize("what", ["database", "blobs"])
def test_a_full_disk_fails_the_backup_and_nothing_else(serving, small_disk, tmp_path, what):  # noqa: F811
    """Of a database that is too large from the start; of blobs in the middle."""
    disk, command = small_disk
    s = serving(command=command)
    if what == "database":
        fill(s, 300)
    else:
        publish(s, 200)
    said = s.takt("backup", "create", disk / "first", code=5)
    assert "disk_full" in said, said
    assert Client(s).ask("POST", "/v1/tasks", {"kind": "x"})["id"]
    s.takt("backup", "create", tmp_path / "second")
    empty = s.takt("backup", "create", disk / "nothing", code=5)
    assert "not empty" not in empty and "in the way" not in empty, "the first left something behind"
