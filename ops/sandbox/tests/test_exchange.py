"""Requests from inside to a program that serves: whatever it answers comes out byte for byte."""

from __future__ import annotations

import struct
import unittest

from sandbox_client import Container, Run, record, request, step

SERVE = """
import socket, sys, time
s = socket.create_server(("127.0.0.1", 8000))
print("listening", flush=True)
while True:
    c, _ = s.accept()
    asked = c.recv(65536)
    if asked == b"end": sys.exit(3)
    if asked == b"close": s.close()
    if asked == b"flood":
        try:
            while True: c.sendall(b"x" * 65536)
        except OSError: pass
    if asked != b"silence": c.sendall(b"you said " + asked); c.close()
"""


def ask(data: bytes, patience_ms: int = 20_000) -> bytes:
    return record("T", struct.pack(">I", patience_ms) + data)


class ExchangeTest(unittest.TestCase):
    def setUp(self) -> None:
        self.container = Container()
        self.addCleanup(self.container.close)

    def start(self, program: str = SERVE, kept_bytes: int = 1 << 20, more: int = 0) -> Run:
        run = step("exchange", "python3", "-c", program)
        asked = request({}, run, kept_bytes=kept_bytes, more=more)
        return self.container.until("N", asked)

    def test_each_request_has_a_connection_of_its_own(self) -> None:
        self.assertEqual(self.start().probe["port"], "8000")
        for data in (b"one", b"\0\xff two"):
            got = self.container.until("a", ask(data))
            self.assertEqual((got.answer, got.how), (b"you said " + data, "closed"))
        last = self.container.until("Z", record("X"))
        self.assertEqual((last.steps[0]["stopped"], last.end["limit"]), ("1", "none"))
        self.assertTrue(last.complete)

    def test_a_request_larger_than_any_buffer_is_sent_whole(self) -> None:
        self.start(
            "import socket\ns = socket.create_server(('', 8000))\nc, _ = s.accept()\nn = 0\n"
            "while n < 3 << 20: n += len(c.recv(65536))\nc.sendall(str(n).encode())\n"
        )
        self.assertEqual(self.container.until("a", ask(b"x" * (3 << 20))).answer, b"3145728")

    def test_no_answer_is_waited_for_as_long_as_was_said(self) -> None:
        self.start()
        self.assertEqual(self.container.until("a", ask(b"silence", 300)).how, "timeout")
        self.container.send(ask(b"silence"))
        self.assertEqual(self.container.until("a", ask(b"next")).how, "replaced")
        self.assertEqual(self.container.until("a", b"").answer, b"you said next")

    def test_a_flood_is_cut_off(self) -> None:
        self.start(kept_bytes=200_000)
        got = self.container.until("a", ask(b"flood"))
        self.assertEqual(got.how, "too_much")
        self.assertLessEqual(len(got.answer), 200_000)

    def test_a_server_that_ends_on_the_way(self) -> None:
        self.start(more=1)
        self.container.send(ask(b"end"))
        got = self.container.until("M", ask(b"late"))
        self.assertEqual(got.steps[0].get("exit"), "3")
        self.assertTrue(self.container.until("Z", record("G")).complete)

    def test_nobody_listens_any_more(self) -> None:
        self.start(SERVE.replace("c.close()", "c.close(); time.sleep(100)"))
        self.container.until("a", ask(b"close"))
        self.assertEqual(self.container.until("a", ask(b"again")).how, "refused")

    def test_what_never_listens_is_stopped(self) -> None:
        run = step("exchange", "sleep", "100")
        got = self.container.until("Z", request({}, run, probe_ms=300))
        self.assertEqual((got.probe, got.steps[0]["stopped"]), ({}, "1"))

    def test_what_makes_no_sense_is_refused(self) -> None:
        self.start()
        self.assertNotEqual(self.container.until("Q", record("T", b"x")).quit, "")

    def test_any_step_can_be_ended(self) -> None:
        self.container.send(request({}, step("run", "sleep", "100")))
        got = self.container.until("Z", record("X"))
        self.assertEqual((got.steps[0].get("signal"), got.steps[0]["stopped"]), ("15", "1"))


if __name__ == "__main__":
    unittest.main()
