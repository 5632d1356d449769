"""A real server: started by `takt serve` on loopback with a data folder of its own, ended by
its pid; and clients whose every answer is held against the contract."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.parse

import contract

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMEOUT = 30  # only ends a test that fails
started = []  # every process, so that none is left by a test that failed


def program():
    build = pathlib.Path(os.environ.get("TAKT_BUILD", ROOT / "build"))
    given = build / "src" / "takt"
    return pathlib.Path(os.environ.get("TAKT_PROGRAM", given))


def wait_until(condition, what, pause=0.002):
    end = time.monotonic() + TIMEOUT
    while not (value := condition()):
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(pause)
    return value


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:600]!r}"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Client:
    """One request, one connection.  `key` None: no Authorization header."""

    def __init__(self, server, key, is_unix=False):
        self.server, self.key, self.is_unix = server, key, is_unix

    def connection(self):
        if self.is_unix:
            return UnixConnection(self.server.folder / "takt.sock", TIMEOUT)
        return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=TIMEOUT)

    def headers(self, extra):
        own = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return {k: v for k, v in {**own, **extra}.items() if v is not None}

    def open(self, method, path, body=None, headers={}):
        """Sends; the connection whose answer is to be read."""
        c = self.connection()
        c.request(method, path, body, self.headers(headers))
        return c

    def raw(self, method, path, body=None, headers={}):
        with contextlib.closing(self.open(method, path, body, headers)) as c:
            r = c.getresponse()
            answer = Answer(r.status, {k.lower(): v for k, v in r.getheaders()}, r.read())
        contract.check_answer(method, path.split("?")[0], answer.status, answer.headers, answer.body)
        return answer

    def ask(self, method, path, body=None, status=200, headers={}, query=None):
        """JSON in, JSON out, with the status that is wanted."""
        if query:
            path += "?" + urllib.parse.urlencode(query)
        own = {}
        if body is not None:
            body, own = json.dumps(body).encode(), {"Content-Type": "application/json"}
        answer = self.raw(method, path, body, {**own, **headers})
        assert answer.status == status, (method, path, answer)
        return answer.json if answer.body else None

    def get(self, path, status=200, **query):
        return self.ask("GET", path, status=status, query=query)

    def post(self, path, body=None, status=200, **headers):
        return self.ask("POST", path, body, status, {k.replace("_", "-"): v for k, v in headers.items()})

    def refused(self, method, path, body=None, headers={}, status=None, code=None, pointer=None):
        """The problem, which must be one of the client's (4xx)."""
        if body is not None and not isinstance(body, bytes):
            body, headers = json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
        answer = self.raw(method, path, body, headers)
        assert 400 <= answer.status < 500, (method, path, answer)
        problem = answer.json if answer.body else {}
        assert status in (None, answer.status), answer
        assert code in (None, problem.get("code")), answer
        assert pointer in (None, problem.get("pointer")), answer
        return problem

    # --- what tests do all the time ---

    def submit(self, kind, input=None, status=201, **more):
        key = {"Idempotency-Key": more.pop("idempotency_key")} if "idempotency_key" in more else {}
        return self.ask("POST", "/v1/tasks", {"kind": kind, "input": input, **more}, status, key)

    def lease(self, *kinds, **more):
        body = {"worker": "test", "kinds": list(kinds), **more}
        return self.post("/v1/leases", body)["tasks"]

    def lease_one(self, *kinds, **more):
        (lease,) = self.lease(*kinds, **more)
        return lease

    def tell(self, held, verb, status=200, **body):
        words = {"token": held["token"], "attempt": held["attempt"], **body}
        return self.post(f"/v1/tasks/{held['id']}/{verb}", words, status)

    def complete(self, held, output=None, **more):
        return self.tell(held, "complete", output=output, **more)

    def task(self, id):
        return self.get(f"/v1/tasks/{id}")

    def metric(self, name):
        text = self.raw("GET", "/metrics").body.decode()
        lines = [line for line in text.splitlines() if line.startswith(name + " ")]
        return float(lines[0].split()[-1])


class Server:
    def __init__(self, folder, *options, listen="127.0.0.1:0"):
        self.folder = pathlib.Path(folder)
        self.log_path = self.folder.with_name(self.folder.name + ".log")
        self.options, self.listen = options, listen
        self.process = None

    def spawn(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [program(), "serve", "--data", self.folder, "--listen", self.listen,
                 "--maker-processes", "0", "--disk-low-bytes", "1048576", *self.options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        started.append(self.process)
        return self

    def announced(self):
        """What server.json says, when it is of this process."""
        assert self.process.poll() is None, f"the server ended:\n{self.log()}"
        try:
            said = json.loads((self.folder / "server.json").read_text())
        except (OSError, ValueError):
            return None
        return said if said["pid"] == self.process.pid else None

    def start(self):
        self.spawn()
        said = wait_until(self.announced, "the announcement in server.json")
        self.port = int(said["address"].rsplit(":", 1)[1])
        self.key = (self.folder / "key").read_text().strip()
        self.client = Client(self, self.key)
        self.unix = Client(self, None, is_unix=True)
        self.client.get("/readyz")
        return self

    def log(self):
        return self.log_path.read_text(errors="replace")

    def end(self, with_signal=signal.SIGTERM):
        """The exit code."""
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        try:
            return self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def run_to_end(self):
        """For servers that can't start: (exit code, log)."""
        self.spawn()
        return self.process.wait(TIMEOUT), self.log()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.end()
