"""What of the judge's the program may reach while it is called: this list and nothing else.

- Functions, methods and classes of the test files may be called, and so may mocks, and the
  methods of builtin containers that add to them.
- Instances of classes of the test files: their public attributes may be read, and those that
  aren't the class's be set; operators that the class defines itself.
- Files in memory and opened files: their methods that read and write.
- Generators of the test files and builtin iterators: `next`.
- Coroutines and futures: to be awaited.
- Queues, events, locks, streams of asyncio: what is their use.
"""

import asyncio
import functools
import io
import queue
import sys
import threading
import types
import unittest
import unittest.mock
from collections.abc import Callable
from typing import Any

from . import operators
from .limits import REFERENCES, Uncarried

_FILES = (io.StringIO, io.BytesIO, io.TextIOWrapper, io.BufferedReader, io.BufferedWriter)
_OF_FILES = frozenset(("read", "readline", "readlines", "write", "writelines", "flush", "close",
                       "seek", "tell", "getvalue", "truncate", "name", "closed", "encoding",
                       "mode", "readable", "writable", "seekable"))
_ADDING = frozenset(("append", "add", "extend", "update", "appendleft", "insert", "discard", "get",
                     "pop", "popleft", "remove", "clear", "setdefault"))
_ASYNCIO = asyncio.__file__.rpartition("/")[0] + "/"
_OF_FUNCTIONS = frozenset(("__name__", "__qualname__", "__doc__"))
_CONTAINERS = (list, dict, set)
_OF_MOCKS = frozenset((*dir(unittest.mock.MagicMock()), *dir(unittest.mock.AsyncMock())))
_ITERATORS: tuple[type, ...] = (
    type(iter([])), type(iter(())), type(iter({})), type(iter(set())), type(iter("")),
    type(iter(range(0))), enumerate, zip, map, filter, reversed)
_ON_TESTS = frozenset(operators.ALL) - {"call", "await"}
_CHANGING = frozenset(("put", "get", "put_nowait", "get_nowait", "task_done", "join", "qsize",
                       "empty", "full"))
_LOCKS = frozenset(("acquire", "release", "locked"))
# Of these the program may call these methods.
_USES: dict[type, frozenset[str]] = {
    **{each: _OF_FILES for each in _FILES},
    asyncio.Queue: _CHANGING, queue.Queue: _CHANGING,
    asyncio.Event: frozenset(("set", "is_set", "wait", "clear")),
    threading.Event: frozenset(("set", "is_set", "wait", "clear")),
    asyncio.Lock: _LOCKS, asyncio.Semaphore: _LOCKS,
    asyncio.StreamReader: frozenset(("read", "readline", "readexactly", "readuntil", "at_eof")),
    asyncio.StreamWriter: frozenset((
        "write", "writelines", "drain", "close", "wait_closed", "is_closing", "write_eof",
        "can_write_eof")),
}
# By name: it can't be had without an asynchronous generator.
_AWAITABLE = ("Future", "Task", "async_generator_asend", "async_generator_athrow")


class Lent:
    """The judge's objects that the program knows of, by number."""

    def __init__(self, is_test: Callable[[str], bool]) -> None:
        self._is_test = is_test
        self._next = 2
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}

    def lend(self, target: Any) -> int:
        """Its number; it is held until the program gives it back."""
        number = self._numbers.get(id(target))
        if number is None:
            if len(self._objects) >= REFERENCES:
                raise Uncarried("too many objects of the tests at a time")
            number = self._numbers[id(target)] = self._next
            self._objects[number] = target
            self._next += 2
        return number

    def __getitem__(self, number: int) -> Any:
        return self._objects[number]

    def give_back(self, number: int) -> None:
        """The program doesn't know it any more."""
        target = self._objects.pop(number, None)
        self._numbers.pop(id(target), None)

    def tests_class(self, kind: type) -> bool:
        """Whether a class is written in the test files, or derives from one that is."""
        return any(self._is_module(each.__module__) for each in kind.__mro__[:-1])

    def _is_module(self, name: object) -> bool:
        file = getattr(sys.modules.get(str(name)), "__file__", None)
        return isinstance(file, str) and self._is_test(file)

    def may_call(self, target: Any) -> bool:
        """Whether the program may call it."""
        if isinstance(target, types.FunctionType):
            return self._is_test(target.__code__.co_filename)
        if isinstance(target, types.MethodType):
            return target.__name__ in _USES.get(type(target.__self__), ()) or (
                self.may_call(target.__func__))
        if isinstance(target, types.BuiltinMethodType):
            return (type(target.__self__) in _CONTAINERS and target.__name__ in _ADDING) or (
                type(target.__self__) in _FILES and target.__name__ in _OF_FILES)
        if type(target) is functools.partial:
            return self.may_call(target.func)
        if isinstance(target, unittest.mock.NonCallableMock):
            return callable(target)
        if isinstance(target, type):
            return self.tests_class(target) and not issubclass(target, unittest.TestCase)
        return self._is_plain_test(target) and self.may_call(
            getattr(type(target), "__call__", None))

    def _is_plain_test(self, target: Any) -> bool:
        return self.tests_class(type(target)) and not isinstance(target, unittest.TestCase)

    def _may_go_on(self, file: str) -> bool:
        return self._is_test(file) or file == unittest.mock.__file__

    def may_await(self, target: Any) -> bool:
        """Whether the program may await it."""
        if isinstance(target, types.CoroutineType):
            file = target.cr_code.co_filename
            return self._may_go_on(file) or file.startswith(_ASYNCIO)
        kind = type(target)
        return kind.__module__ in ("builtins", "_asyncio") and kind.__name__ in _AWAITABLE

    def call(self, target: Any, args: list[Any], named: dict[str, Any]) -> Any:
        """Call it, if that is allowed."""
        if not self.may_call(target):
            raise TypeError("an object of the tests that the program may not call")
        return target(*args, **named)

    def get(self, target: Any, name: str) -> Any:
        """An attribute, if that is allowed."""
        if type(target) in _USES:
            allowed = name in _USES[type(target)]
        elif isinstance(target, unittest.mock.NonCallableMock):
            allowed = name not in _OF_MOCKS and not name.startswith(("_", "assert"))
        else:
            named = name in _OF_FUNCTIONS and isinstance(target, types.FunctionType)
            allowed = (named and self.may_call(target)) or (
                not name.startswith("_") and self._is_plain_test(target)
                and not isinstance(target, (type, types.FunctionType, types.MethodType)))
        if not allowed:
            raise AttributeError(name)
        return getattr(target, name)

    def set(self, target: Any, name: str, value: Any) -> None:
        """Set an attribute, if that is allowed; never over one of the class."""
        if isinstance(target, unittest.mock.NonCallableMock):
            allowed = name not in _OF_MOCKS and not name.startswith(("_", "assert"))
        else:
            allowed = (not name.startswith("_") and self._is_plain_test(target)
                       and not isinstance(target, (type, types.FunctionType, types.MethodType))
                       and not hasattr(type(target), name))
        if not allowed:
            raise AttributeError(name)
        setattr(target, name, value)

    def operate(self, target: Any, name: str, args: list[Any]) -> Any:
        """An operator, if that is allowed."""
        kind = type(target)
        if name in ("iter", "next") and (
                kind in _ITERATORS or kind in _FILES
                or isinstance(target, types.GeneratorType)
                and self._may_go_on(target.gi_code.co_filename)):
            return operators.apply(name, target)
        if name in ("aiter", "anext") and isinstance(target, types.AsyncGeneratorType) and (
                self._is_test(target.ag_code.co_filename)):
            return operators.apply(name, target)
        if name in ("aenter", "aexit") and _USES.get(kind) is _LOCKS:
            return operators.apply(name, target, *args)
        if name in ("enter", "exit") and kind in _FILES:
            return operators.apply(name, target, *args)
        if isinstance(target, unittest.mock.MagicMock) and name in _ON_TESTS:
            return operators.apply(name, target, *args)
        special = getattr(kind, f"__{name}__", None)
        if name in _ON_TESTS and self.may_call(special):
            return operators.apply(name, target, *args)
        if name in ("str", "repr", "format"):
            return f"<{kind.__name__} of the tests>"
        if name == "hash":
            return id(target)
        if name == "bool":
            return True
        if name == "eq":
            return NotImplemented
        raise TypeError(f"an object of the tests has no {name} that the program may use")
