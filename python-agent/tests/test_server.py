"""The agent over a real Unix socket, with scripted providers behind it."""

import asyncio
import logging

from atomic_agent.logs import Redactor, TextFormatter
from atomic_agent.messages import AgentError, ErrorCode
from atomic_agent.providers.base import ReasoningDelta, TextDelta, Usage, UsageSoFar

from .support import END, ScriptedProvider, ServerTestCase, Step, error_of, quiet, text


class Answering(ServerTestCase):
    async def test_the_guides_health_check_is_answered(self) -> None:
        await self.serve(ScriptedProvider(text("x")))
        client = await self.client()
        client.writer.write(b'{"id":"test","type":4,"timestamp":0,"payload":{}}\n')
        frame = await client.read()
        self.assertEqual((frame["id"], frame["type"]), ("test", 5))
        self.assertEqual(frame["payload"], {
            "status": "healthy", "protocol": 2, "multiplex": True,
            "providers": [{
                "name": "scripted", "state": "ready", "models": ["scripted-1"],
                "model_details": [{"id": "scripted-1", "default_for": [
                    "GENERATE_SPEC", "GENERATE_CODE", "GENERATE_DOCS"]}]}]})

    async def test_what_a_model_thinks_is_marked_and_no_part_of_the_answer(self) -> None:
        script: list[Step] = [ReasoningDelta("hm"), TextDelta("so"), END]
        await self.serve(ScriptedProvider(script))
        client = await self.client()
        client.request("q")
        frames = [frame["payload"] for frame in await client.read_answer("q")]
        self.assertEqual([(each["delta"], each.get("reasoning", False)) for each in frames],
                         [("hm", True), ("so", False), ("", False)])
        client.request("r", stream=False)
        self.assertEqual((await client.read())["payload"]["content"], "so")

    async def test_an_error_after_chunks_bears_what_they_used(self) -> None:
        away = AgentError(ErrorCode.UNAVAILABLE, "away")
        await self.serve(ScriptedProvider([UsageSoFar(Usage(100, 1), "m-1"),
                                           TextDelta("x" * 40), away]))
        client = await self.client()
        client.request("q")
        end = (await client.read_answer("q"))[-1]["payload"]
        self.assertEqual((end["code"], end["retryable"]), ("unavailable", True))
        self.assertEqual((end["input_tokens"], end["output_tokens"], end["estimated"]),
                         (100, 10, True))
        self.assertEqual((end["model"], end["provider"]), ("m-1", "scripted"))

    async def test_an_error_before_any_chunk_has_used_nothing(self) -> None:
        await self.serve(ScriptedProvider([AgentError(ErrorCode.AUTH, "no")]))
        client = await self.client()
        client.request("q")
        end = (await client.read_answer("q"))[-1]["payload"]
        self.assertNotIn("input_tokens", end)

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
        failure = AgentError(ErrorCode.CONTENT_FILTER, "filtered")
        await self.serve(ScriptedProvider([failure], text("fine")))
        client = await self.client()
        client.request("a")
        self.assertEqual(error_of(await client.read()), "content_filter")
        client.request("b")
        self.assertEqual((await client.read_answer("b"))[0]["payload"]["delta"], "fine")

    async def test_a_bug_in_a_provider_is_an_internal_error_that_hides_it(self) -> None:
        await self.serve(ScriptedProvider([ValueError("a secret plan")]))
        client = await self.client()
        client.request("a")
        frame = await client.read()
        self.assertEqual(error_of(frame), "internal")
        self.assertNotIn("secret plan", frame["payload"]["message"])

    async def test_a_bug_is_logged_with_its_place_but_without_its_words(self) -> None:
        logging.getLogger("atomic_agent").setLevel(logging.ERROR)
        self.addCleanup(quiet)
        await self.serve(ScriptedProvider([ValueError("a secret plan")]))
        client = await self.client()
        with self.assertLogs("atomic_agent", logging.ERROR) as logged:
            client.request("a")
            await client.read()
        line = TextFormatter(Redactor()).format(logged.records[0])
        self.assertIn("ValueError", line)
        self.assertIn("support.py", line)
        self.assertNotIn("secret plan", line)

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
