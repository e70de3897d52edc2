from concurrent.futures import ThreadPoolExecutor

import pytest

from main import Decision, SlidingWindow, TokenBucket


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_burst_passes_and_then_the_bucket_is_empty(clock):
    bucket = TokenBucket(rate=2, burst=3, clock=clock)
    assert [bucket.check("a").remaining for _ in range(3)] == [2, 1, 0]
    assert bucket.check("a") == Decision(False, 0, 0.5)


def test_the_bucket_fills_with_time_but_not_above_its_burst(clock):
    bucket = TokenBucket(rate=2, burst=3, clock=clock)
    for _ in range(3):
        bucket.check("a")
    clock.now += 0.5
    assert bucket.check("a").allowed
    assert not bucket.check("a").allowed
    clock.now += 1000
    assert [bucket.check("a").allowed for _ in range(4)] == [True, True, True, False]


def test_a_refused_request_costs_nothing(clock):
    bucket = TokenBucket(rate=1, burst=1, clock=clock)
    bucket.check("a")
    for _ in range(100):
        assert not bucket.check("a").allowed
    clock.now += 1
    assert bucket.check("a").allowed


def test_waiting_exactly_as_told_is_enough(clock):
    bucket = TokenBucket(rate=4, burst=8, clock=clock)
    bucket.check("a", cost=8)
    clock.now += bucket.check("a", cost=4).retry_after
    assert bucket.check("a", cost=4).allowed


def test_a_clock_that_runs_backwards_gives_no_tokens(clock):
    bucket = TokenBucket(rate=1, burst=1, clock=clock)
    bucket.check("a")
    clock.now -= 100
    assert not bucket.check("a").allowed


def test_clients_are_independent_and_quiet_ones_are_forgotten(clock):
    bucket = TokenBucket(rate=1, burst=2, clock=clock)
    bucket.check("a", cost=2)
    assert bucket.check("b").allowed
    clock.now += 1
    assert bucket.purge() == 1
    assert len(bucket) == 1
    assert bucket.check("a").remaining == 0


def test_the_window_lets_its_limit_pass_and_slides(clock):
    window = SlidingWindow(limit=2, window=10, clock=clock)
    assert window.check("a") == Decision(True, 1)
    clock.now += 6
    assert window.check("a") == Decision(True, 0)
    assert window.check("a") == Decision(False, 0, 4.0)
    clock.now += 4
    assert window.check("a").allowed
    assert not window.check("a").allowed


def test_no_window_of_time_ever_sees_more_than_the_limit(clock):
    window = SlidingWindow(limit=5, window=10, clock=clock)
    passed = []
    for step in range(500):
        clock.now += 0.37 if step % 7 else 2.1
        if window.check("a").allowed:
            passed.append(clock.now)
    for start in passed:
        assert sum(start <= at < start + 10 for at in passed) <= 5


def test_the_window_forgets_quiet_clients(clock):
    window = SlidingWindow(limit=1, window=5, clock=clock)
    window.check("a")
    clock.now += 3
    window.check("b")
    clock.now += 2
    assert window.purge() == 1
    assert len(window) == 1


def test_settings_that_can_not_work_are_refused():
    for rate, burst in ((0, 1), (1, 0), (-1, 5)):
        with pytest.raises(ValueError):
            TokenBucket(rate, burst)
    for limit, window in ((0, 1), (1, 0)):
        with pytest.raises(ValueError):
            SlidingWindow(limit, window)
    with pytest.raises(ValueError):
        TokenBucket(1, 5).check("a", cost=6)


def test_many_threads_get_no_more_than_the_burst(clock):
    bucket = TokenBucket(rate=1, burst=50, clock=clock)
    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(lambda _: bucket.check("a").allowed, range(500)))
    assert sum(allowed) == 50
