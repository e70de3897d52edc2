"""Building the Java modules when what there is isn't what the sources say."""

import json
import os
import re
import time
from pathlib import Path

from . import jdk, processes, releases, tools
from .errors import StackError
from .settings import Settings
from .text import Terminal, seconds

_SOURCE_FOLDERS = ("shared", "db/schema", "db/server", "api", "worker")
_MODULE_LINE = re.compile(r"\[INFO\] Building (.+?)\s+\[(\d+)/(\d+)\]")
_BUILD_SECONDS = 1800.0


def sources(root: Path) -> list[Path]:
    """What decides the jars: the poms, the wrapper's settings and each module's main sources."""
    found = [root / "pom.xml", root / ".mvn"]
    for module in _SOURCE_FOLDERS:
        found += [root / module / "pom.xml", root / module / "src" / "main"]
    return [path for path in found if path.exists()]


def stale(root: Path) -> str | None:
    """Why the jars have to be built, None when they needn't be.

    Jars written after every source and folder are fresh (a deleted file makes its folder newer).
    If they aren't, as after a checkout, the contents decide, by the stamp of the last build.
    """
    missing = releases.missing(root)
    if missing:
        return f"{', '.join(missing)} not built yet"
    # Not their mtime, which a reproducible build sets to one fixed moment.
    oldest = min(releases.jar(root, module).stat().st_ctime_ns for module in releases.MODULES)
    if all(_newest(path) <= oldest for path in sources(root)):
        return None
    try:
        stamp = json.loads(_stamp(root).read_text())
    except (OSError, ValueError):
        stamp = {}
    if stamp == _stamp_now(root):
        return None
    return "the sources changed"


def _newest(path: Path) -> int:
    newest = path.stat().st_mtime_ns
    if path.is_dir():
        for parent, _, names in os.walk(path):
            newest = max(newest, os.stat(parent).st_mtime_ns,
                         *(os.stat(os.path.join(parent, name)).st_mtime_ns for name in names))
    return newest


def _stamp(root: Path) -> Path:
    # `mvnw clean` removes it with the jars.
    return root / "target" / "atomic-build.json"


def _stamp_now(root: Path) -> dict[str, str]:
    stamp = {"sources": releases.tree_fingerprint(sources(root))}
    for module in releases.MODULES:
        stamp[module] = releases.jar_fingerprint(releases.jar(root, module))
    return stamp


def build(settings: Settings, terminal: Terminal) -> None:
    """Build what is stale. Raises StackError with the compiler's line and where the log is."""
    root = settings.root
    if stale(root) is None:
        return
    if not (root / "mvnw").is_file():
        raise StackError(f"no jars and no {root / 'mvnw'} to build them with")
    home = jdk.find()
    (root / "target").mkdir(exist_ok=True)
    with processes.locked(root / "target" / "atomic-build.lock", lambda: terminal.line(
            "another build is going on; waiting for it"), _BUILD_SECONDS):
        why = stale(root)
        if why is not None:
            terminal.line(f"building the Java modules ({why}) …")
            _maven(settings, terminal, home)


def _maven(settings: Settings, terminal: Terminal, home: Path) -> None:
    began = time.monotonic()
    log = settings.logs / "build.log"
    now = ["Maven starts"]

    def each_line(line: str) -> None:
        found = _MODULE_LINE.match(line)
        if found:
            now[0] = f"building {found.group(1)} ({found.group(2)} of {found.group(3)})"

    terminal.progress(lambda: now[0])
    try:
        code, lines = tools.run(
            ["./mvnw", "-B", "-ntp", "-DskipTests", "-Dspotless.check.skip=true",
             "-pl", ",".join(releases.FOLDERS.values()), "-am", "package"], log, settings.root,
            {**os.environ, "JAVA_HOME": str(home)}, each_line)
    finally:
        terminal.progress(None)
    if code != 0:
        errors = [line for line in lines if line.startswith("[ERROR]")]
        places = [line for line in errors if ".java:[" in line]
        raise StackError("the build failed: "
                         f"{(places or errors or [tools.last_words(lines)])[0]} (log: {log})")
    missing = releases.missing(settings.root)
    if missing:
        raise StackError(f"the build made no jar of {', '.join(missing)} (log: {log})")
    _stamp(settings.root).write_text(json.dumps(_stamp_now(settings.root)))
    terminal.line(f"built in {seconds(time.monotonic() - began)}")
