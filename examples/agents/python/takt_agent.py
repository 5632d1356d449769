#!/usr/bin/python3
"""An agent for takt in Python, with nothing but the standard library.

    TAKT_SERVER=http://127.0.0.1:8420 TAKT_KEY=takt_… python3 takt_agent.py

performs tasks of kind `text.shout`.  For work of your own import it:

    takt_agent.run({"image.scale": scale})      # scale(input, beat) -> output

A function is given the task's input and `beat(progress, message)`, which it may call when it
has something to tell; beats that keep the lease are sent anyway.  What it returns is the
output; `Failed` says that trying again makes no sense, any other exception that it does.

What makes it robust: it names its session and what it holds, so a lost answer costs nothing;
it repeats its last word until somebody has heard it; SIGTERM, or a server that drains this
agent, lets the task at hand end.
"""

import http.client
import json
import os
import signal
import socket
import sys
import threading
import time
import urllib.parse
import uuid

LEASE_MS, WAIT_MS = int(os.environ.get("LEASE_MS", "30000")), 1000
GRACE_S = 10  # how long a result waits for a server that is away when the agent is to end


class Ending:
    """Whether the agent is to end, and since when."""

    since = None

    @classmethod
    def begin(cls, *_):
        cls.since = cls.since or time.monotonic()


class Failed(Exception):
    """The task can't succeed, however often it is tried."""


class Gone(Exception):
    """The lease is somebody else's by now: the result is not wanted."""


class Server:
    """One keep-alive connection; a thread has its own."""

    def __init__(self):
        url = urllib.parse.urlsplit(os.environ.get("TAKT_SERVER", "http://127.0.0.1:8420"))
        self.address, self.connection = (url.hostname, url.port or 80), None
        self.headers = {"Authorization": "Bearer " + os.environ["TAKT_KEY"], "Content-Type": "application/json"}

    def once(self, path, body):
        if not self.connection:
            self.connection = http.client.HTTPConnection(*self.address, timeout=WAIT_MS / 1000 + 14)
        try:
            self.connection.request("POST", path, json.dumps(body), self.headers)
            answer = self.connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.connection.close()
            self.connection = None
            raise ConnectionError from None

    def post(self, path, body, grace_s=GRACE_S):
        """Asks until there is an answer: every word of an agent may be said twice."""
        pause = 0.1
        while True:
            try:
                status, answer = self.once(path, body)
            except ConnectionError:
                status, answer = 503, {"detail": "no server"}
            if status < 300:
                return answer
            if status in (404, 409):  # it never was, or it is not ours any longer
                raise Gone(answer["detail"])
            if status not in (429, 500, 502, 503, 507):
                sys.exit(f"{path}: {status} {answer.get('detail')}")
            if Ending.since and time.monotonic() >= Ending.since + grace_s:
                raise Gone("nobody hears it")
            time.sleep(pause)
            pause = min(2 * pause, 1)


class Holder(threading.Thread):
    """Keeps the lease of one task while it is performed."""

    def __init__(self, task):
        super().__init__(daemon=True)
        self.task, self.over, self.is_unwanted, self.news = task, threading.Event(), False, {}
        self.start()

    def word(self, **more):
        return {"token": self.task["token"], "attempt": self.task["attempt"], **more}

    def beat(self, progress=None, message=None):
        self.news = {"progress": progress, "message": message}
        if self.is_unwanted:
            raise Gone("cancelled")

    def run(self):
        server, path = Server(), f"/v1/tasks/{self.task['id']}/heartbeat"
        while not self.over.wait(self.task["lease_ms"] / 3000):
            news, self.news = {k: v for k, v in self.news.items() if v is not None}, {}
            try:
                self.is_unwanted = server.post(path, self.word(**news))["cancelled"]
            except Gone:
                self.is_unwanted = True
            if self.is_unwanted:
                return


def perform(server, kinds, task):
    holder, path = Holder(task), f"/v1/tasks/{task['id']}/"
    try:
        verb, more = "complete", {"output": kinds[task["kind"]](task["input"], holder.beat)}
    except Gone:
        return
    except Failed as e:
        verb, more = "fail", {"error": {"code": "failed", "message": str(e)}, "final": True}
    except Exception as e:  # whatever it is, it is the task's, not ours
        verb, more = "fail", {"error": {"code": type(e).__name__, "message": str(e)[:4000]}}
    holder.over.set()
    try:
        server.post(path + verb, holder.word(**more))
    except Gone as e:
        print(f"{task['id']}: {e}", file=sys.stderr)


def run(kinds, name=None):
    """Performs tasks of the kinds {name: function} until SIGTERM, or until it is drained."""
    signal.signal(signal.SIGTERM, Ending.begin)
    ask = {"worker": name or f"{socket.gethostname()}-{os.getpid()}", "kinds": list(kinds), "lease_ms": LEASE_MS,
           "session": uuid.uuid4().hex, "holding": []}
    server = Server()
    while not Ending.since:
        # A short wait, so that SIGTERM is heard soon; when there is work the answer comes at once.
        try:
            answer = server.post("/v1/leases", {**ask, "wait_ms": WAIT_MS}, grace_s=0)
        except Gone:
            break
        if answer["draining"]:
            Ending.begin()
        for task in answer["tasks"]:
            perform(server, kinds, task)


if __name__ == "__main__":
    run({"text.shout": lambda text, beat: text.upper() + "!"})
