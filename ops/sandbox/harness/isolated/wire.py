"""Frames: four bytes of length (big-endian), then a JSON array, over two streams."""

import json
import os
import select
import struct
from os import read, write
from time import monotonic
from typing import Any

from .limits import FRAME_BYTES, FRAMES, LISTS, PATIENCE, TAKING, Broken, Uncarried

_LENGTH = struct.Struct(">I")
_CHUNK = 256 * 1024
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def packed(message: list[Any]) -> bytes:
    """The frame of a message; raises Uncarried when it is too large."""
    try:
        body = _encode(message).encode("ascii")
    except RecursionError as failure:
        raise Uncarried("a value is nested too deeply") from failure
    if len(body) > FRAME_BYTES:
        raise Uncarried(f"a value of more than {FRAME_BYTES >> 20} MiB")
    return _LENGTH.pack(len(body)) + body


def unpacked(body: bytes) -> list[Any]:
    """The message of a frame's body; raises Broken for anything that isn't one."""
    if body.count(b"[") > LISTS:
        raise Broken("a frame with too many lists")
    try:
        message = json.loads(body, object_pairs_hook=_no_objects)
    except (ValueError, RecursionError, MemoryError) as failure:
        raise Broken("a frame that isn't JSON as agreed") from failure
    if (type(message) is not list or len(message) != 3 or type(message[0]) is not str
            or type(message[1]) is not list):
        raise Broken("a frame of another form")
    return message


def _no_objects(_: object) -> None:
    raise ValueError("objects don't occur")


class Channel:
    """Reads and writes frames, bounded in size, number and time. Not for several threads.

    `incoming` and `outgoing` are descriptors of streams, and may be the same.
    """

    def __init__(self, incoming: int, outgoing: int, patience: float = PATIENCE) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._patience = patience
        self._held = bytearray()
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(incoming, select.POLLIN)
        self._writable.register(outgoing, select.POLLOUT)
        for descriptor in (incoming, outgoing):
            os.set_inheritable(descriptor, False)
        os.set_blocking(outgoing, False)
        self.frames = 0

    def send(self, frame: bytes) -> None:
        """Raises Broken when the other end is gone, or doesn't read."""
        until = monotonic() + min(self._patience, TAKING)
        left = memoryview(frame)
        try:
            while True:
                try:
                    left = left[write(self._outgoing, left):]
                    if not left:
                        return
                except BlockingIOError:
                    pass
                self._await(self._writable, until)
        except OSError as failure:
            raise Broken("the other end is gone") from failure

    def receive(self) -> list[Any]:
        """The next message; raises Broken when none comes in time, or not within the limits."""
        self.frames += 1
        if self.frames > FRAMES:
            raise Broken(f"more than {FRAMES} frames")
        until = monotonic() + self._patience
        held = self._held
        while len(held) < 4:
            self._more(until)
        (length,) = _LENGTH.unpack_from(held)
        if length > FRAME_BYTES:
            raise Broken("a frame that is too large")
        while len(held) < 4 + length:
            self._more(until)
        body = bytes(memoryview(held)[4:4 + length])
        del held[:4 + length]
        return unpacked(body)

    def _more(self, until: float) -> None:
        self._await(self._readable, until)
        try:
            piece = read(self._incoming, _CHUNK)
        except BlockingIOError:
            return
        except OSError as failure:
            raise Broken("the other end is gone") from failure
        if not piece:
            raise Broken("the other end is gone")
        self._held += piece

    def _await(self, ready: select.poll, until: float) -> None:
        left = until - monotonic()
        if left <= 0 or not ready.poll(left * 1000):
            raise Broken("no answer in time")
