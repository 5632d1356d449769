"""Blobs and artifacts."""

import hashlib
import io
import zipfile

import pytest

OCTETS = {"Content-Type": "application/octet-stream"}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def put_blob(client, data, statuses=(200, 201)):
    answer = client.raw("PUT", f"/v1/blobs/{sha256(data)}", data, OCTETS)
    assert answer.status in statuses, answer
    return answer.json


def entry(path, data, **more):
    return {"path": path, "sha256": sha256(data), "size": len(data), **more}


def create(client, name, files, **more):
    for data in files.values():
        client.raw("PUT", f"/v1/blobs/{sha256(data)}", data, OCTETS)
    body = {"name": name, "files": [entry(p, d) for p, d in files.items()], **more}
    return client.post("/v1/artifacts", body, 201)


def test_blobs(client, kind):
    data = kind.encode()
    path = f"/v1/blobs/{sha256(data)}"
    assert client.raw("HEAD", path).status == 404
    assert put_blob(client, data, (201,)) == {"sha256": sha256(data), "size": len(data)}
    put_blob(client, data, (200,))
    assert client.raw("HEAD", path).status == 200
    client.refused("PUT", path, b"other", OCTETS, status=400, code="hash_mismatch")
    put_blob(client, b"")


def test_the_largest_blob_and_one_more(client):
    data = bytes(64 << 20)
    made = create(client, "large", {"a/largest.bin": data})
    answer = client.raw("GET", f"/v1/artifacts/{made['id']}/files/a/largest.bin")
    assert answer.status == 200 and answer.body == data
    c = client.connection()
    c.putrequest("PUT", f"/v1/blobs/{'0' * 64}")
    for header in {**client.headers(OCTETS), "Content-Length": str(len(data) + 1)}.items():
        c.putheader(*header)
    c.endheaders()
    assert c.getresponse().status == 413
    c.close()


@pytest.mark.parametrize("name", ["x", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "..", "%2e%2e%2f" + "0" * 55])
def test_bad_names_of_blobs(client, name):
    client.refused("PUT", f"/v1/blobs/{name}", b"x", OCTETS, status=400, code="bad_id", pointer="{sha256}")
    assert client.raw("HEAD", f"/v1/blobs/{name}").status == 400


def test_an_artifact_and_its_files(client, kind):
    files = {"b/deep/er.json": b"{}", "a.html": b"<p>", "quiz.gift": "ä".encode(), "x y+%.bin": b"\0", "empty": b""}
    made = create(client, kind, files, maker="lesson", checks={"schema": "pass"})
    assert made["version"] == 1
    artifact = client.get(f"/v1/artifacts/{made['id']}")
    assert [f["path"] for f in artifact["files"]] == sorted(files)
    assert artifact["bytes"] == sum(map(len, files.values())) and artifact["checks"] == {"schema": "pass"}
    assert artifact["maker"] == "lesson" and artifact["run"] is None and artifact["tree"] == made["tree"]
    types = {"b/deep/er.json": "application/json", "a.html": "text/html; charset=utf-8",
             "quiz.gift": "text/plain; charset=utf-8", "x%20y%2B%25.bin": "application/octet-stream"}
    for path, media in types.items():
        answer = client.raw("GET", f"/v1/artifacts/{made['id']}/files/{path}")
        assert answer.status == 200 and answer.headers["content-type"] == media, path
    assert client.raw("HEAD", f"/v1/artifacts/{made['id']}/files/a.html").headers["content-length"] == "3"
    zipped = client.raw("GET", f"/v1/artifacts/{made['id']}/zip")
    with zipfile.ZipFile(io.BytesIO(zipped.body)) as z:
        assert {n: z.read(n) for n in z.namelist()} == files
    assert client.raw("GET", f"/v1/artifacts/{made['id']}/zip").body == zipped.body
    assert client.post(f"/v1/artifacts/{made['id']}/verify") == {"verified": True, "faults": []}


def test_versions_and_lists(client, kind):
    a = create(client, kind, {"x": b"1"})
    b = create(client, kind, {"x": b"2"})
    c = create(client, kind, {"x": b"1"})
    assert [v["version"] for v in (a, b, c)] == [1, 2, 3] and a["tree"] == c["tree"] != b["tree"]
    page = client.get("/v1/artifacts", name=kind, limit=2)
    assert [x["id"] for x in page["artifacts"]] == [c["id"], b["id"]]
    page = client.get("/v1/artifacts", name=kind, cursor=page["next_cursor"])
    assert [x["id"] for x in page["artifacts"]] == [a["id"]]


def test_of_a_run(client, kind):
    name = kind.replace(".", "-")
    client.post("/v1/workflows", {"name": name, "steps": {"a": {"kind": kind}}}, 201)
    run = client.post("/v1/runs", {"workflow": name}, 201)["id"]
    made = create(client, kind, {"x": b"1"}, run=run)
    assert [a["id"] for a in client.get("/v1/artifacts", run=run)["artifacts"]] == [made["id"]]
    client.refused("POST", "/v1/artifacts", {"name": "x", "run": made["id"], "files": [entry("x", b"1")]},
                   status=400, code="bad_id", pointer="/run")


def test_missing_blobs_are_named(client, kind):
    files = [entry("a", b"there"), entry("b", f"not {kind}".encode())]
    put_blob(client, b"there")
    problem = client.refused("POST", "/v1/artifacts", {"name": kind, "files": files}, status=404, code="not_found",
                             pointer="/files/1")
    assert files[1]["sha256"] in problem["detail"]
    files[1] = {**entry("b", b"there"), "size": 4}
    client.refused("POST", "/v1/artifacts", {"name": kind, "files": files}, status=400, code="field_range",
                   pointer="/files/1")


PATHS = ["../x", "/etc/passwd", "a/../../x", "a//b", "./a", "a/.", "a/", "", "a\\b", "a\x00b", "a\nb", "\x7f",
         "a/" * 512 + "b", "x" * 256, "a/../b"]


@pytest.mark.parametrize("path", PATHS)
def test_paths_that_leave(client, path):
    put_blob(client, b"x")
    body = {"name": "x", "files": [{**entry("fine", b"x")}, {**entry("x", b"x"), "path": path}]}
    problem = client.refused("POST", "/v1/artifacts", body, status=400)
    assert problem["code"] in ("bad_path", "field_range") and problem["pointer"].startswith("/files/1")


@pytest.mark.parametrize("paths", [["a", "a"], ["a", "a/b"], ["a/b/c", "a/b"]])
def test_paths_that_clash(client, paths):
    put_blob(client, b"x")
    client.refused("POST", "/v1/artifacts", {"name": "x", "files": [entry(p, b"x") for p in paths]},
                   status=400, code="bad_path")


@pytest.mark.parametrize("path", ["../key", "..%2fkey", "%2e%2e/key", "%2e%2e%2f%2e%2e%2fkey", "a/../../../key",
                                  "/etc/passwd", "%2fetc%2fpasswd", "a%00", "%ff", "a%", "key", "a/%2e%2e/a"])
def test_reading_what_is_not_in_the_tree(client, kind, path):
    made = create(client, kind, {"a": b"1", "d/e": b"2"})
    problem = client.refused("GET", f"/v1/artifacts/{made['id']}/files/{path}")
    assert problem["code"] in ("not_found", "bad_path", "bad_request")


def blob_file(server, data):
    (found,) = [p for p in (server.folder / "blobs").rglob("*") if p.is_file() and sha256(data)[4:] in p.name]
    return found


def test_damage_is_found_and_healed(server, client, kind):
    good, bad, gone = b"good", f"bad {kind}".encode(), f"gone {kind}".encode()
    made = create(client, kind, {"good": good, "bad": bad, "gone": gone})
    file = blob_file(server, bad)
    file.chmod(0o600)
    file.write_bytes(bad[::-1])
    blob_file(server, gone).unlink()
    found = client.post(f"/v1/artifacts/{made['id']}/verify")
    assert found == {"verified": False, "faults": [{"path": "bad", "what": "changed"},
                                                   {"path": "gone", "what": "missing"}]}
    answer = client.raw("GET", f"/v1/artifacts/{made['id']}/files/gone")
    assert answer.status == 500 and answer.json["code"] == "damaged"
    assert client.raw("GET", f"/v1/artifacts/{made['id']}/zip").status == 500
    for data in (bad, gone):
        client.raw("PUT", f"/v1/blobs/{sha256(data)}", data, OCTETS)
    assert client.post(f"/v1/artifacts/{made['id']}/verify")["verified"]
