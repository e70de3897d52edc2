"""What the command line hands in: the prompt and the caller's files, checked before sending."""

import base64
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .artifacts import MAX_ALL_BYTES, MAX_FILE_BYTES, MAX_FILES
from .errors import UsageError
from .paths import refusal
from .releases import walk

_MAX_PROMPT = 65536


def prompt(argument: str) -> str:
    """The prompt itself, standard input for `-`, or a file's text for `@file`.

    Raises UsageError when it is empty, too long or not UTF-8.
    """
    if argument == "-":
        text = _decoded(sys.stdin.buffer.read(4 * _MAX_PROMPT + 1), "standard input")
    elif argument.startswith("@"):
        text = _decoded(read(Path(argument[1:]), 4 * _MAX_PROMPT), argument[1:])
    else:
        text = argument
    if not text.strip():
        raise UsageError("the prompt is empty")
    if len(text) > _MAX_PROMPT:
        raise UsageError(f"the prompt has {len(text)} characters; {_MAX_PROMPT} are allowed")
    try:
        text.encode()
    except UnicodeEncodeError as failure:
        raise UsageError("the prompt isn't UTF-8") from failure
    return text


def files(groups: Sequence[Sequence[str]]) -> list[list[dict[str, Any]]]:
    """Files as the api takes them, one list for each group of arguments.

    A folder stands for the files in it. All paths are relative to the deepest folder that holds
    every one of them. Raises UsageError for what is missing, too large or too many.
    """
    found = [[path for argument in group for path in _expand(Path(argument))] for group in groups]
    everything = [path for group in found for path, _ in group]
    bases = {str(base) for group in found for _, base in group}
    if not everything:
        return [[] for _ in groups]
    base = Path(os.path.commonpath(sorted(bases)))
    if len(everything) > MAX_FILES:
        raise UsageError(f"{len(everything)} files; {MAX_FILES} are allowed")
    if sum(path.stat().st_size for path in everything) > MAX_ALL_BYTES:
        raise UsageError(f"the files hold more than {MAX_ALL_BYTES >> 20} MiB")
    taken: set[str] = set()
    return [[_entry(path, base, taken) for path, _ in group] for group in found]


def _expand(argument: Path) -> list[tuple[Path, Path]]:
    """Absolute paths of files, each with the folder it was named in."""
    full = Path(os.path.abspath(argument))
    if full.is_dir():
        inside = sorted(path for path in walk(full) if path.is_file() and not path.is_symlink())
        if not inside:
            raise UsageError(f"{argument} has no files")
        return [(path, full) for path in inside]
    if not full.is_file():
        raise UsageError(f"{argument}: no such file")
    return [(full, full.parent)]


def _entry(path: Path, base: Path, taken: set[str]) -> dict[str, Any]:
    name = path.relative_to(base).as_posix()
    why = refusal(name, taken)
    if why is not None:
        raise UsageError(f"{name}: {why}")
    taken.add(name.casefold())
    content = read(path, MAX_FILE_BYTES)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        # No text to the api, which takes no U+0000 either.
        return {"path": name, "content": base64.b64encode(content).decode(), "encoding": "base64"}
    return {"path": name, "content": text}


def text_of(argument: str) -> str:
    """The text of a file, or of standard input for `-`."""
    if argument == "-":
        return _decoded(sys.stdin.buffer.read(MAX_FILE_BYTES + 1), "standard input")
    return _decoded(read(Path(argument), MAX_FILE_BYTES), argument)


def read(path: Path, limit: int) -> bytes:
    """The bytes of a file of at most `limit`; UsageError says what is wrong with it."""
    try:
        with open(path, "rb") as source:
            content = source.read(limit + 1)
    except OSError as failure:
        raise UsageError(f"{path}: {failure.strerror}") from failure
    if len(content) > limit:
        raise UsageError(f"{path} is larger than {limit >> 10} KiB")
    return content


def _decoded(content: bytes, source: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as failure:
        raise UsageError(f"{source} isn't UTF-8") from failure
