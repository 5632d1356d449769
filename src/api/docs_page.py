#!/usr/bin/env python3
"""Makes the page of GET /docs from openapi.yaml: one HTML file that loads nothing.

    docs_page.py OUTPUT.c openapi.yaml

OUTPUT.c holds the page, and the Content-Security-Policy that allows its style and script and
nothing else, by their hashes.  Everything is there without the script; it adds a search and
"try it".
"""
import base64
import hashlib
import html
import json
import pathlib
import re
import sys

import yaml

HERE = pathlib.Path(__file__).parent
METHODS = ("get", "head", "put", "post", "patch", "delete")


def text(words):
    """Prose: paragraphs, `code` and **strong** words, nothing else."""
    parts = html.escape(words.strip()).split("`")
    marked = "".join(f"<code>{p}</code>" if i % 2 else strong(p) for i, p in enumerate(parts))
    return "".join(f"<p>{p}</p>" for p in marked.split("\n\n"))


def strong(words):
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", words)


def line(words):
    return text(" ".join(words.split())).removeprefix("<p>").removesuffix("</p>")


class Page:
    def __init__(self, document):
        self.document = document
        self.out = []

    def add(self, *lines):
        self.out.extend(lines)

    def resolve(self, node):
        while "$ref" in node:
            at = self.document
            for name in node["$ref"].removeprefix("#/").split("/"):
                at = at[name]
            node = at
        return node

    # --- types ---

    def link(self, node):
        """The name of a schema that has a section of its own, as a link; else None."""
        ref = node.get("$ref", "")
        if not ref.startswith("#/components/schemas/"):
            return None
        name = ref.rsplit("/", 1)[1]
        return f'<a href="#schema-{name}">{name}</a>' if self.is_large(self.resolve(node)) else None

    @staticmethod
    def is_large(schema):
        return "properties" in schema

    def type_of(self, node):
        if link := self.link(node):
            return link
        s = self.resolve(node)
        if "const" in s:
            return f"<code>{html.escape(json.dumps(s['const']))}</code>"
        if "enum" in s:
            return " | ".join(f"<code>{html.escape(str(v))}</code>" for v in s["enum"])
        for word in ("oneOf", "anyOf"):
            if word in s:
                return " or ".join(self.type_of(option) for option in s[word])
        if s.get("type") == "array":
            return "array of " + self.type_of(s.get("items", {}))
        kind = s.get("type", "any JSON")
        return " or ".join(kind) if isinstance(kind, list) else kind

    @staticmethod
    def limits_of(s):
        words = []
        for low, high, unit in (("minimum", "maximum", ""), ("minLength", "maxLength", " bytes"),
                                ("minItems", "maxItems", " items")):
            if low in s and high in s:
                words.append(f"{s[low]} to {s[high]}{unit}")
            elif high in s:
                words.append(f"at most {s[high]}{unit}")
            elif low in s:
                words.append(f"at least {s[low]}{unit}")
        if "x-max-bytes" in s:
            words.append(f"at most {s['x-max-bytes']} bytes as written")
        if "pattern" in s:
            words.append(f"<code>{html.escape(s['pattern'])}</code>")
        if "default" in s:
            words.append(f"default <code>{html.escape(json.dumps(s['default']))}</code>")
        return ", ".join(words)

    def rows(self, schema, prefix=""):
        """A row for each member; those of members that have no section stand below them."""
        s = self.resolve(schema)
        for name, node in s.get("properties", {}).items():
            member = self.resolve(node)
            need = "required" if name in s.get("required", []) else ""
            words = {**member, **node}.get("description", "")
            self.add(f"<tr><td><code>{html.escape(prefix + name)}</code> <small>{need}</small></td>"
                     f"<td>{self.type_of(node)} <small>{self.limits_of(member)}</small></td>"
                     f"<td>{line(words) if words else ''}</td></tr>")
            if self.link(node):
                continue
            inner = self.resolve(member.get("items", member)) if member.get("type") == "array" else member
            if not self.link(member.get("items", {})) and "properties" in inner:
                self.rows(inner, prefix + name + ("[]." if inner is not member else "."))

    def table(self, schema):
        self.add('<div class="wide" tabindex="0"><table><thead><tr><th>member</th><th>type</th><th>meaning</th></tr>'
                 "</thead><tbody>")
        self.rows(schema)
        self.add("</tbody></table></div>")

    def shape(self, schema):
        s = self.resolve(schema)
        if link := self.link(schema):
            self.add(f"<p>{link}</p>")
        elif "properties" in s:
            self.table(s)
        else:
            self.add(f"<p>{self.type_of(schema)} <small>{self.limits_of(s)}</small></p>")

    def example(self, media):
        if "example" in media:
            value = media["example"]
            shown = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
            self.add(f'<pre tabindex="0">{html.escape(shown)}</pre>')

    # --- operations ---

    def parameters(self, item, operation):
        found = [self.resolve(p) for p in item.get("parameters", []) + operation.get("parameters", [])]
        if not found:
            return
        self.add('<h4>Parameters</h4><div class="wide" tabindex="0"><table><thead><tr><th>name</th><th>type</th>'
                 "<th>meaning</th></tr></thead><tbody>")
        for p in found:
            need = "required" if p.get("required") else ""
            self.add(f"<tr><td><code>{html.escape(p['name'])}</code> <small>{p['in']} {need}</small></td>"
                     f"<td>{self.type_of(p['schema'])} <small>{self.limits_of(self.resolve(p['schema']))}</small></td>"
                     f"<td>{line(p.get('description', ''))}</td></tr>")
        self.add("</tbody></table></div>")

    def body(self, operation):
        for media, content in self.resolve(operation.get("requestBody", {})).get("content", {}).items():
            self.add(f"<h4>Body <small>{media}</small></h4>")
            schema = content.get("schema", {})
            self.shape(schema)
            if self.link(schema):
                self.table(schema)
            self.example(content)

    def responses(self, operation):
        self.add("<h4>Answers</h4>")
        problems = []
        for status, node in operation["responses"].items():
            answer = self.resolve(node)
            if not status.startswith("2"):
                problems.append(f"<li><b>{status}</b> {line(answer['description'])}</li>")
                continue
            self.add(f"<p><b>{status}</b> {line(answer['description'])}</p>")
            for media, content in answer.get("content", {}).items():
                self.add(f"<p><small>{media}</small></p>")
                self.shape(content.get("schema", {}))
                self.example(content)
        if problems:
            self.add("<details><summary>When it is refused</summary><ul>", *problems, "</ul></details>")

    def operation(self, path, item, method):
        o = item[method]
        id, is_open = o["operationId"], o.get("security") == []
        title = f'<b class="{method}">{method.upper()}</b> <code>{html.escape(path)}</code>'
        self.add(f'<article id="{id}" data-method="{method.upper()}" data-path="{html.escape(path)}">'
                 f'<h3><a href="#{id}">{title}</a></h3><p class="summary">{line(o["summary"])}</p>'
                 f"<p><small>{'needs no key' if is_open else 'role ' + o['x-takt-role']}</small></p>")
        if "description" in o:
            self.add(text(o["description"]))
        self.parameters(item, o)
        self.body(o)
        self.responses(o)
        self.add("</article>")

    def operations(self):
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield path, item, method

    def tag(self, tag):
        name = tag["name"]
        self.add(f'<section><h2 id="tag-{name}">{name}</h2>', text(tag["description"]))
        for path, item, method in self.operations():
            if item[method]["tags"][0] == name:
                self.operation(path, item, method)
        self.add("</section>")

    def schemas(self):
        self.add('<section><h2 id="schemas">Shapes</h2>')
        for name, schema in self.document["components"]["schemas"].items():
            if self.is_large(schema):
                self.add(f'<article id="schema-{name}"><h3><a href="#schema-{name}">{name}</a></h3>',
                         text(schema.get("description", "")))
                self.table(schema)
                self.add("</article>")
        self.add("</section>")

    def index(self):
        self.add('<nav aria-label="Operations"><label for="search">Search</label>'
                 '<input id="search" type="search" hidden>')
        for tag in self.document["tags"]:
            self.add(f'<h2><a href="#tag-{tag["name"]}">{tag["name"]}</a></h2><ul>')
            for path, item, method in self.operations():
                if item[method]["tags"][0] == tag["name"]:
                    self.add(f'<li><a href="#{item[method]["operationId"]}">{line(item[method]["summary"])}</a></li>')
            self.add("</ul>")
        self.add('<h2><a href="#schemas">Shapes</a></h2></nav>')

    def whole(self, style, script):
        info = self.document["info"]
        self.add("<!doctype html>", '<html lang="en"><head><meta charset="utf-8">',
                 '<meta name="viewport" content="width=device-width, initial-scale=1">',
                 f"<title>{html.escape(info['title'])}</title><style>{style}</style></head><body>")
        self.index()
        self.add(f"<main><h1>{html.escape(info['title'])} <small>{info['version']}</small></h1>",
                 text(info["description"]))
        for tag in self.document["tags"]:
            self.tag(tag)
        self.schemas()
        self.add(f"</main><script>{script}</script></body></html>")
        return "\n".join(self.out) + "\n"


def source_hash(source):
    return "'sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode() + "'"


def embed(out, name, data):
    out.write(f"extern const char {name}[];\nextern const size_t {name}_n;\nconst char {name}[] = {{\n")
    for at in range(0, len(data), 16):
        out.write("\t" + ", ".join(str(b if b < 128 else b - 256) for b in data[at : at + 16]) + ",\n")
    out.write(f"}};\nconst size_t {name}_n = sizeof {name};\n")


def main(output, source):
    style, script = ((HERE / name).read_text(encoding="utf-8") for name in ("docs_page.css", "docs_page.js"))
    page = Page(yaml.safe_load(pathlib.Path(source).read_text(encoding="utf-8"))).whole(style, script)
    policy = (f"default-src 'none'; style-src {source_hash(style)}; script-src {source_hash(script)}; "
              "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    with open(output, "w", encoding="ascii") as out:
        out.write("/* Made by docs_page.py from openapi.yaml. */\n#include <stddef.h>\n\n")
        embed(out, "takt_docs_page", page.encode())
        embed(out, "takt_docs_policy", policy.encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
