import asyncio
import json
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    items = []

    def log_message(self, *args):
        pass

    def reply(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        if self.path == "/items":
            self.reply(200, self.items)
        else:
            self.reply(404, {"error": "not found"})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        self.items.append(json.loads(self.rfile.read(length)))
        self.reply(201, self.items[-1])


def make_server(port=0):
    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())


def start_echo():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class LineServer:
    async def start(self, host="127.0.0.1", port=0):
        self.server = await asyncio.start_server(self.talk, host, port)
        return self.server.sockets[0].getsockname()[1]

    async def talk(self, reader, writer):
        while line := await reader.readline():
            writer.write(b"got " + line)
            await writer.drain()
        writer.close()

    async def stop(self):
        self.server.close()
        await self.server.wait_closed()


def ask(host, port, text):
    with socket.create_connection((host, port), timeout=5) as connection:
        connection.sendall(text.encode() + b"\n")
        return connection.makefile().readline().strip()
