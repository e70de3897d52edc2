"""Connections of the tests to this machine are to the program's: its container has the servers.

Who connects here to a port that is open there gets a connection to a thread of the judge's, which
carries the bytes to and fro.
"""

import socket
import threading
from collections.abc import Callable
from select import select
from time import sleep
from typing import Any

from .limits import Broken

_HOSTS = frozenset(("127.0.0.1", "localhost", "::1", "0.0.0.0", "::", ""))
_PIECE = 256 * 1024
_MOST = 100
# Seconds between two looks while nothing comes: longer and longer.
_FIRST, _LAST = 0.001, 0.02


class Network:
    """The judge's part. `request_with` asks the program's end."""

    def __init__(self, request_with: Callable[..., Any]) -> None:
        self._request_with = request_with
        self._open = 0
        space: Any = socket.socket
        self._connect, listening = space.connect, space.listen
        # Ports of servers of the tests' own: the program has no say in those.
        self._own: set[int] = set()
        connecting = self

        def connect(self: Any, address: Any) -> None:
            connecting._connect(self, connecting._there(self, address))

        def connect_ex(self: Any, address: Any) -> int:
            try:
                connect(self, address)
            except OSError as failure:
                return failure.errno or 1
            return 0

        def listen(self: Any, *backlog: int) -> None:
            listening(self, *backlog)
            if self.family in (socket.AF_INET, socket.AF_INET6):
                connecting._own.add(self.getsockname()[1])

        space.connect, space.connect_ex, space.listen = connect, connect_ex, listen

    def _there(self, end: Any, address: Any) -> Any:
        """The address of a way to the program's server, or the same."""
        if (end.family not in (socket.AF_INET, socket.AF_INET6) or end.type != socket.SOCK_STREAM
                or type(address) is not tuple or address[0] not in _HOSTS
                or address[1] in self._own or self._open >= _MOST):
            return address
        try:
            number = self._request_with("connect", (), (address[1],))
        except (Broken, Exception):
            return address
        if type(number) is not int:
            return address
        host = "127.0.0.1" if end.family == socket.AF_INET else "::1"
        listener = socket.socket(end.family)
        listener.bind((host, 0))
        listener.listen(1)
        self._open += 1
        threading.Thread(target=self._carry, args=(listener, number), daemon=True).start()
        return listener.getsockname()

    def _carry(self, listener: socket.socket, number: int) -> None:
        try:
            listener.settimeout(10)
            end = listener.accept()[0]
            listener.close()
            with end:
                self._pump(end, number)
        except (Broken, Exception):
            # The test sees that its connection has ended.
            return
        finally:
            self._open -= 1

    def _pump(self, end: socket.socket, number: int) -> None:
        wait, reading, writing = _FIRST, True, True
        while reading or writing:
            content: bytes | None = b""
            if reading and select([end], [], [], 0)[0]:
                content = end.recv(_PIECE) or None
                reading = content is not None
            elif wait > _FIRST:
                sleep(wait)
            answer = self._request_with("carry", (number,), (content,))
            if answer is None:
                writing = False
                end.shutdown(socket.SHUT_WR)
                if not reading:
                    return
            elif type(answer) is not bytes:
                raise Broken("no bytes")
            elif answer:
                end.sendall(answer)
            wait = _FIRST if content or answer else min(wait * 2, _LAST)


class Connections:
    """The program's end: connections to its own servers."""

    def __init__(self, run: Callable[[float], None]) -> None:
        self._run = run
        self._ends: dict[int, socket.socket] = {}
        self._next = 1

    def open(self, port: int) -> int | None:
        """A number, or None where nobody listens."""
        try:
            end = socket.create_connection(("127.0.0.1", port), 2)
        except OSError:
            return None
        self._next += 1
        self._ends[self._next] = end
        return self._next

    def carry(self, number: int, content: bytes | None) -> bytes | None:
        """Send this, or the end of it; what has come meanwhile, None once that has ended."""
        end = self._ends.get(number)
        if end is None:
            return None
        try:
            if content is None:
                end.shutdown(socket.SHUT_WR)
            elif content:
                end.sendall(content)
            # A server in the program's event loop goes on only while that runs.
            self._run(0.001)
            if not select([end], [], [], 0.001)[0]:
                return b""
            found = end.recv(_PIECE)
        except OSError:
            found = b""
        if not found:
            self._ends.pop(number).close()
            return None
        return found
