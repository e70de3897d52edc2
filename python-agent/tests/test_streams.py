"""What providers send, byte for byte, replayed by a real HTTP server: whole, in pieces, cut off."""

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import IsolatedAsyncioTestCase

from atomic_agent.config import Deadlines, Settings
from atomic_agent.endpoints import VENDORS, Endpoint
from atomic_agent.logs import Redactor
from atomic_agent.messages import AgentError, Completion, Request
from atomic_agent.providers.base import ReasoningDelta, TextDelta

from .model_server import ModelServer
from .support import GOLDEN, make_httpx_importable, quiet, router_of

make_httpx_importable()

from atomic_agent.providers import build_providers  # noqa: E402
from atomic_agent.router import RetryPolicy, Router  # noqa: E402

STREAMS = GOLDEN / "streams"
INDEX = json.loads((STREAMS / "index.json").read_text(encoding="utf-8"))["streams"]
PROMPT = "Write the thing that nobody else has yet"
ONCE = RetryPolicy(attempts=1)
MOST_CUTS = 25


@dataclass
class Outcome:
    """What came of one request."""

    text: str = ""
    reasoning: str = ""
    end: Completion | None = None
    error: AgentError | None = None
    spent: Completion | None = None


def router_to(provider: str, address: str, deadlines: Deadlines = Deadlines()) -> Router:
    """A router to one provider at this address, as the agent builds it."""
    settings = Settings(providers=(provider,),
                        endpoints={provider: Endpoint.of(provider, address, "key-0123456789")})
    return router_of(*build_providers(settings, Redactor()), deadlines=deadlines, policy=ONCE)


async def outcome_of(router: Router, prompt: str = PROMPT, **more: Any) -> Outcome:
    request = Request(id="f", request_id="q", prompt=prompt, **more)
    found, tally = Outcome(), router.tally()
    try:
        async for event in router.stream(request, tally):
            match event:
                case TextDelta(text):
                    found.text += text
                case ReasoningDelta(text):
                    found.reasoning += text
                case Completion():
                    found.end = event
    except AgentError as error:
        found.error, found.spent = error, tally.spent(request)
    return found


def recorded(entry: dict[str, Any]) -> tuple[str, list[str], bytes]:
    """Status, headers and body of a golden file."""
    head, _, body = (STREAMS / entry["file"]).read_bytes().partition(b"\r\n\r\n")
    status, *headers = head.decode().split("\r\n")
    return status.removeprefix("HTTP/1.1 "), headers, body


class StreamTestCase(IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        quiet()

    async def replay(
        self, entry: dict[str, Any], *bodies: Sequence[bytes | None]
    ) -> AsyncGenerator[Outcome, None]:
        """What comes of the file's head with each of these bodies, in parts."""
        status, headers, _ = recorded(entry)
        server = ModelServer()
        address = await server.start()
        try:
            for parts in bodies:
                server.answer(*parts, status=status, headers=headers)
                router = router_to(Path(entry["file"]).parent.name, address)
                yield await outcome_of(router)
                await router.close()
        finally:
            await server.stop()

    def check(self, entry: dict[str, Any], found: Outcome) -> None:
        self.assertEqual((found.text, found.reasoning),
                         (entry.get("text", ""), entry.get("reasoning", "")))
        if "end" in entry:
            self.assertIsNone(found.error)
            assert found.end is not None
            fields = found.end.fields()
            self.assertEqual({name: fields[name] for name in entry["end"]}, entry["end"])
            self.assertEqual(fields["provider"], Path(entry["file"]).parent.name)
            return
        assert found.error is not None
        told = {"code": found.error.code, "retryable": found.error.retryable,
                "retry_after_ms": found.error.retry_after_ms}
        self.assertEqual(told, {"retry_after_ms": None, **entry["error"]})
        self.assertNotIn(PROMPT, found.error.message)
        self.assertEqual(found.spent is not None, bool(found.text or found.reasoning))
        if "spent" in entry:
            assert found.spent is not None
            self.assertTrue(found.spent.estimated)
            self.assertEqual({"input_tokens": found.spent.input_tokens,
                              "output_tokens": found.spent.output_tokens}, entry["spent"])


class GoldenStreams(StreamTestCase):
    def test_every_golden_file_is_in_the_index_and_every_provider_has_some(self) -> None:
        found = {str(path.relative_to(STREAMS)) for path in STREAMS.glob("*/*")}
        self.assertEqual(found, {entry["file"] for entry in INDEX})
        self.assertEqual({name.partition("/")[0] for name in found}, set(VENDORS))

    async def test_each_gives_what_the_index_says_whole_and_in_pieces_of_any_size(self) -> None:
        for entry in INDEX:
            body = recorded(entry)[2]
            bodies = [in_pieces(body, size) for size in (len(body) or 1, 1, 3, 61)]
            with self.subTest(entry["file"], why=entry["why"]):
                async for found in self.replay(entry, *bodies):
                    self.check(entry, found)


class CutOff(StreamTestCase):
    """A stream that ends anywhere is a part of the answer and an error, or the whole of it."""

    async def check_cuts(self, ending: tuple[None, ...]) -> None:
        for entry in INDEX:
            if "end" not in entry:
                continue
            body = recorded(entry)[2]
            cuts = places_to_cut(body)
            with self.subTest(entry["file"]):
                async for found in self.replay(entry, *((body[:cut], *ending) for cut in cuts)):
                    self.check_cut(entry, found)

    def check_cut(self, entry: dict[str, Any], found: Outcome) -> None:
        if found.end is not None:
            self.assertEqual((found.text, found.reasoning),
                             (entry["text"], entry.get("reasoning", "")))
            return
        assert found.error is not None
        self.assertEqual((found.error.code, found.error.retryable), ("unavailable", True))
        self.assertTrue(entry["text"].startswith(found.text), found.text)
        self.assertTrue(entry.get("reasoning", "").startswith(found.reasoning))
        if found.text or found.reasoning:
            assert found.spent is not None
            self.assertGreater(found.spent.output_tokens, 0)

    async def test_the_response_ends_in_order_anywhere(self) -> None:
        await self.check_cuts(())

    async def test_the_connection_breaks_anywhere(self) -> None:
        await self.check_cuts((None,))


def in_pieces(body: bytes, size: int) -> list[bytes]:
    return [body[i:i + size] for i in range(0, len(body), size)]


def places_to_cut(body: bytes) -> list[int]:
    """Places spread over the body, and each one in a character of several bytes."""
    step = max(1, len(body) // MOST_CUTS)
    inside = [i for i, byte in enumerate(body) if 0x80 <= byte < 0xC0]
    return sorted({*range(0, len(body), step), *inside})
