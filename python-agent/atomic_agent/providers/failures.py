"""What went wrong at a provider over HTTP, in the socket's codes.

A provider adds its own names to the table below; the rest is common to all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ..logs import Redactor
from ..messages import AgentError, ErrorCode

LONGEST_DELAY_MS = 24 * 3600 * 1000

_BY_STATUS = {
    400: ErrorCode.INVALID_REQUEST, 401: ErrorCode.AUTH, 402: ErrorCode.OUT_OF_CREDIT,
    403: ErrorCode.AUTH, 404: ErrorCode.NO_MODEL, 408: ErrorCode.TIMEOUT,
    409: ErrorCode.UNAVAILABLE, 413: ErrorCode.CONTEXT_LENGTH, 422: ErrorCode.INVALID_REQUEST,
    425: ErrorCode.UNAVAILABLE, 429: ErrorCode.RATE_LIMITED, 503: ErrorCode.OVERLOADED,
    504: ErrorCode.TIMEOUT, 529: ErrorCode.OVERLOADED,
}

_BY_WORDS = (
    ("maximum context length", ErrorCode.CONTEXT_LENGTH),
    ("context window", ErrorCode.CONTEXT_LENGTH),
    ("context size", ErrorCode.CONTEXT_LENGTH),
    ("maximum context", ErrorCode.CONTEXT_LENGTH),
    ("context length", ErrorCode.CONTEXT_LENGTH),
    ("prompt is too long", ErrorCode.CONTEXT_LENGTH),
    ("maximum number of tokens", ErrorCode.CONTEXT_LENGTH),
    ("credit balance", ErrorCode.OUT_OF_CREDIT),
    ("insufficient balance", ErrorCode.OUT_OF_CREDIT),
    ("insufficient credits", ErrorCode.OUT_OF_CREDIT),
    ("api key not valid", ErrorCode.AUTH),
    ("api key expired", ErrorCode.AUTH),
)
"""What vendors put only into the words of a 400: an account that is empty, a key that is wrong."""


@dataclass(frozen=True, slots=True)
class Said:
    """An error as a provider says it.

    `status` is 0 for one that comes in the stream of a 200. `error` is its JSON, None for
    another sort of body, such as a proxy's page.
    """

    status: int
    error: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], body: bytes) -> "Said":
        """Reads an answer that isn't a 200. The error is usually in a field `error`."""
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError):
            return cls(status, None, headers)
        if isinstance(parsed, list) and parsed:
            parsed = parsed[0]
        error = parsed.get("error", parsed) if isinstance(parsed, dict) else parsed
        return cls(status, error, headers)

    @property
    def names(self) -> tuple[str, ...]:
        """What it calls itself: its code, type and status, where they are words."""
        if not isinstance(self.error, dict):
            return ()
        named = (self.error.get(field) for field in ("code", "type", "status"))
        return tuple(name for name in named if isinstance(name, str))

    @property
    def words(self) -> str:
        """Its message, empty if it has none."""
        said = self.error.get("message") if isinstance(self.error, dict) else self.error
        return said if isinstance(said, str) else ""


def failure(
    provider: str, said: Said, names: Mapping[str, ErrorCode], redactor: Redactor, prompt: str,
    delay_ms: int | None = None,
) -> AgentError:
    """The error to report. `names`: the provider's own; `delay_ms`: a delay out of the body.

    The provider's own words are believed and shown only if they hold neither a key nor the
    prompt: else a prompt could say that an account is empty, and put the provider aside.
    """
    own = redactor.foreign(said.words, prompt)
    code = _classify(said, names, own.lower())
    moved = 300 <= said.status < 400
    if moved:
        own = "redirects aren't followed; its address has to be the final one"
    what = f"answered {said.status}" if said.status else "sent an error"
    error = AgentError(code, f"{provider} {what}" + (f": {own}" if own else ""))
    if said.status in (0, 408, 409, 425, 429) or said.status >= 500:
        asked = retry_delay_ms(said.headers)
        error.retry_after_ms = delay_ms if asked is None else asked
    should = said.headers.get("x-should-retry", "").strip().lower()
    if should in ("true", "false"):
        error.retryable = should == "true"
    elif moved:
        error.retryable = False
    return error


def _classify(said: Said, names: Mapping[str, ErrorCode], words: str) -> ErrorCode:
    """The code of an error: by the provider's own name, by its words, by its status."""
    status = said.status or _status_inside(said.error)
    if 300 <= status < 400:
        return ErrorCode.UNAVAILABLE
    if said.error is None and status in (400, 403, 404):
        # A page of a proxy in between says nothing of the request, the key or the model.
        return ErrorCode.UNAVAILABLE
    if status < 500 and status != 401:
        known = next((names[name] for name in said.names if name in names), None)
        if known in (None, ErrorCode.INVALID_REQUEST):
            known = next((code for part, code in _BY_WORDS if part in words), known)
        if known is not None:
            return known
    usual = ErrorCode.INVALID_REQUEST if 400 <= status < 500 else ErrorCode.UNAVAILABLE
    return _BY_STATUS.get(status, usual)


def retry_delay_ms(headers: Mapping[str, str], now: datetime | None = None) -> int | None:
    """The delay the provider asks for in milliseconds, 0 to one day, or None."""
    wanted = _number(headers.get("retry-after-ms", ""))
    if wanted is None:
        seconds = _number(headers.get("retry-after", ""))
        wanted = None if seconds is None else seconds * 1000
    if wanted is None:
        try:
            moment = parsedate_to_datetime(headers.get("retry-after", ""))
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        wanted = (moment - (now or datetime.now(UTC))).total_seconds() * 1000
    return bounded_delay_ms(wanted)


def bounded_delay_ms(milliseconds: float) -> int:
    """A delay between 0 and one day."""
    return int(min(max(milliseconds, 0), LONGEST_DELAY_MS))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value == value else None


def _status_inside(error: Any) -> int:
    """The HTTP status that an error in a stream names as its code, 0 if it names none."""
    code = error.get("code") if isinstance(error, dict) else None
    text = str(code) if isinstance(code, (int, str)) and not isinstance(code, bool) else ""
    return int(text) if len(text) == 3 and text.isdecimal() else 0
