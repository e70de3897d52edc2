"""`status`: what is up, as a table or as JSON."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import processes, services, stack
from .errors import FAILED, SUCCEEDED
from .settings import Settings
from .text import Terminal, as_json, seconds

_COLOURS = {"up": "green", "starting": "yellow", "unhealthy": "red", "down": "red"}


def status(settings: Settings, as_json_only: bool) -> int:
    """Print each process that should be up or was started; 1 when any isn't."""
    rows = table(settings)
    if as_json_only:
        sys.stdout.write(as_json(rows) + "\n")
    else:
        out = Terminal(sys.stdout)
        out.line(f"{'NAME':<12}{'STATE':<11}{'PID':>8}  {'PORT':>6}  UPTIME", "bold")
        for row in rows:
            uptime = "-" if row["uptime_ms"] is None else seconds(row["uptime_ms"] / 1000)
            state = out.paint(f"{row['state']:<11}", _COLOURS[row["state"]])
            out.stream.write(f"{row['name']:<12}{state}{row['pid'] or '-':>8}  "
                             f"{row['port'] or '-':>6}  {uptime}\n")
    return SUCCEEDED if all(row["state"] == "up" for row in rows) else FAILED


def table(settings: Settings) -> list[dict[str, Any]]:
    """One entry a process: name, pid, state (up, starting, unhealthy, down), port, uptime_ms."""
    names = stack.known_names(settings)
    with ThreadPoolExecutor(len(names)) as pool:
        return list(pool.map(lambda name: _row(settings, name), names))


def _row(settings: Settings, name: str) -> dict[str, Any]:
    service = services.parse(name)
    pid = services.living(settings, service)
    if pid is None:
        return {"name": name, "pid": None, "state": "down", "port": None, "uptime_ms": None}
    age = processes.uptime_ms(pid)
    state = "up"
    if not services.ready(settings, service):
        young = age is not None and age < stack.HEALTHY_WITHIN_SECONDS * 1000
        state = "starting" if young else "unhealthy"
    return {"name": name, "pid": pid, "state": state,
            "port": services.listening_port(settings, service), "uptime_ms": age}
