#!/usr/bin/python3
"""How many of a book's own glossary terms the lesson planner finds in its chapters.

Gold: the terms of the glossary that occur in a chapter.  The planner names as many terms
as there are gold ones (recall@n), and twice as many (recall@2n); beside it, in the same
run, plain TF-IDF over the chapters of the same book (words and pairs of words).  A name
counts when it is the gold term but for plural endings, case and hyphens.

Two kinds of books:

- documents of Debian packages, unpacked with `dpkg -x` or installed: python3.11-doc,
  postgresql-doc-15 and git-doc.  They are manuals: many of a chapter's gold terms are
  used there and explained elsewhere.
- chapters of textbooks in a folder of yours: NAME.txt, running text with headings marked
  by # and without any emphasis, and NAME.gold beside it, the terms of the chapter's own
  glossary that occur in that text, one a line.  Sub folders keep what the weights are set
  on (dev) apart from what nobody looks at meanwhile (heldout).  For these a third ranking
  stands beside: TF-IDF raised threefold by four cues ("X is a", "called X", "known as X",
  "X refers to").

usage: eval_terms.py PROGRAM ROOT [dev|heldout] [-v]        ROOT: / or the folder unpacked into
       eval_terms.py PROGRAM --texts FOLDER [SUBFOLDER] [-v]
"""
import html.parser
import math
import pathlib
import re
import subprocess
import sys
import tempfile

GOLD_MIN, WORDS_MIN = 5, 600
STOP = set("""a about above after again all also although always an and another any are as at be because been
before being below between both but by can cannot case could did do does doing done down each either else etc
even every example few first following for from further get given gives had has have having he her here him his
how however i if in into is it its itself just last like made make makes many may might more most much must my
need never new next no nor not now of off often on once one only or other our out over own per same see set
several shall she should since so some such than that the their them then there therefore these they this those
through thus to too two under until up upon us use used uses using very was way we well were what when where
whether which while who whom whose why will with within without would yet you your""".split())


class Reader(html.parser.HTMLParser):
    """A chapter as Markdown: headings, paragraphs, items, emphasis; no code, no navigation."""

    SKIP = {"pre", "script", "style", "head", "nav", "table", "footer"}
    BLOCK = {"p", "div", "section", "dd", "dt", "ul", "ol", "dl", "li"}

    def __init__(self):
        super().__init__()
        self.out, self.skip, self.void = [], 0, []

    def handle_starttag(self, tag, attrs):
        css = dict(attrs).get("class") or ""
        if tag in ("br", "hr", "img", "link", "meta", "input", "col"):
            return
        hidden = tag in self.SKIP or any(c in css for c in ("navheader", "navfooter", "sphinxsidebar", "related", "headerlink", "toc"))
        self.void.append(hidden)
        self.skip += hidden
        if self.skip:
            return
        if re.fullmatch("h[1-6]", tag):
            self.out.append("\n\n" + "#" * int(tag[1]) + " ")
        elif tag == "li":
            self.out.append("\n\n- ")
        elif tag in self.BLOCK:
            self.out.append("\n\n")
        elif tag in ("em", "i", "dfn"):
            self.out.append("*")

    def handle_endtag(self, tag):
        if not self.void or tag in ("br", "hr", "img"):
            return
        was_hidden = self.void.pop()
        if not self.skip:
            if tag in ("em", "i", "dfn"):
                self.out.append("*")
            elif tag in self.BLOCK or re.fullmatch("h[1-6]", tag):
                self.out.append("\n\n")
        self.skip -= was_hidden

    def handle_data(self, data):
        if not self.skip:
            self.out.append(re.sub(r"\s+", " ", data).replace("¶", ""))

    def text(self):
        text = "".join(self.out)
        return re.sub(r"\n\n(- )?\s*\n\n(?:\s*\n)*", r"\n\n\1", text)


def markdown(path):
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8", errors="replace"))
    return reader.text()


def stem(word):
    word = word.lower()
    for end, put in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("xes", "x"), ("ss", "ss"), ("us", "us"), ("is", "is"), ("s", "")):
        if word.endswith(end) and len(word) > len(end) + 2:
            return word[: -len(end)] + put
    return word


def words(text):
    return [stem(w) for w in re.findall(r"[A-Za-z][A-Za-z0-9_+']*", text.replace("’", "'"))]


def key(text):
    return " ".join(words(text))


def python_book(root):
    base = root / "usr/share/doc/python3.11/html"
    text = (base / "_sources/glossary.rst.txt").read_text(encoding="utf-8")
    gold = re.findall(r"^   (?:   )?(?! )([^\n]+)$(?=\n      ? ? ?\S)", text, re.M)
    gold = [g for g in re.findall(r"^ {3}(\S[^\n]*)\n {6}\S", text, re.M) if not g.startswith(("..", ":"))]
    folders = ("tutorial", "howto", "reference", "extending")
    return gold, [p for f in folders for p in sorted((base / f).glob("*.html"))]


def postgres_book(root):
    base = root / "usr/share/doc/postgresql-doc-15/html"
    text = (base / "glossary.html").read_text(encoding="utf-8")
    gold = [re.sub(r"\s*\(.*", "", g) for g in re.findall(r'<span class="glossterm">([^<]+)</span>', text)]
    prefix = "tutorial- ddl- dml- mvcc- wal- high- warm- backup- continuous- indexes- queries- storage- transaction- runtime-config-wal routine- logical-replication logicaldecoding- arch- planner- textsearch- user-manag role- manage-ag-".split()
    chapters = [p for p in sorted(base.glob("*.html")) if p.name.startswith(tuple(prefix))]
    return gold, chapters


def git_book(root):
    base = root / "usr/share/doc/git-doc"
    text = (base / "glossary-content.txt").read_text(encoding="utf-8")
    gold = re.findall(r"^\[\[def_[^\]]*\]\](.+?)::", text, re.M)
    names = "user-manual gittutorial gittutorial-2 gitcore-tutorial giteveryday gitworkflows gitsubmodules gitnamespaces gitrepository-layout gitrevisions gitmodules gitattributes gitremote-helpers gitdiffcore MyFirstObjectWalk MyFirstContribution".split()
    return gold, [p for p in (base / (n + ".html") for n in names) if p.exists()]


BOOKS = {"dev": [("python3.11-doc", python_book)],
         "heldout": [("postgresql-doc-15", postgres_book), ("git-doc", git_book)]}


def planned(program, text):
    with tempfile.NamedTemporaryFile("w", suffix=".md", encoding="utf-8") as f:
        f.write(text)
        f.flush()
        run = subprocess.run([program, "--terms", f.name], capture_output=True, text=True, check=False)
    return run.stdout.splitlines() if run.returncode == 0 else None


def grams(text):
    count = {}
    for line in re.split(r"[\n.,;:()\"“”*#]", text):
        w = words(line)
        for n in (1, 2):
            for i in range(len(w) - n + 1):
                gram = w[i:i + n]
                if gram[0] not in STOP and gram[-1] not in STOP and len(gram[-1]) > 1:
                    count[" ".join(gram)] = count.get(" ".join(gram), 0) + 1
    return count


def found(gold, named, n):
    names, seen = [], set()
    for x in named:
        if x and x not in seen:
            seen.add(x)
            names.append(x)
        if len(names) == n:
            break
    return len(gold & set(names))


CUES = [r"\b(?:a|an|the)?\s*({})\s+(?:is|are)\s+(?:a|an|the|one|any)\b", r"\b(?:called|termed)\s+(?:a|an|the)?\s*({})\b",
        r"\bknown\s+as\s+(?:a|an|the)?\s*({})\b", r"({})\s+refers?\s+to\b"]


def cued(text):
    """Words and pairs of words that stand at one of four cues."""
    found_at = set()
    for sentence in re.split(r"(?<=[.;:?!])\s|\n", text):
        for size in (1, 2):
            word = r"[A-Za-z][A-Za-z'’-]*" + r"\s+[A-Za-z][A-Za-z'’-]*" * (size - 1)
            for cue in CUES:
                found_at.update(key(m.group(1)) for m in re.finditer(cue.format(word), sentence))
    return found_at


class Chapter:
    def __init__(self, name, text, gold=None):
        self.name, self.text, self.gold = name, text, gold
        self.count = grams(text)


def rankings(chapter, n_chapters, df):
    """TF-IDF, and the same raised by four cues: best first."""
    weight = {x: n * math.log(n_chapters / df[x] + 0.01) for x, n in chapter.count.items()}
    at_cue = cued(chapter.text)
    raised = {x: w * (3 if x in at_cue else 1) for x, w in weight.items()}
    return [sorted(w, key=lambda x, w=w: (-w[x], x)) for w in (weight, raised)]


def measure(program, name, chapters):
    """Every chapter with gold terms, planned and counted; the others only say what is common."""
    df = {}
    for c in chapters:
        for x in c.count:
            df[x] = df.get(x, 0) + 1
    methods, total = ("ours", "TF-IDF", "TF-IDF with cues"), {"gold": 0, "chapters": 0}
    for c in chapters:
        names = planned(program, c.text) if c.gold else None
        if names is None:
            continue
        n = len(c.gold)
        ranked = dict(zip(methods, [[key(x) for x in names], *rankings(c, len(chapters), df)]))
        total["chapters"] += 1
        total["gold"] += n
        for method, order in ranked.items():
            for k in (1, 2):
                total[method, k] = total.get((method, k), 0) + found(c.gold, order, n * k)
        if "-v" in sys.argv:
            show(c, ranked["ours"], n)
    if total["gold"] == 0:
        return False
    print(f"{name}: {total['chapters']} chapters, {total['gold']} terms")
    for method in methods:
        print(f"  {method:18} recall@n {100 * total[method, 1] / total['gold']:5.1f} %   recall@2n {100 * total[method, 2] / total['gold']:5.1f} %")
    return True


def show(chapter, ours, n):
    gold, unlisted = chapter.gold, chapter.gold - set(ours)
    print(f"  {chapter.name}: {n} gold, {found(gold, ours, n)} @n, {found(gold, ours, 2 * n)} @2n")
    print("    missed:", ", ".join(sorted(gold - set(ours[:2 * n]) - unlisted)))
    print("    not listed at all:", ", ".join(sorted(unlisted)))
    print("    wrong:", ", ".join(x for x in ours[:n] if x not in gold))


def debian(root, book):
    gold_list, paths = book(root)
    glossary = {key(g) for g in gold_list if key(g)}
    chapters = [Chapter(p.name, markdown(p)) for p in paths]
    chapters = [c for c in chapters if len(c.text.split()) >= WORDS_MIN]
    for c in chapters:
        folded = " " + key(re.sub(r"[*#]", " ", c.text)) + " "
        gold = {g for g in glossary if f" {g} " in folded}
        c.gold = gold if len(gold) >= GOLD_MIN else None
    return chapters


def textbooks(folder):
    """Each sub folder's chapters; a folder without any is one set by itself."""
    sets = sorted(d for d in folder.iterdir() if d.is_dir()) or [folder]
    for d in sets:
        yield d.name, [Chapter(p.stem, p.read_text(encoding="utf-8"),
                               {key(g) for g in p.with_suffix(".gold").read_text(encoding="utf-8").splitlines() if key(g)})
                       for p in sorted(d.glob("*.txt"))]


def measure_textbooks(program, folder, only):
    sets = list(textbooks(folder))
    everything = [c for _, chapters in sets for c in chapters]
    done = []
    for name, chapters in sets:
        if only and name != only:
            continue
        others = [Chapter(c.name, c.text) for c in everything if c not in chapters]
        done.append(measure(program, f"textbooks ({name})", chapters + others))
    if not any(done):
        print(f"{folder}: no NAME.txt with a NAME.gold beside it")
    return 0 if any(done) else 1


def measure_debian(program, root, parts):
    done = []
    for part in parts:
        for name, book in BOOKS[part]:
            try:
                done.append(measure(program, f"{name} ({part})", debian(root, book)))
            except FileNotFoundError as e:
                print(f"{name}: not there ({e.filename}); `apt-get download {name} && dpkg -x {name}*.deb ROOT`")
    return 0 if any(done) else 1


def main():
    args = [a for a in sys.argv[1:] if a != "-v"]
    if len(args) < 2 or (args[1] == "--texts" and len(args) < 3):
        print(__doc__)
        return 2
    if args[1] == "--texts":
        return measure_textbooks(args[0], pathlib.Path(args[2]), args[3] if len(args) > 3 else None)
    return measure_debian(args[0], pathlib.Path(args[1]), [a for a in args[2:] if a in BOOKS] or list(BOOKS))


if __name__ == "__main__":
    sys.exit(main())
