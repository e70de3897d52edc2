"""Runs pytest and reports what happened on the runner's report channel.

    python3 -I -B -u pytest_session.py TEST_FILE...

The channel is descriptor 3 (see PROTOCOL.md). Started isolated (-I), so that nothing in the
workspace can stand in for a module that is imported before the tests are. The tested code runs in
this very process, so nothing of ours that counts is left to Python objects it could reach: the
token and the judgement of who reports are in gate.c, which is sealed before the first line of
tested code is loaded.
"""

import gc
import importlib.util
import os
import sys
import types
import unittest

import pluggy
import pytest
from _pytest.outcomes import Skipped

CHANNEL = 3
MAX_ID_BYTES = 300
SKIPS = (Skipped, unittest.SkipTest)
HERE = os.path.dirname(os.path.abspath(__file__))
# Whose functions may be on the stack when something is reported.
SESSION = ("_pytest", "pytest", "pluggy")
# What decides how a test goes: replaced, nothing it says counts.
GUARDED = (*SESSION, "unittest")
# With an implementation of its own of one of these, tested code could run no test and say it had.
DECISIVE = (
    "pytest_cmdline_main", "pytest_runtestloop", "pytest_runtest_protocol", "pytest_runtest_call",
    "pytest_pyfunc_call",
)
LIBRARIES = tuple(os.path.dirname(os.path.abspath(each.__file__)) + os.sep
                  for each in (unittest, pluggy, sys.modules["_pytest"], os))


def load_gate():
    """The module, which stays out of sys.modules."""
    spec = importlib.util.spec_from_file_location("gate", os.path.join(HERE, "gate.so"))
    gate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gate)
    return gate


def belongs(name, families):
    """Whether a module is of one of these, or lies in it."""
    return name.partition(".")[0] in families


def with_inner(code, found):
    """A code object and those of the functions written in it."""
    found.append(code)
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            with_inner(each, found)


def seal(gate):
    """Before tested code is loaded: remembers what there is."""
    folders = tuple(folder for folder in LIBRARIES if folder.rstrip(os.sep).endswith(
        ("_pytest", "pluggy"))) + (HERE + os.sep,)
    single = {sys.modules["pytest"].__file__}
    codes = []
    for each in gc.get_objects():
        if isinstance(each, types.FunctionType):
            name = each.__code__.co_filename
            if name.startswith(folders) or name in single:
                with_inner(each.__code__, codes)
    frame = sys._getframe()
    while frame is not None:
        codes.append(frame.f_code)
        frame = frame.f_back
    holders = [module for name, module in list(sys.modules.items())
               if belongs(name, GUARDED) and isinstance(module, types.ModuleType)]
    holders += [each for each in gc.get_objects()
                if isinstance(each, type) and belongs(str(each.__module__), GUARDED)]
    gate.seal(codes, holders)
    return frozenset(codes)


def deciders(config):
    """The code that decides how tests are run."""
    return frozenset(getattr(impl.function, "__code__", None) for name in DECISIVE
                     for impl in getattr(config.hook, name).get_hookimpls())


def label(nodeid):
    """A test's id on one line, short enough for a message."""
    text = "".join(c if c.isprintable() else "?" for c in nodeid)
    return text.encode("utf-8", "replace")[:MAX_ID_BYTES]


def is_foreign_skip(item, excinfo):
    """Whether a skip comes from what is tested: only tests may say that they don't apply."""
    for entry in reversed(excinfo.traceback):
        path = str(entry.path)
        if not path.startswith(LIBRARIES) or path == str(item.path):
            return path != str(item.path) and os.path.basename(path) != "conftest.py"
    return False


class Recorder:
    """A result is taken from what was raised, before any other plugin (a conftest.py, say) has seen
    it: a hook that calls a failure a success changes pytest's own summary, not this.
    """

    def __init__(self, gate):
        self._gate = gate
        self._deciders = frozenset()
        self._state = {}
        self._deselected = set()
        self._status = None
        self.sent = 0
        self.bad = 0
        self.code = None

    def pytest_load_initial_conftests(self, early_config):
        # After what pytest changes in itself here, and before the first conftest.py is loaded.
        self._deciders = deciders(early_config) | seal(self._gate)

    @pytest.hookimpl(tryfirst=True)
    def pytest_deselected(self, items):
        self._deselected.update(item.nodeid for item in items)
        self._gate.report(b"deselected %d" % len(items))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items):
        before = [item.nodeid for item in items]
        yield
        left = {item.nodeid for item in items} | self._deselected
        for nodeid in before:
            if nodeid not in left:
                self._broken(nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session):
        self._gate.report(b"collected %d" % len(session.items))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report):
        if report.failed:
            self._broken(report.nodeid)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        raised = call.excinfo
        outcome = yield
        made = outcome.get_result()
        raised = raised or call.excinfo
        expected = made.skipped and hasattr(made, "wasxfail")
        skipped = raised is not None and isinstance(raised.value, SKIPS)
        if skipped and is_foreign_skip(item, raised):
            self._state[item.nodeid] = b"failed"
        elif raised is not None and not skipped and not expected:
            self._state[item.nodeid] = b"error" if call.when != "call" else b"failed"
        elif made.failed or not deciders(item.config) <= self._deciders:
            self._state.setdefault(item.nodeid, b"failed")
        elif raised is not None:
            self._state.setdefault(item.nodeid, b"skipped")
        elif call.when == "call":
            self._state.setdefault(item.nodeid, b"passed")
        if call.when == "teardown":
            self._result(item.nodeid, self._state.pop(item.nodeid, b"error"))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session):
        yield
        self._status = int(session.exitstatus)

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self):
        # Before pytest takes back what it changed in itself.
        if self._status is not None:
            self.finish(self._status)

    def finish(self, status):
        """Says that the session is over, once, and with which code the process will end."""
        if self.code is None:
            self.code = 1 if status == 0 and self.bad else status
            self._gate.report(b"finished %d %d" % (self.code, self.sent))

    def _result(self, nodeid, kind):
        self.sent += 1
        self.bad += kind in (b"failed", b"error")
        self._gate.report(kind + b" " + label(nodeid))

    def _broken(self, nodeid):
        self.bad += 1
        self._gate.report(b"broken " + label(nodeid))


def run_session(recorder):
    """Loads the workspace's code for the first time."""
    files = sys.argv[1:]
    workspace = os.getcwd()
    sys.argv = ["pytest", *files]
    sys.path.insert(0, workspace)
    options = ["-p", "no:cacheprovider", "--color=no", f"--rootdir={workspace}"]
    return pytest.main([*options, *files], plugins=[recorder])


def main():
    """Runs the session and ends the process as the report says."""
    gate = load_gate()
    gate.open(CHANNEL)
    recorder = Recorder(gate)
    flush, leave = (sys.stdout.flush, sys.stderr.flush), os._exit
    recorder.finish(int(run_session(recorder)))  # if it ended before it began: a wrong option, say
    for each in flush:
        each()
    # Not sys.exit: what tested code has registered to run at exit, or left running, has no say any
    # more.
    leave(recorder.code)


main()
