"""What each named process is: its command, its environment, its port, when it is ready."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import environment, jdk, jvm, probe, processes, releases, started_with, trust
from .errors import StackError, UsageError
from .settings import Settings

_NAME = re.compile(
    r"db|agent|api|api-(?P<api>[2-9]|[1-9][0-9]{1,2})"
    r"|worker-(?P<worker>[1-9][0-9]{0,2})"
)
_PORT_VARIABLES = {"db": "ATOMIC_H2_PORT", "api": "ATOMIC_HTTP_PORT",
                   "worker": "ATOMIC_WORKER_MANAGEMENT_PORT"}
_PATIENCE_SECONDS = {"db": 20.0, "agent": 10.0, "api": 20.0, "worker": 35.0}


@dataclass(frozen=True)
class Service:
    """One process by name. `number` is 1 for the first of its kind."""

    name: str
    kind: str
    number: int

    @property
    def marker(self) -> str:
        """What the command line of such a process holds."""
        return "atomic_agent" if self.kind == "agent" else f"atomic-{self.kind}.jar"

    @property
    def patience(self) -> float:
        """Seconds it may take to stop by itself."""
        return _PATIENCE_SECONDS[self.kind]


def parse(name: str) -> Service:
    """The process called `name`. Raises UsageError for what isn't a name of one."""
    found = _NAME.fullmatch(name)
    if not found:
        raise UsageError(f"{name!r} isn't a process; use db, agent, api, api-2 …, worker-1 …")
    number = found["api"] or found["worker"] or "1"
    return Service(name, name.partition("-")[0], int(number))


def names_in(folder: Path, ending: str) -> list[str]:
    """The names of processes of ours that have a file `NAME<ending>` in `folder`, sorted."""
    stems = (path.name.removesuffix(ending) for path in folder.glob(f"*{ending}"))
    return sorted(stem for stem in stems if _NAME.fullmatch(stem))


def in_stop_order(names: list[str]) -> list[Service]:
    """Workers first, so that they can hand their jobs back; the database last."""
    order = ("worker", "api", "agent", "db")
    return sorted((parse(name) for name in names),
                  key=lambda each: (order.index(each.kind), each.number))


class AddressTaken(StackError):
    """Another process listens where one of ours would.

    `by_stranger`: one that isn't ours, as far as can be seen; else it may be one that just ends.
    """

    def __init__(self, line: str, by_stranger: bool) -> None:
        super().__init__(line)
        self.by_stranger = by_stranger


@dataclass(frozen=True)
class Launch:
    """All that is needed to start a process; nothing secret is in `argv`."""

    argv: list[str]
    env: dict[str, str]
    cwd: Path
    port: int | None
    build: str
    settings: dict[str, str]


def build_of(settings: Settings, service: Service) -> str:
    """The fingerprint of what `service` would be started from now."""
    if service.kind == "agent":
        return releases.tree_fingerprint([settings.root / "python-agent" / "atomic_agent"])
    jar = releases.jar(settings.root, service.kind)
    if not jar.is_file():
        raise StackError(f"{jar} isn't built: {settings.command} up builds it")
    return releases.jar_fingerprint(jar)


def launch(settings: Settings, service: Service, port: int | None, agent_python: Path,
           archives: bool, given: Mapping[str, str] | None = None) -> Launch:
    """How to start `service`, on `port` if one is given.

    `given`: the environment of which it gets what it reads; by default this command's own.
    `archives`: it may take 2 s longer at its first end, to start in half the time from then on.
    Raises StackError for a missing JDK or build.
    """
    given = os.environ if given is None else given
    port = port if port is not None else default_port(settings, service, given)
    env = _environment(settings, service, port, given)
    digests = started_with.digests(settings, env)
    build = build_of(settings, service)
    if service.kind == "agent":
        return Launch([str(agent_python), "-m", "atomic_agent"], {**env, "PYTHONUNBUFFERED": "1"},
                      settings.root / "python-agent", None, build, digests)
    home = jdk.find()
    env["JAVA_HOME"] = str(home)
    java = home / "bin" / "java"
    jar = releases.place(releases.library(settings.root, settings.home),
                         releases.jar(settings.root, service.kind), build, java)
    argv = [str(java), *jvm.flags(service.kind, jar.parent, service.name, archives), "-jar",
            str(jar)]
    return Launch(argv, env, settings.root, port or None, build, digests)


def settings_now(settings: Settings, service: Service, port: int | None) -> dict[str, str]:
    """A digest of each setting that `service` would be started with now."""
    port = port if port is not None else default_port(settings, service)
    return started_with.digests(settings, _environment(settings, service, port, os.environ))


def _environment(settings: Settings, service: Service, port: int | None,
                 given: Mapping[str, str]) -> dict[str, str]:
    env = environment.for_process(service.kind, {
        **given, "ATOMIC_HOME": str(settings.home),
        "ATOMIC_NAME": service.name, "ATOMIC_IPC_SOCKET": str(settings.ipc_socket)})
    if service.kind != "agent":
        env[_PORT_VARIABLES[service.kind]] = str(port or 0)
    return env


def default_port(settings: Settings, service: Service,
                 given: Mapping[str, str] = os.environ) -> int | None:
    """The TCP port a process listens on unless told otherwise; None: none, or any free one."""
    if service.kind == "db":
        return settings.h2_port
    if service.kind == "api":
        return settings.http_port + service.number - 1
    fixed = given.get("ATOMIC_WORKER_MANAGEMENT_PORT", "0") if service.kind == "worker" else ""
    return int(fixed) + service.number - 1 if fixed.isdigit() and fixed != "0" else None


def listening_port(settings: Settings, service: Service) -> int | None:
    """The port a running process really has; None for the agent, or when not known yet."""
    if service.kind == "worker":
        try:
            return int(processes.files(settings.home, service.name).port.read_text())
        except (OSError, ValueError):
            return None
    if service.kind == "agent":
        return None
    known = processes.recorded(settings.home, service.name)
    return known.port if known and known.port else default_port(settings, service)


def living(settings: Settings, service: Service) -> int | None:
    """The pid of a process of ours that lives."""
    return processes.living(settings.home, service.name, service.marker)


def ready(settings: Settings, service: Service) -> bool:
    """Whether a running process does its work: asked of itself, in at most 2 s."""
    if service.kind == "agent":
        return probe.agent_health(settings.ipc_socket) is not None
    port = listening_port(settings, service)
    if port is None:
        return False
    if service.kind == "db":
        return probe.answers_tcp("127.0.0.1", port)
    path = "/actuator/health/readiness"
    if service.kind == "api":
        return probe.http_status(settings.local_host, port, path, trust.configured()) == 200
    return probe.http_status("127.0.0.1", port, path) == 200


def check_addresses(settings: Settings, service: Service, port: int | None) -> None:
    """Raise AddressTaken, in one line, when what `service` would listen on is taken.

    Raises StackError when that address can't be listened on at all.
    """
    if service.kind == "agent":
        if probe.agent_health(settings.ipc_socket) is not None:
            raise AddressTaken(
                f"agent: {settings.ipc_socket} is answered by another process; use it with "
                "`up --no-agent`, stop it, or set ATOMIC_IPC_SOCKET", by_stranger=True)
        return
    if not port:
        return
    host, variable = ("127.0.0.1", {"db": "ATOMIC_H2_PORT", "worker":
                                    "ATOMIC_WORKER_MANAGEMENT_PORT"}.get(service.kind, ""))
    if service.kind == "api":
        host, variable = settings.http_host.strip("[]"), "ATOMIC_HTTP_PORT"
    try:
        taken = probe.port_in_use("127.0.0.1" if host == "localhost" else host, port)
    except OSError as failure:
        raise StackError(f"{service.name}: can't listen on {host}:{port}: {failure.strerror}"
                         ) from failure
    if taken:
        holder = probe.port_holder(port)
        ours = holder is None or processes.is_ours(holder, settings.home, service.marker)
        by = f" by process {holder} ({probe.name_of(holder)})" if holder is not None else ""
        raise AddressTaken(f"{service.name}: port {port} on {host} is in use{by}; "
                           f"stop that or set {variable}", by_stranger=not ours)
