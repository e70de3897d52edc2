"""The openai provider against a real HTTP server that speaks, and misspeaks, its protocol."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from unittest import IsolatedAsyncioTestCase, TestCase, mock

from atomic_agent.config import Deadlines
from atomic_agent.endpoints import Endpoint
from atomic_agent.logs import Redactor
from atomic_agent.messages import AgentError, Completion, Request

from .model_server import DONE, STOP, ModelServer, chunk, error, usage
from .support import events_of, make_httpx_importable, quiet, router_of

make_httpx_importable()

from atomic_agent.providers.base import TextDelta  # noqa: E402
from atomic_agent.providers.openai import OpenAiProvider  # noqa: E402
from atomic_agent.providers.failures import retry_delay_ms  # noqa: E402
from atomic_agent.providers.framing import EventStream  # noqa: E402

KEY = "sk-test-0123456789abcdef"
PROMPT = "Write the confidential thing that nobody else may read"
JSON = ("Content-Type: application/json",)


class OpenAiTestCase(IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        quiet()
        environment = mock.patch.dict("os.environ", {"NO_PROXY": "127.0.0.1"})
        environment.start()
        self.addCleanup(environment.stop)
        self.server = ModelServer()
        self.address = await self.server.start()
        self.addAsyncCleanup(self.server.stop)
        self.deadlines = Deadlines()

    async def ask(self, **more: Any) -> tuple[str, Completion]:
        """The text and the end of an answer through the router, as the server gets it."""
        settings = Endpoint.of("openai", self.address, KEY, ("m", "another"))
        provider = OpenAiProvider(settings, self.deadlines.connect, Redactor([KEY]))
        request = Request(id="f", request_id="q", prompt=PROMPT, **more)
        try:
            router = router_of(provider, deadlines=self.deadlines)
            *text, end = await events_of(router, request)
        finally:
            await provider.close()
        assert isinstance(end, Completion)
        return "".join(piece.text for piece in text if isinstance(piece, TextDelta)), end

    async def failure(self, *parts: Any, **more: Any) -> AgentError:
        self.server.answer(*parts, **more)
        with self.assertRaises(AgentError) as failed:
            await self.ask()
        shown = failed.exception.message
        self.assertNotIn(KEY, shown)
        self.assertNotIn("confidential", shown)
        return failed.exception


class Requests(OpenAiTestCase):
    async def test_a_request_is_sent_as_chat_completions_want_it(self) -> None:
        self.server.answer(chunk("hi"), STOP, DONE)
        await self.ask(max_tokens=50, temperature=0.5)
        self.assertEqual(self.server.paths, ["POST /v1/chat/completions HTTP/1.1"])
        self.assertEqual(self.server.headers[0]["authorization"], f"Bearer {KEY}")
        self.assertEqual(self.server.requests, [{
            "model": "m", "messages": [{"role": "user", "content": PROMPT}], "stream": True,
            "stream_options": {"include_usage": True}, "max_tokens": 50, "temperature": 0.5}])

    async def test_a_requests_model_goes_before_the_configured_one(self) -> None:
        self.server.answer(chunk("hi"), STOP, DONE)
        await self.ask(model="another")
        self.assertEqual(self.server.requests[0]["model"], "another")
        self.assertNotIn("max_tokens", self.server.requests[0])
        self.assertNotIn("temperature", self.server.requests[0])

    def test_the_vendors_own_api_gets_the_newer_name_of_max_tokens(self) -> None:
        provider = OpenAiProvider(Endpoint.of("openai", api_key=KEY), 5, Redactor())
        body = provider.body(Request(id="f", request_id="q", prompt="p", max_tokens=9))
        self.assertEqual(body["max_completion_tokens"], 9)
        self.assertNotIn("max_tokens", body)

    async def test_a_local_server_without_a_key_gets_no_authorization(self) -> None:
        self.server.answer(chunk("hi"), STOP, DONE)
        provider = OpenAiProvider(Endpoint.of("openai", self.address), 5, Redactor())
        request = Request(id="f", request_id="q", prompt="p")
        _ = [event async for event in provider.stream(request)]
        await provider.close()
        self.assertNotIn("authorization", self.server.headers[0])


class Streams(OpenAiTestCase):
    async def test_text_model_and_usage_come_through(self) -> None:
        self.server.answer(chunk(""), chunk("Hello, "), chunk("wörld 🙂"), STOP, usage(11, 7), DONE)
        text, end = await self.ask()
        self.assertEqual(text, "Hello, wörld 🙂")
        self.assertEqual(end, Completion("m-2025-01-01", "openai", 11, 7))

    async def test_bytes_may_be_cut_anywhere_even_inside_a_character(self) -> None:
        data = b"".join((chunk("grö"), b": keep-alive\n\n", chunk("ßer 🙂").replace(b"\n", b"\r\n"),
                         STOP, usage(1, 2), DONE))
        data = data.replace(b"\\u00f6", "ö".encode()).replace(b"\\u00df", "ß".encode())
        data = data.replace(b"\\ud83d\\ude42", "🙂".encode())
        self.server.answer(*(data[i:i + 1] for i in range(len(data))))
        text, end = await self.ask()
        self.assertEqual((text, end.input_tokens), ("größer 🙂", 1))

    async def test_other_choices_are_left_out(self) -> None:
        second = json.dumps({"choices": [{"index": 1, "delta": {"content": "NO"}}]}).encode()
        self.server.answer(chunk("yes"), b"data: " + second + b"\n\n", STOP, DONE)
        self.assertEqual((await self.ask())[0], "yes")

    async def test_missing_usage_is_estimated_and_marked(self) -> None:
        self.server.answer(chunk("x" * 40), STOP, DONE)
        _, end = await self.ask()
        self.assertTrue(end.estimated)
        self.assertEqual((end.input_tokens, end.output_tokens), ((len(PROMPT) + 3) // 4, 10))

    async def test_another_servers_answers_have_a_cost_only_with_prices_of_ones_own(self) -> None:
        for own_prices in (False, True):
            provider = OpenAiProvider(Endpoint.of("openai", self.address), 5, Redactor(),
                                      own_prices=own_prices)
            self.assertEqual(provider.priced, own_prices)
        self.assertTrue(OpenAiProvider(Endpoint.of("openai"), 5, Redactor()).priced)

    async def test_an_answer_cut_by_max_tokens_says_length(self) -> None:
        self.server.answer(chunk("half"), chunk(finish_reason="length"), DONE)
        text, end = await self.ask()
        self.assertEqual((text, end.finish_reason), ("half", "length"))

    async def test_a_server_that_ignores_stream_is_understood(self) -> None:
        body = {"model": "m", "usage": {"prompt_tokens": 5, "completion_tokens": 6}, "choices": [
            {"index": 0, "message": {"content": "all at once"}, "finish_reason": "stop"}]}
        self.server.answer(json.dumps(body).encode(), headers=JSON)
        text, end = await self.ask()
        self.assertEqual((text, end.output_tokens, end.estimated), ("all at once", 6, False))

    async def test_a_stream_may_end_without_done_after_its_finish_reason(self) -> None:
        self.server.answer(chunk("fine"), STOP.rstrip(b"\n"))
        self.assertEqual((await self.ask())[0], "fine")

    async def test_a_thinking_model_is_alive(self) -> None:
        self.deadlines = Deadlines(first_chunk=0.3, idle=0.3)
        thought = b'data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}\n\n'
        self.server.answer(thought, 0.2, thought, 0.2, chunk("done"), STOP, DONE)
        self.assertEqual((await self.ask())[0], "done")


class Failures(OpenAiTestCase):
    async def test_statuses_become_the_sockets_codes(self) -> None:
        for status, body, code, retryable in (
            ("400 Bad Request", error("bad", "invalid_request_error"), "invalid_request", False),
            ("400 Bad Request", error("m", None, "context_length_exceeded"), "context_length",
             False),
            ("400 Bad Request", error("This model's maximum context length is 8192 tokens"),
             "context_length", False),
            ("400 Bad Request", error("m", None, "content_filter"), "content_filter", False),
            ("401 Unauthorized", error(f"Incorrect API key provided: {KEY}"), "auth", False),
            ("402 Payment Required", b"", "out_of_credit", False),
            ("403 Forbidden", error("no"), "auth", False),
            ("403 Forbidden", b"<html>no</html>", "unavailable", True),
            ("404 Not Found", error("no model", None, "model_not_found"), "no_model", False),
            ("429 Too Many Requests", error("quota", "insufficient_quota"), "out_of_credit",
             False),
            ("429 Too Many Requests", error("slow down"), "rate_limited", True),
            ("500 Internal Server Error", b"oops", "unavailable", True),
            ("502 Bad Gateway", b"[1]", "unavailable", True),
            ("503 Service Unavailable", b"", "overloaded", True),
            ("529 Overloaded", b"", "overloaded", True),
            ("307 Temporary Redirect", b"", "unavailable", False),
        ):
            with self.subTest(status=status, code=code):
                self.server = ModelServer()
                self.address = await self.server.start()
                self.addAsyncCleanup(self.server.stop)
                failure = await self.failure(body, status=status, headers=JSON)
                self.assertEqual((failure.code, failure.retryable), (code, retryable))
                self.assertEqual(len(self.server.requests), 3 if retryable else 1)

    async def test_a_message_that_repeats_the_prompt_is_dropped(self) -> None:
        failure = await self.failure(error(f"can't do {PROMPT}"), status="400 Bad", headers=JSON)
        self.assertEqual(failure.message, "openai answered 400")

    async def test_retry_after_is_waited_for_and_the_second_try_answers(self) -> None:
        self.server.answer(error("slow down"), status="429 Too Many",
                           headers=(*JSON, "Retry-After-Ms: 120"))
        self.server.answer(chunk("then"), STOP, DONE)
        loop = asyncio.get_running_loop()
        before = loop.time()
        self.assertEqual((await self.ask())[0], "then")
        self.assertGreaterEqual(loop.time() - before, 0.12)

    async def test_a_long_retry_after_is_handed_on(self) -> None:
        failure = await self.failure(b"", status="429 Too Many", headers=("Retry-After: 90",))
        self.assertEqual((failure.code, failure.retry_after_ms), ("rate_limited", 90_000))

    async def test_a_connection_that_breaks_before_the_text_is_tried_again(self) -> None:
        self.server.answer(None)
        self.server.answer(chunk("second"), STOP, DONE)
        self.assertEqual((await self.ask())[0], "second")

    async def test_a_connection_that_breaks_midway_is_unavailable_and_not_tried_again(
        self,
    ) -> None:
        failure = await self.failure(chunk("half"), 0.01, None)
        self.assertEqual((failure.code, failure.retryable), ("unavailable", True))
        self.assertEqual(len(self.server.requests), 1)

    async def test_a_stream_that_ends_without_a_finish_is_cut_off(self) -> None:
        failure = await self.failure(chunk("half"))
        self.assertEqual(failure.code, "unavailable")
        self.assertIn("cut off", failure.message)

    async def test_an_error_inside_a_stream_is_mapped(self) -> None:
        for body, code in ((error("x", "server_error"), "unavailable"),
                           (error("x", None, "rate_limit_exceeded"), "rate_limited"),
                           (error("x", None, 400), "invalid_request"),
                           (b'{"error": "just text"}', "unavailable")):
            self.server = ModelServer()
            self.address = await self.server.start()
            self.addAsyncCleanup(self.server.stop)
            failure = await self.failure(chunk("half"), b"data: " + body + b"\n\n")
            self.assertEqual(failure.code, code)

    async def test_filtered_and_refused_answers_are_content_filter(self) -> None:
        failure = await self.failure(chunk("half"), chunk(finish_reason="content_filter"), DONE)
        self.assertEqual(failure.code, "content_filter")
        refusal = json.dumps({"choices": [{"index": 0, "delta": {"refusal": "I can't"}}]})
        self.server = ModelServer()
        self.address = await self.server.start()
        self.addAsyncCleanup(self.server.stop)
        failure = await self.failure(chunk("a"), f"data: {refusal}\n\n".encode(), STOP, DONE)
        self.assertEqual(failure.code, "content_filter")

    async def test_nonsense_in_a_stream_is_unavailable(self) -> None:
        for nonsense in (b"data: <html>\n\n", b"data: 5\n\n"):
            failure = await self.failure(chunk("a"), nonsense)
            self.assertEqual(failure.code, "unavailable")
        self.server.answer(b'data: {"choices": [null, {"delta": []}], "usage": 5}\n\n',
                           chunk("fine"), STOP, DONE)
        self.server._scripts[:] = self.server._scripts[-1:]
        self.assertEqual((await self.ask())[0], "fine")

    async def test_a_server_that_is_not_there_is_unavailable(self) -> None:
        await self.server.stop()
        with self.assertRaises(AgentError) as failed:
            await self.ask()
        self.assertEqual((failed.exception.code, failed.exception.retryable),
                         ("unavailable", True))

    async def test_a_server_that_says_nothing_runs_into_the_first_deadline(self) -> None:
        self.deadlines = Deadlines(first_chunk=0.1, total=0.15)
        failure = await self.failure(asyncio.Event())
        self.assertEqual(failure.code, "timeout")

    async def test_closing_the_answer_hangs_up_on_the_server(self) -> None:
        self.server.answer(chunk("a"), asyncio.Event())
        provider = OpenAiProvider(Endpoint.of("openai", self.address), 5, Redactor())
        stream = provider.stream(Request(id="f", request_id="q", prompt="p"))
        await anext(stream)
        await stream.aclose()
        async with asyncio.timeout(5):
            await self.server.gone.wait()
        await provider.close()


class RetryDelay(TestCase):
    def test_seconds_milliseconds_and_dates_are_read(self) -> None:
        now = datetime(2025, 1, 1, 12, 0, 0, tzinfo=UTC)
        cases: tuple[tuple[dict[str, str], int | None], ...] = (
            ({"retry-after": "3"}, 3000), ({"retry-after": "0.5"}, 500),
            ({"retry-after-ms": "250", "retry-after": "9"}, 250),
            ({"retry-after": "Wed, 01 Jan 2025 12:00:30 GMT"}, 30_000),
            ({"retry-after": "Wed, 01 Jan 2025 11:00:00 GMT"}, 0),
            ({"retry-after": "-5"}, 0), ({"retry-after": "soon"}, None), ({}, None),
            ({"retry-after": "nan"}, None), ({"retry-after": "1e30"}, 24 * 3600 * 1000),
        )
        for headers, wanted in cases:
            self.assertEqual(retry_delay_ms(headers, now), wanted, headers)


class EventStreams(TestCase):
    def events(self, *parts: bytes) -> list[str]:
        stream = EventStream()
        found = [event for part in parts for event in stream.feed(part)]
        return found + list(stream.end())

    def test_all_three_line_ends_are_read_even_cut_between_cr_and_lf(self) -> None:
        self.assertEqual(self.events(b"data: a\r", b"\n\r", b"\ndata:b\r\rdata: c\n\n"),
                         ["a", "b", "c"])

    def test_data_of_several_lines_is_joined_and_other_fields_are_left_out(self) -> None:
        self.assertEqual(self.events(b": hi\nevent: x\nid: 1\ndata: a\ndata: b\nretry: 5\n\n\n"),
                         ["a\nb"])

    def test_a_byte_order_mark_and_wrong_utf8_are_survived(self) -> None:
        self.assertEqual(self.events(b"\xef\xbb\xbfdata: a\xffb\n\n"), ["a\ufffdb"])
