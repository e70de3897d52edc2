"""Objects and exceptions as the judge sends and takes them: proxies here, references there."""

import asyncio
import collections
import sys
import types
import unittest
import unittest.mock
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from . import modules, proxies
from .classes import Classes, ErrorClass
from .known_errors import known
from .lent import Lent
from .limits import REFERENCES, Broken, Uncarried
from .peer import Peer
from .values import exact
from .wire import Channel

_RAISED = 500
_TOLD = 1000
# Attributes of Python's own exceptions that aren't their arguments.
_OF_ERRORS = frozenset(("msg", "doc", "pos", "lineno", "colno", "returncode", "cmd", "output",
                        "stdout", "stderr", "filename", "name", "path", "code", "reason"))
# A function of the standard library that is handed to the program is the program's own.
_BY_NAME = (types.BuiltinFunctionType, types.FunctionType, type)


class _Held(weakref.ref[Any]):
    """A proxy's place in the table: when it dies, its number is given back."""

    __slots__ = ("number",)
    number: int


class JudgeObjects(Peer):
    """What of the program's is known here, and what of the tests' is known there, by number."""

    def __init__(self, channel: Channel, is_test: Callable[[str], bool]) -> None:
        super().__init__(channel, 2)
        self.lent = Lent(is_test)
        self.classes = Classes(self.dec)
        self.modules: dict[int, modules.Module] = {}
        self._told: list[tuple[Any, ...]] = []
        self._told_all = False
        self._proxies: dict[int, _Held] = {}
        self._dead: list[int] = []
        self._raised: collections.OrderedDict[int, BaseException] = collections.OrderedDict()

    def not_carried(self, reason: str) -> None:
        """The tests may go on; their outcome isn't `isolated`."""
        raise NotImplementedError

    def was_told(self, fields: Any) -> bool:
        """Whether the program knows these from a question that held what a test may expect."""
        try:
            return self._told_all or fields in self._told
        except Exception:
            # Not to be compared, as arrays.
            return True

    def tell(self, fields: tuple[Any, ...]) -> None:
        """The program gets to know these."""
        self._told.append(fields)
        self._told_all = self._told_all or len(self._told) > _TOLD
        del self._told[_TOLD:]

    def adopt(self, made: Any, proxy: Any, fields: tuple[Any, ...]) -> int:
        """Let a planned instance stand for the one that was made of it."""
        self.tell(fields)
        if type(made) is not type(proxy):
            raise Broken("an instance of another class than was asked for")
        number = proxies.number(made)
        object.__setattr__(proxy, "_atomic_id", number)
        self._hold(number, proxy)
        return number

    def freed(self) -> list[int]:
        """Numbers of what nobody here holds any more, once."""
        dead, self._dead = self._dead, []
        return [each for each in dead if each not in self._proxies]

    def enc_object(self, value: Any, depth: int) -> list[Any]:
        kind = type(value)
        if isinstance(kind, proxies.Class):
            return ["o", proxies.number(value)]
        if isinstance(value, (proxies.Class, ErrorClass)):
            return ["K", value._atomic_class]
        if kind is proxies.Method:
            return self.enc_object(value.found(), depth)
        if kind is modules.Module:
            return ["o", value.__dict__["_atomic_id"]]
        if isinstance(value, BaseException):
            return self.enc_error(value)
        if kind in self.classes.named:
            return ["nt", self.classes.named[kind], *self.enc_all(value, depth + 1)]
        if isinstance(value, type) and value in self.classes.named:
            return ["K", self.classes.named[value]]
        if isinstance(value, types.ModuleType):
            return ["by", value.__name__, ""]
        if isinstance(value, _BY_NAME) and _own_name(value):
            return ["by", value.__module__, value.__qualname__]
        if self.lent.may_await(value):
            return ["ja", self.lent.lend(value)]
        if isinstance(value, unittest.mock.PropertyMock):
            return ["jp", self.lent.lend(value)]
        may = self.lent.may_call(value)
        tag = "j" if not may else "jf" if asyncio.iscoroutinefunction(value) else "jc"
        return [tag, self.lent.lend(value)]

    def dec_object(self, code: list[Any], depth: int) -> Any:
        tag = code[0]
        if tag == "o":
            return self._object(code, depth)
        if tag == "K":
            return self.classes[code[1]]
        if tag == "j":
            return self.lent[exact(code[1], int)]
        if tag == "nt":
            made: Any = self.classes[code[1]]
            if made not in self.classes.named:
                raise Broken("no tuple with names")
            return made(*self.dec_all(code[2:], depth))
        if tag == "m":
            return self._module(exact(code[1], int), exact(code[2], str))
        if tag in ("x", "xj"):
            return self.dec_error(code)
        raise Broken("a value of no known kind")

    def _object(self, code: list[Any], depth: int) -> Any:
        number = exact(code[1], int)
        proxy = self._held(number)
        if proxy is None:
            kind: Any = self.classes[code[2]]
            if not isinstance(kind, proxies.Class):
                raise Broken("an object of a class it can't have")
            blank: Any = object
            proxy = blank.__new__(kind)
            object.__setattr__(proxy, "_atomic_id", number)
            self._hold(number, proxy)
            if kind._atomic_kind == "value":
                object.__setattr__(proxy, "_atomic_plain", _immutable(self.dec(code[3], depth)))
        return proxy

    def _held(self, number: int) -> Any:
        held = self._proxies.get(number)
        return held() if held is not None else None

    def _hold(self, number: int, proxy: Any) -> None:
        if number <= 0 or len(self._proxies) >= REFERENCES:
            raise Broken("a number that can't be, or one object too many")
        held = self._proxies[number] = _Held(proxy, self._died)
        held.number = number

    def _died(self, held: Any) -> None:
        if self._proxies.get(held.number) is held:
            del self._proxies[held.number]
            self._dead.append(held.number)

    def _module(self, number: int, name: str) -> modules.Module:
        module = self.modules.get(number)
        if module is None:
            module = self.modules[number] = modules.Module(name[:200])
            module.__dict__.update(_atomic_id=number, _atomic_kept={}, _atomic_next={},
                                   _atomic_plain={})
        return module

    def enc_error(self, error: BaseException) -> list[Any]:
        number = getattr(error, "__dict__", {}).get("_atomic_id")
        if type(number) is int:
            return ["o", number]
        name = next(each.__name__ for each in type(error).__mro__ if each.__module__ == "builtins")
        lent = self.lent.lend(error)
        if isinstance(error, (AssertionError, unittest.SkipTest, pytest.skip.Exception)):
            self.not_carried("an assertion or a skip in a callback went through the program")
        if not isinstance(error, (unittest.SkipTest, pytest.skip.Exception, pytest.exit.Exception)):
            self._raised[lent] = error
        if len(self._raised) > _RAISED:
            self._raised.popitem(last=False)
        try:
            args = self.enc_all(error.args, 2)
        except Uncarried:
            args = []
        return ["xj", lent, name, *args]

    def dec_error(self, code: Any) -> BaseException:
        if code[0] == "xj":
            return self._raised[exact(code[1], int)]
        if code[0] != "x":
            raise Broken("no exception")
        _, kind, number, text, args, attributes, cause = code
        known_as, number = self.classes[kind], exact(number, int)
        if not issubclass(known_as, BaseException):
            raise Broken("no exception")
        error = self._held(number)
        if error is None:
            error = _made(known_as, tuple(self.dec_all(exact(args, list), 2)), exact(text, str))
            if isinstance(type(error), ErrorClass):
                error.__dict__.update(_atomic_id=number, _atomic_text=text)
                self._hold(number, error)
            else:
                error.__dict__.update((name, self.dec(each, 2)) for name, each in attributes
                                      if name in _OF_ERRORS)
            if cause is not None:
                error.__cause__ = self.dec_error(cause)
        found: BaseException = error
        found.__traceback__ = None
        return found


def _own_name(value: Any) -> bool:
    """Whether it is found under its name in a module of the standard library."""
    module, name = value.__module__, value.__qualname__
    if not isinstance(module, str) or module.partition(".")[0] not in sys.stdlib_module_names:
        return False
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is value and not isinstance(value, unittest.mock.NonCallableMock)


def _immutable(value: Any) -> Any:
    if type(value) not in (int, float, str, bytes, tuple, frozenset, complex, bool):
        raise Broken("no value of a builtin class")
    return value


def _made(kind: type[BaseException], args: tuple[Any, ...], text: str) -> Any:
    try:
        if kind.__module__ == "builtins" and known("builtins", kind.__name__) is kind:
            return kind(*args)
        error = kind.__new__(kind, *args)
        BaseException.__setattr__(error, "args", args)
        return error
    except Exception:
        return RuntimeError(text)
