"""`make bench`: its client of takt measures a real server, and a run of it leaves nothing behind.

The peers are not needed: what is not there is left out and said."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TAKT = pathlib.Path(os.environ.get("TAKT_BUILD", ROOT / "build")) / "src" / "takt"
PEERS = ROOT / "tests" / "bench" / "peers"
sys.path.insert(0, str(PEERS))

import servers  # noqa: E402


@pytest.fixture(name="takt")
def fixture_takt(tmp_path):
    server = servers.Takt(tmp_path / "takt", TAKT)
    server.start()
    yield server
    server.stop()


def test_the_client_of_takt_measures_every_figure(takt):
    plan = {**takt.plan(), "lines": 4, "batches": 2, "ms": 150}
    done = subprocess.run([shutil.which("node"), "client.mjs", "takt", json.dumps(plan)], cwd=PEERS,
                          text=True, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert set(figures) == {"submit_per_s", "lifecycle_per_s", "submit_batch_per_s",
                            "lifecycle_batch_per_s", "dispatch_p50_us", "dispatch_p99_us"}
    assert all(v > 0 for v in figures.values()), figures


@pytest.fixture(name="tree")
def fixture_tree():
    """A folder with a short name: the path of a socket has room for a hundred bytes only."""
    with tempfile.TemporaryDirectory() as folder:
        yield pathlib.Path(folder)


def test_what_is_not_installed_is_left_out(tree):
    """A copy of the tree's tool without the clients' packages: takt alone, and words for the rest."""
    for path in ("tools/bench", "docs/benchmarks.md"):
        (tree / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, tree / path)
    shutil.copytree(PEERS, tree / "tests/bench/peers",
                    ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    done = subprocess.run([tree / "tools/bench", "--no-install", "--rounds", "1", "--round-ms",
                           "100", "--only", "beanstalkd", "--takt", TAKT], text=True,
                          capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tree / "docs/benchmarks.md").read_text()
    assert "Left out: beanstalkd, because the clients' Node is not installed." in page
    assert "| takt |" in page and (tree / "docs/benchmarks.svg").exists()
    assert list((tree / "out/bench").iterdir()) == []
