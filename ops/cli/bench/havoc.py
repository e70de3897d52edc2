"""Kills, stops and pauses processes at random, and starts again what is down."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Coroutine

from ..errors import StackError
from .stand import Stand

# How often each kind is chosen, and how often each act.
_WEIGHTS = {"worker": 3.0, "api": 2.0, "agent": 2.0, "db": 2.0}
_ACTS = {"kill": 6.0, "stop": 2.0, "pause": 2.0}
_PAUSED_SECONDS = (0.5, 9.0)
_DOWN_SECONDS = (0.0, 2.0)
_HEALED_SECONDS = 180.0


class Havoc:
    """The one who does it. All that is random comes from one seed, but not its timing."""

    def __init__(self, stand: Stand, names: list[str], seed: int) -> None:
        self.stand = stand
        self.names = names
        self.acts: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.diary: list[str] = []
        self._chance = random.Random(seed)
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._start_at: dict[str, float] = {}
        self._began = time.monotonic()

    async def rage(self, seconds: float, every: float) -> None:
        """Act every so many seconds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await asyncio.sleep(every)
            able = [name for name in self.names if name not in self._busy
                    and self.stand.is_alive(name) and self.stand.running[name].ready]
            if not able:
                self.acts["nothing was up"] += 1
                continue
            weights = [_WEIGHTS[name.partition("-")[0]] for name in able]
            name = self._chance.choices(able, weights)[0]
            act = self._chance.choices(list(_ACTS), list(_ACTS.values()))[0]
            self.acts[f"{act} {name.partition('-')[0]}"] += 1
            self._write(f"{act} {name}")
            self._act(act, name)

    def _act(self, act: str, name: str) -> None:
        if act == "kill":
            self.stand.kill(name)
            self._start_at[name] = time.monotonic() + self._chance.uniform(*_DOWN_SECONDS)
        elif act == "stop":
            self._task(self._stop(name))
        else:
            self._task(self._pause(name, self._chance.uniform(*_PAUSED_SECONDS)))

    async def _stop(self, name: str) -> None:
        self._busy.add(name)
        await self.stand.stop(name)
        self._busy.discard(name)
        self._start_at[name] = time.monotonic()

    async def _pause(self, name: str, seconds: float) -> None:
        self._busy.add(name)
        self.stand.pause(name)
        await asyncio.sleep(seconds)
        self.stand.resume(name)
        self._write(f"continue {name} after {seconds:.1f} s")
        self._busy.discard(name)

    def _task(self, doing: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def supervise(self) -> None:
        """Start what is down, as a service manager does; until cancelled."""
        while True:
            await asyncio.sleep(0.2)
            for name in self.names:
                if name in self._busy:
                    continue
                running = self.stand.running.get(name)
                if running is not None and running.child.poll() is not None:
                    self._write(f"{name} ended by itself, exit {running.child.returncode}: "
                                f"{self.stand.last_words(name)[-300:]}")
                    self.ended[f"{name.partition('-')[0]} exit {running.child.returncode}"] += 1
                    del self.stand.running[name]
                    self._start_at[name] = time.monotonic() + 1.0
                elif running is None and time.monotonic() >= self._start_at.get(name, 0.0):
                    self.stand.start(name)
                    self._task(self._note_ready(name))

    async def _note_ready(self, name: str) -> None:
        with contextlib.suppress(StackError, KeyError):
            await self.stand.ready(name)

    async def heal(self) -> list[str]:
        """Let everything come back; what didn't."""
        for name in self.names:
            self.stand.resume(name)
        until = time.monotonic() + _HEALED_SECONDS
        while time.monotonic() < until:
            sick = [name for name in self.names if name in self._busy
                    or not self.stand.is_alive(name) or not self.stand.running[name].ready]
            if not sick:
                return []
            await asyncio.sleep(0.2)
        return [f"{name} didn't come back within {_HEALED_SECONDS:.0f} s: "
                f"{self.stand.last_words(name)}" for name in sick]

    def _write(self, line: str) -> None:
        self.diary.append(f"{time.strftime('%H:%M:%S')} {line}")

    async def end(self) -> None:
        """Drop what is still under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
