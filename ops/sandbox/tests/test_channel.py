"""A judge's and a subject's channel where it is carried: the container's own input and error output."""

from __future__ import annotations

import os
import threading
import unittest

from sandbox_client import Container, request, step

ECHO = """
import os
while piece := os.read(4, 65536):
    while piece:
        piece = piece[os.write(5, piece):]
"""


class ChannelTest(unittest.TestCase):
    def setUp(self) -> None:
        self.container = Container()
        self.addCleanup(self.container.close)

    def start(self, kind: str, program: str) -> None:
        self.container.send(request({}, step(kind, "python3", "-c", program), more=0))

    def said(self, size: int) -> bytes:
        """This much of what the program says."""
        assert self.container.process.stderr is not None
        heard = b""
        while len(heard) < size:
            piece = os.read(self.container.process.stderr.fileno(), 65536)
            self.assertTrue(piece, f"ended after {len(heard)} bytes")
            heard += piece
        return heard

    def test_bytes_go_both_ways(self) -> None:
        self.start("subject", ECHO)
        for text in (b"one", b"\0" * 3_000_000):
            sending = threading.Thread(target=self.container.send, args=(text,))
            sending.start()
            self.assertEqual(self.said(len(text)), text)
            sending.join()

    def test_what_was_written_before_the_end_comes_out(self) -> None:
        self.start("subject", "import os\nleft = b'x' * 150_000\n"
                   "while left: left = left[os.write(5, left):]")
        self.assertEqual(self.said(150_000), b"x" * 150_000)
        self.assertEqual(self.container.until("Z", b"").steps[0].get("exit"), "0")

    def test_a_judge_reports_besides(self) -> None:
        self.start("judge", (
            "import os, socket\nr = socket.socket(fileno=3)\n"
            "r.send(b'collected 1'); r.send(b'passed ' + os.read(4, 9))\n"
            "r.send(b'finished 0 1')\n"))
        last = self.container.until("Z", b"it")
        self.assertEqual(last.report, ["collected 1", "passed it", "finished 0 1"])

    def test_what_it_has_not_read_is_nobody_s_request(self) -> None:
        self.start("subject", "import time\ntime.sleep(0.5)")
        last = self.container.until("Z", b"no record at all")
        self.assertEqual((last.steps[0].get("exit"), last.quit), ("0", ""))

    def test_other_steps_have_neither(self) -> None:
        looks = "import os\nprint(sorted(os.listdir('/proc/self/fd')))"
        for kind, expected in (("run", b"0', '1', '2', '3']"), ("subject", b"'2', '3', '4', '5']")):
            container = Container()
            got = container.run(request({}, step(kind, "python3", "-c", looks)))
            self.assertIn(expected, got.stdout)  # the one in between is the folder's own

    def test_it_ends_when_nobody_asks_any_more(self) -> None:
        self.start("subject", "import time\nprint('here', flush=True)\ntime.sleep(100)")
        self.container.until("O", b"")
        assert self.container.process.stdin is not None
        self.container.process.stdin.close()
        self.assertEqual(self.container.process.wait(60), 3)


if __name__ == "__main__":
    unittest.main()
