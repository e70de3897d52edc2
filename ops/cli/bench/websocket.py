"""A WebSocket client (RFC 6455) that reads as little of a message as it can: hundreds of them
share their cores with what they measure.
"""

import asyncio
import json
import os
import struct
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from .wire import HOST

_CONNECT_SECONDS = 30.0
_TEXT, _CONTINUATION, _CLOSE, _PING, _PONG = 1, 0, 8, 9, 10


class Socket(asyncio.Protocol):
    """One connection. `heard` is given each message of the server's, whole, as it came."""

    def __init__(self, port: int, heard: Callable[[bytes], None]) -> None:
        self._port = port
        self._heard = heard
        self._buffer = bytearray()
        self._message = bytearray()
        self._transport: asyncio.Transport | None = None
        self._open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._upgraded = False
        self.closed = False

    @classmethod
    async def open(cls, port: int, heard: Callable[[bytes], None]) -> "Socket":
        """Connect. Raises OSError (TimeoutError is one)."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, made = await loop.create_connection(lambda: cls(port, heard), HOST, port)
            await made._open
        return made

    def say(self, message: Any) -> None:
        """Send a message, as JSON."""
        self._frame(_TEXT, json.dumps(message).encode())

    def stop_reading(self) -> None:
        """Read nothing any more and stay connected."""
        if self._transport is not None:
            self._transport.pause_reading()

    def close(self) -> None:
        """Close at once, as a client that is gone."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /ws/stream HTTP/1.1\r\nHost: {HOST}:{self._port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
            .encode())

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self.closed = True
        if not self._open.done():
            self._open.set_exception(ConnectionResetError("no WebSocket"))

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._buffer += data
        if not self._upgraded and not self._upgrade():
            return
        start = 0
        while (found := _frame_at(self._buffer, start)) is not None:
            opcode, final, begin, end = found
            self._take(opcode, final, bytes(self._buffer[begin:end]))
            start = end
        del self._buffer[:start]

    def _upgrade(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        if self._buffer.startswith(b"HTTP/1.1 101"):
            self._upgraded = True
            self._open.set_result(None)
        else:
            self._open.set_exception(ConnectionRefusedError(bytes(self._buffer[:200])))
        del self._buffer[:end + 4]
        return self._upgraded

    def _take(self, opcode: int, final: bool, payload: bytes) -> None:
        if opcode == _PING:
            self._frame(_PONG, payload)
        elif opcode == _CLOSE:
            self.close()
        elif opcode in (_TEXT, _CONTINUATION):
            if final and not self._message:
                self._heard(payload)
                return
            self._message += payload
            if final:
                whole = bytes(self._message)
                self._message.clear()
                self._heard(whole)

    def _frame(self, opcode: int, payload: bytes) -> None:
        mask = os.urandom(4)
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | opcode, 0xFE, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0xFF, size)
        masked = bytes(byte ^ mask[at & 3] for at, byte in enumerate(payload))
        if self._transport is not None:
            self._transport.write(head + mask + masked)


def _frame_at(buffer: bytearray, start: int) -> tuple[int, bool, int, int] | None:
    """Opcode, whether it is the message's last, and where the payload of a frame begins and ends;
    None until all of it is there. A server doesn't mask."""
    left = len(buffer) - start
    if left < 2:
        return None
    size, begin = buffer[start + 1], start + 2
    if size == 126:
        if left < 4:
            return None
        size, begin = int.from_bytes(buffer[start + 2:start + 4], "big"), start + 4
    elif size == 127:
        if left < 10:
            return None
        size, begin = int.from_bytes(buffer[start + 2:start + 10], "big"), start + 10
    if len(buffer) < begin + size:
        return None
    return buffer[start] & 15, buffer[start] >= 128, begin, begin + size
