"""numpy's arrays and scalars, and pandas' frames, by copy; neither is loaded for nothing."""

import importlib
import math
import re
import sys
from collections.abc import Callable
from typing import Any

from .limits import Broken

# Never objects, never records: their bytes would be pointers, or names of fields to be parsed.
_KINDS = "biufcmMSU"
_DTYPE = re.compile(r"[<>|=]?[biufcmMSU]\d{1,6}(\[\d{0,4}[A-Za-z]{1,2}\])?")


def enc(codec: Any, value: Any, depth: int) -> list[Any] | None:
    """What stands for it, or None when it is nothing of these libraries'."""
    kind = type(value)
    home = kind.__module__.partition(".")[0] if isinstance(kind.__module__, str) else ""
    if home == "numpy" and "numpy" in sys.modules:
        return _enc_numpy(codec, value, depth)
    if home == "pandas" and "pandas" in sys.modules:
        return _enc_pandas(codec, value, depth)
    return None


def _enc_numpy(codec: Any, value: Any, depth: int) -> list[Any] | None:
    numpy = sys.modules["numpy"]
    if isinstance(value, numpy.generic) and value.dtype.kind in _KINDS:
        return ["np", value.dtype.str, value.tobytes().hex()]
    if type(value) is numpy.ndarray:
        if value.dtype.kind in _KINDS:
            return ["nd", value.dtype.str, list(value.shape), value.tobytes().hex()]
        if value.dtype.kind == "O":
            return ["no", list(value.shape), *codec.enc_all(value.ravel().tolist(), depth + 1)]
    return None


def _enc_pandas(codec: Any, value: Any, depth: int) -> list[Any] | None:
    pandas = sys.modules["pandas"]
    below = depth + 1
    if type(value) is pandas.Series:
        return ["ps", codec.enc(value.to_numpy(), below), codec.enc(value.index, below),
                codec.enc(value.name, below)]
    if type(value) is pandas.DataFrame:
        columns = [codec.enc(value.iloc[:, at].to_numpy(), below)
                   for at in range(value.shape[1])]
        return ["pf", codec.enc(value.index, below), codec.enc(value.columns, below), *columns]
    if type(value) is pandas.RangeIndex:
        return ["pr", value.start, value.stop, value.step, codec.enc(value.name, below)]
    if isinstance(value, pandas.Index) and type(value).__module__.startswith("pandas."):
        return ["pi", codec.enc(value.to_numpy(), below), codec.enc(value.name, below)]
    return None


def _dtype(name: Any) -> Any:
    if type(name) is not str or not _DTYPE.fullmatch(name):
        raise Broken("no kind of numbers")
    return importlib.import_module("numpy").dtype(name)


def _shape(shape: Any, items: int) -> tuple[int, ...]:
    if (type(shape) is not list or len(shape) > 32
            or not all(type(each) is int and 0 <= each <= 1 << 40 for each in shape)
            or math.prod(shape) != items):
        raise Broken("no shape")
    return tuple(shape)


def _numbers(dtype: Any, content: Any) -> Any:
    kind, raw = _dtype(dtype), bytes.fromhex(content)
    if kind.kind == "b" and raw.strip(b"\0\1"):
        raise Broken("a bool that is neither")
    return importlib.import_module("numpy").frombuffer(raw, kind)


def _dec_scalar(_: Any, code: list[Any], _depth: int) -> Any:
    found = _numbers(code[1], code[2])
    if len(found) != 1:
        raise Broken("no number")
    return found[0]


def _dec_array(_: Any, code: list[Any], _depth: int) -> Any:
    found = _numbers(code[1], code[3])
    return found.reshape(_shape(code[2], len(found))).copy()


def _dec_objects(codec: Any, code: list[Any], depth: int) -> Any:
    numpy = importlib.import_module("numpy")
    found = numpy.empty(len(code) - 2, object)
    for at, each in enumerate(codec.dec_all(code[2:], depth)):
        found[at] = each
    return found.reshape(_shape(code[1], len(found)))


def _array(value: Any) -> Any:
    if type(value) is not importlib.import_module("numpy").ndarray:
        raise Broken("no array")
    return value


def _index(value: Any) -> Any:
    if not isinstance(value, importlib.import_module("pandas").Index):
        raise Broken("no index")
    return value


def _dec_series(codec: Any, code: list[Any], depth: int) -> Any:
    pandas = importlib.import_module("pandas")
    return pandas.Series(_array(codec.dec(code[1], depth)), _index(codec.dec(code[2], depth)),
                         name=codec.dec(code[3], depth))


def _dec_frame(codec: Any, code: list[Any], depth: int) -> Any:
    pandas = importlib.import_module("pandas")
    frame = pandas.DataFrame({at: _array(codec.dec(each, depth))
                              for at, each in enumerate(code[3:])},
                             index=_index(codec.dec(code[1], depth)))
    frame.columns = _index(codec.dec(code[2], depth))
    return frame


def _dec_range_index(codec: Any, code: list[Any], depth: int) -> Any:
    if not all(type(each) is int for each in code[1:4]):
        raise Broken("no range")
    return importlib.import_module("pandas").RangeIndex(*code[1:4], name=codec.dec(code[4], depth))


def _dec_index(codec: Any, code: list[Any], depth: int) -> Any:
    return importlib.import_module("pandas").Index(_array(codec.dec(code[1], depth)),
                                                   name=codec.dec(code[2], depth))


DECODERS: dict[str, Callable[[Any, list[Any], int], Any]] = {
    "np": _dec_scalar, "nd": _dec_array, "no": _dec_objects, "ps": _dec_series, "pf": _dec_frame,
    "pr": _dec_range_index, "pi": _dec_index,
}
