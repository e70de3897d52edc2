"""A job's events, each once and in order, over as many connections as it takes."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from .client import Client
from .errors import CommandError, Refused, Unreachable

TERMINAL = ("succeeded", "failed", "cancelled")
# The api sends a comment every 15 s: three missed ones mean that the connection is dead.
_IDLE_SECONDS = 45.0
GIVE_UP_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0
_LONGEST_EVENT = 32 * 1024 * 1024

Event = dict[str, Any]


class EventParser:
    """Bytes of an event stream in, whole events out. No I/O (WHATWG HTML, server-sent events).

    `feed` raises ValueError for an event beyond 32 MiB. An event cut off by the end is dropped:
    the next connection brings it again.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The `data` of each event that is complete now."""
        # A line ends with \n, \r\n or \r; a \r at the very end may be half of a \r\n.
        text = self._rest + chunk
        held = b""
        if text.endswith(b"\r"):
            text, held = text[:-1], b"\r"
        *lines, last = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = last + held
        if len(self._rest) + self._size > _LONGEST_EVENT:
            raise ValueError("an event beyond 32 MiB")
        return [data for data in map(self._line, lines) if data is not None]

    def _line(self, line: bytes) -> bytes | None:
        if not line:
            data, self._data, self._size = self._data, [], 0
            return b"\n".join(data) if data else None
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data.append(value.removeprefix(b" "))
            self._size += len(value)
        return None


def follow(client: Client, job_id: str, trouble: Callable[[str | None], None],
           quiet: Callable[[], None], after: int = 0) -> Iterator[Event]:
    """The events behind `after`, live, until the terminal one.

    A connection that breaks is made again from the last event seen; what comes twice is dropped.
    `trouble` is told why, once nothing answered twice, and None when it goes on; `quiet` is called
    each time 15 s passed without an event. Raises Unreachable when nothing answered for 60 s,
    Refused when the api says no.
    """
    last = after
    silent_since: float | None = None
    pause = _FIRST_PAUSE_SECONDS
    told = False
    while True:
        broken: Exception | None = None
        try:
            for event in _connection(client, job_id, last, quiet):
                if told:
                    trouble(None)
                silent_since, pause, told = None, _FIRST_PAUSE_SECONDS, False
                seq = event.get("seq")
                if not isinstance(seq, int) or seq <= last:
                    continue
                last = seq
                yield event
                if event.get("type") in TERMINAL:
                    return
        except _Finished:
            if told:
                trouble(None)
            return
        except Refused as refusal:
            if refusal.status not in (429, 502, 503, 504):
                raise
            broken = refusal
        except (OSError, http.client.HTTPException, ValueError, Unreachable) as failure:
            broken = failure
        said = broken if isinstance(broken, CommandError) else client.unreachable(
            broken or ConnectionError("the event stream keeps breaking"))
        if pause > _FIRST_PAUSE_SECONDS and not told:
            trouble(said.line)
            told = True
        now = time.monotonic()
        silent_since = silent_since if silent_since is not None else now
        if now - silent_since > GIVE_UP_SECONDS:
            raise said if isinstance(said, Unreachable) else client.unreachable(said)
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE_SECONDS, pause * 2)


class _Finished(Exception):
    """The log is finished and holds nothing beyond what was seen."""


def _connection(client: Client, job_id: str, after: int,
                quiet: Callable[[], None]) -> Iterator[Event]:
    parser = EventParser()
    with client.stream(job_id, after, _IDLE_SECONDS) as response:
        if response is None:
            raise _Finished
        while chunk := response.read1(65536):
            found = parser.feed(chunk)
            if not found and chunk.startswith(b":"):
                quiet()
            for data in found:
                event = json.loads(data)
                if isinstance(event, dict):
                    yield event
