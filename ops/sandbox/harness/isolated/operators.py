"""The special methods that go across, by name without underscores."""

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any

COMPARISONS = ("lt", "le", "gt", "ge")
_BINARY = ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow", "lshift",
           "rshift", "and", "xor", "or")
ARITHMETIC = (*_BINARY, *(f"r{name}" for name in _BINARY),
              *(f"i{name}" for name in _BINARY if name != "divmod"))
IN_PLACE = frozenset(f"i{name}" for name in _BINARY)
ASYNC = ("aenter", "aexit", "anext", "aiter", "await")
OTHERS = ("neg", "pos", "abs", "invert", "int", "float", "complex", "index", "round", "trunc",
          "floor", "ceil", "len", "getitem", "setitem", "delitem", "contains", "iter", "next",
          "reversed", "call", "enter", "exit", "format", "bytes", "fspath")
# Of what a class defines, its description names these.
DEFINED = frozenset((*COMPARISONS, *ARITHMETIC, *ASYNC, *OTHERS, "eq", "hash", "bool", "str"))
ALL = DEFINED | {"repr"}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(builtins, name) for name in (
        "bool", "str", "repr", "len", "iter", "next", "hash", "int", "float", "complex", "bytes",
        "reversed", "abs", "round", "format")},
    **{name: getattr(operator, name) for name in (*COMPARISONS, "eq", "index", "neg", "pos",
                                                  "invert", "contains", "getitem", "setitem",
                                                  "delitem")},
    **{name: getattr(math, name) for name in ("trunc", "floor", "ceil")}}


def apply(name: str, target: Any, *args: Any) -> Any:
    """What the operator gives for an object; NotImplemented where its class knows no answer."""
    function = _FUNCTIONS.get(name)
    if function is not None and name not in COMPARISONS and name != "eq":
        return function(target, *args)
    return getattr(type(target), f"__{name}__")(target, *args)
