"""The program's event loop, which runs while the judge awaits something of the program's."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from .threads import in_thread

_ENDING = 1.0
_running, _set_running = asyncio._get_running_loop, asyncio._set_running_loop


class Loop:
    """One at a time: when the judge's loop is another, so is this."""

    def __init__(self, request: Callable[..., Any]) -> None:
        self._request = request
        self._loop: asyncio.AbstractEventLoop | None = None
        self._judges = 0
        self._within = False
        self._tasks: dict[int, asyncio.Task[Any]] = {}
        self._next = 1
        # What the program awaits of the tests.
        self._awaited: dict[int, asyncio.Future[None]] = {}

    def follow(self, number: int) -> None:
        """The judge's loop: its number, 0 if none is running, -1 if it is closed."""
        self._within = number > 0
        if number and number != self._judges:
            self._end()
            self._judges = max(number, 0)

    @contextlib.contextmanager
    def around(self) -> Iterator[None]:
        """What is called from a coroutine of the tests finds a running loop."""
        if not self._within or _running() is not None:
            yield
            return
        _set_running(self._own())
        try:
            yield
        finally:
            _set_running(None)

    def start(self, target: Any, seconds: float, ended: list[int]) -> tuple[bool, Any]:
        """Await something: done or not, and what came of it or the task's number."""
        async def run() -> Any:
            return await target
        if _running() is not None:
            return True, in_thread(run)
        task = self._tasks[self._next] = self._own().create_task(run())
        task.add_done_callback(lambda _: self._own().stop())
        self._next += 1
        return self.step(self._next - 1, seconds, ended)

    def step(self, number: int, seconds: float, ended: list[int]) -> tuple[bool, Any]:
        """Go on for a moment, or until something has ended."""
        for each in ended:
            future = self._awaited.pop(each, None)
            if future is not None and not future.done():
                future.set_result(None)
        task = self._tasks[number]
        if not task.done():
            self.run(seconds)
        if not task.done():
            return False, number
        del self._tasks[number]
        return True, task.result()

    def run(self, seconds: float) -> None:
        """Let everything in the loop go on, if there is one."""
        if self._loop is None or _running() is not None:
            return
        loop = self._loop
        timer = loop.call_later(seconds, loop.stop)
        loop.run_forever()
        timer.cancel()

    def cancel(self, number: int) -> None:
        """The judge doesn't await it any more."""
        task = self._tasks.get(number)
        if task is not None:
            task.cancel()

    async def wait(self, stub: Any) -> Any:
        """Await something of the tests, which is held until then."""
        number = object.__getattribute__(stub, "_atomic_id")
        done, found = self._request("begin", number)
        if done:
            return found
        future = self._awaited[number] = asyncio.get_running_loop().create_future()
        # The judge's loop has to run now.
        asyncio.get_running_loop().stop()
        try:
            await future
        except BaseException:
            self._awaited.pop(number, None)
            self._request("abandon", number)
            raise
        return self._request("result", number)

    def _own(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        return self._loop

    def _end(self) -> None:
        loop, self._loop = self._loop, None
        self._tasks.clear()
        self._awaited.clear()
        if loop is None or loop.is_running():
            return
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks, timeout=_ENDING))
        loop.close()
