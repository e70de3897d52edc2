"""Google's Gemini.

Usage comes with several chunks, and the last one counts. How long to wait after a 429 stands in
the body; there, too, is told whether a minute's quota is used up or a day's.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ..messages import AgentError, ErrorCode, Request
from .answers import Answer, ReportedCounts, object_of, objects_of, text_of
from .base import Progress, ProviderEvent, ReasoningDelta, TextDelta, Usage, UsageSoFar
from .failures import bounded_delay_ms
from .over_http import HttpProvider

DAILY_QUOTA_DELAY_MS = 3600 * 1000
"""A day's quota comes back at midnight in California; until then asking once an hour is enough."""

_FILTERED = frozenset({
    "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
})


class GeminiProvider(HttpProvider):
    """Streams `POST {base_url}/models/{model}:streamGenerateContent?alt=sse`."""

    name = "gemini"
    names = {
        "UNAUTHENTICATED": ErrorCode.AUTH,
        "PERMISSION_DENIED": ErrorCode.AUTH,
        "NOT_FOUND": ErrorCode.NO_MODEL,
        "RESOURCE_EXHAUSTED": ErrorCode.RATE_LIMITED,
        "UNAVAILABLE": ErrorCode.OVERLOADED,
        "DEADLINE_EXCEEDED": ErrorCode.TIMEOUT,
        "INTERNAL": ErrorCode.UNAVAILABLE,
        "FAILED_PRECONDITION": ErrorCode.OUT_OF_CREDIT,
        "INVALID_ARGUMENT": ErrorCode.INVALID_REQUEST,
    }
    """FAILED_PRECONDITION is a 400 that says that billing isn't enabled where it has to be."""

    def path(self, request: Request) -> str:
        model = quote(self.model_of(request).removeprefix("models/"), safe="")
        return f"/models/{model}:streamGenerateContent?alt=sse"

    def headers(self) -> Mapping[str, str]:
        """The key goes into a header: an address is logged by every proxy."""
        key = self.endpoint.api_key
        return {"x-goog-api-key": key} if key else {}

    def body(self, request: Request) -> Mapping[str, Any]:
        config: dict[str, Any] = {}
        if request.max_tokens is not None:
            config["maxOutputTokens"] = request.max_tokens + self.thinking_tokens
        if request.temperature is not None:
            config["temperature"] = request.temperature
        if self.thinking_tokens:
            config["thinkingConfig"] = {"includeThoughts": True,
                                        "thinkingBudget": self.thinking_tokens}
        body: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": request.prompt}]}]}
        return {**body, "generationConfig": config} if config else body

    def answer(self, request: Request) -> Answer:
        return _Answer(self.name, request)

    def delay_ms(self, error: Any) -> int | None:
        """The delay of a `RetryInfo`; an hour where a day's quota is used up."""
        delay = None
        for detail in objects_of(object_of(error).get("details")):
            kind = text_of(detail.get("@type")).rpartition(".")[2]
            if kind == "QuotaFailure" and any(map(_is_daily, objects_of(detail.get("violations")))):
                return DAILY_QUOTA_DELAY_MS
            if kind == "RetryInfo":
                delay = _duration_ms(detail.get("retryDelay"))
        return delay


class _Answer(Answer):
    def __init__(self, provider: str, request: Request) -> None:
        super().__init__(provider, request)
        self._counts = ReportedCounts()

    def read(self, piece: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        self.model = text_of(piece.get("modelVersion")) or self.model
        yield from self._report(piece.get("usageMetadata"))
        if blocked := text_of(object_of(piece.get("promptFeedback")).get("blockReason")):
            self.filtered = f"gemini blocked the prompt ({_word(blocked)})"
        candidate = object_of(next(iter(objects_of(piece.get("candidates"))), None))
        said = False
        for part in objects_of(object_of(candidate.get("content")).get("parts")):
            if text := text_of(part.get("text")):
                said = True
                yield ReasoningDelta(text) if part.get("thought") is True else TextDelta(text)
        if not said:
            yield Progress()
        self._end(text_of(candidate.get("finishReason")))

    def _end(self, reason: str) -> None:
        if reason in _FILTERED:
            self.filtered = f"gemini's filter ended the answer ({_word(reason)})"
        elif reason in ("STOP", "MAX_TOKENS"):
            self.finish_reason = "length" if reason == "MAX_TOKENS" else "stop"
        elif reason and reason != "FINISH_REASON_UNSPECIFIED":
            raise AgentError(ErrorCode.INTERNAL, f"gemini ended the answer with {_word(reason)}",
                             retryable=True)

    def _report(self, reported: object) -> Iterator[ProviderEvent]:
        counts = self._counts
        counts.report(reported)
        if "promptTokenCount" not in counts:
            return
        # What it thinks is billed as output and isn't in the count of the candidates.
        written = counts.get("candidatesTokenCount", 0) + counts.get("thoughtsTokenCount", 0)
        read = counts["promptTokenCount"] + counts.get("toolUsePromptTokenCount", 0)
        self.usage = Usage(read, written, min(counts.get("cachedContentTokenCount", 0), read))
        yield UsageSoFar(self.usage, self.model)


def _is_daily(violation: Mapping[str, Any]) -> bool:
    return "PerDay" in text_of(violation.get("quotaId"))


def _duration_ms(value: object) -> int | None:
    """A duration as Google's JSON writes it, such as `34.5s`."""
    try:
        seconds = float(text_of(value).removesuffix("s"))
    except ValueError:
        return None
    return bounded_delay_ms(seconds * 1000) if seconds == seconds else None


def _word(name: str) -> str:
    """A name of the provider's, short and made of nothing but letters and underscores."""
    return "".join(each for each in name[:40] if each.isalpha() or each == "_")
