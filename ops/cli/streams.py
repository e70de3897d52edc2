"""The three standard streams, whatever they are: closed, full, or a pipe that nobody reads."""

import os
import sys
from collections.abc import Callable, Iterable
from io import TextIOBase
from typing import TextIO, cast


class CantWrite(Exception):
    """Standard output takes no more, and not because its reader has enough."""


def open_those_closed() -> None:
    """Put the null device in the place of a stream that was closed by the caller.

    Else the next file opened would get its number, and what is said would land in that.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, closefd=False))
    sys.stdout = cast(TextIO, _Out(sys.stdout, required=True))
    sys.stderr = cast(TextIO, _Out(sys.stderr, required=False))


def let_go() -> None:
    """What is still held back goes nowhere: Python would end with a traceback over it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, _Out) and stream.gone:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _Out(TextIOBase):
    """A stream that tells a reader who left from a device that is full.

    Whoever read our output and left has what they wanted (`| head`): from then on it goes nowhere,
    and the command ends as it would have. For what isn't `required`, that holds for any failure.
    """

    def __init__(self, stream: TextIO, required: bool) -> None:
        # A locale without UTF-8 must not end a command in the middle of somebody's prompt.
        getattr(stream, "reconfigure")(errors="replace")
        self._stream = stream
        self._required = required
        self.gone = False

    @property
    def buffer(self) -> "_Bytes":
        """For bytes; what was written as text goes before them."""
        self.flush()
        return _Bytes(self)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return not self.gone and self._stream.isatty()

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._try(lambda: self._stream.write(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:  # type: ignore[override]
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        self._try(self._stream.flush)

    def write_bytes(self, content: bytes) -> None:
        """Bytes as they are, at once."""
        self._try(lambda: (self._stream.buffer.write(content), self._stream.buffer.flush()))

    def _try(self, action: Callable[[], object]) -> None:
        if self.gone:
            return
        try:
            action()
        except OSError as failure:
            self.gone = True
            if self._required and not isinstance(failure, BrokenPipeError):
                raise CantWrite(f"standard output can't be written: {failure.strerror}"
                                ) from failure


class _Bytes:
    """The bytes' side of a stream."""

    def __init__(self, out: _Out) -> None:
        self._out = out

    def write(self, content: bytes) -> int:
        self._out.write_bytes(content)
        return len(content)

    def flush(self) -> None:
        """Nothing is held back."""
