"""Which provider answers: in order, with deadlines, retries and cool-downs.

A request goes to the first provider that serves its model and isn't cooling down. Before the
first text, an attempt that failed is tried again there, then at the next provider. After the
first text nothing is tried again: the client has seen it.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from .config import Deadlines
from .messages import AgentError, Completion, ErrorCode, Request
from .pricing import PriceTable
from .providers.base import Finished, Provider, ProviderEvent, TextDelta

log = logging.getLogger(__name__)

_CLOSE_SECONDS = 5.0

STAYS_WITH_THE_REQUEST = frozenset({
    ErrorCode.INVALID_REQUEST, ErrorCode.CONTEXT_LENGTH, ErrorCode.CONTENT_FILTER,
    ErrorCode.CANCELLED,
})
"""Failures that the request brings along: no other provider is asked, none cools down."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Attempts at one provider, and the seconds between and after them.

    The delay before attempt n+1 is drawn from 0 to base · 2^(n−1) (full jitter), but never
    shorter than the provider's own. A provider that wants more than `longest_wait` isn't waited
    for. `failures_to_cool` failed attempts in a row put it aside for `cool_down`, doubled each
    time it fails again, up to `longest_cool_down`.
    """

    attempts: int = 3
    base: float = 0.5
    highest: float = 8
    longest_wait: float = 15
    failures_to_cool: int = 5
    cool_down: float = 30
    longest_cool_down: float = 300


class Station:
    """One provider with its record of failures."""

    def __init__(self, provider: Provider, policy: RetryPolicy) -> None:
        self.provider = provider
        self._policy = policy
        self._failures = 0
        self._cools_until = 0.0

    def cooling_seconds(self, now: float) -> float:
        return max(0.0, self._cools_until - now)

    def succeeded(self) -> None:
        self._failures = 0
        self._cools_until = 0.0

    def failed(self, failure: AgentError, now: float) -> None:
        if failure.code in STAYS_WITH_THE_REQUEST or failure.code == ErrorCode.NO_MODEL:
            return
        self._failures += 1
        extra = self._failures - self._policy.failures_to_cool
        pause = 0.0
        if extra >= 0:
            pause = min(self._policy.cool_down * 2 ** min(extra, 16),
                        self._policy.longest_cool_down)
        own = (failure.retry_after_ms or 0) / 1000
        if own > self._policy.longest_wait:
            pause = max(pause, min(own, self._policy.longest_cool_down))
        if pause:
            self._cools_until = max(self._cools_until, now + pause)
            log.warning("provider %s is put aside for %.0f s after %d failed attempts in a row",
                        self.provider.name, pause, self._failures)


class Router:
    """Streams one request's answer: `str` deltas, then one `Completion`."""

    def __init__(
        self,
        providers: Sequence[Provider],
        deadlines: Deadlines,
        prices: PriceTable,
        *,
        policy: RetryPolicy = RetryPolicy(),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._stations = [Station(provider, policy) for provider in providers]
        self._deadlines = deadlines
        self._prices = prices
        self._policy = policy
        self._chance = chance

    def health(self) -> tuple[dict[str, Any], ...]:
        """Each provider's name, state (`ready` or `cooling_down`) and models."""
        now = asyncio.get_running_loop().time()
        return tuple(
            {"name": station.provider.name,
             "state": "cooling_down" if station.cooling_seconds(now) else "ready",
             "models": list(station.provider.models)}
            for station in self._stations
        )

    async def close(self) -> None:
        for station in self._stations:
            await station.provider.close()

    async def stream(self, request: Request) -> AsyncGenerator[str | Completion, None]:
        """The answer's deltas (never empty), then its `Completion`. Raises `AgentError`."""
        now = asyncio.get_running_loop().time
        ends_at = now() + self._deadlines.total
        failures: list[AgentError] = []
        for station in self._candidates(request, now()):
            for attempt in range(1, self._policy.attempts + 1):
                spoke = False
                try:
                    async with aclosing(self._attempt(station, request, ends_at)) as answer:
                        async for event in answer:
                            spoke = True
                            yield event
                    station.succeeded()
                    return
                except AgentError as failure:
                    station.failed(failure, now())
                    if spoke or failure.code in STAYS_WITH_THE_REQUEST:
                        raise
                    failures.append(failure)
                delay = self._delay(failures[-1], attempt)
                if delay is None or now() + delay >= ends_at or station.cooling_seconds(now()):
                    break
                log.info("request %s: attempt %d at %s failed (%s), next one in %.1f s",
                         request.request_id, attempt, station.provider.name,
                         failures[-1].code, delay)
                await asyncio.sleep(delay)
            if now() >= ends_at:
                break
        raise _worst_kept_open(failures)

    def _candidates(self, request: Request, now: float) -> list[Station]:
        """The stations to ask, in order; one that never stands in is asked first or not."""
        if not self._stations:
            raise AgentError(ErrorCode.NO_PROVIDER, "no model provider is set up: set "
                             "OPENAI_API_KEY, or OPENAI_BASE_URL for a local server, or "
                             "ATOMIC_LLM_PROVIDERS=offline")
        serving = self._stations
        if request.model is not None:
            model = request.model
            serving = ([s for s in serving if model in s.provider.models]
                       or [s for s in serving if s.provider.serves(model)])
        if not serving:
            raise AgentError(ErrorCode.NO_MODEL, "no provider that is set up has the model asked "
                             "for; they have " + ", ".join(self._models()))
        serving = [s for i, s in enumerate(serving) if i == 0 or s.provider.stands_in]
        ready = [s for s in serving if not s.cooling_seconds(now)]
        if not ready:
            wait = min(s.cooling_seconds(now) for s in serving)
            raise AgentError(ErrorCode.UNAVAILABLE, "every provider for this request is put "
                             "aside after repeated failures", retry_after_ms=int(wait * 1000) + 1)
        return ready

    def _models(self) -> list[str]:
        return [model for station in self._stations for model in station.provider.models]

    def _delay(self, failure: AgentError, attempt: int) -> float | None:
        """Seconds before the next attempt at this provider, or None for no further one."""
        if not failure.retryable or attempt >= self._policy.attempts:
            return None
        own = (failure.retry_after_ms or 0) / 1000
        if own > self._policy.longest_wait:
            return None
        span = min(self._policy.base * 2.0 ** (attempt - 1), self._policy.highest)
        return own + self._chance() * span

    async def _attempt(
        self, station: Station, request: Request, ends_at: float
    ) -> AsyncGenerator[str | Completion, None]:
        provider = station.provider
        loop = asyncio.get_running_loop()
        wait, what = self._deadlines.first_chunk, "first text"
        spoke = False
        async with _in_a_task_of_its_own(provider, request) as events:
            while True:
                limit = min(loop.time() + wait, ends_at)
                event = await _next(events, limit, "answer" if limit == ends_at else what)
                match event:
                    case Finished() if not spoke:
                        raise AgentError(ErrorCode.INTERNAL, f"{provider.name} ended its answer "
                                         f"without a text ({event.finish_reason})",
                                         retryable=event.finish_reason != "length")
                    case Finished():
                        yield self._completion(provider, event)
                        return
                    case TextDelta(text) if text:
                        spoke = True
                        yield text
                wait, what = self._deadlines.idle, "next text"

    def _completion(self, provider: Provider, end: Finished) -> Completion:
        usage = end.usage
        cost = (self._prices.cost_usd(provider.name, end.model, usage)
                if provider.priced else None)
        return Completion(end.model, provider.name, usage.input_tokens, usage.output_tokens,
                          usage.estimated, cost, end.finish_reason)


@asynccontextmanager
async def _in_a_task_of_its_own(
    provider: Provider, request: Request
) -> AsyncGenerator["asyncio.Queue[ProviderEvent | Exception]", None]:
    """Runs a provider's call in a task of its own, one event ahead at most.

    Not in the caller's: what an HTTP library does to the task it runs in would reach our
    deadlines. anyio 3 leaves a cancellation counted on it after each connection it opens, and
    `asyncio.timeout` there then lets a bare CancelledError out (seen with Debian 12's).
    """
    queue: asyncio.Queue[ProviderEvent | Exception] = asyncio.Queue(maxsize=1)

    async def pump() -> None:
        try:
            async with aclosing(provider.stream(request)) as events:
                async for event in events:
                    await queue.put(event)
            await queue.put(AgentError(ErrorCode.UNAVAILABLE,
                                       "the provider's answer was cut off"))
        except Exception as problem:
            await queue.put(problem)

    task = asyncio.create_task(pump())
    try:
        yield queue
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=_CLOSE_SECONDS)


async def _next(
    events: "asyncio.Queue[ProviderEvent | Exception]", limit: float, what: str
) -> ProviderEvent:
    try:
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
