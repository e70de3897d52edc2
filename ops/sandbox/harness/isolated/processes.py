"""The program's end of redirect.py: processes that the tests start."""

import subprocess
from typing import Any

# By name: a test may put something else in its place, and means the program's calls by it.
_run_process, _Process = subprocess.run, subprocess.Popen


def start(argv: Any, **options: Any) -> Any:
    """One that goes on; the tests talk to what is returned."""
    # An end of the channel isn't standard input.
    process: Any = _Process
    return process(argv, **{"stdin": subprocess.DEVNULL, **options})


def run(argv: Any, given: bytes | None, shell: bool, timeout: float | None, cwd: str | None,
        env: dict[str, str] | None, merged: bool) -> Any:
    """Its exit code, None when it ran out of time, and what it printed."""
    try:
        done = _run_process(argv, input=given if given is not None else b"", shell=shell,
                            timeout=timeout, cwd=cwd, env=env, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT if merged else subprocess.PIPE, check=False)
    except subprocess.TimeoutExpired as late:
        return None, late.stdout or b"", late.stderr or b""
    return done.returncode, done.stdout, done.stderr or b""
