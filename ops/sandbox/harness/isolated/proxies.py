"""What stands in the judge for classes and objects of the program."""

from collections.abc import Iterator
from typing import Any


# Special names that are asked for; any other is the judge's to know: pytest, unittest, mock and
# inspect ask every object for dozens.
_ASKED = frozenset((
    "__name__", "__qualname__", "__doc__", "__dict__", "__annotations__", "__version__",
    "__author__", "__file__", "__defaults__", "__kwdefaults__", "__members__", "__self__",
    "__cause__", "__context__", "__func__", "__init__", "__str__", "__repr__", "__len__",
    "__iter__", "__contains__", "__getitem__", "__setitem__", "__enter__", "__exit__", "__call__",
    "__slots__", "__notes__"))
# Questions that hand the program a value that the test may expect: what it answers decides.
_TELLING = frozenset(("startswith", "endswith", "issubset", "issuperset", "isdisjoint",
                      "__contains__"))
# What the default of a dataclass's field is made by.
_MADE: dict[str, type] = {"list": list, "dict": dict, "set": set}
link: Any = None


def bind(peer: Any) -> None:
    """All proxies of this process speak over this one."""
    global link
    link = peer


def number(proxy: Any) -> int:
    """The program's number of what this stands for; it is made now if it was only planned."""
    try:
        found: int = object.__getattribute__(proxy, "_atomic_id")
    except AttributeError:
        values = planned(proxy)
        if values is None:
            raise
        if not type(proxy)._atomic_frozen:
            object.__setattr__(proxy, "_atomic_plain", None)
        made = link.request_with("call", (type(proxy)._atomic_class,), values)
        found = link.adopt(made, proxy, values)
    return found


def planned(proxy: Any) -> tuple[Any, ...] | None:
    """The fields of an instance of a dataclass that the program doesn't know of yet.

    Also of one that it knows by now, if it was made by the test and is frozen.
    """
    if type(proxy)._atomic_kind != "data":
        return None
    try:
        found: tuple[Any, ...] | None = object.__getattribute__(proxy, "_atomic_plain")
    except AttributeError:
        return None
    return found


def plan(kind: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """An instance of a plain dataclass that isn't made before somebody needs it, or None.

    So the program isn't told what a test compares its result with.
    """
    fields = vars(kind).get("_atomic_fields")
    if fields is None or len(args) > len(fields):
        return None
    values = {name: _MADE[rest[0][0]]() if type(rest[0]) is list else rest[0]
              for name, *rest in fields if rest}
    given = dict(zip((name for name, *_ in fields), args))
    if given.keys() & named.keys():
        return None
    values.update(given, **named)
    if values.keys() != {name for name, *_ in fields}:
        return None
    proxy = object.__new__(kind)
    object.__setattr__(proxy, "_atomic_plain", tuple(values[name] for name, *_ in fields))
    return proxy


def ours(name: str) -> None:
    """Raises AttributeError for a special name that isn't asked for."""
    if name.startswith(("_pytest", "_mock", "_atomic")) or (
            name.startswith("__") and name.endswith("__") and name not in _ASKED):
        raise AttributeError(name)
    if name.startswith("assert"):
        # What a test asserts of a mock; this isn't one, whatever it stands in the place of.
        link.decided(name)
    if name == "pytestmark" or name == "nodeid" or name == "place_as":
        raise AttributeError(name)


class Class(type):
    """A class of the program; without a number, one of this module's own."""

    _atomic_class: int
    _atomic_methods: frozenset[str]
    _atomic_ops: frozenset[str]
    _atomic_own: frozenset[str]
    _atomic_kind: str
    _atomic_frozen: bool

    def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> "Class":
        if "_atomic_class" not in space and any("_atomic_class" in vars(each) for each in bases):
            made: Class = link.subclass(name, bases, space)
            return made
        return super().__new__(cls, name, bases, space)

    def __call__(cls, *args: Any, **named: Any) -> Any:
        instance = plan(cls, args, named)
        if instance is not None:
            return instance
        return link.request_with("call", (cls._atomic_class,), args, named)

    def __getattr__(cls, name: str) -> Any:
        ours(name)
        return link.get(type.__getattribute__(cls, "_atomic_class"), name)

    def __setattr__(cls, name: str, value: Any) -> None:
        if name.startswith("__") and name.endswith("__"):
            type.__setattr__(cls, name, value)
        else:
            link.set(cls._atomic_class, name, value)

    def __delattr__(cls, name: str) -> None:
        link.delete(cls._atomic_class, name)

    @property
    def __signature__(cls) -> Any:
        return link.signature(cls._atomic_class)

    def __dir__(cls) -> list[str]:
        return names(link.request("dir", cls._atomic_class))

    def __iter__(cls) -> Iterator[Any]:
        return iter(link.request_with("op", (cls._atomic_class, "iter"), ()))

    def __len__(cls) -> int:
        return int(link.request_with("op", (cls._atomic_class, "len"), ()))

    def __getitem__(cls, key: Any) -> Any:
        return link.request_with("op", (cls._atomic_class, "getitem"), (key,))

    def __contains__(cls, item: Any) -> bool:
        link.decided("in")
        return link.request_with("op", (cls._atomic_class, "contains"), (item,)) is True

    def __bool__(cls) -> bool:
        return True

    def __instancecheck__(cls, instance: Any) -> bool:
        if type.__instancecheck__(cls, instance):
            return True
        if "_atomic_class" not in vars(cls):
            return False
        kind = type(instance)
        if not isinstance(kind, Class) or "_atomic_class" not in vars(kind):
            return bool(link.is_named_tuple(instance, cls))
        return link.request("isinstance", cls._atomic_class, number(instance)) is True


def names(found: Any) -> list[str]:
    """A list of names, whatever came."""
    return [name for name in found if type(name) is str] if type(found) is list else []


class Remote(metaclass=Class):
    """An object of the program. There is one for each, as long as somebody here holds it."""

    __slots__ = ("_atomic_id", "_atomic_plain", "_atomic_hash", "_atomic_ahead", "__weakref__")
    # Without annotations: an object would have them instead of the program's.
    _atomic_methods = frozenset[str]()
    _atomic_own = frozenset[str]()
    _atomic_ops = frozenset[str]()
    _atomic_frozen = False
    _atomic_kind = "object"

    def __getattr__(self, name: str) -> Any:
        ours(name)
        kind = type(self)
        if kind._atomic_kind == "value" and name not in kind._atomic_own:
            plain = object.__getattribute__(self, "_atomic_plain")
            if hasattr(plain, name):
                return getattr(plain, name)
        if name in _TELLING:
            link.decided(name)
        if name in kind._atomic_methods and name not in link.unfused:
            return Method(self, name)
        return link.get(number(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        link.set(number(self), name, value)

    def __delattr__(self, name: str) -> None:
        link.delete(number(self), name)

    def __dir__(self) -> list[str]:
        return names(link.request("dir", number(self)))

    def __eq__(self, other: object) -> Any:
        if self is other:
            return True
        kind = type(self)
        another: Any = type(other)
        if isinstance(another, Class):
            if "eq" not in kind._atomic_ops and "eq" not in another._atomic_ops:
                return NotImplemented
            if kind._atomic_kind == "value" and "eq" not in kind._atomic_own:
                mine, theirs = plain(self), plain(other)
                return NotImplemented if mine is None or theirs is None else mine == theirs
            mine, theirs = planned(self), planned(other)
            if type(self) is type(other) and not (mine is None and theirs is None):
                if mine is None or theirs is None:
                    known = theirs if mine is None else mine
                    if link.was_told(known):
                        link.decided("==")
                    mine = link.request("fields", number(self if mine is None else other))
                    theirs = known
                return type(mine) is tuple and type(theirs) is tuple and mine == theirs
            link.decided("==")
            return link.request("eq", number(self), number(other)) is True
        # With a value the program isn't asked: what is equal to everything would be equal.
        if kind._atomic_kind in ("value", "container"):
            return plain(self) == other
        return NotImplemented

    def __hash__(self) -> int:
        if type(self)._atomic_kind == "value":
            return hash(plain(self))
        if type(self)._atomic_frozen:
            return hash(fields(self))
        try:
            known: int = object.__getattribute__(self, "_atomic_hash")
        except AttributeError:
            if "eq" not in type(self)._atomic_ops:
                return object.__hash__(self)
            known = int(link.request_with("op", (number(self), "hash"), ()))
            object.__setattr__(self, "_atomic_hash", known)
        return known

    def __bool__(self) -> bool:
        if not type(self)._atomic_ops & {"bool", "len"}:
            return True
        return link.request_with("op", (number(self), "bool"), ()) is True

    def __repr__(self) -> str:
        return str(link.request_with("op", (number(self), "repr"), ()))

    def __str__(self) -> str:
        return str(link.request_with("op", (number(self), "str"), ()))

    def __copy__(self) -> Any:
        return link.request("copy", number(self))

    def __deepcopy__(self, _: Any) -> Any:
        return link.request("deepcopy", number(self))


def fields(proxy: Any) -> Any:
    """The values of a dataclass's fields, planned or not."""
    found = planned(proxy)
    return found if found is not None else link.request("fields", number(proxy))


def plain(proxy: Any) -> Any:
    """What an object whose class derives from a builtin one is as a value of that, or None."""
    kind = type(proxy)._atomic_kind
    if kind == "value":
        return object.__getattribute__(proxy, "_atomic_plain")
    return link.request("plain", number(proxy)) if kind == "container" else None


class Method:
    """A method that is asked for when it is called, with that: one trip instead of two."""

    __slots__ = ("_atomic_owner", "_atomic_name")

    def __init__(self, owner: Any, name: str) -> None:
        self._atomic_owner = owner
        self._atomic_name = name

    def __call__(self, *args: Any, **named: Any) -> Any:
        return link.request_with("method", (number(self._atomic_owner), self._atomic_name),
                                 args, named)

    def __getattr__(self, name: str) -> Any:
        ours(name)
        return getattr(self.found(), name)

    def found(self) -> Any:
        """The method as an object of the program."""
        return link.get(number(self._atomic_owner), self._atomic_name)

    def __repr__(self) -> str:
        return repr(self.found())

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, Method) and self._atomic_owner is other._atomic_owner
                and self._atomic_name == other._atomic_name)

    def __hash__(self) -> int:
        return hash((id(self._atomic_owner), self._atomic_name))
