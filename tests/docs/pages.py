"""Reading the project's pages: their commands, links, and the paths they name.

A block that begins with ```console is run.  In it a line `$ command` is a command (a line
that ends with a backslash goes on in the next, a here-document to its end), and what follows up to the next one is its
output, in which `...` stands for anything: a line of its own for any lines, inside a line
for any characters.  No output shown, none compared.  A command that is meant to fail has
`# exit N` at its end.  Blocks of other kinds (```sh, ```json …) are not run.
"""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```\s*$", re.M | re.S)
EXIT = re.compile(r"\s+# exit (\d+)$")


def pages():
    """Every page of the project, as paths from its root."""
    found = [p for p in ROOT.glob("*.md")] + [p for p in ROOT.glob("docs/**/*.md")]
    found += [p for p in ROOT.glob("tests/*.md")] + [p for p in ROOT.glob("examples/*.md")]
    return sorted(str(p.relative_to(ROOT)) for p in found)


def text(page):
    return (ROOT / page).read_text(encoding="utf-8")


class Command:
    def __init__(self, line, code, output, place):
        self.line, self.code, self.output, self.place = line, code, output, place


def commands(page):
    """The commands of a page in their order."""
    whole, found = text(page), []
    for block in BLOCK.finditer(whole):
        if block.group(1) == "console":
            first = whole.count("\n", 0, block.start(2)) + 1
            found += block_commands(block.group(2).splitlines(), page, first)
    return found


def block_commands(lines, page, first):
    found, at = [], 0
    while at < len(lines):
        assert lines[at].startswith("$ "), f"{page}:{first + at}: output without a command"
        place, line = f"{page}:{first + at}", lines[at][2:]
        while line.endswith("\\"):
            at += 1
            line += "\n" + lines[at]
        at += 1
        here = re.search(r"<<'?(\w+)'?", line)
        while here and not line.endswith("\n" + here.group(1)):
            line += "\n" + lines[at]
            at += 1
        output = []
        while at < len(lines) and not lines[at].startswith("$ "):
            output.append(lines[at])
            at += 1
        code = EXIT.search(line)
        found.append(Command(EXIT.sub("", line), int(code.group(1)) if code else 0, output, place))
    return found


def matches(expected, actual):
    """Whether lines of output are what a page shows."""
    pattern = ""
    for line in expected:
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*"
        else:
            pattern += ".*".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ \t]*\n"
    shown = "\n".join(line.rstrip() for line in actual) + "\n"
    return re.fullmatch(pattern, shown) is not None


def prose(page):
    """The page without its blocks of code."""
    return BLOCK.sub("", text(page))


def links(page):
    """(target, anchor) of every link that stays inside the project."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield path, anchor


def anchors(page):
    """What a link can point at: the headings, as the usual renderers name them."""
    heads = re.findall(r"(?m)^#+\s+(.*?)\s*$", prose(page))
    plain = (re.sub(r"[^\w\- ]", "", h.lower()) for h in heads)
    return {h.replace(" ", "-") for h in plain}


def named_paths(page):
    """Files and folders of the tree that the prose names in backticks."""
    for word in re.findall(r"`([^`\n]+)`", prose(page)):
        if re.fullmatch(r"\.?(src|tests|tools|docs|examples|ci|roblox|sdk|deploy)/[\w./{},*-]*", word):
            yield word
