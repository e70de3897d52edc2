"""An agent whose models stream at a given pace, each piece stamped with when it was sent:
`python3 -m cli.bench.metronome SOCKET`.

A process of its own, so that neither the clients' work nor their garbage delays its pieces. The
stamp is of the monotonic clock, which all processes of a machine share.
"""

import asyncio
import json
import re
import sys
import time
from typing import Any

_REQUEST, _CHUNK, _HEALTH, _HEALTHY, _CANCEL = 0, 2, 4, 5, 6
_MAX_LINE = 16 << 20
_ASKED = re.compile(r"metronome pieces=(\d+) every_us=(\d+) size=(\d+)")
STAMP = re.compile(rb"@(\d+);")


def prompt(pieces: int, every_us: int, size: int) -> str:
    """What asks for so many pieces, at this pace, of so many characters each."""
    return f"metronome pieces={pieces} every_us={every_us} size={size}"


def piece(size: int) -> str:
    """One piece, stamped now: a line of a Python comment."""
    return f"# @{time.monotonic_ns()};".ljust(size - 1, ".") + "\n"


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    tasks: dict[str, asyncio.Task[None]] = {}
    try:
        while line := await reader.readline():
            frame = json.loads(line)
            payload = frame.get("payload") or {}
            if frame["type"] == _HEALTH:
                _say(writer, frame["id"], _HEALTHY, {
                    "status": "healthy", "protocol": 2, "multiplex": True,
                    "providers": [{"name": "metronome", "state": "up", "models": ["metronome"]}]})
            elif frame["type"] == _REQUEST:
                tasks[payload["request_id"]] = asyncio.create_task(_stream(writer, frame))
            elif frame["type"] == _CANCEL and payload["request_id"] in tasks:
                tasks[payload["request_id"]].cancel()
    finally:
        for task in tasks.values():
            task.cancel()
        writer.close()


async def _stream(writer: asyncio.StreamWriter, frame: dict[str, Any]) -> None:
    payload = frame["payload"]
    asked = _ASKED.search(str(payload["metadata"].get("original_prompt", payload["prompt"])))
    pieces, every_us, size = (int(each) for each in asked.groups()) if asked else (1, 0, 64)
    due = time.monotonic()
    for index in range(pieces):
        if every_us:
            due += every_us / 1e6
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        _say(writer, frame["id"], _CHUNK, {
            "request_id": payload["request_id"], "delta": piece(size), "chunk_index": index,
            "is_final": False})
        if not every_us:
            await writer.drain()
    _say(writer, frame["id"], _CHUNK, {
        "request_id": payload["request_id"], "delta": "x = 1\n", "chunk_index": pieces,
        "is_final": True, "model": "metronome", "provider": "metronome", "input_tokens": 1,
        "output_tokens": pieces, "estimated": False})


def _say(writer: asyncio.StreamWriter, frame_id: str, kind: int, payload: dict[str, Any]) -> None:
    writer.write(json.dumps({"id": frame_id, "type": kind, "timestamp": int(time.time() * 1000),
                             "payload": payload}).encode() + b"\n")


async def _main(path: str) -> None:
    server = await asyncio.start_unix_server(_serve, path, limit=_MAX_LINE)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
