"""The workspace's Python files as they were when the session began.

Test files and conftest.py are loaded from these bytes: what the program writes over them, or puts
beside them as compiled code, is never read. What stands in a test file's place among the loaded
modules is told apart, because it was not loaded from here.
"""

import ast
import os
from pathlib import Path
from types import CodeType

from _pytest.assertion import rewrite
from _pytest.config import Config

MAX_BYTES = 8 << 20


class HandedIn:
    """Files by their absolute paths. Used by one session, from its start."""

    def __init__(self, workspace: str) -> None:
        self._texts: dict[str, bytes] = {}
        self._loaded: set[str] = set()
        left = MAX_BYTES
        for folder, _, names in os.walk(workspace):
            for name in names:
                path = os.path.join(folder, name)
                if name.endswith(".py") and os.path.isfile(path) and left > 0:
                    with open(path, "rb") as file:
                        self._texts[path] = file.read(left)
                    left -= len(self._texts[path])

    def text(self, path: str) -> bytes:
        """What a file held; nothing if it wasn't there."""
        return self._texts.get(path, b"")

    def has(self, path: str) -> bool:
        """Whether a file was there."""
        return path in self._texts

    def is_loaded(self, path: str) -> bool:
        """Whether a module was made of these bytes."""
        return path in self._loaded

    def serve(self) -> None:
        """Has pytest load what it rewrites from here."""
        rewrite._read_pyc = _no_compiled
        rewrite._rewrite_test = self._rewritten

    def _rewritten(self, fn: Path, config: Config) -> tuple[os.stat_result, CodeType]:
        name = str(fn)
        if name not in self._texts and fn.name == "conftest.py":
            raise ImportError(f"{name} wasn't there when the session began")
        text = self._texts[name] if name in self._texts else fn.read_bytes()
        tree = ast.parse(text, filename=name)
        rewrite.rewrite_asserts(tree, text, name, config)
        code = compile(tree, name, "exec", dont_inherit=True)
        self._loaded.add(name)
        return os.stat(fn), code


def _no_compiled(*_: object, **__: object) -> None:
    return None
