"""Setting up what is missing: the Docker engine, the sandbox's image, the build. Idempotent.

What needs the system changed is listed first. The image and the Java build, both slow the first
time, go side by side.
"""

import os
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from . import build, jdk, system, tools
from .settings import Settings
from .text import Terminal, one_line, seconds

ENGINE_CHANGE = "a Docker engine (apt-get install docker.io iptables mmdebstrap), then started"
_ENGINE_SECONDS = 900


@dataclass(frozen=True)
class Engine:
    """Whether generated code can be run; `why_not` is one line, None when it can."""

    why_not: str | None

    @property
    def there(self) -> bool:
        """Whether an engine with the sandbox's image answers."""
        return self.why_not is None


def prepare(settings: Settings, terminal: Terminal, warn: Callable[[str], None]) -> Engine:
    """Everything the stack needs before it starts, each step in a line.

    `warn` is called, once, as soon as it is known that code can't be run here, with why.
    Raises StackError without a JDK or when the build fails; a missing engine is an answer.
    """
    settings.make_home()
    jdk.find()
    engine = engine_ready(settings, terminal)
    with ThreadPoolExecutor(1) as beside:
        image = beside.submit(sandbox_image, settings, terminal) if engine.there else None
        if engine.why_not is not None:
            warn(engine.why_not)
        build.build(settings, terminal)
        if image is None:
            return engine
    engine = image.result()
    if engine.why_not is not None:
        warn(engine.why_not)
    return engine


def engine_ready(settings: Settings, terminal: Terminal) -> Engine:
    """A Docker engine that answers, started or installed if that is allowed."""
    terminal.progress("looking for a Docker engine")
    code, said = engine_check(settings)
    terminal.progress(None)
    if code == 0:
        return Engine(None)
    why = system.blocked(settings)
    if why is not None:
        return Engine(f"no Docker engine ({said}); not installed here: {why}")
    if not system.agreed(terminal, [ENGINE_CHANGE]):
        return Engine("no Docker engine answers, and installing one was declined")
    began = time.monotonic()
    terminal.progress("installing a Docker engine")
    code, said = engine_check(settings, "--install")
    terminal.progress(None)
    if code != 0:
        log = settings.logs / "engine-setup.log"
        return Engine(f"no Docker engine could be installed: {said} (log: {log})")
    terminal.line(f"Docker engine ready after {seconds(time.monotonic() - began)}")
    return Engine(None)


def sandbox_image(settings: Settings, terminal: Terminal) -> Engine:
    """The image in which code runs, built if it is missing or of other sources."""
    return image_ready(settings, terminal, "sandbox", "the sandbox's image")


def image_ready(settings: Settings, terminal: Terminal, folder: str, what: str) -> Engine:
    """One of our images, by `ops/<folder>/build`, which does nothing when it is up to date."""
    log = settings.logs / f"{folder}-image.log"
    began = time.monotonic()
    said = False

    def each_line(line: str) -> None:
        nonlocal said
        if not said and "building" in line:
            said = True
            terminal.line(f"building {what} (takes minutes the first time) …")

    code, lines = tools.run([str(settings.root / "ops" / folder / "build")], log,
                            each_line=each_line)
    if code != 0:
        return Engine(f"{what} can't be built: {one_line(tools.last_words(lines))} (log: {log})")
    if said:
        terminal.line(f"{what} is ready after {seconds(time.monotonic() - began)}")
    return Engine(None)


def engine_check(settings: Settings, *options: str) -> tuple[int, str]:
    """`ops/engine/ensure` with these options: its exit code and its last line.

    Its output goes to a file: an engine it starts would hold a pipe open for good.
    """
    log = settings.logs / "engine-setup.log"
    argv = [str(settings.root / "ops" / "engine" / "ensure"), *options]
    with open(log, "w", encoding="utf-8") as output:
        try:
            code = subprocess.run(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env={**os.environ, "ATOMIC_HOME": str(settings.home)}, timeout=_ENGINE_SECONDS,
                check=False).returncode
        except (OSError, subprocess.TimeoutExpired) as failure:
            return 3, one_line(str(failure))
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return code, one_line(tools.last_words(lines)).removeprefix("engine: ")
