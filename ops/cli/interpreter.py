"""The Python that the agent runs under: new enough, and with httpx where a provider needs it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from . import system, tools
from .errors import StackError
from .settings import Settings, needs_http_providers
from .text import Terminal

_CHECK = ("import sys, importlib.util as u; "
          "sys.exit(0 if sys.version_info >= (3, 11) and ({}) else 1)")
_HTTPX = "httpx>=0.23"
_HAS_HTTPX = "u.find_spec('httpx') is not None"


def for_agent(settings: Settings, terminal: Terminal) -> Path:
    """The interpreter for the agent, set up if it has to be.

    httpx is asked for only when the environment names a provider over HTTP. Raises StackError
    when it can't be had.
    """
    if not needs_http_providers():
        return Path(sys.executable)
    return with_httpx(settings) or _set_up_httpx(settings, terminal)


def with_httpx(settings: Settings) -> Path | None:
    """An interpreter there is that imports httpx, None when there is none."""
    return next((path for path in _candidates(settings) if _passes(path, _HAS_HTTPX)), None)


def _candidates(settings: Settings) -> Iterator[Path]:
    yield settings.home / "venv" / "bin" / "python"
    yield Path(sys.executable)
    on_path = shutil.which("python3")
    if on_path:
        yield Path(on_path)
    yield Path("/usr/bin/python3")


def _passes(path: Path, check: str) -> bool:
    if not os.access(path, os.X_OK):
        return False
    try:
        return subprocess.run([str(path), "-c", _CHECK.format(check)], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _set_up_httpx(settings: Settings, terminal: Terminal) -> Path:
    terminal.line("setting up httpx for the model providers …")
    settings.make_home()
    log = settings.logs / "httpx.log"
    venv = settings.home / "venv"
    terminal.progress("pip")
    try:
        code, lines = tools.run([sys.executable, "-m", "venv", "--clear", str(venv)], log)
        if code == 0:
            code, lines = tools.run(
                [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet",
                 "--disable-pip-version-check", "--retries", "0", "--timeout", "15", _HTTPX],
                log)
    finally:
        terminal.progress(None)
    if code == 0 and _passes(venv / "bin" / "python", _HAS_HTTPX):
        return venv / "bin" / "python"
    shutil.rmtree(venv, ignore_errors=True)
    why = system.blocked(settings)
    if why is None and _passes(Path("/usr/bin/python3"), "True"):
        change = "python3-httpx (apt-get), since pip couldn't get it"
        if system.agreed(terminal, [change]):
            system.install(settings, ["python3-httpx"], terminal)
            if _passes(Path("/usr/bin/python3"), _HAS_HTTPX):
                return Path("/usr/bin/python3")
        why = "it wasn't installed"
    raise StackError(
        "the configured model provider needs the Python package httpx: pip failed "
        f"({tools.last_words(lines)}) and apt-get wasn't used ({why or 'its Python is too old'}); "
        "install it, e.g. apt-get install python3-httpx")
