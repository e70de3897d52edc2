"""What all providers over HTTP have in common: one streamed POST, its bounds and its failures.

A provider of this kind is a subclass of `HttpProvider` (where to send what) and one of `Answer`
(how to read what comes back, in `answers.py`).
"""

import json
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, ClassVar

import httpx

from ..endpoints import Endpoint
from ..logs import Redactor
from ..messages import AgentError, ErrorCode, Request
from .answers import Answer, ProviderSaid
from .base import ProviderEvent
from .failures import Said, failure
from .framing import EventStream, Framing, PieceTooLong

MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""All bytes of one response, so that a stream of comments or empty events has an end too."""

MAX_ERROR_BYTES = 64 * 1024
_CONNECTIONS = 256
_KEPT_ALIVE = 32


class HttpProvider(ABC):
    """Streams one POST for a request.

    `connect_seconds` bounds connecting and sending; how long to wait for text is the router's.
    """

    stands_in = True
    in_process = False
    name: ClassVar[str]
    names: ClassVar[Mapping[str, ErrorCode]] = {}
    """What the provider calls its errors."""

    def __init__(
        self,
        endpoint: Endpoint,
        connect_seconds: float,
        redactor: Redactor,
        *,
        own_prices: bool = False,
        thinking_tokens: int = 0,
    ) -> None:
        self.endpoint = endpoint
        self.thinking_tokens = thinking_tokens
        self._own_prices = own_prices
        self._redactor = redactor
        # Made here and not at the first request: reading the certificates takes 0.1 s, in which
        # nothing else would run. What is on this machine isn't reached through a proxy, whatever
        # the environment says.
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(None, connect=connect_seconds, write=connect_seconds * 6),
            limits=httpx.Limits(max_connections=_CONNECTIONS,
                                max_keepalive_connections=_KEPT_ALIVE),
            verify=endpoint.is_encrypted, trust_env=not endpoint.is_loopback,
            follow_redirects=False)

    # --- what a provider is ---

    @abstractmethod
    def path(self, request: Request) -> str:
        """Where the request is sent, from the base URL on."""

    def headers(self) -> Mapping[str, str]:
        """Headers of its own, the key among them: as a bearer's unless it is sent otherwise."""
        key = self.endpoint.api_key
        return {"Authorization": f"Bearer {key}"} if key else {}

    @abstractmethod
    def body(self, request: Request) -> Mapping[str, Any]:
        """The request as the provider wants it, as JSON."""

    @abstractmethod
    def answer(self, request: Request) -> Answer: ...

    def framing(self, content_type: str) -> Framing:
        """How an answer of this type is cut."""
        return EventStream()

    def delay_ms(self, error: Any) -> int | None:
        """How long the provider's error asks to wait, where that isn't in a header."""
        return None

    # --- what all of them do ---

    @property
    def models(self) -> Sequence[str]:
        return self.endpoint.models

    @property
    def priced(self) -> bool:
        """The built-in prices are the vendor's; another server's are unknown unless given."""
        return self.endpoint.is_public or self._own_prices

    def model_of(self, request: Request) -> str:
        return request.model or self.endpoint.models[0]

    async def close(self) -> None:
        await self._client.aclose()

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """The answer's events. Raises `AgentError`; closing it closes the HTTP response.

        After the `Finished` it can be read on, to the end of the response: then the connection
        serves the next request.
        """
        answer = self.answer(request)
        try:
            async with self._client.stream(
                "POST", self.endpoint.base_url + self.path(request), json=self.body(request),
                headers={"Accept": "text/event-stream, application/json", **self.headers()},
            ) as response:
                if response.status_code != 200:
                    raise await self._refused(response, request)
                framing = self.framing(_content_type(response))
                size = 0
                async for part in response.aiter_bytes():
                    size += len(part)
                    if size > MAX_ANSWER_BYTES:
                        raise PieceTooLong("the provider's answer is too long")
                    if answer.over:
                        continue
                    for text in framing.feed(part):
                        for event in answer.take(text):
                            yield event
                        if answer.over:
                            for event in answer.end():
                                yield event
                            break
                if not answer.over:
                    for text in filter(_is_whole, framing.end()):
                        for event in answer.take(text):
                            yield event
                    for event in answer.end():
                        yield event
        except ProviderSaid as problem:
            raise self._failure(problem.said, request) from None
        except PieceTooLong as problem:
            raise AgentError(ErrorCode.INTERNAL, f"{self.name}: {problem}") from None
        except httpx.HTTPError as problem:
            raise self._unreachable(problem) from None
        except httpx.InvalidURL:
            raise AgentError(ErrorCode.INVALID_REQUEST, f"{self.name}: its address is wrong"
                             ) from None

    async def _refused(self, response: httpx.Response, request: Request) -> AgentError:
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > MAX_ERROR_BYTES:
                break
        said = Said.of(response.status_code, response.headers, bytes(body[:MAX_ERROR_BYTES]))
        return self._failure(said, request)

    def _failure(self, said: Said, request: Request) -> AgentError:
        return failure(self.name, said, self.names, self._redactor, request.prompt,
                       self.delay_ms(said.error))

    def _unreachable(self, problem: httpx.HTTPError) -> AgentError:
        match problem:
            case httpx.ConnectTimeout():
                return AgentError(ErrorCode.TIMEOUT, f"connecting to {self.name} took too long")
            case httpx.TimeoutException():
                return AgentError(ErrorCode.TIMEOUT, f"sending to {self.name} took too long")
            case httpx.ConnectError():
                return AgentError(ErrorCode.UNAVAILABLE, f"{self.name} can't be connected to")
            case httpx.UnsupportedProtocol():
                return AgentError(ErrorCode.INVALID_REQUEST, f"{self.name}: its address is wrong")
        return AgentError(ErrorCode.UNAVAILABLE,
                          f"the connection to {self.name} broke ({type(problem).__name__})")


def _content_type(response: httpx.Response) -> str:
    """The media type, refused where it is a page: no model answers in HTML."""
    kind = str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        raise AgentError(ErrorCode.UNAVAILABLE, "a web page came instead of the provider's "
                         "answer: a proxy in between, or a wrong address")
    return kind


def _is_whole(text: str) -> bool:
    """Whether the last piece of a stream that just stops was sent to its end."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text.strip() == "[DONE]"
    return True
