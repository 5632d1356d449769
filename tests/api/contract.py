"""src/api/openapi.yaml, read as the contract that it is: which operation a request meets, and
whether an answer is one that is written there."""

import functools
import json
import pathlib
import re

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = ROOT / "src/api/openapi.yaml"
METHODS = ("get", "head", "post", "put", "patch", "delete")


@functools.cache
def document():
    return yaml.load(FILE.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def resolve(node):
    """The thing a $ref points to; members beside the $ref win."""
    while isinstance(node, dict) and "$ref" in node:
        there = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            there = there[part]
        node = {**there, **{k: v for k, v in node.items() if k != "$ref"}}
    return node


class Operation:
    def __init__(self, method, template, item, node):
        self.method, self.template, self.node = method.upper(), template, node
        self.id = node["operationId"]
        self.parameters = [resolve(p) for p in item.get("parameters", []) + node.get("parameters", [])]
        self.is_open = node.get("security") == []
        parts = []
        for part in re.split(r"(\{\w+\})", template):
            is_rest = any(p.get("x-takt-rest") and part == "{%s}" % p["name"] for p in self.parameters)
            parts.append(".+" if is_rest else "[^/]+" if part.startswith("{") else re.escape(part))
        self.pattern = re.compile("".join(parts))

    def names(self, where):
        return [p["name"] for p in self.parameters if p["in"] == where]

    def body(self):
        """(media types, schema, example) of the request, or None."""
        if "requestBody" not in self.node:
            return None
        content = self.node["requestBody"]["content"]
        first = next(iter(content.values()))
        return list(content), first["schema"], first.get("example")


@functools.cache
def codes():
    """Text → name of each code there is."""
    return {text: name for name, text in re.findall(
        r'X\(([A-Z_]+), \w+, "(\w+)"\)', (ROOT / "src/base/base.h").read_text()) if name != "NONE"}


def see_codes(value):
    """Codes of problems stand at the top of an answer, or in a list of many."""
    if isinstance(value, dict):
        if value.get("code") in codes():
            codes_seen.add(value["code"])
        value = list(value.values())
    for part in value if isinstance(value, list) else []:
        see_codes(part)


@functools.cache
def operations():
    return [
        Operation(method, template, item, item[method])
        for template, item in document()["paths"].items()
        for method in METHODS
        if method in item
    ]


def operation(operation_id):
    return next(o for o in operations() if o.id == operation_id)


def find(method, path):
    """The operation, exact paths first.  HEAD is answered wherever GET is."""
    found = [o for o in operations() if o.pattern.fullmatch(path)]
    for wanted in (method, "GET" if method == "HEAD" else method):
        of_method = [o for o in found if o.method == wanted]
        if of_method:
            return min(of_method, key=lambda o: o.template.count("{"))
    return None


def validator(schema):
    whole = {**schema, "components": document()["components"]}
    return jsonschema.Draft202012Validator(whole)


def errors(schema, value):
    return [f"{'/'.join(map(str, e.absolute_path)) or '(whole)'}: {e.message[:300]}"
            for e in validator(schema).iter_errors(value)]


GATE = {400: "Invalid", 403: "Denied", 404: "NotFound", 405: "MethodNotAllowed", 413: "TooLarge"}
exercised = set()  # (operation id, status) of this process
codes_seen = set()  # of the table in src/base/base.h


def media_spec(response, content_type):
    content = response.get("content", {})
    media = content_type.split(";")[0].strip().lower()
    return content.get(media) or content.get("*/*")


def is_of_the_gate(status, body):
    """Refused before it was a request: such an answer has no request id."""
    return status in (400, 413) and b'"request_id"' not in body


def check_headers(response, headers, is_gate):
    for name, spec in response.get("headers", {}).items():
        spec = resolve(spec)
        value = headers.get(name.lower())
        may_miss = not spec.get("required") or (is_gate and name == "X-Request-Id")
        assert value is not None or may_miss, f"the header {name} is missing"
        if value is not None:
            assert not errors(spec["schema"], value), (name, value)


def check_body(response, is_head, headers, body):
    if is_head:
        assert body == b""
        return
    if "content" not in response:
        assert body == b"", "a body that is not documented"
        return
    content_type = headers.get("content-type", "")
    spec = media_spec(response, content_type)
    assert spec, f"{content_type!r} is not documented; {list(response['content'])} are"
    if content_type.split(";")[0].endswith("json") and "format" not in spec["schema"]:
        value = json.loads(body)
        see_codes(value)
        wrong = errors(spec["schema"], value)
        assert not wrong, "\n".join([*wrong, body[:2000].decode()])


def check_answer(method, path, status, headers, body):
    """Fails on anything that is not documented."""
    op = find(method, path)
    if op is None:
        assert status in GATE, f"{method} {path}: {status} on a path that is not documented"
        response = resolve(document()["components"]["responses"][GATE[status]])
    else:
        exercised.add((op.id, status))
        assert str(status) in op.node["responses"], f"{op.id}: the status {status} is not documented\n{body[:500]}"
        response = resolve(op.node["responses"][str(status)])
    check_headers(response, headers, is_of_the_gate(status, body))
    check_body(response, method == "HEAD", headers, body)


def check_event(event):
    wrong = errors({"$ref": "#/components/schemas/Event"}, event)
    assert not wrong, (wrong, event)
