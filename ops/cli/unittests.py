"""Runs the tests below `tests/` of the working folder, and names the slowest.

Run as a program, by the Python that has what those tests need. `--quick` leaves out each test that
starts a process: it ends at the moment it would, so there is no list of them to keep.
"""

import sys
import time
import unittest
from typing import Any

_NAMED = 5
# What Python raises before it starts a process, however it is asked to.
_STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system"}


class TimedResult(unittest.TextTestResult):
    """Keeps how many seconds each test took, what it sets up included."""

    took: list[tuple[float, str]]
    _began: float

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.took = []

    def startTest(self, test: unittest.TestCase) -> None:
        self._began = time.monotonic()
        super().startTest(test)

    def stopTest(self, test: unittest.TestCase) -> None:
        self.took.append((time.monotonic() - self._began, test.id()))
        super().stopTest(test)


def _refuse(event: str, _: object) -> None:
    if event in _STARTS:
        raise unittest.SkipTest("starts a process")


def main() -> int:
    """0 when all passed, 1 when not, or when there was none."""
    quick = "--quick" in sys.argv[1:]
    found = unittest.defaultTestLoader.discover("tests", top_level_dir=".")
    if quick:
        sys.addaudithook(_refuse)
    result = unittest.TextTestRunner(resultclass=TimedResult).run(found)
    assert isinstance(result, TimedResult)
    print("slowest:", *(f"  {took:6.2f} s  {name}" for took, name in
                        sorted(result.took, reverse=True)[:_NAMED]), sep="\n", file=sys.stderr)
    if quick:
        print(f"left out: {len(result.skipped)} tests that start a process", file=sys.stderr)
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
