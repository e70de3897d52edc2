"""Makes the judge's classes for the program's from their descriptions."""

import collections
import dataclasses
import keyword
import types
from typing import Any

from . import known_errors, methods, operators, proxies
from .limits import CLASSES, Broken
from .values import exact

KINDS = frozenset(("object", "exception", "named", "iterator", "coroutine", "data", "value",
                   "container", "function"))
_FIELDS = 1000
# Kinds that are compared by what their builtin class holds.
_PLAIN = ("value", "container")
# What a function or an iterator of the program says it is; type() still tells the truth.
_CLASSES: dict[tuple[str, str], type] = {("builtins", each.__name__): each for each in (
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.GeneratorType,
    types.CoroutineType, types.AsyncGeneratorType)}


class ErrorClass(type):
    """An exception class of the program."""

    _atomic_class: int

    def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> "ErrorClass":
        if "_atomic_class" not in space:
            made: ErrorClass = proxies.link.subclass(name, bases, space)
            return made
        return super().__new__(cls, name, bases, space)

    def __call__(cls, *args: Any, **named: Any) -> Any:
        return proxies.link.request_with("call", (cls._atomic_class,), args, named)

    def __getattr__(cls, name: str) -> Any:
        proxies.ours(name)
        return proxies.link.get(type.__getattribute__(cls, "_atomic_class"), name)


class Classes:
    """Those the program has told of, by number."""

    def __init__(self, dec: Any) -> None:
        self._dec = dec
        self._by_number: dict[int, type] = {}
        self.named: dict[type, int] = {}

    def __getitem__(self, number: Any) -> type:
        return self._by_number[exact(number, int)]

    def describe(self, note: list[Any]) -> None:
        """Enter one. Raises what isn't a description."""
        number, name, module, qualname, doc, bases, ops, kind, fields, fused, defaults = note[1:]
        if exact(number, int) in self._by_number or len(self._by_number) >= CLASSES:
            raise Broken("a class that is known, or one too many")
        if exact(kind, str) not in KINDS or not all(
                type(each) is list and len(each) < _FIELDS and all(type(x) is str for x in each)
                for each in (ops, fields, fused)):
            raise Broken("no description of a class")
        space = {"__module__": exact(module, str), "__qualname__": exact(qualname, str),
                 "__doc__": doc if type(doc) is str else None, "__test__": False,
                 "_atomic_class": number}
        found = [base for base in map(self._dec, exact(bases, list)) if isinstance(base, type)]
        made: Any
        if kind == "exception":
            made = self._error(exact(name, str), found, space)
        elif kind == "named":
            made = self._named(_identifier(exact(name, str)),
                               [_identifier(each) for each in fields], defaults)
            made.__module__, made.__doc__ = module, space["__doc__"]
            for each in fused:
                if each.startswith("__") or each in fields:
                    raise Broken("no name of a method")
                setattr(made, _identifier(each), _OfTuple(number, each))
            self.named[made] = number
        else:
            made = _proxy(exact(name, str), found, space, ops, kind, fields, fused)
            if kind == "data" and type(defaults) is list and len(defaults) == len(fields):
                type.__setattr__(made, "_atomic_fields", tuple(
                    (name, *_default(exact(default, list)))
                    for name, default in zip(fields, defaults)))
                # One that hashes is frozen: what a test has made it of is what it is.
                type.__setattr__(made, "_atomic_frozen", "hash" in ops)
        self._by_number[number] = made

    def _named(self, name: str, fields: list[str], defaults: Any) -> Any:
        """As collections makes them; what has a default comes last."""
        given = [exact(each, list) for each in exact(defaults, list)]
        found = [self._dec(each[0]) for each in given if each]
        if len(given) != len(fields) or [len(each) for each in given] != sorted(
                len(each) for each in given) or any(len(each) > 1 for each in given):
            raise Broken("no defaults")
        make: Any = collections.namedtuple
        return make(name, fields, defaults=found)

    def _error(self, name: str, bases: list[type], space: dict[str, Any]) -> type:
        known = known_errors.known(space["__module__"], space["__qualname__"])
        if known is not None:
            return known
        errors = tuple(base for base in bases if issubclass(base, BaseException)) or (Exception,)
        space.update(__getattr__=_error_attribute, __str__=_error_text, __init__=_nothing,
                     __setattr__=_set_error_attribute, __eq__=_same, __hash__=object.__hash__)
        try:
            return ErrorClass(name, errors, space)
        except TypeError:
            return ErrorClass(name, (Exception,), space)


def _identifier(name: str) -> str:
    if not name.isidentifier() or keyword.iskeyword(name) or len(name) > 200:
        raise Broken("no name of a field")
    return name


def _default(given: list[Any]) -> list[Any]:
    """None, a plain value, or a list with the name of what makes one."""
    if any(type(each) is list and (len(each) != 1 or each[0] not in ("list", "dict", "set"))
           for each in given):
        raise Broken("no default")
    return given[:1]


class _Maker:
    """`__init__` of a class, which only its signature and `super()` are asked of."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        number = self._number if instance is None else proxies.number(instance)
        return proxies.link.get(number, "__init__")


class _OfTuple:
    """What a class of tuples with names has besides its fields: methods and properties."""

    def __init__(self, number: int, name: str) -> None:
        self._number = number
        self._name = name

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return proxies.link.get(self._number, self._name)
        return proxies.link.request_with("attribute", (self._number, self._name), (instance,))


def _proxy(name: str, bases: list[type], space: dict[str, Any], ops: list[str], kind: str,
           fields: list[str], fused: list[str]) -> type:
    ops = [op for op in ops if op in operators.DEFINED]
    found = tuple(base for base in bases if isinstance(base, proxies.Class)) or (proxies.Remote,)
    inherited = frozenset[str]().union(*(base._atomic_methods for base in found))
    space.update(__slots__=(), _atomic_kind=kind, _atomic_ops=frozenset(ops),
                 _atomic_own=frozenset(fields) if kind in _PLAIN else frozenset(),
                 _atomic_methods=inherited | frozenset(fused))
    for op in ops:
        if op in ("eq", "hash", "bool", "str"):
            continue
        if op == "call":
            space["__call__"] = methods.call
        elif op == "await":
            space["__await__"] = methods.awaited
        elif op in ("aenter", "aexit", "anext"):
            space[f"__{op}__"] = methods.awaiting(op)
        else:
            space[f"__{op}__"] = methods.operation(op)
    space["__init__"] = _Maker(space["_atomic_class"])
    builtin = next((base for base in bases if base in (
        int, float, complex, str, bytes, tuple, frozenset, list, dict, set)), None)
    known = _CLASSES.get((space["__module__"], name))
    if known is not None and kind in ("function", "iterator", "coroutine", "object"):
        space["__class__"] = property(lambda self: known)
    if builtin is not None:
        # For isinstance alone; type() still tells the truth.
        space["__class__"] = property(lambda self: builtin)
    if kind == "iterator":
        space["__next__"] = methods.following
    if kind == "coroutine":
        space.update(send=methods.sent, throw=methods.thrown, close=methods.closed)
    if kind == "function":
        space.update(__signature__=property(_signature), __code__=property(_code),
                     __doc__=property(lambda self: proxies.link.get(
                         proxies.number(self), "__doc__")))
        space["__get__"] = _bound
    if kind == "data":
        made = dataclasses.make_dataclass("fields", [_identifier(each) for each in fields])
        space["__dataclass_fields__"] = made.__dataclass_fields__  # type: ignore[attr-defined]
    try:
        return proxies.Class(name, found, space)
    except TypeError:
        return proxies.Class(name, (proxies.Remote,), space)


def _bound(self: Any, instance: Any, owner: Any = None) -> Any:
    """A function of the program as attribute of a class of the tests, as any other function."""
    return self if instance is None else lambda *args, **named: self(instance, *args, **named)


def _code(self: Any) -> Any:
    """Of a function's code no more than whether it is a coroutine's, a generator's and so on."""
    flags = proxies.link.request("flags", proxies.number(self))
    if type(flags) is not int:
        raise AttributeError("__code__")
    return types.SimpleNamespace(co_flags=flags)


def _signature(self: Any) -> Any:
    return proxies.link.signature(proxies.number(self))


def _error_attribute(self: BaseException, name: str) -> Any:
    proxies.ours(name)
    number = self.__dict__.get("_atomic_id")
    if number is None or name.startswith("__") and name != "__notes__":
        raise AttributeError(name)
    return proxies.link.get(number, name)


def _set_error_attribute(self: BaseException, name: str, value: Any) -> None:
    if name.startswith("__"):
        BaseException.__setattr__(self, name, value)
    else:
        proxies.link.set(self.__dict__["_atomic_id"], name, value)


def _error_text(self: BaseException) -> str:
    return str(self.__dict__.get("_atomic_text", ""))


def _nothing(self: BaseException, *_: Any, **__: Any) -> None:
    """Its arguments are set, not passed."""


def _same(self: BaseException, other: object) -> bool:
    return self is other
