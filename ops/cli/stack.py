"""Bringing the stack up and down: waits on health, not on time."""

import contextlib
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import processes, releases, services, started_with
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
    """What should be up and whatever else lives that was started by name, in the order of starting.

    What was started by name and ended by another hand was meant to end.
    """
    names = wanted(settings).names()
    return names + [name for name in services.names_in(settings.run, ".pid") if name not in names
                    and services.living(settings, services.parse(name)) is not None]


def up(
    settings: Settings,
    terminal: Terminal,
    wish: Wanted,
    agent_python: Callable[[], Path],
    surplus_goes: bool = False,
    unset_counts: bool = False,
) -> None:
    """Start what is down, restart what is of an older build or has other settings, return when all
    is healthy: whatever else of ours runs, too.

    `surplus_goes`: workers beyond the number wished for are stopped. `unset_counts`: a variable
    that isn't set here, but was when a process was started, is a changed setting. `agent_python`
    is asked for only when an agent has to be started. Takes at most HEALTHY_WITHIN_SECONDS,
    waiting for other commands included. Raises StackError with the one line of what failed.
    """
    deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
    settings.make_home()
    with _alone(settings, terminal):
        (settings.run / "stack.json").write_text(json.dumps(vars(wish)))
        others = _others(settings, terminal, wish, surplus_goes)
        members = [services.parse(name) for name in wish.names()] + others
        ports = {each.name: _port_kept(settings, each) for each in others}
        _stop_older_builds(settings, terminal, members)
        for member in members:
            changed = _changed_settings(settings, member, ports.get(member.name), unset_counts)
            if changed:
                terminal.line(f"{member.name}: {', '.join(changed)} changed; restarting it")
                _stop_all(settings, terminal, [member])
                BringUp(settings, terminal, [member], agent_python, ports).until_healthy(
                    deadline, HEALTHY_WITHIN_SECONDS)
        BringUp(settings, terminal, members, agent_python, ports).until_healthy(
            deadline, HEALTHY_WITHIN_SECONDS)
        releases.sweep(releases.library(settings.root, settings.home),
                       {services.build_of(settings, each) for each in members})


def restart(settings: Settings, terminal: Terminal, only: Service | None,
            agent_python: Callable[[], Path]) -> list[str]:
    """Restart one process or all that run, gracefully and one after the other; their names.

    Raises StackError when one doesn't get healthy: those behind it are left as they are.
    """
    with _alone(settings, terminal):
        named = wanted(settings).names()
        members = [only] if only is not None else [
            service for service in map(services.parse, known_names(settings))
            if services.living(settings, service) is not None]
        for member in members:
            ports = {} if member.name in named else {member.name: _port_kept(settings, member)}
            _stop_all(settings, terminal, [member])
            BringUp(settings, terminal, [member], agent_python, ports).until_healthy(
                time.monotonic() + HEALTHY_WITHIN_SECONDS, HEALTHY_WITHIN_SECONDS)
        return [member.name for member in members]


def _alone(settings: Settings, terminal: Terminal) -> "contextlib.AbstractContextManager[None]":
    return processes.locked(settings.run / "up.lock", lambda: terminal.line(
        "another `up` or `down` is at work; waiting for it"), HEALTHY_WITHIN_SECONDS)


def _others(settings: Settings, terminal: Terminal, wish: Wanted, surplus_goes: bool
            ) -> list[Service]:
    """The apis and workers that run beside those wished for; surplus workers are stopped."""
    found = [services.parse(name) for name in known_names(settings) if name not in wish.names()]
    living = [each for each in found if each.kind in ("api", "worker")
              and services.living(settings, each) is not None]
    surplus = [each for each in living if each.kind == "worker" and surplus_goes]
    _stop_all(settings, terminal, surplus)
    return [each for each in living if each not in surplus]


def _port_kept(settings: Settings, service: Service) -> int | None:
    """The port that `start` was given for a process."""
    known = processes.recorded(settings.home, service.name)
    return known.port if known else None


def _stop_older_builds(settings: Settings, terminal: Terminal, members: list[Service]) -> None:
    leaving = []
    for member in members:
        if services.living(settings, member) is None:
            continue
        known = processes.recorded(settings.home, member.name)
        if known is None or known.build != services.build_of(settings, member):
            terminal.line(f"{member.name} is from an older build; restarting it")
            leaving.append(member.name)
    _stop_all(settings, terminal, services.in_stop_order(leaving))


def _changed_settings(settings: Settings, member: Service, port: int | None, unset_counts: bool
                      ) -> list[str]:
    known = processes.recorded(settings.home, member.name)
    if known is None or services.living(settings, member) is None:
        return []
    now = services.settings_now(settings, member, port)
    return started_with.differing(known.settings, now, unset_counts)


def down(settings: Settings, terminal: Terminal) -> None:
    """Stop all that was started: workers, api, agent, database. The Docker engine stays."""
    if not settings.run.is_dir():
        terminal.line("nothing was up")
        return
    with _alone(settings, terminal):
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
