"""Rate limiters: a token bucket and an exact sliding window."""

import threading
import time
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Decision:
    """`remaining`: how many more would pass now; `retry_after`: seconds until one passes."""

    allowed: bool
    remaining: int
    retry_after: float = 0.0


class TokenBucket:
    """Lets bursts of `burst` pass, then `rate` a second. Safe to use from several threads."""

    def __init__(self, rate, burst, clock=time.monotonic):
        if rate <= 0 or burst <= 0:
            raise ValueError("rate and burst must be above 0")
        self.rate = rate
        self.burst = burst
        self._clock = clock
        self._buckets = {}  # key -> (tokens, when that was so)
        self._lock = threading.Lock()

    def check(self, key, cost=1):
        """Takes `cost` tokens if there are as many. Raises ValueError for an impossible cost."""
        if not 0 < cost <= self.burst:
            raise ValueError(f"cost must be above 0 and at most {self.burst}")
        with self._lock:
            now = self._clock()
            tokens = self._tokens(key, now)
            if tokens < cost:
                return Decision(False, int(tokens), (cost - tokens) / self.rate)
            self._buckets[key] = (tokens - cost, now)
            return Decision(True, int(tokens - cost))

    def purge(self):
        """Forgets the clients whose bucket is full again; returns how many."""
        with self._lock:
            now = self._clock()
            full = [key for key in self._buckets if self._tokens(key, now) >= self.burst]
            for key in full:
                del self._buckets[key]
            return len(full)

    def __len__(self):
        return len(self._buckets)

    def _tokens(self, key, now):
        before, since = self._buckets.get(key, (self.burst, now))
        tokens = min(self.burst, before + max(0.0, now - since) * self.rate)
        return tokens


class SlidingWindow:
    """Lets `limit` requests pass in any `window` seconds. Safe to use from several threads."""

    def __init__(self, limit, window, clock=time.monotonic):
        if limit < 1 or window <= 0:
            raise ValueError("limit must be at least 1 and window above 0")
        self._limit = limit
        self._window = window
        self._clock = clock
        self._passed = {}  # key -> times of the requests let pass
        self._lock = threading.Lock()

    def check(self, key):
        with self._lock:
            now = self._clock()
            times = self._recent(key, now)
            if len(times) >= self._limit:
                return Decision(False, 0, times[0] + self._window - now)
            times.append(now)
            self._passed[key] = times
            return Decision(True, self._limit - len(times))

    def purge(self):
        """Forgets the clients without a request in the window; returns how many."""
        with self._lock:
            now = self._clock()
            quiet = [key for key in self._passed if not self._recent(key, now)]
            for key in quiet:
                del self._passed[key]
            return len(quiet)

    def __len__(self):
        return len(self._passed)

    def _recent(self, key, now):
        times = self._passed.get(key, deque())
        while times and times[0] <= now - self._window:
            times.popleft()
        return times


def main():
    limiter = TokenBucket(rate=2, burst=3)
    for number in range(1, 6):
        decision = limiter.check("demo")
        what = "passes" if decision.allowed else f"waits {decision.retry_after:.2f} s"
        print(f"request {number}: {what}")


if __name__ == "__main__":
    main()
