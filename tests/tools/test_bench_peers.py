"""tools/bench: what it writes is what was measured, what it starts it stops, and its clients read
what servers answer.  The peers themselves are not needed here."""
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = ROOT / "tests" / "bench" / "peers"
sys.dont_write_bytecode = True
sys.path.insert(0, str(PEERS))

import chart  # noqa: E402
import report  # noqa: E402
import servers  # noqa: E402

NODE = report.TAKT_NODE


def figures(submits, lives, **more):
    return {"submit_per_s": submits, "lifecycle_per_s": lives, **more}


def two_rounds():
    """The machine is half as fast in the second round; the ratios are not."""
    return [{"takt": figures(6000, 3000), NODE: figures(900, 450, dispatch_p50_us=800, memory_kb=9000),
             "slowmq": figures(600, 1000, dispatch_p50_us=900, memory_kb=2000)},
            {"takt": figures(3000, 1500), NODE: figures(450, 225, dispatch_p50_us=800, memory_kb=9000),
             "slowmq": figures(300, 500, dispatch_p50_us=900, memory_kb=2000)}]


def result(rounds):
    return {"rounds": rounds, "left_out": {"rabbit": "there is no rabbit"}, "machine": "2 cores",
            "when": "2026-01-02", "load": "1 s each", "disk": "40 µs",
            "systems": [{"name": "slowmq", "version": "slowmq 1.2", "client": "sockets",
                         "durable": "syncs"}]}


# --- What is written ---

def test_ratios_are_taken_within_a_round():
    assert report.ratio(two_rounds(), "slowmq", "submit_per_s") == (10, 10, 10)
    assert report.ratio(two_rounds(), "slowmq", "lifecycle_per_s") == (3, 3, 3)
    assert report.median(two_rounds(), "slowmq", "submit_per_s") == (450, 300, 600)
    assert report.ratio(two_rounds(), "slowmq", "submit_batch_per_s") is None


def test_a_peer_that_failed_in_a_round_is_told_by_the_others():
    rounds = two_rounds()
    del rounds[1]["slowmq"]
    assert report.ratio(rounds, "slowmq", "submit_per_s") == (10, 10, 10)
    assert "| slowmq | 10.0 × (1.50 ×) | 3.00 × (0.45 ×) | - | - |" in report.ratio_table(rounds)


def test_where_takt_is_behind_is_said():
    said = report.losses(two_rounds())
    assert "- Faster when Node asks both: slowmq, at lives/s (0.45 ×)." in said
    assert "- Less memory: slowmq (0.22 of takt's)." in said
    assert "Faster than takt" not in said and "sooner" not in said
    rounds = [{"takt": figures(1, 1), NODE: figures(9, 9), "q": figures(2, 1)}]
    assert report.losses(rounds) == "- Faster than takt: q, at submits/s (0.50 ×)."
    assert "Nowhere" in report.losses([{"takt": figures(9, 9), "q": figures(2, 1)}])


@pytest.mark.parametrize("value, words", [(0, "0"), (0.324, "0.32"), (18.44, "18.4"),
                                          (428.4, "428"), (999.6, "1000"), (1234, "1,230"),
                                          (64949, "64,900"), (212345, "212,000")])
def test_numbers_have_three_digits_that_matter(value, words):
    assert report.number(value) == words


def test_the_section_replaces_what_stood_there_and_nothing_else():
    before = f"# Speed\n\n{report.BEGIN}\nold\n{report.END}\n\n## After\n"
    once = report.replace_section(before, report.section(result(two_rounds())))
    assert "old" not in once and once.startswith("# Speed\n") and once.endswith("\n\n## After\n")
    assert "Left out: rabbit, because there is no rabbit." in once
    assert "| slowmq | slowmq 1.2 | sockets | syncs |" in once
    assert "2 rounds; 1 s each" in once and "benchmarks.svg" in once
    assert report.replace_section(once, report.section(result(two_rounds()))) == once
    for table in re.findall(r"(?m)(?:^\|.*\n)+", once):
        assert len({line.count("|") for line in table.splitlines()}) == 1


@pytest.mark.parametrize("document", ["", report.BEGIN, f"{report.END}\n{report.BEGIN}",
                                      f"{report.BEGIN}{report.BEGIN}{report.END}"])
def test_a_document_without_its_markers_is_left_alone(document):
    with pytest.raises(report.Malformed):
        report.replace_section(document, "text")


def test_the_page_has_its_markers_once():
    page = (ROOT / "docs" / "benchmarks.md").read_text()
    assert "text" in report.replace_section(page, "text")


# --- The chart ---

def bars(svg):
    space = "{http://www.w3.org/2000/svg}"
    root = ElementTree.fromstring(svg)
    return [float(r.get("width")) for r in root.iter(space + "rect")
            if "one" in r.get("class") or "two" in r.get("class")][2:]  # the legend's


def test_a_bar_is_as_long_as_the_logarithm_of_its_value():
    rows = [("takt", True, (10000, 1000)), ("a < b & c", False, (100, None))]
    svg = chart.chart("T", "s", ("x", "y"), rows, report.number)
    first, second, third = bars(svg)
    assert first == pytest.approx(2 * second, abs=0.2) and third == pytest.approx(1, abs=0.2)
    assert "a &lt; b &amp; c" in svg and "10,000" in svg


def test_a_chart_of_equal_values_has_a_scale():
    assert chart.decades([1000, 1000]) == (3, 4)
    assert chart.decades([120, 99000]) == (2, 5)


# --- Servers ---

class Pretended(servers.Server):
    """A shell as a server, with a child that would outlive it."""
    name, client = "pretended", "none"

    def argv(self):
        return ["sh", "-c", self.script]

    def is_ready(self):
        return (self.folder / "ready").exists()


def pretended(tmp_path, script):
    server = Pretended(tmp_path / "server")
    server.script = script
    return server


def test_a_server_is_stopped_with_its_children(tmp_path):
    server = pretended(tmp_path, "sleep 600 & echo $! >pid; : >ready; wait")
    server.start()
    leader, child = server.started[0].pid, int((server.folder / "pid").read_text())
    assert set(servers.family(leader)) == {leader, child} and server.memory_kb() > 0
    server.stop()
    assert not servers.is_alive(leader)
    assert not servers.is_alive(child)
    server.stop()


def test_a_server_that_does_not_start_says_its_last_words(tmp_path):
    server = pretended(tmp_path, "echo no such disk >&2; exit 1")
    with pytest.raises(servers.Unavailable, match="pretended did not start: no such disk"):
        server.start()
    assert server.started == []


def test_a_program_that_is_not_there_is_unavailable():
    with pytest.raises(servers.Unavailable, match="there is no no-such-queue"):
        servers.program("no-such-queue", "/nowhere/*/queue")
    assert servers.program("no-such-shell", "/bin/sh") == "/bin/sh"


@pytest.mark.parametrize("text, version", [
    ("beanstalkd 1.12", "1.12"), ("takt 0.1.0\n", "0.1.0"), ("v24.21.0", "24.21.0"),
    ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0", "7.0.15"),
    ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "15.18"),
    ("3.10.8-1.1+deb12u1", "3.10.8"), ("none", "?")])
def test_versions_are_found_in_what_programs_say(text, version):
    assert servers.version_in(text) == version


# --- Clients ---

def test_the_load_and_the_protocol_spoken_by_hand():
    node = shutil.which("node")
    assert node, "node is needed: tools/setup test"
    done = subprocess.run([node, "--test", str(PEERS / "load.test.mjs")], text=True,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_peer_has_a_client_and_its_words():
    for peer in servers.PEERS:
        assert (PEERS / f"{peer.client}.mjs").exists()
        assert peer.durable and peer.packages and peer.product
        assert f'"{peer.name}": (' in (ROOT / "tools" / "bench").read_text()
