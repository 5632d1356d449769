"""`takt bench`: it measures what it says, loses nothing, leaves nothing behind.

How fast a shared machine is just now proves nothing, so no rate is demanded here; what does
not depend on the neighbours is: the memory of an idle server, and that every acknowledged
submit is there."""

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TAKT = pathlib.Path(os.environ.get("TAKT_BUILD", ROOT / "build")) / "src" / "takt"
ENV = {k: v for k, v in os.environ.items() if not k.startswith("TAKT_")}
IDLE_KB_MAX = 12 * 1024
FAMILY_KB_MAX = 40 * 1024


def bench(tmp_path, *options, status=0):
    result = subprocess.run([TAKT, "bench", "--data", tmp_path / "data", *options], text=True,
                            capture_output=True, timeout=120, check=False, env=ENV)
    assert result.returncode == status, result.stderr
    assert list(tmp_path.iterdir()) == []
    return result.stdout


def test_the_figures_for_programs(tmp_path):
    v = json.loads(bench(tmp_path, "--json", "--rounds", "1", "--round-ms", "200", "--tasks", "2000", "--agents", "200",
                         "--readers", "20"))
    for name in ("echo_per_s", "submit_per_s", "keyed_per_s", "submit_cpu_us", "keyed_cpu_us",
                 "fdatasync_per_s", "fdatasync_p50_us", "ready_ms", "batch_mean", "lifecycle_per_s",
                 "lifecycle_p50_us", "lifecycle_cpu_us", "dispatch_p50_us", "submit_batch_per_s",
                 "lifecycle_batch_per_s", "lifecycle_batch_cpu_us", "lease_million_ratio", "ready_million_ms",
                 "ready_after_kill_ms", "history_list_ms", "history_get_ms", "sse_cpu_share", "dispatch_fanout_p99_us"):
        assert v[name] > 0, name
    assert v["found"] == v["acknowledged"] > 0
    assert 0 < v["submit_ratio"] < 1
    assert abs(v["submit_ratio"] - v["submit_per_s"] / v["echo_per_s"]) < 0.01
    assert v["submit_p50_us"] <= v["submit_p99_us"]
    assert v["dispatch_p50_us"] <= v["dispatch_p99_us"]
    assert 1000 < v["rss_idle_kb"] < IDLE_KB_MAX
    assert 1000 < v["pss_family_kb"] < FAMILY_KB_MAX  # shared pages in part
    assert v["rss_idle_kb"] < v["rss_10k_agents_kb"]
    assert (v["tasks"], v["agents"], v["readers"]) == (2000, 200, 20)


def test_the_table_explains_each_row(tmp_path):
    text = bench(tmp_path, "--quick", "--rounds", "2", "--round-ms", "50", "--connections", "4")
    assert "Medians of 2 rounds of 50 ms, 4 keep-alive connections" in text
    rows = [line for line in text.splitlines() if "[" in line and "]  " in line]
    assert len(rows) == 26
    assert all(row.rpartition("]")[2].strip() for row in rows)


def test_a_bad_number_is_refused(tmp_path):
    assert bench(tmp_path, "--rounds", "0", status=2) == ""
    assert bench(tmp_path, "--connections", "many", status=2) == ""
