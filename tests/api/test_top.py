"""`takt top` on a terminal of its own: a pseudo terminal that is read back as a screen."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading

import pytest

from server import program, wait_until

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


class Screen:
    """The program on a terminal; `lines()` is what a person sees."""

    def __init__(self, server, columns=80, rows=24, env={}, options=()):
        self.master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.resize(columns, rows)
        self.bytes = b""
        self.process = subprocess.Popen(
            [program(), "top", "--data", server.folder, "--interval-ms", "250", *options], stdin=slave, stdout=slave,
            stderr=slave, preexec_fn=self.take_terminal, env={"PATH": "/usr/bin", "LANG": "C.UTF-8", "TERM": "xterm", **env})
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def take_terminal(self):
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        while True:
            try:
                some = os.read(self.master, 65536)
            except OSError:
                return
            if not some:
                return
            self.bytes += some

    def text(self):
        return self.bytes.decode("utf-8", "replace")

    def lines(self):
        """Plays the last whole picture back."""
        pictures = self.text().split("\x1b[H")
        last = re.sub(r"\x1b\[[0-9;]*m", "", pictures[-1])
        return [line.replace("\x1b[K", "").rstrip("\r") for line in last.split("\n")]

    def see(self, *words):
        def there():
            return self.process.poll() is None and all(w in "\n".join(self.lines()) for w in words)
        try:
            wait_until(there, words)
        except AssertionError:
            raise AssertionError((words, self.process.poll(), self.lines()))

    def press(self, keys):
        os.write(self.master, keys.encode())

    def quit(self, keys="q"):
        if keys:
            self.press(keys)
        code = self.process.wait(10)
        wait_until(lambda: self.text().endswith(LEAVE), "the terminal given back")
        assert self.text().count(ENTER) == self.text().count(LEAVE) == 1
        assert "\x1b[?25h" in self.text()[-40:]  # the cursor is back
        after = termios.tcgetattr(self.slave)
        assert after[3] == self.before[3] and after[6] == self.before[6]
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.slave)
        os.close(self.master)


@pytest.fixture
def screen(fresh):
    opened = []

    def on(*args, **more):
        opened.append(Screen(fresh, *args, **more))
        return opened[-1]
    yield on
    for s in opened:
        s.close()


def test_it_lives_and_gives_the_terminal_back(fresh, screen, kind):
    s = screen()
    s.see("takt ", "ready", "no queue holds a task", "q quit")
    fresh.client.submit(kind)
    s.see(kind)
    assert len(s.lines()) == 24
    assert s.quit() == 0


def test_pages_and_keys(fresh, screen, kind):
    for i in range(40):
        fresh.client.submit(f"{kind}.{i:02}")
    s = screen()
    s.see(f"{kind}.00", "by age")
    s.press("sssss")
    s.see("by name")
    assert f"{kind}.39" not in "\n".join(s.lines())
    s.press("\x1b[6~\x1b[6~\x1b[6~\x1b[6~")
    s.see(f"{kind}.39")
    s.press("g")
    s.see(f"{kind}.00")
    s.press("2")
    s.see("RUNS UNDER WAY", "no run is under way")
    fresh.client.lease(f"{kind}.00")
    s.press("3")
    s.see("AGENTS", "live 1", "busy", "health")
    s.press("\t")
    s.see("EVENTS, newest first", "task.submitted")
    s.press("\x1b[C")
    s.see("QUEUE ")
    s.press("?")
    s.see("PgUp, PgDn a page")
    s.press("\x1b[21~x")  # a key it does not know changes nothing
    s.press("?p")
    s.see("paused", "QUEUE ")
    assert s.quit("\x03") == 0  # Ctrl-C


@pytest.mark.parametrize("columns, rows", [(40, 12), (132, 50), (20, 5)])
def test_resizing(fresh, screen, kind, columns, rows):
    fresh.client.submit(kind)
    s = screen()
    s.see(kind)
    s.resize(columns, rows)
    wait_until(lambda: len(s.lines()) == rows and max(map(len, s.lines())) <= columns, (columns, rows))
    s.see("takt ")
    assert s.quit() == 0


def test_no_color(fresh, screen, kind):
    fresh.client.submit(kind)
    s = screen(env={"NO_COLOR": "1"})
    s.see(kind)
    s.quit()
    assert set(re.findall(r"\x1b\[([0-9;]*)m", s.text())) <= {"0", "1", "2", "7"}


def test_the_server_goes(fresh, screen):
    s = screen()
    s.see("ready")
    fresh.end()
    s.see("no answer")
    s.process.send_signal(signal.SIGTERM)
    assert s.quit(keys="") == 0


def top(server, *options):
    return subprocess.run([program(), "top", "--data", server.folder, *options], text=True, capture_output=True,
                          timeout=30, env={"PATH": "/usr/bin", "LANG": "C.UTF-8"})


def test_once_is_plain(fresh, kind):
    fresh.client.submit(kind)
    said = top(fresh, "--once", "--interval-ms", "250")
    assert said.returncode == 0 and not said.stderr
    assert "\x1b" not in said.stdout and "\r" not in said.stdout
    assert kind in said.stdout and re.search(r"submits \d+/s", said.stdout) and "RUNS UNDER WAY" in said.stdout
    assert top(fresh, "--interval-ms", "250").stdout.startswith("takt ")  # so is a pipe


def test_json_is_one_object(fresh, kind):
    fresh.client.submit(kind)
    said = json.loads(top(fresh, "--json", "--interval-ms", "250").stdout)
    assert set(said) == {"status", "rates"} and said["rates"]["commits"] >= 0
    assert kind in [q["name"] for q in said["status"]["queues"]]


def test_no_server_and_wrong_options(tmp_path):
    nobody = type("Nobody", (), {"folder": tmp_path})
    assert top(nobody, "--once").returncode == 5
    assert "\x1b" not in top(nobody).stdout
    assert top(nobody, "--interval-ms", "5").returncode == 2
    assert top(nobody, "--sort", "colour").returncode == 2
