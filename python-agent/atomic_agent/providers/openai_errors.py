"""What went wrong at an OpenAI-like server, in the socket's codes."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ..logs import Redactor
from ..messages import AgentError, ErrorCode

LONGEST_DELAY_MS = 24 * 3600 * 1000

_BY_STATUS = {
    400: ErrorCode.INVALID_REQUEST, 401: ErrorCode.AUTH, 402: ErrorCode.OUT_OF_CREDIT,
    403: ErrorCode.AUTH, 404: ErrorCode.NO_MODEL, 408: ErrorCode.TIMEOUT,
    413: ErrorCode.CONTEXT_LENGTH, 422: ErrorCode.INVALID_REQUEST, 425: ErrorCode.UNAVAILABLE,
    429: ErrorCode.RATE_LIMITED, 503: ErrorCode.OVERLOADED, 504: ErrorCode.TIMEOUT,
    529: ErrorCode.OVERLOADED,
}

_BY_NAME = {
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
}

_OF_A_BAD_REQUEST = (
    ("maximum context length", ErrorCode.CONTEXT_LENGTH),
    ("context window", ErrorCode.CONTEXT_LENGTH),
    ("context size", ErrorCode.CONTEXT_LENGTH),
)


def from_status(
    status: int, headers: Mapping[str, str], body: bytes, redactor: Redactor, prompt: str
) -> AgentError:
    """The error for an HTTP answer that isn't 200."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        parsed = None
    error = parsed.get("error", parsed) if isinstance(parsed, dict) else None
    if status < 500:
        fallback = _BY_STATUS.get(status, ErrorCode.INVALID_REQUEST)
    else:
        fallback = _BY_STATUS.get(status, ErrorCode.UNAVAILABLE)
    specific = status in (400, 403, 404, 422, 429)
    code = (_named(error) if specific else None) or fallback
    if status in (301, 302, 303, 307, 308):
        code = ErrorCode.INVALID_REQUEST
    delay = retry_delay_ms(headers) if status in (408, 425, 429) or status >= 500 else None
    return _error(code, f"answered {status}", error, redactor, prompt, delay)


def from_event(error: object, redactor: Redactor, prompt: str) -> AgentError:
    """The error for an error object in a stream or in a body of status 200."""
    code = _named(error)
    if code is None and isinstance(error, dict):
        status = error.get("code")
        number = int(status) if isinstance(status, (int, str)) and str(status).isdecimal() else 0
        code = _BY_STATUS.get(number)
    return _error(code or ErrorCode.UNAVAILABLE, "sent an error", error, redactor, prompt, None)


def retry_delay_ms(headers: Mapping[str, str], now: datetime | None = None) -> int | None:
    """The delay the provider asks for in milliseconds, 0 to one day, or None."""
    milliseconds = headers.get("retry-after-ms", "")
    seconds = headers.get("retry-after", "")
    try:
        wanted = float(milliseconds) if milliseconds else float(seconds) * 1000
    except ValueError:
        try:
            moment = parsedate_to_datetime(seconds)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        wanted = (moment - (now or datetime.now(UTC))).total_seconds() * 1000
    if not wanted == wanted:
        return None
    return int(min(max(wanted, 0), LONGEST_DELAY_MS))


def _named(error: object) -> ErrorCode | None:
    if not isinstance(error, dict):
        return None
    for name in (error.get("code"), error.get("type")):
        if isinstance(name, str) and name in _BY_NAME:
            return _BY_NAME[name]
    text = str(error.get("message", "")).lower()
    return next((code for words, code in _OF_A_BAD_REQUEST if words in text), None)


def _error(
    code: ErrorCode, what: str, error: Any, redactor: Redactor, prompt: str, delay: int | None
) -> AgentError:
    """The provider's own words are added only if they hold neither a key nor the prompt."""
    words = error.get("message") if isinstance(error, dict) else error
    own = redactor.foreign(words, prompt) if isinstance(words, str) else ""
    return AgentError(code, f"openai {what}" + (f": {own}" if own else ""),
                      retry_after_ms=delay)
