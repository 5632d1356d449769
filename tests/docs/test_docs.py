"""The docs are true: their commands run, their links lead somewhere, what they name exists.

Each page runs in one bash, in an empty folder, with build/src first on PATH and a port and a
data folder of its own; the number 8420 in a page becomes that port.
"""
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess

import pytest

import pages

ROOT = pages.ROOT
BUILD = pathlib.Path(os.environ.get("TAKT_BUILD", ROOT / "build"))
PAGE_SECONDS = 120


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def script(commands):
    """Each command between two lines that say where its output begins and how it ended."""
    lines = []
    for i, command in enumerate(commands):
        lines.append(f"printf '\\001begin {i}\\n'")
        lines.append(f"eval {shlex.quote(command.line)}")
        lines.append(f"printf '\\n\\001end {i} %d\\n' $?")
    return "\n".join(lines) + "\n"


def run_page(commands, folder, port):
    """[(exit code, lines of output)] of the commands that came to an end."""
    env = {**os.environ, "PATH": f"{BUILD / 'src'}:{os.environ['PATH']}", "HOME": str(folder),
           "EXAMPLES": str(ROOT / "examples"),
           "TAKT_DATA": str(folder / "data"), "TAKT_LISTEN": f"127.0.0.1:{port}",
           "TAKT_SOURCE": str(ROOT), "NO_COLOR": "1"}
    out = folder.parent / (folder.name + ".out")
    with open(out, "wb") as f:
        with subprocess.Popen(["bash"], cwd=folder, env=env, stdin=subprocess.PIPE, stdout=f,
                              stderr=subprocess.STDOUT, start_new_session=True) as bash:
            try:
                bash.communicate(script(commands).replace("8420", str(port)).encode(),
                                 timeout=PAGE_SECONDS)
            except subprocess.TimeoutExpired:
                pass
            finally:
                end_session(bash.pid)
    text = out.read_text(encoding="utf-8", errors="replace").replace(str(port), "8420")
    pattern = r"(?ms)^\x01begin (\d+)\n(.*?)^\x01end \1 (\d+)$"
    return [(int(code), body.strip("\n").splitlines())
            for _, body, code in re.findall(pattern, text)], text


def end_session(leader):
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass


RUNNABLE = [p for p in pages.pages() if pages.commands(p)]


@pytest.mark.parametrize("page", RUNNABLE)
def test_the_commands_of_a_page_do_what_it_says(page, tmp_path):
    folder = tmp_path / "page"
    folder.mkdir()
    commands = pages.commands(page)
    results, text = run_page(commands, folder, free_port())
    for command, (code, output) in zip(commands, results):
        shown = "\n".join(output)
        assert code == command.code, f"{command.place}: $ {command.line}\nexit {code}\n{shown}"
        if command.output:
            assert pages.matches(command.output, output), (
                f"{command.place}: $ {command.line}\nthe page says:\n" + "\n".join(command.output)
                + f"\nit was:\n{shown}")
    assert len(results) == len(commands), (
        f"{commands[len(results)].place}: did not come to an end\n{text[-3000:]}")


def test_the_first_page_and_the_getting_started_are_among_them():
    assert "docs/getting-started.md" in RUNNABLE


@pytest.mark.parametrize("page", pages.pages())
def test_links_lead_somewhere(page):
    for target, anchor in pages.links(page):
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), f"{page}: no {target}"
        if anchor and path.suffix == ".md":
            there = pages.anchors(str(path.resolve().relative_to(ROOT)))
            assert anchor in there, f"{page}: no heading #{anchor} in {target or page}"


@pytest.mark.parametrize("page", [p for p in pages.pages() if not p.startswith("docs/decisions/")])
def test_paths_that_a_page_names_exist(page):
    for name in pages.named_paths(page):
        if re.search(r"[A-Z]{4,}|NNNN|[{*]", name):
            pattern = re.sub(r"\{[^}]*\}|[A-Z_]{4,}", "*", name)
            assert name.count("*") == 0 or list(ROOT.glob(pattern.rstrip("/"))), (
                f"{page}: nothing fits {name}")
        else:
            assert (ROOT / name).exists(), f"{page}: there is no {name}"


@pytest.mark.parametrize("page", pages.pages())
def test_every_page_can_be_reached(page):
    """From README.md, by links."""
    seen, todo = set(), ["README.md"]
    while todo:
        here = todo.pop()
        if here in seen or not here.endswith(".md"):
            continue
        seen.add(here)
        for target, _ in pages.links(here):
            there = ((ROOT / here).parent / target).resolve()
            if target and there.is_relative_to(ROOT):
                todo.append(str(there.relative_to(ROOT)))
    assert page in seen


# --- the tester itself -----------------------------------------------------------------------


@pytest.mark.parametrize("expected,actual,fits", [
    (["a"], ["a"], True),
    (["a"], ["a  "], True),
    (["a"], ["b"], False),
    (["a"], ["a", "b"], False),
    (["a", "..."], ["a", "b", "c"], True),
    (["...", "c"], ["a", "b", "c"], True),
    (["...", "d"], ["a", "b", "c"], False),
    (["task_... ready"], ["task_0123 ready"], True),
    (["task_... ready"], ["task_0123 failed"], False),
    (["a+b (c)"], ["a+b (c)"], True),
])
def test_how_output_is_compared(expected, actual, fits):
    assert pages.matches(expected, actual) is fits


def test_a_page_that_lies_is_found(tmp_path):
    folder = tmp_path / "page"
    folder.mkdir()
    said = pages.block_commands(
        ["$ echo one", "one", "$ false # exit 1", "$ x=3", "$ echo \\", "  $x", "3", "$ cat <<'END'", "$ a",
         "END", "...a", "$ exit 7", "$ echo never"], "page", 1)
    results, _ = run_page(said, folder, free_port())
    assert results == [(0, ["one"]), (1, []), (0, []), (0, ["3"]), (0, ["$ a"])]
    assert [c.code for c in said] == [0, 1, 0, 0, 0, 0, 0]
    assert [c.place for c in said][3] == "page:5"
