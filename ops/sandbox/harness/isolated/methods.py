"""Special methods of proxies, and what makes iterators and coroutines of them."""

from collections import deque
from collections.abc import Callable, Generator
from typing import Any

from . import operators, proxies

_SINGLY, _BATCH = 16, 256


def _left(self: Any, args: tuple[Any, ...]) -> bool:
    """The end of a `with`. The traceback stays here, and a failed assertion can't be swallowed."""
    error = args[1] if len(args) > 1 else None
    swallowed = proxies.link.request_with("op", (proxies.number(self), "exit"),
                                          (None, error, None))
    if error is None or not swallowed:
        return False
    proxies.link.not_carried("the program's context manager swallowed what the test raised")
    return not isinstance(error, AssertionError)


def _is_plain(kind: Any, name: str) -> bool:
    """Whether its class has this operator from a builtin one, so that it needs not be asked."""
    return (kind._atomic_kind in ("value", "container") and name not in kind._atomic_own
            and not (kind._atomic_kind == "container" and name in operators.IN_PLACE))


def contains(self: Any, item: Any) -> bool:
    """Decided here if the program first lists what is in there, and then says the same itself.

    It lists without knowing what for. Only where both differ, or nothing can be listed, is its
    word all there is.
    """
    kind = type(self)
    if kind._atomic_kind == "value" and "contains" not in kind._atomic_own:
        return bool(operators.apply("contains", proxies.plain(self), item))
    try:
        items = proxies.link.request("listed", proxies.number(self))
    except Exception:
        items = None
    found = any(each is item or each == item for each in items) if type(items) is list else None
    if _is_plain(kind, "contains") and found is not None:
        return found
    known = found and proxies.link.was_told((item,))
    said = proxies.link.request_with("op", (proxies.number(self), "contains"), (item,)) is True
    if said is not found or known:
        proxies.link.decided("in")
    if not found:
        # From now on it could list this because it was asked for it.
        proxies.link.tell((item,))
    return said


def operation(name: str) -> Callable[..., Any]:
    """The special method of a proxy that goes across."""
    def method(self: Any, *args: Any) -> Any:
        kind = type(self)
        remote = any(isinstance(type(each), proxies.Class) for each in args)
        if name in operators.COMPARISONS:
            if _is_plain(kind, name):
                other = proxies.plain(args[0]) if remote else args[0]
                return operators.apply(name, proxies.plain(self), other)
            if not remote:
                return NotImplemented
            mine, theirs = proxies.planned(self), proxies.planned(args[0])
            theirs = theirs if isinstance(args[0], kind) else None
            if mine is not None and theirs is not None:
                return operators.apply(name, mine, theirs)
            proxies.link.decided("<")
        elif name == "contains":
            return contains(self, args[0])
        elif name in operators.ARITHMETIC and not remote:
            if _is_plain(kind, name):
                return operators.apply(name, proxies.plain(self), *args)
            proxies.link.decided(f"__{name}__")
        elif name == "exit":
            return _left(self, args)
        return proxies.link.request_with("op", (proxies.number(self), name), args)
    method.__name__ = f"__{name}__"
    return method


def call(self: Any, *args: Any, **named: Any) -> Any:
    """A function, or an object that is called like one."""
    return proxies.link.request_with("call", (proxies.number(self),), args, named)


def following(self: Any) -> Any:
    """Singly at first, then in batches: a long generator costs one trip for 256 items."""
    try:
        ahead = object.__getattribute__(self, "_atomic_ahead")
    except AttributeError:
        ahead = [0, deque(), False]
        object.__setattr__(self, "_atomic_ahead", ahead)
    if not ahead[1]:
        if ahead[2]:
            raise StopIteration
        ahead[0] += 1
        if ahead[0] <= _SINGLY:
            return proxies.link.request_with("op", (proxies.number(self), "next"), ())
        items, ahead[2] = proxies.link.request("batch", proxies.number(self), _BATCH)
        ahead[1].extend(items)
        return following(self)
    return ahead[1].popleft()


def awaited(self: Any) -> Generator[None, None, Any]:
    """What `await` drives."""
    found: Generator[None, None, Any] = proxies.link.awaits.drive(self)
    return found


def _driven(self: Any) -> Generator[None, None, Any]:
    """The one that drives this coroutine."""
    try:
        found: Generator[None, None, Any] = object.__getattribute__(self, "_atomic_ahead")
    except AttributeError:
        found = awaited(self)
        object.__setattr__(self, "_atomic_ahead", found)
    return found


def sent(self: Any, value: Any) -> Any:
    """What an event loop calls a coroutine with."""
    return _driven(self).send(value)


def thrown(self: Any, error: Any, *rest: Any) -> Any:
    """What an event loop cancels a coroutine with."""
    return _driven(self).throw(error, *rest)


def closed(self: Any) -> None:
    """A coroutine that isn't awaited any more."""
    _driven(self).close()


def awaiting(name: str) -> Callable[..., Any]:
    """`async with` and `async for`."""
    async def method(self: Any, *_: Any) -> Any:
        args = (None,) * 3 if name == "aexit" else ()
        found = await proxies.link.request_with("op", (proxies.number(self), name), args)
        # What the test raised goes on, whatever the program says.
        return None if name == "aexit" else found
    return method
