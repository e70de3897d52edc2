"""Bringing the stack up and down: waits on health, not on time."""

import json
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import jvm, processes, releases, services, why
from .errors import StackError
from .processes import Recorded
from .services import Service
from .settings import Settings
from .text import Terminal, seconds

DEFAULT_WORKERS = 2
HEALTHY_WITHIN_SECONDS = 120.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Wanted:
    """What `up` was asked for last, and so what `status` expects to be up."""

    workers: int = DEFAULT_WORKERS
    agent: bool = True
    database: bool = True

    def names(self) -> list[str]:
        """The processes in the order in which they start."""
        return [
            *(["db"] if self.database else []),
            *(["agent"] if self.agent else []),
            "api",
            *(f"worker-{number}" for number in range(1, self.workers + 1)),
        ]


def wanted(settings: Settings) -> Wanted:
    """What was asked for last; the defaults when nothing was."""
    try:
        return Wanted(**json.loads((settings.run / "stack.json").read_text()))
    except (OSError, ValueError, TypeError):
        return Wanted(database=not settings.external_database)


def known_names(settings: Settings) -> list[str]:
    """What should be up and whatever else was started by name, in the order of starting."""
    names = wanted(settings).names()
    found = services.names_in(settings.run, ".pid")
    return names + [name for name in found if name not in names]


def living(settings: Settings, service: Service) -> int | None:
    """The pid of a process of ours that lives."""
    return processes.living(settings.home, service.name, service.marker)


def up(
    settings: Settings,
    terminal: Terminal,
    wish: Wanted,
    agent_python: Callable[[], Path],
    surplus_goes: bool = False,
) -> None:
    """Start what is down, restart what is of an older build, return when all is healthy.

    `surplus_goes`: workers beyond the number wished for are stopped. `agent_python` is asked for
    only when an agent has to be started. Raises StackError with the one line of what failed.
    """
    settings.make_home()
    with processes.locked(settings.run / "up.lock", lambda: terminal.line(
            "another `up` or `down` is at work; waiting for it"), HEALTHY_WITHIN_SECONDS):
        (settings.run / "stack.json").write_text(json.dumps(vars(wish)))
        members = [services.parse(name) for name in wish.names()]
        _stop_superseded(settings, terminal, members, surplus_goes)
        missing = [each for each in members if living(settings, each) is None]
        python = agent_python() if any(each.kind == "agent" for each in missing) else Path()
        deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
        # The database first: the others would only wait for it, each in its own way.
        for group in ([each for each in members if each.kind == "db"],
                      [each for each in members if each.kind != "db"]):
            started = {
                each.name: start(settings, each, None, python) for each in group if each in missing
            }
            _wait_all(settings, terminal, group, started, deadline)
        releases.sweep(releases.library(settings.root, settings.home),
                       {services.build_of(settings, each) for each in members})


def start(
    settings: Settings, service: Service, port: int | None, python: Path
) -> subprocess.Popen[bytes]:
    """Start one process in the background and write it down. It may not be ready yet."""
    launch = services.launch(settings, service, port, python, archives=True)
    services.check_addresses(settings, service, launch.port)
    processes.forget(settings.home, service.name)
    child, offset = processes.spawn(launch.argv, launch.env, launch.cwd,
                                    processes.files(settings.home, service.name).log)
    processes.record(settings.home, service.name, Recorded(
        child.pid, processes.start_ticks(child.pid) or 0, processes.boot_id(), launch.build,
        launch.port, offset, launch.providers))
    return child


def _stop_superseded(
    settings: Settings, terminal: Terminal, members: list[Service], surplus_goes: bool
) -> None:
    """Stop what is of an older build, and the workers beyond an explicit number."""
    leaving = []
    for name in known_names(settings):
        service = services.parse(name)
        if living(settings, service) is None:
            continue
        if service not in members:
            if service.kind == "worker" and surplus_goes:
                leaving.append(name)
            continue
        if _superseded(settings, service):
            terminal.line(f"{name} is of an older build or other providers: restarting it")
            leaving.append(name)
    _stop_all(settings, terminal, services.in_stop_order(leaving))


def _superseded(settings: Settings, service: Service) -> bool:
    known = processes.recorded(settings.home, service.name)
    if known is None or known.build != services.build_of(settings, service):
        return True
    # Providers named here that the agent doesn't know; none named here is no wish to lose them.
    here = services.providers_digest()
    return service.kind == "agent" and here not in ("", known.providers)


def _wait_all(
    settings: Settings, terminal: Terminal, group: list[Service],
    started: dict[str, subprocess.Popen[bytes]], deadline: float,
) -> None:
    """Wait until every member of `group` is ready; the first that fails is raised."""
    began = time.monotonic()
    waiting = {each.name for each in group}
    failed = threading.Event()
    library = releases.library(settings.root, settings.home)

    def wait(service: Service) -> None:
        try:
            if not _wait(settings, service, started.get(service.name), deadline, failed):
                return
        except StackError:
            failed.set()
            raise
        waiting.discard(service.name)
        if service.name in started:
            known = processes.recorded(settings.home, service.name)
            if known is not None:
                jvm.seen_ready(library / known.build, service.name)
            terminal.line(f"{service.name} is up after {seconds(time.monotonic() - began)}")

    if not group:
        return
    terminal.progress(lambda: "starting " + ", ".join(sorted(waiting)))
    try:
        with ThreadPoolExecutor(len(group)) as pool:
            failures = [done.exception() for done in [pool.submit(wait, each) for each in group]]
    finally:
        terminal.progress(None)
    for failure in failures:
        if failure is not None:
            raise failure


def _wait(
    settings: Settings, service: Service, child: subprocess.Popen[bytes] | None, deadline: float,
    failed: threading.Event,
) -> bool:
    """True when `service` is ready, False when another one failed first."""
    pause = _POLL_SECONDS
    while not services.ready(settings, service):
        gone = child.poll() is not None if child else living(settings, service) is None
        if gone:
            code = f" (exit {child.returncode})" if child else ""
            raise StackError(f"{service.name} didn't start{code}: {why.reason(settings, service)}")
        if time.monotonic() > deadline:
            raise StackError(
                f"{service.name} isn't healthy after {HEALTHY_WITHIN_SECONDS:.0f} s: "
                f"{why.reason(settings, service)}")
        if failed.wait(pause):
            return False
        pause = min(0.25, pause * 1.2)
    return True


def down(settings: Settings, terminal: Terminal) -> None:
    """Stop all that was started: workers, api, agent, database. The Docker engine stays."""
    if not settings.run.is_dir():
        terminal.line("nothing was up")
        return
    with processes.locked(settings.run / "up.lock", lambda: terminal.line(
            "another `up` or `down` is at work; waiting for it"), HEALTHY_WITHIN_SECONDS):
        names = services.names_in(settings.run, ".pid")
        stopped = _stop_all(settings, terminal, services.in_stop_order(names))
        (settings.run / "stack.json").unlink(missing_ok=True)
    terminal.line(f"stopped {', '.join(stopped)}" if stopped else "nothing was up")


def stop(settings: Settings, terminal: Terminal, service: Service) -> None:
    """Stop one process. One that isn't running is fine."""
    stopped = _stop_all(settings, terminal, [service])
    terminal.line(f"stopped {service.name}" if stopped else f"{service.name} wasn't running")


def _stop_all(settings: Settings, terminal: Terminal, members: list[Service]) -> list[str]:
    """Stop these, those of one kind at once; returns the names of those that were running."""
    running = [each.name for each in members if living(settings, each) is not None]
    for kind in dict.fromkeys(each.kind for each in members):
        same = [each for each in members if each.kind == kind]
        names = [each.name for each in same if each.name in running]
        terminal.progress(f"stopping {', '.join(names)}" if names else None)
        with ThreadPoolExecutor(len(same)) as pool:
            for killed in pool.map(lambda each: processes.terminate(
                    settings.home, each.name, each.marker, each.patience), same):
                if killed:
                    terminal.line(killed, "yellow")
    terminal.progress(None)
    return running
