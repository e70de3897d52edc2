"""Puts a provider aside after failures, by cause, and tries it again with one request."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .messages import RETRYABLE_BY_DEFAULT, AgentError, ErrorCode

log = logging.getLogger(__name__)

LONGEST_OWN_DELAY = 3600.0
"""A provider that asks for more than this, in seconds, is tried again after it all the same."""

_SHORTEST_REFUSAL_MS = 1000

STAYS_WITH_THE_REQUEST = frozenset({
    ErrorCode.INVALID_REQUEST, ErrorCode.CONTEXT_LENGTH, ErrorCode.CONTENT_FILTER,
    ErrorCode.CANCELLED,
})
"""Failures that the request brings along: they say nothing about the provider."""


@dataclass(frozen=True, slots=True)
class Trip:
    """How many failures in a row of a cause put a provider aside, and for how many seconds.

    The pause is doubled each time the probe behind it fails too, up to `longest`.
    `over` is how many seconds the failures have to be spread over: of a burst of requests those
    that fail come back first, and are many in a row where most are about to succeed.
    """

    failures: int
    pause: float
    longest: float
    over: float = 0.0


TRIPS: Mapping[ErrorCode, Trip] = {
    # A wrong key or an empty account doesn't mend itself; asking now and then finds out.
    ErrorCode.AUTH: Trip(1, 300, 300),
    ErrorCode.OUT_OF_CREDIT: Trip(1, 60, 1800),
    ErrorCode.RATE_LIMITED: Trip(3, 10, 300, over=1),
    ErrorCode.OVERLOADED: Trip(3, 10, 300, over=1),
}
OTHERWISE = Trip(5, 30, 300, over=1)


@dataclass(slots=True)
class _Record:
    """The failures of one cause."""

    failures: int = 0
    since: float = 0.0
    trips: int = 0
    opened: bool = False
    until: float = 0.0


@dataclass(slots=True, eq=False)
class Permit:
    """Leave to ask the provider once.

    `probe`: alone, to see whether it is well again. `at`: when it was given.
    """

    probe: bool
    at: float


@dataclass(slots=True)
class Circuit:
    """One provider's record. Closed: all may ask. Open: nobody. Half-open: one, as a probe.

    Not thread-safe; all times are the event loop's, in seconds.
    """

    name: str
    clock: Callable[[], float]
    trips: Mapping[ErrorCode, Trip] = field(default_factory=lambda: TRIPS)
    otherwise: Trip = OTHERWISE
    _records: dict[ErrorCode, _Record] = field(default_factory=dict)
    _probe: Permit | None = None
    _answered_at: float = 0.0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def seconds_left(self) -> float:
        """Until the next request may ask; 0 also while a probe is under way."""
        return max(0.0, *(each.until - self.clock() for each in self._records.values()), 0.0)

    def state(self) -> str:
        """`ready`, `cooling_down`, or `probing` where one request finds out."""
        if self.seconds_left():
            return "cooling_down"
        return "probing" if self._is_half_open() else "ready"

    def cause(self) -> ErrorCode | None:
        """Why it is put aside, None while it isn't."""
        opened = {code: each for code, each in self._records.items() if each.opened}
        return max(opened, key=lambda code: opened[code].until) if opened else None

    def refusal(self) -> AgentError:
        """The error of a request that isn't let through."""
        cause, wait = self.cause() or ErrorCode.UNAVAILABLE, self.seconds_left()
        return AgentError(cause, f"{self.name} is put aside after it failed before ({cause})",
                          retryable=cause in RETRYABLE_BY_DEFAULT,
                          retry_after_ms=max(int(wait * 1000), _SHORTEST_REFUSAL_MS))

    def admits(self) -> bool:
        return not self.seconds_left() and self._probe is None

    def enter(self) -> Permit | None:
        """Leave to ask now, or None. It has to be given back with `leave`."""
        if not self.admits():
            return None
        permit = Permit(self._is_half_open(), self.clock())
        if permit.probe:
            self._probe = permit
        return permit

    def leave(self, permit: Permit) -> None:
        """Gives a permit back; a probe that proved nothing makes room for the next."""
        if self._probe is permit:
            self._probe = None
            self._wake()

    async def wait(self, until: float) -> bool:
        """Waits until a request may ask; False if that isn't before `until`."""
        while not self.admits():
            left = self.seconds_left()
            ends = until if self._probe is not None and not left else min(
                until, self.clock() + left)
            if self.clock() + left > until or self.clock() >= until:
                return False
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(ends):
                    await self._changed.wait()
        return True

    def succeeded(self) -> None:
        if self._records:
            if self.cause() is not None:
                log.info("provider %s answers again", self.name)
            self._records.clear()
        self._answered_at = self.clock()
        self._probe = None
        self._wake()

    def failed(self, failure: AgentError, permit: Permit) -> None:
        """Counts a failure. What the request itself brought along isn't one.

        Nor is it one of a row if the provider has answered another request since this one was let
        through: of many requests those that hang are the last to fail, though all is well.
        """
        if failure.code in STAYS_WITH_THE_REQUEST or failure.code == ErrorCode.NO_MODEL:
            return
        record = self._records.setdefault(failure.code, _Record())
        trip = self.trips.get(failure.code, self.otherwise)
        now = self.clock()
        if trip.failures == 1 or permit.at >= self._answered_at:
            record.failures += 1
            record.since = record.since or now
        many = record.failures >= trip.failures and now - record.since >= trip.over
        own = min((failure.retry_after_ms or 0) / 1000, LONGEST_OWN_DELAY)
        pause = own
        # After a pause that only the provider asked for, a probe is a request like any other.
        again = permit.probe and any(each.trips for each in self._records.values())
        # Requests that were under way when it opened fail too; they don't make it longer.
        if now >= record.until and (again or many):
            pause = max(own, min(trip.pause * 2.0 ** min(record.trips, 16), trip.longest))
            record.trips += 1
        if pause and now + pause > record.until:
            record.opened = True
            if now >= record.until:
                log.warning("provider %s is put aside for %.3g s (%s, %d in a row)", self.name,
                            pause, failure.code, record.failures)
            record.until = now + pause
        self._wake()

    def _is_half_open(self) -> bool:
        return self.cause() is not None

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
