"""`test`: prepares what the tests need, then runs them; Maven last, so its lines end it.

With `--quick`, only what needs no process, no engine and no database.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import interpreter, jdk, reports, setup, system
from .errors import FAILED, SUCCEEDED, StackError
from .settings import Settings
from .text import Terminal, seconds

_QUICK_PACKAGES = ("shellcheck", "flake8", "mypy", "python3-httpx", "python3-pytest",
                   "patch")
_PACKAGES = _QUICK_PACKAGES + ("python3-flask", "python3-fastapi",
                               "python3-numpy", "python3-pandas", "python3-requests", "nodejs",
                               "chromium", "faketime", "netcat-openbsd")
# Maven's first line after all tests.
_SUMMARY = b"[INFO] Reactor Summary"
_TESTS = re.compile(r"@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|ArchTest)\b")
_CLASS = re.compile(r"^(?:public |final |abstract )*class ", re.MULTILINE)
_TAG = '@Tag("engine")'
# Containers made without a registry: no helper containers of Testcontainers' own.
_CONTAINER_SETTINGS = {"TESTCONTAINERS_RYUK_DISABLED": "true",
                       "TESTCONTAINERS_HOST_OVERRIDE": "127.0.0.1",
                       "TESTCONTAINERS_CHECKS_DISABLE": "true"}


class Suite:
    """The steps, each with its time, and the names of those that failed."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.failed: list[str] = []

    def step(self, name: str, argv: Sequence[str], cwd: Path) -> None:
        """Run one step, its output shown as it comes."""
        self.terminal.line(f"── {name}", "bold")
        sys.stderr.flush()
        began = time.monotonic()
        try:
            code = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, check=False).returncode
        except OSError as failure:
            self.terminal.line(f"{argv[0]} can't be started: {failure.strerror}")
            code = 127
        self.ended(name, code, time.monotonic() - began)

    def maven(self, argv: Sequence[str], root: Path, env: Mapping[str, str]) -> None:
        """Run Maven; the slowest classes are named before its summary, which stays the end."""
        self.terminal.line("── Java", "bold")
        sys.stderr.flush()
        # The clock of files is a little behind.
        since, began = time.time() - 1, time.monotonic()
        with subprocess.Popen(argv, cwd=root, env={**os.environ, **env}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            for line in child.stdout:
                if line.startswith(_SUMMARY):
                    self._slowest(root, since)
                sys.stdout.buffer.write(line)
                sys.stdout.flush()
        if child.returncode != 0:
            self.ended("Java", child.returncode, time.monotonic() - began)

    def _slowest(self, root: Path, since: float) -> None:
        print("slowest classes:")
        for took, name in reports.slowest(root, since):
            print(f"  {took:7.1f} s  {name}")
        sys.stdout.flush()

    def ended(self, name: str, code: int, took: float) -> None:
        """Say how a step ended, and keep it if it failed."""
        if code != 0:
            self.failed.append(name)
        self.terminal.line(f"── {name}: {'passed' if code == 0 else f'FAILED (exit {code})'} "
                           f"in {seconds(took)}",
                           "green" if code == 0 else "red")


def test(settings: Settings, terminal: Terminal, quick: bool) -> int:
    """Run everything, or what is quick; 1 when anything failed.

    Raises StackError when it can't be prepared.
    """
    settings.make_home()
    home = jdk.find()
    suite = Suite(terminal)
    if quick:
        _packages(settings, terminal, _QUICK_PACKAGES)
        _static(settings, suite)
        _python(settings, suite, ["--quick"])
        _judge(settings, suite)
        return _end(suite, settings, home, ["test", "-DexcludedGroups=engine"])
    _packages(settings, terminal, _PACKAGES)
    engine = _engine(settings, terminal)
    if not engine.there and os.environ.get("CI") == "true":
        terminal.line(f"no engine, and CI=true: {engine.why_not}", "red")
        suite.failed.append("engine")
    _static(settings, suite)
    _python(settings, suite, [])
    goals = ["verify"]
    if engine.there:
        suite.step("sandbox image", [str(settings.root / "ops" / "sandbox" / "test")],
                   settings.root)
    else:
        _judge(settings, suite)
        tests, classes = left_out(settings.root)
        terminal.line(f"left out: {tests} tests in {classes} files, which need a Docker "
                      f"engine: {engine.why_not}", "yellow")
        goals.append("-DexcludedGroups=engine")
    return _end(suite, settings, home, goals)


def _end(suite: Suite, settings: Settings, home: Path, goals: Sequence[str]) -> int:
    if suite.failed:
        suite.terminal.line(f"failed so far: {', '.join(suite.failed)}", "bold", "red")
    settled = {name: os.environ.get(name, value) for name, value in _CONTAINER_SETTINGS.items()}
    suite.maven(["./mvnw", "-B", "-ntp", "-fae", *goals], settings.root,
                {"JAVA_HOME": str(home), **settled})
    if suite.failed:
        suite.terminal.line(f"failed: {', '.join(suite.failed)}", "bold", "red")
    return FAILED if suite.failed else SUCCEEDED


def _packages(settings: Settings, terminal: Terminal, needed: Sequence[str]) -> None:
    missing = [name for name in system.missing_packages(needed) if not _otherwise(name)]
    if not missing:
        return
    why = system.blocked(settings)
    if why is not None:
        raise StackError(f"the tests need {' '.join(missing)}; not installed here: {why}")
    if not system.agreed(terminal, [f"{name} (apt-get)" for name in missing]):
        raise StackError(f"the tests need {' '.join(missing)}")
    system.install(settings, missing, terminal)


def _otherwise(package: str) -> bool:
    """Whether something other than the distribution's package does it: a newer Node.js."""
    if package != "nodejs":
        return False
    try:
        said = subprocess.run(["node", "--version"], capture_output=True, check=False).stdout
    except OSError:
        return False
    found = re.match(rb"v(\d+)", said)
    return found is not None and int(found.group(1)) >= 18


def _engine(settings: Settings, terminal: Terminal) -> setup.Engine:
    engine = setup.engine_ready(settings, terminal)
    if engine.there:
        engine = setup.sandbox_image(settings, terminal)
    if engine.there:
        engine = setup.image_ready(settings, terminal, "postgres", "the tests' PostgreSQL image")
    return engine


def _static(settings: Settings, suite: Suite) -> None:
    root = settings.root
    scripts = [str(path.relative_to(root)) for path in shell_scripts(root)]
    suite.step("shellcheck", ["shellcheck", *scripts], root)
    ours = ["--max-line-length", "100"]
    suite.step("flake8 (ops)", ["flake8", *ours, "atomic", "cli", "tests"], root / "ops")
    suite.step("mypy (ops)", ["mypy", "--strict", "cli", "tests"],
               root / "ops")
    harness = root / "ops" / "sandbox" / "harness"
    suite.step("flake8 (judge)", ["flake8", *ours, "isolated", "subject.py"], harness)
    suite.step("mypy (judge)", ["mypy", "--strict", "isolated"], harness)
    agent = root / "python-agent"
    suite.step("flake8 (agent)", ["flake8", *ours, "."], agent)
    suite.step("mypy (agent)", ["mypy", "--strict", "atomic_agent"], agent)


def shell_scripts(root: Path) -> list[Path]:
    """Our shell scripts: by name, or by their first line."""
    found = [root / "mvnw", root / ".ci" / "run"]
    for parent, folders, names in os.walk(root / "ops"):
        folders[:] = [name for name in folders if name not in ("target", "__pycache__")]
        found += [Path(parent, name) for name in names]
    return sorted(path for path in found if path.is_file() and _is_shell(path))


def _is_shell(path: Path) -> bool:
    with open(path, "rb") as script:
        first = script.readline(200)
    return path.suffix == ".sh" or re.match(rb"#!.*\b(?:ba|da)?sh\b", first) is not None


def _python(settings: Settings, suite: Suite, options: Sequence[str]) -> None:
    with_httpx = str(interpreter.with_httpx(settings) or sys.executable)
    tests = ["-P", str(settings.root / "ops" / "cli" / "unittests.py"), *options]
    suite.step("Python tests of the agent", [with_httpx, *tests], settings.root / "python-agent")
    suite.step("Python tests of the command", [sys.executable, *tests], settings.root / "ops")


def _judge(settings: Settings, suite: Suite) -> None:
    """Judge and subject as local processes: what of the sandbox needs no engine."""
    suite.step("judge and subject", [str(settings.root / "ops" / "sandbox" / "test"), "--quick"],
               settings.root)


def left_out(root: Path) -> tuple[int, int]:
    """How many tests, in how many files, need the engine: Java's by their tag, the image's own."""
    tests, classes = 0, 0
    for path in root.glob("**/src/test/java/**/*.java"):
        text = path.read_text(encoding="utf-8", errors="replace")
        if _TAG not in text:
            continue
        classes += 1
        head = _CLASS.search(text)
        if head is not None and _TAG in text[: head.start()]:
            tests += len(_TESTS.findall(text))
        else:
            tests += text.count(_TAG)
    for path in root.glob("ops/sandbox/tests/test_*.py"):
        if path.name.startswith("test_isolated"):
            continue
        tests += path.read_text(encoding="utf-8").count("    def test_")
        classes += 1
    return tests, classes
