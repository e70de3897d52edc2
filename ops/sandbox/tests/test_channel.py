"""A judge's and a subject's channel: bytes both ways, whole, bounded, and ended in order."""

from __future__ import annotations

import unittest

from sandbox_client import Container, Run, record, request, step

ECHO = "import socket\nc = socket.socket(fileno=4)\nwhile b := c.recv(65536): c.sendall(b)\n"


def data(text: bytes) -> bytes:
    return record("D", text)


class ChannelTest(unittest.TestCase):
    def setUp(self) -> None:
        self.container = Container()
        self.addCleanup(self.container.close)

    def start(self, kind: str, program: str) -> None:
        self.container.send(request({}, step(kind, "python3", "-c", program), more=0))

    def receive(self, size: int) -> bytes:
        """What the program wrote to its channel, this much of it."""
        run = Run()
        while len(run.channel) < size:
            got = self.container.read()
            assert got is not None and got[0] in "OD", got
            run.take(*got)
        return run.channel

    def test_bytes_go_both_ways_and_the_end_is_told(self) -> None:
        self.start("subject", ECHO)
        for text in (b"one", b"\0" * 3_000_000):
            self.container.send(data(text))
            self.assertEqual(self.receive(len(text)), text)
        last = self.container.until("Z", data(b""))
        self.assertEqual((last.steps[0].get("exit"), last.channel_ended), ("0", True))

    def test_what_was_written_before_the_end_comes_out(self) -> None:
        self.start("subject", "import os\nos.write(4, b'x' * 150_000)")
        last = self.container.until("Z", b"")
        self.assertEqual((len(last.channel), last.channel_ended), (150_000, True))

    def test_a_program_that_doesn_t_read_is_ended(self) -> None:
        self.start("subject", "import time\ntime.sleep(100)")
        for _ in range(9):
            self.container.send(data(b"x" * (4 << 20)))
        last = self.container.until("Z", b"")
        self.assertEqual(last.steps[0]["limit"], "output")

    def test_a_judge_reports_without_a_token(self) -> None:
        self.start("judge", (
            "import os, socket\nr = socket.socket(fileno=3)\n"
            "r.send(b'collected 1'); r.send(b'passed ' + os.read(4, 9))\n"
            "r.send(b'finished 0 1')\n"))
        last = self.container.until("Z", data(b"it"))
        self.assertEqual(last.report, ["collected 1", "passed it", "finished 0 1"])

    def test_other_steps_have_neither(self) -> None:
        looks = "import os\nprint(sorted(os.listdir('/proc/self/fd')))"
        for kind, expected in (("run", b"0', '1', '2', '3']"), ("subject", b"'2', '3', '4']")):
            container = Container()
            got = container.run(request({}, step(kind, "python3", "-c", looks)))
            self.assertIn(expected, got.stdout)  # the highest is the folder's own

    def test_it_can_be_ended_at_any_time(self) -> None:
        self.start("subject", ECHO)
        last = self.container.until("Z", record("X"))
        self.assertEqual(last.steps[0]["stopped"], "1")
        self.assertTrue(last.complete)


if __name__ == "__main__":
    unittest.main()
