"""Running a program of the set-up: its output in a log, its last words when it fails."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .errors import StackError
from .text import clean


def run(argv: Sequence[str], log: Path, cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        each_line: Callable[[str], None] | None = None) -> tuple[int, list[str]]:
    """Run to the end; the exit code and the last 40 lines, cleaned. `log` is written anew."""
    last: list[str] = []
    with open(log, "w", encoding="utf-8", opener=_private) as output:
        try:
            child = subprocess.Popen(
                argv, cwd=cwd, env=dict(env) if env is not None else None,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except OSError as failure:
            raise StackError(f"{argv[0]} can't be started: {failure.strerror}") from failure
        with child:
            assert child.stdout is not None
            for raw in child.stdout:
                line = clean(raw.decode("utf-8", "replace")).rstrip("\n")
                output.write(line + "\n")
                output.flush()
                last = [*last[-39:], line]
                if each_line is not None:
                    each_line(line)
    return child.returncode, last


def output(argv: Sequence[str], seconds: float = 30.0) -> tuple[int, str]:
    """Run something short to its end; the exit code and what it printed, cleaned.

    Raises StackError when it can't be started or takes longer.
    """
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds,
                              check=False)
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise StackError(f"{argv[0]} can't be run: {failure}") from failure
    return done.returncode, clean(done.stdout.decode("utf-8", "replace"))


def last_words(lines: Sequence[str]) -> str:
    """The line that says most about a failure: the last one that isn't empty."""
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
