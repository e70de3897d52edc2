"""Imports the program's modules in the judge: as proxies, and only where nothing else is found."""

import importlib
import importlib.abc
import importlib.machinery
import os
import sys
import types
from collections.abc import Sequence
from typing import Any

from . import modules, proxies
from .limits import Broken

# Test clients of web frameworks are of use only where the program is.
CLIENTS = frozenset(("fastapi.testclient", "starlette.testclient"))
# What comes through `import *` of these is the judge's own.
_PLAIN_MODULES = frozenset((
    "math", "cmath", "re", "random", "string", "itertools", "collections", "heapq", "json", "copy",
    "sys", "os", "functools", "bisect", "typing", "datetime", "time", "statistics", "operator",
    "decimal", "fractions", "dataclasses", "enum", "io"))


class Importer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Last of the finders: Python's modules, installed ones and the tests' own come first."""

    def __init__(self, link: Any, names: Sequence[str]) -> None:
        self._link = link
        self._names = frozenset(names)
        self._packages = frozenset(name.rpartition(".")[0] for name in names) | frozenset(
            ".".join(name.split(".")[:depth]) for name in names
            for depth in range(1, name.count(".") + 1))
        self._before: set[str] = set()

    def find_spec(self, fullname: str, path: Sequence[str] | None,
                  target: types.ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:
        """A module of the program's, or one below a folder that the test has put on the path."""
        for prefix in ("", *self._folders()) if path is None else ("",):
            name = f"{prefix}{fullname}"
            if name in self._names or name in self._packages:
                spec = importlib.machinery.ModuleSpec(fullname, self)
                if name in self._packages or name in self._names:
                    spec.submodule_search_locations = []
                spec.loader_state = prefix
                return spec
        return None

    def _folders(self) -> list[str]:
        """Folders of the workspace on the path, as prefixes of names."""
        here = os.getcwd()
        folders = [os.path.abspath(each) for each in sys.path]
        found = [os.path.relpath(each, here) for each in folders if each.startswith(here + os.sep)]
        return [each.replace(os.sep, ".") + "." for each in found]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """The proxy of the module, which is imported there."""
        again = spec.name in self._before
        self._before.add(spec.name)
        folder = str(spec.loader_state or "").rstrip(".").replace(".", os.sep)
        module, names, plain = self._link.request("import", spec.name, folder, again)
        if not isinstance(module, modules.Module):
            raise Broken("no module")
        module.__dict__["_atomic_star"] = proxies.names(names) + [
            name for name in proxies.names(plain) if name in _PLAIN_MODULES]
        for name in proxies.names(plain):
            if name in _PLAIN_MODULES:
                module.__dict__["_atomic_plain"][name] = importlib.import_module(name)
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """It has been carried out there already."""


class ClientImporter(importlib.abc.MetaPathFinder):
    """First of the finders, for CLIENTS alone: the real ones would drive an app that isn't here."""

    def __init__(self, link: Any) -> None:
        self._importer = Importer(link, ())

    def find_spec(self, fullname: str, path: Sequence[str] | None,
                  target: types.ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:
        """That of a test client's module."""
        if fullname in CLIENTS:
            return importlib.machinery.ModuleSpec(fullname, self._importer)
        return None
