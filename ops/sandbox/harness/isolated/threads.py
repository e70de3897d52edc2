"""Threads on both ends: one question is under way at a time, and none may hold up the others."""

import asyncio
import threading
from collections.abc import Callable
from time import sleep
from typing import Any

from .limits import Broken

# What a thread of the tests calls may take long: it is called in a thread there, and asked after.
_LASTING = frozenset(("call", "method", "op"))
# Seconds that a question waits there for what it asks after, and between two of them.
_WAIT = 0.005
_PAUSE = 0.001
# Seconds between two looks at the program's threads while the tests ask nothing.
_LOOK = 0.005


def in_thread(run: Callable[[], Any]) -> Any:
    """The outcome of a coroutine, in a loop of its own, where a loop is running already."""
    job = Job(lambda: asyncio.run(run()))
    job.done.wait()
    return job.outcome()


class Job:
    """Something that is done in a thread of its own."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.done = threading.Event()
        self._work = work
        self._value: Any = None
        self._error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._value = self._work()
        except BaseException as error:
            self._error = error
        self.done.set()

    def outcome(self) -> Any:
        """What it returned; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._value


class Jobs:
    """The program's end: what threads of the tests have called."""

    def __init__(self) -> None:
        self._jobs: dict[int, Job] = {}
        self._threads: list[threading.Thread] = []
        self._next = 1

    def start(self, work: Callable[[], Any]) -> tuple[bool, Any]:
        """Done or not, and what came of it or its number."""
        self._next += 1
        job = self._jobs[self._next] = Job(work)
        self._threads.append(job.thread)
        return self.ask(self._next)

    def others(self) -> int:
        """How many threads there are that the program has started itself."""
        self._threads = [each for each in self._threads if each.is_alive()]
        return threading.active_count() - 1 - len(self._threads)

    def ask(self, number: int) -> tuple[bool, Any]:
        """The same, of one that was started."""
        job = self._jobs[number]
        if not job.done.wait(_WAIT):
            return False, number
        del self._jobs[number]
        return True, job.outcome()


class Asking:
    """The judge's end: who asks from another thread than the first one doesn't stay in line."""

    def __init__(self, ask: Callable[[Callable[[], Any]], Any]) -> None:
        self._ask = ask
        self._first = threading.get_ident()
        self._inner = threading.local()
        self._looking: threading.Thread | None = None
        self._theirs = 0

    def ask(self, body: Callable[[], Any]) -> Any:
        """Ask as Peer does."""
        if threading.get_ident() == self._first or self._depth():
            return self._inside(body)
        lasting = False

        def wrapped() -> Any:
            nonlocal lasting
            code = body()
            lasting = code[0] in _LASTING
            return ["thread", code] if lasting else code

        found = self._inside(wrapped)
        while lasting and not outcome(found)[0]:
            number = found[1]
            sleep(_PAUSE)
            found = self._inside(lambda: ["joined", number])
        return found[1] if lasting else found

    def _inside(self, body: Callable[[], Any]) -> Any:
        self._inner.depth = self._depth() + 1
        try:
            return self._ask(body)
        finally:
            self._inner.depth -= 1

    def _depth(self) -> int:
        """How many questions of this thread's are under way."""
        depth: int = vars(self._inner).get("depth", 0)
        return depth

    def told(self, count: int) -> None:
        """How many threads the program has running: they may want to call back at any time."""
        self._theirs = count
        if count and self._looking is None:
            self._looking = threading.Thread(target=self._look, daemon=True)
            self._looking.start()

    def _look(self) -> None:
        while self._theirs:
            sleep(_LOOK)
            try:
                self._inside(lambda: ["look"])
            except (Broken, Exception):
                break
        self._looking = None


def outcome(found: Any) -> tuple[bool, Any]:
    """Done or not, and what came of it or its number: what the program's end says, checked."""
    if (type(found) is not tuple or len(found) != 2 or type(found[0]) is not bool
            or not found[0] and type(found[1]) is not int):
        raise Broken("no outcome of a call")
    return found[0], found[1]
