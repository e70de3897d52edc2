"""Keeps a test from running what the program said: text it evaluates, pickles it reads."""

import os
import sys
import tempfile
from collections.abc import Callable
from typing import Any

_BY_TESTS = frozenset(("exec", "compile", "marshal.loads"))


def _path(code: Any) -> str:
    return str(getattr(code, "co_filename", ""))


def install(not_carried: Callable[[str], None], is_test: Callable[[str], bool]) -> None:
    """From now on. There is no way back: an audit hook stays."""
    written = os.path.realpath(tempfile.gettempdir()) + os.sep

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "pickle.find_class":
            not_carried("a pickle that names a class was read")
            raise PermissionError("a pickle isn't read where the tests are judged")
        if event == "exec" and _path(arguments[0]).startswith(written):
            not_carried("a file that the program may have written is run as code")
            raise PermissionError("what lies there isn't run where the tests are judged")
        if event in _BY_TESTS:
            caller = sys._getframe(1).f_code
            # The file's own top level is a module being loaded; its name stands for no function.
            if is_test(caller.co_filename):
                not_carried("a test evaluates text")
                raise PermissionError("text isn't evaluated where the tests are judged")

    sys.addaudithook(hook)
