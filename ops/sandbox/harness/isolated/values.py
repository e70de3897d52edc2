"""Values as JSON arrays of a tag and contents, exact types only; everything else is a reference.

None, bool, str, float and int up to 64 bits are JSON's own. NaN and the infinities are spelled as
Python's json does. Never pickle, marshal or eval; what is decoded is checked, not believed.
"""

import collections
import datetime
import decimal
import fractions
import pathlib
import uuid
import zoneinfo
from collections.abc import Callable, Sequence
from typing import Any

from . import arrays
from .limits import DEPTH, Broken, Uncarried

_BIG = 2 ** 63
_PLAIN = frozenset({type(None), bool, str, float})
_NUMBERS = frozenset({int, bool})
# Classes of Python's own that cross by name, both ways.
KNOWN = {f"{each.__module__}.{each.__qualname__}": each for each in (
    int, float, bool, str, bytes, bytearray, list, tuple, dict, set, frozenset, complex, range,
    slice, object, type, type(None), decimal.Decimal, fractions.Fraction, datetime.date,
    datetime.datetime, datetime.time, datetime.timedelta, datetime.timezone, uuid.UUID,
    collections.OrderedDict, collections.Counter, collections.deque, collections.defaultdict,
    pathlib.Path, pathlib.PurePath)}
_KNOWN_NAMES: dict[type, str] = {each: name for name, each in KNOWN.items()}
PATHS: dict[str, type] = {each.__name__: each for each in (
    pathlib.PosixPath, pathlib.PurePosixPath, pathlib.PureWindowsPath)}


def exact(value: object, kind: type) -> Any:
    """The value, if it is of exactly this type."""
    if type(value) is not kind:
        raise Broken(f"no {kind.__name__}")
    return value


class Codec:
    """Encodes and decodes; the two ends add what becomes of objects and of mutable containers."""

    def enc(self, value: Any, depth: int = 0) -> Any:
        """What stands for a value in a frame; raises Uncarried."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is int:
            return value if -_BIG < value < _BIG else ["i", hex(value)]
        if depth > DEPTH:
            raise Uncarried("a value is nested too deeply")
        encoder = _ENCODERS.get(kind)
        if encoder is not None:
            return encoder(self, value, depth)
        if isinstance(value, type) and value in _KNOWN_NAMES:
            return ["k", _KNOWN_NAMES[value]]
        if kind is zoneinfo.ZoneInfo and value.key is not None:
            return ["zone", value.key]
        array = arrays.enc(self, value, depth)
        return array if array is not None else self.enc_object(value, depth)

    def enc_all(self, values: Sequence[Any], depth: int) -> list[Any]:
        """Each of them: at once, if nothing in there needs a tag."""
        kinds = set(map(type, values))
        if kinds <= _PLAIN or (kinds <= _NUMBERS and -_BIG < min(values) and max(values) < _BIG):
            return list(values)
        enc = self.enc
        return [enc(each, depth) for each in values]

    def dec(self, code: Any, depth: int = 0) -> Any:
        """The value that is meant; raises Broken, or what a constructor raises, for no value."""
        if type(code) is not list:
            return code
        if depth > DEPTH or not code or type(code[0]) is not str:
            raise Broken("a value that is too deep, or none")
        decoder = _DECODERS.get(code[0])
        if decoder is not None:
            return decoder(self, code, depth + 1)
        return self.dec_object(code, depth + 1)

    def dec_all(self, codes: Sequence[Any], depth: int) -> list[Any]:
        """Each of them."""
        dec = self.dec
        return [dec(each, depth) if type(each) is list else each for each in codes]

    def enc_object(self, value: Any, depth: int) -> list[Any]:
        """What stands for an object that isn't a value."""
        raise NotImplementedError

    def dec_object(self, code: list[Any], depth: int) -> Any:
        """The object, or its proxy."""
        raise NotImplementedError

    def enc_container(self, value: Any, depth: int) -> list[Any]:
        """What stands for a mutable container, which both ends share."""
        raise NotImplementedError

    def dec_container(self, code: list[Any], depth: int) -> Any:
        """The container both ends share."""
        raise NotImplementedError


def _enc_date(_: Codec, value: Any, _depth: int) -> list[Any]:
    return [type(value).__name__, value.isoformat()]


def _enc_zoned(codec: Codec, value: Any, depth: int) -> list[Any]:
    if value.tzinfo is not None and type(value.tzinfo) not in (datetime.timezone,
                                                               zoneinfo.ZoneInfo):
        raise Uncarried("a time zone of a class of its own")
    return [type(value).__name__, value.replace(tzinfo=None).isoformat(),
            codec.enc(value.tzinfo, depth + 1), value.fold]


def _dec_zoned(kind: Any) -> Callable[[Codec, list[Any], int], Any]:
    def decode(codec: Codec, code: list[Any], depth: int) -> Any:
        zone = codec.dec(code[2], depth)
        if zone is not None and type(zone) not in (datetime.timezone, zoneinfo.ZoneInfo):
            raise Broken("no time zone")
        return kind.fromisoformat(exact(code[1], str)).replace(
            tzinfo=zone, fold=1 if code[3] else 0)
    return decode


def _dec_zone(_: Codec, code: list[Any], _depth: int) -> Any:
    key = exact(code[1], str)
    if len(key) > 100:
        raise Broken("no zone")
    return zoneinfo.ZoneInfo(key)


def _parts(tag: str, *names: str) -> Callable[[Codec, Any, int], list[Any]]:
    def encode(codec: Codec, value: Any, depth: int) -> list[Any]:
        return [tag, *(codec.enc(getattr(value, name), depth + 1) for name in names)]
    return encode


def _built(kind: Any, *allowed: type) -> Callable[[Codec, list[Any], int], Any]:
    """From parts of these types alone, so that no constructor sees an object of the other end's."""
    def decode(codec: Codec, code: list[Any], depth: int) -> Any:
        parts = codec.dec_all(code[1:], depth)
        if not all(type(part) in allowed for part in parts):
            raise Broken(f"no {kind.__name__}")
        return kind(*parts)
    return decode


def _dec_path(_: Codec, code: list[Any], _depth: int) -> Any:
    return PATHS[exact(code[1], str)](exact(code[2], str))


def _enc_path(_: Codec, value: Any, _depth: int) -> list[Any]:
    return ["p", type(value).__name__, str(value)]


def _dec_int(_: Codec, code: list[Any], _depth: int) -> int:
    return int(exact(code[1], str), 16)


def _container(codec: Codec, value: Any, depth: int) -> list[Any]:
    return codec.enc_container(value, depth)


_DATE, _TIME, _WHEN = datetime.date, datetime.time, datetime.datetime
_ENCODERS: dict[type, Callable[[Codec, Any, int], list[Any]]] = {
    tuple: lambda codec, value, depth: ["t", *codec.enc_all(value, depth + 1)],
    frozenset: lambda codec, value, depth: ["fs", *codec.enc_all(list(value), depth + 1)],
    bytes: lambda codec, value, depth: ["b", value.hex()],
    complex: lambda codec, value, depth: ["c", value.real, value.imag],
    range: _parts("range", "start", "stop", "step"),
    slice: _parts("slice", "start", "stop", "step"),
    type(Ellipsis): lambda codec, value, depth: ["el"],
    type(NotImplemented): lambda codec, value, depth: ["ni"],
    decimal.Decimal: lambda codec, value, depth: ["dec", str(value)],
    fractions.Fraction: _parts("fr", "numerator", "denominator"),
    _DATE: _enc_date, _TIME: _enc_zoned, _WHEN: _enc_zoned,
    datetime.timedelta: _parts("td", "days", "seconds", "microseconds"),
    datetime.timezone: lambda codec, value, depth: ["tz", codec.enc(value.utcoffset(None))],
    uuid.UUID: lambda codec, value, depth: ["u", value.hex],
    **{each: _enc_path for each in PATHS.values()},
    **{each: _container for each in (
        list, dict, set, bytearray, collections.deque, collections.OrderedDict,
        collections.Counter, collections.defaultdict)},
}
_DECODERS: dict[str, Callable[[Codec, list[Any], int], Any]] = {
    "i": _dec_int,
    "t": lambda codec, code, depth: tuple(codec.dec_all(code[1:], depth)),
    "fs": lambda codec, code, depth: frozenset(codec.dec_all(code[1:], depth)),
    "b": lambda codec, code, depth: bytes.fromhex(exact(code[1], str)),
    "c": _built(complex, float), "range": _built(range, int, bool),
    "slice": lambda codec, code, depth: slice(*codec.dec_all(code[1:], depth)),
    "el": lambda codec, code, depth: Ellipsis, "ni": lambda codec, code, depth: NotImplemented,
    "dec": _built(decimal.Decimal, str), "fr": _built(fractions.Fraction, int),
    "date": lambda codec, code, depth: _DATE.fromisoformat(exact(code[1], str)),
    "time": _dec_zoned(_TIME), "datetime": _dec_zoned(_WHEN),
    "td": _built(datetime.timedelta, int), "tz": _built(datetime.timezone, datetime.timedelta),
    "zone": _dec_zone, "u": _built(uuid.UUID, str), "p": _dec_path,
    "k": lambda codec, code, depth: KNOWN[exact(code[1], str)],
    "new": lambda codec, code, depth: codec.dec_container(code, depth),
    "old": lambda codec, code, depth: codec.dec_container(code, depth),
    **arrays.DECODERS,
}
