"""HTTP/1.1 with as little work as possible: the load generator shares its cores with what it
measures, and `http.client` with threads is busy at a few hundred requests a second.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HOST = "127.0.0.1"
_CONNECT_SECONDS = 5.0


@dataclass(frozen=True)
class Answer:
    """A response. `headers` as they came, names in lower case."""

    status: int
    headers: bytes
    body: bytes

    def json(self) -> Any:
        """The body read as JSON. Raises ValueError when it isn't."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """A header's value."""
        return _header(self.headers, name.encode())


def request_bytes(method: str, path: str, port: int, body: bytes | None = None,
                  headers: Mapping[str, str] | None = None) -> bytes:
    """A whole request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{port}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


class Connection(asyncio.Protocol):
    """One keep-alive connection, one request at a time. Not safe to share."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answer: asyncio.Future[Answer] | None = None
        self.usable = True

    @classmethod
    async def open(cls, port: int) -> "Connection":
        """Connect. Raises OSError (TimeoutError is one)."""
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, connection = await asyncio.get_running_loop().create_connection(cls, HOST, port)
        return connection

    async def send(self, request: bytes) -> Answer:
        """Send and wait for the whole response. Raises OSError when the connection breaks."""
        if self._transport is None or not self.usable:
            raise ConnectionResetError("the connection is closed")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._answer
        except asyncio.CancelledError:
            # Its response may still come, and would be taken for the next one's.
            self.close()
            raise
        finally:
            self._answer = None

    def close(self) -> None:
        """Close at once; harmless when it is closed."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self.usable = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc if isinstance(exc, OSError)
                                       else ConnectionResetError("closed by the server"))

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._buffer += data
        parsed = _parse(self._buffer)
        if parsed is None:
            return
        answer, length = parsed
        del self._buffer[:length]
        if _header(answer.headers, b"connection") == "close":
            self.usable = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)


def _parse(buffer: bytearray) -> tuple[Answer, int] | None:
    """The response at the buffer's start and its length; None until it is whole."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(buffer[:end])
    status = int(head[9:12])
    names = b"\r\n".join(name.lower() + colon + value for name, colon, value in
                         (line.partition(b":") for line in head.split(b"\r\n")))
    start = end + 4
    length = _header(names, b"content-length")
    if status in (204, 304):
        return Answer(status, names, b""), start
    if length is not None:
        stop = start + int(length)
        return (Answer(status, names, bytes(buffer[start:stop])), stop) \
            if len(buffer) >= stop else None
    body = bytearray()
    while True:
        line = buffer.find(b"\r\n", start)
        if line < 0:
            return None
        size = int(buffer[start:line].split(b";")[0], 16)
        stop = line + 2 + size + 2
        if len(buffer) < stop:
            return None
        if size == 0:
            return Answer(status, names, bytes(body)), stop
        body += buffer[line + 2:stop - 2]
        start = stop


def _header(headers: bytes, name: bytes) -> str | None:
    at = headers.find(b"\r\n" + name + b":")
    if at < 0:
        return None
    start = at + len(name) + 3
    end = headers.find(b"\r\n", start)
    return headers[start:end if end >= 0 else len(headers)].decode("latin-1").strip()


class Api:
    """An api process by its port, over as many kept connections as are used at once."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: list[Connection] = []

    async def call(self, method: str, path: str, body: Any = None,
                   headers: Mapping[str, str] | None = None, seconds: float = 10.0) -> Answer:
        """One request. Raises OSError when there is no answer within `seconds`."""
        content = None if body is None else json.dumps(body).encode()
        request = request_bytes(method, path, self.port, content, headers)
        connection: Connection | None = None
        try:
            async with asyncio.timeout(seconds):
                connection = await self._take()
                return await connection.send(request)
        except OSError:
            if connection is not None:
                connection.close()
            raise
        finally:
            if connection is not None and connection.usable:
                self._idle.append(connection)

    async def json(self, path: str) -> Any:
        """The JSON at `path`. Raises OSError for anything but a 200."""
        answer = await self.call("GET", path)
        if answer.status != 200:
            raise OSError(f"GET {path}: {answer.status} {answer.body[:200]!r}")
        return answer.json()

    async def _take(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
        return await Connection.open(self.port)

    def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._idle.pop().close()
