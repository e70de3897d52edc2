import threading
import time
from concurrent.futures import ThreadPoolExecutor

from main import Counter, Debounce, Pool, RateLimiter, Ticker, parallel


def test_counter():
    counter = Counter()
    threads = [threading.Thread(target=counter.increment) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.value == 10


def test_counter_in_a_pool():
    counter = Counter()
    with ThreadPoolExecutor(4) as pool:
        for _ in range(50):
            pool.submit(counter.increment)
    assert counter.value == 50


def test_pool_of_functions():
    pool = Pool(2)
    for i in range(5):
        pool.submit(pow, i, 2)
    pool.close()
    assert sorted(pool.results) == [0, 1, 4, 9, 16]


def test_pool_of_functions_of_the_test():
    def square(n):
        return n * n

    pool = Pool(2)
    for i in range(5):
        pool.submit(square, i)
    pool.close()
    assert sorted(pool.results) == [0, 1, 4, 9, 16]


def test_parallel():
    assert parallel(lambda n: n + 1, range(20)) == list(range(1, 21))


def test_parallel_in_threads():
    seen = set()

    def note(n):
        seen.add(threading.current_thread().name)
        return n

    assert parallel(note, [1, 2, 3]) == [1, 2, 3]
    assert seen


def test_debounce():
    called = []
    event = threading.Event()

    def done(value):
        called.append(value)
        event.set()

    debounced = Debounce(done, 1.0)
    debounced(1)
    debounced(2)
    assert event.wait(5)
    assert called == [2]


def test_ticker():
    ticker = Ticker()
    ticker.start()
    until = time.monotonic() + 5
    while ticker.count < 3 and time.monotonic() < until:
        time.sleep(0.002)
    ticker.stop()
    assert ticker.count >= 3


def test_rate():
    now = [0.0]
    limiter = RateLimiter(2, lambda: now[0])
    assert limiter.allow()
    assert not limiter.allow()
    now[0] = 0.5
    assert limiter.allow()
