"""Bringing processes up: started, and started again, until all are healthy at the same moment.

Anything may happen beside it: a process may just be ending, be killed while it starts, or lose
its database. So nothing is taken for done before everything is.
"""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import jvm, processes, releases, services, why
from .errors import StackError
from .processes import Recorded
from .services import AddressTaken, Service
from .settings import Settings
from .text import Terminal, seconds

_POLL_SECONDS = 0.05
# A JVM that was killed may hold its port for as long as its heap takes to be given back.
_PORT_SECONDS = 20.0
_MOST_PAUSE_SECONDS = 5.0
# An end that nothing explains may have been chance once, not twice.
_UNEXPLAINED = 2


@dataclass
class _Member:
    """One process on its way up. `trouble`: why it isn't up, as far as that is known."""

    service: Service
    child: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    log_offset: int = 0
    announced: bool = False
    ends: int = 0
    unexplained: int = 0
    not_before: float = 0.0
    port_taken_since: float | None = None
    trouble: str = ""


def start(
    settings: Settings, service: Service, port: int | None, python: Path
) -> tuple[subprocess.Popen[bytes], int] | None:
    """Start one process in the background and write it down. It may not be ready yet.

    Returns it and its log's length before; None when one of that name lives by now.
    """
    launch = services.launch(settings, service, port, python, archives=True)
    services.check_addresses(settings, service, launch.port)
    with processes.recording(settings.home):
        if services.living(settings, service) is not None:
            return None
        processes.forget(settings.home, service.name)
        child, offset = processes.spawn(launch.argv, launch.env, launch.cwd,
                                        processes.files(settings.home, service.name).log)
        processes.record(settings.home, service.name, Recorded(
            child.pid, processes.start_ticks(child.pid) or 0, processes.boot_id(), launch.build,
            launch.port, offset, launch.settings))
    return child, offset


class BringUp:
    """One `up`. `agent_python` is asked for only when an agent has to be started.

    `ports`: by name, for those that don't listen on their usual one.
    """

    def __init__(self, settings: Settings, terminal: Terminal, services_: Sequence[Service],
                 agent_python: Callable[[], Path], ports: Mapping[str, int | None]) -> None:
        self._settings = settings
        self._terminal = terminal
        self._members = [_Member(each) for each in services_]
        self._agent_python = agent_python
        self._ports = ports
        self._library = releases.library(settings.root, settings.home)

    def until_healthy(self, deadline: float, within: float) -> None:
        """Return when all are healthy at the same moment.

        Raises StackError at once for what only an operator can mend, and at `deadline` (of the
        monotonic clock, `within` seconds after the command began) with all that isn't healthy.
        """
        waiting = [each.service.name for each in self._members]
        pause = _POLL_SECONDS
        self._terminal.progress(lambda: "starting " + ", ".join(waiting))
        try:
            with ThreadPoolExecutor(len(self._members)) as pool:
                while True:
                    healthy = list(pool.map(self._healthy, self._members))
                    unwell = [member for member, well in zip(self._members, healthy) if not well]
                    waiting[:] = [each.service.name for each in unwell]
                    self._announce([each for each in self._members if each not in unwell])
                    if not unwell:
                        return
                    if time.monotonic() > deadline:
                        raise StackError("; ".join(self._overdue(each, within) for each in unwell))
                    self._step(unwell)
                    time.sleep(pause)
                    pause = min(0.25, pause * 1.2)
        finally:
            self._terminal.progress(None)

    def _healthy(self, member: _Member) -> bool:
        # Asked in this order: one that answers may be gone before the answer is read.
        return (services.ready(self._settings, member.service)
                and services.living(self._settings, member.service) is not None)

    def _announce(self, well: list[_Member]) -> None:
        for member in well:
            if member.child is None or member.announced:
                continue
            member.announced = True
            name = member.service.name
            known = processes.recorded(self._settings.home, name)
            if known is not None:
                jvm.seen_ready(self._library / known.build, name)
            self._terminal.line(f"{name} is up after {seconds(time.monotonic() - member.began)}")

    def _step(self, unwell: list[_Member]) -> None:
        """Look after those that aren't healthy; the database first, the others need it."""
        database_away = any(each.service.kind == "db" for each in unwell)
        for member in unwell:
            if member.child is not None and member.child.poll() is not None:
                self._ended(member, member.child.returncode)
                member.child = None
            if member.child is not None:
                continue
            if services.living(self._settings, member.service) is not None:
                continue  # starting by another hand, or ending: whichever, it will be seen
            if database_away and member.service.kind != "db":
                member.trouble = member.trouble or "the database isn't up"
            elif time.monotonic() >= member.not_before:
                self._start(member)

    def _start(self, member: _Member) -> None:
        service = member.service
        python = self._agent_python() if service.kind == "agent" else Path()
        try:
            started = start(self._settings, service, self._ports.get(service.name), python)
        except AddressTaken as taken:
            since = member.port_taken_since = member.port_taken_since or time.monotonic()
            if taken.by_stranger or time.monotonic() - since > _PORT_SECONDS:
                raise
            member.trouble = taken.line
            return
        member.port_taken_since = None
        if started is not None:
            member.child, member.log_offset = started
            member.began = time.monotonic()
            member.announced = False

    def _ended(self, member: _Member, code: int) -> None:
        """Start it again in a while, or raise StackError where that would only end alike."""
        service = member.service
        reason = why.reason(self._settings, service, member.log_offset)
        kind = why.kind_of_end(code, reason)
        member.unexplained += kind == "unexplained"
        if kind == "mistake" or member.unexplained >= _UNEXPLAINED:
            raise StackError(f"{service.name} didn't start (exit {code}): {reason}")
        member.trouble = reason
        member.ends += 1
        member.not_before = time.monotonic() + min(_MOST_PAUSE_SECONDS, 0.25 * 2 ** member.ends)
        self._terminal.line(f"{service.name} ended (exit {code}): {reason}; starting it again",
                            "yellow")

    def _overdue(self, member: _Member, within: float) -> str:
        reason = member.trouble
        if services.living(self._settings, member.service) is not None or not reason:
            reason = why.reason(self._settings, member.service)
        return f"{member.service.name} isn't healthy after {within:.0f} s: {reason}"
