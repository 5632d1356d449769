"""The servers of `make bench`: how each is started so that it loses nothing, and stopped.

A server gets a fresh folder, free ports on loopback and nothing of the system's own settings;
it ends by its process id, with what it started itself.  `durable` says by what setting what it
acknowledges is on the disk.
"""

import contextlib
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time

READY_S = 30
STOP_S = 15
LAST_WORDS = 400


class Unavailable(Exception):
    """This server cannot be measured here; the text says why."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def program(*names):
    """The first of the programs that is there; an absolute name may have a `*`."""
    for name in names:
        if name.startswith("/"):
            found = sorted(pathlib.Path("/").glob(name[1:]))
            if found:
                return str(found[-1])
        elif shutil.which(name):
            return shutil.which(name)
    raise Unavailable(f"there is no {names[0]}")


def output(argv, **more):
    done = subprocess.run(argv, text=True, capture_output=True, check=False, timeout=120, **more)
    if done.returncode != 0:
        raise Unavailable(f"{argv[0]}: {(done.stderr or done.stdout).strip()[-LAST_WORDS:]}")
    return done.stdout


def version_in(text):
    found = re.search(r"\d+(\.\d+)+", text)
    return found.group(0) if found else "?"


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class Server:
    """One server at work.  Subclasses say `argv()`, and what stands in `plan` for the client."""

    name = client = product = durable = packages = None
    stop_signal = signal.SIGTERM

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.started = []
        self.version = "?"

    def start(self):
        log = open(self.folder / "log", "wb")  # pylint: disable=consider-using-with
        with log:
            self._launch(self.argv(), log)
        self.await_ready()

    def _launch(self, argv, log, **more):
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
            start_new_session=True, **more)
        self.started.append(process)
        return process

    def await_ready(self):
        until = time.monotonic() + READY_S
        while not self.is_ready():
            if self.started[-1].poll() is not None or time.monotonic() > until:
                words = (self.folder / "log").read_text(errors="replace").strip()
                self.stop()
                raise Unavailable(f"{self.name} did not start: {words[-LAST_WORDS:]}")
            time.sleep(0.05)

    def is_ready(self):
        return answers(self.port)

    def argv(self):
        raise NotImplementedError

    def plan(self):
        return {"port": self.port}

    def memory_kb(self):
        """Memory of all its processes now; what several share counts in parts (PSS)."""
        return sum(pss_kb(pid) for p in self.started for pid in family(p.pid))

    def stop(self):
        """Asks the processes to end, then ends them and what they started."""
        members = [pid for p in self.started for pid in family(p.pid)]
        for process in reversed(self.started):
            if process.poll() is None:
                process.send_signal(self.stop_signal)
        for process in reversed(self.started):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # its session is its own
            process.wait()
        until = time.monotonic() + STOP_S
        while any(map(is_alive, members)) and time.monotonic() < until:
            time.sleep(0.01)
        self.started = []


def family(pid):
    """The process and all that it has started."""
    found = [pid]
    with contextlib.suppress(OSError):
        for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += family(int(child))
    return found


def is_alive(pid):
    with contextlib.suppress(OSError):
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] != "Z"
    return False


def pss_kb(pid):
    with contextlib.suppress(OSError):
        text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(re.search(r"(?m)^Pss: +(\d+) kB", text).group(1))
    return 0


class Takt(Server):
    name, client, product, packages = "takt, client in Node", "takt", "takt", ()
    durable = "`fdatasync` of a commit before each answer"

    def __init__(self, folder, takt):
        super().__init__(folder)
        self.takt = str(takt)
        self.version = version_in(output([self.takt, "version"]))

    def argv(self):
        return [self.takt, "serve", "--data", str(self.folder / "data"),
                "--listen", f"127.0.0.1:{self.port}", "--log-level", "warn"]

    def is_ready(self):
        return (self.folder / "data" / "key").exists() and answers(self.port)

    def plan(self):
        return {"port": self.port, "key": (self.folder / "data" / "key").read_text().strip()}


class Beanstalkd(Server):
    name, client, product, packages = "beanstalkd", "beanstalkd", "beanstalkd", ("beanstalkd",)
    durable = "`-b` with `-f 0`: its log is synced at each write"

    def argv(self):
        path = program("beanstalkd", "/usr/sbin/beanstalkd")
        self.version = version_in(output([path, "-v"]))
        (self.folder / "binlog").mkdir()
        return [path, "-l", "127.0.0.1", "-p", str(self.port), "-f", "0",
                "-b", str(self.folder / "binlog")]


class Redis(Server):
    name, client, product, packages = "BullMQ on Redis", "bullmq", "Redis", ("redis-server",)
    durable = "`appendonly yes`, `appendfsync always`"

    def argv(self):
        path = program("redis-server")
        self.version = version_in(output([path, "--version"]))
        return [path, "--bind", "127.0.0.1", "--port", str(self.port),
                "--dir", str(self.folder), "--daemonize", "no", "--save", "",
                "--appendonly", "yes", "--appendfsync", "always",
                "--maxmemory-policy", "noeviction"]


class RabbitMQ(Server):
    """Erlang's port mapper is started by us, or the first node would leave one behind."""

    name, client, product, packages = "RabbitMQ", "rabbitmq", "RabbitMQ", ("rabbitmq-server",)
    durable = "durable classic queue, persistent messages, publisher confirms, manual acks"

    def start(self):
        ports = {"ERL_EPMD_PORT": str(free_port()), "RABBITMQ_DIST_PORT": str(free_port())}
        here = str(self.folder)
        env = {"PATH": os.environ["PATH"], "HOME": here, "LANG": "C.UTF-8",
               "ERL_EPMD_ADDRESS": "127.0.0.1", **ports,
               "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": str(self.port),
               "RABBITMQ_NODENAME": f"bench{os.getpid()}@localhost",
               "RABBITMQ_MNESIA_BASE": f"{here}/db", "RABBITMQ_LOG_BASE": f"{here}/logs",
               "RABBITMQ_PID_FILE": f"{here}/pid", "RABBITMQ_CONFIG_FILE": f"{here}/none",
               "RABBITMQ_ENABLED_PLUGINS_FILE": f"{here}/plugins",
               "RABBITMQ_CONF_ENV_FILE": f"{here}/none.sh"}
        server = program("/usr/lib/rabbitmq/bin/rabbitmq-server")
        self.version = version_in(output(
            ["dpkg-query", "-W", "-f=${Version}", "rabbitmq-server"]))
        (self.folder / "plugins").write_text("[].\n")
        with open(self.folder / "log", "wb") as log:
            self._launch([program("epmd"), "-port", ports["ERL_EPMD_PORT"]], log, env=env)
            self._launch([server], log, env=env)
        self.await_ready()

    def argv(self):
        return []

    def is_ready(self):
        log = (self.folder / "log").read_text(errors="replace")
        return "completed with" in log and answers(self.port)


class Postgres(Server):
    """PostgreSQL will not run as root: then it is run as the user of Debian's package."""

    product, packages = "PostgreSQL", ("postgresql-15",)
    durable = "`fsync` and `synchronous_commit` on, as they are by default"
    stop_signal = signal.SIGINT  # fast shutdown

    def as_user(self, *argv):
        if os.getuid() != 0:
            return list(argv)
        who = ["--reuid", "postgres", "--regid", "postgres", "--init-groups"]
        return [program("setpriv"), *who, "--", *argv]

    def argv(self):
        path = program("/usr/lib/postgresql/15/bin/postgres")
        self.version = version_in(output([path, "--version"]))
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        data = str(self.folder / "data")
        output(self.as_user(str(pathlib.Path(path).with_name("initdb")), "-D", data, "-U", "bench",
                            "-A", "trust", "-E", "UTF8", "--locale=C"), cwd=self.folder)
        return self.as_user(path, "-D", data, "-p", str(self.port), "-h", "127.0.0.1", "-k", "",
                            "-c", "fsync=on", "-c", "synchronous_commit=on",
                            "-c", "max_connections=200")

    def is_ready(self):
        ready = program("/usr/lib/postgresql/15/bin/pg_isready")
        argv = [ready, "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "bench",
                "-d", "postgres"]
        return subprocess.run(argv, check=False).returncode == 0

    def plan(self):
        return {"url": f"postgres://bench@127.0.0.1:{self.port}/postgres"}


class Graphile(Postgres):
    name, client = "graphile-worker on PostgreSQL", "graphile-worker"


class PgBoss(Postgres):
    name, client = "pg-boss on PostgreSQL", "pg-boss"


PEERS = (Beanstalkd, Redis, RabbitMQ, Graphile, PgBoss)
