"""A session of pytest with the judge's plugin and a report of the essentials, for local tries.

    python3 -I -B judge_session.py HARNESS TEST_FILE...

The report goes to descriptor 3, a message a line; the channel is descriptor 4.
"""

import os
import sys
from typing import Any

import pytest

sys.path.insert(0, sys.argv[1])
from isolated import judge  # noqa: E402

sys.path.remove(sys.argv[1])


def say(line: bytes) -> None:
    os.write(3, line)


class Report:
    """Takes a result from what was raised."""

    sent = 0

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            say(b"broken " + report.nodeid.encode())

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call" or not report.passed:
            self.sent += 1
            say(f"{report.outcome} {report.nodeid}".encode()[:300])


def main() -> None:
    files = sys.argv[2:]
    sys.argv = ["pytest", *files]
    sys.path.insert(0, os.getcwd())
    report = Report()
    code = pytest.main(["-p", "no:cacheprovider", "--color=no", f"--rootdir={os.getcwd()}", "-q",
                        *files], plugins=[judge.plugin(say), report])
    say(b"finished %d %d" % (code, report.sent))
    link = judge.proxies.link
    print(f"requests {link.requests}", file=sys.stderr)
    sys.stdout.flush()
    os._exit(code)


main()
