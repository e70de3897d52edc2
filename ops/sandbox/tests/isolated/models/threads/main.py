import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor


class Counter:
    def __init__(self):
        self.value = 0
        self._lock = threading.Lock()

    def increment(self):
        with self._lock:
            self.value += 1


class Pool:
    def __init__(self, size):
        self.queue = queue.Queue()
        self.results = []
        self.threads = [threading.Thread(target=self._work, daemon=True) for _ in range(size)]
        for thread in self.threads:
            thread.start()

    def _work(self):
        while True:
            function, args = self.queue.get()
            try:
                if function is None:
                    return
                self.results.append(function(*args))
            finally:
                self.queue.task_done()

    def submit(self, function, *args):
        self.queue.put((function, args))

    def close(self):
        for _ in self.threads:
            self.queue.put((None, ()))
        for thread in self.threads:
            thread.join()


def parallel(function, items):
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(function, items))


class Debounce:
    def __init__(self, function, seconds):
        self.function, self.seconds, self.timer = function, seconds, None

    def __call__(self, *args):
        if self.timer:
            self.timer.cancel()
        self.timer = threading.Timer(self.seconds, self.function, args)
        self.timer.start()


class Ticker:
    def __init__(self):
        self.count = 0
        self._stop = threading.Event()

    def start(self):
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while not self._stop.wait(0.001):
            self.count += 1

    def stop(self):
        self._stop.set()
        self.thread.join()


class RateLimiter:
    def __init__(self, rate, clock=time.monotonic):
        self.rate, self.clock, self.last = rate, clock, None

    def allow(self):
        now = self.clock()
        if self.last is not None and now - self.last < 1 / self.rate:
            return False
        self.last = now
        return True
