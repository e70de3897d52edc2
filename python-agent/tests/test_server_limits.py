"""Clients that send nonsense or read slowly: they alone bear it."""

import asyncio
import socket
from unittest import mock

from atomic_agent.config import Deadlines
from atomic_agent.connection import WRITE_BUFFER_BYTES
from atomic_agent.protocol import MAX_LINE_BYTES
from atomic_agent.providers.base import TextDelta

from .support import END, ScriptedProvider, ServerTestCase, error_of, text


class BrokenInput(ServerTestCase):
    async def check_only_this_connection_ends(self, data: bytes) -> None:
        go = asyncio.Event()
        provider = ScriptedProvider([TextDelta("a"), go, END])
        server = await self.serve(provider)
        other = await self.client()
        other.request("other")
        await other.read()
        broken = await self.client()
        broken.writer.write(data)
        self.assertEqual(error_of(await broken.read()), "invalid_request")
        with self.assertRaises((EOFError, ConnectionError)):
            await broken.read()
        await self.until(lambda: server.connections == 1)
        go.set()
        self.assertTrue((await other.read_answer("other"))[-1]["payload"]["is_final"])

    async def test_a_line_that_is_not_json_ends_its_connection_only(self) -> None:
        await self.check_only_this_connection_ends(b"hello\n")

    async def test_a_line_that_is_not_an_object_ends_its_connection_only(self) -> None:
        await self.check_only_this_connection_ends(b"[]\n")

    async def test_a_line_that_is_too_long_ends_its_connection_only(self) -> None:
        await self.check_only_this_connection_ends(b"x" * (MAX_LINE_BYTES + 1))

    async def test_the_requests_of_a_broken_connection_are_stopped(self) -> None:
        provider = ScriptedProvider([TextDelta("a"), asyncio.Event()])
        await self.serve(provider)
        client = await self.client()
        client.request("q")
        await client.read()
        client.writer.write(b"oops\n")
        self.assertEqual(error_of(await client.read()), "invalid_request")
        await self.until(lambda: provider.stopped == 1)

    async def test_a_message_with_a_wrong_field_is_refused_and_the_connection_goes_on(
        self,
    ) -> None:
        await self.serve(ScriptedProvider(text("a")))
        client = await self.client()
        client.send(0, "f", request_id="q", prompt=7)
        frame = await client.read()
        self.assertEqual((frame["id"], error_of(frame)), ("f", "invalid_request"))
        client.request("next")
        await client.read_answer("next")

    async def test_a_line_just_below_the_limit_is_served(self) -> None:
        await self.serve(ScriptedProvider(text("a")))
        client = await self.client()
        client.request("q", prompt="x" * (MAX_LINE_BYTES - 1000))
        await client.read_answer("q")


class SlowReading(ServerTestCase):
    async def test_a_slow_reader_holds_its_provider_up_and_costs_others_nothing(self) -> None:
        chunk = "x" * 4096
        provider = ScriptedProvider(text(*[chunk] * 1500), text("quick"))
        server = await self.serve(provider)
        slow = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(slow.close)
        slow.connect(str(self.path))
        slow.sendall(b'{"id":"s","type":0,"payload":'
                     b'{"request_id":"s","prompt":"p","stream":true}}\n')
        await self.until(lambda: provider.given > 10)
        other = await self.client()
        for number in range(20):
            other.request(f"q{number}")
            await other.read_answer(f"q{number}")
        at_most = (WRITE_BUFFER_BYTES + 1024 * 1024) // 4096  # the kernel holds some too
        self.assertLess(provider.given, at_most)
        await self.until(lambda: server.requests == 1)
        received = 0
        loop = asyncio.get_running_loop()
        slow.setblocking(False)
        tail = b""
        while not tail.endswith(b"}}\n") or b'"is_final":true' not in tail:
            data = await loop.sock_recv(slow, 1 << 20)
            self.assertTrue(data)
            received += len(data)
            tail = (tail + data)[-400:]
        self.assertGreater(received, 1500 * 4096)

    async def test_a_reader_that_never_reads_does_not_hold_its_call_beyond_the_deadline(
        self,
    ) -> None:
        provider = ScriptedProvider(text(*["x" * 4096] * 1500))
        with mock.patch("atomic_agent.connection.SLOW_READER_SECONDS", 0.1):
            await self.serve(provider, deadlines=Deadlines(total=0.2))
            slow = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.addCleanup(slow.close)
            slow.connect(str(self.path))
            slow.sendall(b'{"id":"s","type":0,"payload":'
                         b'{"request_id":"s","prompt":"p","stream":true}}\n')
            await self.until(lambda: provider.stopped == 1)

    async def test_a_slow_reader_that_goes_away_is_let_go(self) -> None:
        provider = ScriptedProvider(text(*["x" * 4096] * 1500))
        server = await self.serve(provider)
        slow = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        slow.connect(str(self.path))
        slow.sendall(b'{"id":"s","type":0,"payload":'
                     b'{"request_id":"s","prompt":"p","stream":true}}\n')
        await self.until(lambda: provider.given > 10)
        slow.close()
        await self.until(lambda: server.connections == 0)
        self.assertEqual(provider.stopped, 1)
