import asyncio
import contextlib


class Fetcher:
    def __init__(self, client, limit=2):
        self.client = client
        self.limit = asyncio.Semaphore(limit)
        self.active = 0
        self.peak = 0

    async def fetch(self, url):
        async with self.limit:
            self.active += 1
            self.peak = max(self.peak, self.active)
            try:
                return await self.client.get(url)
            finally:
                self.active -= 1

    async def all(self, urls):
        return await asyncio.gather(*(self.fetch(url) for url in urls))


async def retry(operation, times=3):
    for attempt in range(times):
        try:
            return await operation()
        except ConnectionError:
            if attempt == times - 1:
                raise
            await asyncio.sleep(0.001)


async def with_timeout(work, seconds):
    try:
        return await asyncio.wait_for(work, seconds)
    except asyncio.TimeoutError:
        return None


class Bus:
    def __init__(self):
        self.handlers = {}

    def on(self, event, handler):
        self.handlers.setdefault(event, []).append(handler)

    async def emit(self, event, *args):
        for handler in self.handlers.get(event, []):
            found = handler(*args)
            if asyncio.iscoroutine(found):
                await found


class Worker:
    def __init__(self):
        self.queue = asyncio.Queue()
        self.done = []
        self._task = None

    def start(self):
        self._task = asyncio.create_task(self._run())

    async def _run(self):
        while True:
            item = await self.queue.get()
            await asyncio.sleep(0)
            self.done.append(item)
            self.queue.task_done()

    async def stop(self):
        await self.queue.join()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


async def ticks(count, delay=0):
    for i in range(count):
        await asyncio.sleep(delay)
        yield i


@contextlib.asynccontextmanager
async def session():
    events = ["open"]
    try:
        yield events
    finally:
        events.append("closed")


async def never():
    await asyncio.Event().wait()


async def read_line(reader):
    return (await reader.readline()).decode().strip()


async def page(http, url):
    async with http.get(url) as response:
        return response.status, await response.text()
