"""A cache that drops what was used longest ago, with optional expiry."""

import heapq
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True)
class Stats:
    hits: int = 0
    misses: int = 0
    evictions: int = 0
    expirations: int = 0


class LruCache:
    """Holds at most `capacity` entries. Safe to use from several threads.

    `clock` gives the time in seconds; entries put with a `ttl` expire that long after.
    """

    def __init__(self, capacity, clock=time.monotonic):
        if capacity < 1:
            raise ValueError("capacity must be at least 1")
        self._capacity = capacity
        self._clock = clock
        self._entries = OrderedDict()  # key -> (value, expires at or None), oldest use first
        self._expiries = []  # heap of (expires at, turn, key); may be out of date
        self._turn = 0
        self._lock = threading.RLock()
        self._counts = {"hits": 0, "misses": 0, "evictions": 0, "expirations": 0}

    def get(self, key, default=None):
        """The value of a key, which counts as use, or the default."""
        with self._lock:
            if not self._alive(key):
                self._counts["misses"] += 1
                return default
            self._counts["hits"] += 1
            self._entries.move_to_end(key)
            return self._entries[key][0]

    def peek(self, key, default=None):
        """The value of a key without counting as use."""
        with self._lock:
            return self._entries[key][0] if self._alive(key) else default

    def put(self, key, value, ttl=None):
        """Stores a value; `ttl` in seconds. Raises ValueError for a ttl of 0 or less."""
        if ttl is not None and ttl <= 0:
            raise ValueError("ttl must be above 0")
        with self._lock:
            expires_at = None if ttl is None else self._clock() + ttl
            self._entries[key] = (value, expires_at)
            self._entries.move_to_end(key)
            if expires_at is not None:
                self._turn += 1
                heapq.heappush(self._expiries, (expires_at, self._turn, key))
            self._make_room()

    def delete(self, key):
        with self._lock:
            return self._entries.pop(key, None) is not None

    def stats(self):
        with self._lock:
            return Stats(**self._counts)

    def keys(self):
        """The living keys, the one used longest ago first."""
        with self._lock:
            return [key for key in list(self._entries) if self._alive(key)]

    def __len__(self):
        return len(self.keys())

    def __contains__(self, key):
        with self._lock:
            return self._alive(key)

    def _alive(self, key):
        """Whether a key has a value now; an expired one is removed on the way."""
        entry = self._entries.get(key)
        if entry is None:
            return False
        if entry[1] is not None and self._clock() >= entry[1]:
            del self._entries[key]
            self._counts["expirations"] += 1
            return False
        return True

    def _make_room(self):
        """Expired entries go first, then the one used longest ago."""
        while self._expiries and self._expiries[0][0] <= self._clock():
            self._alive(heapq.heappop(self._expiries)[2])
        if len(self._entries) > self._capacity:
            self._entries.popitem(last=False)
            self._counts["evictions"] += 1


def main():
    cache = LruCache(capacity=2)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.get("a")
    cache.put("c", 3)
    print("kept:", cache.keys())
    print("b:", cache.get("b", "gone"))
    print(cache.stats())


if __name__ == "__main__":
    main()
