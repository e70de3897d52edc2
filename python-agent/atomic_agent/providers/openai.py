"""OpenAI's chat completions, and whatever server speaks them.

Usage comes in a chunk of its own behind the last choice, because it is asked for; some servers
repeat it in every chunk, others never send it. What the vendor's models think isn't sent; other
servers send it as `reasoning_content` or `reasoning`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ..messages import ErrorCode, Request
from .answers import Answer, TaggedAnswer, count_of, object_of, objects_of, text_of
from .base import ProviderEvent, Usage, UsageSoFar
from .framing import EventStream, Framing, WholeBody
from .over_http import HttpProvider


class OpenAiProvider(HttpProvider):
    """Streams `POST {base_url}/chat/completions`; the prompt is sent as it is, as one message."""

    name = "openai"
    names = {
        "insufficient_quota": ErrorCode.OUT_OF_CREDIT,
        "billing_hard_limit_reached": ErrorCode.OUT_OF_CREDIT,
        "billing_not_active": ErrorCode.OUT_OF_CREDIT,
        "context_length_exceeded": ErrorCode.CONTEXT_LENGTH,
        "exceed_context_size_error": ErrorCode.CONTEXT_LENGTH,
        "string_above_max_length": ErrorCode.CONTEXT_LENGTH,
        "content_filter": ErrorCode.CONTENT_FILTER,
        "content_policy_violation": ErrorCode.CONTENT_FILTER,
        "model_not_found": ErrorCode.NO_MODEL,
        "invalid_api_key": ErrorCode.AUTH,
        "authentication_error": ErrorCode.AUTH,
        "permission_error": ErrorCode.AUTH,
        "rate_limit_exceeded": ErrorCode.RATE_LIMITED,
        "rate_limit_error": ErrorCode.RATE_LIMITED,
        "overloaded_error": ErrorCode.OVERLOADED,
        "server_overloaded": ErrorCode.OVERLOADED,
        "server_error": ErrorCode.UNAVAILABLE,
        "service_unavailable": ErrorCode.UNAVAILABLE,
        "invalid_request_error": ErrorCode.INVALID_REQUEST,
    }

    def path(self, request: Request) -> str:
        return "/chat/completions"

    def body(self, request: Request) -> Mapping[str, Any]:
        body: dict[str, Any] = {
            "model": self.model_of(request),
            "messages": [{"role": "user", "content": request.prompt}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.max_tokens is not None:
            # The vendor's newer models refuse `max_tokens`; other servers know only that one.
            public = self.endpoint.is_public
            body["max_completion_tokens" if public else "max_tokens"] = request.max_tokens
        if request.temperature is not None:
            body["temperature"] = request.temperature
        return body

    def framing(self, content_type: str) -> Framing:
        """One object for all where a server ignores `stream`."""
        if content_type == "application/json":
            return WholeBody()
        return EventStream()

    def answer(self, request: Request) -> Answer:
        return _Answer(self.name, request)


class _Answer(TaggedAnswer):
    def take(self, text: str) -> Iterator[ProviderEvent]:
        if text.strip() == "[DONE]":
            self.over = True
            self.finish_reason = self.finish_reason or "stop"
        else:
            yield from super().take(text)

    def read(self, piece: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        self.model = text_of(piece.get("model")) or self.model
        choice = _first_choice(piece)
        said = object_of(choice.get("delta")) or object_of(choice.get("message"))
        thought = text_of(said.get("reasoning_content")) or text_of(said.get("reasoning"))
        yield from self.say(thought, _text(said.get("content")))
        if said.get("refusal") and isinstance(said["refusal"], str):
            self.filtered = "the model refused to answer"
        if usage := _usage(piece.get("usage")):
            self.usage = usage
            yield UsageSoFar(usage, self.model)
        self._end(text_of(choice.get("finish_reason")))

    def _end(self, reason: str) -> None:
        if reason == "content_filter":
            self.filtered = f"{self.provider}'s content filter ended the answer"
        if reason:
            self.finish_reason = "length" if reason == "length" else "stop"


def _first_choice(piece: Mapping[str, Any]) -> Mapping[str, Any]:
    """Choice 0 of a chunk; others, which we never ask for, are left out."""
    return next((choice for choice in objects_of(piece.get("choices"))
                 if choice.get("index", 0) in (0, None)), {})


def _text(content: object) -> str:
    """Content as text: a string, or a list of parts of type text."""
    return text_of(content) or "".join(text_of(part.get("text")) for part in objects_of(content))


def _usage(reported: object) -> Usage | None:
    usage = object_of(reported)
    read, written = count_of(usage.get("prompt_tokens")), count_of(usage.get("completion_tokens"))
    if read is None or written is None:
        return None
    cached = count_of(object_of(usage.get("prompt_tokens_details")).get("cached_tokens"))
    return Usage(read, written, min(cached or 0, read))
