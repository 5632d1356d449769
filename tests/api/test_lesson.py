"""`takt make lesson` from end to end: its plan by itself, an edited plan, and a finding of an
outside tool that takes a question out after all the rest was done."""

import json
import os
import shutil
import stat
import subprocess

import server

PROSE = """# Bees in the valley

A beehive is a wooden box that gives a colony of bees room for brood and honey. Royal jelly is a protein-rich secretion
that worker bees feed to a future queen. Beekeepers in the valley harvested 5,200 jars of honey in 2019. An extractor is
a drum that spins the frames and throws the honey against the wall. Fresh honey contains about 18% water after the
harvest. A refractometer is an optical instrument that measures the water in honey. Worker bees always feed the larvae
with pollen and honey. A winter cluster is a tight ball of bees that keeps the queen warm in the cold months. The Varroa
Control Program (VCP) treats 150 hives against mites every autumn. Varroa mites are small parasites that weaken the brood
of a colony. Beekeepers in the valley rarely open a hive in the cold season. Oxalic acid is an organic compound that
kills mites on adult bees. A healthy colony needs 15 kilograms of food for the winter. Cold weather reduces the number of
mites in a hive without brood. Strong colonies survive a long winter with the help of a dry hive. The International Bee
Society (IBS) counts more than 400 beekeepers in the valley. A queen excluder is a flat grid that keeps the queen out of
the honey frames. Young workers build new combs from wax because the old combs harbour disease. A swarm is a large group
of bees that leaves the hive with the old queen. Keepers move a weak colony beside a strong hive to save the brood. The
smoker is a small can that calms the bees with cool smoke. Foragers visit more than 2,000 flowers on a warm day. The
valley council pays 12 inspectors to look for sick colonies. Propolis is a sticky resin that bees collect from trees and
buds. Old drones leave the hive before the first frost of the year. Pollen is a fine powder that flowers make for their
seeds. The harvest usually begins after the lime trees have lost their flowers. A nectar flow is a short season that
fills the combs within two weeks. Clean water keeps a colony healthy when the summer is hot and dry. Most hives in the
valley stand on wooden posts to keep the mice away from the combs. The museum of the valley shows 30 straw hives from the
last century. Bee bread is a mix of pollen and honey that feeds the larvae in spring.
"""

# Instead of Node: the first look at the GIFT file finds the second question wrong.
NODE = """#!/bin/sh
case "$1" in
*gift.mjs)
	if [ -e "{seen}" ]; then echo '{{"evidence": "all read", "findings": []}}'
	else
		touch "{seen}"
		echo '{{"evidence": "", "findings": [{{"place": "spec.json#/questions/1", "text": "the answers differ"}}]}}'
	fi ;;
*tools/*.mjs) echo tool >&2; exit 3 ;;
*) exec "{node}" "$@" ;;  # StyLua of npm is a script of Node, too
esac
"""


def takt(tmp_path, *args, path=None):
    env = {**os.environ, "TAKT_DATA": str(tmp_path / "data"), "PATH": path or os.environ["PATH"]}
    return subprocess.run([server.program(), *args], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)


def plan(tmp_path):
    (tmp_path / "bees.md").write_text(PROSE)
    done = takt(tmp_path, "make", "lesson", "bees.md", "--spec-only")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_plan_is_shown_and_nothing_is_made(tmp_path):
    spec = plan(tmp_path)
    assert spec["format"] == "takt.lesson/1" and len(spec["questions"]) >= 8
    assert sorted(x.name for x in tmp_path.iterdir()) == ["bees.md"]


def test_no_plan_of_what_is_no_text(tmp_path):
    (tmp_path / "list.md").write_text("- apples\n- pears from abroad\n" * 300)
    done = takt(tmp_path, "make", "lesson", "list.md", "--spec-only")
    assert done.returncode == 7 and done.stdout == "" and "nothing_to_ask" in done.stderr


def test_an_edited_plan_is_made(tmp_path):
    spec = plan(tmp_path)
    spec["title"] = "What bees do"
    gone = spec["questions"].pop()
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    done = takt(tmp_path, "make", "lesson", "spec.json", "--spec", "-o", "out")
    assert done.returncode == 0, done.stdout + done.stderr
    made = json.loads((tmp_path / "out/spec.json").read_text())
    assert made["title"] == "What bees do"
    assert gone["id"] not in [q["id"] for q in made["questions"]]
    assert made["questions"] == spec["questions"]


def test_a_plan_that_is_none_names_the_place(tmp_path):
    spec = plan(tmp_path)
    spec["questions"][0]["type"] = "guess"
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    done = takt(tmp_path, "make", "lesson", "spec.json", "--spec", "-o", "out")
    assert done.returncode != 0 and "/questions/0" in done.stdout + done.stderr
    assert not (tmp_path / "out").exists()


def test_what_an_outside_tool_finds_takes_the_question_out(tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    node = tools / "node"
    node.write_text(NODE.format(seen=tmp_path / "seen", node=shutil.which("node")))
    node.chmod(node.stat().st_mode | stat.S_IXUSR)
    spec = plan(tmp_path)
    done = takt(tmp_path, "make", "lesson", "bees.md", "-o", "out", path=f"{tools}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stdout + done.stderr
    made = json.loads((tmp_path / "out/spec.json").read_text())
    gone = spec["questions"][1]["id"]
    assert [q["id"] for q in made["questions"]] == [q["id"] for q in spec["questions"] if q["id"] != gone]
    report = json.loads((tmp_path / "out/report.json").read_text())
    dropped = report["dropped"]
    assert [(d["id"], d["check"], d["reason"]) for d in dropped] == [(gone, "gift-pegjs", "the answers differ")]
    assert all(c["verdict"] != "fail" for c in report["checks"])


NOTHING_IS_READ = """#!/bin/sh
case "$1" in
*gift.mjs) echo '{{"evidence": "", "findings": [{{"place": "questions.gift", "text": "nothing can be read"}}]}}' ;;
*tools/*.mjs) echo tool >&2; exit 3 ;;
*) exec "{node}" "$@" ;;
esac
"""


def test_what_fails_and_names_no_question_is_not_published(tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    node = tools / "node"
    node.write_text(NOTHING_IS_READ.format(node=shutil.which("node")))
    node.chmod(node.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "bees.md").write_text(PROSE)
    done = takt(tmp_path, "make", "lesson", "bees.md", "-o", "out", path=f"{tools}:{os.environ['PATH']}")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "check_failed" in said and "gift-pegjs" in said and "draft" in said
    assert not (tmp_path / "out").exists()
