"""Server-sent events out of bytes, as the WHATWG's HTML standard (section 9.2.6) reads them."""

import codecs
from collections.abc import Iterator

MAX_EVENT_CHARACTERS = 8 * 1024 * 1024


class EventTooLong(ValueError):
    """One event is longer than `MAX_EVENT_CHARACTERS`."""


class EventStream:
    """Cuts bytes, split anywhere, into the `data` of events. Wrong UTF-8 becomes U+FFFD."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._parts: list[str] = []
        self._size = 0
        self._data: list[str] = []
        self._after_cr = False

    def feed(self, data: bytes) -> Iterator[str]:
        """Yields the data of each event that these bytes complete. Raises `EventTooLong`."""
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
        if self._size > MAX_EVENT_CHARACTERS:
            raise EventTooLong("an event of the provider's stream is too long")

    def end(self) -> Iterator[str]:
        """Yields the last event of a stream that ended without its empty line."""
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
