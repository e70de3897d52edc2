"""The program's end of patches.py: what the tests have set in Python's own."""

import importlib
from typing import Any

_NONE = object()


class Patched:
    """What is set, and what was there before."""

    def __init__(self) -> None:
        self._before: dict[tuple[str, str, str], Any] = {}

    def set(self, module: str, name: str, attribute: str, value: Any) -> None:
        """Of a module, or of a class in it."""
        target = _found(module, name)
        key = (module, name, attribute)
        if key not in self._before:
            # From the class's own space: a static method is one again when it is put back.
            self._before[key] = vars(target).get(attribute, _NONE)
        setattr(target, attribute, value)

    def restore(self, module: str, name: str, attribute: str) -> None:
        """As it was before the first of them."""
        before = self._before.pop((module, name, attribute), None)
        if before is _NONE:
            delattr(_found(module, name), attribute)
        elif before is not None:
            setattr(_found(module, name), attribute, before)


def _found(module: str, name: str) -> Any:
    found: Any = importlib.import_module(module)
    for part in name.split(".") if name else ():
        found = getattr(found, part)
    return found
