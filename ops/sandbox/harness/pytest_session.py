"""Runs pytest and reports what happened on the runner's report channel.

    python3 -I -B -u pytest_session.py TEST_FILE...

The channel is descriptor 3 (see PROTOCOL.md). Started isolated (-I), so that nothing in the
workspace can stand in for a module that is imported before the tests are. The tested code runs in
this very process. The token that makes a message count is therefore reached by no name: it lives
in a closure, and the call that ends the session is held by an expression, not by a variable.
"""

import os
import socket
import sys
import unittest

import pytest
from _pytest.outcomes import Skipped

CHANNEL = 3
MAX_ID_BYTES = 300
SKIPS = (Skipped, unittest.SkipTest)


def open_report():
    """The function that sends one line; from a forked child it sends nothing."""
    channel = socket.socket(fileno=CHANNEL)
    channel.set_inheritable(False)
    token = channel.recv(64)
    channel.shutdown(socket.SHUT_RD)
    send, pid, getpid = channel.send, os.getpid(), os.getpid

    def report(line):
        if getpid() == pid:
            send(token + b" " + line)

    return report


def label(nodeid):
    """A test's id on one line, short enough for a message."""
    text = "".join(c if c.isprintable() else "?" for c in nodeid)
    return text.encode("utf-8", "replace")[:MAX_ID_BYTES]


def make_recorder(report):
    """The plugin, and the function that ends the report and says with which code to exit.

    A result is taken from what was raised, before any other plugin (a conftest.py, say) has seen
    it: a hook that calls a failure a success changes pytest's own summary, not this.
    """
    state = {}
    counts = {"sent": 0, "bad": 0}

    def result(nodeid, kind):
        counts["sent"] += 1
        counts["bad"] += kind in (b"failed", b"error")
        report(kind + b" " + label(nodeid))

    class Recorder:
        @pytest.hookimpl(tryfirst=True)
        def pytest_deselected(self, items):
            report(b"deselected %d" % len(items))

        @pytest.hookimpl(trylast=True)
        def pytest_collection_finish(self, session):
            report(b"collected %d" % len(session.items))

        @pytest.hookimpl(tryfirst=True)
        def pytest_collectreport(self, report):
            if report.failed:
                counts["bad"] += 1
                send_error(report.nodeid)

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_runtest_makereport(self, item, call):
            raised = call.excinfo
            outcome = yield
            made = outcome.get_result()
            raised = raised or call.excinfo
            expected = made.skipped and hasattr(made, "wasxfail")
            if raised is not None and not isinstance(raised.value, SKIPS) and not expected:
                state[item.nodeid] = b"error" if call.when != "call" else b"failed"
            elif made.failed:
                state.setdefault(item.nodeid, b"failed")
            elif raised is not None:
                state.setdefault(item.nodeid, b"skipped")
            elif call.when == "call":
                state.setdefault(item.nodeid, b"passed")
            if call.when == "teardown":
                result(item.nodeid, state.pop(item.nodeid, b"error"))

    def send_error(nodeid):
        report(b"broken " + label(nodeid))

    def conclude(code, leave=os._exit, flush=(sys.stdout.flush, sys.stderr.flush)):
        code = int(code)
        if code == 0 and counts["bad"]:
            code = 1
        report(b"finished %d %d" % (code, counts["sent"]))
        for one in flush:
            one()
        # Not sys.exit: what tested code has registered to run at exit, or left running, has no
        # say any more.
        leave(code)

    return Recorder(), conclude


def run_session(recorder):
    """Loads the workspace's code for the first time."""
    files = sys.argv[1:]
    workspace = os.getcwd()
    sys.argv = ["pytest", *files]
    sys.path.insert(0, workspace)
    options = ["-p", "no:cacheprovider", "--color=no", f"--rootdir={workspace}"]
    return pytest.main([*options, *files], plugins=[recorder])


(lambda made: made[1](run_session(made[0])))(make_recorder(open_report()))
