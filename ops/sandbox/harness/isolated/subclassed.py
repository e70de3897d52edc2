"""The program's end of subclasses.py: classes whose methods are the tests' functions."""

import types
from typing import Any


def made(name: str, bases: tuple[type, ...], *members: tuple[Any, ...]) -> type:
    """The class; `members` are as subclasses.py tells them."""
    space: dict[str, Any] = {"__module__": "tests"}
    for kind, member, *values in members:
        functions = [_function(member, each) for each in values if each is not None]
        if kind == "value":
            space[member] = values[0]
        elif kind == "property":
            space[member] = property(*(each and _function(member, each) for each in values))
        else:
            wrap: Any = {"classmethod": classmethod, "staticmethod": staticmethod}.get(kind)
            space[member] = wrap(functions[0]) if wrap is not None else functions[0]
    return types.new_class(name, bases, {}, lambda given: given.update(space))


def _function(name: str, stub: Any) -> Any:
    def function(*args: Any, **named: Any) -> Any:
        return stub(*args, **named)
    function.__name__ = function.__qualname__ = name
    return function
