"""A real-time chat: a page, rooms, and WebSockets, from the standard library alone."""

import asyncio
import json
import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from chat import Refused, Rooms
from websocket import Closed, WebSocket, accept_key

PAGE = Path(__file__).with_name("page.html")
MAX_HEADERS = 100


class ChatServer:
    def __init__(self, rooms=None):
        self.rooms = rooms or Rooms()
        self._server = None

    async def start(self, host="127.0.0.1", port=0):
        """Listens; port 0 takes any free one. Returns the port."""
        self._server = await asyncio.start_server(self._serve, host, port)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self):
        self._server.close()

    async def forever(self):
        await self._server.serve_forever()

    async def _serve(self, reader, writer):
        try:
            method, target, headers = await read_head(reader)
            url = urlsplit(target)
            if headers.get("upgrade", "").lower() == "websocket" and url.path == "/ws":
                await self._upgrade(reader, writer, headers, parse_qs(url.query))
            elif (method, url.path) == ("GET", "/"):
                respond(writer, "200 OK", PAGE.read_bytes(), "text/html; charset=utf-8")
            else:
                respond(writer, "404 Not Found", b"There is nothing here.\n")
            await writer.drain()
        except (ValueError, EOFError, ConnectionError):
            pass  # not HTTP, or gone
        finally:
            writer.close()

    async def _upgrade(self, reader, writer, headers, query):
        if not same_origin(headers):
            respond(writer, "403 Forbidden", b"Another site may not chat here.\n")
            return
        writer.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                      "Connection: Upgrade\r\nSec-WebSocket-Accept: "
                      f"{accept_key(headers.get('sec-websocket-key', ''))}\r\n\r\n").encode())
        socket = WebSocket(reader, writer)
        room_name = query.get("room", ["lobby"])[0][:60]
        try:
            room, member = self.rooms.join(room_name, query.get("name", [""])[0])
        except Refused as problem:
            await socket.send(error(problem))
            await socket.close(1008)
            return
        sending = asyncio.create_task(send_events(socket, member))
        code = 1000
        try:
            await self._listen(socket, room, member)
        except Closed as closed:
            code = closed.code
        finally:
            self.rooms.leave(room_name, member)
            sending.cancel()
            if code != 1006:
                await socket.close(code)

    async def _listen(self, socket, room, member):
        while True:
            text = await socket.receive()
            try:
                message = json.loads(text)
                room.say(member, message.get("text") if isinstance(message, dict) else None)
            except ValueError:
                member.deliver({"type": "error", "error": "a message is a JSON object"})
            except Refused as problem:
                member.deliver({"type": "error", "error": str(problem)})


async def send_events(socket, member):
    """Sends a member's events until they end; a member who was dropped is hung up on."""
    try:
        while (event := await member.events.get()) is not None:
            await socket.send(json.dumps(event))
        await socket.close(1013)
    except ConnectionError:
        pass


async def read_head(reader):
    """Method, target and headers (names in lower case) of a request."""
    method, target, _version = (await reader.readline()).decode("latin-1").split()
    headers = {}
    for _ in range(MAX_HEADERS):
        line = (await reader.readline()).decode("latin-1").strip()
        if not line:
            return method, target, headers
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    raise ValueError("too many headers")


def same_origin(headers):
    """A browser names the page's origin; other clients have none."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def respond(writer, status, body, kind="text/plain; charset=utf-8"):
    writer.write((f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                  "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n").encode() + body)


def error(problem):
    return json.dumps({"type": "error", "error": str(problem)})


async def main():
    server = ChatServer()
    port = await server.start(port=int(os.environ.get("PORT", "8000")))
    print(f"chat on http://127.0.0.1:{port}", flush=True)
    await server.forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
