"""Runs test files under pytest and reports what became of each on descriptor 3 (see PROTOCOL.md).

    python3 -I -B -u session.py reported TEST_FILE... [OPTION...]
    python3 -I -B -u session.py judge TEST_FILE...

`reported`: the tests run in the process of what they test, which can forge the report. `judge`: the
program is elsewhere, and its modules are proxies (see isolated/judge.py).

Started isolated (-I), so that nothing in the workspace stands in for a module that is imported
before the tests are. With `--later` instead of files it is started before there are any: it imports
what every session does, and waits for the rest of its arguments on descriptor 6.
"""

import importlib
import logging
import os
import sys
import time
import unittest

os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"

import pluggy  # noqa: E402
import pytest  # noqa: E402
from _pytest.config import default_plugins  # noqa: E402
from _pytest.outcomes import Skipped, XFailed  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from handed_in import HandedIn  # noqa: E402

sys.path.remove(HERE)

CHANNEL = 3
ORDERS = 6
LATER = "--later"
UNUSABLE = 4
MAX_ID_BYTES = 300
WAIVED = (Skipped, XFailed, unittest.SkipTest)
LIBRARIES = tuple(os.path.dirname(os.path.abspath(each.__file__)) + os.sep
                  for each in (unittest, pluggy, sys.modules["_pytest"], os))

# What pytest says of a coroutine that no plugin runs: it would be a test that always passes.
ASYNC = "async def function"
# A test file that waives tests has one of these in it.
WORDS = (b"skip", b"xfail", b"expectedFailure")


def say(line: bytes) -> None:
    """One line of the report."""
    os.write(CHANNEL, line)


def label(nodeid: str) -> bytes:
    """A test's id as the report has it: one line, bounded."""
    raw = nodeid.encode("utf-8", "replace")[:MAX_ID_BYTES]
    return bytes(byte if byte >= 0x20 and byte != 0x7f else 0x3f for byte in raw)


def is_conftest(path: str, files: HandedIn) -> bool:
    """Whether it is one that was handed in."""
    return os.path.basename(path) == "conftest.py" and files.has(path)


def is_foreign(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException],
               files: HandedIn) -> bool:
    """Whether a skip or an expected failure comes from what is tested: only tests may say that they
    don't apply.
    """
    for entry in reversed(excinfo.traceback):
        path = str(entry.path)
        if not path.startswith(LIBRARIES) or path == str(item.path):
            return path != str(item.path) and not is_conftest(path, files)
    return False


class Recorder:
    """A result is taken from what was raised, before any other plugin has seen it."""

    def __init__(self, files: HandedIn) -> None:
        self._files = files
        self._state: dict[str, bytes] = {}
        self._deselected: set[str] = set()
        self._waiving: dict[str, bool] = {}
        self._empty: dict[str, str] = {}
        self._skipped: set[str] = set()
        self.sent = 0
        self.bad = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self) -> None:
        """The workspace can be imported from now on, and not before."""
        sys.path.insert(0, os.getcwd())

    @pytest.hookimpl(tryfirst=True)
    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self._deselected.update(item.nodeid for item in items)
        say(b"deselected %d" % len(items))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]):  # type: ignore[no-untyped-def]
        """Tests that a hook takes away without saying so are missing."""
        before = [item.nodeid for item in items]
        yield
        left = {item.nodeid for item in items} | self._deselected
        for nodeid in before:
            if nodeid not in left:
                self._broken(nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self._empty.pop(str(item.path), None)
        for nodeid in self._deselected:
            self._empty.pop(os.path.join(os.getcwd(), nodeid.partition("::")[0]), None)
        # A file that declares tests and gives none, where others do: something took them away.
        left_out = [nodeid for path, nodeid in self._empty.items() if path in self._skipped or (
            session.items and b"def test" in self._files.text(path))]
        say(b"collected %d" % (len(session.items) + len(left_out)))
        for nodeid in left_out:
            self._result(nodeid, b"left_out")

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_make_collect_report(self, collector):  # type: ignore[no-untyped-def]
        """Holds a test file to having been loaded from what was handed in."""
        report = (yield).get_result()
        if type(collector) is not pytest.Module or report.failed:
            return
        path = str(collector.path)
        own = isinstance(report.longrepr, tuple) and (
            report.longrepr[0] == path or is_conftest(report.longrepr[0], self._files))
        if report.skipped and not (own and self._waives(path)):
            self._skipped.add(path)
        elif (report.passed and collector.config.getoption("assertmode") == "rewrite"
              and not self._files.is_loaded(path)):
            self._broken(report.nodeid)
        if not report.skipped or path in self._skipped:
            self._empty[path] = report.nodeid

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._broken(report.nodeid)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call):  # type: ignore[no-untyped-def]
        raised = call.excinfo
        made = (yield).get_result()
        raised = raised or call.excinfo
        expected = made.skipped and hasattr(made, "wasxfail")
        waived = raised is not None and isinstance(raised.value, WAIVED)
        if waived and str(raised.value).startswith(ASYNC):
            self._state[item.nodeid] = b"failed"
        elif waived and is_foreign(item, raised, self._files):
            self._state[item.nodeid] = b"left_out"
        elif (waived or expected) and not self._waives(str(item.path)):
            self._state[item.nodeid] = b"left_out"
        elif raised is not None and not waived and not expected:
            self._state[item.nodeid] = b"error" if call.when != "call" else b"failed"
        elif made.failed:
            self._state.setdefault(item.nodeid, b"failed")
        elif raised is not None:
            self._state.setdefault(item.nodeid, b"skipped")
        elif call.when == "call":
            self._state.setdefault(item.nodeid, b"passed")
        if call.when == "teardown":
            self._result(item.nodeid, self._state.pop(item.nodeid, b"error"))

    def _waives(self, path: str) -> bool:
        """Whether a test file, or a conftest.py beside or above it, says anything of skipping."""
        if path not in self._waiving:
            folder = os.path.dirname(path)
            files = [path]
            while folder.startswith(os.getcwd()):
                files.append(os.path.join(folder, "conftest.py"))
                folder = os.path.dirname(folder)
            self._waiving[path] = any(
                word in self._files.text(each) for each in files for word in WORDS)
        return self._waiving[path]

    def finish(self, status: int) -> int:
        """Says that the session is over, and with which code the process will end."""
        code = 1 if status == 0 and self.bad else status
        say(b"finished %d %d" % (code, self.sent))
        return code

    def _result(self, nodeid: str, kind: bytes) -> None:
        self.sent += 1
        self.bad += kind in (b"failed", b"error", b"left_out")
        say(kind + b" " + label(nodeid))

    def _broken(self, nodeid: str) -> None:
        self.bad += 1
        say(b"broken " + label(nodeid))


def judging() -> object:
    """The judge's plugin."""
    sys.path.insert(0, HERE)
    from isolated import judge
    sys.path.remove(HERE)
    return judge.plugin(say)


def ordered() -> list[str]:
    """The arguments that were left out, once they are known. Nothing stays of the waiting."""
    # What pytest.main would import before it looks at the workspace, and no more: a module that is
    # there already can't be one of the program's.
    for name in (*default_plugins, "_argcomplete", "config.compat"):
        if name != "stepwise":  # goes with the cache, which is switched off
            importlib.import_module(f"_pytest.{name}")
    with open(ORDERS, "rb") as orders:
        length = int.from_bytes(orders.read(4), "big")
        received = orders.read(length)
    if len(received) < length:
        os._exit(UNUSABLE)
    sys.orig_argv.remove(LATER)
    arguments = [each.decode("utf-8", "surrogateescape") for each in received.split(b"\0")[:-1]]
    sys.orig_argv += arguments
    vars(logging)["_startTime"] = time.time()
    return arguments


def main() -> None:
    """Runs the session and ends the process as the report says."""
    mode, *arguments = sys.argv[1:]
    plugins: list[object] = [judging()] if mode == "judge" else []
    if arguments == [LATER]:
        arguments = ordered()
    sys.argv = ["pytest", *arguments]
    workspace = os.getcwd()
    os.set_inheritable(CHANNEL, False)  # no program that is started from here has it
    files = HandedIn(workspace)
    files.serve()
    recorder = Recorder(files)
    plugins.insert(0, recorder)
    options = ["-p", "no:cacheprovider",
               *(["-p", "anyio.pytest_plugin"] if any(
                   b"anyio" in files.text(os.path.join(workspace, each))
                   for each in arguments) else []),
               "--color=no", f"--rootdir={workspace}"]
    code = recorder.finish(int(pytest.main([*options, *arguments], plugins=plugins)))
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: what tested code has registered to run at exit, or left running, has no say any
    # more.
    os._exit(code)


main()
