"""Objects and exceptions as the program's end sends and takes them."""

import builtins
import importlib
import types
import weakref
from typing import Any

from . import descriptions, stubs
from .known_errors import own_names
from .limits import Broken
from .peer import Peer
from .wire import Channel

_RAISED = 400
_STUBS = {"j": stubs.Stub, "jc": stubs.CallableStub, "jf": stubs.AsyncCallableStub,
          "ja": stubs.AwaitableStub}


class SubjectObjects(Peer):
    """Numbers what it hands out; the judge gives numbers back."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel, 1)
        self._next = 1
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._told: set[int] = set()
        self._stubs: weakref.WeakValueDictionary[int, stubs.Stub] = weakref.WeakValueDictionary()
        self._freed: list[int] = []
        self._raised: dict[int, tuple[int, BaseException]] = {}

    def take_back_numbers(self, numbers: list[int]) -> None:
        """The judge doesn't hold these any more."""
        for number in numbers:
            self._numbers.pop(id(self._objects.pop(number, None)), None)

    def freed(self) -> list[int]:
        """Numbers of the judge's objects that nobody here holds any more, once."""
        freed = self._freed[:]
        del self._freed[:len(freed)]
        return [each for each in freed if each not in self._stubs]

    def number(self, target: Any) -> int:
        """Its number, which keeps it alive until the judge gives it back."""
        found = self._numbers.get(id(target))
        if found is None:
            found = self._numbers[id(target)] = self._next
            self._objects[found] = target
            self._next += 1
        return found

    def enc_object(self, value: Any, depth: int) -> list[Any]:
        kind = type(value)
        if isinstance(value, stubs.Stub):
            return ["j", object.__getattribute__(value, "_atomic_id")]
        if isinstance(value, type):
            return ["K", self._class(value)]
        if isinstance(value, BaseException):
            return self.enc_error(value)
        if isinstance(value, types.ModuleType):
            return ["m", self.number(value), value.__name__]
        if descriptions.is_named(kind):
            return ["nt", self._class(kind), *self.enc_all(list(tuple.__iter__(value)), depth + 1)]
        code = ["o", self.number(value), self._class(kind)]
        for base in descriptions.IMMUTABLE:
            if isinstance(value, base):
                code.append(self.enc(descriptions.plain(value, base), depth + 1))
                break
        return code

    def dec_object(self, code: list[Any], depth: int) -> Any:
        tag = code[0]
        if tag in ("o", "K"):
            return self._objects[code[1]]
        if tag == "nt":
            return tuple.__new__(self._objects[code[1]], self.dec_all(code[2:], depth))
        if tag in _STUBS:
            return self._stub(code[1], _STUBS[tag])
        if tag == "jp":
            stub: Any = self._stub(code[1], stubs.CallableStub)
            make: Any = property
            return make(lambda _: stub(), lambda _, value: stub(value))
        if tag == "by":
            found: Any = importlib.import_module(code[1])
            for part in code[2].split(".") if code[2] else ():
                found = getattr(found, part)
            return found
        if tag == "xj":
            return self.dec_error(code)
        raise Broken("a value of no known kind")

    def _stub(self, number: int, kind: type[stubs.Stub]) -> stubs.Stub:
        stub = self._stubs.get(number)
        if stub is None:
            stub = self._stubs[number] = kind()
            object.__setattr__(stub, "_atomic_id", number)
            weakref.finalize(stub, self._freed.append, number).atexit = False
        return stub

    def _class(self, kind: type) -> int:
        number = self.number(kind)
        if number not in self._told:
            self._told.add(number)
            self.pending.append(["class", number, *descriptions.described(kind, self.enc)])
        return number

    def enc_error(self, error: BaseException, deep: int = 0) -> list[Any]:
        lent = self._raised.get(id(error))
        if lent is not None:
            return ["xj", lent[0]]
        try:
            text = str(error)
        except Exception:
            text = ""
        attributes: list[Any] = []
        mark = self.containers.mark()
        try:
            args = self.enc_all(error.args, 2)
            if own_names(type(error).__module__):
                attributes = [[name, self.enc(each, 3)] for name, each in vars(error).items()
                              if not name.startswith("_")]
        except Exception:
            self.containers.take_back(mark)
            args, attributes = [text], []
        cause = error.__cause__
        return ["x", self._class(type(error)), self.number(error), text, args, attributes,
                None if cause is None or deep > 3 else self.enc_error(cause, deep + 1)]

    def dec_error(self, code: Any) -> BaseException:
        if code[0] == "o":
            found = self._objects[code[1]]
            if isinstance(found, BaseException):
                return found
            raise Broken("no exception")
        known = [error for number, error in self._raised.values() if number == code[1]]
        if known:
            return known[0]
        try:
            error = getattr(builtins, code[2])(*self.dec_all(code[3:], 1))
        except Exception:
            error = Exception(code[2])
        self._raised[id(error)] = (code[1], error)
        while len(self._raised) > _RAISED:
            self._raised.pop(next(iter(self._raised)))
        made: BaseException = error
        return made
