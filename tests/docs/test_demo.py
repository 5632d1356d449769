"""`make demo`: a lesson on disk, fast, and nothing left behind."""
import os
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def processes():
    """Command lines of everything that runs from this build."""
    found = set()
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                exe = os.readlink(entry / "exe")
            except OSError:
                continue
            if exe.startswith(str(ROOT / "build") + "/"):
                found.add((entry.name, exe))
    return found


def test_make_demo_makes_a_lesson_and_leaves_no_process():
    before = processes()
    began = time.monotonic()
    result = subprocess.run(["make", "demo"], cwd=ROOT, stdin=subprocess.DEVNULL, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
                            check=False)
    assert result.returncode == 0, result.stdout
    assert time.monotonic() - began < 60
    assert "The lesson is in out/tides/" in result.stdout
    for name in ("spec.json", "preview/index.html", "exports/worksheet.html"):
        assert (ROOT / "out/tides" / name).stat().st_size > 1000
    left = {p for p in processes() - before if "takt" in p[1]}
    # Other tests may start a takt of their own meanwhile: the demo's would outlive them.
    deadline = time.monotonic() + 30
    while left and time.monotonic() < deadline:
        time.sleep(0.2)
        left &= processes()
    assert not left, result.stdout
