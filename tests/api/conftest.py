"""Servers for the tests, and the account of what was exercised.

The folder of the build comes from TAKT_BUILD (default: build).  A session has one server;
tests that need their own start one in `fresh`.
"""

import itertools
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import contract  # noqa: E402
from server import Server, program, started  # noqa: E402


@pytest.fixture(scope="session")
def server(tmp_path_factory, nothing_is_left):
    if not program().exists():
        pytest.fail(f"there is no {program()}: build it, or set TAKT_BUILD")
    s = Server(tmp_path_factory.mktemp("server") / "data")
    with s:
        yield s
    assert "assert" not in s.log().lower(), s.log()


@pytest.fixture
def client(server):
    return server.client


@pytest.fixture
def fresh(tmp_path):
    """A server of the test's own; the test may end it itself."""
    s = Server(tmp_path / "data")
    with s:
        yield s


@pytest.fixture(autouse=True, scope="session")
def nothing_is_left():
    yield
    for process in started:
        if process.poll() is None:
            process.kill()  # its children go with it
            process.wait()


numbers = itertools.count(1)


@pytest.fixture
def kind(request):
    """A kind that no other test uses."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "gw")
    return f"t.{worker}.{next(numbers)}"


# --- Every operation must have been exercised ---

seen = set()


def pytest_sessionfinish(session):
    out = getattr(session.config, "workeroutput", None)
    if out is not None:
        out["exercised"] = sorted(contract.exercised)
        return
    seen.update(contract.exercised)
    here = pathlib.Path(__file__).parent
    is_whole = [pathlib.Path(a).resolve() for a in session.config.args] == [here]
    is_whole = is_whole and not session.config.option.keyword and not session.config.option.markexpr
    if not is_whole or session.config.option.collectonly or session.testsfailed:
        return
    missing = [o.id for o in contract.operations() if not any(i == o.id and s < 300 for i, s in seen)]
    if missing:
        session.exitstatus = 1
        print("\nno test had a good answer of: " + ", ".join(missing), file=sys.stderr)


def pytest_testnodedown(node):
    seen.update((i, s) for i, s in getattr(node, "workeroutput", {}).get("exercised", []))
