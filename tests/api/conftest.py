"""Servers for the tests, and the account of what was exercised.

The folder of the build comes from TAKT_BUILD (default: build).  A session has one server;
tests that need their own start one in `fresh`.
"""

import itertools
import pathlib
import re
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


# --- Every operation and every code must have been exercised ---

# Codes that no answer of the API has, or none that a test can bring about, and the test that sees
# them.
ELSEWHERE = {
    "bad_schema": "tests/unit/codec/test_schema.c",
    "bad_reference": "tests/unit/flow/test_run.c",  # a run fails with it
    "bad_config": "tests/unit/cli/test_config.c",  # the server does not start
    "brief_too_short": "tests/unit/makers/lesson/test_plan.c",
    "brief_too_long": "tests/unit/makers/lesson/test_plan.c",
    "brief_not_text": "tests/unit/makers/lesson/test_plan.c",
    "nothing_to_ask": "tests/api/test_lesson.py",  # told on a terminal
    "check_failed": "tests/api/test_lesson.py",
    "data_folder_held": "tests/crash/test_crash.py",
    "schema_newer": "tests/unit/store/test_store.c",
    "port_taken": "tests/unit/sys/test_listen.c",
    "output_too_large": "tests/unit/flow/test_run.c",
    "too_deep": "tests/unit/flow/test_child.c",
    "agents_full": "tests/unit/queue/test_agents.c",  # 20,000 requests would be slow
    "overloaded": "tests/unit/store/test_store.c",  # needs an engine that is late
    "shutting_down": "tests/api/test_backups.py",  # answered to a raw socket
    "io": "tests/unit/sys/test_file.c",  # a disk that fails, on purpose
    "no_server": "tests/unit/http/test_client.c",  # of the client
    "tool_missing": "tests/unit/worker/test_script.c",
    "unknown_outcome": "tests/unit/http/test_client.c",
}

seen, codes_seen = set(), set()


def pytest_sessionfinish(session):
    out = getattr(session.config, "workeroutput", None)
    if out is not None:
        out["exercised"] = sorted(contract.exercised)
        out["codes"] = sorted(contract.codes_seen)
        return
    seen.update(contract.exercised)
    codes_seen.update(contract.codes_seen)
    here = pathlib.Path(__file__).parent
    is_whole = [pathlib.Path(a).resolve() for a in session.config.args] == [here]
    is_whole = is_whole and not session.config.option.keyword and not session.config.option.markexpr
    if not is_whole or session.config.option.collectonly or session.testsfailed:
        return
    missing = [o.id for o in contract.operations() if not any(i == o.id and s < 300 for i, s in seen)]
    if missing:
        session.exitstatus = 1
        print("\nno test had a good answer of: " + ", ".join(missing), file=sys.stderr)
    unseen = [code for code in contract.codes() if code not in codes_seen and not is_seen_elsewhere(code)]
    if unseen:
        session.exitstatus = 1
        print("\nno test was refused with: " + ", ".join(unseen), file=sys.stderr)


def is_seen_elsewhere(code):
    """As code, or as text."""
    file = ELSEWHERE.get(code)
    text = (contract.ROOT / file).read_text() if file else ""
    return re.search(rf"\bCODE_{contract.codes()[code]}\b|[\"(/ ]{code}\b", text) is not None


def pytest_testnodedown(node):
    out = getattr(node, "workeroutput", {})
    seen.update((i, s) for i, s in out.get("exercised", []))
    codes_seen.update(out.get("codes", []))
