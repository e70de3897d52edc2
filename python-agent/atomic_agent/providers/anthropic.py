"""Anthropic's Messages.

Input tokens come with `message_start`; the output tokens of each `message_delta` are the total so
far, not what was added. An `error` event may come under a 200, `ping` at any time.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ..messages import ErrorCode, Request
from .answers import Answer, ReportedCounts, object_of, text_of
from .base import Progress, ProviderEvent, ReasoningDelta, TextDelta, Usage, UsageSoFar
from .over_http import HttpProvider

API_VERSION = "2023-06-01"
DEFAULT_MAX_TOKENS = 32_000
"""The API wants a limit; every model of the generation 4 takes this one."""

LEAST_THINKING_TOKENS = 1024

_LENGTH = ("max_tokens", "model_context_window_exceeded")


class AnthropicProvider(HttpProvider):
    """Streams `POST {base_url}/v1/messages`; the prompt is sent as it is, as one message."""

    name = "anthropic"
    names = {
        "authentication_error": ErrorCode.AUTH,
        "permission_error": ErrorCode.AUTH,
        "billing_error": ErrorCode.OUT_OF_CREDIT,
        "not_found_error": ErrorCode.NO_MODEL,
        "request_too_large": ErrorCode.CONTEXT_LENGTH,
        "rate_limit_error": ErrorCode.RATE_LIMITED,
        "overloaded_error": ErrorCode.OVERLOADED,
        "timeout_error": ErrorCode.TIMEOUT,
        "api_error": ErrorCode.UNAVAILABLE,
        "invalid_request_error": ErrorCode.INVALID_REQUEST,
    }

    def path(self, request: Request) -> str:
        return "/v1/messages"

    def headers(self) -> Mapping[str, str]:
        key = self.endpoint.api_key
        return {"anthropic-version": API_VERSION, **({"x-api-key": key} if key else {})}

    def body(self, request: Request) -> Mapping[str, Any]:
        limit = request.max_tokens or DEFAULT_MAX_TOKENS
        body: dict[str, Any] = {
            "model": self.model_of(request),
            "messages": [{"role": "user", "content": request.prompt}],
            "stream": True,
        }
        if self.thinking_tokens:
            # What it thinks counts towards the limit, which has to leave room for the answer.
            budget = max(self.thinking_tokens, LEAST_THINKING_TOKENS)
            body["thinking"] = {"type": "enabled", "budget_tokens": budget}
            limit += budget
        elif request.temperature is not None:  # refused beside thinking; here it is 0 to 1
            body["temperature"] = min(request.temperature, 1.0)
        return {**body, "max_tokens": limit}

    def answer(self, request: Request) -> Answer:
        return _Answer(self.name, request)


class _Answer(Answer):
    def __init__(self, provider: str, request: Request) -> None:
        super().__init__(provider, request)
        self._counts = ReportedCounts()

    def read(self, piece: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        match piece.get("type"):
            case "message_start":
                message = object_of(piece.get("message"))
                self.model = text_of(message.get("model"))
                yield from self._report(message.get("usage"))
                yield Progress()
            case "content_block_start":
                yield from self._say(object_of(piece.get("content_block")))
            case "content_block_delta":
                yield from self._say(object_of(piece.get("delta")))
            case "message_delta":
                self._end(object_of(piece.get("delta")))
                yield from self._report(piece.get("usage"))
            case "message_stop":
                self.over = True

    def _say(self, part: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        """The text of a block's beginning or of its next piece; signatures are only progress."""
        if text := text_of(part.get("text")):
            yield TextDelta(text)
        elif thought := text_of(part.get("thinking")):
            yield ReasoningDelta(thought)
        else:
            yield Progress()

    def _end(self, delta: Mapping[str, Any]) -> None:
        reason = text_of(delta.get("stop_reason"))
        if reason == "refusal":
            self.filtered = "the model refused to answer"
        if reason:
            self.finish_reason = "length" if reason in _LENGTH else "stop"

    def _report(self, reported: object) -> Iterator[ProviderEvent]:
        counts = self._counts
        counts.report(reported)
        if "input_tokens" not in counts or "output_tokens" not in counts:
            return
        cached = counts.get("cache_read_input_tokens", 0)
        read = counts["input_tokens"] + cached + counts.get("cache_creation_input_tokens", 0)
        self.usage = Usage(read, counts["output_tokens"], cached)
        yield UsageSoFar(self.usage, self.model)
