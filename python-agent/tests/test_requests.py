"""What each provider is sent, and how its connection is used."""

import asyncio
from typing import Any
from unittest import IsolatedAsyncioTestCase, mock

from atomic_agent.config import Deadlines, Settings
from atomic_agent.endpoints import Endpoint
from atomic_agent.logs import Redactor
from atomic_agent.messages import AgentError, Request

from .model_server import DONE, STOP, ModelServer, chunk
from .support import events_of, make_httpx_importable, quiet, router_of

make_httpx_importable()

from atomic_agent.providers import build_providers  # noqa: E402
from atomic_agent.providers.over_http import HttpProvider  # noqa: E402

KEY = "key-0123456789"
MESSAGES = [{"role": "user", "content": "p"}]


def provider_of(name: str, address: str, thinking_tokens: int = 0) -> HttpProvider:
    settings = Settings(providers=(name,), thinking_tokens=thinking_tokens,
                        endpoints={name: Endpoint.of(name, address, KEY, ("m:1",))})
    [provider] = build_providers(settings, Redactor([KEY]))
    assert isinstance(provider, HttpProvider)
    return provider


class RequestTestCase(IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        quiet()
        self.server = ModelServer()
        self.address = (await self.server.start()).removesuffix("/v1")
        self.addAsyncCleanup(self.server.stop)


class Sent(RequestTestCase):
    async def sent(self, name: str, thinking_tokens: int = 0, **more: Any) -> dict[str, Any]:
        self.server.answer(b"")
        provider = provider_of(name, self.address, thinking_tokens)
        with self.assertRaises(AgentError):
            await events_of(router_of(provider), Request("f", "q", "p", **more))
        await provider.close()
        return self.server.requests[0]

    async def test_anthropic_gets_messages_a_key_and_the_limit_it_wants(self) -> None:
        self.assertEqual(await self.sent("anthropic", temperature=1.5), {
            "model": "m:1", "messages": MESSAGES, "stream": True, "temperature": 1.0,
            "max_tokens": 32_000})
        self.assertEqual(self.server.paths[0], "POST /v1/messages HTTP/1.1")
        headers = self.server.headers[0]
        self.assertEqual((headers["x-api-key"], headers["anthropic-version"]),
                         (KEY, "2023-06-01"))
        self.assertNotIn("authorization", headers)

    async def test_anthropic_is_asked_to_think_beside_the_answers_own_limit(self) -> None:
        self.assertEqual(await self.sent("anthropic", 2000, temperature=0.5, max_tokens=50), {
            "model": "m:1", "messages": MESSAGES, "stream": True, "max_tokens": 2050,
            "thinking": {"type": "enabled", "budget_tokens": 2000}})

    async def test_gemini_gets_the_key_in_a_header_and_the_model_in_the_path(self) -> None:
        self.assertEqual(await self.sent("gemini", max_tokens=50, temperature=0.5), {
            "contents": [{"role": "user", "parts": [{"text": "p"}]}],
            "generationConfig": {"maxOutputTokens": 50, "temperature": 0.5}})
        self.assertEqual(self.server.paths[0],
                         "POST /models/m%3A1:streamGenerateContent?alt=sse HTTP/1.1")
        self.assertEqual(self.server.headers[0]["x-goog-api-key"], KEY)

    async def test_gemini_is_asked_for_its_thoughts(self) -> None:
        body = await self.sent("gemini", 2000)
        self.assertEqual(body["generationConfig"], {"thinkingConfig": {
            "includeThoughts": True, "thinkingBudget": 2000}})

    async def test_ollama_is_told_not_to_cut_the_prompt(self) -> None:
        self.assertEqual(await self.sent("ollama", 1, max_tokens=50, temperature=0.5), {
            "model": "m:1", "messages": MESSAGES, "stream": True, "truncate": False,
            "think": True, "options": {"num_predict": 50, "temperature": 0.5}})
        self.assertEqual(self.server.paths[0], "POST /api/chat HTTP/1.1")


class Connections(RequestTestCase):
    async def test_what_is_on_this_machine_is_not_reached_through_a_proxy(self) -> None:
        self.server.answer(chunk("hi"), STOP, DONE)
        proxy = {"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9",
                 "NO_PROXY": ""}
        with mock.patch.dict("os.environ", proxy):
            provider = provider_of("openai", self.address)
        await events_of(router_of(provider), Request("f", "q", "p"))
        await provider.close()

    async def test_a_connection_whose_answer_is_complete_serves_the_next_request(self) -> None:
        opened = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal opened
            opened += 1
            try:
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = int(head.lower().partition(b"content-length:")[2].split()[0])
                    await reader.readexactly(length)
                    body = chunk("hi") + STOP + DONE
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                                 b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n"
                                 % (len(body), body))
                    await asyncio.sleep(0.05)  # the end comes behind [DONE]
                    writer.write(b"0\r\n\r\n")
            except asyncio.IncompleteReadError:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        provider = provider_of("openai", f"http://127.0.0.1:{port}")
        router = router_of(provider)
        for _ in range(3):
            await events_of(router, Request("f", "q", "p"))
            while any("pump" in repr(task) for task in asyncio.all_tasks()):
                await asyncio.sleep(0.01)
        await provider.close()
        server.close()
        self.assertEqual(opened, 1)

    async def test_pings_and_comments_do_not_keep_a_hanging_model_alive(self) -> None:
        comments: list[Any] = [b": busy\n\n", 0.02] * 200
        self.server.answer(*comments)
        provider = provider_of("openai", self.address)
        router = router_of(provider, deadlines=Deadlines(first_chunk=0.2, total=0.5))
        async with asyncio.timeout(3):
            with self.assertRaises(AgentError) as failed:
                await events_of(router, Request("f", "q", "p"))
        self.assertEqual(failed.exception.code, "timeout")
        await provider.close()
