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
_STREAMS = ("stdin", "stdout", "stderr")
_OF_PROCESSES = frozenset((*_STREAMS, "text", "universal_newlines", "encoding", "errors", "cwd",
                           "env", "shell", "bufsize", "start_new_session", "close_fds"))


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
        """What a test gets is the program's end's, and is talked to across."""

        def __new__(cls, *args: Any, **options: Any) -> Any:
            return _start(link, *args, **options) if by_test() else super().__new__(cls)

    space.Popen = Popen
    for ours in (run, check_output, call, check_call):
        setattr(space, ours.__name__, asking(getattr(space, ours.__name__), ours))


def _start(link: Any, args: Any, *rest: Any, **options: Any) -> Any:
    unknown = set(options) - _OF_PROCESSES
    plain = all(options.get(each) is None or type(options[each]) is int for each in _STREAMS)
    if rest or unknown or not plain:
        link.not_carried(f"a process with {', '.join(sorted(unknown)) or 'files of the test'}")
        raise OSError("a process with these options can't be started here")
    return link.request_with("start", (), (_argv(args),), {
        name: os.fspath(each) if name == "cwd" and each is not None else
        dict(each) if name == "env" and each is not None else each
        for name, each in options.items()})


def _argv(args: Any) -> Any:
    return args if isinstance(args, str) else [os.fspath(each) for each in args]


def _given(options: dict[str, Any]) -> Any:
    """What the process reads: what is given as input, or a file of the test's."""
    file: Any = options.get("stdin")
    if file in (None, subprocess.PIPE, subprocess.DEVNULL):
        return options.get("input")
    with open(os.dup(file if type(file) is int else file.fileno()), "rb") as content:
        return content.read()


def _run(link: Any, args: Any, options: dict[str, Any]) -> Any:
    unknown = set(options) - _OPTIONS
    if unknown:
        link.not_carried(f"a subprocess with {', '.join(sorted(unknown))}")
        raise OSError("a subprocess with these options can't be run here")
    text = bool(options.get("text") or options.get("universal_newlines")
                or options.get("encoding") or options.get("errors"))
    encoding, errors = options.get("encoding") or "utf-8", options.get("errors") or "strict"
    given = _given(options)
    if isinstance(given, str):
        given = given.encode(encoding, errors)
    cwd, env = options.get("cwd"), options.get("env")
    code, out, err = link.request_with("run", (), (
        _argv(args), given, bool(options.get("shell")), options.get("timeout"),
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
