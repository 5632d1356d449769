"""The promises at the head of src/http/server.h, over raw sockets, one by one.

Each refusal, each limit, pipelining, every cut of a request into pieces, hang-ups, slow
readers.  The server is tests/api/http_echo.c: the HTTP floor with nothing above it.
The folder of the build comes from TAKT_BUILD.
"""

import contextlib
import os
import pathlib
import random
import re
import socket
import struct
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMEOUT = 20


def program():
    build = pathlib.Path(os.environ.get("TAKT_BUILD", ROOT / "build"))
    found = sorted(build.rglob("http_echo"))
    if not found:
        pytest.skip(f"no http_echo below {build}: set TAKT_BUILD")
    return found[0]


class Echo:
    """A running http_echo."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [program(), *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        assert line.startswith("port "), (line, self.process.stderr.read())
        self.port = int(line.split()[1])

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.port), TIMEOUT)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def number(self, path):
        with self.connect() as s:
            s.sendall(get(path))
            return int(Reader(s).answer().body)

    def wait_for(self, path, wanted):
        """Asks until the number is there; the deadline only ends a failing test."""
        end = time.monotonic() + TIMEOUT
        while (n := self.number(path)) != wanted and time.monotonic() < end:
            pass
        assert n == wanted

    def stop(self):
        self.process.terminate()
        try:
            _, err = self.process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        assert self.process.returncode == 0, err
        return err


@contextlib.contextmanager
def running(*options):
    e = Echo(*options)
    try:
        yield e
    finally:
        if e.process.poll() is None:
            e.stop()
        e.process.stdout.close()
        e.process.stderr.close()


@pytest.fixture(scope="module")
def echo():
    with running() as e:
        yield e


def get(path, extra=""):
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n{extra}\r\n".encode()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


class Reader:
    """Reads answers strictly: a byte too many or too few is a failure."""

    def __init__(self, s):
        self.s, self.kept = s, b""

    def more(self):
        piece = self.s.recv(65536)
        self.kept += piece
        return bool(piece)

    def until(self, mark):
        while mark not in self.kept:
            assert self.more(), f"closed before {mark!r}: {self.kept!r}"
        head, self.kept = self.kept.split(mark, 1)
        return head

    def exactly(self, n):
        while len(self.kept) < n:
            assert self.more(), "closed within a body"
        body, self.kept = self.kept[:n], self.kept[n:]
        return body

    def head(self):
        lines = self.until(b"\r\n\r\n").decode().split("\r\n")
        m = re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", lines[0])
        assert m, lines[0]
        headers = {}
        for line in lines[1:]:
            name, value = line.split(": ", 1)
            assert name.lower() not in headers, f"{name} twice"
            headers[name.lower()] = value
        return int(m[1]), headers

    def chunked(self):
        body = b""
        while size := int(self.until(b"\r\n"), 16):
            body += self.exactly(size)
            assert self.exactly(2) == b"\r\n"
        assert self.exactly(2) == b"\r\n"
        return body

    def answer(self, is_head=False):
        status, headers = self.head()
        if is_head or status in (204, 304) or status < 200:
            body = b""
        elif headers.get("transfer-encoding") == "chunked":
            body = self.chunked()
        elif "content-length" in headers:
            body = self.exactly(int(headers["content-length"]))
        else:
            while self.more():
                pass
            body, self.kept = self.kept, b""
        return Answer(status, headers, body)

    def at_end(self):
        if self.kept:
            return False
        try:
            return self.s.recv(1) == b""
        except ConnectionResetError:
            return True


def ask(echo, raw, n=1, **how):
    with echo.connect() as s:
        s.sendall(raw)
        r = Reader(s)
        answers = [r.answer(**how) for _ in range(n)]
        return answers[0] if n == 1 else answers


def ask_closed(echo, raw):
    """Sends, reads one answer, and demands that the connection is then closed."""
    with echo.connect() as s:
        s.sendall(raw)
        r = Reader(s)
        a = r.answer()
        assert r.at_end(), "the connection stays open"
        assert a.headers["connection"] == "close"
        return a


# (1) The gate.  Name, bytes, status.

H = b"Host: x\r\n"
REFUSED = {
    "space before the colon": (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    "tab before the colon": (b"GET / HTTP/1.1\r\nHost: x\r\nA\t: x\r\n\r\n", 400),
    "bare LF after the request line": (b"GET / HTTP/1.1\nHost: x\r\n\r\n", 400),
    "bare LF after a header": (b"GET / HTTP/1.1\r\nHost: x\n\r\n", 400),
    "bare LF as the empty line": (b"GET / HTTP/1.1\r\nHost: x\r\n\n", 400),
    "bare CR in a header": (b"GET / HTTP/1.1\r\n" + H + b"A: b\rc\r\n\r\n", 400),
    "bare CR in the request line": (b"GET /\r HTTP/1.1\r\n" + H + b"\r\n", 400),
    "CR CR LF": (b"GET / HTTP/1.1\r\r\n" + H + b"\r\n", 400),
    "folded line, space": (b"GET / HTTP/1.1\r\n" + H + b"A: b\r\n c\r\n\r\n", 400),
    "folded line, tab": (b"GET / HTTP/1.1\r\n" + H + b"A: b\r\n\tc\r\n\r\n", 400),
    "folded first line": (b"GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400),
    "repeated Content-Length": (
        b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
    "different Content-Lengths": (
        b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    "listed Content-Length": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 1, 1\r\n\r\na", 400),
    "Content-Length with spaces inside": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 1 1\r\n\r\na", 400),
    "Content-Length with plus": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: +1\r\n\r\na", 400),
    "negative Content-Length": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: -1\r\n\r\na", 400),
    "hexadecimal Content-Length": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 0x1\r\n\r\na", 400),
    "empty Content-Length": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: \r\n\r\n", 400),
    "Content-Length past 64 bits": (
        b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 18446744073709551617\r\n\r\n", 400),
    "Content-Length at the edge of 64 bits": (
        b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 18446744073709551615\r\n\r\n", 400),
    "Content-Length of 63 bits": (
        b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 9223372036854775807\r\n\r\n", 400),
    "Content-Length with Transfer-Encoding": (
        b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "Transfer-Encoding with Content-Length": (
        b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
    "Transfer-Encoding gzip": (b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: gzip\r\n\r\n", 400),
    "Transfer-Encoding identity": (b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: identity\r\n\r\n", 400),
    "Transfer-Encoding gzip, chunked": (
        b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    "Transfer-Encoding chunked, chunked": (
        b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
    "two Transfer-Encodings": (
        b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "Transfer-Encoding xchunked": (b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: xchunked\r\n\r\n", 400),
    "empty Transfer-Encoding": (b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: \r\n\r\n", 400),
    "Transfer-Encoding in HTTP/1.0": (
        b"POST / HTTP/1.0\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (b"GET / HTTP/1.1\r\n" + H + H + b"\r\n", 400),
    "two Hosts in HTTP/1.0": (b"GET / HTTP/1.0\r\n" + H + H + b"\r\n", 400),
    "empty Host": (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
    "Host with user": (b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400),
    "Host with path": (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    "listed Host": (b"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
    "NUL in a header": (b"GET / HTTP/1.1\r\n" + H + b"A: b\0c\r\n\r\n", 400),
    "NUL in a name": (b"GET / HTTP/1.1\r\n" + H + b"A\0: b\r\n\r\n", 400),
    "NUL in the target": (b"GET /\0 HTTP/1.1\r\n" + H + b"\r\n", 400),
    "escape in a header": (b"GET / HTTP/1.1\r\n" + H + b"A: \x1b[31m\r\n\r\n", 400),
    "DEL in a header": (b"GET / HTTP/1.1\r\n" + H + b"A: \x7f\r\n\r\n", 400),
    "control byte in the target": (b"GET /\x01 HTTP/1.1\r\n" + H + b"\r\n", 400),
    "high byte in the target": (b"GET /\xc3\xa4 HTTP/1.1\r\n" + H + b"\r\n", 400),
    "high byte in a name": (b"GET / HTTP/1.1\r\n" + H + b"\xc3\xa4: b\r\n\r\n", 400),
    "header without a colon": (b"GET / HTTP/1.1\r\n" + H + b"nothing\r\n\r\n", 400),
    "header without a name": (b"GET / HTTP/1.1\r\n" + H + b": b\r\n\r\n", 400),
    "bracket in a name": (b"GET / HTTP/1.1\r\n" + H + b"a(b): b\r\n\r\n", 400),
    "target without slash": (b"GET hello HTTP/1.1\r\n" + H + b"\r\n", 400),
    "absolute target": (b"GET http://x/ HTTP/1.1\r\n" + H + b"\r\n", 400),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\n" + H + b"\r\n", 400),
    "fragment": (b"GET /a#b HTTP/1.1\r\n" + H + b"\r\n", 400),
    "CONNECT": (b"CONNECT x:443 HTTP/1.1\r\n" + H + b"\r\n", 400),
    "no target": (b"GET HTTP/1.1\r\n" + H + b"\r\n", 400),
    "two spaces": (b"GET  / HTTP/1.1\r\n" + H + b"\r\n", 400),
    "two spaces before the version": (b"GET /  HTTP/1.1\r\n" + H + b"\r\n", 400),
    "space at the end of the line": (b"GET / HTTP/1.1 \r\n" + H + b"\r\n", 400),
    "space at the beginning": (b" GET / HTTP/1.1\r\n" + H + b"\r\n", 400),
    "tab in the request line": (b"GET\t/ HTTP/1.1\r\n" + H + b"\r\n", 400),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400),
    "no HTTP at all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "two empty lines before the request": (b"\r\n\r\nGET / HTTP/1.1\r\n" + H + b"\r\n", 400),
    "HTTP/2 preface": (b"PRI / HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\n" + H + b"\r\n", 505),
    "lower-case version": (b"GET / http/1.1\r\n" + H + b"\r\n", 400),
    "unknown method": (b"BREW / HTTP/1.1\r\n" + H + b"\r\n", 501),
    "lower-case method": (b"get / HTTP/1.1\r\n" + H + b"\r\n", 501),
    "other expectation": (b"POST / HTTP/1.1\r\n" + H + b"Expect: 200-ok\r\nContent-Length: 1\r\n\r\na", 417),
    "too many headers": (b"GET / HTTP/1.1\r\n" + H + b"A: b\r\n" * 100 + b"\r\n", 431),
}

CHUNKED = b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n"
REFUSED_CHUNKS = {
    "no CRLF after a chunk": (b"3\r\nabcX\r\n0\r\n\r\n", 400),
    "LF alone after a chunk": (b"3\r\nabc\n0\r\n\r\n", 400),
    "LF alone after a size": (b"3\nabc\r\n0\r\n\r\n", 400),
    "CR and another byte after a size": (b"3\rXabc\r\n0\r\n\r\n", 400),
    "no size": (b"\r\nabc\r\n", 400),
    "size that is no number": (b"xyz\r\nabc\r\n", 400),
    "size with 0x": (b"0x3\r\nabc\r\n0\r\n\r\n", 400),
    "negative size": (b"-3\r\nabc\r\n", 400),
    "size with a space": (b"3 \r\nabc\r\n0\r\n\r\n", 400),
    "overflowing size": (b"ffffffffffffffff3\r\nabc\r\n0\r\n\r\n", 400),
    "longer than its size": (b"3\r\nabcdef\r\n0\r\n\r\n", 400),
    "control byte in an extension": (b"3;a=\x01\r\nabc\r\n0\r\n\r\n", 400),
    "LF in an extension": (b"3;a\nb\r\nabc\r\n0\r\n\r\n", 400),
    "endless extension": (b"3;" + b"a" * 9000 + b"\r\n", 431),
    "endless trailers": (b"0\r\n" + b"A: b\r\n" * 3000, 431),
    "folded trailer": (b"0\r\nA: b\r\n c\r\n\r\n", 400),
    "bare LF in a trailer": (b"0\r\nA: b\n\r\n", 400),
    "larger than allowed": (b"200000\r\n", 413),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_and_closed(echo, name):
    raw, status = REFUSED[name]
    a = ask_closed(echo, raw)
    assert a.status == status, a.body
    assert a.headers["content-type"] == "application/problem+json"
    assert f'"status":{status}'.encode() in a.body


@pytest.mark.parametrize("name", REFUSED_CHUNKS)
def test_refused_chunks(echo, name):
    body, status = REFUSED_CHUNKS[name]
    assert ask_closed(echo, CHUNKED + body).status == status


@pytest.mark.parametrize("name", [*REFUSED, *REFUSED_CHUNKS])
def test_refused_byte_by_byte(echo, name):
    """The verdict does not depend on how the bytes were cut."""
    raw, status = REFUSED[name] if name in REFUSED else (
        CHUNKED + REFUSED_CHUNKS[name][0], REFUSED_CHUNKS[name][1])
    with echo.connect() as s:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for i in range(min(len(raw), 600)):
                s.send(raw[i:i + 1])
            s.sendall(raw[600:])
        assert Reader(s).answer().status == status


def test_nothing_after_a_refusal_is_served(echo):
    raw = b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 1\r\nContent-Length: 9\r\n\r\n" + get("/hello")
    assert ask_closed(echo, raw).status == 400


# What must be let in.


def test_what_was_seen(echo):
    a = ask(echo, b"POST /a/b?c=d&e HTTP/1.1\r\nHost: x:80\r\nEmpty:\r\nPad: \t v w \t\r\n"
                  b"High: \xc3\xa4\r\nContent-Length: 3\r\n\r\nabc")
    assert a.status == 200
    lines = a.body.decode().splitlines()
    assert lines[:4] == ["method POST", "target /a/b?c=d&e", "path /a/b", "query c=d&e"]
    assert "header Empty=" in lines and "header Pad=v w" in lines and "header High=ä" in lines
    assert lines[-2] == "body 3 1a47e90b" and lines[-1] == "unix 0"
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", a.headers["date"])
    assert "connection" not in a.headers


def test_one_empty_line_before_the_request(echo):
    assert ask(echo, b"\r\n" + get("/hello")).body == b"hello"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods(echo, method):
    a = ask(echo, f"{method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
    assert a.body.startswith(f"method {method}\n".encode())


def test_another_method_reaches_the_application(echo):
    assert ask(echo, b"PROPFIND / HTTP/1.1\r\n" + H + b"\r\n").body.startswith(b"method other\n")


def test_head_has_the_length_but_no_body(echo):
    with echo.connect() as s:
        s.sendall(b"HEAD /hello HTTP/1.1\r\n" + H + b"\r\n" + get("/hello"))
        r = Reader(s)
        assert r.answer(is_head=True).headers["content-length"] == "5"
        assert r.answer().body == b"hello"


def test_head_of_a_stream_has_no_body(echo):
    with echo.connect() as s:
        s.sendall(b"HEAD /stream?3 HTTP/1.1\r\n" + H + b"\r\n" + get("/hello"))
        r = Reader(s)
        assert r.answer(is_head=True).headers["transfer-encoding"] == "chunked"
        assert r.answer().body == b"hello"


def test_204_has_no_length(echo):
    a, b = ask(echo, get("/nothing") + get("/hello"), n=2)
    assert a.status == 204 and "content-length" not in a.headers and b.body == b"hello"


def test_upgrade_is_not_followed(echo):
    a, b = ask(echo, get("/hello", "Connection: Upgrade\r\nUpgrade: websocket\r\n") + get("/hello"), n=2)
    assert (a.status, a.body, b.body) == (200, b"hello", b"hello")


def test_a_line_break_in_an_answer_header_begins_no_header(echo):
    a = ask(echo, get("/injected"))
    assert "x-evil" not in a.headers and a.headers["x-back"] == "a  X-Evil: 1"


def test_chunked_body(echo):
    a = ask(echo, CHUNKED + b"1\r\na\r\n2;x=y\r\nbc\r\n000\r\nTrailer: t\r\n\r\n")
    assert b"body 3 1a47e90b\n" in a.body and b"Trailer" not in a.body


def test_chunked_body_in_capitals_of_the_header(echo):
    a = ask(echo, CHUNKED.replace(b"chunked", b"CHUNKED") + b"3\r\nabc\r\n0\r\n\r\n")
    assert b"body 3 1a47e90b\n" in a.body


def test_expect_continue(echo):
    with echo.connect() as s:
        s.sendall(b"POST / HTTP/1.1\r\n" + H + b"Expect: 100-Continue\r\nContent-Length: 3\r\n\r\n")
        r = Reader(s)
        assert r.answer().status == 100
        s.sendall(b"abc")
        assert b"body 3 1a47e90b\n" in r.answer().body


def test_expect_continue_with_the_body_at_hand(echo):
    a = ask(echo, b"POST / HTTP/1.1\r\n" + H + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc")
    assert a.status == 200


def test_expect_continue_of_too_much(echo):
    a = ask_closed(echo, b"POST /small-body HTTP/1.1\r\n" + H + b"Expect: 100-continue\r\nContent-Length: 17\r\n\r\n")
    assert a.status == 413


def test_http10_closes(echo):
    a = ask_closed(echo, b"GET /hello HTTP/1.0\r\n\r\n")
    assert a.body == b"hello"


def test_http10_keep_alive(echo):
    raw = b"GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    a, b = ask(echo, raw * 2, n=2)
    assert a.headers["connection"] == "keep-alive" and b.body == b"hello"


def test_http10_stream_ends_by_closing(echo):
    a = ask(echo, b"GET /stream?5 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert "transfer-encoding" not in a.headers and a.headers["connection"] == "close"
    assert len(a.body) == 5000


def test_connection_close_is_honoured(echo):
    assert ask_closed(echo, get("/hello", "Connection: close\r\n")).body == b"hello"


# (2) Limits.


def test_body_limit_per_route(echo):
    head = b"POST /small-body HTTP/1.1\r\n" + H
    assert ask(echo, head + b"Content-Length: 16\r\n\r\n" + b"a" * 16).status == 200
    assert ask_closed(echo, head + b"Content-Length: 17\r\n\r\n" + b"a" * 17).status == 413


def test_body_limit_of_chunks_is_their_sum(echo):
    head = b"POST /small-body HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n"
    assert ask(echo, head + b"8\r\naaaaaaaa\r\n" * 2 + b"0\r\n\r\n").status == 200
    assert ask_closed(echo, head + b"8\r\naaaaaaaa\r\n" * 2 + b"1\r\na\r\n0\r\n\r\n").status == 413


def test_413_arrives_although_the_body_keeps_coming(echo):
    with echo.connect() as s:
        s.sendall(b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 2000000\r\n\r\n")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            s.sendall(b"a" * 2000000)
        assert Reader(s).answer().status == 413


@pytest.mark.parametrize("size,status", [(500, 200), (512, 200), (513, 431), (5000, 431)])
def test_head_limit(size, status):
    with running("--head-max", 512) as e:
        head = get("/hello")
        raw = get("/hello", "A: " + "b" * (size - len(head) - len("A: \r\n")) + "\r\n")
        assert len(raw) == size
        assert ask(e, raw).status == status


def test_target_too_long(echo):
    assert ask_closed(echo, get("/" + "a" * 20000)).status == 431


def test_a_head_that_never_ends_is_closed():
    with running("--head-ms", 100) as e:
        assert ask_closed(e, b"GET / HTTP/1.1\r\nHost: x\r\n").status == 408


def test_a_trickle_does_not_move_the_deadline():
    with running("--head-ms", 300, "--idle-ms", 60000) as e, e.connect() as s:
        s.settimeout(0.02)
        begin, got = time.monotonic(), b""
        s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nA: ")
        while not got and time.monotonic() - begin < TIMEOUT:
            with contextlib.suppress(TimeoutError):
                got = s.recv(65536)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                s.send(b"a")
        assert got.startswith(b"HTTP/1.1 408 ")


def test_a_body_that_never_ends_is_closed():
    with running("--body-ms", 100) as e:
        raw = b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 5\r\n\r\nabc"
        assert ask_closed(e, raw).status == 408


def test_an_idle_connection_is_closed_silently():
    with running("--idle-ms", 100) as e, e.connect() as s:
        s.sendall(get("/hello"))
        r = Reader(s)
        assert r.answer().body == b"hello"
        assert r.at_end()


def test_a_connection_that_says_nothing_is_closed():
    with running("--idle-ms", 100) as e, e.connect() as s:
        assert s.recv(1) == b""


def test_a_pending_answer_is_not_idle():
    with running("--idle-ms", 100, "--head-ms", 100, "--body-ms", 100) as e, e.connect() as s:
        s.sendall(get("/poll"))
        with e.connect() as idle:
            assert idle.recv(1) == b""  # a whole idle time has passed
        e.wait_for("/pending", 2)
        assert e.number("/wake") == 1
        assert Reader(s).answer().body == b"woken"


def test_more_connections_wait_their_turn():
    with running("--connections-max", 4) as e:
        held = [e.connect() for _ in range(4)]
        for s in held:
            s.sendall(get("/hello"))
            assert Reader(s).answer().body == b"hello"
        with e.connect() as late:
            late.sendall(get("/hello"))
            late.settimeout(0.2)
            with pytest.raises(TimeoutError):
                late.recv(1)
            late.settimeout(TIMEOUT)
            held.pop().close()
            assert Reader(late).answer().body == b"hello"
        for s in held:
            s.close()


# (3) Keep-alive and pipelining.


def test_keep_alive(echo):
    with echo.connect() as s:
        r = Reader(s)
        for i in range(50):
            s.sendall(get(f"/n?{i}"))
            assert f"query {i}\n".encode() in r.answer().body


def test_pipelined_answers_keep_their_order(echo):
    paths = ["/later?a", "/hello", "/later?b", "/stream?2", "/nothing", "/later?c"] * 20
    with echo.connect() as s:
        s.sendall(b"".join(map(get, paths)))
        r = Reader(s)
        for path in paths:
            body = r.answer().body
            name, _, query = path[1:].partition("?")
            assert body == {"later": f"later {query}".encode(), "hello": b"hello",
                            "stream": b"\0" * 2000, "nothing": b""}[name]


def test_pipelined_bodies(echo):
    raw = b"".join(b"POST / HTTP/1.1\r\n" + H + b"Content-Length: %d\r\n\r\n" % n + b"x" * n for n in range(60))
    for n, a in enumerate(ask(echo, raw, n=60)):
        assert b"body %d " % n in a.body


def test_more_pipelined_than_is_kept(echo):
    """More requests than fit into the buffer for early ones, behind one that waits."""
    n = 4000
    with echo.connect() as s, echo.connect() as waker:
        s.sendall(get("/quiet"))
        s.setblocking(False)
        raw, sent = get("/hello") * n, 0
        with contextlib.suppress(BlockingIOError):
            while sent < len(raw):
                sent += s.send(raw[sent:])
        s.setblocking(True)
        s.settimeout(TIMEOUT)
        echo.wait_for("/pending", 2)
        waker.sendall(get("/wake"))
        assert Reader(waker).answer().body == b"1\n"
        r = Reader(s)
        assert r.answer().body == b"woken"
        for i in range(n):
            if sent < len(raw) and i % 500 == 0:
                s.sendall(raw[sent:])
                sent = len(raw)
            assert r.answer().body == b"hello"


WHOLE = (b"POST /cut?x=1 HTTP/1.1\r\nHost: localhost:1\r\nX-A: one  two\r\nX-B:\r\n"
         b"Content-Length: 11\r\n\r\nhello world")
WHOLE_CHUNKED = (b"POST /cut?x=1 HTTP/1.1\r\nHost: localhost:1\r\nTransfer-Encoding: chunked\r\n\r\n"
                 b"5;e=1\r\nhello\r\n6\r\n world\r\n0\r\nT: t\r\n\r\n")


@pytest.mark.parametrize("raw", [WHOLE, WHOLE_CHUNKED], ids=["plain", "chunked"])
def test_every_cut_gives_the_same_answer(echo, raw):
    whole = ask(echo, raw).body
    assert b"body 11 " in whole
    with echo.connect() as s:
        r = Reader(s)
        for at in range(1, len(raw)):
            s.sendall(raw[:at])
            s.sendall(raw[at:])
            assert r.answer().body == whole, f"cut at {at}"


@pytest.mark.parametrize("raw", [WHOLE, WHOLE_CHUNKED], ids=["plain", "chunked"])
def test_byte_by_byte(echo, raw):
    whole = ask(echo, raw).body
    with echo.connect() as s:
        for i in range(len(raw)):
            s.send(raw[i:i + 1])
        assert Reader(s).answer().body == whole


@pytest.mark.parametrize("seed", range(5))
def test_random_cuts_of_a_pipeline(echo, seed):
    rnd = random.Random(seed)
    parts = [rnd.choice([WHOLE, WHOLE_CHUNKED, get("/later?z"), get("/hello")]) for _ in range(40)]
    expected = [ask(echo, p).body for p in parts]
    raw, at = b"".join(parts), 0
    with echo.connect() as s:
        while at < len(raw):
            n = rnd.choice([1, 2, 3, 7, 50, 200])
            s.sendall(raw[at:at + n])
            at += n
        r = Reader(s)
        assert [r.answer().body for _ in parts] == expected


# Answers.


def test_large_answer(echo):
    assert ask(echo, get("/large?5000000")).body == b"x" * 5000000


def test_large_answers_pipelined_to_a_slow_reader(echo):
    with echo.connect() as s:
        s.sendall(get("/large?3000000") * 3 + get("/hello"))
        r = Reader(s)
        for _ in range(3):
            assert len(r.answer().body) == 3000000
        assert r.answer().body == b"hello"


def test_stream(echo):
    a, b = ask(echo, get("/stream?3000") + get("/hello"), n=2)
    assert a.body == b"\0" * 3000000 and b.body == b"hello"


def test_events_come_at_once(echo):
    with echo.connect() as s:
        s.sendall(get("/events"))
        r = Reader(s)
        status, headers = r.head()
        assert (status, headers["content-type"]) == (200, "text/event-stream")
        assert r.until(b"\r\n") == b"d" and r.exactly(13) == b"data: first\n\n"


# (4) Hang-ups.


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


@pytest.mark.parametrize("how", ["close", "half-close", "reset"])
@pytest.mark.parametrize("path", ["/poll", "/events"])
def test_a_hang_up_is_noticed(how, path):
    with running() as e:
        s = e.connect()
        s.sendall(get(path))
        e.wait_for("/pending", 2)
        {"close": s.close, "half-close": lambda: s.shutdown(socket.SHUT_WR), "reset": lambda: reset(s)}[how]()
        e.wait_for("/gone", 1)
        assert e.number("/pending") == 1
        s.close()


def test_a_hang_up_in_the_packet_of_the_request_is_noticed():
    with running() as e:
        with e.connect() as s:
            s.sendall(get("/poll"))
        e.wait_for("/gone", 1)


def test_a_hang_up_behind_pipelined_requests_is_noticed():
    with running() as e:
        with e.connect() as s:
            s.sendall(get("/poll") + get("/hello") * 3000)
        e.wait_for("/gone", 1)


def test_a_thousand_dropped_polls_are_noticed():
    with running() as e:
        polls = [e.connect() for _ in range(1000)]
        for s in polls:
            s.sendall(get("/poll"))
        e.wait_for("/pending", 1001)
        for s in polls:
            s.close()
        e.wait_for("/gone", 1000)
        assert e.number("/pending") == 1


def test_a_half_closed_client_gets_its_answer(echo):
    with echo.connect() as s:
        s.sendall(get("/later?1") + get("/large?2000000") + get("/later?2"))
        s.shutdown(socket.SHUT_WR)
        r = Reader(s)
        assert r.answer().body == b"later 1"
        assert len(r.answer().body) == 2000000
        assert r.answer().body == b"later 2"
        assert r.at_end()


def test_an_exchange_without_on_gone_outlives_its_client():
    with running() as e:
        s = e.connect()
        s.sendall(get("/quiet"))
        e.wait_for("/pending", 2)
        reset(s)
        assert e.number("/wake") == 1
        e.wait_for("/pending", 1)


def test_half_a_request_and_a_hang_up(echo):
    for part in (b"", b"GET", get("/hello")[:-1], WHOLE[:-1], WHOLE_CHUNKED[:-3]):
        with echo.connect() as s:
            s.sendall(part)
            s.shutdown(socket.SHUT_WR)
            assert s.recv(1) == b""


# (5) Slow readers.


def test_a_reader_that_does_not_drain_is_closed():
    with running("--pending-max", 300000) as e, e.connect() as s:
        s.sendall(get("/flood"))
        e.wait_for("/floods", 1)
        with pytest.raises(ConnectionResetError):
            while s.recv(1 << 20):
                pass
        assert e.number("/pending") == 1


def test_an_answer_that_nobody_reads_is_closed():
    with running("--idle-ms", 200) as e, e.connect() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.sendall(get("/large?50000000"))
        for _ in range(2):  # closed for idling: so much time has passed
            with e.connect() as other:
                assert other.recv(1) == b""
        with pytest.raises(ConnectionResetError):
            while s.recv(1 << 20):
                pass


def memory_kb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def test_two_thousand_waiting_polls_are_cheap():
    with running() as e:
        before = memory_kb(e.process.pid)
        polls = [e.connect() for _ in range(2000)]
        for s in polls:
            s.sendall(get("/poll", "User-Agent: some worker\r\nAccept: */*\r\n"))
        e.wait_for("/pending", 2001)
        each = (memory_kb(e.process.pid) - before) / 2000
        for s in polls:
            s.close()
        assert each < 12, f"{each} KiB each"


# Unix socket, draining.


def test_unix_socket(tmp_path):
    path = tmp_path / "s"
    with running("--unix", path) as e:
        assert path.stat().st_mode & 0o777 == 0o600
        s = socket.socket(socket.AF_UNIX)
        s.connect(str(path))
        s.sendall(get("/"))
        assert Reader(s).answer().body.endswith(b"unix 1\n")
        s.close()
        assert e.process.poll() is None


def test_a_stale_unix_socket_is_replaced_and_a_live_one_not(tmp_path):
    path = tmp_path / "s"
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(path))
    stale.close()
    with running("--unix", path):
        p = subprocess.run([program(), "--unix", path], capture_output=True, text=True, timeout=TIMEOUT)
        assert p.returncode == 1 and "another server listens" in p.stderr


def test_draining_finishes_what_was_asked():
    with running() as e:
        poll, events, idle = e.connect(), e.connect(), e.connect()
        poll.sendall(get("/poll"))
        events.sendall(get("/events"))
        e.wait_for("/pending", 3)
        e.process.terminate()
        a = Reader(poll).answer()
        assert a.body == b"draining" and a.headers["connection"] == "close"
        assert Reader(events).answer().body == b"data: first\n\n"
        assert idle.recv(1) == b""
        assert e.process.wait(TIMEOUT) == 0
        for s in (poll, events, idle):
            s.close()


def test_draining_refuses_new_connections():
    with running() as e:
        e.stop()
        with pytest.raises(ConnectionRefusedError):
            e.connect()
