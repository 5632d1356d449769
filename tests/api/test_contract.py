"""The contract and the code say the same: routes, roles, parameters, codes, limits."""

import base64
import hashlib
import json
import re

import pytest

import contract
from contract import ROOT

ROUTE = re.compile(r"\{\s*HTTP_(\w+),\s*\"([^\"]+)\",\s*(\w+),(.*?)\}", re.S)


def routes():
    text = (ROOT / "src/api/route.c").read_text()
    table = text[text.index("const struct route routes[]"):]
    table = re.sub(r"/\*.*?\*/", "", table[:table.index("\n};")], flags=re.S)
    # The ends of "{id}" inside strings are not those of a row.
    table = re.sub(r'"[^"]*"', lambda m: m.group(0).replace("}", "\1").replace("{", "\2"), table)
    found = {}
    for method, path, _, rest in ROUTE.findall(table):
        path = path.replace("\1", "}").replace("\2", "{").replace("...}", "}")
        found[method, path] = rest
    assert len(found) == table.count("HTTP_")
    return found


def test_every_route_is_documented_and_every_operation_exists():
    assert set(routes()) == {(o.method, o.template) for o in contract.operations()}


@pytest.mark.parametrize("op", contract.operations(), ids=lambda o: o.id)
def test_role_openness_and_query_are_those_of_the_route(op):
    row = routes()[op.method, op.template]
    query = re.search(r'\.query = "([^"]*)"', row)
    assert f"ROLE_{op.node['x-takt-role'].upper()}" in row
    assert op.is_open == (".is_open = true" in row)
    assert sorted(op.names("query")) == sorted(query.group(1).split() if query else [])
    assert (op.body() is not None) == (".body_max" in row)


def test_operation_ids_are_unique_and_everything_is_described():
    ids = [o.id for o in contract.operations()]
    assert len(ids) == len(set(ids))
    for o in contract.operations():
        assert o.node["summary"] and o.node["description"] and o.node["tags"], o.id


def examples():
    for o in contract.operations():
        for media, spec in o.node.get("requestBody", {}).get("content", {}).items():
            if "example" in spec:
                yield f"{o.id} request {media}", spec
        for status, response in o.node["responses"].items():
            for media, spec in contract.resolve(response).get("content", {}).items():
                yield f"{o.id} {status} {media}", spec


@pytest.mark.parametrize("spec", [pytest.param(s, id=n) for n, s in examples()])
def test_examples_fit_their_schemas(spec):
    assert "example" in spec
    assert contract.errors(spec["schema"], spec["example"]) == []


def objects(node, path=""):
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            yield path, node
        for key, value in node.items():
            yield from objects(value, f"{path}/{key}")
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from objects(value, f"{path}/{i}")


def test_objects_are_closed_and_required_members_exist():
    for path, node in objects(contract.document()):
        if "/allOf/" in path:
            continue
        assert node.get("additionalProperties") is False, path
        assert set(node.get("required", [])) <= set(node["properties"]), path


def test_codes_are_those_of_the_code():
    table = (ROOT / "src/base/base.h").read_text()
    known = set(re.findall(r'X\(\w+, \w+, "(\w+)"\)', table))
    codes = contract.document()["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert set(codes) <= known and len(codes) == len(set(codes))
    # Those that only a command line, a maker or a step of a run gives.
    assert known - set(codes) == {
        "none", "bad_config", "brief_too_short", "brief_too_long", "brief_not_text", "nothing_to_ask",
        "check_failed", "data_folder_held", "schema_newer", "port_taken", "output_too_large", "too_deep",
        "no_server"}


def test_types_of_events_are_those_of_the_code():
    source = "".join(p.read_text() for folder in ("queue", "flow", "artifact", "store")
                     for p in (ROOT / "src" / folder).glob("*.c"))
    known = set(re.findall(r'"((?:task|queue|events|run|workflow|artifact|agent)\.[a-z_]+)"', source))
    event = contract.document()["components"]["schemas"]["Event"]
    assert set(event["properties"]["type"]["enum"]) == known
    described = [t for rule in event["allOf"] for t in rule["if"]["properties"]["type"]["enum"]]
    assert sorted(described) == sorted(known)


def test_the_served_contract_is_the_file(client):
    answer = client.raw("GET", "/v1/openapi.yaml", headers={"Authorization": None})
    assert answer.body == contract.FILE.read_bytes()


def test_the_page_of_the_contract_has_every_operation_and_loads_nothing(client):
    answer = client.raw("GET", "/docs", headers={"Authorization": None})
    page = answer.body.decode()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for operation in contract.operations():
        assert f'<article id="{operation.id}" ' in page
    for name, schema in contract.document()["components"]["schemas"].items():
        assert ("properties" not in schema) or f'id="schema-{name}"' in page
    ids, links = re.findall(r' id="([^"]+)"', page), re.findall(r' href="#([^"]+)"', page)
    assert len(ids) == len(set(ids)) and set(links) <= set(ids)
    assert not re.search(r'(src|href)="(?!#)|url\(|@import|style="| on[a-z]+="', page)
    policy = answer.headers["content-security-policy"]
    for tag, name in (("style", "style-src"), ("script", "script-src")):
        source = re.search(f"<{tag}>(.*?)</{tag}>", page, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy


def test_the_guide_to_the_api_names_every_operation():
    guide = (ROOT / "docs/reference/api.md").read_text()
    for o in contract.operations():
        assert f"`{o.method} {o.template}`" in guide, f"{o.id} is missing"
    for method, path in re.findall(r"\| `([A-Z]+) (/[^`]*)` \|", guide):
        assert any((o.method, o.template) == (method, path) for o in contract.operations()), f"{method} {path} is no more"


def test_limits_of_info_are_those_of_the_schemas(client):
    limits = client.get("/v1/info")["limits"]
    schemas = contract.document()["components"]["schemas"]
    batch = contract.operation("submitTasks").body()[1]["properties"]["tasks"]
    files = contract.operation("createArtifact").body()[1]["properties"]["files"]
    assert limits == {
        "input_bytes": schemas["TaskInput"]["x-max-bytes"],
        "output_bytes": contract.operation("completeTask").body()[1]["properties"]["output"]["x-max-bytes"],
        "batch_tasks": batch["maxItems"],
        "lease_kinds": schemas["Kinds"]["maxItems"],
        "lease_tasks": schemas["LeaseMax"]["maximum"],
        "lease_wait_ms": schemas["LeaseAsk"]["properties"]["wait_ms"]["maximum"],
        "lease_ms_max": schemas["LeaseMs"]["maximum"],
        "workflow_steps": schemas["Workflow"]["properties"]["steps"]["maxProperties"],
        "each_items": limits["each_items"],
        "blob_bytes": schemas["BlobStored"]["properties"]["size"]["maximum"],
        "artifact_files": files["maxItems"],
    }


def test_a_client_that_is_told_something_else_would_notice():
    """The check itself: it finds what is not documented."""
    good = {"id": "task_01m6wq7ze4001", "state": "ready", "duplicate": False}
    headers = {"content-type": "application/json", "x-request-id": "r"}

    def check(status=201, headers=headers, **change):
        contract.check_answer("POST", "/v1/tasks", status, headers, json.dumps({**good, **change}).encode())

    check()
    for wrong in ({"id": "task_1"}, {"more": 1}, {"duplicate": None}, {"status": 202},
                  {"headers": {"content-type": "text/plain", "x-request-id": "r"}},
                  {"headers": {"content-type": "application/json"}}):
        with pytest.raises(AssertionError):
            check(**wrong)
