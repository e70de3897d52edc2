"""The judge's end: what the tests ask the program, and what the program may ask of the tests."""

import asyncio
import builtins
import inspect
import os
import sys
import unittest.mock
from collections.abc import Callable
from os import getcwd
from typing import Any

from . import logs, proxies, subclasses
from .awaits import Awaits
from .classes import ErrorClass
from .files import Files
from .judge_objects import JudgeObjects
from .limits import REASON_CHARS, Broken, Uncarried
from .peer import Notes
from .threads import Asking
from .values import KNOWN, exact
from .wire import Channel

# Raised out of a call they end a loop or a task of the test's without a word, and with it what the
# test would have asserted.
_ENDS = (StopIteration, StopAsyncIteration, GeneratorExit, asyncio.CancelledError)
_VALUES = frozenset(KNOWN.values())
# Files that this process could be made to run.
CODE = (".py", ".pyc", ".pyd", ".so", ".pth", ".pyw", ".pyo")


class JudgeEnd(JudgeObjects):
    """`say` takes the reasons for which the outcome isn't one judged from outside."""

    def __init__(self, channel: Channel, say: Callable[[bytes], None],
                 is_test: Callable[[str], bool], files: Files | None) -> None:
        super().__init__(channel, is_test)
        self._say = say
        self._said: set[str] = set()
        self._files = files
        self._env: dict[bytes, bytes] | None = None
        self._cwd = getcwd()
        self._argv = list(sys.argv)
        self._argv_told = self._argv
        self.test = ""
        self.awaits = Awaits(self.request)
        self._asking = Asking(super()._ask)
        self.unfused: set[str] = set()
        self._mocks: dict[tuple[int, str], Any] = {}

    # Why this run proves less than it could.

    def not_carried(self, reason: str) -> None:
        """The tests may go on; their outcome isn't `isolated`."""
        text = f"{self.test}: {reason}" if self.test else reason
        text = "".join(c if c.isprintable() else "?" for c in text)[:REASON_CHARS]
        if text not in self._said and len(self._said) < 20:
            self._said.add(text)
            self._say(b"not_carried " + text.encode("utf-8", "replace")[:380])

    def decided(self, operator: str) -> None:
        """The program was asked a question that hands it what the test expects."""
        self.not_carried(f"the program itself answered {operator}")

    def broken(self, why: Broken) -> None:
        if self.gone is None:
            self.not_carried(f"the program's end: {why}")
        super().broken(why)

    def _may_end(self, asked: list[Any]) -> bool:
        """Whether what was asked is something that can come to an end."""
        if asked[0] in ("step", "cancel"):
            return asked[1] in self.awaits.cancelled or asked[0] == "cancel"
        return asked[0] in ("await", "batch") or (
            asked[0] == "op" and asked[2] in ("next", "anext"))

    # What proxies ask for.

    def set(self, number: int, name: str, value: Any) -> None:
        """An attribute of the program's; what has that name isn't taken for a method any more."""
        self.unfused.add(name)
        self.request_with("set", (number, name), (value,))
        self._mocks.pop((number, name), None)
        if isinstance(value, unittest.mock.NonCallableMock) and not isinstance(
                value, unittest.mock.PropertyMock):
            self._mocks[number, name] = value

    def get(self, number: int, name: str) -> Any:
        """An attribute of the program's; where the tests have put a mock it has to be that."""
        found = self.request("get", number, name)
        if self._mocks.get((number, name), found) is not found:
            self.not_carried("the program replaced a mock of the tests")
        return found

    def delete(self, number: int, name: str) -> None:
        """The same, taken away."""
        self.unfused.add(name)
        self._mocks.pop((number, name), None)
        self.request("del", number, name)

    def is_named_tuple(self, instance: Any, kind: Any) -> bool:
        """Whether it is a tuple with names of this class of the program."""
        return bool(self.classes.named.get(type(instance)) == kind._atomic_class)

    def subclass(self, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> Any:
        """A class of the tests that derives from one of the program's."""
        made = subclasses.make(name, bases, space)
        if not isinstance(made, (proxies.Class, ErrorClass)):
            raise Broken("no class")
        return made

    def signature(self, number: int) -> inspect.Signature:
        """A function's parameters, without annotations."""
        found = self.request("signature", number)
        kinds = {int(each): each for each in inspect._ParameterKind}
        return inspect.Signature([
            inspect.Parameter(name, kinds[kind],
                              default=default if has else inspect.Parameter.empty)
            for name, kind, has, default in found])

    def _ask(self, body: Callable[[], Any]) -> Any:
        asked: list[Any] = []

        def code() -> Any:
            asked[:] = body()
            return asked

        try:
            return self._asking.ask(code)
        except _ENDS as end:
            if not self._may_end(asked):
                self.not_carried(f"the program raised {type(end).__name__} where it was called")
            raise
        except Uncarried as failure:
            self.not_carried(str(failure))
            raise

    # What the program's end may ask and tell.

    def perform(self, op: str, code: list[Any]) -> Any:
        if self.depth == 0:
            raise Broken("a question while nothing is asked of the program")
        if op == "stdin":
            return self._stdin(*code[1:])
        if op == "input":
            return builtins.input(exact(code[1], str)[:10_000])
        target = self.lent[exact(code[1], int)]
        if op == "call":
            args = self.read(lambda each: self.dec_all(exact(each, list), 1), code[2])
            return self.lent.call(target, args, self.read(self.pairs, code[3]))
        if op == "get":
            return self.lent.get(target, exact(code[2], str))
        if op in ("begin", "result", "abandon"):
            return self._awaited(op, exact(code[1], int), target)
        if op == "set":
            return self._set(target, exact(code[2], str), self.read(self.dec, code[3][0]))
        if op == "op":
            args = self.read(lambda each: self.dec_all(exact(each, list), 1), code[3])
            return self.lent.operate(target, exact(code[2], str), args)
        raise Broken("a question of no known kind")

    def _set(self, target: Any, name: str, value: Any) -> None:
        if isinstance(target, unittest.mock.NonCallableMock) and type(value) not in _VALUES:
            # What a test asserts of it would be asked of the program.
            self.not_carried("the program put an object of its own into a mock")
        self.lent.set(target, name, value)

    def _awaited(self, op: str, number: int, target: Any) -> Any:
        if not self.lent.may_await(target):
            raise TypeError("an object of the tests that the program may not await")
        if op == "begin":
            return self.awaits.begin(number, target)
        return self.awaits.result(number) if op == "result" else self.awaits.cancel(number)

    def _stdin(self, method: Any, size: Any) -> Any:
        if method not in ("read", "readline") or type(size) is not int:
            raise Broken("no way to read")
        return getattr(sys.stdin, method)(size)

    def notes(self) -> Notes:
        notes: Notes = []
        unheld = self.containers.unheld()
        if unheld:
            notes.append(["drop", *unheld])
            self.containers.forget(unheld)
        loop = self.awaits.note()
        if loop is not None:
            notes.append(loop)
        freed = self.freed()
        if freed:
            notes.append(["free", *freed])
        if getattr(os.environ, "_data") != self._env:
            self._env = dict(getattr(os.environ, "_data"))
            notes.append(["env", *([name, value] for name, value in os.environ.items())])
        if sys.argv != self._argv_told:
            self._argv_told = list(sys.argv)
            notes.append(["argv", *map(str, ["main.py"] if sys.argv == self._argv else sys.argv)])
        if self._files is not None:
            notes += self._files.changes()
            cwd = getcwd()
            if cwd != self._cwd:
                self._cwd = cwd
                notes.append(["cwd", cwd])
        return notes

    def noted(self, note: list[Any]) -> None:
        tag = note[0]
        if tag == "class":
            self.classes.describe(note)
        elif tag == "out":
            sys.stdout.write(exact(note[1], str))
        elif tag == "err":
            sys.stderr.write(exact(note[1], str))
        elif tag == "threads":
            self._asking.told(exact(note[1], int))
        elif tag == "log":
            logs.apply(note)
        elif tag == "free":
            for number in note[1:]:
                self.lent.give_back(exact(number, int))
        elif tag in ("file", "folder", "gone"):
            if tag == "file" and exact(note[1], str).endswith(CODE):
                self.not_carried("the program wrote a file of code")
            elif self._files is not None:
                self._files.apply(note)
        else:
            raise Broken("a note of no known kind")
