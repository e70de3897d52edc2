"""What stands in the judge for modules of the program."""

import builtins
import sys
import types
from typing import Any

from . import proxies

_NO_STAR = ("pytest", "test", "Test", "setup", "teardown", "setUp", "tearDown", "load_tests",
            "conftest", "_")


class Module(types.ModuleType):
    """A module that the program has. Its functions and classes are kept until something is set."""

    def __getattr__(self, name: str) -> Any:
        space = self.__dict__
        if name == "__all__":
            found = star(space.get("_atomic_star", ()), sys._getframe(1).f_globals)
            # What is asked for next is what `import *` binds: of Python's modules the judge's own.
            space["_atomic_next"] = {each: space["_atomic_plain"][each] for each in found
                                     if each in space["_atomic_plain"]}
            return found
        proxies.ours(name)
        if name in space["_atomic_next"]:
            return space["_atomic_next"].pop(name)
        kept = space["_atomic_kept"]
        if name not in kept:
            found = proxies.link.get(space["_atomic_id"], name)
            kind: Any = type(found)
            if not (isinstance(found, proxies.Class)
                    or isinstance(kind, proxies.Class) and kind._atomic_kind == "function"):
                return found
            kept[name] = found
        return kept[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("__") and name.endswith("__") or (
                isinstance(value, Module) and name not in self.__dict__):
            self.__dict__[name] = value
        else:
            self.__dict__["_atomic_kept"].pop(name, None)
            proxies.link.set(self.__dict__["_atomic_id"], name, value)

    def __delattr__(self, name: str) -> None:
        self.__dict__["_atomic_kept"].pop(name, None)
        proxies.link.delete(self.__dict__["_atomic_id"], name)

    def __dir__(self) -> list[str]:
        return proxies.names(proxies.link.request("dir", self.__dict__["_atomic_id"]))


def star(offered: Any, importer: dict[str, Any]) -> list[str]:
    """What `import *` may bring: nothing of Python's or pytest's, nothing the test already has."""
    return [name for name in offered if type(name) is str and not name.startswith(_NO_STAR)
            and not hasattr(builtins, name) and name not in importer]
