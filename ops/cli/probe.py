"""Asking a process whether it is ready, and who holds a port. Loopback only; bounded in time."""

import errno
import http.client
import json
import os
import socket
from pathlib import Path

from . import trust

_ANSWER_SECONDS = 2.0


def answers_tcp(host: str, port: int, timeout: float = 1.0) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout):
            return True
    except OSError:
        return False


def http_status(host: str, port: int, path: str, secure: bool = False) -> int | None:
    """The status of one GET, None when nothing that speaks HTTP (or HTTPS) answers in 2 s."""
    connection = (trust.connection(host, port, _ANSWER_SECONDS) if secure
                  else http.client.HTTPConnection(host, port, timeout=_ANSWER_SECONDS))
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def agent_health(path: Path, timeout: float = 2.0) -> dict[str, object] | None:
    """The payload of the agent's answer to a HEALTH_CHECK line; None when there is none."""
    request = {"id": "health", "type": 4, "timestamp": 0, "payload": {}}
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(str(path))
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as lines:
                answer = json.loads(lines.readline(1 << 20))
    except (OSError, ValueError):
        return None
    if not isinstance(answer, dict) or answer.get("type") != 5:
        return None
    payload = answer.get("payload")
    return payload if isinstance(payload, dict) else {}


def port_in_use(host: str, port: int) -> bool:
    """Whether binding there would fail because somebody listens.

    Raises OSError when the address can't be bound at all (not ours, not permitted).
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as attempt:
        # As the JVM does: a port in TIME_WAIT isn't in use.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as failure:
            if failure.errno == errno.EADDRINUSE:
                return True
            raise
    return False


def port_holder(port: int) -> int | None:
    """The pid of who listens on a port; None when it can't be seen, as of one that is just ending.
    """
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _holds(entry, inodes):
            return int(entry.name)
    return None


def name_of(pid: int) -> str:
    """What the kernel calls a process; `?` when it can't be read."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        return "?"


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in (row.split() for row in rows):
            # local_address is HEX:HEX, state 0A is LISTEN (proc_pid_net(5)).
            if len(fields) > 9 and fields[3] == "0A" and int(fields[1].split(":")[1], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    return inodes


def _holds(process: Path, inodes: set[str]) -> bool:
    try:
        return any(os.readlink(entry) in inodes for entry in (process / "fd").iterdir())
    except OSError:
        return False
