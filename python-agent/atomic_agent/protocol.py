"""The socket's wire format: lines of JSON to typed messages and back, without any I/O.

One JSON object a line, UTF-8, ended by ``\\n``: ``{id, type, timestamp, payload}``. What a peer
sends becomes a `Request`, `HealthCheck` or `Cancel`; what the agent answers is a `Response`,
`StreamChunk`, `ErrorMessage` or `HealthResponse`.

Two kinds of wrong input are told apart, because they end differently:

* `BrokenLine`: the stream itself can't be trusted any more; the connection ends.
* `BadMessage`: one well-formed line asks for something impossible; it alone is refused.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .messages import (
    Cancel,
    Completion,
    ErrorMessage,
    FrameType,
    HealthCheck,
    HealthResponse,
    Incoming,
    Outgoing,
    Request,
    RequestType,
    Response,
    StreamChunk,
)

MAX_LINE_BYTES = 16 * 1024 * 1024
"""Longest line in either direction, its newline not counted."""

PROTOCOL_VERSION = 2
MAX_ID_LENGTH = 256


class ProtocolError(Exception):
    """A line that isn't a message of this protocol."""


class BrokenLine(ProtocolError):
    """Not JSON, not an object, not UTF-8 or too long: the connection has to end."""


class BadMessage(ProtocolError):
    """An object that isn't a message we can serve; answered, and the connection goes on."""

    def __init__(self, message: str, *, id: str = "", request_id: str | None = None) -> None:
        super().__init__(message)
        self.id = id
        self.request_id = request_id


# --- bytes to messages -----------------------------------------------------------------------


class LineSplitter:
    """Cuts a byte stream into lines, holding at most one line of `limit` bytes."""

    def __init__(self, limit: int = MAX_LINE_BYTES) -> None:
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yields the lines that `data` completes, without their newline.

        Raises `BrokenLine` once a line is longer than the limit, ended or not.
        """
        searched = len(self._buffer)
        self._buffer += data
        start = 0
        while (end := self._buffer.find(b"\n", max(start, searched))) >= 0:
            self._check(end - start)
            line = bytes(self._buffer[start:end])
            start = end + 1
            yield line
        del self._buffer[:start]
        self._check(len(self._buffer))

    def _check(self, length: int) -> None:
        if length > self._limit:
            raise BrokenLine(f"a line is longer than {self._limit} bytes")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def decode(line: bytes) -> Incoming:
    """One line as a message. Raises `BrokenLine` or `BadMessage`."""
    try:
        frame = _DECODER.decode(line.decode("utf-8"))
    except (ValueError, RecursionError):
        raise BrokenLine("a line is not JSON") from None
    if not isinstance(frame, dict):
        raise BrokenLine("a line is not a JSON object")
    frame_id = frame.get("id")
    if not isinstance(frame_id, str) or len(frame_id) > MAX_ID_LENGTH:
        raise BadMessage(f"id: a string of at most {MAX_ID_LENGTH} characters is needed")
    payload = frame.get("payload", {})
    if not isinstance(payload, dict):
        raise BadMessage("payload: an object is needed", id=frame_id)
    fields = _Fields(frame_id, payload)
    match frame.get("type"):
        case bool():
            pass
        case FrameType.REQUEST:
            return _request(fields)
        case FrameType.HEALTH_CHECK:
            return HealthCheck(frame_id)
        case FrameType.CANCEL:
            return Cancel(frame_id, fields.required_string("request_id"))
    raise BadMessage("type: 0 (request), 4 (health check) or 6 (cancel) is needed", id=frame_id)


def _request(fields: "_Fields") -> Request:
    request_type = fields.optional("request_type", str, "one of the request types")
    try:
        kind = RequestType(request_type or RequestType.CODE)
    except ValueError:
        raise fields.bad("request_type", " or ".join(RequestType)) from None
    max_tokens = fields.optional("max_tokens", int, "a whole number")
    if max_tokens is not None and max_tokens < 1:
        raise fields.bad("max_tokens", "a whole number from 1 on")
    temperature = fields.optional("temperature", (int, float), "a number")
    if temperature is not None and not 0 <= temperature <= 2:
        raise fields.bad("temperature", "a number from 0 to 2")
    return Request(
        id=fields.id,
        request_id=fields.required_string("request_id"),
        prompt=fields.required_string("prompt"),
        request_type=kind,
        stream=bool(fields.optional("stream", bool, "true or false")),
        metadata=fields.optional("metadata", dict, "an object") or {},
        model=fields.optional("model", str, "a string") or None,
        max_tokens=max_tokens,
        temperature=None if temperature is None else float(temperature),
    )


class _Fields:
    """A payload's fields, read strictly: a wrong type is refused by name, never coerced."""

    def __init__(self, frame_id: str, payload: Mapping[str, Any]) -> None:
        self.id = frame_id
        self._payload = payload

    def bad(self, name: str, wanted: str) -> BadMessage:
        request_id = self._payload.get("request_id")
        return BadMessage(
            f"payload.{name}: {wanted} is needed",
            id=self.id,
            request_id=request_id if isinstance(request_id, str) else None,
        )

    def optional(self, name: str, kind: type | tuple[type, ...], wanted: str) -> Any:
        value = self._payload.get(name)
        if value is None:
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.bad(name, wanted)
        return value

    def required_string(self, name: str) -> str:
        value = self.optional(name, str, "a string")
        if not value:
            raise self.bad(name, "a non-empty string")
        return str(value)


# --- messages to bytes -----------------------------------------------------------------------

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def encode(message: Outgoing, timestamp: int) -> bytes:
    """A message as one line with its newline; `timestamp` in milliseconds since 1970.

    A lone surrogate, which UTF-8 can't hold, becomes U+FFFD.
    """
    match message:
        case Response():
            kind, payload = FrameType.RESPONSE, {
                "request_id": message.request_id,
                "content": message.content,
                **message.completion.fields(),
                "is_final": True,
            }
        case StreamChunk(completion=Completion() as end):
            kind, payload = FrameType.STREAM_CHUNK, {
                "request_id": message.request_id,
                "delta": message.delta,
                **({"reasoning": True} if message.reasoning else {}),
                "chunk_index": message.chunk_index,
                "is_final": True,
                **end.fields(),
            }
        case StreamChunk():
            return _utf8(_chunk(message, timestamp))
        case ErrorMessage():
            kind, payload = FrameType.ERROR, _error_fields(message)
        case HealthResponse():
            kind, payload = FrameType.HEALTH_RESPONSE, {
                "status": message.status,
                "protocol": PROTOCOL_VERSION,
                "multiplex": True,
                "providers": list(message.providers),
            }
    frame = {"id": message.id, "type": int(kind), "timestamp": timestamp, "payload": payload}
    return _utf8(_JSON.encode(frame) + "\n")


def _chunk(message: StreamChunk, timestamp: int) -> str:
    """The line of a chunk that isn't the last, put together by hand.

    Nearly all lines are such ones, and the encoder, which has to look at each value, was a quarter
    of what they cost.
    """
    reasoning = '"reasoning":true,' if message.reasoning else ""
    return (f'{{"id":{_JSON.encode(message.id)},"type":{int(FrameType.STREAM_CHUNK)},'
            f'"timestamp":{timestamp},"payload":{{'
            f'"request_id":{_JSON.encode(message.request_id)},'
            f'"delta":{_JSON.encode(message.delta)},{reasoning}'
            f'"chunk_index":{message.chunk_index},"is_final":false}}}}\n')


def _utf8(line: str) -> bytes:
    try:
        return line.encode()
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\ufffd", line).encode()


def _error_fields(message: ErrorMessage) -> dict[str, Any]:
    error = message.error
    fields: dict[str, Any] = {
        "request_id": message.request_id,
        "code": str(error.code),
        "message": error.message,
        "retryable": error.retryable,
    }
    if error.retry_after_ms is not None:
        fields["retry_after_ms"] = error.retry_after_ms
    if message.spent is not None:
        fields |= {name: value for name, value in message.spent.fields().items()
                   if name != "finish_reason"}
    return fields
