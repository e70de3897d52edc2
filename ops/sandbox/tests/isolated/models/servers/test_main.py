import asyncio
import http.client
import json
import socket
import threading
import unittest
import urllib.error
import urllib.request

import pytest

from main import Handler, LineServer, ask, make_server, start_echo


@pytest.fixture
def base():
    server = make_server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Handler.items.clear()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_empty(base):
    with urllib.request.urlopen(base + "/items") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "application/json"
        assert json.load(response) == []


def test_post(base):
    request = urllib.request.Request(base + "/items", json.dumps({"a": 1}).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=5) as response:
        assert response.status == 201
    with urllib.request.urlopen(base + "/items") as response:
        assert json.load(response) == [{"a": 1}]


def test_not_found(base):
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(base + "/nothing")
    assert error.value.code == 404


def test_keeps_the_connection(base):
    connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=5)
    for _ in range(2):
        connection.request("GET", "/items")
        assert connection.getresponse().read() == b"[]"
    connection.close()


def test_requests(base):
    requests = pytest.importorskip("requests")
    assert requests.get(base + "/items", timeout=5).json() == []


def test_echo():
    server = start_echo()
    host, port = server.server_address
    assert ask(host, port, "hello") == "HELLO"
    with socket.create_connection((host, port), timeout=5) as client:
        client.sendall(b"abc\n")
        assert client.recv(100) == b"ABC\n"
    server.shutdown()
    server.server_close()


def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        ask("127.0.0.1", port, "x")


class LineTests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.server = LineServer()
        self.port = await self.server.start()

    async def asyncTearDown(self):
        await self.server.stop()

    async def test_lines(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"one\n")
        await writer.drain()
        self.assertEqual(await asyncio.wait_for(reader.readline(), 5), b"got one\n")
        writer.close()
