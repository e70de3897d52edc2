"""A real HTTP server on loopback that plays a chat completions server, byte by byte."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

Part = bytes | float | asyncio.Event | None
"""What a script sends: bytes, a pause in seconds, a wait, or None to break the connection."""

EVENT_STREAM = "Content-Type: text/event-stream"


def chunk(content: str | None = None, **more: Any) -> bytes:
    """One event of a stream with a choice of this content."""
    delta = {} if content is None else {"content": content}
    choice = {"index": 0, "delta": delta, "finish_reason": more.pop("finish_reason", None)}
    body = {"id": "c", "object": "chat.completion.chunk", "model": "m-2025-01-01",
            "choices": [choice], **more}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def usage(read: int, written: int, cached: int = 0) -> bytes:
    body = {"choices": [], "usage": {"prompt_tokens": read, "completion_tokens": written,
                                     "prompt_tokens_details": {"cached_tokens": cached}}}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"
STOP = chunk(finish_reason="stop")


def error(message: str, kind: str | None = None, code: Any = None) -> bytes:
    return json.dumps({"error": {"message": message, "type": kind, "code": code}}).encode()


class ModelServer:
    """Answers each request with the next script; the last one is played again and again."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.gone = asyncio.Event()
        self._scripts: list[tuple[str, Sequence[str], Sequence[Part]]] = []
        self._server: asyncio.Server | None = None

    def answer(self, *parts: Part, status: str = "200 OK",
               headers: Sequence[str] = (EVENT_STREAM,)) -> "ModelServer":
        self._scripts.append((status, headers, parts))
        return self

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/v1"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in
                       (line.partition(":") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.paths.append(head[0])
            self.headers.append(headers)
            self.requests.append(json.loads(body))
            if await self.play(reader, writer, self.requests[-1]):
                writer.write(b"0\r\n\r\n")
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
                   request: dict[str, Any]) -> bool:
        """Answers one request; whether its response is then to be ended in order."""
        number = min(len(self.requests), len(self._scripts)) - 1
        status, headers, parts = self._scripts[number]
        await self.respond(reader, writer, status, headers, parts)
        return not parts or parts[-1] is not None

    async def respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
                      status: str, headers: Sequence[str], parts: Sequence[Part]) -> None:
        head = [f"HTTP/1.1 {status}", "Transfer-Encoding: chunked", "Connection: close",
                *headers, "", ""]
        writer.write("\r\n".join(head).encode())
        for part in parts:
            match part:
                case bytes():
                    writer.write(b"%x\r\n%s\r\n" % (len(part), part))
                    await writer.drain()
                case asyncio.Event():
                    await self._wait(reader, part)
                case float():
                    await asyncio.sleep(part)

    async def _wait(self, reader: asyncio.StreamReader, event: asyncio.Event) -> None:
        """Waits for the event or for the client to hang up, whichever comes first."""
        waiting = asyncio.create_task(event.wait())
        hung_up = asyncio.create_task(reader.read(1))
        await asyncio.wait((waiting, hung_up), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if hung_up.done():
            self.gone.set()
            raise ConnectionResetError
        hung_up.cancel()
