"""The socket's file, and stopping in order."""

import asyncio
import os
import socket
import stat

from atomic_agent.providers.base import TextDelta
from atomic_agent.server import AgentServer, SocketUnavailable

from .support import END, ScriptedProvider, ServerTestCase, error_of, router_of, text


class Socket(ServerTestCase):
    async def test_the_socket_is_only_for_its_owner(self) -> None:
        await self.serve(ScriptedProvider(text("a")))
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)

    async def test_a_stale_socket_is_replaced(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
            dead.bind(str(self.path))
        await self.serve(ScriptedProvider(text("a")))
        client = await self.client()
        client.send(4, "h")
        self.assertEqual((await client.read())["type"], 5)

    async def test_a_socket_on_which_somebody_answers_is_left_alone(self) -> None:
        await self.serve(ScriptedProvider(text("a")))
        second = AgentServer(self.path, router_of(ScriptedProvider(text("b"))))
        with self.assertRaisesRegex(SocketUnavailable, "another agent answers"):
            await second.start()
        client = await self.client()
        client.request("q")
        self.assertEqual((await client.read_answer("q"))[0]["payload"]["delta"], "a")

    async def test_a_file_that_is_no_socket_is_left_alone(self) -> None:
        self.path.write_text("precious", encoding="utf-8")
        server = AgentServer(self.path, router_of(ScriptedProvider(text("a"))))
        with self.assertRaisesRegex(SocketUnavailable, "isn't a socket"):
            await server.start()
        self.assertEqual(self.path.read_text(encoding="utf-8"), "precious")

    async def test_a_missing_directory_and_a_long_path_are_said_in_one_line(self) -> None:
        for path in (self.path.parent / "no" / "a.sock", self.path.parent / ("x" * 120)):
            server = AgentServer(path, router_of(ScriptedProvider(text("a"))))
            with self.assertRaises(SocketUnavailable) as refused:
                await server.start()
            self.assertNotIn("\n", str(refused.exception))


class Stopping(ServerTestCase):
    async def test_open_requests_may_finish_and_new_ones_are_refused(self) -> None:
        go = asyncio.Event()
        server = await self.serve(ScriptedProvider([TextDelta("a"), go, TextDelta("b"), END]))
        client = await self.client()
        client.request("old")
        await client.read()
        stopping = asyncio.create_task(server.stop(grace=5))
        await self.until(lambda: not self.path.exists())
        client.request("new")
        refused = await client.read()
        self.assertEqual((error_of(refused), refused["payload"]["retryable"]),
                         ("unavailable", True))
        go.set()
        frames = await client.read_answer("old")
        self.assertEqual(frames[0]["payload"]["delta"], "b")
        await stopping
        with self.assertRaises(EOFError):
            await client.read()

    async def test_what_does_not_finish_in_time_ends_as_unavailable_to_be_sent_again(
        self,
    ) -> None:
        provider = ScriptedProvider([TextDelta("a"), asyncio.Event()])
        server = await self.serve(provider)
        client = await self.client()
        client.request("q")
        await client.read()
        await server.stop(grace=0.05)
        frame = await client.read()
        self.assertEqual((error_of(frame), frame["payload"]["retryable"]), ("unavailable", True))
        self.assertEqual(provider.stopped, 1)
        self.assertFalse(self.path.exists())
