"""A thousand requests to an agent process whose provider fails one in five in some known way.

Each has to end as a whole answer or as a classified error, within its deadline, its tokens counted
once, and nothing of them may stay in memory.
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import IsolatedAsyncioTestCase

from atomic_agent.messages import ErrorCode

from .model_server import DONE, STOP, ModelServer, chunk, error, usage
from .support import Client, agent_environment, make_httpx_importable, quiet, resident_mib

make_httpx_importable()

REQUESTS = 1000
AT_ONCE = 32
TOTAL_SECONDS = 60.0
SETTLE_SECONDS = 30.0
SEED = 20250101

# How long it waits, what it answers: fractions of an answer, statuses, pages, nonsense.
PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
JSON = ("Content-Type: application/json",)
HTML = ("Content-Type: text/html",)


def words_of(number: int) -> list[str]:
    """The deltas of the whole answer to a request."""
    return [f"{number}:{i} wörd 🙂 " for i in range(3 + number % 40)]


def answer_to(number: int) -> bytes:
    deltas = words_of(number)
    return b"".join((chunk(""), *map(chunk, deltas), STOP, usage(1000 + number, len(deltas)), DONE))


class FailingServer(ModelServer):
    """Plays, for each request, a whole answer or one of the failures, drawn with a seed."""

    def __init__(self) -> None:
        super().__init__()
        self._chance = random.Random(SEED)
        self.failed = 0

    async def play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
                   request: dict[str, Any]) -> bool:
        number = int(request["messages"][0]["content"].rpartition(" ")[2])
        body = answer_to(number)
        if self._chance.random() >= 0.2:
            return await self.send(reader, writer, "200 OK", (), body)
        self.failed += 1
        cut = self._chance.randrange(len(body))
        half = body[:cut]
        in_stream = b"data: " + error("x", "server_error") + b"\n\n"
        text = body.index(b"w\\u00f6rd")
        match self._chance.randrange(15):
            case 0:
                return await self.send(reader, writer, "429 Too Many Requests",
                                       (*JSON, "Retry-After-Ms: 5"), error("slow down"))
            case 1:
                return await self.send(reader, writer, "503 Service Unavailable", JSON, b"{}")
            case 2:
                return await self.send(reader, writer, "529 Overloaded", JSON, b"{}")
            case 3:
                return await self.send(reader, writer, "500 Internal Server Error",
                                       (*JSON, "X-Should-Retry: false"), error("oops"))
            case 4:
                return await self.send(reader, writer, "502 Bad Gateway", HTML, PAGE)
            case 5:
                return await self.send(reader, writer, "200 OK", HTML, PAGE)
            case 6:
                return await self.send(reader, writer, "400 Bad Request", JSON,
                                       error("m", None, "context_length_exceeded"))
            case 7:
                return await self.send(reader, writer, "200 OK", (), half, None)
            case 8:
                return await self.send(reader, writer, "200 OK", (), half)
            case 9:
                return await self.send(reader, writer, "200 OK", (), body[:text - 5], in_stream)
            case 10:
                return await self.send(reader, writer, "200 OK", (), body[:text], b"\xf0\x9f", None)
            case 11:
                return await self.send(reader, writer, "200 OK", (), chunk(""), STOP, DONE)
            case 12:
                return await self.send(reader, writer, "200 OK", (), chunk("a "),
                                       chunk(finish_reason="content_filter"), DONE)
            case 13:
                return await self.send(reader, writer, "200 OK", (), b"data: <nonsense>\n\n")
            case _:  # it hangs, before or after some text
                return await self.send(reader, writer, "200 OK", (), half, asyncio.Event())

    async def send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: str,
                   headers: tuple[str, ...], *parts: bytes | asyncio.Event | None) -> bool:
        """Whether the response is to be ended in order."""
        kind = headers or ("Content-Type: text/event-stream",)
        await self.respond(reader, writer, status, kind, parts)
        return parts[-1] is not None


class Faults(IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        quiet()
        self.server = FailingServer()
        directory = tempfile.TemporaryDirectory(prefix="agent-")
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "agent.sock"
        address = await self.server.start()
        self.addAsyncCleanup(self.server.stop)
        httpx_path = [path for path in sys.path if path.endswith("dist-packages")]
        self.agent = await asyncio.create_subprocess_exec(
            sys.executable, "-c", f"import sys; sys.path += {httpx_path!r}; "
            "from atomic_agent.__main__ import main; sys.exit(main([]))",
            env=agent_environment(
                ATOMIC_IPC_SOCKET=str(self.path), ATOMIC_LOG_LEVEL="ERROR", OPENAI_BASE_URL=address,
                ATOMIC_LLM_FIRST_CHUNK_SECONDS="5", ATOMIC_LLM_IDLE_SECONDS="5",
                ATOMIC_LLM_TOTAL_SECONDS=f"{TOTAL_SECONDS:g}"))
        self.addAsyncCleanup(self.end)
        give_up = time.monotonic() + 30
        while not self.path.exists():
            self.assertLess(time.monotonic(), give_up)
            await asyncio.sleep(0.02)

    async def end(self) -> None:
        if self.agent.returncode is None:
            self.agent.terminate()
        await self.agent.wait()

    async def test_each_ends_whole_or_classified_counted_once_and_leaves_nothing(self) -> None:
        client = await Client.connect(self.path)
        self.addAsyncCleanup(client.close)
        await self.ask(client, range(-REQUESTS, 0))  # warms up: code, buffers, connections
        before = resident_mib(self.agent.pid)
        outcomes = await self.ask(client, range(REQUESTS))
        for number in range(REQUESTS):
            with self.subTest(number):
                self.check(number, outcomes[str(number)])
        whole = sum(frames[-1]["type"] == 2 for frames in outcomes.values())
        self.assertGreater(self.server.failed, REQUESTS // 10)
        self.assertGreater(whole, REQUESTS // 2)
        self.assertLess(whole, REQUESTS)
        counted = sum(not frames[-1]["payload"].get("estimated", True)
                      for frames in outcomes.values())
        self.assertGreater(counted, whole - 20)
        give_up = time.monotonic() + SETTLE_SECONDS
        while resident_mib(self.agent.pid) > before * 1.1:
            self.assertLess(time.monotonic(), give_up, "memory is kept")
            await asyncio.sleep(0.5)
        print(f"\n{REQUESTS} requests: {whole} whole, {REQUESTS - whole} classified errors, "
              f"{self.server.failed} failures played; RSS {before:.1f} MiB before, "
              f"{resident_mib(self.agent.pid):.1f} after", file=sys.stderr)

    async def ask(self, client: Client, numbers: range) -> dict[str, list[dict[str, Any]]]:
        """The frames of each request; `AT_ONCE` are under way at a time."""
        found: dict[str, list[dict[str, Any]]] = {}
        waiting = iter(numbers)
        under_way: dict[str, float] = {}

        def start() -> None:
            for number in waiting:
                client.request(str(number), f"Answer {number % 1000}")
                under_way[str(number)] = time.monotonic()
                return

        for _ in range(AT_ONCE):
            start()
        while under_way:
            async with asyncio.timeout(TOTAL_SECONDS + 30):
                frame: dict[str, Any] = json.loads(await client.reader.readline())
            request_id = frame["payload"]["request_id"]
            found.setdefault(request_id, []).append(frame)
            if frame["type"] == 3 or frame["payload"].get("is_final"):
                del under_way[request_id]  # a second end would fail here
                start()
        return found

    def check(self, number: int, frames: list[dict[str, Any]]) -> None:
        *chunks, end = frames
        said = "".join(frame["payload"]["delta"] for frame in chunks)
        self.assertEqual([frame["payload"]["chunk_index"] for frame in chunks],
                         list(range(len(chunks))))
        payload, whole = end["payload"], "".join(words_of(number))
        if end["type"] == 2:
            self.assertEqual(said + payload["delta"], whole)
            if not payload["estimated"]:  # it is where the stream was cut behind its last text
                self.assertEqual((payload["input_tokens"], payload["output_tokens"]),
                                 (1000 + number, len(words_of(number))))
            return
        self.assertIn(payload["code"], set(ErrorCode) - {ErrorCode.CANCELLED})
        self.assertEqual("output_tokens" in payload, bool(said), payload)
        if payload["code"] == "content_filter":
            return
        self.assertTrue(whole.startswith(said))
        if said:
            self.assertTrue(payload["retryable"])
            self.assertTrue(payload["estimated"])
