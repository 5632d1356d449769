"""Every body, every member, every limit, spoilt in every way that the contract names.

The cases are made from openapi.yaml: each is a 4xx problem with the code and the pointer of
the place, and what stands exactly at a limit is no such problem.
"""

import json

import pytest

import contract

IDS = {"task": "task_01m6wq7ze4001", "run": "run_01m6wq7ze4001", "art": "art_01m6wq7ze4001",
       "bak": "bak_01m6wq7ze4001"}
FIELD_CODES = {"field_type", "field_range", "field_missing", "field_unknown"}
WRONG_TYPES = {"boolean": True, "integer": 7, "number": 1.5, "string": "no", "array": [], "object": {}}
SAMPLES = {"run_at": "2030-01-02T03:04:05Z", "deadline_at": "2030-01-02T03:04:05Z", "path": "a/b", "run": IDS["run"], "code": "x"}


def path_of(op):
    nouns = {"/runs/": "run", "/artifacts/": "art", "/backups/": "bak"}
    prefix = next((p for noun, p in nouns.items() if noun in op.template), "task")
    template = op.template.replace("/queues/{name}", "/queues/spoilt").replace("/agents/{name}", "/agents/spoilt")
    return template.replace("{id}", IDS[prefix])


def types_of(schema):
    types = schema.get("type", [])
    return {types} if isinstance(types, str) else set(types)


def sample(name, schema):
    schema = contract.resolve(schema)
    types = types_of(schema)
    if name in SAMPLES:
        return SAMPLES[name]
    if "enum" in schema:
        return schema["enum"][0]
    if types & {"integer", "number"}:
        return max(schema.get("minimum", 1), min(1, schema.get("maximum", 1)))
    if "boolean" in types:
        return False
    if "string" in types:
        return "a" * max(1, schema.get("minLength", 1))
    if "array" in types:
        return [sample("", schema.get("items", {}))] * schema.get("minItems", 1)
    if "object" in types:
        return {n: sample(n, schema["properties"][n]) for n in schema.get("required", [])}
    return "any"


class Duplicate(dict):
    """Written with its member `twice` twice."""

    def __init__(self, members, twice):
        super().__init__(members)
        self.twice = twice


def write(value):
    if isinstance(value, dict):
        members = [(k, v) for k, v in value.items()]
        if isinstance(value, Duplicate):
            members.append((value.twice, value[value.twice]))
        return "{%s}" % ",".join(json.dumps(k) + ":" + write(v) for k, v in members)
    if isinstance(value, list):
        return "[%s]" % ",".join(map(write, value))
    return json.dumps(value)


def wrong_types(schema):
    types = types_of(schema)
    if "number" in types:
        types = types | {"integer"}
    if not types or "enum" in schema:
        return
    for name, value in WRONG_TYPES.items():
        if name not in types:
            yield f"is {name}", value, {"field_type"}


def long_list(items, n):
    """n items, all different when they are texts."""
    item = sample("", items)
    return [f"k{i}" if isinstance(item, str) else item for i in range(n)]


def beyond(schema):
    """One step behind each limit."""
    types = types_of(schema)
    size_codes = {"field_range", "bad_id"} if schema.get("pattern", "").startswith("^run_") else {"field_range"}
    if "minimum" in schema:
        yield "below", schema["minimum"] - 1, {"field_range"}
    if "maximum" in schema:
        yield "above", schema["maximum"] + 1, {"field_range"}
    if types & {"integer"}:
        yield "huge", 10**30, {"field_type", "field_range"}
    if "string" in types and "maxLength" in schema:
        yield "long", "a" * (schema["maxLength"] + 1), size_codes
    if schema.get("minLength", 0) > 0:
        yield "short", "a" * (schema["minLength"] - 1), size_codes
    if "pattern" in schema:
        yield "other bytes", "\u00e9" * max(1, schema.get("minLength", 1) // 2), {"field_range", "bad_id"}
        yield "NUL", "\0" * max(1, schema.get("minLength", 1)), {"field_range", "bad_id"}
    if "maxItems" in schema:
        yield "many", long_list(schema["items"], schema["maxItems"] + 1), {"field_range"}
    if schema.get("minItems", 0) > 0:
        yield "few", [], {"field_range"}
    if schema.get("uniqueItems"):
        yield "listed twice", ["same", "same"], {"field_range"}
    if "x-max-bytes" in schema:
        over = "x" * (schema["x-max-bytes"] - 1)
        yield "fat", {"x": over} if "object" in types else over, {"field_range", "json_limit", "too_large"}


def at_limit(schema):
    types = types_of(schema)
    if types & {"integer", "number"}:
        for limit in ("minimum", "maximum"):
            if limit in schema and schema[limit] != 60_000:  # the longest poll: it would be one
                yield limit, schema[limit]
    if "string" in types and "maxLength" in schema and schema.get("format") != "date-time":
        yield "maxLength", "a" * schema["maxLength"]
    if "maxItems" in schema:
        yield "maxItems", long_list(schema["items"], schema["maxItems"])
    if "x-max-bytes" in schema and "object" not in types:
        yield "x-max-bytes", "x" * (schema["x-max-bytes"] - 2)


def spoil(schema, value, pointer=""):
    """(what, spoilt value, codes, pointer) of this value and all below it."""
    schema = contract.resolve(schema)
    for what, wrong, codes in [*wrong_types(schema), *beyond(schema)]:
        yield what, wrong, codes, f"{pointer}/1" if what == "listed twice" else pointer
    if "properties" in schema and isinstance(value, dict):
        yield from spoil_object(schema, value, pointer)
    if "items" in schema and isinstance(value, list):
        item = value[0] if value else sample("", schema["items"])
        for what, wrong, codes, place in spoil(schema["items"], item, f"{pointer}/0"):
            yield what, [wrong, *value[1:]], codes, place
        yield "null inside", [None], {"field_type"}, f"{pointer}/0"


def spoil_object(schema, value, pointer):
    yield "unknown", {**value, "zz~/z": 1}, {"field_unknown"}, f"{pointer}/zz~0~1z"
    for name, inner in schema["properties"].items():
        inner = contract.resolve(inner)
        given = value.get(name, sample(name, inner))
        place = f"{pointer}/{name}"
        whole = {**value, name: given}
        yield "twice", Duplicate(whole, name), {"json_syntax"}, None
        if name in schema.get("required", []):
            yield "missing", {k: v for k, v in value.items() if k != name}, {"field_missing"}, place
            if types_of(inner) or "enum" in inner:  # else null is a value
                yield "null", {**value, name: None}, {"field_missing"}, place
        for what, wrong, codes, where in spoil(inner, given, place):
            yield what, {**value, name: wrong}, codes, where


def good(schema, value, pointer=""):
    """(what, value) exactly at the limits, and null for what may be absent."""
    schema = contract.resolve(schema)
    for what, fine in at_limit(schema):
        yield f"{pointer} {what}", fine
    if "properties" in schema and isinstance(value, dict):
        for name, inner in schema["properties"].items():
            inner = contract.resolve(inner)
            given = value.get(name, sample(name, inner))
            if name not in schema.get("required", []):
                yield f"{pointer}/{name} null", {**value, name: None}
            for what, fine in good(inner, given, f"{pointer}/{name}"):
                yield what, {**value, name: fine}
    if "items" in schema and isinstance(value, list) and value:
        for what, fine in good(schema["items"], value[0], f"{pointer}/0"):
            yield what, [fine, *value[1:]]


def bodies():
    """Operations with a JSON body described member by member, and a good body."""
    for op in contract.operations():
        if op.body() and "application/json" in op.body()[0]:
            yield op, *op.body()[1:]


def cases(make):
    for op, schema, example in bodies():
        if op.id in ("putWorkflow", "checkWorkflow"):
            continue  # its own language: bad_workflow, see below
        if "wait_ms" in example:
            example = {**example, "wait_ms": 0}
        for i, case in enumerate(make(schema, example)):
            yield pytest.param(op, *case, id=f"{op.id}-{i}-{case[0]}"[:90].replace("\0", ""))


@pytest.mark.parametrize("op,what,body,codes,pointer", cases(spoil))
def test_spoilt_members(client, op, what, body, codes, pointer):
    problem = client.refused(op.method, path_of(op), write(body).encode(), {"Content-Type": "application/json"})
    assert problem["code"] in codes, problem
    if problem["code"] in ("json_limit", "too_large") and "pointer" not in problem:
        return  # the body as a whole
    if pointer is not None:
        assert problem.get("pointer", "") == pointer, problem
    assert len(problem["detail"]) > 8


@pytest.mark.parametrize("op,what,body", cases(good))
def test_at_the_limit_is_fine(client, op, what, body):
    headers = {"Content-Type": "application/json"}
    answer = client.raw(op.method, path_of(op), write(body).encode(), headers)
    assert answer.status < 500
    if answer.status >= 400:
        assert answer.json["code"] not in FIELD_CODES | {"json_limit", "too_large"}, answer


def workflow_cases():
    _, schema, example = next(b for b in bodies() if b[0].id == "putWorkflow")
    schema = contract.resolve(schema)
    example = {**example, "name": "spoilt"}
    for case in spoil(schema, example):
        yield case
    step_schema = schema["properties"]["steps"]["additionalProperties"]
    work = {"kind": "k", "workflow": "w", "wait": {"event": "e", "timeout_ms": 9}, "approve": {"prompt": "p", "expires_ms": 9}}
    for name, value in work.items():
        known = {n: s for n, s in step_schema["properties"].items() if n == name or name == "kind" and n not in work}
        for what, wrong, codes, pointer in spoil({**step_schema, "properties": known}, {name: value}, "/steps/one"):
            yield f"{name} step {what}", {"name": "spoilt", "steps": {"one": wrong}}, codes, pointer
    for name in ("wait", "approve"):
        inner = step_schema["properties"][name]
        known = {n: s for n, s in inner["properties"].items() if n not in ("timer_ms", "until")}
        for what, wrong, codes, pointer in spoil({**inner, "properties": known}, work[name], f"/steps/one/{name}"):
            yield f"{name} {what}", {"name": "spoilt", "steps": {"one": {name: wrong}}}, codes, pointer
    for what, wrong, codes, pointer in spoil(step_schema["properties"]["compensate"], {"kind": "u"}, "/steps/one/compensate"):
        yield f"compensate {what}", {"name": "spoilt", "steps": {"one": {"kind": "k", "compensate": wrong}}}, codes, pointer
    yield "many steps", {"name": "spoilt", "steps": {f"s{i}": {"kind": "k"} for i in range(201)}}, set(), "/steps"


@pytest.mark.parametrize("what,body,codes,pointer",
                         [pytest.param(*c, id=f"{i}-{c[0]}") for i, c in enumerate(workflow_cases())])
def test_spoilt_workflows(client, what, body, codes, pointer):
    problem = client.refused("POST", "/v1/workflows", write(body).encode(), {"Content-Type": "application/json"})
    assert problem["code"] in codes | {"bad_workflow", "bad_schema", "field_unknown"}, problem
    if pointer:
        assert problem.get("pointer", "").startswith(pointer.rsplit("/", 1)[0]), problem


DEEP = b"[" * 66 + b"]" * 66
BROKEN = {
    "empty": (b"", "json_syntax"),
    "blank": (b" \n", "json_syntax"),
    "cut": (b'{"kind":', "json_syntax"),
    "word": (b"nonsense", "json_syntax"),
    "list": (b"[]", "field_type"),
    "null": (b"null", "field_type"),
    "text": (b'"x"', "field_type"),
    "two": (b"{}{}", "json_syntax"),
    "comma": (b'{"a":1,}', "json_syntax"),
    "comment": (b"{} // x", "json_syntax"),
    "single": (b"{'a':1}", "json_syntax"),
    "utf8": (b'{"zz":"\xff"}', "invalid_utf8"),
    "overlong": (b'{"zz":"\xc0\xaf"}', "invalid_utf8"),
    "surrogate": (b'{"zz":"\\ud800"}', "invalid_utf8"),
    "bom": (b"\xef\xbb\xbf{}", "json_syntax"),
    "utf16": ('{"a":1}'.encode("utf-16"), "json_syntax"),
    "control": (b'{"zz":"\x01"}', "json_syntax"),
    "deep": (b'{"zz":' + DEEP + b"}", "json_limit"),
    "NaN": (b'{"zz":NaN}', "json_syntax"),
    "NUL key": (b'{"\\u0000":1}', "json_syntax"),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("op", [b[0] for b in bodies()], ids=lambda o: o.id)
def test_broken_bodies(client, op, case):
    body, code = BROKEN[case]
    if not body.strip() and not op.node["requestBody"]["required"]:
        body, code = b"{", "json_syntax"
    allowed = {code, "bad_workflow"} if op.id in ("putWorkflow", "checkWorkflow") else {code}
    problem = client.refused(op.method, path_of(op), body, {"Content-Type": "application/json"})
    assert problem["code"] in allowed, problem


@pytest.mark.parametrize("op", [o for o in contract.operations() if o.body()], ids=lambda o: o.id)
@pytest.mark.parametrize("media", [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                                   "application/jsonx", "application/json application/yaml", "json"])
def test_other_media_types(client, op, media):
    headers = {"Content-Type": media} if media is not None else {}
    path = path_of(op).replace("{sha256}", "0" * 64)
    client.refused(op.method, path, b'{"a":1}', headers, status=415, code="unsupported_media_type",
                   pointer="Content-Type")


@pytest.mark.parametrize("op", [o for o in contract.operations() if o.body() and o.id != "putBlob"],
                         ids=lambda o: o.id)
def test_oversized_bodies(client, op):
    """Refused by the head alone: nothing of the body is read."""
    for size in ((32 << 20) + 1, 1 << 40, 1 << 63):
        c = client.connection()
        c.putrequest(op.method, path_of(op))
        for header in {**client.headers({}), "Content-Type": "application/json", "Content-Length": size}.items():
            c.putheader(*map(str, header))
        c.endheaders()
        r = c.getresponse()
        assert r.status == 413 or (size == 1 << 63 and r.status == 400)
        assert json.loads(r.read())["code"] in ("too_large", "bad_request")
        c.close()


@pytest.mark.parametrize("op", [o for o in contract.operations() if not o.body() and o.method != "HEAD"],
                         ids=lambda o: o.id)
def test_bodies_where_none_belongs(client, op):
    path = path_of(op).replace("{name}", "x").replace("{path}", "x")
    client.refused(op.method, path, b'{"a":1}', {"Content-Type": "application/json"}, status=413, code="too_large")


PATHS = sorted({o.template for o in contract.operations()})


@pytest.mark.parametrize("path", PATHS)
def test_other_methods(client, path):
    known = {o.method for o in contract.operations() if o.pattern.fullmatch(path)}
    known |= {"HEAD"} if "GET" in known else set()
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"} - known:
        answer = client.raw(method, path)
        if answer.status == 400:  # the gate knows no such method at all
            continue
        assert answer.status == 405 and answer.json["code"] == "method_not_allowed", (method, answer)
        assert set(answer.headers["allow"].split(", ")) == known


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/", "/v2/tasks", "/v1/task", "/v1/tasks/", "/v1//tasks", "/V1/tasks",
                                  "/v1/tasks/x/y/z", "/v1/openapi.json", "/index.html", "/v1/artifacts/x/files",
                                  "/v1/artifacts//zip", "/healthz/", "/v1/%74asks", "/..", "/v1/../metrics"])
def test_unknown_paths(client, path):
    client.refused("GET", path, status=404, code="not_found")


def with_ids():
    for op in contract.operations():
        if "{id}" in op.template:
            yield pytest.param(op, path_of(op).replace("{path}", "x").replace("{name}", "x"), id=op.id)


BODIES = {op.id: json.dumps(example).encode() for op, _, example in bodies()}


@pytest.mark.parametrize("op,path", with_ids())
def test_unknown_and_wrong_ids(client, op, path):
    headers = {"Content-Type": "application/json"} if op.id in BODIES else {}
    body = BODIES.get(op.id)
    client.refused(op.method, path, body, headers, status=404, code="not_found")
    right = next(i for i in IDS.values() if i in path)
    others = [i for i in IDS.values() if i != right]
    for wrong in [*others, "x", right[:-1], right + "0", right.upper(), right[:-1] + "u", right.replace("_0", "_8"),
                  "1", "-1", "%20", "%00", "%ff", right.split("_")[0] + "_" + "0" * 13, "%F0%9F%90%9D"]:
        problem = client.refused(op.method, path.replace(right, wrong), body, headers, status=400)
        assert (problem["code"], problem.get("pointer")) in [("bad_id", "{id}"), ("bad_request", None)], problem


def query_cases():
    for op in contract.operations():
        if op.method != "GET" or "{" in op.template.replace("{name}", ""):
            continue
        path = op.template.replace("{name}", "x")
        yield op.id, f"{path}?zz=1", "field_unknown", "?zz"
        yield op.id, f"{path}?zz", "field_unknown", "?zz"
        for p in op.parameters:
            if p["in"] != "query":
                continue
            name, schema = p["name"], contract.resolve(p["schema"])
            yield op.id, f"{path}?{name}=1&{name}=1", "bad_request", f"?{name}"
            yield op.id, f"{path}?{name}=%zz", "bad_request", f"?{name}"
            yield op.id, f"{path}?{name}=%ff", "bad_request", f"?{name}"
            if "integer" in types_of(schema):
                for value in ("", "x", "1.5", "1e2", "0x1", " 1", "+1", "9" * 30, schema["minimum"] - 1,
                              schema["maximum"] + 1):
                    yield op.id, f"{path}?{name}={str(value).replace(' ', '%20').replace('+', '%2B')}", "field_range", f"?{name}"
            elif "enum" in schema:
                for value in ("", "x", schema["enum"][0].upper()):
                    yield op.id, f"{path}?{name}={value}", "field_range", f"?{name}"
            elif "maxLength" in schema and name != "cursor":
                for value in ("", "a" * (schema["maxLength"] + 1)):
                    yield op.id, f"{path}?{name}={value}", "field_range", f"?{name}"
            elif name == "run":
                for value in ("", "x", IDS["task"], "run_0000000000000", IDS["run"] + "0"):
                    yield op.id, f"{path}?{name}={value}", "bad_id", f"?{name}"
            elif name == "cursor":
                names = ("listWorkflows", "listQueues", "listAgents")
                ids = () if op.id in names else (IDS["task"], "cur_0000000000000x")  # there it is a name
                words = () if op.id in ("listQueues", "listAgents") else ("-", "1")
                long = "A" * (201 if op.id == "listAgents" else 99)
                for value in ("", long, *words, *ids):
                    yield op.id, f"{path}?{name}={value}", "bad_cursor", f"?{name}"


@pytest.mark.parametrize("path,code,pointer", [pytest.param(*c[1:], id=f"{i}-{c[0]}") for i, c in enumerate(query_cases())])
def test_bad_queries(client, path, code, pointer):
    client.refused("GET", path, status=400, code=code, pointer=pointer)


def query_limits():
    """What stands exactly at a limit."""
    for op in contract.operations():
        if op.method != "GET" or "{" in op.template:
            continue
        for p in op.parameters:
            schema = contract.resolve(p["schema"])
            if p["in"] != "query" or p["name"] in ("cursor", "after"):  # places in what is there
                continue
            values = [schema[w] for w in ("minimum", "maximum") if w in schema] + schema.get("enum", [])
            values += ["a" * schema[w] for w in ("minLength", "maxLength") if w in schema]
            for value in values:
                text = value if p["name"] != "label" else value[:63] + ":" * (len(value) > 63) + value[64:]
                yield pytest.param(f"{op.template}?{p['name']}={text}", id=f"{op.id}-{p['name']}-{str(value)[:20]}")


@pytest.mark.parametrize("path", query_limits())
def test_queries_at_the_limit_are_fine(client, path):
    assert client.raw("GET", path).status == 200


def paths_with(name):
    for op in contract.operations():
        if "{%s}" % name in op.template:
            yield pytest.param(op, id=op.id)


# Bytes that a segment of a path may have when they are encoded; what a name may not have.
SEGMENTS = ["%00", "%ff", "%c0%af", "%1f", "%7f", "%0a", "%zz", "%2", "a" * 201, "..%2f..%2fetc", "%F0%9F%90%9D" * 60]


def spoilt(client, op, path):
    """No such thing, or no such name; never an answer, never a failure of the server."""
    media = op.body()[0][0] if op.body() else None
    body = {"application/json": BODIES.get(op.id, b"{}"), None: None}.get(media, b"x")
    answer = client.raw(op.method, path, body, {"Content-Type": media} if media else {})
    if op.method == "HEAD":
        assert answer.status in (400, 404), (path, answer)
        return None
    assert answer.status in (400, 404), (path, answer)
    assert len(answer.json["detail"]) > 8
    return answer.json


@pytest.mark.parametrize("op", paths_with("name"))
def test_wrong_names_in_paths(client, op):
    template = path_of(op) if "{id}" in op.template else op.template
    for segment in SEGMENTS:
        if "/agents/" not in op.template or "%2f" not in segment:  # the name of an agent may be so
            spoilt(client, op, template.replace("{name}", segment))
    if "/queues/" in op.template:
        for segment in ("UPPER", "a b".replace(" ", "%20"), "a" * 101, "caf%C3%A9", "a;b", "a%22"):
            problem = spoilt(client, op, template.replace("{name}", segment))
            assert (problem["code"], problem["detail"][:19]) == ("not_found", "a queue has a name "), problem


@pytest.mark.parametrize("op", paths_with("sha256"))
def test_wrong_hashes_in_paths(client, op):
    for segment in [*SEGMENTS, "0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 63 + "%30%30"]:
        problem = spoilt(client, op, op.template.replace("{sha256}", segment))
        assert problem is None or problem["code"] in ("bad_id", "bad_request", "not_found"), problem


@pytest.mark.parametrize("op", paths_with("path"))
def test_wrong_files_in_paths(client, op):
    for segment in [*SEGMENTS, "../../etc/passwd", "./x", "x/../y", "/x", "x//y", "C:%5Cx", "x%00.txt"]:
        spoilt(client, op, path_of(op).replace("{path}", segment))


def header_cases():
    for op in contract.operations():
        for p in op.parameters:
            if p["in"] != "header" or p["name"] == "Accept":
                continue
            schema = contract.resolve(p["schema"])
            values = ["\x7f", "caf\xe9", "a b"]
            if "maxLength" in schema:
                values.append("k" * (schema["maxLength"] + 1))
            if p["name"] == "Last-Event-ID":
                values += ["-1", "1.5", "9" * 14, "0x1"]
            for value in values:
                yield pytest.param(op, p["name"], value, id=f"{op.id}-{p['name']}-{value[:8]!r}")


@pytest.mark.parametrize("op,name,value", header_cases())
def test_wrong_headers(client, op, name, value):
    headers = {name: value, "Accept": "text/event-stream" if name == "Last-Event-ID" else "*/*", **({"Content-Type": "application/json"} if op.id in BODIES else {})}
    problem = client.refused(op.method, path_of(op).replace("{name}", "x"), BODIES.get(op.id), headers, status=400)
    assert problem["code"] in ("field_range", "bad_request", "bad_cursor"), problem


def test_a_header_at_its_limit_is_fine(client):
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k" * 200}
    assert client.raw("POST", "/v1/tasks", b'{"kind": "spoilt"}', headers).status == 201


def test_queries_where_none_belong(client):
    for op in contract.operations():
        path = path_of(op).replace("{sha256}", "0" * 64).replace("{name}", "x").replace("{path}", "x")
        if op.method != "HEAD":
            client.refused(op.method, path + "?zz=1", status=400, code="field_unknown", pointer="?zz")


def test_the_server_is_still_the_same(server, client):
    """Nothing above has killed it: the process is the one that was started, and nothing failed."""
    assert client.get("/v1/info")["pid"] and server.process.poll() is None
    assert "a request failed" not in server.log() or "damaged" in server.log()
    assert client.metric("takt_store_commits_total") >= 1
