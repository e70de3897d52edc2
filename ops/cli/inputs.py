"""What the command line hands in as text: the prompt and standard input, checked before sending."""

import shlex
import sys
from pathlib import Path

from .artifacts import MAX_FILE_BYTES
from .errors import UsageError

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


def instructions(argument: str) -> str:
    """What `--instructions` says, itself or in the file it names."""
    text = text_of(argument[1:]) if argument.startswith("@") else argument
    if not text.strip():
        raise UsageError("--instructions is empty")
    return text


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


def argv_of(option: str, text: str) -> list[str]:
    """A command as a person writes it, taken apart as a shell would; there is no shell."""
    try:
        argv = shlex.split(text)
    except ValueError as failure:
        raise UsageError(f"{option}: {failure}") from failure
    if not argv:
        raise UsageError(f"{option} is empty")
    return argv
