"""Which languages the sandbox runs, by the names people give them and by the endings of files."""

import difflib
from collections.abc import Iterable
from pathlib import Path

from .errors import UsageError
from .text import one_line

RUNNABLE = ("python", "javascript", "c", "cpp", "bash")

# As the workers' `Language` has them.
_NAMES = {
    "python": ("python", "python3", "py"),
    "javascript": ("javascript", "js", "node", "nodejs", "ecmascript"),
    "c": ("c",),
    "cpp": ("cpp", "c++", "cxx", "cc"),
    "bash": ("bash", "sh", "shell"),
}
_ENDINGS = {".py": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript",
            ".c": "c", ".cpp": "cpp", ".cc": "cpp", ".cxx": "cpp", ".sh": "bash", ".bash": "bash"}


def known(name: str) -> str | None:
    """The language of this name, None when the sandbox has no runtime for it."""
    wanted = name.strip().lower()
    return next((language for language, names in _NAMES.items() if wanted in names), None)


def runnable(name: str) -> str:
    """The language of this name. Raises UsageError when the sandbox has no runtime for it."""
    language = known(name)
    if language is None:
        raise UsageError(f"{one_line(name)} code can't be run here; {_what_can(name)}")
    return language


def _what_can(name: str) -> str:
    near = difflib.get_close_matches(name.lower(), RUNNABLE, 1)
    return (f"these can: {', '.join(RUNNABLE)}"
            + (f" (did you mean {near[0]}?)" if near else ""))


def refuse_unrunnable(name: str) -> None:
    """Raise UsageError for a language whose code would be paid for and then not pass."""
    if known(name) is None:
        raise UsageError(f"{one_line(name)} code can't be run here, so it would be paid for and "
                         f"then fail; {_what_can(name)}. --unverified accepts it without a run")


def of_files(paths: Iterable[str]) -> str:
    """The language that files' endings say: the entry's, else the only one there is.

    Raises UsageError when they say none, or several.
    """
    endings = {path: _ENDINGS.get(Path(path).suffix.lower()) for path in paths}
    found = {language for language in endings.values() if language}
    entry = {language for path, language in endings.items()
             if language and Path(path).stem == "main"}
    for each in (entry, found):
        if len(each) == 1:
            return each.pop()
    if found:
        raise UsageError(f"files in {' and '.join(sorted(found))}; say which it is with --lang")
    raise UsageError("the files' names don't say the language; use --lang "
                     f"({', '.join(RUNNABLE)})")
