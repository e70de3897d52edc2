from concurrent.futures import ThreadPoolExecutor

import pytest

from main import LruCache, Stats


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_what_was_used_longest_ago_goes_first():
    cache = LruCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert cache.keys() == ["a", "c"]
    assert cache.get("b", "gone") == "gone"


def test_replacing_counts_as_use_and_takes_no_room():
    cache = LruCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.put("a", 10)
    assert len(cache) == 2
    cache.put("c", 3)
    assert cache.peek("a") == 10
    assert "b" not in cache


def test_peeking_does_not_count_as_use():
    cache = LruCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.peek("a") == 1
    cache.put("c", 3)
    assert "a" not in cache


def test_an_entry_expires_exactly_after_its_time_to_live():
    clock = Clock()
    cache = LruCache(2, clock)
    cache.put("a", 1, ttl=10)
    clock.now += 9.9
    assert cache.get("a") == 1
    clock.now += 0.1
    assert cache.get("a") is None
    assert cache.stats().expirations == 1


def test_expired_entries_go_before_living_ones():
    clock = Clock()
    cache = LruCache(2, clock)
    cache.put("old", 1)
    cache.put("short", 2, ttl=1)
    clock.now += 5
    cache.put("new", 3)
    assert cache.keys() == ["old", "new"]
    assert cache.stats().evictions == 0


def test_a_stored_none_is_a_hit():
    cache = LruCache(1)
    cache.put("a", None)
    assert cache.get("a", "default") is None
    assert cache.stats() == Stats(hits=1)


def test_deleting_says_whether_there_was_something():
    cache = LruCache(1)
    cache.put("a", 1)
    assert cache.delete("a") is True
    assert cache.delete("a") is False


@pytest.mark.parametrize("capacity", [0, -1])
def test_a_capacity_below_one_is_refused(capacity):
    with pytest.raises(ValueError):
        LruCache(capacity)


def test_a_time_to_live_of_zero_is_refused():
    with pytest.raises(ValueError):
        LruCache(1).put("a", 1, ttl=0)


def test_many_threads_never_exceed_the_capacity():
    cache = LruCache(10)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: cache.put(number % 50, number), range(2000)))
    assert len(cache) == 10
