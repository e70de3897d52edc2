"""Spans of provider requests: what a collector gets, and that none is needed."""

import json
import socket
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest import IsolatedAsyncioTestCase, TestCase

from atomic_agent.collector import Collector, collector_from
from atomic_agent.config import Deadlines
from atomic_agent.environment import ConfigError, Environment
from atomic_agent.export import MAX_WAITING, SEND_SECONDS, Exporter
from atomic_agent.messages import AgentError, ErrorCode, Request
from atomic_agent.pricing import PriceTable
from atomic_agent.providers.base import Provider, ReasoningDelta
from atomic_agent.router import RetryPolicy, Router
from atomic_agent.traces import Traces

from .support import GOLDEN, ScriptedProvider, events_of, quiet, text

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
PROMPT = "a prompt that nobody else may read"


class Receiver(ThreadingHTTPServer):
    """A collector that keeps what it is sent; while it is told to hang it answers nobody."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        self.keys: list[str | None] = []
        self.status = 200
        self.go_on = threading.Event()
        self.go_on.set()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1/traces"

    def spans(self) -> list[dict[str, Any]]:
        """All that came, with attributes as a plain mapping."""
        found = []
        for body in self.bodies:
            for resource in json.loads(body)["resourceSpans"]:
                for scope in resource["scopeSpans"]:
                    for span in scope["spans"]:
                        named = {each["key"]: each["value"] for each in span["attributes"]}
                        found.append({**span, "attributes": named})
        return found


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.go_on.wait(20)
        self.server.bodies.append(body)
        self.server.paths.append(self.path)
        self.server.keys.append(self.headers["x-key"])
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


def collector(url: str) -> Collector:
    return Collector(url, {"x-key": "hidden-key"}, "atomic-agent", "agent")


class Spans(IsolatedAsyncioTestCase):
    """As they arrive at a collector."""

    def setUp(self) -> None:
        quiet()
        self.receiver = Receiver()
        self.addCleanup(self.receiver.server_close)
        self.addCleanup(self.receiver.shutdown)
        self.traces = Traces(collector(self.receiver.url))

    def router(self, *providers: Provider) -> Router:
        return Router(providers, Deadlines(), PriceTable.load(), chance=lambda: 0.5,
                      policy=RetryPolicy(base=0.001), traces=self.traces)

    def arrived(self) -> list[dict[str, Any]]:
        self.traces.close(5)
        return self.receiver.spans()

    async def ask(self, *providers: Provider, **metadata: Any) -> list[Any]:
        request = Request("f", "r", PROMPT, metadata=metadata)
        return await events_of(self.router(*providers), request)

    async def test_a_request_to_a_provider_is_below_the_workers_span(self) -> None:
        await self.ask(ScriptedProvider(text("answer ", "words")), traceparent=TRACEPARENT)
        (span,) = self.arrived()
        self.assertEqual((span["traceId"], span["parentSpanId"]), (TRACE, PARENT))
        self.assertRegex(span["spanId"], "^(?!0{16})[0-9a-f]{16}$")
        self.assertEqual((span["name"], span["kind"]), ("chat scripted-1", 3))
        self.assertNotIn("status", span)
        self.assertLessEqual(int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]))
        self.assertLess(abs(time.time_ns() - int(span["endTimeUnixNano"])), 60 * 10**9)
        self.assertEqual(span["attributes"], {
            "gen_ai.operation.name": {"stringValue": "chat"},
            "gen_ai.request.model": {"stringValue": "scripted-1"},
            "gen_ai.provider.name": {"stringValue": "scripted"},
            "gen_ai.response.model": {"stringValue": "scripted-1"},
            "gen_ai.response.finish_reasons": {
                "arrayValue": {"values": [{"stringValue": "stop"}]}}})
        self.assertEqual(self.receiver.paths, ["/v1/traces"])
        self.assertEqual(self.receiver.keys, ["hidden-key"])

    async def test_each_try_is_a_span_and_its_failure_is_a_code(self) -> None:
        failing: list[Any] = [AgentError(ErrorCode.OVERLOADED, f"no room for: {PROMPT}")]
        await self.ask(ScriptedProvider(failing, text("whole")), traceparent=TRACEPARENT)
        failed, whole = self.arrived()
        self.assertEqual(failed["status"], {"code": 2})
        self.assertEqual(failed["attributes"]["error.type"], {"stringValue": "overloaded"})
        self.assertNotIn("status", whole)
        self.assertNotEqual(failed["spanId"], whole["spanId"])

    async def test_an_answer_that_nobody_waits_for_has_an_end(self) -> None:
        request = Request("f", "r", PROMPT, metadata={"traceparent": TRACEPARENT})
        router = self.router(ScriptedProvider(text("first", "second")))
        answer = router.stream(request, router.tally())
        await anext(answer)
        await answer.aclose()
        (span,) = self.arrived()
        self.assertEqual(span["attributes"]["error.type"], {"stringValue": "cancelled"})

    async def test_nothing_of_prompt_answer_or_key_is_sent(self) -> None:
        failing: list[Any] = [ValueError(PROMPT)]
        await self.ask(ScriptedProvider([ReasoningDelta("secretly "), *text("answer words")]),
                       traceparent=TRACEPARENT, spec=PROMPT)
        with self.assertRaises(ValueError):
            await self.ask(ScriptedProvider(failing), traceparent=TRACEPARENT)
        self.assertEqual(len(self.arrived()), 2)
        for body in self.receiver.bodies:
            for secret in (PROMPT, "answer words", "secretly", "hidden-key"):
                self.assertNotIn(secret, body.decode())

    async def test_a_request_without_a_trace_has_no_span(self) -> None:
        for given in (None, 5, "", "00-0-0-0", f"ff-{TRACE}-{PARENT}-01",
                      f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{PARENT}-01\n"):
            await self.ask(ScriptedProvider(text("a")), traceparent=given)
        self.assertEqual(self.arrived(), [])


class Away(TestCase):
    """A collector that doesn't take spans costs nothing but the spans."""

    def setUp(self) -> None:
        quiet()
        self.receiver = Receiver()
        self.addCleanup(self.receiver.server_close)
        self.addCleanup(self.receiver.shutdown)
        self.addCleanup(self.receiver.go_on.set)

    def test_one_that_hangs_holds_up_nobody(self) -> None:
        self.receiver.go_on.clear()
        exporter = Exporter(collector(self.receiver.url))
        # What the sender still says must not be heard by the next test.
        self.addCleanup(exporter.close, 10)
        self.addCleanup(self.receiver.go_on.set)
        began = time.monotonic()
        for number in range(3 * MAX_WAITING):
            exporter.add({"spanId": number})
        added = time.monotonic()
        self.assertLess(added - began, SEND_SECONDS)
        with self.assertLogs("atomic_agent.export") as logged:
            exporter.close(0.5)
        self.assertLess(time.monotonic() - added, SEND_SECONDS)
        self.assertEqual(len(logged.output), 1)
        self.assertRegex(logged.output[0], r"[0-9]{4} spans were dropped")

    def test_one_that_is_away_is_told_once(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        exporter = Exporter(collector(f"http://127.0.0.1:{port}/v1/traces"))
        with self.assertLogs("atomic_agent.export") as logged:
            for number in range(1200):  # three batches
                exporter.add({"spanId": number})
            exporter.close(5)
        self.assertEqual(len(logged.output), 2, logged.output)
        self.assertIn("doesn't take spans (ConnectionRefusedError)", logged.output[0])
        self.assertIn("1200 spans were dropped", logged.output[1])
        self.assertNotIn("hidden-key", "".join(logged.output))

    def test_one_that_comes_back_gets_what_comes_then(self) -> None:
        self.receiver.status = 503
        exporter = Exporter(collector(self.receiver.url))
        with self.assertLogs("atomic_agent.export", "INFO") as logged:
            exporter.add({"spanId": 1})
            give_up = time.monotonic() + 10
            while not logged.output and time.monotonic() < give_up:
                time.sleep(0.01)
            self.receiver.status = 200
            exporter.add({"spanId": 2})
            exporter.close(5)
        self.assertIn("status 503", logged.output[0])
        self.assertIn("takes spans again; 1 were dropped", logged.output[1])
        self.assertIn('"spanId":2', self.receiver.bodies[-1].decode())

    def test_without_a_collector_nothing_runs(self) -> None:
        before = threading.active_count()
        traces = Traces(None)
        with traces.call(Request("f", "r", PROMPT, metadata={"traceparent": TRACEPARENT}), "p",
                         "m"):
            self.assertEqual(threading.active_count(), before)
        traces.close(0)


class Variables(TestCase):
    """The examples are the other processes', too."""

    examples = json.loads((GOLDEN / "otlp_settings.json").read_text(encoding="utf-8"))

    def read(self, **env: str) -> Collector | None:
        return collector_from(Environment(
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", **env}))

    def refuse(self, variable: str, value: str) -> None:
        with self.subTest(variable=variable, value=value), \
                self.assertRaises(ConfigError) as refused:
            self.read(**{variable: value})
        line = str(refused.exception)
        self.assertIn(variable, line)
        self.assertNotIn("secret", line)
        self.assertNotIn("\n", line)

    def test_endpoints(self) -> None:
        for given, url in self.examples["endpoints"]["allowed"].items():
            found = self.read(OTEL_EXPORTER_OTLP_ENDPOINT=given)
            self.assertEqual(found and found.url, url)
        for given in self.examples["endpoints"]["refused"]:
            self.refuse("OTEL_EXPORTER_OTLP_ENDPOINT", given)
        self.assertIsNone(self.read(OTEL_EXPORTER_OTLP_ENDPOINT=" "))

    def test_headers(self) -> None:
        for given, headers in self.examples["headers"]["allowed"].items():
            found = self.read(OTEL_EXPORTER_OTLP_HEADERS=given)
            self.assertEqual(found and found.headers, headers)
            self.assertNotIn("secret", repr(found))
        for given in self.examples["headers"]["refused"]:
            self.refuse("OTEL_EXPORTER_OTLP_HEADERS", given)

    def test_service_names(self) -> None:
        for given, name in self.examples["services"]["allowed"].items():
            found = self.read(OTEL_SERVICE_NAME=given)
            self.assertEqual(found and found.service, name)
        for given in self.examples["services"]["refused"]:
            self.refuse("OTEL_SERVICE_NAME", given)


if __name__ == "__main__":
    unittest.main()
