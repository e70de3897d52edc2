"""`bench`: what the checker finds, what the clients read off the wire, the command's refusals."""

import asyncio
import json
import time
import unittest
from typing import Any

from cli.bench import checker, leftovers, metronome, report, websocket, wire
from cli.bench.crowd import Order
from cli.bench.jobs import Event

from .machine import Machine

JOB = "01990000-0000-7000-8000-000000000001"
_USUAL: dict[str, dict[str, Any]] = {
    "stage_started": {"stage": "spec", "round": 0},
    "chunk": {"stage": "spec", "round": 0, "chunk_index": 0, "delta": "x"},
    "stage_completed": {"stage": "spec", "round": 0, "status": "succeeded"},
    "stage_reset": {"stage": "spec", "reason": "crash"},
    "retrying": {"reason": "worker_lost", "delay_ms": 0},
    "started": {"worker": "worker-1"}}


def log(*parts: str | dict[str, Any]) -> list[Event]:
    """A log from its types, each with what such an event has."""
    events: list[Event] = []
    for seq, part in enumerate(parts, 1):
        given = {"type": part} if isinstance(part, str) else part
        usual = _USUAL.get(str(given["type"]), {})
        events.append({"seq": seq, "job_id": JOB, "at": "2026-01-01T00:00:00.000Z",
                       "attempt": 0 if given["type"] == "queued" else 1, **usual, **given})
    return events


def found(events: list[Event], **job: Any) -> list[str]:
    """What the checker says about a job with this log."""
    order = Order("key", {}, [JOB])
    for name in ("ids", "seen", "watched", "cancelled"):
        if name in job:
            setattr(order, name, job.pop(name))
    resource = {"status": events[-1]["type"] if events else "queued", "error": None, "stages": [],
                "last_seq": len(events), "spec": "x", "docs": None, **job}
    return list(checker.check_job(order, resource, events))


WHOLE = ("queued", "started", "stage_started", "chunk", "stage_completed", "succeeded")


class WebSocketCase(unittest.IsolatedAsyncioTestCase):
    """What the clients of `relay` read, wherever the network cuts it."""

    async def asyncSetUp(self) -> None:
        self.heard: list[bytes] = []
        self.socket = websocket.Socket(1, self.heard.append)
        self.socket.data_received(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")

    async def test_reads_messages_whole_however_they_are_cut(self) -> None:
        large = b"x" * 300
        huge = b"y" * 70_000
        sent = (b"\x81\x03abc" + b"\x81\x7e\x01\x2c" + large
                + b"\x01\x02de" + b"\x89\x00" + b"\x80\x01f"
                + b"\x81\x7f" + len(huge).to_bytes(8, "big") + huge)
        for step in (1, 7, 1000, len(sent)):
            self.heard.clear()
            for start in range(0, len(sent), step):
                self.socket.data_received(sent[start:start + step])
            self.assertEqual([b"abc", large, b"def", huge], self.heard, step)

    async def test_is_told_when_there_is_no_websocket(self) -> None:
        refused = websocket.Socket(1, self.heard.append)
        refused.data_received(b"HTTP/1.1 404 Not Found\r\n\r\n")
        with self.assertRaises(ConnectionRefusedError):
            await refused._open

    async def test_a_piece_says_when_it_was_sent(self) -> None:
        before = time.monotonic_ns()
        piece = metronome.piece(40)
        self.assertEqual(40, len(piece))
        message = json.dumps({"delta": piece + metronome.piece(40)}).encode()
        stamps = [int(stamp) for stamp in metronome.STAMP.findall(message)]
        self.assertEqual(2, len(stamps))
        self.assertTrue(all(before <= stamp <= time.monotonic_ns() for stamp in stamps))


class CheckerCase(unittest.TestCase):
    """Each promise, broken once."""

    def wrong(self, expected: str, events: list[Event], **job: Any) -> None:
        """The checker finds it, in these words."""
        said = found(events, **job)
        self.assertTrue(any(expected in line for line in said), said)

    def test_finds_nothing_wrong_with_a_job_that_went_well(self) -> None:
        self.assertEqual([], found(log(*WHOLE)))

    def test_finds_nothing_wrong_with_a_job_whose_worker_was_lost(self) -> None:
        self.assertEqual([], found(log(
            "queued", "started", "stage_started", "chunk", "retrying", "started", "stage_reset",
            "stage_started", "chunk", "stage_completed", "succeeded")))

    def test_finds_nothing_wrong_with_a_stage_that_is_tried_again(self) -> None:
        self.assertEqual([], found(log(
            "queued", "started", "stage_started", "chunk",
            {"type": "retrying", "reason": "unavailable", "delay_ms": 20},
            {"type": "started", "attempt": 2},
            {"type": "stage_reset", "reason": "retry", "attempt": 2},
            {"type": "stage_started", "attempt": 2}, {"type": "chunk", "attempt": 2},
            {"type": "stage_completed", "attempt": 2}, {"type": "succeeded", "attempt": 2})))

    def test_finds_nothing_wrong_with_a_second_attempt_and_a_cancel_while_it_waits(self) -> None:
        self.assertEqual([], found(log(
            "queued", "started", "stage_started",
            {"type": "retrying", "reason": "unavailable", "delay_ms": 2000},
            {"type": "cancelled"}), cancelled=True))

    def test_finds_gaps_and_doubles(self) -> None:
        events = log(*WHOLE)
        self.wrong("a gap or a double", events[:2] + events[3:])
        self.wrong("a gap or a double", [*events[:3], events[2], *events[3:]])

    def test_finds_a_job_that_never_ended_and_one_that_ended_twice(self) -> None:
        self.wrong("it hasn't ended", log("queued", "started"), status="running")
        self.wrong("2 terminal events", log(*WHOLE, "succeeded"))
        self.wrong("comes after the terminal", log(*WHOLE, "retrying"), status="succeeded")
        self.wrong("the job failed", log(*WHOLE), status="failed", error={"code": "unavailable"})

    def test_finds_a_cancel_that_was_accepted_and_forgotten(self) -> None:
        self.wrong("its cancel was accepted", log(*WHOLE), cancelled=True)

    def test_finds_a_key_with_two_jobs(self) -> None:
        self.wrong("one key gave 2 jobs", log(*WHOLE), ids=[JOB, "another"])

    def test_finds_a_stage_paid_again_after_its_checkpoint(self) -> None:
        self.wrong("begins again after its checkpoint", log(
            *WHOLE[:5], "retrying", "started", "stage_started", "chunk", "stage_completed",
            "succeeded"))

    def test_finds_writes_of_a_worker_that_lost_the_job(self) -> None:
        self.wrong("nobody has the job", log(
            "queued", "started", "stage_started", "retrying", "chunk", "started", "stage_reset",
            "stage_started", "chunk", "stage_completed", "succeeded"))
        self.wrong("this claim has begun no stage", log(
            "queued", "started", "stage_started", "retrying", "started", "chunk", "stage_started",
            "chunk", "stage_completed", "succeeded"))
        self.wrong("while attempt 1 has the job", log(
            *WHOLE[:3], {"type": "chunk", "attempt": 2}, *WHOLE[4:]))
        self.wrong("while another has the job", log("queued", "started", *WHOLE[1:]))

    def test_finds_chunks_that_are_missing(self) -> None:
        self.wrong("chunk_index 1, 0 was due", log(
            *WHOLE[:3], {"type": "chunk", "chunk_index": 1}, *WHOLE[4:]))
        self.wrong("isn't what was streamed", log(*WHOLE), spec="xy")

    def test_finds_an_attempt_that_a_loss_used_up(self) -> None:
        self.wrong("attempt 2, 1 was due", log(
            "queued", "started", "retrying", {"type": "started", "attempt": 2},
            {"type": "succeeded", "attempt": 2}))

    def test_finds_watchers_that_missed_something(self) -> None:
        self.wrong("out of order", log(*WHOLE), seen=[1, 2, 4, 5, 6], watched="succeeded")
        self.wrong("out of order", log(*WHOLE), seen=[1, 2, 2, 3, 4, 5, 6], watched="succeeded")
        self.wrong("never saw the end", log(*WHOLE), seen=[1, 2])
        self.wrong("told the end after 5", log(*WHOLE), seen=[1, 2, 3, 4, 5], watched="204")


class LeftoversCase(unittest.TestCase):
    """What the databases' own shells print."""

    def test_reads_what_psql_prints(self) -> None:
        self.assertEqual([(0, 2, "0199-7"), (1, 0, "")], leftovers.rows_of("0|2|0199-7\n1|0|\n"))

    def test_reads_what_the_shell_of_h2_prints(self) -> None:
        self.assertEqual([(0, 0, "null"), (11, 3, "0199-7")], leftovers.rows_of(
            "0  | COUNT(*) | MIN(CAST(FOUND.IT AS CHARACTER VARYING(255)))\n"
            "0  | 0        | null\n11 | 3        | 0199-7\n(2 rows, 34 ms)\n"))


class WireCase(unittest.TestCase):
    """Responses as servers cut them into pieces."""

    async def _answers(self, *pieces: bytes) -> list[wire.Answer]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for _ in range(2):
                await reader.readuntil(b"\r\n\r\n")
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.005)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        connection = await wire.Connection.open(port)
        request = wire.request_bytes("GET", "/", port)
        try:
            async with asyncio.timeout(5):
                return [await connection.send(request) for _ in range(2)]
        finally:
            await asyncio.sleep(0.02)
            connection.close()
            server.close()

    def test_reads_a_body_of_known_length_in_pieces(self) -> None:
        answers = asyncio.run(self._answers(
            b"HTTP/1.1 202 \r\nLocation: /api/jobs/7\r\ncontent-length: 1", b"0\r\n\r\n{\"id\":",
            b"\"7\"}"))
        self.assertEqual([202, 202], [answer.status for answer in answers])
        self.assertEqual("/api/jobs/7", answers[1].header("location"))
        self.assertEqual({"id": "7"}, answers[1].json())

    def test_reads_chunks_cut_anywhere(self) -> None:
        answers = asyncio.run(self._answers(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", b"c\r\n2",
            b"\r\nde\r\n0\r\n", b"\r\n"))
        self.assertEqual([b"abcde", b"abcde"], [answer.body for answer in answers])

    def test_reads_an_answer_without_a_body(self) -> None:
        answers = asyncio.run(self._answers(b"HTTP/1.1 204 \r\nDate: now\r\n\r\n"))
        self.assertEqual([204, 204], [answer.status for answer in answers])


class CommandCase(unittest.TestCase):
    """The command line, and the table."""

    def test_refuses_a_benchmark_there_is_none_of(self) -> None:
        with Machine() as machine:
            done = machine.atomic("bench", "sumbit")
            self.assertEqual(2, done.code, done)
            self.assertIn("submit", done.err)

    def test_percentiles_are_values_that_were_seen(self) -> None:
        values = [float(value) for value in range(1, 201)]
        self.assertEqual(100, report.percentile(values, 50))
        self.assertEqual(198, report.percentile(values, 99))
        self.assertEqual(3, report.percentile([3], 99))

    def test_the_table_has_least_median_and_most(self) -> None:
        result = report.Result("submit", "h2", [{"jobs a second": 1.5}, {"jobs a second": 3.0},
                                                {"jobs a second": 1200.0}])
        said = report.table(report.machine(), [result])
        self.assertRegex(said, r"jobs a second +1\.50 +3 +1,200")


if __name__ == "__main__":
    unittest.main()
