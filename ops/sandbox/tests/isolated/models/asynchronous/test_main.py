import asyncio
import time
import unittest
from unittest.mock import AsyncMock, MagicMock

import pytest

from main import Bus, Fetcher, Worker, never, page, read_line, retry, session, ticks, with_timeout


class FakeClient:
    def __init__(self, delay=0.0):
        self.delay = delay
        self.seen = []

    async def get(self, url):
        self.seen.append(url)
        await asyncio.sleep(self.delay)
        return f"body of {url}"


def test_fetch():
    client = FakeClient()
    assert asyncio.run(Fetcher(client).fetch("a")) == "body of a"
    assert client.seen == ["a"]


def test_fetch_with_mock():
    client = MagicMock()
    client.get = AsyncMock(return_value="x")

    async def go():
        return await Fetcher(client).fetch("u")

    assert asyncio.run(go()) == "x"
    client.get.assert_awaited_once_with("u")


def test_at_most_two_at_once():
    async def go():
        fetcher = Fetcher(FakeClient(0.005))
        found = await fetcher.all(["a", "b", "c"])
        return found, fetcher.peak

    found, peak = asyncio.run(go())
    assert found == ["body of a", "body of b", "body of c"]
    assert peak == 2


def test_retry():
    calls = []

    async def flaky():
        calls.append(1)
        if len(calls) < 3:
            raise ConnectionError("no")
        return "ok"

    assert asyncio.run(retry(flaky)) == "ok"
    assert len(calls) == 3


def test_retry_gives_up():
    operation = AsyncMock(side_effect=ConnectionError)
    with pytest.raises(ConnectionError):
        asyncio.run(retry(operation, 2))
    assert operation.await_count == 2


def test_timeout():
    assert asyncio.run(with_timeout(asyncio.sleep(5), 0.01)) is None


def test_timeout_of_the_test():
    async def go():
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(never(), 0.02)

    asyncio.run(go())


def test_in_time():
    async def quick():
        return 7

    assert asyncio.run(with_timeout(quick(), 1)) == 7


def test_bus():
    heard = []

    async def slow(value):
        await asyncio.sleep(0)
        heard.append(("slow", value))

    bus = Bus()
    bus.on("x", lambda value: heard.append(("now", value)))
    bus.on("x", slow)
    asyncio.run(bus.emit("x", 3))
    assert heard == [("now", 3), ("slow", 3)]


def test_worker():
    async def go():
        worker = Worker()
        worker.start()
        for i in range(3):
            await worker.queue.put(i)
        await worker.stop()
        return worker.done

    assert asyncio.run(go()) == [0, 1, 2]


def test_side_by_side():
    async def wait(seconds):
        return [i async for i in ticks(3, seconds)]

    async def go():
        started = time.monotonic()
        found = await asyncio.gather(wait(0.05), wait(0.05))
        return found, time.monotonic() - started

    found, seconds = asyncio.run(go())
    assert found == [[0, 1, 2], [0, 1, 2]]
    assert seconds < 5


def test_tasks():
    async def go():
        task = asyncio.create_task(never())
        await asyncio.sleep(0.01)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return task.cancelled()

    assert asyncio.run(go())


def test_session():
    async def go():
        async with session() as events:
            assert events == ["open"]
        return events

    assert asyncio.run(go()) == ["open", "closed"]


def test_reader():
    async def go():
        reader = asyncio.StreamReader()
        reader.feed_data(b"one\ntwo\n")
        reader.feed_eof()
        return await read_line(reader), await read_line(reader)

    assert asyncio.run(go()) == ("one", "two")


def test_page():
    response = MagicMock()
    response.status = 200
    response.text = AsyncMock(return_value="hi")
    http = MagicMock()
    http.get.return_value.__aenter__ = AsyncMock(return_value=response)
    http.get.return_value.__aexit__ = AsyncMock(return_value=None)
    assert asyncio.run(page(http, "u")) == (200, "hi")


def test_page_with_a_class():
    class Response:
        status = 201

        async def text(self):
            return "made"

        async def __aenter__(self):
            return self

        async def __aexit__(self, *args):
            return False

    class Http:
        def get(self, url):
            return Response()

    assert asyncio.run(page(Http(), "u")) == (201, "made")


class AsyncTests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.client = FakeClient()
        self.fetcher = Fetcher(self.client)

    async def test_fetch(self):
        self.assertEqual(await self.fetcher.fetch("z"), "body of z")

    async def test_ticks(self):
        self.assertEqual([i async for i in ticks(2)], [0, 1])
