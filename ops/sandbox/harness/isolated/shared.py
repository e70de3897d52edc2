"""Mutable containers of Python's own that both ends hold: each sends what changed in its own.

A container crosses with all it contains the first time, and by number after that, so that `is`,
aliases, cycles and changes on either side are what they would be in one process.
"""

import collections
import sys
from collections.abc import Callable, Iterable
from operator import is_
from typing import Any

from .limits import CONTAINERS, Broken, Uncarried
from .values import Codec, exact

_KINDS: dict[str, type] = {
    "l": list, "d": dict, "s": set, "ba": bytearray, "dq": collections.deque,
    "od": collections.OrderedDict, "ct": collections.Counter, "dd": collections.defaultdict}
_TAGS: dict[type, str] = {kind: tag for tag, kind in _KINDS.items()}
_MAPPINGS = (dict, collections.OrderedDict, collections.Counter, collections.defaultdict)
FACTORIES: dict[str, Any] = {each.__name__: each for each in (
    int, float, str, list, dict, set, tuple, bool, collections.Counter, collections.deque)}


class Shared:
    """One of them, and what it held when the other end last knew it: the very same objects."""

    __slots__ = ("number", "value", "seen")

    def __init__(self, number: int, value: Any) -> None:
        self.number = number
        self.value = value
        self.seen: Any = None

    def look(self) -> Any:
        """What it holds now, in a form that is compared by identity."""
        value = self.value
        kind = type(value)
        if kind is bytearray:
            return bytes(value)
        if kind in _MAPPINGS:
            return [*value.keys(), *value.values()]
        return list(value)

    def changed(self) -> bool:
        """Whether it was changed here since."""
        value, seen = self.value, self.seen
        kind = type(value)
        if kind is bytearray:
            return bool(value != seen)
        if kind in _MAPPINGS:
            half = len(value)
            return (2 * half != len(seen) or not all(map(is_, value.keys(), seen))
                    or not all(map(is_, value.values(), seen[half:])))
        return len(value) != len(seen) or not all(map(is_, value, seen))


class Containers:
    """Those that are shared at the moment. Numbers are odd or even by who gave them."""

    def __init__(self, codec: Codec, first: int) -> None:
        self._codec = codec
        self._next = first
        self._other = 1 - first % 2
        self._by_number: dict[int, Shared] = {}
        self._by_id: dict[int, Shared] = {}

    def enc(self, value: Any, depth: int) -> list[Any]:
        """Its number; and all that it holds, if the other end doesn't know it."""
        known = self._by_id.get(id(value))
        if known is not None:
            return ["old", known.number]
        entry = self._enter(self._next, value)
        self._next += 2
        return ["new", entry.number, _TAGS[type(value)], *self._content(value, depth)]

    def mark(self) -> int:
        """Where to take back to what is numbered from here on."""
        return self._next

    def take_back(self, mark: int) -> None:
        """The message that would have told of these isn't sent."""
        self.forget(range(mark, self._next, 2))

    def dec(self, code: list[Any], depth: int) -> Any:
        """The one that is meant."""
        number = exact(code[1], int)
        if code[0] == "old":
            return self._by_number[number].value
        if number % 2 != self._other or number in self._by_number:
            raise Broken("a number that isn't the other end's to give")
        kind = _KINDS[exact(code[2], str)]
        if kind is collections.deque:
            limit = code[3]
            if limit is not None and exact(limit, int) < 0:
                raise Broken("no deque")
            value: Any = collections.deque(maxlen=limit)
        elif kind is collections.defaultdict:
            value = collections.defaultdict(self._factory(code[3]))
        else:
            value = kind()
        entry = self._enter(number, value)
        self._fill(value, code[3:], depth)
        entry.seen = entry.look()
        return value

    def _factory(self, code: Any) -> Any:
        """Of Python's own classes alone: who has it could have it called."""
        return None if code is None else FACTORIES[exact(code, str)]

    def _enter(self, number: int, value: Any) -> Shared:
        if len(self._by_number) >= CONTAINERS:
            raise Uncarried(f"more than {CONTAINERS} lists, dicts and sets at a time")
        entry = self._by_number[number] = self._by_id[id(value)] = Shared(number, value)
        entry.seen = entry.look()
        return entry

    def _content(self, value: Any, depth: int) -> list[Any]:
        kind, below, enc_all = type(value), depth + 1, self._codec.enc_all
        if kind is bytearray:
            return [value.hex()]
        if kind is collections.deque:
            return [value.maxlen, *enc_all(list(value), below)]
        if kind in _MAPPINGS:
            content = [enc_all(list(value.keys()), below), enc_all(list(value.values()), below)]
            if kind is collections.defaultdict:
                return [self._factory_name(value.default_factory), *content]
            return content
        return enc_all(value if kind is list else list(value), below)

    def _factory_name(self, factory: Any) -> str | None:
        if factory is None:
            return None
        name = getattr(factory, "__name__", None)
        if not isinstance(name, str) or FACTORIES.get(name) is not factory:
            raise Uncarried("a defaultdict whose factory isn't one of Python's own classes")
        return name

    def _fill(self, value: Any, content: list[Any], depth: int) -> None:
        kind, dec_all = type(value), self._codec.dec_all
        if kind is bytearray:
            value[:] = bytes.fromhex(exact(content[0], str))
        elif kind is list:
            value[:] = dec_all(content, depth)
        elif kind is set:
            found = dec_all(content, depth)
            value.clear()
            value.update(found)
        elif kind is collections.deque:
            found = dec_all(content[1:], depth)
            value.clear()
            value.extend(found)
        else:
            keys, values = content[1:] if kind is collections.defaultdict else content
            pairs = list(zip(dec_all(keys, depth), dec_all(values, depth), strict=True))
            value.clear()
            for key, item in pairs:
                value[key] = item

    def changes(self) -> list[list[Any]]:
        """What was changed here since the last call; what can't be said is left out."""
        found = []
        for entry in list(self._by_number.values()):
            if entry.changed():
                entry.seen = entry.look()
                mark = self.mark()
                try:
                    found.append(["changed", entry.number, *self._content(entry.value, 0)])
                except Uncarried:
                    self.take_back(mark)
        return found

    def apply(self, note: list[Any]) -> None:
        """Makes one here what it has become there; the same object still."""
        entry = self._by_number[exact(note[1], int)]
        self._fill(entry.value, note[2:], 0)
        entry.seen = entry.look()

    def unheld(self) -> list[int]:
        """Those that nobody here holds but this table; parents are found before their children."""
        count: Callable[[Any], int] = sys.getrefcount
        return [entry.number for entry in self._by_number.values() if count(entry.value) <= 2]

    def forget(self, numbers: Iterable[int]) -> None:
        """They are the other end's alone from now on."""
        for number in numbers:
            entry = self._by_number.pop(number, None)
            if entry is not None:
                self._by_id.pop(id(entry.value), None)

    def __len__(self) -> int:
        return len(self._by_number)
