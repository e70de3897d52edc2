"""`doctor`: what the stack needs, one line each, with the mend."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import build, interpreter, jdk, probe, services, setup, tools
from .errors import FAILED, SUCCEEDED, StackError
from .settings import Settings, needs_http_providers
from .text import Terminal, as_json

_LOW_DISK_BYTES = 2 << 30
_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is (ok, warn, fail), and the mend."""

    what: str
    state: str
    said: str
    mend: str = ""


def doctor(settings: Settings, json_only: bool) -> int:
    """Print one line for each check; 1 when any failed."""
    settings.make_home()
    findings = []
    for check in (_jdk, _python, _build, _engine, _runtime, _image, _socket, _database, _api,
                  _disk):
        try:
            findings.append(check(settings))
        except StackError as failure:
            findings.append(Finding(check.__name__.strip("_"), "fail", failure.line))
    if json_only:
        sys.stdout.write(as_json([vars(each) for each in findings]) + "\n")
    else:
        out = Terminal(sys.stdout)
        for each in findings:
            mend = f" → {each.mend}" if each.mend else ""
            state = out.paint(f"{each.state:<5}", _COLOURS[each.state])
            out.stream.write(f"{state}{each.what:<9} {out.paint(each.said + mend)}\n")
    return FAILED if any(each.state == "fail" for each in findings) else SUCCEEDED


def _jdk(settings: Settings) -> Finding:
    try:
        home = jdk.find()
    except StackError:
        return Finding("jdk", "fail", f"no JDK {jdk.JDK_VERSION} found", jdk.INSTALL_HINT)
    return Finding("jdk", "ok", f"JDK {jdk.JDK_VERSION} at {home}")


def _python(settings: Settings) -> Finding:
    here = f"Python {sys.version_info.major}.{sys.version_info.minor} ({sys.executable})"
    if not needs_http_providers():
        return Finding("python", "ok", f"{here}; no provider over HTTP is configured")
    found = interpreter.with_httpx(settings)
    if found is None:
        return Finding("python", "warn", f"{here} has no httpx, which the providers need",
                       f"`{settings.command} up` sets it up; or apt-get install python3-httpx")
    return Finding("python", "ok", f"{here}; httpx by {found}")


def _build(settings: Settings) -> Finding:
    why = build.stale(settings.root)
    if why is None:
        return Finding("build", "ok", "the jars are up to date")
    return Finding("build", "warn", why, f"`{settings.command} up` builds it")


def _engine(settings: Settings) -> Finding:
    code, said = setup.engine_check(settings, "--check")
    if code == 0:
        return Finding("engine", "ok", said)
    return Finding("engine", "fail", said, "ops/engine/ensure --install (as root), "
                   "or start Docker 20.10 or newer")


def _runtime(settings: Settings) -> Finding:
    """What is known of the engine's and the container runtime's versions."""
    code, said = tools.output([str(settings.root / "ops" / "engine" / "advise")])
    if code == 1:
        return Finding("runtime", "warn", "; ".join(said.splitlines()))
    return Finding("runtime", "ok" if code == 0 else "warn", said.strip() or "couldn't be checked")


def _image(settings: Settings) -> Finding:
    code, last = tools.run([str(settings.root / "ops" / "sandbox" / "build"), "--check"],
                           settings.logs / "doctor-image.log")
    said = tools.last_words(last).removeprefix("sandbox: ")
    if code == 0:
        return Finding("image", "ok", said)
    return Finding("image", "warn", said, "ops/sandbox/build")


def _socket(settings: Settings) -> Finding:
    path = settings.ipc_socket
    health = probe.agent_health(path)
    if health is not None:
        ours = services.living(settings, services.parse("agent")) is not None
        whose = "our agent" if ours else "another process"
        return Finding("socket", "ok" if ours else "warn", f"{path} is answered by {whose}",
                       "" if ours else "`up --no-agent` uses it")
    if path.exists() or path.is_symlink():
        return Finding("socket", "warn", f"{path} is there, but nothing answers on it",
                       f"`{settings.command} up` starts the agent")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return Finding("socket", "fail", f"{path.parent} can't be written to",
                       "set ATOMIC_IPC_SOCKET")
    return Finding("socket", "ok", f"{path} is free")


def _database(settings: Settings) -> Finding:
    if settings.external_database:
        return Finding("database", "ok", "ATOMIC_DB_URL names it; /health says whether it answers")
    return _port(settings, "db", "database", lambda: settings.h2_port)


def _api(settings: Settings) -> Finding:
    return _port(settings, "api", "api", lambda: settings.http_port)


def _port(settings: Settings, name: str, what: str, port: Callable[[], int]) -> Finding:
    service = services.parse(name)
    if services.living(settings, service) is not None:
        if services.ready(settings, service):
            return Finding(what, "ok", f"up on port {services.listening_port(settings, service)}")
        return Finding(what, "fail", "running, but not ready", f"`{settings.command} logs {name}`")
    try:
        services.check_addresses(settings, service, port())
    except StackError as failure:
        return Finding(what, "fail", failure.line)
    return Finding(what, "ok", f"not running; port {port()} is free")


def _disk(settings: Settings) -> Finding:
    tight = []
    for folder in {settings.home, Path("/tmp"), Path("/var/lib")}:
        free = shutil.disk_usage(folder).free
        if free < _LOW_DISK_BYTES:
            tight.append(f"{folder} has {free >> 20} MiB free")
    if tight:
        return Finding("disk", "warn", "; ".join(tight), "2 GiB are needed for image and build")
    return Finding("disk", "ok", f"{shutil.disk_usage(settings.home).free >> 30} GiB free")
