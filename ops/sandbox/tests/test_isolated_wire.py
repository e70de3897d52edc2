"""The channel's format: golden frames, and limits at which each end stops reading."""

import collections
import datetime
import decimal
import fractions
import json
import pathlib
import socket
import struct
import sys
import unittest
import uuid
from typing import Any

import local_judge

sys.path.insert(0, str(local_judge.HARNESS))
from isolated import limits, values, wire  # noqa: E402
from isolated.limits import Broken, Uncarried  # noqa: E402
from isolated.shared import Containers  # noqa: E402

GOLDEN = pathlib.Path(__file__).parent / "golden" / "isolated.json"
VALUES: dict[str, Any] = {
    "none": None, "true": True, "integer": 7, "text": "é\ud800", "float": 0.1,
    "large integer": 2 ** 64, "negative integer": -(2 ** 70), "bytes": b"\x00a",
    "tuple": (1, ("a",)), "frozenset": frozenset({1}), "complex": 1 + 2j, "range": range(1, 9, 2),
    "slice": slice(None, 2, None), "ellipsis": ..., "not implemented": NotImplemented,
    "decimal": decimal.Decimal("1.10"), "fraction": fractions.Fraction(1, 3),
    "date": datetime.date(2026, 1, 2), "time": datetime.time(1, 2, 3),
    "datetime": datetime.datetime(2026, 1, 2, 3, 4, 5, 6, datetime.timezone.utc),
    "timedelta": datetime.timedelta(1, 2, 3), "uuid": uuid.UUID(int=7),
    "path": pathlib.PurePosixPath("/a/b"), "class": int, "list": [1, [2]], "dict": {"a": 1, 2: "b"},
    "set": {3}, "bytearray": bytearray(b"x"), "deque": collections.deque([1], 4),
    "ordered dict": collections.OrderedDict(a=1), "counter": collections.Counter("aa"),
    "defaultdict": collections.defaultdict(list, a=1),
}


class Alone(values.Codec):
    """An end that has no objects."""

    def __init__(self, first: int) -> None:
        self.containers = Containers(self, first)

    def enc_container(self, value: Any, depth: int) -> list[Any]:
        return self.containers.enc(value, depth)

    def dec_container(self, code: list[Any], depth: int) -> Any:
        return self.containers.dec(code, depth)

    def enc_object(self, value: Any, depth: int) -> list[Any]:
        raise Uncarried("an object")

    def dec_object(self, code: list[Any], depth: int) -> Any:
        raise Broken("an object")


class GoldenTest(unittest.TestCase):
    def test_each_value_is_what_the_file_says(self) -> None:
        golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
        self.assertEqual(set(golden["values"]), set(VALUES))
        for name, value in VALUES.items():
            with self.subTest(name):
                frame = wire.packed(["return", [], Alone(1).enc(value)])
                self.assertEqual(frame[4:].decode(), golden["values"][name])
                read = Alone(2).dec(wire.unpacked(golden["values"][name].encode())[2])
                self.assertEqual(read, value)
                self.assertIs(type(read), type(value))

    def test_a_change_is_what_the_file_says(self) -> None:
        here, there, held = Alone(2), Alone(1), [1, [2]]
        sent = there.dec(here.enc(held))
        held[1].append(held)  # type: ignore[attr-defined]
        changes = here.containers.changes()
        golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
        self.assertEqual(changes, golden["changes"])
        for change in changes:
            there.containers.apply(change)
        self.assertIs(sent[1][1], sent)
        self.assertEqual(here.containers.changes(), [])
        self.assertEqual(there.containers.changes(), [])


class LimitsTest(unittest.TestCase):
    def receive(self, sent: bytes) -> list[Any]:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(sent)
            ours.shutdown(socket.SHUT_WR)
            return local_judge.channel(theirs, 5).receive()

    def test_what_is_no_frame_is_refused(self) -> None:
        bodies = (b"", b"{}", b"[]", b'["return",[],{"a":1}]', b'["return",[]]', b"[1,[],2]",
                  b'["return",{},1]', b"[" * 100_000, b'["return",[],' + b"9" * 5000 + b"]",
                  b"\xff\xfe", b'["return",[],[' + b"[]," * limits.LISTS + b"1]]")
        for body in bodies:
            with self.subTest(body[:20]), self.assertRaises(Broken):
                wire.unpacked(body)

    def test_a_frame_that_is_too_large_isnt_read(self) -> None:
        with self.assertRaisesRegex(Broken, "too large"):
            self.receive(struct.pack(">I", limits.FRAME_BYTES + 1))

    def test_half_a_frame_is_none(self) -> None:
        with self.assertRaisesRegex(Broken, "gone"):
            self.receive(struct.pack(">I", 10) + b"[")

    def test_silence_ends(self) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs, self.assertRaisesRegex(Broken, "in time"):
            local_judge.channel(theirs, 0.05).receive()

    def test_too_many_frames_end_it(self) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            channel = local_judge.channel(theirs, 5)
            channel.frames = limits.FRAMES
            ours.sendall(wire.packed(["return", [], None]))
            with self.assertRaisesRegex(Broken, "frames"):
                channel.receive()

    def test_what_is_too_large_isnt_sent(self) -> None:
        with self.assertRaises(Uncarried):
            wire.packed(["return", [], "x" * limits.FRAME_BYTES])

    def test_what_is_too_deep_goes_neither_way(self) -> None:
        deep: Any = 1
        for _ in range(limits.DEPTH + 2):
            deep = (deep,)
        with self.assertRaises(Uncarried):
            Alone(1).enc(deep)
        code: Any = 1
        for _ in range(limits.DEPTH + 2):
            code = ["t", code]
        with self.assertRaises(Broken):
            Alone(2).dec(code)

    def test_numbers_of_containers_are_their_givers(self) -> None:
        for code in (["new", 2, "l"], ["new", 0, "l"], ["old", 1], ["new", "1", "l"],
                     ["new", 1, "int"], ["new", 1, "dd", "eval", [], []], ["new", True, "l"]):
            with self.subTest(code), self.assertRaises((Broken, KeyError)):
                Alone(2).dec(code)


if __name__ == "__main__":
    unittest.main()
