#!/usr/bin/env python3
"""Turns the statements in src/store/sql/*.sql and the migrations into C.

A statement begins with a line `-- name: SQL_ID` and ends before the next one.
Usage: sql_table.py header|source OUTPUT FILE...  (statements *.sql, then migrations
NNNN_name.up.sql / NNNN_name.down.sql)
"""
import os
import re
import sys

NAME = re.compile(r"^-- name: (SQL_[A-Z0-9_]+)$")


def statements(path):
    """Yields (id, text) of one file; comments and blank lines are dropped."""
    name, lines = None, []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        match = NAME.match(line.rstrip())
        if match:
            if name:
                yield name, lines
            name, lines = match.group(1), []
        elif line.strip() and not line.lstrip().startswith("--"):
            if not name:
                sys.exit(f"{path}:{number}: text before the first `-- name: SQL_ID`")
            lines.append(line.rstrip())
    if name:
        yield name, lines


def c_string(text):
    lines = text.split("\n")
    quoted = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return "\n".join(f'\t        "{line}\\n"' for line in quoted)


def migrations(paths):
    """[(name, up text, down text)] in order; the numbers must be 1, 2, 3 …"""
    found = {}
    for path in paths:
        match = re.match(r"(\d{4})_(\w+)\.(up|down)\.sql$", os.path.basename(path))
        if not match:
            sys.exit(f"{path}: a migration is named NNNN_name.up.sql or NNNN_name.down.sql")
        entry = found.setdefault(int(match.group(1)), {"name": match.group(2)})
        entry[match.group(3)] = open(path, encoding="utf-8").read().rstrip()
    if sorted(found) != list(range(1, len(found) + 1)):
        sys.exit(f"migrations must be numbered 1 to {len(found)}: {sorted(found)}")
    for number, entry in found.items():
        if "up" not in entry or "down" not in entry:
            sys.exit(f"migration {number:04} needs an up and a down file")
    return [found[number] for number in sorted(found)]


def main():
    kind, output, *paths = sys.argv[1:]
    all_statements = {}
    for path in sorted(p for p in paths if "/migrations/" not in p):
        for name, lines in statements(path):
            if name in all_statements:
                sys.exit(f"{path}: {name} is there twice")
            all_statements[name] = "\n".join(lines)
    steps = migrations(p for p in paths if "/migrations/" in p)
    out = ["/* Made by sql_table.py from src/store/sql and src/store/migrations. */"]
    if kind == "header":
        out += ["#ifndef TAKT_STORE_SQL_H", "#define TAKT_STORE_SQL_H", "", "enum sql {"]
        out += [f"\t{name}," for name in all_statements]
        out += ["\tSQL_COUNT", "};", "", f"enum {{ SCHEMA_VERSION = {len(steps)} }};", "",
                "struct sql_migration {", "\tconst char *name, *up, *down;", "};",
                "extern const char *const sql_texts[SQL_COUNT];",
                "extern const char *const sql_names[SQL_COUNT];",
                "extern const struct sql_migration sql_migrations[SCHEMA_VERSION];", "", "#endif"]
    else:
        out += ['#include "store/sql.h"', "",
                "/* A migration may be longer than the shortest limit that ISO C allows. */",
                '#pragma GCC diagnostic ignored "-Woverlength-strings"', "", "const char *const sql_texts[SQL_COUNT] = {"]
        out += [f"\t[{name}] =\n{c_string(text)}," for name, text in all_statements.items()]
        out += ["};", "", "const char *const sql_names[SQL_COUNT] = {"]
        out += [f'\t[{name}] = "{name}",' for name in all_statements]
        out += ["};", "", "const struct sql_migration sql_migrations[SCHEMA_VERSION] = {"]
        for step in steps:
            out.append(f'\t{{ "{step["name"]}",\n{c_string(step["up"])},\n{c_string(step["down"])} }},')
        out += ["};"]
    with open(output, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


main()
