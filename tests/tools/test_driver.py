"""tools/test counts right, and takes nothing that did not run for passed."""
import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess
import sys
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(name="driver")
def fixture_driver(tmp_path, monkeypatch):
    """The driver's module, at work in an empty tree."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = importlib.machinery.SourceFileLoader("driver", str(ROOT / "tools/test"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("driver", loader))
    loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", str(tmp_path))
    monkeypatch.setattr(module, "LOGS", str(tmp_path))
    return module


def run(driver, stage, folder=None):
    driver.STAGES = {"x": ("a stage under test", folder, stage)}
    return driver.run_stage("x")


def pytest_folder(tmp_path, text):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(text)


def test_a_stage_without_its_folder_has_failed(driver):
    counts, note, _ = run(driver, lambda run: driver.PASSED, folder="tests/sim")
    assert counts == (0, 1, 0)
    assert note == "tests/sim/ is empty or absent"


def test_a_stage_that_runs_nothing_has_failed(driver):
    counts, note, log = run(driver, lambda run: driver.NOTHING)
    assert counts == (0, 1, 0) and note == "nothing ran" and log


def test_a_command_counts_once(driver):
    assert run(driver, driver.command_stage("true"))[0] == (1, 0, 0)
    assert run(driver, driver.command_stage("false"))[0] == (0, 1, 0)
    assert run(driver, driver.command_stage("no-such-program"))[0] == (0, 1, 0)


def test_pytest_is_counted_with_its_skips(driver, tmp_path):
    pytest_folder(tmp_path, "import pytest\n"
                  "def test_a(): pass\ndef test_b(): pass\ndef test_c(): assert 0\n"
                  "@pytest.fixture\ndef broken(): raise OSError\ndef test_d(broken): pass\n"
                  "@pytest.mark.skip(reason='no moon')\ndef test_e(): pass\n")
    counts, note, _ = run(driver, driver.pytest_stage("tests"), folder="tests")
    assert counts == (2, 2, 1)
    assert "test_e: no moon" in note


def test_a_pytest_that_collects_nothing_has_failed(driver, tmp_path):
    pytest_folder(tmp_path, "x = 1\n")
    assert run(driver, driver.pytest_stage("tests"), folder="tests")[0].failed == 1


def test_a_pytest_that_cannot_be_read_has_failed(driver, tmp_path):
    pytest_folder(tmp_path, "def test_a(:\n")
    assert run(driver, driver.pytest_stage("tests"), folder="tests")[0].failed >= 1


def meson_log(tmp_path, *tests):
    path = tmp_path / "testlog.json"
    path.write_text("".join(json.dumps({"name": n, "result": r, "stdout": o}) + "\n"
                            for n, r, o in tests))
    return str(path)


class Notes:
    def __init__(self):
        self.skips = []


def test_meson_is_counted_by_the_checks_of_its_programs(driver, tmp_path):
    path = meson_log(tmp_path,
                     ("a", "OK", "Running suite(s): a\n100%: Checks: 12, Failures: 0, Errors: 0\n"),
                     ("b", "FAIL", "66%: Checks: 3, Failures: 1, Errors: 0\n"),
                     ("c", "OK", "no word of checks"),
                     ("d", "TIMEOUT", ""),
                     ("e", "FAIL", "100%: Checks: 5, Failures: 0, Errors: 0\n then a leak"))
    assert driver.meson_counts(path, Notes()) == (12 + 2 + 1 + 5, 1 + 1 + 1, 0)


def test_what_meson_skips_is_told(driver, tmp_path):
    notes = Notes()
    assert driver.meson_counts(meson_log(tmp_path, ("a", "SKIP", "")), notes) == (0, 0, 1)
    assert notes.skips == ["a"]


def test_node_is_counted_by_its_summary(driver, tmp_path):
    (tmp_path / "a.test.mjs").write_text(
        "import test from 'node:test';\nimport assert from 'node:assert';\n"
        "test('a', () => {});\ntest('b', () => assert(false));\n"
        "test('c', {skip: 'no sun'}, () => {});\n")
    counts, note, _ = run(driver, driver.node_stage("*.test.mjs"))
    assert counts == (1, 1, 1)
    assert "no sun" in note


def test_the_last_line_sums_up_and_the_exit_code_tells():
    result = subprocess.run([ROOT / "tools/test", "--list"], text=True, check=True,
                            stdout=subprocess.PIPE)
    assert len(result.stdout.splitlines()) >= 12
    bad = subprocess.run([ROOT / "tools/test", "--stage", "nonsense"], stderr=subprocess.PIPE,
                         check=False)
    assert bad.returncode == 2


def test_main_ends_with_the_closing_line(driver, monkeypatch, capsys):
    driver.STAGES = {"good": ("all is well", None, lambda run: driver.Counts(7, 0, 0)),
                     "bad": ("not so well", None, lambda run: driver.Counts(2, 3, 1))}
    monkeypatch.setattr(sys, "argv", ["test"])
    assert driver.main() == 1
    out = capsys.readouterr().out.splitlines()
    assert out[-1] == "9 passed, 3 failed"
    assert any(line.startswith("failed: bad") for line in out)
    monkeypatch.setattr(sys, "argv", ["test", "--stage", "good"])
    assert driver.main() == 0
    assert capsys.readouterr().out.splitlines()[-1] == "7 passed, 0 failed"


def test_stages_that_leave_a_core_idle_run_two_at_a_time(driver, capsys):
    meeting = threading.Barrier(2, timeout=20)

    def meets(run):
        meeting.wait()
        return driver.PASSED

    driver.STAGES = {name: (name, None, meets) for name in ("a", "b")}
    driver.IDLERS = ("a", "b")
    results = driver.run_stages(["a", "b"])
    assert [counts for counts, _, _ in results.values()] == [driver.PASSED] * 2
    assert "a               1 passed, 0 failed" in capsys.readouterr().out


def test_the_others_run_alone(driver):
    at_work = []

    def alone(run):
        at_work.append(run)
        counts = driver.PASSED if len(at_work) == 1 else driver.FAILED
        meeting.wait(0.05)
        at_work.remove(run)
        return counts

    meeting = threading.Event()
    driver.STAGES = {name: (name, None, alone) for name in "abc"}
    driver.IDLERS = ("b",)
    results = driver.run_stages(["a", "b", "c"])
    assert all(counts == driver.PASSED for counts, _, _ in results.values())
