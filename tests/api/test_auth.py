"""Who may ask, and from where."""

import stat

import pytest

import contract

ASKED = [o for o in contract.operations() if not o.is_open]


def path_of(op):
    sample = {"id": "task_01m6wq7ze4001", "sha256": "0" * 64, "name": "x", "path": "x"}
    if "runs" in op.template:
        sample["id"] = "run_01m6wq7ze4001"
    if "artifacts" in op.template:
        sample["id"] = "art_01m6wq7ze4001"
    return op.template.format(**sample)


WRONG = {
    "none": None,
    "empty": "",
    "another": "Bearer takt_" + "A" * 43,
    "short": "Bearer takt_A",
    "no scheme": "takt_" + "A" * 43,
    "basic": "Basic dXNlcjpwYXNz",
    "bearer only": "Bearer",
    "two": "Bearer takt_A takt_B",
}


@pytest.mark.parametrize("op", ASKED, ids=lambda o: o.id)
def test_no_operation_without_a_key(client, op):
    answer = client.raw(op.method, path_of(op), headers={"Authorization": None})
    assert answer.status == 401
    assert op.method == "HEAD" or answer.json["code"] == "unauthenticated"


@pytest.mark.parametrize("case", WRONG)
def test_wrong_keys(server, client, case):
    problem = client.refused("GET", "/v1/tasks", headers={"Authorization": WRONG[case]}, status=401)
    assert "A" * 43 not in problem["detail"] and server.key not in problem["detail"]


def test_a_changed_key(server, client):
    for i in (5, 20, len(server.key) - 2):
        key = server.key[:i] + ("A" if server.key[i] != "A" else "B") + server.key[i + 1:]
        client.refused("GET", "/v1/tasks", headers={"Authorization": f"Bearer {key}"}, status=401)


def test_the_scheme_has_no_case(server, client):
    assert client.raw("GET", "/v1/tasks", headers={"Authorization": f"bearer  {server.key}"}).status == 200


def test_the_unix_socket_needs_no_key(server):
    assert server.unix.get("/v1/tasks")["tasks"] is not None
    server.unix.submit("unix.only")
    for name in ("takt.sock", "key"):
        assert stat.S_IMODE((server.folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700


def test_no_key_in_the_log(server, client):
    client.refused("GET", "/v1/tasks", headers={"Authorization": "Bearer takt_" + "Z" * 43}, status=401)
    assert server.key not in server.log() and "Z" * 43 not in server.log()


HOSTS = ["evil.example", "evil.example:{port}", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]:{port}",
         "127.0.0.2", "0.0.0.0", "localhost@evil.example", "[::1].evil.example", "[::1]x:1", "localhost:1x", "xlocalhost"]


@pytest.mark.parametrize("path", ["/v1/tasks", "/healthz", "/metrics", "/nothing"])
@pytest.mark.parametrize("host", HOSTS)
def test_another_host(server, client, host, path):
    problem = client.refused("GET", path, headers={"Host": host.format(port=server.port)})
    assert (problem["code"], problem.get("pointer")) in [("bad_host", "Host"), ("bad_request", None)]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:{port}", "[::1]:{port}"])
def test_our_hosts(server, client, host):
    assert client.raw("GET", "/v1/tasks", headers={"Host": host.format(port=server.port)}).status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1", "https://127.0.0.1", "",
                                    "http://127.0.0.1:{port}.evil.example", "file://", "http://127.0.0.1:{port}/x"])
def test_another_origin(server, client, origin):
    client.refused("POST", "/v1/tasks", {"kind": "x"}, {"Origin": origin.format(port=server.port)}, status=403,
                   code="bad_origin", pointer="Origin")


def test_our_origin(server, client):
    assert client.raw("GET", "/v1/tasks", headers={"Origin": f"http://127.0.0.1:{server.port}"}).status == 200


def test_a_configured_host(tmp_path):
    from server import Server

    with Server(tmp_path / "data", "--hosts", "takt.example") as s:
        assert s.client.raw("GET", "/v1/tasks", headers={"Host": f"takt.example:{s.port}"}).status == 200
        s.client.refused("GET", "/v1/tasks", headers={"Host": "evil.example"}, code="bad_host")
