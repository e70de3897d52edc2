"""What stands on the program's side for objects of the tests."""

import asyncio
import fcntl
import io
import os
from typing import Any

from . import operators

_NOT_HERE = ("call", "hash", "eq", "bool", "await", "aexit", "exit", "fspath", "index", "bytes")
_WRITTEN = 2 * 1024 * 1024
_fstat = os.fstat
link: Any = None


def bind(peer: Any) -> None:
    """All stubs of this process speak over this one."""
    global link
    link = peer


class Stub:
    """An object of the tests; what may be done with it is the judge's to say."""

    __slots__ = ("_atomic_id", "__weakref__")
    _atomic_id: int

    def __getattr__(self, name: str) -> Any:
        return link.request("get", self._atomic_id, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "_atomic_id":
            object.__setattr__(self, name, value)
        else:
            link.ask_with("set", (self._atomic_id, name), (value,))

    def __eq__(self, other: object) -> Any:
        if self is other:
            return True
        return link.ask_with("op", (self._atomic_id, "eq"), (other,))

    def __hash__(self) -> int:
        return hash(self._atomic_id)

    def __bool__(self) -> bool:
        return link.ask_with("op", (self._atomic_id, "bool"), ()) is True

    def __exit__(self, *_: Any) -> Any:
        return link.ask_with("op", (self._atomic_id, "exit"), (None, None, None))

    def __aexit__(self, *_: Any) -> Any:
        return link.ask_with("op", (self._atomic_id, "aexit"), (None, None, None))


class CallableStub(Stub):
    """One that may be called."""

    __slots__ = ()

    def __call__(self, *args: Any, **named: Any) -> Any:
        return link.request_with("call", (self._atomic_id,), args, named)


class AsyncCallableStub(CallableStub):
    """One whose calls are awaited."""

    __slots__ = ()
    # By this asyncio knows what isn't a function of Python's own.
    _is_coroutine = getattr(asyncio.coroutines, "_is_coroutine", None)


class AwaitableStub(Stub):
    """A coroutine or future of the tests, which goes on in their loop."""

    __slots__ = ("_atomic_run",)

    def __await__(self) -> Any:
        return link.loop.wait(self).__await__()

    def _run(self) -> Any:
        try:
            return object.__getattribute__(self, "_atomic_run")
        except AttributeError:
            object.__setattr__(self, "_atomic_run", self.__await__())
            return object.__getattribute__(self, "_atomic_run")

    def send(self, value: Any) -> Any:
        return self._run().send(value)

    def __next__(self) -> Any:
        # An event loop asks so what has this method.
        return self._run().send(None)

    def throw(self, *error: Any) -> Any:
        return self._run().throw(*error)

    def close(self) -> None:
        self._run().close()


def _operation(name: str) -> Any:
    def method(self: Stub, *args: Any) -> Any:
        return link.ask_with("op", (self._atomic_id, name), args)
    return method


for _name in operators.ALL:
    if _name not in _NOT_HERE:
        setattr(Stub, f"__{_name}__", _operation(_name))


class Input(io.TextIOBase):
    """Standard input is the tests'."""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        return str(link.request("stdin", "read", -1 if size is None else size))

    def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
        return str(link.request("stdin", "readline", -1 if size is None else size))

    def isatty(self) -> bool:
        return False


class Output(io.TextIOBase):
    """What the program prints rides with the next frame."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, most: int) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._held = 0
        self._most = most

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self._held < self._most:
            self._parts.append(str.__str__(text)[:self._most - self._held])
            self._held += len(text)
        return len(text)

    @property
    def buffer(self) -> Any:
        return _Bytes(self)

    def take(self) -> str:
        """What was written since the last call."""
        text = "".join(self._parts)
        self._parts.clear()
        self._held = 0
        return text


class Descriptors:
    """Descriptors 1 and 2, which the program or its processes may write to past sys.stdout."""

    def __init__(self) -> None:
        self._files = []
        for tag, number in (("out", 1), ("err", 2)):
            file = os.memfd_create(tag)
            fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)
            os.dup2(file, number)
            self._files.append((tag, file))

    def take(self) -> list[list[Any]]:
        """Notes of what was written since the last call; what is beyond the limit is lost."""
        notes: list[list[Any]] = []
        for tag, file in self._files:
            held = _fstat(file).st_size
            if held:
                content = os.pread(file, min(held, _WRITTEN), 0)
                os.ftruncate(file, 0)
                notes.append([tag, content.decode("utf-8", "replace")])
        return notes


class _Bytes(io.RawIOBase):
    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._output.write(bytes(content).decode("utf-8", "replace"))
        return len(content)


def ask(prompt: object = "") -> Any:
    """Stands for input()."""
    return link.request("input", str(prompt))
