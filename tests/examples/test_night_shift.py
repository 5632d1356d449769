"""The night shift: whatever is killed on the way, the report is the same, and what was booked
in a run that fails is undone."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]
TAKT = pathlib.Path(os.environ.get("TAKT_BUILD", ROOT / "build")) / "src" / "takt"
RUN = ROOT / "examples" / "night-shift" / "run.sh"


def shift(tmp_path, *options, orders=500):
    env = {k: v for k, v in os.environ.items() if not k.startswith("TAKT_")}
    env = {**env, "TAKT": str(TAKT), "ORDERS": str(orders), "TMPDIR": str(tmp_path), "PATH": "/usr/bin:" + env["PATH"]}
    done = subprocess.run([RUN, *options], env=env, text=True, capture_output=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []
    return done.stdout.splitlines()[-3:]


@pytest.mark.parametrize("options", [(), ("--chaos",)])
def test_the_report_is_the_same(options, tmp_path):
    cents = sum(round((100 + 37 * n % 901) * 1.19) for n in range(1, 501))
    assert shift(tmp_path, *options) == ["orders priced: 500", "lines in the ledger: 1",
                                         f"500 orders, {cents / 100:.2f} in all"]


def test_a_broken_printer_undoes_the_booking(tmp_path):
    assert shift(tmp_path, "--broken", orders=20) == ["orders priced: 20", "lines in the ledger: 0",
                                                      "the printer is on fire"]


def test_what_is_missing_is_named(tmp_path):
    env = {"PATH": "/usr/bin:/bin", "TAKT": str(tmp_path / "takt"), "TMPDIR": str(tmp_path)}
    done = subprocess.run([RUN], env=env, text=True, capture_output=True, timeout=10, check=False)
    assert done.returncode == 69 and "run make first" in done.stderr and list(tmp_path.iterdir()) == []
    for tool in ("bash", "dirname"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    env = {"PATH": str(tmp_path), "TAKT": str(TAKT), "TMPDIR": str(tmp_path)}
    done = subprocess.run(["/usr/bin/bash", RUN], env=env, text=True, capture_output=True, timeout=10, check=False)
    assert done.returncode == 69 and "jq is missing" in done.stderr
