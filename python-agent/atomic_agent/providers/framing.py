"""How providers cut what they stream into JSON texts: server-sent events, lines, one body."""

import codecs
from collections.abc import Iterator
from typing import Protocol

MAX_PIECE_CHARACTERS = 8 * 1024 * 1024


class PieceTooLong(ValueError):
    """One event, line or body is longer than `MAX_PIECE_CHARACTERS`."""


class Framing(Protocol):
    """Cuts bytes, split anywhere, into texts. Wrong UTF-8 becomes U+FFFD."""

    def feed(self, data: bytes) -> Iterator[str]:
        """Yields the texts that these bytes complete. Raises `PieceTooLong`."""
        ...

    def end(self) -> Iterator[str]:
        """Yields what was begun when the stream ended; it may be cut off."""
        ...


class EventStream:
    """The `data` of server-sent events, as the WHATWG's HTML standard (section 9.2.6) reads them.

    Comments, which servers send to keep a connection alive, give nothing.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._parts: list[str] = []
        self._size = 0
        self._data: list[str] = []
        self._after_cr = False

    def feed(self, data: bytes) -> Iterator[str]:
        text = self._decoder.decode(data)
        if self._after_cr and text:
            text = text.removeprefix("\n")
            self._after_cr = False
        self._after_cr = self._after_cr or text.endswith("\r")
        *lines, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for line in lines:
            event = self._take("".join((*self._parts, line)))
            self._parts.clear()
            if event is not None:
                yield event
        self._parts.append(rest)
        self._size += len(rest)
        if self._size > MAX_PIECE_CHARACTERS:
            raise PieceTooLong("an event of the provider's stream is too long")

    def end(self) -> Iterator[str]:
        for line in ("".join(self._parts), ""):
            event = self._take(line)
            if event is not None:
                yield event
        self._parts.clear()

    def _take(self, line: str) -> str | None:
        if not line:
            data, self._data = self._data, []
            self._size = 0
            return "\n".join(data) if data else None
        name, _, value = line.partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
            self._size += len(value)
        return None


class JsonLines:
    """One JSON text a line (NDJSON). Empty lines give nothing."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._parts: list[str] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[str]:
        *lines, rest = self._decoder.decode(data).split("\n")
        for line in lines:
            whole = "".join((*self._parts, line)).strip()
            self._parts.clear()
            self._size = 0
            if whole:
                yield whole
        self._parts.append(rest)
        self._size += len(rest)
        if self._size > MAX_PIECE_CHARACTERS:
            raise PieceTooLong("a line of the provider's stream is too long")

    def end(self) -> Iterator[str]:
        whole = "".join(self._parts).strip()
        self._parts.clear()
        if whole:
            yield whole


class WholeBody:
    """The answer of a server that doesn't stream: one JSON text for all."""

    def __init__(self) -> None:
        self._body = bytearray()

    def feed(self, data: bytes) -> Iterator[str]:
        self._body += data
        if len(self._body) > MAX_PIECE_CHARACTERS:
            raise PieceTooLong("the provider's answer is too long")
        return iter(())

    def end(self) -> Iterator[str]:
        yield self._body.decode("utf-8", errors="replace")
