"""What the server says of itself."""

import re

import pytest

SAMPLE = re.compile(r'([a-z_]+)(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? (-?[0-9.e+]+|\+Inf)')


def test_health_needs_no_key(server, client):
    for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
        answer = client.raw("GET", path, headers={"Authorization": None})
        assert answer.status == 200 and answer.json == {"status": status}


def test_info(server):
    over_tcp, over_unix = server.client.get("/v1/info"), server.unix.get("/v1/info")
    assert over_unix.pop("data_folder") == str(server.folder)
    assert over_unix == over_tcp and "data_folder" not in over_tcp


def test_metrics_are_prometheus_text(client, kind):
    client.submit(kind)
    lease = client.lease_one(kind)
    answer = client.raw("GET", "/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    types, seen = {}, set()
    for line in answer.body.decode().splitlines():
        if line.startswith("# TYPE "):
            _, _, name, what = line.split()
            assert name not in types
            types[name] = what
        elif not line.startswith("# HELP "):
            m = SAMPLE.fullmatch(line)
            assert m, line
            name = re.sub("_(bucket|sum|count)$", "", m[1])
            assert m[1] in types or types[name] == "histogram", line
            assert (m[1], m[2]) not in seen, line
            seen.add((m[1], m[2]))
    assert ("takt_queue_tasks", '{kind="%s",state="leased"}' % kind) in seen
    assert any(n == "takt_http_requests_total" and 'route="/v1/tasks"' in (labels or "") for n, labels in seen)
    client.complete(lease)


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
