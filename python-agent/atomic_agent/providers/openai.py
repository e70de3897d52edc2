"""OpenAI's chat completions, and whatever server speaks them, streamed over HTTP."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import httpx

from ..config import OpenAiSettings
from ..logs import Redactor
from ..messages import AgentError, ErrorCode, Request
from . import openai_errors
from .base import Finished, Progress, ProviderEvent, TextDelta, Usage, estimate_tokens
from .sse import EventStream, EventTooLong

MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024


class OpenAiProvider:
    """Streams `POST {base_url}/chat/completions`; the prompt is sent as it is, as one message.

    `connect_seconds` bounds connecting and sending; how long to wait for text is the router's.
    """

    name = "openai"
    stands_in = True

    def __init__(
        self,
        settings: OpenAiSettings,
        connect_seconds: float,
        redactor: Redactor,
        *,
        own_prices: bool = False,
    ) -> None:
        self._settings = settings
        self._own_prices = own_prices
        self._redactor = redactor
        self._timeout = httpx.Timeout(None, connect=connect_seconds, write=connect_seconds * 6)
        self._client: httpx.AsyncClient | None = None

    @property
    def models(self) -> Sequence[str]:
        return self._settings.models

    @property
    def priced(self) -> bool:
        """The built-in prices are the vendor's; another server's are unknown unless given."""
        return self._settings.is_public or self._own_prices

    def serves(self, model: str) -> bool:
        """Any model but those of the offline provider: only the server knows what it has."""
        return not model.startswith("offline-")

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """The answer's events. Raises `AgentError`; closing it closes the HTTP response."""
        answer = _Answer(self._redactor, request)
        try:
            async with self._http().stream(
                "POST", f"{self._settings.base_url}/chat/completions",
                json=self._body(request), headers=self._headers(),
            ) as response:
                if response.status_code != 200:
                    raise await self._refused(response, request)
                content_type = response.headers.get("content-type", "")
                read = _read_json if "json" in content_type else _read_events
                async with aclosing(read(response, answer)) as events:
                    async for event in events:
                        yield event
            yield answer.finished(request.model or self._settings.models[0])
        except httpx.HTTPError as problem:
            raise _unreachable(problem) from None
        except httpx.InvalidURL:
            raise AgentError(ErrorCode.INVALID_REQUEST, "openai: its address is wrong") from None

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            limits = httpx.Limits(max_connections=256, max_keepalive_connections=32)
            self._client = httpx.AsyncClient(timeout=self._timeout, limits=limits)
        return self._client

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "text/event-stream, application/json"}
        if self._settings.api_key:
            headers["Authorization"] = f"Bearer {self._settings.api_key}"
        return headers

    def _body(self, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": request.model or self._settings.models[0],
            "messages": [{"role": "user", "content": request.prompt}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.max_tokens is not None:
            # The vendor's newer models refuse `max_tokens`; other servers know only that one.
            public = self._settings.is_public
            body["max_completion_tokens" if public else "max_tokens"] = request.max_tokens
        if request.temperature is not None:
            body["temperature"] = request.temperature
        return body

    async def _refused(self, response: httpx.Response, request: Request) -> AgentError:
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > MAX_ERROR_BYTES:
                break
        return openai_errors.from_status(response.status_code, response.headers,
                                         bytes(body[:MAX_ERROR_BYTES]), self._redactor,
                                         request.prompt)


@dataclass(slots=True)
class _Answer:
    """What is known of one answer so far; `take` reads one JSON object of it."""

    redactor: Redactor
    request: Request
    model: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
    characters: int = 0
    refusal: list[str] = field(default_factory=list)
    done: bool = False

    def take(self, text: str) -> ProviderEvent:
        """The event of one chunk. Raises `AgentError` for one that is an error or isn't JSON."""
        try:
            chunk = json.loads(text)
        except (ValueError, RecursionError):
            chunk = None
        if not isinstance(chunk, dict):
            raise AgentError(ErrorCode.UNAVAILABLE, "openai sent something that isn't JSON")
        if chunk.get("error"):
            raise openai_errors.from_event(chunk["error"], self.redactor, self.request.prompt)
        if isinstance(chunk.get("model"), str) and chunk["model"]:
            self.model = chunk["model"]
        self.usage = _usage(chunk.get("usage")) or self.usage
        choice = _first_choice(chunk)
        said = _object(choice.get("delta")) or _object(choice.get("message"))
        if isinstance(choice.get("finish_reason"), str):
            self.finish_reason = choice["finish_reason"]
        content, refusal = _text(said.get("content")), said.get("refusal")
        if isinstance(refusal, str):
            self.refusal.append(refusal)
        self.characters += len(content)
        return TextDelta(content) if content else Progress()

    def finished(self, asked_model: str) -> Finished:
        """The answer's end. Raises `AgentError` if it was cut off, filtered or refused."""
        if self.finish_reason == "content_filter":
            raise AgentError(ErrorCode.CONTENT_FILTER, "openai's content filter ended the answer")
        if any(self.refusal):
            raise AgentError(ErrorCode.CONTENT_FILTER, "the model refused to answer")
        if not (self.finish_reason or self.done):
            raise AgentError(ErrorCode.UNAVAILABLE, "openai's answer was cut off")
        written = (self.characters + 3) // 4
        usage = self.usage or Usage(estimate_tokens(self.request.prompt), written, estimated=True)
        return Finished(self.model or asked_model, usage, self.finish_reason or "stop")


async def _read_events(
    response: httpx.Response, answer: _Answer
) -> AsyncGenerator[ProviderEvent, None]:
    stream = EventStream()
    try:
        async for part in response.aiter_bytes():
            for data in stream.feed(part):
                if data.strip() == "[DONE]":
                    answer.done = True
                    return
                yield answer.take(data)
        for data in stream.end():
            if data.strip() == "[DONE]":
                answer.done = True
            elif _is_whole(data):
                yield answer.take(data)
    except EventTooLong as problem:
        raise AgentError(ErrorCode.INTERNAL, f"openai: {problem}") from None


async def _read_json(
    response: httpx.Response, answer: _Answer
) -> AsyncGenerator[ProviderEvent, None]:
    """The answer of a server that doesn't stream: one object for all."""
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise AgentError(ErrorCode.INTERNAL, "openai's answer is too long")
    event = answer.take(body.decode("utf-8", errors="replace"))
    answer.done = True
    yield event


def _is_whole(data: str) -> bool:
    """Whether the last event of a stream that just stops was sent to its end."""
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def _first_choice(chunk: dict[str, Any]) -> dict[str, Any]:
    """Choice 0 of a chunk; others, which we never ask for, are left out."""
    choices = chunk.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and choice.get("index", 0) in (0, None):
            return choice
    return {}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(content: object) -> str:
    """Content as text: a string, or a list of parts of type text."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    texts = (part.get("text") for part in parts if isinstance(part, dict))
    return "".join(text for text in texts if isinstance(text, str))


def _usage(reported: object) -> Usage | None:
    if not isinstance(reported, dict):
        return None
    read, written = _count(reported.get("prompt_tokens")), _count(reported.get("completion_tokens"))
    if read is None or written is None:
        return None
    details = reported.get("prompt_tokens_details")
    cached = _count(details.get("cached_tokens")) if isinstance(details, dict) else None
    return Usage(read, written, min(cached or 0, read))


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value


def _unreachable(problem: httpx.HTTPError) -> AgentError:
    match problem:
        case httpx.ConnectTimeout():
            return AgentError(ErrorCode.TIMEOUT, "connecting to openai took too long")
        case httpx.TimeoutException():
            return AgentError(ErrorCode.TIMEOUT, "sending to openai took too long")
        case httpx.ConnectError():
            return AgentError(ErrorCode.UNAVAILABLE, "openai can't be connected to")
        case httpx.UnsupportedProtocol():
            return AgentError(ErrorCode.INVALID_REQUEST, "openai: its address is wrong")
    return AgentError(ErrorCode.UNAVAILABLE,
                      f"the connection to openai broke ({type(problem).__name__})")
