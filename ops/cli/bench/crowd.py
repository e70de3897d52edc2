"""The clients of the chaos test: they submit, watch and cancel, and never give up."""

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import jobs, sse
from .wire import Api

_PATIENCE_SECONDS = 8.0
_WATCHERS = 48
_BURST_EVERY_SECONDS = 12.0
# Starting what was killed takes most of two cores. Clients that come however many wait already,
# and never give up, would in the end ask for more refusals than the rest can answer.
_MOST_UNACKNOWLEDGED = 240


@dataclass
class Order:
    """One job somebody wants: its key, and all that was ever answered about it."""

    key: str
    body: dict[str, Any]
    ids: list[str] = field(default_factory=list)
    accepted_at: float = 0.0
    cancelled: bool = False
    seen: list[int] = field(default_factory=list)
    watched: str = ""


class Crowd:
    """All clients of one run."""

    def __init__(self, apis: Sequence[Api], seed: int, limit: int, verify: bool) -> None:
        self.orders: list[Order] = []
        self.wrong: list[str] = []
        self.counts: Counter[str] = Counter()
        self.workers_seen: set[str] = set()
        self._apis = apis
        self._chance = random.Random(seed + 1)
        self._limit = limit
        self._bodies = bodies(verify)
        self._watching = asyncio.Semaphore(_WATCHERS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._unacknowledged = 0
        self.stopping = False

    async def submit(self, rate: float) -> None:
        """Orders at about this rate a second, until `stopping`."""
        burst_at = time.monotonic() + _BURST_EVERY_SECONDS
        while not self.stopping:
            await asyncio.sleep(self._chance.expovariate(rate))
            self._order(self._chance.choices([body for body, _ in self._bodies],
                                             [weight for _, weight in self._bodies])[0])
            if time.monotonic() > burst_at:
                burst_at = time.monotonic() + _BURST_EVERY_SECONDS
                for _ in range(self._limit + 20):
                    self._order(jobs.NO_OP)

    def _order(self, body: dict[str, Any]) -> None:
        if self._unacknowledged >= _MOST_UNACKNOWLEDGED:
            self.counts["clients that stayed away"] += 1
            return
        order = Order(str(uuid.UUID(int=self._chance.getrandbits(128))), body)
        self.orders.append(order)
        self._unacknowledged += 1
        self._task(self._serve(order))

    def _task(self, doing: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, order: Order) -> None:
        await self._place(order)
        if not order.ids:
            return  # refused, which is told already
        self._unacknowledged -= 1
        order.accepted_at = time.time()
        if self._chance.random() < 0.4:
            self._task(self._watch(order))
        if self._chance.random() < 0.12:
            await asyncio.sleep(self._chance.uniform(0, 4))
            await self._cancel(order)
        if self._chance.random() < 0.15:
            await asyncio.sleep(self._chance.uniform(0, 10))
            await self._place(order)

    async def _place(self, order: Order) -> None:
        """Submit until it is acknowledged, always with the same key."""
        pause = 0.2
        while True:
            try:
                answer = await self._api().call("POST", "/api/jobs", order.body,
                                                {"Idempotency-Key": order.key}, _PATIENCE_SECONDS)
            except OSError as failure:
                self.counts[f"submit: {type(failure).__name__}"] += 1
            else:
                self.counts[f"submit: {answer.status}"] += 1
                if answer.status == 202:
                    order.ids.append(str(answer.json()["id"]))
                    return
                if answer.status not in (429, 503):
                    self.wrong.append(f"{time.strftime('%H:%M:%S')} a submit was answered "
                                      f"{answer.status}: {answer.headers!r} {answer.body[:300]!r}")
                    if answer.status < 500:
                        return
            await asyncio.sleep(self._chance.uniform(pause / 2, pause))
            pause = min(3.0, pause * 1.6)

    async def _cancel(self, order: Order) -> None:
        try:
            answer = await self._api().call("POST", f"/api/jobs/{order.ids[0]}/cancel", None, {},
                                            _PATIENCE_SECONDS)
        except OSError:
            return
        self.counts[f"cancel: {answer.status}"] += 1
        if answer.status == 202:
            order.cancelled = True
        elif answer.status not in (409, 503):
            self.wrong.append(f"a cancel was answered {answer.status}: {answer.body[:300]!r}")

    async def _watch(self, order: Order) -> None:
        """Follow the log over whatever connections it takes; each event once, in order."""
        async with self._watching:
            while not order.watched:
                last = order.seen[-1] if order.seen else 0
                try:
                    async for seq, kind in sse.follow(self._api().port, order.ids[0], last):
                        order.seen.append(seq)
                        if kind in jobs.TERMINAL:
                            order.watched = kind
                except EOFError:
                    order.watched = order.watched or "204"
                except OSError as failure:
                    self.counts[f"watch: {type(failure).__name__}"] += 1
                    await asyncio.sleep(self._chance.uniform(0.1, 0.8))
                except ValueError as failure:
                    self.wrong.append(f"an event stream can't be read: {failure!r}")
                    return

    async def sample(self) -> None:
        """Look at the queue and the totals again and again, until cancelled."""
        totals: dict[int, int] = {}
        while True:
            await asyncio.sleep(0.25)
            api = self._api()
            try:
                metrics = (await api.call("GET", "/api/metrics", seconds=3)).json()
                servers = (await api.call("GET", "/dashboard/api/servers", seconds=3)).json()
            except (OSError, ValueError):
                continue
            if isinstance(servers, list):
                self.workers_seen |= {str(each["id"]) for each in servers if "id" in each}
            if "queue_size" not in metrics:
                continue
            if metrics["queue_size"] > self._limit:
                self.wrong.append(f"the queue held {metrics['queue_size']} jobs, its limit is "
                                  f"{self._limit}")
            if metrics["total_requests"] < totals.get(api.port, 0):
                self.wrong.append(f"total_requests fell from {totals[api.port]} to "
                                  f"{metrics['total_requests']}")
            totals[api.port] = metrics["total_requests"]
            self.counts["queue seen full"] += metrics["queue_size"] >= self._limit

    def _api(self) -> Api:
        return self._chance.choice(self._apis)

    async def settle(self, seconds: float) -> None:
        """Wait until every client has what it wanted, bounded."""
        until = time.monotonic() + seconds
        while self._tasks and time.monotonic() < until:
            await asyncio.wait(self._tasks, timeout=max(0.1, until - time.monotonic()),
                               return_when=asyncio.ALL_COMPLETED)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def bodies(verify: bool) -> list[tuple[dict[str, Any], float]]:
    """What is submitted, and how often."""
    found: list[tuple[dict[str, Any], float]] = [
        (jobs.NO_OP, 5.0),
        ({"prompt": "Write an LRU cache", "pipeline": ["spec", "code", "docs"]}, 3.0),
        ({"prompt": "Build a rate limiter", "pipeline": ["code"], "priority": "high"}, 1.0),
        ({"prompt": "Write a prime sieve", "pipeline": ["spec"], "priority": "low"}, 1.0)]
    if verify:
        found += [
            ({"prompt": "Write an LRU cache"}, 0.7),
            ({"prompt": "Write a Roman numeral converter that needs a repair",
              "pipeline": ["code", "verify"]}, 0.5)]
    return found
