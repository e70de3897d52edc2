"""What the judge is told of a class of the program, and values of objects without their class."""

import collections
import dataclasses
import functools
import inspect
import itertools
import types
from collections.abc import Callable
from typing import Any

from . import operators

IMMUTABLE: tuple[Any, ...] = (int, float, complex, str, bytes, tuple, frozenset)
_VIEWS: tuple[Any, ...] = (type({}.keys()), type({}.items()), type({}.values()))
MUTABLE: tuple[Any, ...] = (list, dict, set, *_VIEWS)
_LISTED = 10_000
# What makes a field's default, by the name under which the judge has it.
_MADE: dict[Any, str] = {list: "list", dict: "dict", set: "set"}
_ITERATORS: tuple[type, ...] = (
    types.GeneratorType, type(iter([])), type(iter(())), type(iter({})), type(iter(set())),
    type(iter("")), type(iter(range(0))), enumerate, zip, map, filter, reversed)
_FUNCTIONS: tuple[type, ...] = (types.FunctionType, types.BuiltinFunctionType, types.MethodType,
                                functools.partial)


def described(kind: Any, enc: Callable[[Any], Any]) -> list[Any]:
    """A class but for its number, as the judge is told."""
    name = str(kind.__name__)
    doc = kind.__doc__ if isinstance(kind.__doc__, str) else None
    bases = [enc(base) for base in kind.__bases__ if base is not object]
    ops = [op for op in operators.DEFINED if _defines(kind, op)]
    methods = [each for base in kind.__mro__[:-1] for each, found in list(vars(base).items())
               if isinstance(found, (types.FunctionType, classmethod, staticmethod))
               and not each.startswith("__")][:900]
    shape, fields = _shape(kind)
    return [name, str(kind.__module__), str(kind.__qualname__), doc, bases, ops, shape,
            fields, _added(kind) if shape == "named" else [] if shape in (
                "exception", "function") else methods,
            _defaults(kind) if shape == "data" else
            [[enc(kind._field_defaults[each])] if each in kind._field_defaults else []
             for each in kind._fields] if shape == "named" else None]


def plain(value: Any, base: Any) -> Any:
    """Its value without what its class has changed about reading it."""
    if base is str:
        return "".join(str.__iter__(value))
    if base in (int, float):
        return base.__pos__(value) if base is float else base.__index__(value)
    if base is complex:
        return complex.__pos__(value)
    if base is dict:
        return dict(dict.items(value))
    if base in _VIEWS:
        # What can't be in a set is told as a list, and is unequal to any.
        items = list(value)
        try:
            return set(items) if base is not _VIEWS[2] else items
        except TypeError:
            return items
    return base(base.__iter__(value))


def listed(target: Any) -> list[Any] | None:
    """All that it says it holds, without being asked for anything in particular; or None."""
    for base in MUTABLE:
        if isinstance(target, base):
            return list(base.__iter__(target))
    kind: Any = type(target)
    if hasattr(kind, "__iter__"):
        items = iter(target)
        if items is target:
            return None
    elif callable(getattr(kind, "keys", None)):
        items = iter(target.keys())
    else:
        return None
    found = list(itertools.islice(items, _LISTED + 1))
    return found if len(found) <= _LISTED else None


def is_named(kind: Any) -> bool:
    """Whether it is a class of tuples with names."""
    return (issubclass(kind, tuple) and kind.__bases__ == (tuple,)
            and isinstance(getattr(kind, "_fields", None), tuple)
            and isinstance(getattr(kind, "_field_defaults", None), dict))


def _shape(kind: Any) -> tuple[str, list[str]]:
    if issubclass(kind, BaseException):
        return "exception", []
    if is_named(kind):
        return "named", list(kind._fields)
    if kind in _ITERATORS:
        return "iterator", []
    if issubclass(kind, types.CoroutineType):
        return "coroutine", []
    if kind in _FUNCTIONS:
        return "function", []
    for base in IMMUTABLE:
        if issubclass(kind, base):
            return "value", _changed(kind, base)
    for base in MUTABLE:
        if issubclass(kind, base):
            return "container", _changed(kind, base)
    if dataclasses.is_dataclass(kind):
        return "data", [field.name for field in dataclasses.fields(kind)]
    return "object", []


def _added(kind: Any) -> list[str]:
    """What a class of tuples with names has besides."""
    plain = vars(collections.namedtuple("plain", ()))
    return [name for name in vars(kind) if name not in plain and name not in kind._fields
            and not name.startswith("__")][:900]


def _defaults(kind: Any) -> list[list[Any]] | None:
    """For each field none or a plain one; None if the class makes or compares by ways of its own.

    What dataclass() writes itself has no file.
    """
    fields = dataclasses.fields(kind)
    written = all(getattr(getattr(kind, name), "__code__", _defaults.__code__).co_filename
                  == "<string>" for name in ("__init__", "__eq__", "__hash__", "__lt__")
                  if getattr(kind, name, None) not in (None, getattr(object, name, None)))
    if not written or hasattr(kind, "__post_init__") or not all(
            field.init and field.compare and not field.kw_only for field in fields):
        return None
    return [[field.default] if type(field.default) in (type(None), bool, int, float, str) else
            [[_MADE[field.default_factory]]] if field.default_factory in _MADE else []
            for field in fields]


def _changed(kind: Any, base: Any) -> list[str]:
    """What a class says otherwise than the builtin one it derives from: names, and operators."""
    found = []
    for name in dir(kind):
        if getattr(kind, name, None) is not getattr(base, name, None):
            try:
                same = bool(getattr(kind, name) == getattr(base, name))
            except Exception:
                same = False
            if not same and not isinstance(inspect.getattr_static(kind, name), staticmethod):
                found.append(name.strip("_") if name.startswith("__") else name)
    return found[:900]


def _defines(kind: type, op: str) -> bool:
    found = getattr(kind, f"__{op}__", None)
    return found is not None and found is not getattr(object, f"__{op}__", None)
