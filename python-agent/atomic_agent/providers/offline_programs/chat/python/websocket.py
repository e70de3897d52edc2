"""Enough of the WebSocket protocol (RFC 6455) for text messages, on asyncio streams."""

import base64
import hashlib
import struct

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MAX_MESSAGE = 64 * 1024

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


class Closed(Exception):
    """The connection is over; `code` is the one to close with."""

    def __init__(self, code=1000):
        super().__init__(code)
        self.code = code


def accept_key(key):
    """The answer to a client's Sec-WebSocket-Key."""
    return base64.b64encode(hashlib.sha1(key.encode() + MAGIC).digest()).decode()


def frame(opcode, payload, mask=None):
    """One whole frame; clients have to pass a mask of four bytes."""
    head = bytes([0x80 | opcode])
    masked = 0x80 if mask else 0
    if len(payload) < 126:
        head += bytes([masked | len(payload)])
    elif len(payload) < 1 << 16:
        head += bytes([masked | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([masked | 127]) + struct.pack("!Q", len(payload))
    return head + mask + apply_mask(payload, mask) if mask else head + payload


def apply_mask(payload, mask):
    repeated = (mask * (len(payload) // 4 + 1))[:len(payload)]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return number.to_bytes(len(payload), "big")


async def read_frame(reader, masked):
    """(final, opcode, payload) of the next frame. Raises Closed for what isn't allowed."""
    first, second = await reader.readexactly(2)
    if first & 0x70 or bool(second & 0x80) != masked:
        raise Closed(1002)
    length = second & 0x7F
    if length == 126:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack("!Q", await reader.readexactly(8))
    if length > MAX_MESSAGE:
        raise Closed(1009)
    mask = await reader.readexactly(4) if masked else None
    payload = await reader.readexactly(length)
    return bool(first & 0x80), first & 0x0F, apply_mask(payload, mask) if mask else payload


class WebSocket:
    """One side of an open connection. `client` says which: only clients mask their frames."""

    def __init__(self, reader, writer, client=False):
        self._reader = reader
        self._writer = writer
        self._mask = b"\x37\xfa\x21\x3d" if client else None
        self._client = client

    async def send(self, text):
        await self._send(TEXT, text.encode())

    async def receive(self):
        """The next text message. Raises Closed when the connection ends."""
        parts = []
        while True:
            try:
                final, opcode, payload = await read_frame(self._reader, not self._client)
            except (EOFError, ConnectionError):
                raise Closed(1006) from None
            if opcode == PING:
                await self._send(PONG, payload)
            elif opcode == CLOSE:
                raise Closed(1000)
            elif opcode in (TEXT, CONTINUATION):
                if (opcode == CONTINUATION) != bool(parts):
                    raise Closed(1002)
                parts.append(payload)
                if sum(map(len, parts)) > MAX_MESSAGE:
                    raise Closed(1009)
                if final:
                    return self._text(b"".join(parts))
            elif opcode != PONG:
                raise Closed(1003)

    async def close(self, code=1000):
        try:
            await self._send(CLOSE, struct.pack("!H", code))
        except ConnectionError:
            pass
        self._writer.close()

    async def _send(self, opcode, payload):
        self._writer.write(frame(opcode, payload, self._mask))
        await self._writer.drain()

    @staticmethod
    def _text(data):
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise Closed(1007) from None
