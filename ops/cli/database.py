"""`db copy`: the way from H2 to PostgreSQL. A JVM does the copying; the stack is down meanwhile."""

import os
import subprocess
from argparse import Namespace
from urllib.parse import parse_qs, urlsplit

from . import build, environment, jdk, processes, releases, services
from .errors import FAILED, SUCCEEDED, CommandError, StackError, UsageError
from .settings import Settings
from .text import Terminal, clean, one_line

_MAIN = "dev.atomic.db.server.DatabaseCopy"
_LOADER = "org.springframework.boot.loader.launch.PropertiesLauncher"
_LOCK_SECONDS = 120.0
_CREDENTIALS = ("ATOMIC_DB_USER", "ATOMIC_DB_PASSWORD", "ATOMIC_DB_PASSWORD_FILE")


def database(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """Copy the H2 database of this stack to an empty PostgreSQL, or refuse to, with why."""
    url = _checked(args.to)
    settings.make_home()
    # Nobody starts the stack meanwhile.
    with processes.locked(settings.run / "up.lock", lambda: terminal.line(
            "another `up` or `down` is at work; waiting for it"), _LOCK_SECONDS):
        _refuse_while_up(settings)
        build.build(settings, terminal)
        return _copy(settings, url, terminal)


def _checked(url: str) -> str:
    if not url.startswith("jdbc:postgresql://"):
        raise UsageError("--to takes jdbc:postgresql://HOST[:PORT]/DATABASE")
    parts = urlsplit(url.removeprefix("jdbc:"))
    if "@" in parts.netloc or {"user", "password"} & parse_qs(parts.query).keys():
        # Not shown: it may hold a password, and every process can read a command line.
        raise UsageError("--to has a user or password in it; put them into ATOMIC_DB_USER and "
                         "ATOMIC_DB_PASSWORD or ATOMIC_DB_PASSWORD_FILE")
    return url


def _refuse_while_up(settings: Settings) -> None:
    up = [name for name in services.names_in(settings.run, ".pid")
          if services.living(settings, services.parse(name)) is not None]
    if up:
        raise CommandError(f"the stack is up ({', '.join(up)}); stop it first: "
                           f"{settings.command} down")


def _copy(settings: Settings, url: str, terminal: Terminal) -> int:
    home = jdk.find()
    env = {
        **environment.for_process("db", os.environ), "JAVA_HOME": str(home),
        **{name: os.environ[name] for name in _CREDENTIALS if os.environ.get(name)},
        "ATOMIC_HOME": str(settings.home), "ATOMIC_DB_URL": url,
    }
    argv = [str(home / "bin" / "java"), "-Xmx512m", "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError", "-cp", str(releases.jar(settings.root, "db")),
            f"-Dloader.main={_MAIN}", _LOADER]
    tables = rows = 0
    try:
        with subprocess.Popen(argv, env=env, cwd=settings.root, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            assert child.stdout is not None and child.stderr is not None
            for raw in child.stdout:
                fields = clean(raw.decode("utf-8", "replace")).rstrip("\n").split("\t")
                if fields[-1] == "agrees":
                    table, count, checksum = fields[:3]
                    terminal.line(f"{table:<16} {int(count):>12,} rows  {checksum}")
                    tables, rows = tables + 1, rows + int(count)
                elif len(fields) == 3:
                    terminal.progress(f"{fields[0]}: {int(fields[1]):,} of {int(fields[2]):,} rows")
            why = child.stderr.read().decode("utf-8", "replace")
    finally:
        terminal.progress(None)
    if child.returncode != 0:
        line = one_line(why, 1000) or f"the copy ended with {child.returncode}"
        raise (CommandError if child.returncode == FAILED else StackError)(f"db copy: {line}")
    terminal.line(f"copied {rows:,} rows of {tables} tables; their counts and checksums agree",
                  "green")
    terminal.line("start the stack on it with ATOMIC_DB_URL, ATOMIC_DB_USER and "
                  f"ATOMIC_DB_PASSWORD set: {settings.command} up")
    return SUCCEEDED
