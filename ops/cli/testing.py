"""`test`: prepares what the tests need, then runs them: Java beside everything else.

With `--quick`, only what needs no process, no engine and no database.
"""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from . import interpreter, jdk, reports, setup, system
from .errors import FAILED, SUCCEEDED, StackError
from .settings import Settings
from .text import Terminal, seconds

_QUICK_PACKAGES = ("shellcheck", "flake8", "mypy", "python3-httpx", "python3-pytest",
                   "patch")
_PACKAGES = _QUICK_PACKAGES + ("python3-flask", "python3-fastapi",
                               "python3-numpy", "python3-pandas", "python3-requests", "nodejs",
                               "chromium", "faketime", "netcat-openbsd", "systemd", "prometheus",
                               "docker-compose")
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
        # What unittest said of each Python test that failed.
        self.said: list[str] = []
        self._printing = threading.Lock()

    def step(self, name: str, argv: Sequence[str], cwd: Path) -> None:
        """Run one step; its output is shown whole when it ends, since Maven runs beside it."""
        began = time.monotonic()
        try:
            done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            code, output = done.returncode, done.stdout
        except OSError as failure:
            code, output = 127, f"{argv[0]} can't be started: {failure.strerror}\n".encode()
        with self._printing:
            sys.stdout.buffer.write(output)
            sys.stdout.flush()
            self.ended(name, code, time.monotonic() - began)
            self.said += reports.failed_python(output.decode(errors="replace"))

    def maven(self, argv: Sequence[str], root: Path, env: Mapping[str, str],
              beside: Callable[[], None]) -> None:
        """Run Maven, and `beside` meanwhile.

        Maven's summary waits for both, so its lines are the last. The slowest classes are named
        before it.
        """
        others = threading.Thread(target=beside)
        others.start()
        self.terminal.line("── Java, and the others beside it", "bold")
        sys.stderr.flush()
        # The clock of files is a little behind.
        since, began = time.time() - 1, time.monotonic()
        with subprocess.Popen(argv, cwd=root, env={**os.environ, **env}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            for line in child.stdout:
                if line.startswith(_SUMMARY):
                    others.join()
                    self._slowest(root, since)
                with self._printing:
                    sys.stdout.buffer.write(line)
                    sys.stdout.flush()
        others.join()
        if child.returncode != 0:
            self.ended("Java", child.returncode, time.monotonic() - began)
            self.said += reports.failed(root, since)

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
        return _run(suite, settings, home, quick, with_engine=False)
    _packages(settings, terminal, _PACKAGES)
    engine = _engine(settings, terminal)
    if not engine.there:
        if os.environ.get("CI") == "true":
            terminal.line(f"no engine, and CI=true: {engine.why_not}", "red")
            suite.failed.append("engine")
        tests, classes = left_out(settings.root)
        terminal.line(f"left out: {tests} tests in {classes} files, which need a Docker "
                      f"engine: {engine.why_not}", "yellow")
    return _run(suite, settings, home, quick, engine.there)


def _run(suite: Suite, settings: Settings, home: Path, quick: bool, with_engine: bool) -> int:
    def beside() -> None:
        _static(settings, suite)
        _python(settings, suite, ["--quick"] if quick else [])
        suite.step("sandbox", [str(settings.root / "ops" / "sandbox" / "test"),
                               *([] if with_engine else ["--quick"])], settings.root)

    goals = ["test" if quick else "verify", *([] if with_engine else ["-DexcludedGroups=engine"])]
    settled = {name: os.environ.get(name, value) for name, value in _CONTAINER_SETTINGS.items()}
    # Modules that don't need each other are tested side by side.
    suite.maven(["./mvnw", "-B", "-ntp", "-fae", "-T", "2", *goals], settings.root,
                {"JAVA_HOME": str(home), **settled}, beside)
    # Again at the end, where they are found: they were lines among many thousands.
    for test in suite.said:
        suite.terminal.line(test, "red")
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
