"""Classes of the tests that derive from one of the program's.

Such a class is made where the program is, and its methods call back to the tests' functions. What
the test has is the proxy of that class, as of any other of the program's.
"""

import builtins
import sys
import types
from typing import Any

from . import proxies

_LEFT_OUT = frozenset(("__module__", "__qualname__", "__annotations__", "__classcell__",
                       "__firstlineno__", "__static_attributes__", "__dict__", "__weakref__"))
_super = super
_installed = False


def make(name: str, bases: tuple[type, ...], space: dict[str, Any]) -> Any:
    """The proxy of the class, with the cell filled that `super()` reads."""
    members = [_member(key, value) for key, value in space.items() if key not in _LEFT_OUT]
    made = proxies.link.request_with("subclass", (name,), (bases, *members))
    cell = space.get("__classcell__")
    if isinstance(cell, types.CellType):
        cell.cell_contents = made
    _install()
    return made


def _member(name: str, value: Any) -> tuple[Any, ...]:
    if isinstance(value, types.FunctionType):
        return "function", name, value
    if isinstance(value, (classmethod, staticmethod)):
        return type(value).__name__, name, value.__func__
    if isinstance(value, property):
        return "property", name, value.fget, value.fset, value.fdel
    return "value", name, value


class _OfProgram:
    """What `super()` is in a method of such a class."""

    def __init__(self, kind: Any, target: Any) -> None:
        self._atomic_kind, self._atomic_target = kind, target

    def __getattribute__(self, name: str) -> Any:
        kind, target = (object.__getattribute__(self, each)
                        for each in ("_atomic_kind", "_atomic_target"))
        return proxies.link.request_with("super", (kind._atomic_class, name), (target,))


class _Super(type):
    """Python's own super, but for those classes."""

    def __call__(cls, *args: Any) -> Any:
        if not args:
            frame = sys._getframe(1)
            names, space = frame.f_code.co_varnames, frame.f_locals
            if not frame.f_code.co_argcount or "__class__" not in space:
                raise RuntimeError("super(): no arguments")
            args = (space["__class__"], space[names[0]])
        kind: Any = args[0]
        if len(args) == 2 and "_atomic_class" in getattr(kind, "__dict__", ()):
            return _OfProgram(*args)
        return _super(*args)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _super)


def _install() -> None:
    global _installed
    if not _installed:
        _installed = True
        space: Any = builtins
        space.super = _Super("super", (), {})
