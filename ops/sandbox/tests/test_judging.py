"""Judge and subject in two real containers, with the tests that models write."""

from __future__ import annotations

import os
import threading
import unittest
from pathlib import Path

from sandbox_client import Container, Run, request, step

FOLDER = Path(__file__).parent / "isolated" / "models"
HARNESS = "/usr/local/lib/atomic/"
PYTHON = ("python3", "-I", "-B", "-u")


def carry(source: Container, target: Container) -> None:
    """What one says on its channel is said to the other, until it ends."""
    assert source.process.stderr is not None
    try:
        while said := os.read(source.process.stderr.fileno(), 65536):
            target.send(said)
    except OSError:
        pass  # the other has gone


def judge(program: dict[str, str | bytes], tests: dict[str, str | bytes]) -> Run:
    """What the judge's container comes to."""
    here, there = Container(), Container()
    try:
        here.send(request(tests, step("judge", *PYTHON, HARNESS + "session.py", "judge", *tests)))
        there.send(request(program, step("subject", *PYTHON, HARNESS + "subject.py")))
        carrying = [threading.Thread(target=carry, args=ends)
                    for ends in ((here, there), (there, here))]
        for each in carrying:
            each.start()
        run = here.until("Z", b"")
    finally:
        there.close()
        here.close()
    for each in carrying:
        each.join()
    return run


class JudgingTest(unittest.TestCase):
    def test_servers_are_reached_and_loops_go_on_side_by_side(self) -> None:
        for name in ("servers", "asynchronous", "threads", "command_line"):
            with self.subTest(name):
                got = judge({"main.py": (FOLDER / name / "main.py").read_text()},
                            {"test_main.py": (FOLDER / name / "test_main.py").read_text()})
                self.assertEqual([], [line for line in got.report if line.split()[0] not in (
                    "collected", "passed", "finished")], got.stdout.decode()[-3000:])
                self.assertTrue(got.report[-1].startswith("finished 0 "), got.report)


if __name__ == "__main__":
    unittest.main()
