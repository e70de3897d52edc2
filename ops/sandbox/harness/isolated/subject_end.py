"""The program's end: does with the program's objects what the tests ask for."""

import asyncio
import builtins
import copy
import dataclasses
import importlib
import inspect
import os
import subprocess
import sys
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any

from . import descriptions, operators, stubs
from .files import Files
from .known_errors import own_names
from .limits import Broken
from .peer import Notes, Peer
from .wire import Channel

_PRINTED = 2 * 1024 * 1024


class SubjectEnd(Peer):
    """Numbers what it hands out; the judge gives numbers back."""

    def __init__(self, channel: Channel, files: Files | None) -> None:
        super().__init__(channel, 1)
        self.out, self.err = stubs.Output(_PRINTED), stubs.Output(_PRINTED)
        self._files = files
        self._next = 1
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._told: set[int] = set()
        self._stubs: weakref.WeakValueDictionary[int, stubs.Stub] = weakref.WeakValueDictionary()
        self._freed: list[int] = []
        self._raised: dict[int, tuple[int, BaseException]] = {}
        # What an iterator raised after items that were to be told first.
        self._late: dict[int, Exception] = {}
        self._active = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    # Objects, as they cross.

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
        if tag in ("j", "jc"):
            return self._stub(code[1], stubs.CallableStub if tag == "jc" else stubs.Stub)
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
        while len(self._raised) > 400:
            self._raised.pop(next(iter(self._raised)))
        made: BaseException = error
        return made

    # What is asked.

    def ask_with(self, op: str, plain: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
        """A request of a stub's, without named arguments."""
        return self._ask(lambda: [op, *plain, self.enc_all(args, 1)])

    def allow_request(self) -> None:
        if self._active == 0:
            raise RuntimeError("the tests aren't waiting for the program just now")

    def serve(self, code: Any) -> None:
        self._active += 1
        super().serve(code)

    def answered(self) -> None:
        self._active -= 1

    def perform(self, op: str, code: list[Any]) -> Any:
        if op == "import":
            return self._import(*code[1:])
        if op == "run":
            return _run(*self.dec_all(code[1], 1))
        target = self._objects[code[1]]
        if op == "call":
            return target(*self.dec_all(code[2], 1), **self.pairs(code[3]))
        if op == "method":
            return getattr(target, code[2])(*self.dec_all(code[3], 1), **self.pairs(code[4]))
        if op == "get":
            return getattr(target, code[2])
        if op == "set":
            return setattr(target, code[2], self.dec(code[3][0]))
        if op == "op":
            return self._operate(target, code[2], self.dec_all(code[3], 1))
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
        if op == "await":
            return self._await(target)
        if op == "batch":
            return self._batch(target, code[1], code[2])
        if op == "plain":
            bases = (base for base in descriptions.MUTABLE if isinstance(target, base))
            return descriptions.plain(target, next(bases))
        if op == "fields":
            return tuple(getattr(target, field.name) for field in dataclasses.fields(target))
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

    def _await(self, target: Any) -> Any:
        async def run() -> Any:
            return await target
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        if self._loop.is_running():
            found: list[Any] = []
            thread = threading.Thread(target=lambda: found.append(_settled(run)))
            thread.start()
            thread.join()
            if isinstance(found[0], BaseException):
                raise found[0]
            return found[0][0]
        return self._loop.run_until_complete(run())

    # What rides along.

    def notes(self) -> Notes:
        notes: Notes = [[tag, text] for tag, text in
                        (("out", self.out.take()), ("err", self.err.take())) if text]
        if self._freed:
            freed = self._freed[:]
            del self._freed[:len(freed)]
            notes.append(["free", *(each for each in freed if each not in self._stubs)])
        return notes + (self._files.changes() if self._files is not None else [])

    def noted(self, note: list[Any]) -> None:
        tag = note[0]
        if tag == "drop":
            self.containers.forget(note[1:])
        elif tag == "free":
            for number in note[1:]:
                self._late.pop(number, None)
                self._numbers.pop(id(self._objects.pop(number, None)), None)
        elif tag == "env":
            os.environ.clear()
            os.environ.update(dict(note[1:]))
        elif tag == "cwd":
            os.chdir(note[1] if os.path.isdir(note[1]) else "/")
        elif self._files is not None:
            self._files.apply(note)


def _settled(run: Callable[[], Any]) -> Any:
    try:
        return (asyncio.run(run()),)
    except BaseException as error:
        return error


def _run(argv: Any, given: bytes | None, shell: bool, timeout: float | None, cwd: str | None,
         env: dict[str, str] | None, merged: bool) -> Any:
    try:
        done = subprocess.run(argv, input=given if given is not None else b"", shell=shell,
                              timeout=timeout, cwd=cwd, env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT if merged else subprocess.PIPE, check=False)
    except subprocess.TimeoutExpired as late:
        return None, late.stdout or b"", late.stderr or b""
    return done.returncode, done.stdout, done.stderr or b""
