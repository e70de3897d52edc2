"""The agent over a real Unix socket, with scripted providers behind it."""

import asyncio
import os
import socket
import stat

from atomic_agent.connection import WRITE_BUFFER_BYTES
from atomic_agent.messages import AgentError, ErrorCode
from atomic_agent.protocol import MAX_LINE_BYTES
from atomic_agent.providers.base import TextDelta
from atomic_agent.server import AgentServer, SocketUnavailable

from .support import END, ScriptedProvider, ServerTestCase, router_of, text


def error_of(frame: dict) -> str:  # type: ignore[type-arg]
    assert frame["type"] == 3, frame
    return str(frame["payload"]["code"])


class Answering(ServerTestCase):
    async def test_the_guides_health_check_is_answered(self) -> None:
        await self.serve(ScriptedProvider(text("x")))
        client = await self.client()
        client.writer.write(b'{"id":"test","type":4,"timestamp":0,"payload":{}}\n')
        frame = await client.read()
        self.assertEqual((frame["id"], frame["type"]), ("test", 5))
        self.assertEqual(frame["payload"], {
            "status": "healthy", "protocol": 2, "multiplex": True,
            "providers": [{"name": "scripted", "state": "ready", "models": ["scripted-1"]}]})

    async def test_a_stream_is_answered_in_chunks_counted_from_zero(self) -> None:
        await self.serve(ScriptedProvider(text("one ", "two ", "three")))
        client = await self.client()
        client.request("q")
        frames = await client.read_answer("q")
        self.assertEqual({frame["id"] for frame in frames}, {"frame-q"})
        self.assertEqual([frame["payload"]["chunk_index"] for frame in frames], [0, 1, 2, 3])
        self.assertEqual("".join(f["payload"]["delta"] for f in frames), "one two three")
        self.assertEqual([f["payload"]["is_final"] for f in frames], [False, False, False, True])
        end = frames[-1]["payload"]
        self.assertEqual((end["model"], end["provider"]), ("scripted-1", "scripted"))
        self.assertEqual((end["input_tokens"], end["output_tokens"]), (3, 4))

    async def test_without_stream_one_response_bears_the_guides_fields(self) -> None:
        await self.serve(ScriptedProvider(text("one ", "two")))
        client = await self.client()
        client.request("q", stream=False)
        frame = await client.read()
        self.assertEqual(frame["type"], 1)
        wanted = {"request_id": "q", "content": "one two", "model": "scripted-1",
                  "provider": "scripted", "input_tokens": 3, "output_tokens": 4,
                  "is_final": True}
        self.assertEqual(wanted, {name: frame["payload"][name] for name in wanted})

    async def test_a_failure_is_an_error_and_the_connection_goes_on(self) -> None:
        failure = AgentError(ErrorCode.OUT_OF_CREDIT, "no credit")
        await self.serve(ScriptedProvider([failure], text("fine")))
        client = await self.client()
        client.request("a")
        self.assertEqual(error_of(await client.read()), "out_of_credit")
        client.request("b")
        self.assertEqual((await client.read_answer("b"))[0]["payload"]["delta"], "fine")

    async def test_a_bug_in_a_provider_is_an_internal_error_that_hides_it(self) -> None:
        await self.serve(ScriptedProvider([ValueError("a secret plan")]))
        client = await self.client()
        client.request("a")
        frame = await client.read()
        self.assertEqual(error_of(frame), "internal")
        self.assertNotIn("secret plan", frame["payload"]["message"])

    async def test_a_client_that_closes_only_its_sending_side_is_still_answered(self) -> None:
        go = asyncio.Event()
        await self.serve(ScriptedProvider([go, TextDelta("late"), END]))
        client = await self.client()
        client.request("q")
        client.writer.write_eof()
        go.set()
        self.assertEqual((await client.read_answer("q"))[0]["payload"]["delta"], "late")
        with self.assertRaises(EOFError):
            await client.read()


class Multiplexing(ServerTestCase):
    async def test_many_requests_run_at_once_on_one_connection(self) -> None:
        go = asyncio.Event()
        provider = ScriptedProvider([TextDelta("a"), go, TextDelta("b"), END])
        await self.serve(provider)
        client = await self.client()
        for number in range(100):
            client.request(f"q{number}")
        firsts = [await client.read() for _ in range(100)]
        self.assertEqual({frame["payload"]["request_id"] for frame in firsts},
                         {f"q{number}" for number in range(100)})
        go.set()
        rest = [await client.read() for _ in range(200)]
        self.assertEqual(sum(frame["payload"]["is_final"] for frame in rest), 100)

    async def test_a_health_check_is_answered_between_chunks(self) -> None:
        go = asyncio.Event()
        await self.serve(ScriptedProvider([TextDelta("a"), go, END]))
        client = await self.client()
        client.request("q")
        await client.read()
        client.send(4, "h")
        self.assertEqual((await client.read())["type"], 5)
        go.set()
        await client.read_answer("q")

    async def test_a_request_id_that_is_running_already_is_refused(self) -> None:
        go = asyncio.Event()
        provider = ScriptedProvider([go, TextDelta("a"), END])
        await self.serve(provider)
        client = await self.client()
        client.request("q")
        client.request("q")
        self.assertEqual(error_of(await client.read()), "invalid_request")
        go.set()
        self.assertEqual((await client.read_answer("q"))[0]["payload"]["delta"], "a")
        self.assertEqual(provider.calls, 1)

    async def test_more_requests_than_a_connection_may_run_are_refused(self) -> None:
        await self.serve(ScriptedProvider([asyncio.Event()]))
        client = await self.client()
        for number in range(257):
            client.request(f"q{number}")
        self.assertEqual(error_of(await client.read()), "overloaded")


class Cancelling(ServerTestCase):
    async def test_a_cancelled_request_stops_its_provider_and_ends_as_cancelled(self) -> None:
        provider = ScriptedProvider([TextDelta("a"), asyncio.Event()])
        await self.serve(provider)
        client = await self.client()
        client.request("q")
        await client.read()
        client.cancel("q")
        frame = await client.read()
        self.assertEqual((frame["id"], error_of(frame)), ("frame-q", "cancelled"))
        self.assertFalse(frame["payload"]["retryable"])
        self.assertEqual(provider.stopped, 1)

    async def test_a_cancel_in_the_same_write_as_its_request_is_heeded(self) -> None:
        server = await self.serve(ScriptedProvider([asyncio.Event()]))
        client = await self.client()
        client.request("q")
        client.cancel("q")
        self.assertEqual(error_of(await client.read()), "cancelled")
        self.assertEqual(server.requests, 0)

    async def test_others_on_the_connection_go_on(self) -> None:
        go = asyncio.Event()
        await self.serve(ScriptedProvider([TextDelta("a"), go, END]))
        client = await self.client()
        client.request("one")
        client.request("two")
        await client.read(), await client.read()
        client.cancel("one")
        self.assertEqual((await client.read())["payload"]["request_id"], "one")
        go.set()
        self.assertTrue((await client.read_answer("two"))[-1]["payload"]["is_final"])

    async def test_a_cancel_of_an_ended_or_unknown_request_is_dropped(self) -> None:
        await self.serve(ScriptedProvider(text("a")))
        client = await self.client()
        client.request("q")
        await client.read_answer("q")
        client.cancel("q")
        client.cancel("never")
        client.send(4, "h")
        self.assertEqual((await client.read())["id"], "h")


class Disconnecting(ServerTestCase):
    async def test_a_client_that_goes_away_stops_its_provider_calls(self) -> None:
        provider = ScriptedProvider([TextDelta("a"), asyncio.Event()])
        server = await self.serve(provider)
        client = await self.client()
        client.request("one")
        client.request("two")
        await client.read(), await client.read()
        await client.close()
        await self.until(lambda: provider.stopped == 2)
        await self.until(lambda: server.connections == 0)

    async def test_a_client_that_goes_away_before_any_chunk_stops_its_call_too(self) -> None:
        provider = ScriptedProvider([asyncio.Event()])
        await self.serve(provider)
        client = await self.client()
        client.request("q")
        await self.until(lambda: provider.calls == 1)
        await client.close()
        await self.until(lambda: provider.stopped == 1)


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
