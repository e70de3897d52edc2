"""Bringing the stack up and down: waits on health, not on time."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import processes, releases, services
from .bringup import BringUp
from .services import Service
from .settings import Settings
from .text import Terminal

DEFAULT_WORKERS = 2
HEALTHY_WITHIN_SECONDS = 120.0


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


def up(
    settings: Settings,
    terminal: Terminal,
    wish: Wanted,
    agent_python: Callable[[], Path],
    surplus_goes: bool = False,
) -> None:
    """Start what is down, restart what is of an older build, return when all is healthy.

    `surplus_goes`: workers beyond the number wished for are stopped. `agent_python` is asked for
    only when an agent has to be started. Takes at most HEALTHY_WITHIN_SECONDS, waiting for other
    commands included. Raises StackError with the one line of what failed.
    """
    deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
    settings.make_home()
    with processes.locked(settings.run / "up.lock", lambda: terminal.line(
            "another `up` or `down` is at work; waiting for it"), HEALTHY_WITHIN_SECONDS):
        (settings.run / "stack.json").write_text(json.dumps(vars(wish)))
        members = [services.parse(name) for name in wish.names()]
        _stop_superseded(settings, terminal, members, surplus_goes)
        BringUp(settings, terminal, members, agent_python).until_healthy(
            deadline, HEALTHY_WITHIN_SECONDS)
        releases.sweep(releases.library(settings.root, settings.home),
                       {services.build_of(settings, each) for each in members})


def _stop_superseded(
    settings: Settings, terminal: Terminal, members: list[Service], surplus_goes: bool
) -> None:
    """Stop what is of an older build, and the workers beyond an explicit number."""
    leaving = []
    for name in known_names(settings):
        service = services.parse(name)
        if services.living(settings, service) is None:
            continue
        if service not in members:
            if service.kind == "worker" and surplus_goes:
                leaving.append(name)
            continue
        if _superseded(settings, service):
            terminal.line(f"{name} is from an older build or has other providers; restarting it")
            leaving.append(name)
    _stop_all(settings, terminal, services.in_stop_order(leaving))


def _superseded(settings: Settings, service: Service) -> bool:
    known = processes.recorded(settings.home, service.name)
    if known is None or known.build != services.build_of(settings, service):
        return True
    # Providers named here that the agent doesn't know; none named here is no wish to lose them.
    here = services.providers_digest()
    return service.kind == "agent" and here not in ("", known.providers)


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
    running = [each.name for each in members if services.living(settings, each) is not None]
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
