"""A stack of the benchmark's own: state in a temporary folder, free ports, its own socket.

Nothing of the caller's stack is read or touched, and nothing of its environment that configures
ours is passed on.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .. import interpreter, jvm, processes, releases, services
from ..errors import StackError
from ..settings import Settings
from ..text import Terminal
from .cluster import Cluster
from .wire import Api

_READY_SECONDS = 120.0
_OURS = ("ATOMIC_", "OPENAI_", "ANTHROPIC_", "GEMINI_", "OLLAMA_")


@dataclass
class Running:
    """A process that was started, and what was done to it."""

    child: subprocess.Popen[bytes]
    since: float
    ready: bool = False
    paused: bool = False


class Stand:
    """The processes by name. Close it whatever happens: it ends them all and removes its files."""

    def __init__(self, given: Settings, terminal: Terminal, database: str,
                 settings: Mapping[str, str]) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="atomic-bench-"))
        self.database = database
        ports = free_ports(4)
        self._api_ports = {"api": ports[0], "api-2": ports[1]}
        self.settings = replace(
            given, home=self.home, http_host="127.0.0.1", http_port=ports[0], h2_port=ports[2],
            ipc_socket=self.home / "agent.sock", external_database=database != "h2", api_key=None,
            url=f"http://127.0.0.1:{ports[0]}")
        self.settings.make_home()
        self.running: dict[str, Running] = {}
        self.cluster = Cluster(ports[3]) if database == "postgresql" else None
        self._env = {"ATOMIC_HTTP_PORT": str(ports[0]), "ATOMIC_H2_PORT": str(ports[2]),
                     "ATOMIC_LLM_PROVIDERS": "offline",
                     "ATOMIC_ARTIFACTS_DIR": str(self.home / "artifacts"),
                     **(self.cluster.environment() if self.cluster else {}), **settings}
        self._python = interpreter.for_agent(given, terminal)
        self._apis = {name: Api(port) for name, port in self._api_ports.items()}

    @property
    def api(self) -> Api:
        """The first api."""
        return self._apis["api"]

    def api_of(self, name: str) -> Api:
        """An api by its name."""
        return self._apis[name]

    async def up(self, *names: str) -> None:
        """Start the database and these, and wait until all are ready."""
        self.start("db")
        await self.ready("db")
        for name in names:
            self.start(name)
        await asyncio.gather(*(self.ready(name) for name in names))

    def start(self, name: str) -> None:
        """Start one process; it may not be ready yet."""
        if name == "db" and self.cluster is not None:
            self.running[name] = Running(self.cluster.start(), time.monotonic())
            return
        service = services.parse(name)
        given = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
        launch = services.launch(self.settings, service, self._api_ports.get(name), self._python,
                                 archives=True, given=given | self._env)
        processes.forget(self.home, name)
        child, offset = processes.spawn(launch.argv, launch.env, launch.cwd,
                                        processes.files(self.home, name).log)
        processes.record(self.home, name, processes.Recorded(
            child.pid, processes.start_ticks(child.pid) or 0, processes.boot_id(), launch.build,
            launch.port, offset, launch.settings))
        self.running[name] = Running(child, time.monotonic())

    async def ready(self, name: str, seconds: float = _READY_SECONDS) -> None:
        """Wait until a process does its work. Raises StackError when it ends or takes longer."""
        running = self.running[name]
        until = time.monotonic() + seconds
        while not await self._is_ready(name):
            if self.running.get(name) is not running:
                return  # killed and started again meanwhile: its starter waits for it
            if running.child.poll() is not None:
                raise StackError(f"{name} ended (exit {running.child.returncode}): "
                                 f"{self.last_words(name)}")
            if time.monotonic() > until:
                raise StackError(f"{name} isn't ready after {seconds:.0f} s: "
                                 f"{self.last_words(name)}")
            await asyncio.sleep(0.1)
        running.ready = True
        known = processes.recorded(self.home, name)
        if known is not None and name not in ("db", "agent"):
            jvm.seen_ready(releases.library(self.settings.root, self.home) / known.build, name)

    async def _is_ready(self, name: str) -> bool:
        if name == "db" and self.cluster is not None:
            return await asyncio.to_thread(self.cluster.ready)
        return await asyncio.to_thread(services.ready, self.settings, services.parse(name))

    def is_alive(self, name: str) -> bool:
        """Whether the process runs, paused or not."""
        running = self.running.get(name)
        return running is not None and running.child.poll() is None

    def kill(self, name: str) -> None:
        """`kill -9`, PostgreSQL with all its processes; waits for the end."""
        running = self.running.pop(name, None)
        if running is None:
            return
        for pid in self._pids(name, running):
            send(pid, signal.SIGKILL)
        running.child.wait(30)

    async def stop(self, name: str, seconds: float = 40.0) -> None:
        """SIGTERM, and waits for the end; SIGKILL when that takes longer."""
        running = self.running.pop(name, None)
        if running is None:
            return
        # PostgreSQL's fast stop is SIGINT; on SIGTERM it waits for its clients.
        is_cluster = name == "db" and self.cluster is not None
        send(running.child.pid, signal.SIGINT if is_cluster else signal.SIGTERM)
        until = time.monotonic() + seconds
        while running.child.poll() is None:
            if time.monotonic() > until:
                running.child.kill()
            await asyncio.sleep(0.02)

    def pause(self, name: str) -> None:
        """SIGSTOP."""
        running = self.running[name]
        running.paused = True
        for pid in self._pids(name, running):
            send(pid, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """SIGCONT."""
        running = self.running.get(name)
        if running is not None and running.paused:
            running.paused = False
            for pid in self._pids(name, running):
                send(pid, signal.SIGCONT)

    def _pids(self, name: str, running: Running) -> list[int]:
        if name == "db" and self.cluster is not None:
            return [running.child.pid, *children(running.child.pid)]
        return [running.child.pid]

    def cpu_ms(self) -> dict[str, float]:
        """CPU time so far by kind of process, and of this one: beside a build it tells more about
        the product than rates do."""
        spent = os.times()
        found = {"clients": (spent.user + spent.system) * 1000}
        for name, running in self.running.items():
            kind = name.partition("-")[0]
            found[kind] = found.get(kind, 0.0) + sum(
                _cpu_ms(pid) for pid in self._pids(name, running))
        return found

    def log(self, name: str) -> Path:
        """A process's log."""
        if name == "db" and self.cluster is not None:
            return self.cluster.log
        return processes.files(self.home, name).log

    def last_words(self, name: str) -> str:
        """The last lines of a log."""
        try:
            lines = self.log(name).read_text(errors="replace").splitlines()
        except OSError:
            return "(no log)"
        return " | ".join(lines[-3:])

    def close(self) -> None:
        """End all that runs, gracefully first, and remove the files. Bounded in time."""
        for api in self._apis.values():
            api.close()
        for kinds in (("worker",), ("api", "agent"), ("db",)):
            names = [name for name in self.running if name.startswith(kinds)]
            for name in names:
                self.resume(name)
                is_cluster = name == "db" and self.cluster is not None
                send(self.running[name].child.pid,
                     signal.SIGINT if is_cluster else signal.SIGTERM)
            until = time.monotonic() + 35
            for name in names:
                child = self.running[name].child
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(max(0.0, until - time.monotonic()))
                self.kill(name)
        if self.cluster is not None:
            self.cluster.close()
        shutil.rmtree(self.home, ignore_errors=True)


@contextlib.contextmanager
def standing(given: Settings, terminal: Terminal, database: str,
             settings: Mapping[str, str]) -> Iterator[Stand]:
    """A stand that is closed however this ends."""
    stand = Stand(given, terminal, database, settings)
    try:
        yield stand
    finally:
        stand.close()


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def children(pid: int) -> list[int]:
    """The processes that `pid` started and that live."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(each) for each in task.read_text().split()]
    return found


def _cpu_ms(pid: int) -> float:
    """CPU time of a process and of those it started that ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) * 1000 / os.sysconf("SC_CLK_TCK")


def send(pid: int, number: signal.Signals) -> None:
    """A signal to one process; one that is gone is fine."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
