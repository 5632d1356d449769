"""tools/check finds what it is there to find.

Each test takes a small tree in which every rule holds, plants one violation, and demands
that it is reported at its place; a checker that finds nothing would pass every other test
in the project.
"""
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

GOOD = {
    "src/base/str.h": "/* Views of bytes, for everybody. */\n#ifndef STR_H\n#define STR_H\n"
                      "#include <stddef.h>\nstruct str {\n\tsize_t len;\n};\n#endif\n",
    "src/base/str.c": '/* How views of bytes are compared. */\n#include "base/str.h"\n',
    "src/queue/task.h": "/* What the queue promises to its callers. */\n#ifndef TASK_H\n"
                        '#define TASK_H\n#include "base/str.h"\nvoid task_end(struct str id);\n'
                        "#endif\n",
    "src/queue/task.c": '/* Tasks, from submit to their end. */\n#include "queue/task.h"\n'
                        '#include "store/db.h"\n',
    "src/store/db.h": "/* The door to the database, for engines. */\n#ifndef DB_H\n#define DB_H\n"
                      "void db_open(void);\n#endif\n",
    "src/client/call.c": '/* The protocol from outside, one call. */\n#include "base/str.h"\n',
    "src/main.c": '/* Chooses the command and wires it. */\n#include "queue/task.h"\n',
    "src/store/migrations/sqlite/0001_first.up.sql":
        "CREATE TABLE task (id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, kind TEXT);\n"
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);\n",
    "src/store/sqlite/task.sql":
        "-- What the queue asks of the store.\n\n"
        "-- name: TASK_READ\nSELECT kind FROM task WHERE tenant = ?1 AND id = ?2;\n\n"
        "-- name: META_READ\nSELECT value FROM meta WHERE key = ?1;\n\n"
        "-- name: TASK_EXPIRE\n-- system: leases of all tenants run out by one clock\n"
        "UPDATE task SET kind = 'x' WHERE id = ?1;\n",
}


@pytest.fixture(name="tree")
def fixture_tree(tmp_path):
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/deps.txt", tmp_path / "tools/deps.txt")
    shutil.copy(ROOT / ".clang-format", tmp_path / ".clang-format")
    for path, text in GOOD.items():
        write(tmp_path, path, text)
    return tmp_path


def write(tree, path, text):
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text(text)


def check(tree, *rules):
    result = subprocess.run([ROOT / "tools/check", "--root", tree, *rules], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return result.returncode, result.stdout


def test_a_good_tree_passes_every_rule(tree):
    code, out = check(tree)
    assert code == 0, out
    assert "9 of 9 rules hold" in out


# (rule, file, text that replaces or makes it, what the report must contain)
PLANTED = [
    ("arrows", "src/base/str.c", '/* Views of bytes, compared. */\n#include "store/db.h"\n',
     "src/base/str.c:2: base/ includes store/db.h"),
    ("arrows", "src/client/call.c", '/* The protocol from outside. */\n#include "queue/task.h"\n',
     "src/client/call.c:2: client/ includes queue/task.h"),
    ("arrows", "src/worker/loop.c", '/* The lease loop of a worker. */\n#include "flow/run.h"\n',
     "src/worker/loop.c:2: worker/ includes flow/run.h"),
    ("arrows", "src/cli/make.c", '/* The command that makes. */\n\n#include "store/db.h"\n',
     "src/cli/make.c:3: cli/ includes store/db.h"),
    ("arrows", "src/makers/lesson/main.c", '/* The program of a maker. */\n#include "api/rest.h"\n',
     "src/makers/lesson/main.c:2: makers/ includes api/rest.h"),
    ("arrows", "src/api/tasks.c", '/* The endpoints of tasks. */\n#include "store/db.h"\n',
     "src/api/tasks.c:2: api/ includes store/db.h"),
    ("arrows", "src/queue/task.c", "/* Tasks, from submit to end. */\n#include <sqlite3.h>\n",
     "src/queue/task.c:2: queue/ includes <sqlite3.h>: only store may"),
    ("arrows", "src/store/db.c", "/* The database, with no libpq. */\n#include <unistd.h>\n",
     "src/store/db.c:2: store/ includes <unistd.h>: only "),
    ("arrows", "src/queue/task.c", "/* Tasks, from submit to end. */\n#include <sys/epoll.h>\n",
     "src/queue/task.c:2: queue/ includes <sys/epoll.h>"),
    ("arrows", "src/base/str.c", "/* Views of bytes, compared. */\n#include <glib.h>\n",
     "src/base/str.c:2: <glib.h> has no owner"),
    ("arrows", "src/base/str.c", '/* Views of bytes, compared. */\n#include "str.h"\n',
     'src/base/str.c:2: "str.h" is written from here'),
    ("arrows", "src/cli/make.c", '/* The command that makes. */\n#include "main.h"\n',
     'src/cli/make.c:2: "main.h" is written from here'),
    ("arrows", "src/novel/room.c", "/* A room that no plan knows. */\n",
     "src/novel/room.c:1: a folder without a floor"),
    ("calls", "src/queue/task.c", "/* Tasks, from submit to end. */\nint f(void) { return time(0); }\n",
     "src/queue/task.c:2: time() in queue/"),
    ("calls", "src/http/server.c", "/* The server and its loop. */\nvoid f(void) { usleep (5); }\n",
     "src/http/server.c:2: usleep() in http/"),
    ("calls", "src/main.c", '/* Chooses the command. */\nvoid f(void) { getenv("A"); }\n',
     "src/main.c:2: getenv() in main/"),
    ("calls", "src/worker/loop.c", "/* The lease loop of a worker. */\n\nvoid f(void) { fork(); }\n",
     "src/worker/loop.c:3: fork() in worker/"),
    ("words", "src/base/str.c", "/* Views of bytes, compared. */\nint a; // why not\n",
     "src/base/str.c:2: a // comment"),
    ("words", "src/base/str.c", "/* Views of bytes. " + "TO" + "DO: compare them. */\n",
     "src/base/str.c:1: the mark " + "TO" + "DO"),
    ("words", "src/store/sqlite/task.sql", "-- " + "FIX" + "ME\n",
     "src/store/sqlite/task.sql:1: the mark " + "FIX" + "ME"),
    ("words", "src/base/util.c", "/* All that found no home. */\n",
     "src/base/util.c:1: a drawer without a subject"),
    ("words", "src/common/list.c", "/* All that found no home. */\n",
     "src/common/list.c:1: a drawer without a subject"),
    ("essay", "src/base/arena.c", "int a;\n", "src/base/arena.c:1: no essay"),
    ("essay", "src/base/arena.c", "/* arena */\nint a;\n", "src/base/arena.c:1: no essay"),
    ("statements", "src/store/sqlite/task.sql",
     "-- name: A\nSELECT 1;\n-- name: B\nSELECT kind FROM task WHERE id = ?1;\n",
     "src/store/sqlite/task.sql:3: B touches task of any tenant"),
    ("statements", "src/store/sqlite/task.sql",
     "-- name: A\n-- of any tenant\nSELECT kind FROM task WHERE id = 'tenant';\n",
     "src/store/sqlite/task.sql:1: A touches task of any tenant"),
    ("statements", "src/store/sqlite/task.sql",
     "-- name: A\n-- system:\nSELECT kind FROM task WHERE id = ?1;\n",
     "src/store/sqlite/task.sql:1: A is the system's without a reason"),
    ("statements", "src/store/sqlite/task.sql", "SELECT 1;\n",
     "src/store/sqlite/task.sql:1: a statement without a name"),
    ("statements", "src/store/sqlite/task.sql", "-- name: A\nSELECT 1;\n-- name: A\nSELECT 2;\n",
     "src/store/sqlite/task.sql:3: a second statement A"),
    ("statements", "src/store/sqlite/task.sql", "-- name: A\nSELECT 1; SELECT 2;\n",
     "src/store/sqlite/task.sql:1: A holds two statements"),
    ("statements", "src/store/sqlite/task.sql", "-- name: A\n\n-- name: B\nSELECT 2;\n",
     "src/store/sqlite/task.sql:1: A is empty"),
    ("scope", "src/queue/task.c", "/* Tasks, from submit to end. */\nvoid f(void)\n{\n"
     "\tstruct scope s = { 1 };\n}\n",
     "src/queue/task.c:4: a struct scope made outside identity/"),
    ("scope", "src/flow/run.c", "/* Runs of a workflow. */\nvoid f(void) { g((struct scope){ 1 }); }\n",
     "src/flow/run.c:2: a struct scope made outside identity/"),
    ("scope", "src/flow/run.c", "/* Runs of a workflow. */\nvoid f(void) { identity_system(i); }\n",
     "src/flow/run.c:2: a struct scope made outside identity/"),
    ("scope", "tools/scope.txt", "src/main.c  # starts the first run\n",
     "tools/scope.txt:1: src/main.c makes no scope"),
    ("paths", "docs/notes.md", "See\n/" + "work/takt/notes.\n", "docs/notes.md:2: the path"),
    ("paths", "tools/run", "cd /tmp/" + "build-me\n", "tools/run:1: the path"),
    ("headers", "src/base/list.h", "/* Lists of what is there. */\nextern struct str a;\n"
     "void list_add(struct list *l, enum where w);\n",
     "src/base/list.h:1: does not compile alone"),
    ("format", "src/base/str.c", "/* Views of bytes, compared. */\nint  a ;\n",
     "src/base/str.c:2: not as clang-format writes it: clang-format -i src/base/str.c"),
]


@pytest.mark.parametrize("rule,path,text,report", PLANTED,
                         ids=[f"{p[0]}-{i}" for i, p in enumerate(PLANTED)])
def test_a_planted_violation_is_found(tree, rule, path, text, report):
    write(tree, path, text)
    code, out = check(tree, rule)
    assert code == 1, out
    assert report in out


@pytest.mark.parametrize("path,text", [
    ("src/sys/clock.c", "/* The clock, our door to time. */\n#include <unistd.h>\n"
                        "void f(void) { nanosleep(0, 0); }\n"),
    ("src/api/tasks.c", '/* The endpoints of tasks. */\n#include "store/scope.h"\n'),
    ("src/server.h", "/* Sits beside main.c, for it alone. */\n"),
    ("src/queue/task.c", "/* It includes <sqlite3.h> and calls time(0) in words only. */\n"
                         'static const char *a = "fork() // TODO";\n'),
    ("src/queue/task.c", "/* Members may be named as they like. */\n"
                         "long f(struct env *e) { return e->time(e) + run_time (e) + e->x.time(1); }\n"),
    ("src/base/str.c", "/* See https://www.rfc-editor.org/rfc/rfc8259 for the grammar. */\n"),
    ("src/base/str.c", "/* An include that stands in a comment.\n#include <sqlite3.h>\n*/\n"),
    ("docs/notes.md", "A folder of one's own, docs/" + "work/notes.\n"),
])
def test_what_only_looks_like_a_violation_is_left_alone(tree, path, text):
    write(tree, path, text)
    code, out = check(tree, "arrows", "calls", "words", "essay", "statements", "paths")
    assert code == 0, out


def test_what_passed_is_remembered_until_something_it_includes_changes(tree):
    assert check(tree)[0] == 0
    write(tree, "src/base/str.h", GOOD["src/base/str.h"].replace("struct str", "struct string"))
    code, out = check(tree)
    assert code == 1
    assert "src/queue/task.h:1: does not compile alone" in out


def test_an_unknown_rule_is_refused(tree):
    code, out = check(tree, "manners")
    assert code == 2
    assert "no rule manners" in out


def test_a_bad_line_in_deps_names_itself(tree):
    write(tree, "tools/deps.txt", "floor base:\nfloors codec base\n")
    code, out = check(tree)
    assert code != 0
    assert "tools/deps.txt:2: not a rule" in out
