"""Which provider answers: in order, with deadlines, retries and cool-downs.

A request goes to the first choice that isn't put aside. Before the first chunk, an attempt that
failed is tried again there, then at the next choice. After the first chunk nothing is tried again:
the client has seen it.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from .catalogue import Catalogue
from .circuit import OTHERWISE, STAYS_WITH_THE_REQUEST, TRIPS, Circuit, Permit, Trip
from .config import Deadlines, Route
from .messages import AgentError, Completion, ErrorCode, Request, RequestType
from .pricing import PriceTable
from .providers.base import (
    Finished,
    Progress,
    Provider,
    ProviderEvent,
    ReasoningDelta,
    TextDelta,
    UsageSoFar,
)
from .tally import Tally
from .traces import Traces

log = logging.getLogger(__name__)

_CANCELS = 25
_CANCEL_SECONDS = 0.2
_READ_ON_SECONDS = 1.0
_AHEAD = 32
"""Events that a provider may be ahead of the client: enough to hand them over in batches."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Attempts at one provider, and the seconds between and after them.

    The delay before attempt n+1 is drawn from 0 to base · 2^(n−1) (full jitter), at most
    `highest`, and comes on top of the provider's own. A provider that wants more than
    `longest_wait` isn't waited for. `trips` and `otherwise`: see `circuit`.
    """

    attempts: int = 3
    base: float = 0.5
    highest: float = 8
    longest_wait: float = 15
    trips: Mapping[ErrorCode, Trip] = field(default_factory=lambda: TRIPS)
    otherwise: Trip = OTHERWISE


@dataclass(slots=True, eq=False)
class _Choice:
    """A model at a provider, as one request sees it."""

    provider: Provider
    model: str
    circuit: Circuit
    attempts: int = 0
    not_before: float = 0.0


class Router:
    """Streams one request's answer: deltas, then one `Completion`."""

    def __init__(
        self,
        providers: Sequence[Provider],
        deadlines: Deadlines,
        prices: PriceTable,
        *,
        routes: Mapping[RequestType, tuple[Route, ...]] | None = None,
        policy: RetryPolicy = RetryPolicy(),
        chance: Callable[[], float] = random.random,
        traces: Traces | None = None,
    ) -> None:
        self._providers = providers
        self._catalogue = Catalogue(providers, prices, routes)
        self._circuits = {each: Circuit(each.name, _now, policy.trips, policy.otherwise)
                          for each in providers}
        self._deadlines = deadlines
        self._prices = prices
        self._policy = policy
        self._chance = chance
        self._traces = traces or Traces()

    def health(self) -> tuple[dict[str, Any], ...]:
        """Each provider's name, state and models; while it is put aside why and how long."""
        return tuple(self._health(each, self._circuits[each]) for each in self._providers)

    def _health(self, provider: Provider, circuit: Circuit) -> dict[str, Any]:
        found: dict[str, Any] = {"name": provider.name, "state": circuit.state(),
                                 "models": list(provider.models)}
        if (cause := circuit.cause()) is not None:
            found |= {"cause": str(cause), "retry_after_ms": int(circuit.seconds_left() * 1000)}
        return {**found, "model_details": self._catalogue.models_of(provider)}

    async def close(self) -> None:
        for provider in self._providers:
            await provider.close()

    @property
    def total_seconds(self) -> float:
        """What a request may take in all."""
        return self._deadlines.total

    def tally(self) -> Tally:
        """A count for one request, to be given to `stream`."""
        return Tally(self._prices)

    async def stream(
        self, request: Request, tally: Tally
    ) -> AsyncGenerator[TextDelta | ReasoningDelta | Completion, None]:
        """The answer's deltas (never empty), then its `Completion`. Raises `AgentError`."""
        ends_at = _now() + self._deadlines.total
        choices = [_Choice(provider, model, self._circuits[provider])
                   for provider, model in self._catalogue.choices(request)]
        failures: list[AgentError] = []
        while choices and _now() < ends_at:
            choice = await self._next_choice(choices, ends_at)
            if choice is None:
                failures += [each.circuit.refusal() for each in choices]
                break
            permit = choice.circuit.enter()
            if permit is None:
                continue
            try:
                with self._traces.call(request, choice.provider.name, choice.model) as span:
                    async with aclosing(self._attempt(choice, permit, request, tally, ends_at)
                                        ) as answer:
                        async for event in answer:
                            if isinstance(event, Completion):
                                span.answered(event)
                            yield event
                return
            except AgentError as failure:
                choice.circuit.failed(failure, permit)
                if tally.spoke or failure.code in STAYS_WITH_THE_REQUEST:
                    raise
                failures.append(failure)
            finally:
                choice.circuit.leave(permit)
            if not self._again(choice, failures[-1], request):
                choices.remove(choice)
        raise _worst_kept_open(failures)

    async def _next_choice(self, choices: Sequence[_Choice], ends_at: float) -> _Choice | None:
        """The first choice that may be asked, once it is time to; None if none will be soon."""
        choice = next((each for each in choices if each.circuit.admits()), None)
        if choice is None:
            choice = min(choices, key=lambda each: each.circuit.seconds_left())
            # While another request finds out whether it is well again, that one's patience counts.
            patience = (self._policy.longest_wait if choice.circuit.seconds_left()
                        else self._deadlines.first_chunk)
            if not await choice.circuit.wait(min(ends_at, _now() + patience)):
                return None
        pause = min(choice.not_before, ends_at) - _now()
        if pause > 0:
            await asyncio.sleep(pause)
        return choice

    def _again(self, choice: _Choice, failure: AgentError, request: Request) -> bool:
        """Whether the choice is asked again, and from when on."""
        choice.attempts += 1
        own = (failure.retry_after_ms or 0) / 1000
        if (not failure.retryable or choice.attempts >= self._policy.attempts
                or own > self._policy.longest_wait):
            return False
        span = min(self._policy.base * 2.0 ** (choice.attempts - 1), self._policy.highest)
        delay = own + self._chance() * span
        choice.not_before = _now() + delay
        log.info("request %s: attempt %d at %s failed (%s), next one there not before %.1f s",
                 request.request_id, choice.attempts, choice.provider.name, failure.code, delay)
        return True

    async def _attempt(
        self, choice: _Choice, permit: Permit, request: Request, tally: Tally, ends_at: float
    ) -> AsyncGenerator[TextDelta | ReasoningDelta | Completion, None]:
        provider = choice.provider
        tally.begin(provider, choice.model)
        wait, what = self._deadlines.first_chunk, "first text"
        said = False
        async with _events_of(provider, replace(request, model=choice.model)) as events:
            deadline = min(_now() + wait, ends_at)
            while True:
                event = await _next(events, deadline, "answer" if deadline == ends_at else what)
                match event:
                    case Finished() if not said:
                        raise AgentError(ErrorCode.INTERNAL, f"{provider.name} ended its answer "
                                         f"without a text ({event.finish_reason})",
                                         retryable=event.finish_reason != "length")
                    case Finished():
                        yield tally.completion(provider, event)
                        return
                    case UsageSoFar():
                        tally.take(event)
                        continue
                    case TextDelta(text) | ReasoningDelta(text) if text:
                        if not tally.spoke:
                            choice.circuit.succeeded()
                        said = said or isinstance(event, TextDelta)
                        tally.take(event)
                        yield event
                        wait, what = self._deadlines.idle, "next text"
                    case Progress() | TextDelta() | ReasoningDelta():
                        pass
                deadline = min(_now() + wait, ends_at)


# The event loop's own clock, without asking each time which loop runs: that was a twelfth of what a
# chunk costs.
_now = time.monotonic


_Queue = asyncio.Queue[ProviderEvent | Exception]
_Events = _Queue | AsyncGenerator[ProviderEvent, None]


@asynccontextmanager
async def _events_of(provider: Provider, request: Request) -> AsyncGenerator[_Events, None]:
    """A provider's call; it ends with the context."""
    if provider.in_process:
        async with aclosing(provider.stream(request)) as events:
            yield events
    else:
        async with _in_a_task_of_its_own(provider, request) as queue:
            yield queue


@asynccontextmanager
async def _in_a_task_of_its_own(
    provider: Provider, request: Request
) -> AsyncGenerator[_Queue, None]:
    """Runs a provider's call in a task of its own, `_AHEAD` events ahead at most.

    Not in the caller's: what an HTTP library does to the task it runs in would reach our
    deadlines. anyio 3 leaves a cancellation counted on it after each connection it opens, and
    `asyncio.timeout` there then lets a bare CancelledError out (seen with Debian 12's).
    """
    queue: _Queue = asyncio.Queue(maxsize=_AHEAD)
    complete = left = False

    async def pump() -> None:
        nonlocal complete
        try:
            async with aclosing(provider.stream(request)) as events:
                async for event in events:
                    await queue.put(event)
                    complete = isinstance(event, Finished)
                    if left and not complete:
                        return
            if not complete:
                await queue.put(AgentError(ErrorCode.UNAVAILABLE,
                                           "the provider's answer was cut off"))
        except Exception as problem:
            if not (complete or left):
                await queue.put(problem)

    task = asyncio.create_task(pump())
    try:
        yield queue
    finally:
        left = True
        if not complete:
            await _stop(task, queue)
        elif not task.done():
            # Its connection can serve the next request once the response is read to its end. The
            # client doesn't wait for that; the loop's timer holds the task.
            asyncio.create_task(_read_on(task, queue))


async def _read_on(task: asyncio.Task[None], queue: _Queue) -> None:
    if not (await asyncio.wait({task}, timeout=_READ_ON_SECONDS))[0]:
        await _stop(task, queue)


async def _stop(task: asyncio.Task[None], queue: _Queue) -> None:
    """Ends a provider's call whose answer nobody wants any more.

    anyio 3 loses a cancellation now and then, and the call goes on. So it is cancelled again, and
    never waits for room in the queue, which nobody empties now.
    """
    for _ in range(_CANCELS):
        while not queue.empty():
            queue.get_nowait()
        task.cancel()
        if (await asyncio.wait({task}, timeout=_CANCEL_SECONDS))[0]:
            return
    log.error("a provider's call can't be stopped")


async def _next(events: _Events, limit: float, what: str) -> ProviderEvent:
    try:
        if not isinstance(events, asyncio.Queue):
            if _now() >= limit:
                raise TimeoutError
            return await anext(events)
        if not events.empty() and _now() < limit:
            event = events.get_nowait()
        else:
            async with asyncio.timeout_at(limit):
                event = await events.get()
    except TimeoutError:
        raise AgentError(ErrorCode.TIMEOUT, f"the provider's {what} took too long") from None
    if isinstance(event, Exception):
        raise event
    return event


def _worst_kept_open(failures: Sequence[AgentError]) -> AgentError:
    """The failure to report: one that is worth another try, else the first provider's."""
    if not failures:
        return AgentError(ErrorCode.TIMEOUT, "the answer took too long")
    return next((failure for failure in failures if failure.retryable), failures[0])
