"""What is said on the agent's socket, as typed values; `protocol` turns them into lines."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

# What a client names its job by; anything else isn't logged.
_LOGGED = re.compile(r"[A-Za-z0-9._-]{1,64}")


class ErrorCode(StrEnum):
    """What an ERROR says went wrong; the values are part of the wire format."""

    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"
    AUTH = "auth"
    INVALID_REQUEST = "invalid_request"
    CONTEXT_LENGTH = "context_length"
    CONTENT_FILTER = "content_filter"
    NO_PROVIDER = "no_provider"
    NO_MODEL = "no_model"
    OUT_OF_CREDIT = "out_of_credit"
    UNAVAILABLE = "unavailable"
    CANCELLED = "cancelled"
    INTERNAL = "internal"


RETRYABLE_BY_DEFAULT = frozenset(
    {ErrorCode.RATE_LIMITED, ErrorCode.OVERLOADED, ErrorCode.TIMEOUT, ErrorCode.UNAVAILABLE}
)


class AgentError(Exception):
    """A request that ends with an ERROR. `retry_after_ms` is the provider's own delay, if any."""

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        retryable: bool | None = None,
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retryable = code in RETRYABLE_BY_DEFAULT if retryable is None else retryable
        self.retry_after_ms = retry_after_ms


class FrameType(IntEnum):
    REQUEST = 0
    RESPONSE = 1
    STREAM_CHUNK = 2
    ERROR = 3
    HEALTH_CHECK = 4
    HEALTH_RESPONSE = 5
    CANCEL = 6


class RequestType(StrEnum):
    SPEC = "GENERATE_SPEC"
    CODE = "GENERATE_CODE"
    DOCS = "GENERATE_DOCS"


# --- what a client sends ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """A REQUEST. `id` is the frame's, which every answer bears; `request_id` the payload's."""

    id: str
    request_id: str
    prompt: str
    request_type: RequestType = RequestType.CODE
    stream: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    max_tokens: int | None = None
    temperature: float | None = None

    def log_fields(self) -> dict[str, str]:
        """What its log lines say of it: its id and type, and the job that a worker names."""
        named = self.metadata.get("log")
        said = named if isinstance(named, Mapping) else {}
        job = {name: said[name] for name in ("job", "stage", "attempt", "trace")
               if isinstance(said.get(name), str) and _LOGGED.fullmatch(said[name])}
        return {"request_id": self.request_id, "request_type": self.request_type, **job}


@dataclass(frozen=True, slots=True)
class HealthCheck:
    id: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the request named by `request_id`; `id` is this frame's own."""

    id: str
    request_id: str


Incoming = Request | HealthCheck | Cancel


# --- what the agent answers ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Completion:
    """How an answer ended: who gave it and what it used.

    `estimated` says the provider reported no usage and the counts are ours. `cost_usd` is None
    where no price is known.
    """

    model: str
    provider: str
    input_tokens: int
    output_tokens: int
    estimated: bool = False
    cost_usd: float | None = None
    finish_reason: str = "stop"

    def fields(self) -> dict[str, Any]:
        """The fields as RESPONSE and a final STREAM_CHUNK bear them."""
        known = {
            "model": self.model,
            "provider": self.provider,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "estimated": self.estimated,
            "finish_reason": self.finish_reason,
        }
        return known if self.cost_usd is None else {**known, "cost_usd": self.cost_usd}


@dataclass(frozen=True, slots=True)
class Response:
    id: str
    request_id: str
    content: str
    completion: Completion


@dataclass(frozen=True, slots=True)
class StreamChunk:
    """One piece of an answer; the final one (with `completion`) counts its `delta` too.

    With `reasoning` the delta is a piece of the model's thinking and no part of the answer.
    """

    id: str
    request_id: str
    delta: str
    chunk_index: int
    completion: Completion | None = None
    reasoning: bool = False


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    """How a request failed. `spent`: what the part of its answer that went out had used."""

    id: str
    request_id: str | None
    error: AgentError
    spent: Completion | None = None


@dataclass(frozen=True, slots=True)
class HealthResponse:
    id: str
    providers: tuple[Mapping[str, Any], ...] = ()
    status: str = "healthy"


Outgoing = Response | StreamChunk | ErrorMessage | HealthResponse
