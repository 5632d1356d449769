"""What the server says of itself."""

import pathlib
import re

import pytest

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})((?:\{{{LABEL}(?:,{LABEL})*\}})?) (-?[0-9.]+(?:e[+-]?[0-9]+)?|[+-]Inf|NaN)")
METRICS = pathlib.Path(__file__).parents[2] / "docs/reference/metrics.md"


def family(name, types):
    """The metric a sample belongs to: a histogram's have three more names."""
    for suffix in ("_bucket", "_sum", "_count"):
        base = name.removesuffix(suffix)
        if base != name and types.get(base) == "histogram":
            return base
    assert types.get(name) in ("counter", "gauge"), name
    return name


def parse(text):
    """As strict as a scraper: {metric: (type, help, [(name, labels, value)])}."""
    assert text.endswith("\n")
    types, helps, samples, current = {}, {}, {}, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, helps_text = line[7:].split(" ", 1)
            assert name not in helps and helps_text and current not in (name,), line
            helps[name] = helps_text
            current = None
        elif line.startswith("# TYPE "):
            name, what = line[7:].split(" ")
            assert name in helps and name not in types and what in ("counter", "gauge", "histogram"), line
            types[name], samples[name], current = what, [], name
        else:
            m = SAMPLE.fullmatch(line)
            assert m, line
            assert family(m[1], types) == current, line
            labels = tuple(sorted(re.findall(rf'({NAME})="((?:[^"\\]|\\.)*)"', m[2])))
            assert len({k for k, _ in labels}) == len(labels)
            samples[current].append((m[1], labels, float(m[3])))
    assert set(types) == set(helps)
    return {n: (types[n], helps[n], samples[n]) for n in types}


def check_histogram(name, samples):
    series = {}
    for sample, labels, value in samples:
        rest = tuple(l for l in labels if l[0] != "le")
        series.setdefault(rest, {"buckets": []})
        if sample.endswith("_bucket"):
            series[rest]["buckets"].append((float(dict(labels)["le"]), value))
        else:
            series[rest][sample.removeprefix(name)] = value
    for one in series.values():
        bounds, counts = zip(*one["buckets"])
        assert list(bounds) == sorted(set(bounds)) and bounds[-1] == float("inf")
        assert list(counts) == sorted(counts) and counts[-1] == one["_count"] and one["_sum"] >= 0


def test_health_needs_no_key(server, client):
    for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
        answer = client.raw("GET", path, headers={"Authorization": None})
        assert answer.status == 200 and answer.json == {"status": status}


def test_info(server):
    over_tcp, over_unix = server.client.get("/v1/info"), server.unix.get("/v1/info")
    assert over_unix.pop("data_folder") == str(server.folder)
    assert over_unix == over_tcp and "data_folder" not in over_tcp


def test_metrics_are_prometheus_text(fresh, kind):
    client = fresh.client
    client.submit(kind)
    lease = client.lease_one(kind)
    answer = client.raw("GET", "/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    metrics = parse(answer.body.decode())
    seen = set()
    for name, (what, _, samples) in metrics.items():
        if what == "histogram":
            check_histogram(name, samples)
        assert (what == "counter") == name.endswith("_total"), name
        for sample, labels, value in samples:
            assert (sample, labels) not in seen
            seen.add((sample, labels))
            assert what == "gauge" or value >= 0
    assert ("takt_queue_tasks", (("queue", kind), ("state", "leased"))) in seen
    assert any(n == "takt_http_requests_total" and ("route", "/v1/tasks") in labels for n, labels in seen)
    client.complete(lease)


def test_the_metrics_page_says_what_there_is(fresh, kind):
    client = fresh.client
    client.submit(kind)
    client.raw("POST", "/v1/tasks/task_0000000000001/cancel", body={})  # one refusal
    metrics = parse(client.raw("GET", "/metrics").body.decode())
    rows = re.findall(r"(?m)^\| `(\w+)` \| (\w+) \| ([^|]*) \| ([^|]+) \|$", METRICS.read_text())
    said = {name: (what, sorted(re.findall(r"`(\w+)`", labels)), text) for name, what, labels, text in rows}
    assert len(said) == len(rows)
    there = {}
    for name, (what, text, samples) in metrics.items():
        labels = sorted({k for _, pairs, _ in samples for k, _ in pairs} - {"le"})
        there[name] = (what, labels, text)
    assert said == there


def test_a_thousand_queues_make_no_thousand_series(fresh, kind):
    client = fresh.client
    tasks = [{"kind": f"{kind}.{i}"} for i in range(120)]
    client.post("/v1/tasks/batch", {"tasks": tasks}, status=201)
    metrics = parse(client.raw("GET", "/metrics").body.decode())
    queues = [dict(labels)["queue"] for _, labels, _ in metrics["takt_queue_tasks"][2]]
    assert len(set(queues)) == 51 and queues[-1] == "(rest)"
    status = client.get("/v1/status")
    assert len(status["queues"]) == 50 and status["queues_rest"]["queues"] >= 70
    assert status["queues_rest"]["ready"] >= 70 and status["queues_rest"]["oldest_ms"] >= 0
    ages = [q["oldest_ms"] if q["oldest_ms"] is not None else -1 for q in status["queues"]]
    assert ages == sorted(ages, reverse=True)


def test_status_counts_what_happens(fresh, kind):
    client = fresh.client
    before = client.get("/v1/status")
    client.submit(kind)
    client.submit(kind, priority=5)
    lease = client.lease_one(kind)
    [mine] = [q for q in client.get("/v1/status")["queues"] if q["name"] == kind]
    assert (mine["ready"], mine["leased"], mine["ended_today"]) == (1, 1, 0) and mine["oldest_ms"] >= 0
    client.complete(lease)
    after = client.get("/v1/status")
    [mine] = [q for q in after["queues"] if q["name"] == kind]
    assert (mine["ready"], mine["leased"], mine["ended_today"]) == (1, 0, 1)
    assert after["tasks"]["submitted"] == before["tasks"]["submitted"] + 2
    assert after["tasks"]["succeeded"] == before["tasks"]["succeeded"] + 1
    assert after["engine"]["commits"] > before["engine"]["commits"] and after["engine"]["commit_ms"]["p99"] > 0
    assert after["agents"]["known"] == after["agents"]["live"] == 1
    assert after["last_event"] >= before["last_event"] + 4
    assert after["process"]["fds"] > 0 and after["store"]["free_bytes"] > 0
    client.complete(client.lease_one(kind))


def test_refusals_are_counted_by_code(client):
    def refused():
        samples = parse(client.raw("GET", "/metrics").body.decode())["takt_engine_refused_total"][2]
        return {dict(labels)["code"]: value for _, labels, value in samples}.get("not_found", 0)
    before = refused()
    client.raw("POST", "/v1/tasks/task_0000000000001/cancel", body={})
    assert refused() == before + 1


def test_counters_count(client, kind):
    before = client.metric("takt_tasks_submitted_total")
    client.submit(kind)
    assert client.metric("takt_tasks_submitted_total") > before


@pytest.mark.parametrize("path", ["/healthz", "/v1/info", "/v1/tasks", "/v1/openapi.yaml", "/metrics"])
def test_head_is_get_without_a_body(client, path):
    answer = client.raw("HEAD", path)
    assert answer.status == 200 and int(answer.headers["content-length"]) > 0


def test_answers_are_not_to_be_guessed_or_stored(client):
    answer = client.raw("GET", "/v1/queues")
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["cache-control"] == "no-store"
