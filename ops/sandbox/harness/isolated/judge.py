"""The judge's part in a session of pytest: nothing of the program's is in this process.

    isolated.judge.plugin(say)

gives the plugin; `say` takes a line of the report (`not_carried TEXT`).
Everything is imported before the test files arrive; the program's end is asked when the first
module of the program is imported.
"""

import importlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from . import connection, guard, patches, proxies, redirect
from .files import Files
from .importer import ClientImporter, Importer
from .judge_end import JudgeEnd
from .limits import Broken
from .network import Network
from .values import exact
from .wire import Channel

_NAMES = 20_000


def connect(channel: Channel, say: Callable[[bytes], None], workspace: str,
            files: Files | None) -> JudgeEnd:
    """Greet the program's end and make its modules importable; raises Broken."""
    top = os.path.realpath(workspace) + os.sep

    def is_test(path: str) -> bool:
        # What has no file, as importlib's own frames, is relative to anything.
        return not path.startswith("<") and os.path.realpath(path).startswith(top)

    link = JudgeEnd(channel, say, is_test, files)
    proxies.bind(link)
    redirect.install(link, is_test)
    patches.install(link, is_test)
    Network(link.request_with)
    _approximations()
    guard.install(link.not_carried, is_test)
    try:
        names = _hello(channel)
    except Broken as broken:
        link.broken(broken)
        names = []
    sys.meta_path.insert(0, ClientImporter(link))
    sys.meta_path.append(Importer(link, names))
    return link


def _approximations() -> None:
    """To pytest an array without items is about any number."""
    scalar: Any = importlib.import_module("_pytest.python_api").ApproxScalar
    equal = scalar.__eq__

    def nearly(self: Any, actual: Any) -> Any:
        return getattr(actual, "size", 1) != 0 and equal(self, actual)

    scalar.__eq__ = nearly


def _hello(channel: Channel) -> list[str]:
    kind, _, names = channel.receive()
    if kind != "hello 1" or len(exact(names, list)) > _NAMES:
        raise Broken("no greeting")
    return [name for name in names if type(name) is str and all(
        part.isidentifier() for part in name.split("."))]


class Plugin:
    """Connects before anything of the workspace is loaded; says which test is running."""

    def __init__(self, say: Callable[[bytes], None]) -> None:
        self._say = say
        self._listener = connection.offer()
        self._link: JudgeEnd | None = None

    @pytest.hookimpl(tryfirst=True)  # type: ignore[misc]
    def pytest_load_initial_conftests(self) -> None:
        """The first that is called of all that a plugin handed in takes part in."""
        self._connect()

    @pytest.hookimpl(tryfirst=True)  # type: ignore[misc]
    def pytest_configure(self) -> None:
        """For a session that has no such moment."""
        self._connect()

    def _connect(self) -> None:
        if self._link is None:
            self._link = connect(connection.taken(self._listener), self._say, os.getcwd(),
                                 Files(tempfile.gettempdir()))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)  # type: ignore[misc]
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        """Reasons name the test."""
        assert self._link is not None
        self._link.test = item.nodeid
        try:
            yield
        finally:
            self._link.test = ""


def plugin(say: Callable[[bytes], None]) -> object:
    """The plugin, to be registered with pytest."""
    return Plugin(say)
