"""Subprocesses of the tests run where the program is; what they print comes back as values."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from .limits import Broken

_OPTIONS = frozenset(("input", "capture_output", "text", "universal_newlines", "encoding",
                      "errors", "timeout", "check", "cwd", "env", "stdin", "stdout", "stderr",
                      "shell"))


def install(link: Any, is_test: Callable[[str], bool]) -> None:
    """From now on `subprocess.run` and what is made of it ask the program's end, for the tests.

    Who else calls them, pytest's plugins say, gets the real ones.
    """
    space: Any = subprocess
    process: Any = subprocess.Popen

    def by_test() -> bool:
        return is_test(sys._getframe(2).f_code.co_filename)

    def asking(real: Any, ours: Any) -> Any:
        def either(*args: Any, **options: Any) -> Any:
            return (ours if by_test() else real)(*args, **options)
        return either

    def run(args: Any, **options: Any) -> Any:
        return _run(link, args, options)

    def check_output(args: Any, **options: Any) -> Any:
        return run(args, **{**options, "stdout": subprocess.PIPE, "check": True}).stdout

    def call(args: Any, **options: Any) -> int:
        return int(run(args, **options).returncode)

    def check_call(args: Any, **options: Any) -> int:
        run(args, check=True, **options)
        return 0

    class Popen(process):  # type: ignore[misc]
        """What reads and writes to a running process can't be carried."""

        def __init__(self, *args: Any, **options: Any) -> None:
            if by_test():
                link.not_carried("the tests talk to a running process")
                raise OSError("a process can't be talked to while it runs: use subprocess.run")
            super().__init__(*args, **options)

    space.Popen = Popen
    for ours in (run, check_output, call, check_call):
        setattr(space, ours.__name__, asking(getattr(space, ours.__name__), ours))


def _run(link: Any, args: Any, options: dict[str, Any]) -> Any:
    unknown = set(options) - _OPTIONS
    if unknown or not (options.get("stdin") in (None, subprocess.PIPE, subprocess.DEVNULL)):
        link.not_carried(f"a subprocess with {', '.join(sorted(unknown)) or 'a file as stdin'}")
        raise OSError("a subprocess with these options can't be run here")
    text = bool(options.get("text") or options.get("universal_newlines")
                or options.get("encoding") or options.get("errors"))
    encoding, errors = options.get("encoding") or "utf-8", options.get("errors") or "strict"
    argv = args if isinstance(args, str) else [os.fspath(each) for each in args]
    given = options.get("input")
    if isinstance(given, str):
        given = given.encode(encoding, errors)
    cwd, env = options.get("cwd"), options.get("env")
    code, out, err = link.request_with("run", (), (
        argv, given, bool(options.get("shell")), options.get("timeout"),
        None if cwd is None else os.fspath(cwd), None if env is None else dict(env),
        options.get("stderr") == subprocess.STDOUT))
    if code is None:
        raise subprocess.TimeoutExpired(args, options["timeout"], out, err)
    if type(code) is not int or type(out) is not bytes or type(err) is not bytes:
        raise Broken("no outcome of a process")
    piped = bool(options.get("capture_output"))
    shown: list[Any] = [out, err]
    for at, (name, stream) in enumerate((("stdout", sys.stdout), ("stderr", sys.stderr))):
        if not piped and options.get(name) != subprocess.PIPE:
            if options.get(name) is None:
                stream.write(shown[at].decode("utf-8", "replace"))
            shown[at] = None
        elif text:
            shown[at] = shown[at].decode(encoding, errors).replace("\r\n", "\n")
    done: Any = subprocess.CompletedProcess(args, code, *shown)
    if options.get("check"):
        done.check_returncode()
    return done
