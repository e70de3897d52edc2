"""Coroutines across: the program's are awaited by the tests, and the tests' by the program.

The program's end has an event loop of its own, which runs while the judge asks it to: for a moment
at a time, so that both loops go on side by side.
"""

import asyncio
import weakref
from collections.abc import Callable, Generator
from typing import Any

from . import proxies
from .threads import in_thread, outcome

# Seconds that the program's loop is let run while nothing ends: longer and longer.
_FIRST, _LAST = 0.0005, 0.02
# At most this long while it waits for a coroutine of the tests.
_MEANWHILE = 0.005
_running = asyncio._get_running_loop


class Awaits:
    """The judge's part. `request` asks the program's end."""

    def __init__(self, request: Callable[..., Any]) -> None:
        self._request = request
        self._loop: weakref.ref[asyncio.AbstractEventLoop] | None = None
        self._count = 0
        self._told = 0
        self._stepping = 0
        self._tasks: dict[int, asyncio.Task[Any]] = {}
        self._ended: list[int] = []
        # Of the program's tasks those that the tests have cancelled.
        self.cancelled: set[int] = set()

    def note(self) -> list[Any] | None:
        """Which loop runs here now, if that is another than was told: 0 for none, -1 once closed.

        A function of the program that is called from a coroutine finds a running loop as well.
        """
        loop = _running()
        before = self._loop() if self._loop is not None else None
        if loop is not None and loop is not before:
            self._count += 1
            self._loop = weakref.ref(loop)
        now = (self._count if loop is not None else
               -1 if self._count and (before is None or before.is_closed()) else 0)
        if now == self._told:
            return None
        self._told = now
        return ["loop", now]

    def drive(self, proxy: Any) -> Generator[None, None, Any]:
        """What awaits something of the program's."""
        wait = _FIRST
        done, found = self._step("await", proxies.number(proxy), wait)
        task = found
        try:
            while not done:
                try:
                    yield
                except asyncio.CancelledError:
                    self.cancelled.add(task)
                    self._request("cancel", task)
                    wait = _FIRST
                waiting = any(not each.done() for each in self._tasks.values())
                wait = min(wait * 2, _MEANWHILE if waiting else _LAST)
                done, found = self._step("step", task, wait)
        except GeneratorExit:
            self._request("cancel", task)
            raise
        return found

    def _step(self, op: str, number: int, wait: float) -> tuple[bool, Any]:
        ended, self._ended = self._ended, []
        self._stepping += 1
        try:
            return outcome(self._request(op, number, wait, ended))
        finally:
            self._stepping -= 1

    def begin(self, number: int, target: Any) -> tuple[bool, Any]:
        """The program awaits something of the tests: it goes on when their loop does."""
        async def run() -> Any:
            return await target
        loop = _running()
        if loop is None:
            return True, asyncio.run(run())
        if not self._stepping:
            return True, in_thread(run)
        task = self._tasks[number] = loop.create_task(run())
        task.add_done_callback(lambda _: self._ended.append(number))
        return False, None

    def result(self, number: int) -> Any:
        """What became of it."""
        return self._tasks.pop(number).result()

    def cancel(self, number: int) -> None:
        """The program doesn't await it any more."""
        task = self._tasks.pop(number, None)
        if task is not None:
            task.cancel()
