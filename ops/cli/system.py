"""Installing the distribution's packages: only where that is wanted and possible."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from . import tools
from .errors import StackError
from .settings import Settings
from .text import Terminal


def blocked(settings: Settings) -> str | None:
    """Why packages can't be installed here, None when they can."""
    if not settings.install:
        return "ATOMIC_SETUP_INSTALL=0"
    if shutil.which("apt-get") is None or not _is_debian():
        return "this is neither Debian nor Ubuntu"
    if os.geteuid() != 0:
        return "only root can install packages"
    return None


def _is_debian() -> bool:
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return False
    named = [line.partition("=")[2].strip('"').split() for line in lines
             if line.startswith(("ID=", "ID_LIKE="))]
    return any(name in ("debian", "ubuntu") for names in named for name in names)


def agreed(terminal: Terminal, changes: Sequence[str]) -> bool:
    """List what will change on this machine; on a terminal ask, off one go on."""
    terminal.line("to be installed on this machine:")
    for change in changes:
        terminal.line(f"  - {change}")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    terminal.stream_text("Go on? [Y/n] ")
    answer = sys.stdin.readline()
    return answer.strip().lower() in ("", "y", "yes") and answer != ""


def missing_packages(names: Sequence[str]) -> list[str]:
    """Those of the packages that aren't installed."""
    if shutil.which("dpkg-query") is None:
        return list(names)
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    there = {line.split()[0] for line in asked.stdout.decode().splitlines()
             if line.endswith(" installed")}
    return [name for name in names if name not in there]


def install(settings: Settings, names: Sequence[str], terminal: Terminal) -> None:
    """Install packages with apt-get. Raises StackError when that fails."""
    terminal.line(f"installing {' '.join(names)} …")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    log = settings.logs / "apt.log"
    argv = ["apt-get", "install", "-y", "--no-install-recommends", *names]
    terminal.progress("apt-get")
    try:
        code, lines = tools.run(argv, log, env=env)
        if code != 0:
            # The lists may be old, or never have been fetched.
            tools.run(["apt-get", "update"], settings.logs / "apt-update.log", env=env)
            code, lines = tools.run(argv, log, env=env)
    finally:
        terminal.progress(None)
    if code != 0:
        raise StackError(f"apt-get install {' '.join(names)} failed: {tools.last_words(lines)} "
                         f"(log: {log})")
