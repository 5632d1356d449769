"""The reference pages name what there is: no more, no less."""
import json
import os
import pathlib
import re
import subprocess

import pytest
import yaml

import pages

ROOT = pages.ROOT
TAKT = pathlib.Path(os.environ.get("TAKT_BUILD", ROOT / "build")) / "src" / "takt"
METHODS = {"get", "put", "post", "delete", "patch", "head"}


def first_cells(page):
    """The words in backticks in the first column of every table."""
    return re.findall(r"(?m)^\| `([^`]+)`", pages.text(page))


def test_every_code_has_its_line_in_errors():
    table = (ROOT / "src/base/base.h").read_text().split("#define CODE_TABLE(X)")[1]
    table = table.split("enum code")[0]
    codes = set(re.findall(r'X\(\w+, \w+, "(\w+)"\)', table)) - {"none"}
    listed = first_cells("docs/reference/errors.md")
    assert len(listed) == len(set(listed))
    assert set(listed) == codes


def test_every_code_is_listed_with_its_outcome():
    table = dict((code, rc.lower().replace("_", " ")) for rc, code in
                 re.findall(r'X\(\w+, (\w+), "(\w+)"\)', (ROOT / "src/base/base.h").read_text()))
    rows = re.findall(r"(?m)^\| `(\w+)` \| ([\w ]+) \| (\d+) \|",
                      pages.text("docs/reference/errors.md"))
    assert len(rows) == len(first_cells("docs/reference/errors.md"))
    for code, outcome, status in rows:
        assert table[code] == outcome, code
        assert http_status(code, table[code]) == int(status), code


def switch_of(function):
    """{case: status} of a switch in src/api/problem.c."""
    body = (ROOT / "src/api/problem.c").read_text().split(function + "(")[1].split("\n}\n")[0]
    found, cases = {}, []
    for word, case, status in re.findall(r"(case) \w+?_(\w+):|return (\d+);", body):
        if word:
            cases.append(case)
        else:
            found.update(dict.fromkeys(cases, int(status)))
            cases = []
    return found


def http_status(code, outcome):
    name = dict((text, name) for name, text in
                re.findall(r'X\((\w+), \w+, "(\w+)"\)', (ROOT / "src/base/base.h").read_text()))
    by_code = switch_of("static int status_of_code").get(name[code])
    return by_code or switch_of("static int status_of_rc").get(
        outcome.upper().replace(" ", "_"), 500)


def row_of_setting(name, said):
    option = "" if said.get("x-no-flag") else f"`--{name.replace('_', '-')}`"
    default = said.get("default")
    default = "" if default is None else f"`{default if isinstance(default, str) else json.dumps(default)}`"
    choices = f" One of {', '.join(f'`{c}`' for c in said['enum'])}." if "enum" in said else ""
    return f"| `{name}` | {option} | {default} | {said['description']}{choices} |"


def test_the_settings_are_those_of_the_schema():
    """The table is made of the schema, to the letter: a failure prints how it should read."""
    schema = json.loads((ROOT / "src/cli/config.schema.json").read_text())["properties"]
    table = re.search(r"(?m)^\| setting \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", pages.text("docs/reference/config.md")).group(1)
    assert table.splitlines() == [row_of_setting(name, said) for name, said in schema.items()]


UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "s": 1000, "min": 60 * 1000}


def constants():
    """{name: value} of the numbers in the headers that promise something."""
    found = {}
    for path in (ROOT / "src").rglob("*.h"):
        if path.name.endswith("_priv.h"):
            continue
        for name, value in re.findall(r"\b([A-Z][A-Z0-9_]+) = (\(?\d[\d <*()]*?) ?(?:,|;|\}|/\*|$)",
                                      path.read_text(), re.M):
            found[name] = eval(value)  # digits, <<, * and brackets only
    return found


def http_limits():
    """{name: value} of the limits of a connection."""
    table = (ROOT / "src/http/server.c").read_text().split("http_limits_default = {")[1].split("}")[0]
    return {name: eval(value) for name, value in re.findall(r"\.(\w+) = ([\d *]+),", table)}


LIMITED = ["src/queue/queue.h", "src/flow/flow.h", "src/artifact/artifact.h", "src/backup/backup.h"]


def test_the_limits_are_those_of_the_code():
    rows = re.findall(r"(?m)^\| [^|]+ \| (\d+) ?(\w*) \| `(\w+)` \|$",
                      pages.text("docs/reference/config.md"))
    there = {**constants(), **http_limits()}
    for number, unit, name in rows:
        assert there.get(name) == int(number) * UNITS[unit], name
    said = [name for _, _, name in rows]
    assert len(said) == len(set(said))
    # Every limit that these headers promise, and every one of a connection, stands there.
    promised = {name for header in LIMITED for name in re.findall(
        r"\b([A-Z][A-Z0-9_]*_(?:MAX|MIN|DEFAULT)) = \d", (ROOT / header).read_text())}
    assert len(promised) > 50
    assert promised - set(said) == set()
    assert set(http_limits()) - {"body_max"} <= set(said)  # bodies are limited per endpoint


def routes():
    """{"GET /v1/tasks", …} of the contract."""
    [path] = [p for p in (ROOT / "src/api/openapi.yaml", ROOT / "openapi.yaml") if p.exists()]
    contract = yaml.safe_load(path.read_text())
    base = (contract.get("servers") or [{"url": "/"}])[0]["url"]
    prefix = re.sub(r"^[a-z]+://[^/]*", "", base).rstrip("/")
    return {f"{method.upper()} {prefix}{path}" for path, item in contract["paths"].items()
            for method in item if method in METHODS}


def plain(route):
    return re.sub(r"\{[^}]*\}", "{}", route)


def test_every_route_has_its_line_in_the_api_page():
    listed = first_cells("docs/reference/api.md")
    assert {plain(r) for r in listed if r.split()[0].lower() in METHODS} == {
        plain(r) for r in routes()}


def takt_help(*command):
    result = subprocess.run([TAKT, *command, "--help"], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_exit_codes_are_those_of_the_code():
    enum = (ROOT / "src/cli/cli.h").read_text().split("enum cli_exit {")[1].split("}")[0]
    there = {int(n) for n in re.findall(r"EXIT_\w+ = (\d+)", enum)}
    listed = re.findall(r"(?m)^\| (\d+) \|", pages.text("docs/reference/cli.md"))
    assert {int(n) for n in listed} == there


COMMANDS = ["make", "serve", "restart", "backup", "restore", "run", "task", "queue", "agent", "workflow", "approve", "artifact", "event", "worker", "top", "db",
            "config", "doctor", "bench", "version", "completion"]


def test_these_are_all_commands():
    listed = re.search(r"(?ms)^Commands:\n(.*?)\n\n", takt_help()).group(1)
    assert set(re.findall(r"(?m)^  ([a-z]+)\b", listed)) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_its_options_stand_in_the_cli_page(command):
    section = re.search(rf"(?ms)^## takt {command}\b.*?(?=^## |\Z)",
                        pages.text("docs/reference/cli.md"))
    assert section, f"no section `takt {command}`"
    there = options_of(takt_help(command))
    for sub in subcommands(command):
        there |= options_of(takt_help(command, sub))
        assert f"`takt {command} {sub}" in section.group(0), sub
    listed = options_of(section.group(0))
    if "very setting" not in section.group(0):
        assert there - COMMON <= listed
    assert listed <= there


COMMON = {"--data", "--server", "--config", "--json", "--help"}


def options_of(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def subcommands(command):
    """Of a group: the words in the list of its help."""
    listed = re.search(r"(?ms)^Verbs:\n(.*?)(?:\n\n|\Z)", takt_help(command))
    return re.findall(r"(?m)^  ([a-z-]+)\b", listed.group(1)) if listed else []
