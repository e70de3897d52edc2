"""One span for each request to a provider, below the span of the worker's that asked.

What a span tells are names, counts and codes: never a prompt, an answer, a key, or the words of an
error, which may repeat one of them.
"""

import re
import secrets
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .collector import Collector
from .messages import AgentError, Completion, Request

if TYPE_CHECKING:
    from .export import Exporter

# W3C Trace Context; a later version may have more behind.
_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
# As OpenTelemetry's conventions call it.
_PROVIDERS = {"gemini": "gcp.gemini"}
_CLIENT = 3
_ERROR = 2


class Span:
    """Nothing, where there is no trace to be in."""

    def answered(self, end: Completion) -> None:
        """The provider's answer is whole."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 where: TracebackType | None) -> None:
        pass


_NONE = Span()


class _ProviderCall(Span):
    """A request to a provider, from its beginning to the end of the context."""

    def __init__(self, exporter: "Exporter", parent: re.Match[str], provider: str,
                 model: str) -> None:
        self._exporter = exporter
        self._trace, self._parent = parent.groups()
        self._model = model
        self._attributes: dict[str, Any] = {
            "gen_ai.operation.name": "chat", "gen_ai.request.model": model,
            "gen_ai.provider.name": _PROVIDERS.get(provider, provider)}
        self._answered = False
        self._began = time.time_ns()
        self._monotonic = time.monotonic_ns()

    def answered(self, end: Completion) -> None:
        # The tokens are in the worker's span, which is of the whole request: a sum over all spans
        # must not count them twice.
        self._answered = True
        self._attributes |= {"gen_ai.response.model": end.model,
                             "gen_ai.response.finish_reasons": [end.finish_reason]}

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 where: TracebackType | None) -> None:
        if not self._answered and kind is not None:
            self._attributes["error.type"] = (
                str(error.code) if isinstance(error, AgentError)
                else "cancelled" if not issubclass(kind, Exception) else kind.__name__)
        self._exporter.add(self._encoded())

    def _encoded(self) -> dict[str, Any]:
        """As OTLP's JSON has it: numbers of 64 bits are strings, ids are hex."""
        ended = self._began + time.monotonic_ns() - self._monotonic
        span = {
            "traceId": self._trace, "spanId": _span_id(), "parentSpanId": self._parent,
            "name": f"chat {self._model}", "kind": _CLIENT,
            "startTimeUnixNano": str(self._began), "endTimeUnixNano": str(ended),
            "attributes": [{"key": key, "value": _value(value)}
                           for key, value in self._attributes.items()]}
        failed = "error.type" in self._attributes
        return {**span, "status": {"code": _ERROR}} if failed else span


class Traces:
    """Makes spans where a collector is set up and a request says which trace it belongs to."""

    def __init__(self, collector: Collector | None = None) -> None:
        self._exporter: Exporter | None = None
        if collector:
            from .export import Exporter  # what it imports takes time to load
            self._exporter = Exporter(collector)

    def call(self, request: Request, provider: str, model: str) -> Span:
        """The span of a provider's call, which is made within it."""
        if self._exporter is None:
            return _NONE
        said = request.metadata.get("traceparent")
        parent = _PARENT.fullmatch(said) if isinstance(said, str) else None
        return _ProviderCall(self._exporter, parent, provider, model) if parent else _NONE

    def close(self, seconds: float) -> None:
        """Sends what is left, in this time at most."""
        if self._exporter is not None:
            self._exporter.close(seconds)


def _span_id() -> str:
    return f"{secrets.randbits(64) or 1:016x}"


def _value(value: str | list[str]) -> dict[str, Any]:
    if isinstance(value, str):
        return {"stringValue": value}
    return {"arrayValue": {"values": [{"stringValue": each} for each in value]}}
