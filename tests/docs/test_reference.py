"""The reference pages name what there is: no more, no less."""
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
    for code, outcome in re.findall(r"(?m)^\| `(\w+)` \| ([\w ]+) \|",
                                    pages.text("docs/reference/errors.md")):
        assert table[code] == outcome, code


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


COMMANDS = ["serve", "make", "run", "task", "worker", "db", "doctor", "version", "completion"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_its_options_stand_in_the_cli_page(command):
    assert re.search(rf"(?m)^\s+{command}\b", takt_help())
    section = re.search(rf"(?ms)^## takt {command}\b.*?(?=^## |\Z)",
                        pages.text("docs/reference/cli.md"))
    assert section, f"no section `takt {command}`"
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", takt_help(command))) - {"--help", "--json"}
    for option in options:
        assert f"`{option}" in section.group(0) or f" {option}" in section.group(0), option
    for option in set(re.findall(r"`(--[a-z][a-z-]*)", section.group(0))):
        assert option in options | {"--help", "--json"}, f"{option} does not exist"
