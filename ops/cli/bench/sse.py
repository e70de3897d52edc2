"""Server-sent events of one job, as they come."""

import asyncio
from collections.abc import AsyncIterator

from .wire import HOST, request_bytes

_IDLE_SECONDS = 40.0  # the api sends a comment every 15 s


async def follow(port: int, job: str, after: int) -> AsyncIterator[tuple[int, str]]:
    """Number and type of each event after `after`, to the stream's end.

    Raises OSError when the stream breaks, EOFError when the log holds nothing more (204).
    """
    headers = {"Accept": "text/event-stream"}
    if after:
        headers["Last-Event-ID"] = str(after)
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(HOST, port, limit=4 << 20)
    try:
        writer.write(request_bytes("GET", f"/api/jobs/{job}/events", port, None, headers))
        try:
            async with asyncio.timeout(10):
                head = await reader.readuntil(b"\r\n\r\n")
            status = int(head[9:12])
            if status == 204:
                raise EOFError
            if status != 200:
                raise ConnectionError(f"the stream was answered {status}")
            async for event in _events(reader):
                yield event
        except asyncio.IncompleteReadError as failure:
            raise ConnectionResetError("the stream broke off") from failure
    finally:
        writer.transport.abort()


async def _events(reader: asyncio.StreamReader) -> AsyncIterator[tuple[int, str]]:
    text = b""
    while True:
        async with asyncio.timeout(_IDLE_SECONDS):
            size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
            piece = (await reader.readexactly(size + 2))[:-2]
        if size == 0:
            return
        text += piece
        *blocks, text = text.split(b"\n\n")
        for block in blocks:
            fields = {name: value.strip() for name, _, value in
                      (line.partition(b":") for line in block.split(b"\n"))}
            if fields.get(b"id") and fields.get(b"event"):
                yield int(fields[b"id"]), fields[b"event"].decode()
