"""The program's end: does with the program's objects what the tests ask for."""

import contextlib
import copy
import dataclasses
import importlib
import inspect
import os
import random
import sys
import threading
import types
from collections.abc import Callable, Iterator
from os import chdir
from os.path import isdir
from time import monotonic, sleep
from typing import Any

from . import descriptions, logs, operators, processes, stubs, subclassed
from .files import Files
from .limits import Broken
from .network import Connections
from .patched import Patched
from .peer import Notes
from .subject_loop import Loop
from .subject_objects import SubjectObjects
from .threads import Jobs
from .wire import Channel

# Seconds that a look at waiting threads takes at most.
_LOOK = 0.05
_PRINTED = 2 * 1024 * 1024


class SubjectEnd(SubjectObjects):
    """One request of the judge's after the other."""

    def __init__(self, channel: Channel, files: Files | None) -> None:
        super().__init__(channel)
        self.out, self.err = stubs.Output(_PRINTED), stubs.Output(_PRINTED)
        self._files = files
        self.logs: logs.Telling | None = None
        self.descriptors: stubs.Descriptors | None = None
        # What an iterator raised after items that were to be told first.
        self._late: dict[int, Exception] = {}
        self._active = 0
        self._patched = Patched()
        self.loop = Loop(self.request)
        self._jobs = Jobs()
        self._connections = Connections(self.loop.run)
        self._threads = 0
        self._first = threading.current_thread()
        self._asked = threading.Condition()
        self._waiting = 0

    # What is asked.

    def ask_with(self, op: str, plain: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
        """A request of a stub's, without named arguments."""
        return self._ask(lambda: [op, *plain, self.enc_all(args, 1)])

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """A thread of the program's waits until the judge asks something."""
        if threading.current_thread() is self._first:
            with self.lock:
                yield
            return
        with self._asked:
            self._waiting += 1
        while True:
            with self._asked:
                self._asked.wait_for(lambda: self._active or self.gone is not None)
            self.lock.acquire()
            if self._active or self.gone is not None:
                break
            # What was asked is answered already.
            self.lock.release()
        with self._asked:
            self._waiting -= 1
        try:
            yield
        finally:
            self.lock.release()

    def allow_request(self) -> None:
        if self._active == 0:
            raise RuntimeError("the tests aren't waiting for the program just now")

    def serve(self, code: Any) -> None:
        with self._asked:
            self._active += 1
            self._asked.notify_all()
        super().serve(code)

    def answered(self) -> None:
        with self._asked:
            self._active -= 1

    def _look(self) -> None:
        """Threads that want to ask something do so now."""
        until = monotonic() + _LOOK
        while self._waiting and monotonic() < until:
            sleep(_LOOK / 20)

    def perform(self, op: str, code: list[Any]) -> Any:
        if op == "await":
            return self.loop.start(self._objects[code[1]], code[2], code[3])
        if op == "step":
            return self.loop.step(code[1], code[2], code[3])
        if op == "carry":
            return self._connections.carry(code[1], *self.dec_all(code[2], 1))
        if op == "thread":
            return self._jobs.start(self._called(*code[1]))
        if op == "joined":
            return self._jobs.ask(code[1])
        with self.loop.around():
            return self._perform(op, code)

    def _called(self, op: str, number: int, *code: Any) -> Callable[[], Any]:
        """A call with its arguments, which may be made in any thread."""
        target = self._objects[number]
        if op == "call":
            args, named = self.dec_all(code[0], 1), self.pairs(code[1])
            return lambda: target(*args, **named)
        args = self.dec_all(code[1], 1)
        if op == "method":
            named = self.pairs(code[2])
            return lambda: getattr(target, code[0])(*args, **named)
        return lambda: self._operate(target, code[0], args)

    def _perform(self, op: str, code: list[Any]) -> Any:
        if op == "import":
            return self._import(*code[1:])
        if op == "run":
            return processes.run(*self.dec_all(code[1], 1))
        if op == "start":
            return processes.start(*self.dec_all(code[1], 1), **self.pairs(code[2]))
        if op == "subclass":
            return subclassed.made(code[1], *self.dec_all(code[2], 1))
        if op == "connect":
            return self._connections.open(*self.dec_all(code[1], 1))
        if op == "look":
            return self._look()
        if op == "cancel":
            return self.loop.cancel(code[1])
        if op == "patch":
            return self._patched.set(code[1], code[2], code[3], self.dec(code[4][0]))
        if op == "unpatch":
            return self._patched.restore(code[1], code[2], code[3])
        if op == "seed":
            return random.seed(*self.dec_all(code[1], 1))
        target = self._objects[code[1]]
        if op in ("call", "method", "op"):
            return self._called(*code)()
        if op == "get":
            return getattr(target, code[2])
        if op == "set":
            return setattr(target, code[2], self.dec(code[3][0]))
        return self._do(op, target, code)

    def _do(self, op: str, target: Any, code: list[Any]) -> Any:
        if op == "del":
            return delattr(target, code[2])
        if op == "dir":
            return dir(target)
        if op == "eq":
            return bool(target == self._objects[code[2]])
        if op == "isinstance":
            return isinstance(self._objects[code[2]], target)
        if op == "batch":
            return self._batch(target, code[1], code[2])
        if op == "plain":
            bases = (base for base in descriptions.MUTABLE if isinstance(target, base))
            return descriptions.plain(target, next(bases))
        if op == "fields":
            return tuple(getattr(target, field.name) for field in dataclasses.fields(target))
        if op == "listed":
            return descriptions.listed(target)
        if op == "super":
            return getattr(super(target, self.dec(code[3][0])), code[2])
        if op == "attribute":
            return getattr(self.dec(code[3][0]), code[2])
        if op == "flags":
            code_of = getattr(target, "__code__", None)
            return code_of.co_flags if isinstance(code_of, types.CodeType) else None
        if op == "copy":
            return copy.copy(target)
        if op == "deepcopy":
            return copy.deepcopy(target)
        if op == "signature":
            return [(each.name, int(each.kind), each.default is not each.empty,
                     None if each.default is each.empty else each.default)
                    for each in inspect.signature(target).parameters.values()]
        raise Broken("a question of no known kind")

    def _operate(self, target: Any, name: str, args: list[Any]) -> Any:
        if name == "exit" and args[1] is not None:
            args[0] = type(args[1])
        return operators.apply(name, target, *args)

    def _batch(self, iterator: Any, number: int, most: int) -> Any:
        """Its next items, and whether it has ended; what it raises on the way comes after them."""
        if number in self._late:
            raise self._late.pop(number)
        items: list[Any] = []
        for _ in range(most):
            try:
                items.append(next(iterator))
            except StopIteration:
                return items, True
            except Exception as error:
                if not items:
                    raise
                self._late[number] = error
                break
        return items, False

    def _import(self, name: str, folder: str, again: bool) -> Any:
        if folder and folder not in sys.path:
            sys.path.insert(0, os.path.abspath(folder))
        if again:
            sys.modules.pop(name, None)
        module = importlib.import_module(name)
        space = vars(module)
        named = space.get("__all__")
        public = [each for each in space if not each.startswith("_")]
        return (module,
                list(named) if named is not None else
                [each for each in public if not isinstance(space[each], types.ModuleType)],
                [each for each in public if isinstance(space[each], types.ModuleType)
                 and space[each].__name__ == each])

    # What rides along.

    def notes(self) -> Notes:
        notes: Notes = [[tag, text] for tag, text in
                        (("out", self.out.take()), ("err", self.err.take())) if text]
        if self.descriptors is not None:
            notes += self.descriptors.take()
        if self.logs is not None:
            notes += self.logs.take()
        threads = self._jobs.others()
        if threads != self._threads:
            self._threads = threads
            notes.append(["threads", threads])
        freed = self.freed()
        if freed:
            notes.append(["free", *freed])
        return notes + (self._files.changes() if self._files is not None else [])

    def noted(self, note: list[Any]) -> None:
        tag = note[0]
        if tag == "drop":
            self.containers.forget(note[1:])
        elif tag == "free":
            for number in note[1:]:
                self._late.pop(number, None)
            self.take_back_numbers(note[1:])
        elif tag == "env":
            os.environ.clear()
            os.environ.update(dict(note[1:]))
        elif tag == "loop":
            self.loop.follow(note[1])
        elif tag == "argv":
            sys.argv[:] = note[1:]
        elif tag == "cwd":
            chdir(note[1] if isdir(note[1]) else "/")
        elif self._files is not None:
            self._files.apply(note)
