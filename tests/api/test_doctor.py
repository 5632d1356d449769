"""`takt doctor` and `takt config check`: what they find, and that they change nothing."""

import json
import os
import socket
import subprocess

import pytest

from server import program


def takt(*command, env={}, cwd=None):
    result = subprocess.run([program(), *command, "--json"], capture_output=True, text=True, timeout=60, cwd=cwd,
                            env={"PATH": "/usr/bin:/bin", "HOME": str(cwd or "/nowhere"), **env})
    assert not result.stderr, result.stderr
    said = json.loads(result.stdout)
    assert result.returncode == (0 if said["ok"] else 1)
    assert said["ok"] == (not any(f["verdict"] == "wrong" for f in said["findings"]))
    for f in said["findings"]:
        assert f["verdict"] in ("ok", "hint", "wrong") and (f["verdict"] == "ok" or f["remedy"]), f
    return said["findings"]


def found(findings, what, verdict=None):
    return [f for f in findings if f["what"] == what and verdict in (None, f["verdict"])]


def everything(folder):
    return sorted((str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in folder.rglob("*"))


def test_doctor_beside_a_server(fresh):
    findings = takt("doctor", "--data", str(fresh.folder))
    [server] = found(findings, "server")
    assert server["verdict"] == "ok" and "ready" in server["finding"]
    assert not found(findings, "database") and not found(findings, "port")  # the server's own business
    assert found(findings, "permissions", "ok") and found(findings, "sync") and found(findings, "disk", "ok")
    url = f"http://127.0.0.1:{fresh.port}"
    [far] = found(takt("doctor", "--data", str(fresh.folder / "none"), "--server", url,
                       env={"TAKT_KEY": fresh.key}), "server", "ok")[:1]
    assert far["place"] == url
    [bad] = found(takt("doctor", "--data", str(fresh.folder / "none"), "--server", url,
                       env={"TAKT_KEY": "takt_wrong"}), "server", "wrong")
    assert "key" in bad["remedy"]


def test_doctor_finds_what_is_wrong_and_leaves_it(fresh):
    fresh.end()
    (fresh.folder / "key").chmod(0o644)
    before = everything(fresh.folder)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        findings = takt("doctor", "--data", str(fresh.folder), "--listen", f"127.0.0.1:{port}",
                        "--disk-low-bytes", str(1 << 60), env={"TAKT_LOGLEVEL": "debug"})
    assert everything(fresh.folder) == before
    [port_said] = found(findings, "port", "wrong")
    assert f"(pid {os.getpid()})" in port_said["finding"]
    [mode] = found(findings, "permissions")
    assert mode["verdict"] == "wrong" and mode["place"].endswith("/key") and "chmod" in mode["remedy"]
    assert found(findings, "disk", "wrong") and found(findings, "database", "ok")
    [setting] = found(findings, "setting", "wrong")
    assert setting["place"] == "TAKT_LOGLEVEL" and "TAKT_LOG_LEVEL" in setting["finding"]


def test_doctor_of_a_damaged_database_and_a_folder_of_others(tmp_path):
    (tmp_path / "takt.db").write_bytes(b"no database at all" * 100)
    assert found(takt("doctor", "--data", str(tmp_path), "--listen", "none"), "database", "wrong")
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    assert found(takt("doctor", "--data", str(nowhere / "x")), "data folder", "wrong")


def test_config_check_says_all_of_it(tmp_path):
    file = tmp_path / "takt.yaml"
    file.write_text("listen: 0.0.0.0:8420\ndrain_ms: -1\nhosts:\n  - good.example\n  - 'b d'\nlog_levle: info\n")
    findings = takt("config", "check", str(file), "--disk-low-bytes", "lots", env={"TAKT_SERVR": "x"})
    places = [f["place"] for f in found(findings, "setting", "wrong")]
    assert places == [f"{file}:2:11", f"{file}:5:5", f"{file}:6:1", "TAKT_SERVR", "--disk-low-bytes"]
    assert "did you mean log_level?" in found(findings, "setting")[2]["finding"]
    assert list(tmp_path.iterdir()) == [file]  # no data folder was made


@pytest.mark.parametrize("text, what", [
    ("listen: 0.0.0.0:8420", "listen"), ("listen: '[::]:8420'", "listen"), ("data: /tmp/x", "data"),
    ("drain_ms: 200000", "drain_ms"), ("disk_low_bytes: 0", "disk_low_bytes"), ("log_level: 'off'", "log_level"),
    ("event_retention_ms: 60000", "event_retention_ms"), ("task_retention_ms: 60000", "task_retention_ms"),
    ("key: takt_secret", "file"), ("server: http://far.example\nkey: takt_secret", "server")])
def test_config_check_warns(tmp_path, text, what):
    file = tmp_path / "takt.yaml"
    file.write_text("data: /srv/takt\n" * (not text.startswith("data")) + text + "\n")
    file.chmod(0o644)
    findings = takt("config", "check", str(file))
    assert found(findings, what, "hint"), findings
    assert "takt_secret" not in json.dumps(findings)


def test_config_check_is_content(tmp_path):
    good = subprocess.run([program(), "serve", "--print-config"], capture_output=True, text=True, check=True).stdout
    (tmp_path / "takt.yaml").write_text(good)
    findings = takt("config", "check", cwd=tmp_path, env={"TAKT_CONFIG": "takt.yaml", "TAKT_DATA": "/srv/takt"})
    assert [f["verdict"] for f in findings] == ["ok"]
    assert found(takt("config", "check", str(tmp_path / "none.yaml")), "setting", "wrong")
    (tmp_path / "takt.yaml").write_text("listen: [\n")
    [syntax] = found(takt("config", "check", "takt.yaml", cwd=tmp_path), "setting", "wrong")
    assert syntax["place"].startswith("takt.yaml:")
    assert found(takt("config", "check", "--makers", str(tmp_path / "none")), "makers", "wrong")
