"""Backups over the API: who may, where to, how it is watched."""

import contextlib
import hashlib
import json

from server import Server, wait_until


def over(client, id):
    return wait_until(lambda: (b := client.get(f"/v1/backups/{id}"))["state"] != "running" and b, "the end")


def test_a_backup_without_a_path_goes_below_the_data_folder(fresh):
    begun = fresh.client.ask("POST", "/v1/backups", status=202)
    assert begun["state"] == "running" and begun["path"] is None
    done = over(fresh.client, begun["id"])
    assert done["state"] == "succeeded" and done["phase"] == "over" and done["error"] is None
    assert done["database_bytes_done"] == done["database_bytes"] > 0 and done["finished_at"]
    [listed] = fresh.unix.get("/v1/backups")["backups"]
    folder = fresh.folder / "backups" / begun["id"]
    assert listed == {**done, "path": str(folder)}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["id"] == begun["id"] and manifest["database"]["bytes"] == done["database_bytes"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {f.stat().st_mode & 0o777 for f in folder.iterdir() if f.is_file()} == {0o600}
    assert not (folder / "key").exists()


def test_the_newest_stand_first_and_are_known_after_a_restart(fresh):
    ids = []
    for _ in range(3):
        ids.append(fresh.client.ask("POST", "/v1/backups", {}, 202)["id"])
        over(fresh.client, ids[-1])
    assert [b["id"] for b in fresh.client.get("/v1/backups")["backups"]] == ids[::-1]
    assert [b["id"] for b in fresh.client.get("/v1/backups?limit=2")["backups"]] == ids[:0:-1]
    before = fresh.unix.get("/v1/backups")
    fresh.end()
    (fresh.folder / "backups" / "notes").mkdir()  # somebody's own
    (fresh.folder / "backups" / (ids[0] + ".partial")).mkdir()
    fresh.start()
    after = fresh.unix.get("/v1/backups")
    for b in (*before["backups"], *after["backups"]):
        assert b.pop("finished_at")  # the manifest was written before it was verified
    assert after == before
    left = {f.name for f in (fresh.folder / "backups").iterdir()}
    assert left == {*ids, "notes"}, "what was half made stays"


def test_a_path_is_taken_over_the_unix_socket_only(fresh, tmp_path):
    path = tmp_path / "there"
    fresh.client.refused("POST", "/v1/backups", {"path": str(path)}, status=403, code="forbidden", pointer="/path")
    assert not path.exists()
    begun = fresh.unix.ask("POST", "/v1/backups", {"path": str(path)}, 202)
    assert over(fresh.unix, begun["id"])["path"] == str(path)
    assert (path / "SHA256SUMS").exists() and not path.with_name("there.partial").exists()
    assert over(fresh.client, begun["id"])["path"] is None


def test_bad_paths_are_refused(fresh, tmp_path):
    full, file, foreign = tmp_path / "full", tmp_path / "file", tmp_path / "foreign"
    full.mkdir()
    (full / "mine").write_text("x")
    file.write_text("x")
    foreign.with_name("foreign.partial").mkdir()
    (tmp_path / "foreign.partial" / "mine").write_text("x")
    for path, status, code in ((str(full), 409, "conflict"), (str(file), 409, "conflict"),
                               (str(foreign), 409, "conflict"), ("relative", 400, "bad_path"),
                               (str(tmp_path / "no" / "such"), 404, "not_found"),
                               (str(tmp_path) + "/..", 400, "bad_path"), ("/", 400, "bad_path"),
                               ("/proc/here", None, None), ("/a\0b", 400, "field_range")):
        problem = fresh.unix.refused("POST", "/v1/backups", {"path": path}, status=status, code=code)
        assert problem["pointer"] == "/path" and problem["detail"]
    assert (full / "mine").read_text() == "x" and (tmp_path / "foreign.partial" / "mine").exists()
    assert fresh.unix.get("/v1/backups") == {"backups": []}
    assert over(fresh.unix, fresh.unix.ask("POST", "/v1/backups", status=202)["id"])["state"] == "succeeded"


def test_one_at_a_time(fresh):
    for i in range(40):
        fresh.client.post("/v1/tasks/batch", {"tasks": [{"kind": "x", "input": "y" * 10000}] * 100}, status=201)
    first = fresh.client.ask("POST", "/v1/backups", status=202)
    fresh.client.refused("POST", "/v1/backups", status=409, code="conflict")
    assert over(fresh.client, first["id"])["state"] == "succeeded"
    assert fresh.client.ask("POST", "/v1/backups", status=202)["id"] > first["id"]


def test_a_missing_blob_fails_the_backup_with_its_name(fresh):
    body = b"some bytes"
    sha = hashlib.sha256(body).hexdigest()
    fresh.client.raw("PUT", f"/v1/blobs/{sha}", body, {"Content-Type": "application/octet-stream"})
    fresh.client.ask("POST", "/v1/artifacts", {"name": "a", "files": [
        {"path": "f", "sha256": sha, "size": len(body)}]}, 201)
    good = over(fresh.unix, fresh.unix.ask("POST", "/v1/backups", status=202)["id"])
    assert (good["blobs_done"], good["blob_bytes_done"]) == (1, len(body))
    (fresh.folder / "blobs" / sha[:2] / sha[2:]).unlink()
    bad = over(fresh.unix, fresh.unix.ask("POST", "/v1/backups", status=202)["id"])
    assert bad["state"] == "failed" and bad["error"]["code"] == "damaged", bad
    assert "missing" in bad["error"]["message"]
    assert over(fresh.client, bad["id"])["error"]["message"] == "the server's log says why"
    assert [f.name for f in (fresh.folder / "backups").iterdir()] == [good["id"]]


def test_no_such_backup(client):
    client.refused("GET", "/v1/backups/bak_0akmzgapm0000", status=404, code="not_found")
    client.refused("GET", "/v1/backups/task_0akmzgapm0000", status=400, code="bad_id")


def test_it_is_refused_while_the_server_ends(fresh):
    with contextlib.closing(fresh.unix.connection()) as c:
        c.connect()
        fresh.process.terminate()
        wait_until(lambda: "draining" in fresh.log(), "the drain")
        c.request("POST", "/v1/backups")
        r = c.getresponse()
        assert r.status == 503 and json.loads(r.read())["code"] == "shutting_down"


def test_by_the_clock_the_newest_are_kept(tmp_path):
    s = Server(tmp_path / "data", "--backup-every-ms", "1000", "--backup-keep", "2")
    with s:
        def made():
            return [b["id"] for b in s.unix.get("/v1/backups")["backups"] if b["state"] == "succeeded"]
        first = wait_until(made, "the first")
        wait_until(lambda: (now := made()) and first[-1] not in now and len(now) == 2 and now, "the fourth")
    left = sorted(f.name for f in (s.folder / "backups").iterdir())
    assert len(left) in (2, 3) and first[-1] not in left  # a third may just have been made
    assert all((s.folder / "backups" / name / "SHA256SUMS").exists() for name in left)
