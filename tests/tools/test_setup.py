"""tools/setup installs what is missing, and nothing else.

It runs against pretended tools: a folder that alone is on PATH holds an apt-get, dpkg-query,
npm … that write down how they were called.  Nothing is installed on this machine.
"""
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
REAL = ["bash", "env", "cat", "sha256sum", "cut", "sed", "grep", "find", "dirname", "mkdir", "rm",
        "touch"]


class Machine:
    """A pretended Debian: which packages it has, who one is, what was called."""

    def __init__(self, folder):
        self.folder = folder
        self.bin = folder / "bin"
        self.project = folder / "project"
        self.calls = folder / "calls"
        for sub in (self.bin, self.project / "tools", folder / "lists"):
            sub.mkdir(parents=True)
        shutil.copy(ROOT / "tools/setup", self.project / "tools/setup")
        for name in REAL:
            (self.bin / name).symlink_to(shutil.which(name))
        self.has_packages(everything())
        self.has_lists(True)
        self.is_user(0)
        self.fake("apt-get", "")
        self.fake("node", "")
        self.fake("npm", "mkdir -p node_modules")

    def fake(self, name, body):
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f'#!{shutil.which("bash")}\necho "{name} $*" >>"{self.calls}"\n{body}\n')
        path.chmod(0o755)

    def lacks(self, name):
        (self.bin / name).unlink()

    def is_user(self, uid):
        (self.bin / "id").unlink(missing_ok=True)
        self.fake("id", f"echo {uid}")

    def has_packages(self, names):
        lines = "\n".join(f"ii {n}" for n in names)
        self.fake("dpkg-query", f'cat <<"END"\n{lines}\nEND\nexit 1')

    def has_lists(self, there):
        path = self.folder / "lists" / "deb.debian.org_Packages"
        path.touch() if there else path.unlink(missing_ok=True)

    def has_lock(self, text="{}"):
        (self.project / "package.json").write_text("{}")
        (self.project / "package-lock.json").write_text(text)

    def setup(self, *args):
        self.calls.write_text("")
        env = {"PATH": str(self.bin), "TAKT_APT_LISTS": str(self.folder / "lists")}
        result = subprocess.run([self.project / "tools/setup", *args], env=env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.out = result.stdout
        return result.returncode

    def called(self, word):
        return [c for c in self.calls.read_text().splitlines() if c.split()[0] == word]


def everything():
    """The packages that tools/setup names."""
    text = (ROOT / "tools/setup").read_text()
    lists = text.split("build=(")[1].split(")")[0] + " " + text.split("proof=(")[1].split(")")[0]
    return lists.split()


@pytest.fixture(name="machine")
def fixture_machine(tmp_path):
    return Machine(tmp_path)


def test_with_everything_in_place_it_does_nothing(machine):
    assert machine.setup("test") == 0, machine.out
    assert machine.out == ""
    assert machine.called("apt-get") == []
    assert machine.called("npm") == []


def test_only_what_is_missing_is_installed_in_one_call(machine):
    machine.has_packages([p for p in everything() if p not in ("meson", "libyaml-dev")])
    assert machine.setup("demo") == 0, machine.out
    [call] = machine.called("apt-get")
    assert call.endswith("install -y --no-install-recommends meson libyaml-dev")
    assert "setup: apt-get install meson libyaml-dev" in machine.out


def test_demo_asks_for_less_than_test(machine):
    machine.has_packages([])
    machine.setup("demo")
    demo = machine.called("apt-get")[0].split()
    machine.setup("test")
    test = machine.called("apt-get")[0].split()
    assert "libsqlite3-dev" in demo and "chromium" not in demo
    assert set(demo) < set(test) and "chromium" in test


def test_lists_are_fetched_first_when_there_are_none(machine):
    machine.has_packages([])
    machine.has_lists(False)
    assert machine.setup("demo") == 0
    calls = machine.called("apt-get")
    assert "update" in calls[0] and "install" in calls[1] and len(calls) == 2


def test_lists_are_fetched_again_when_an_install_fails(machine):
    machine.has_packages([])
    once = f'[ "$(grep -c install "{machine.calls}")" != 1 ]'
    machine.fake("apt-get", f'case "$*" in *install*) {once} ;; esac')
    assert machine.setup("demo") == 0, machine.out
    assert ["install" in c for c in machine.called("apt-get")] == [True, False, True]


def test_a_second_failure_is_a_failure(machine):
    machine.has_packages([])
    machine.fake("apt-get", "exit 100")
    assert machine.setup("demo") != 0


def test_a_user_goes_through_sudo(machine):
    machine.has_packages([])
    machine.is_user(1000)
    machine.fake("sudo", '"$@"')
    assert machine.setup("demo") == 0, machine.out
    assert "apt-get" in machine.called("sudo")[0]


def test_a_user_without_sudo_is_told_what_to_run(machine):
    machine.has_packages([p for p in everything() if p != "meson"])
    machine.is_user(1000)
    assert machine.setup("demo") != 0
    assert "as root, run: env DEBIAN_FRONTEND=noninteractive apt-get" in machine.out
    assert "install -y --no-install-recommends meson" in machine.out
    assert machine.called("apt-get") == []


def test_a_node_that_is_there_is_used(machine):
    machine.has_lock()
    machine.has_packages(everything())
    assert machine.setup("demo") == 0
    assert machine.called("apt-get") == []


def test_a_missing_node_comes_from_debian(machine):
    machine.has_lock()
    machine.lacks("node")
    machine.lacks("npm")
    machine.fake("apt-get", "exit 0")
    machine.setup("demo")
    assert machine.called("apt-get")[0].endswith("nodejs npm")


def test_npm_runs_only_when_the_lock_file_has_changed(machine):
    machine.has_lock('{"a": 1}')
    machine.setup("demo")
    assert len(machine.called("npm")) == 1
    machine.setup("test")
    assert machine.called("npm") == []
    machine.has_lock('{"a": 2}')
    machine.setup("demo")
    assert len(machine.called("npm")) == 1


def test_a_failed_npm_is_tried_again_and_fails_the_tests_only(machine):
    machine.has_lock()
    machine.fake("npm", "mkdir -p node_modules; exit 1")
    assert machine.setup("test") != 0
    assert machine.setup("demo") == 0
    assert "going on without the Node tools" in machine.out
    assert len(machine.called("npm")) == 1


def test_a_machine_without_apt_is_told_what_is_needed(machine):
    machine.lacks("apt-get")
    assert machine.setup("demo") == 0
    assert "needed are the equivalents of: gcc" in machine.out


@pytest.mark.parametrize("args", [[], ["all"], ["demo", "test"]])
def test_a_wrong_profile_is_refused(machine, args):
    assert machine.setup(*args) == 2
    assert "usage: tools/setup demo|test" in machine.out


def test_every_package_is_named_once():
    names = everything()
    assert len(names) == len(set(names))
    assert os.access(ROOT / "tools/setup", os.X_OK)
