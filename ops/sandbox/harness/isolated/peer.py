"""What both ends do: requests, one inside the other, over one channel."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from .limits import NESTING, Broken
from .shared import Containers
from .values import Codec, exact
from .wire import Channel, packed

Notes = list[list[Any]]


def _rank(note: list[Any]) -> bool:
    """Classes come first: what follows refers to them."""
    return bool(note[0] != "class")


class Peer(Codec):
    """One end. A frame is [kind, notes, body]; notes are applied, in order, before the body.

    Threads may share it: one request is under way at a time, and those inside it.
    """

    def __init__(self, channel: Channel, first: int) -> None:
        self.channel = channel
        self.containers = Containers(self, first)
        self.lock = threading.RLock()
        self.depth = 0
        self.requests = 0
        self.gone: Broken | None = None
        # What has to be told with the next frame, before all else.
        self.pending: Notes = []

    def enc_container(self, value: Any, depth: int) -> list[Any]:
        return self.containers.enc(value, depth)

    def dec_container(self, code: list[Any], depth: int) -> Any:
        return self.containers.dec(code, depth)

    def request(self, op: str, *plain: Any) -> Any:
        """Ask, and return the answer or raise what it raised. `plain` is JSON's own."""
        return self._ask(lambda: [op, *plain])

    def request_with(self, op: str, plain: Sequence[Any], args: Sequence[Any],
                     named: Mapping[str, Any] | None = None) -> Any:
        """The same with arguments, which are encoded."""
        return self._ask(lambda: [op, *plain, self.enc_all(args, 1),
                                  [[name, self.enc(each, 1)] for name, each in named.items()]
                                  if named else []])

    def _ask(self, body: Callable[[], Any]) -> Any:
        with self.turn():
            if self.gone is not None:
                raise Broken(str(self.gone))
            self.allow_request()
            if self.depth >= NESTING:
                raise RecursionError(f"more than {NESTING} calls across, one inside the other")
            frame = self._frame("call", body)
            self.requests += 1
            self.depth += 1
            try:
                self.channel.send(frame)
                error = None
                while error is None:
                    kind, notes, code = self.channel.receive()
                    self.take_notes(notes)
                    if kind == "call":
                        self.serve(code)
                    elif kind == "return":
                        return self.read(self.dec, code)
                    elif kind == "raise":
                        error = self.read(self.dec_error, code)
                    else:
                        raise Broken("a frame of no known kind")
            except Broken as broken:
                self.broken(broken)
                raise
            except BaseException as failure:
                if error is None:
                    # An answer may still be on its way: the next question would get it.
                    self.broken(Broken(f"a question was left by {type(failure).__name__}"))
                raise
            finally:
                self.depth -= 1
        raise error

    def serve(self, code: Any) -> None:
        """Do what is asked for, and answer. What is no request at all ends everything."""
        if type(code) is not list or not code:
            raise Broken("no request")
        try:
            op = exact(code[0], str)
            kind, body = "return", partial(self.enc, self.perform(op, code))
        except Broken:
            raise
        except BaseException as raised:
            kind, body = "raise", partial(self.enc_error, raised)
        # Made and sent at once: what another thread sends in between may refer to what it tells.
        with self.lock:
            try:
                frame = self._frame(kind, body)
            except Broken:
                raise
            except BaseException as raised:
                frame = self._frame("raise", partial(self.enc_error, raised))
            self.answered()
            self.channel.send(frame)

    def read(self, decode: Callable[[Any], Any], code: Any) -> Any:
        """What is meant; that it can't be decoded is the other end's fault."""
        try:
            return decode(code)
        except Exception as failure:
            raise Broken(f"no value: {type(failure).__name__}") from failure

    def _frame(self, kind: str, body: Callable[[], Any]) -> bytes:
        with self.lock:
            self.pending += self.containers.changes()
            mark = self.containers.mark()
            try:
                code = body()
                self.pending += self.notes()
                self.pending.sort(key=_rank)
                frame = packed([kind, self.pending, code])
            except BaseException:
                self.containers.take_back(mark)
                raise
            self.pending = []
            return frame

    def take_notes(self, notes: list[Any]) -> None:
        """Apply what the other end tells, before the body of its frame."""
        for note in notes:
            if type(note) is not list or not note:
                raise Broken("no note")
            if note[0] == "changed":
                self.read(self.containers.apply, note)
            else:
                self.read(self.noted, note)

    def turn(self) -> AbstractContextManager[Any]:
        """Held while something is asked."""
        return self.lock

    def allow_request(self) -> None:
        """Raises RuntimeError when nothing may be asked now."""

    def answered(self) -> None:
        """An answer is about to be sent."""

    def broken(self, why: Broken) -> None:
        """Nothing goes across any more."""
        self.gone = self.gone or why

    def notes(self) -> Notes:
        """What the next frame tells besides."""
        return []

    def noted(self, note: list[Any]) -> None:
        """What the other end tells besides."""
        raise Broken("a note of no known kind")

    def perform(self, op: str, code: list[Any]) -> Any:
        """What the other end asks for; the result, or what it raises, is the answer."""
        raise NotImplementedError

    def enc_error(self, error: BaseException) -> list[Any]:
        """What stands for something raised."""
        raise NotImplementedError

    def dec_error(self, code: Any) -> BaseException:
        """What is to be raised here."""
        raise NotImplementedError

    def pairs(self, code: Any) -> dict[str, Any]:
        """Named arguments."""
        return {exact(name, str): self.dec(each) for name, each in exact(code, list)}
