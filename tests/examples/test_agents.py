"""The agents of the manual, one in each language: they are killed, their server is killed, and
every task ends as it should, performed once as far as anybody was told."""

import os
import pathlib
import random
import signal
import subprocess

import pytest

from server import Server, wait_until

ROOT = pathlib.Path(__file__).parents[2]
AGENTS = ROOT / "examples" / "agents"
TASKS = 16


@pytest.fixture(scope="module")
def count(tmp_path_factory):
    """The C agent, built as its first lines say."""
    program = tmp_path_factory.mktemp("c") / "count"
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-o", program, AGENTS / "c/count.c", AGENTS / "c/takt_agent.c",
                    "-lcurl", "-ljansson"], check=True)
    return [program]


class Agent:
    def __init__(self, argv, server):
        self.argv, self.log = argv, open(server.folder.with_name("agent.log"), "ab")
        self.env = {**os.environ, "TAKT_SERVER": f"http://127.0.0.1:{server.port}", "TAKT_KEY": server.key,
                    "LEASE_MS": "2000"}
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.argv, env=self.env, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log)

    def end(self, with_signal):
        self.process.send_signal(with_signal)
        return self.process.wait(20)


def argv_of(language, count):
    return {"c": count, "python": ["/usr/bin/python3", AGENTS / "python/takt_agent.py"],
            "shell": [AGENTS / "shell/agent.sh", "text.lines", "jq", "length"]}[language]


WORK = {"c": ("text.count", lambda n: {"text": "a " * n}, lambda n: {"bytes": 2 * n, "words": n}),
        "python": ("text.shout", lambda n: "x" * n, lambda n: "X" * n + "!"),
        "shell": ("text.lines", lambda n: ["x"] * n, lambda n: n)}


@pytest.mark.parametrize("language", WORK)
def test_an_agent_lives_through_kills(language, count, tmp_path):
    kind, input_of, output_of = WORK[language]
    dice = random.Random(language)
    server = Server(tmp_path / "data")
    with server:
        server.listen = f"127.0.0.1:{server.port}"
        tasks = [server.client.submit(kind, input_of(n))["id"] for n in range(TASKS)]
        agent = Agent(argv_of(language, count), server)

        def succeeded():
            counts = server.client.get(f"/v1/queues/{kind}")
            return counts["days"][0]["succeeded"] if counts["days"] else 0

        for at in (3, 6):
            wait_until(lambda: succeeded() >= at, f"{at} tasks")
            agent.end(signal.SIGKILL)
            agent.start()
        wait_until(lambda: succeeded() >= 9, "9 tasks")
        server.end(signal.SIGKILL)
        server.start()
        wait_until(lambda: succeeded() == TASKS, "all tasks")
        for n, id in dice.sample(list(enumerate(tasks)), 8):
            task = server.client.task(id)
            assert task["state"] == "succeeded" and task["output"] == output_of(n), task
        assert agent.end(signal.SIGTERM) == 0
        events = server.client.get("/v1/events", limit=1000)["events"]
        assert [e["type"] for e in events].count("task.succeeded") == TASKS


@pytest.mark.parametrize("language,input", [("c", {"n": 1}), ("shell", "{"), ("python", 7)])
def test_work_that_fails_is_told(language, input, count, tmp_path):
    kind = WORK[language][0]
    argv = argv_of(language, count)
    if language == "shell":
        argv = [AGENTS / "shell/agent.sh", kind, "sh", "-c", "echo no such day >&2; exit 65"]
    with Server(tmp_path / "data") as server:
        id = server.client.submit(kind, input, attempts_max=1)["id"]
        agent = Agent(argv, server)
        task = wait_until(lambda: (t := server.client.task(id))["state"] == "failed" and t, "the failure")
        assert task["error"]["message"], task
        assert language != "shell" or (task["error"]["code"], task["error"]["message"]) == ("exit_65", "no such day\n")
        assert agent.end(signal.SIGTERM) == 0


def test_a_shell_command_is_ended_when_its_task_is_cancelled(tmp_path):
    with Server(tmp_path / "data") as server:
        id = server.client.submit("nap")["id"]
        agent = Agent([AGENTS / "shell/agent.sh", "nap", "sleep", "300"], server)
        wait_until(lambda: server.client.task(id)["state"] == "leased", "the lease")
        server.client.post(f"/v1/tasks/{id}/cancel", {})
        again = server.client.submit("nap")["id"]
        wait_until(lambda: server.client.task(again)["state"] == "leased", "the next lease")
        server.client.post(f"/v1/tasks/{again}/cancel", {})
        assert agent.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("language", WORK)
def test_a_drained_agent_leaves(language, count, tmp_path):
    kind, input_of, output_of = WORK[language]
    with Server(tmp_path / "data") as server:
        agent = Agent(argv_of(language, count), server)
        names = wait_until(lambda: [a["name"] for a in server.client.get("/v1/agents")["agents"]], "the agent")
        id = server.client.submit(kind, input_of(3))["id"]
        wait_until(lambda: server.client.task(id)["state"] == "succeeded", "the task")
        server.client.post(f"/v1/agents/{names[0]}/drain", {})
        assert agent.process.wait(20) == 0
        assert server.client.task(id)["output"] == output_of(3)


@pytest.mark.parametrize("language", WORK)
def test_an_agent_ends_without_a_server(language, count, tmp_path):
    """It waits for a server that is away, and hears that it is to end."""
    with Server(tmp_path / "data") as server:
        agent = Agent(argv_of(language, count), server)
        wait_until(lambda: server.client.get("/v1/agents")["agents"], "the agent")
    with pytest.raises(subprocess.TimeoutExpired):
        agent.process.wait(1.5)
    assert agent.end(signal.SIGTERM) == 0


def test_a_wrong_key_ends_the_agent(count, tmp_path):
    with Server(tmp_path / "data") as server:
        for language in WORK:
            env = {**os.environ, "TAKT_SERVER": f"http://127.0.0.1:{server.port}", "TAKT_KEY": "takt_" + 43 * "a"}
            done = subprocess.run(argv_of(language, count), env=env, capture_output=True, timeout=20, check=False)
            assert done.returncode == 1 and b"401" in done.stderr, (language, done)
            assert b"aaaa" not in done.stderr


def test_the_agents_are_short():
    """The manual promises that one can be read in a sitting."""
    for path in AGENTS.glob("*/*"):
        if path.suffix in (".py", ".sh", ".c"):
            assert len(path.read_text().splitlines()) <= 200, path
