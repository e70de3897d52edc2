"""What tests patch in Python's own modules is patched where the program is as well.

`patch("time.time")`, `monkeypatch.setattr(os, "listdir", ...)`: the program's calls are meant. So
are seeds of random numbers. The program's own modules need nothing of this: they are proxies.
"""

import random
import sys
import types
import unittest.mock
from collections.abc import Callable
from typing import Any

import pytest

from .limits import Broken
from .modules import Module
from .proxies import Class

# Standard input and output are carried by themselves; processes by redirect.py.
_BY_OTHERS = frozenset((("builtins", "input"), ("sys", "stdin"), ("sys", "stdout"),
                        ("sys", "stderr"), ("sys", "argv"), ("sys", "path"), ("sys", "modules"),
                        ("os", "environ")))
_SEEDS = (type(None), int, float, str, bytes)


def place(target: Any, is_test: Callable[[str], bool]) -> tuple[str, str] | None:
    """Module and name within it of what isn't the tests' own nor the program's; or None."""
    if isinstance(target, Module) or isinstance(type(target), Class) or isinstance(target, Class):
        return None
    if isinstance(target, types.ModuleType):
        module, name = target.__name__, ""
    elif isinstance(target, type):
        module, name = target.__module__, target.__qualname__
    else:
        return None
    home: Any = sys.modules.get(module)
    file = getattr(home, "__file__", None)
    if home is None or isinstance(file, str) and is_test(file) or "<locals>" in name:
        return None
    return module, name


def install(link: Any, is_test: Callable[[str], bool]) -> None:
    """From now on."""
    patcher: Any = getattr(unittest.mock, "_patch")
    monkey: Any = pytest.MonkeyPatch
    enter, leave, setting, undoing = (patcher.__enter__, patcher.__exit__, monkey.setattr,
                                      monkey.undo)

    originals: dict[tuple[str, str, str], Any] = {}

    def tell(target: Any, name: str, original: Any = None) -> None:
        where = place(target, is_test)
        # Between tests it is pytest that patches, itself.
        if not link.test or where is None or (where[0], name) in _BY_OTHERS:
            return
        now = getattr(target, name, None)
        try:
            if now is originals.setdefault((*where, name), original):
                link.request("unpatch", *where, name)
            else:
                link.request_with("patch", (*where, name), (now,))
        except (Broken, Exception):
            # The tests go on, with a patch that is only theirs.
            link.not_carried(f"a patch of {where[0]}.{name}")

    def entered(self: Any) -> Any:
        found = enter(self)
        tell(self.target, self.attribute, self.temp_original)
        return found

    def left(self: Any, *error: Any) -> Any:
        target, name = self.target, self.attribute
        found = leave(self, *error)
        tell(target, name)
        return found

    def set_(self: Any, *args: Any, **named: Any) -> None:
        before = len(self._setattr)
        setting(self, *args, **named)
        for target, name, original in self._setattr[before:]:
            tell(target, name, original)

    def undone(self: Any) -> None:
        changed = [(target, name) for target, name, _ in self._setattr]
        undoing(self)
        for target, name in changed:
            tell(target, name)

    patcher.__enter__, patcher.__exit__ = entered, left
    monkey.setattr, monkey.undo = set_, undone
    _seeds(link, is_test)


def _seeds(link: Any, is_test: Callable[[str], bool]) -> None:
    """A seed that a test sets is the program's as well."""
    seed = random.seed
    module: Any = random

    def seeded(a: Any = None, version: int = 2) -> None:
        seed(a, version)
        if type(a) in _SEEDS and is_test(sys._getframe(1).f_code.co_filename):
            link.request_with("seed", (), (a,))

    module.seed = seeded
