"""The wire format, held to the golden files that the Java tests read too."""

import dataclasses
import json
import unittest
from typing import Any

from atomic_agent import messages
from atomic_agent.messages import AgentError, Completion, ErrorCode
from atomic_agent.protocol import BadMessage, BrokenLine, LineSplitter, decode, encode

from .support import GOLDEN

FRAMES = GOLDEN / "frames"
INDEX = json.loads((FRAMES / "index.json").read_text(encoding="utf-8"))["frames"]


def line_of(entry: dict[str, Any]) -> bytes:
    return (FRAMES / str(entry["file"])).read_bytes()


def message_of(entry: dict[str, Any]) -> Any:
    fields = dict(entry["expect"])
    if fields.get("completion"):
        fields["completion"] = Completion(**fields["completion"])
    if "error" in fields:
        error = fields["error"]
        fields["error"] = AgentError(ErrorCode(error["code"]), error["message"],
                                     retryable=error["retryable"],
                                     retry_after_ms=error["retry_after_ms"])
    if "spent" in fields:
        fields["spent"] = Completion(**fields["spent"])
    if "providers" in fields:
        fields["providers"] = tuple(fields["providers"])
    return getattr(messages, entry["message"])(**fields)


class GoldenFrames(unittest.TestCase):
    def test_every_golden_file_is_in_the_index_and_holds_one_line(self) -> None:
        listed = {entry["file"] for entry in INDEX} | {"index.json"}
        self.assertEqual({path.name for path in FRAMES.iterdir()}, listed)
        for entry in INDEX:
            self.assertEqual(line_of(entry).count(b"\n"), 1, entry["file"])

    def test_what_a_client_sends_reads_as_the_index_says(self) -> None:
        for entry in INDEX:
            if entry["direction"] == "to_agent" and "message" in entry:
                with self.subTest(entry["file"]):
                    message = decode(line_of(entry))
                    self.assertEqual(type(message).__name__, entry["message"])
                    self.assertEqual(dataclasses.asdict(message), entry["expect"])

    def test_a_bad_message_is_refused_with_its_ids(self) -> None:
        for entry in INDEX:
            if entry.get("error") == "BadMessage":
                with self.subTest(entry["file"]), self.assertRaises(BadMessage) as refused:
                    decode(line_of(entry))
                self.assertEqual(refused.exception.id, entry["id"])
                self.assertEqual(refused.exception.request_id, entry["request_id"])
                self.assertIn(entry["message_has"], str(refused.exception))

    def test_a_broken_line_is_told_apart(self) -> None:
        for entry in INDEX:
            if entry.get("error") == "BrokenLine":
                with self.subTest(entry["file"]), self.assertRaises(BrokenLine):
                    decode(line_of(entry))

    def test_what_the_agent_sends_is_the_golden_line_byte_for_byte(self) -> None:
        for entry in INDEX:
            if entry["direction"] == "from_agent":
                with self.subTest(entry["file"]):
                    line = encode(message_of(entry), entry["timestamp"])
                    self.assertEqual(json.loads(line), json.loads(line_of(entry)))
                    self.assertEqual(line, line_of(entry))


class Decoding(unittest.TestCase):
    def test_deep_nesting_is_a_broken_line_and_not_a_crash(self) -> None:
        with self.assertRaises(BrokenLine):
            decode(b'{"payload":' + b"[" * 200_000)

    def test_a_huge_number_is_a_broken_line_and_not_a_crash(self) -> None:
        with self.assertRaises(BrokenLine):
            decode(b'{"id":"x","type":' + b"9" * 10_000 + b"}")

    def test_a_refusal_never_repeats_the_prompt(self) -> None:
        line = json.dumps({"id": "a", "type": 0, "payload": {
            "request_id": "q", "prompt": "a secret plan", "temperature": 9}}).encode()
        with self.assertRaises(BadMessage) as refused:
            decode(line)
        self.assertNotIn("secret plan", str(refused.exception))


class Logging(unittest.TestCase):
    def test_a_log_names_the_job_a_worker_names_and_nothing_else(self) -> None:
        asked = messages.Request(
            id="f", request_id="q", prompt="p",
            metadata={"log": {"job": "01a2", "trace": "ab12", "stage": "line\nbreak",
                              "attempt": 1, "password": "x"}})
        self.assertEqual(asked.log_fields(), {"request_id": "q", "request_type": "GENERATE_CODE",
                                              "job": "01a2", "trace": "ab12"})
        for hostile in (None, "text", ["job"], {"job": {"a": 1}}, {"job": "x" * 65}):
            named = messages.Request(id="f", request_id="q", prompt="p",
                                     metadata={"log": hostile}).log_fields()
            self.assertEqual(set(named), {"request_id", "request_type"})


class Encoding(unittest.TestCase):
    def test_a_lone_surrogate_becomes_a_replacement_character(self) -> None:
        line = encode(messages.StreamChunk("a", "q", "x\ud83dy", 0), 1)
        self.assertEqual(json.loads(line.decode("utf-8"))["payload"]["delta"], "x\ufffdy")

    def test_a_chunk_is_written_as_the_encoder_would(self) -> None:
        hostile = "\"\\/" + "".join(map(chr, (*range(0x20), 0x7f, 0x85, 0x2028, 0x2029, 0xfeff,
                                    0x1f600)))
        for delta in ("", "x", hostile, "},{", "\ud800" + hostile):
            for more, thinks in (({}, False), ({"reasoning": True}, True)):
                line = encode(messages.StreamChunk(hostile, "q\"", delta, 7, reasoning=thinks), 12)
                whole = {"id": hostile, "type": 2, "timestamp": 12, "payload": {
                    "request_id": "q\"", "delta": delta, **more, "chunk_index": 7,
                    "is_final": False}}
                text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
                self.assertEqual(line.decode(), text.replace("\ud800", "\ufffd") + "\n")

    def test_newlines_in_text_never_break_the_line(self) -> None:
        line = encode(messages.StreamChunk("a", "q", "one\ntwo\r\n", 0), 1)
        self.assertEqual(line.count(b"\n"), 1)
        self.assertTrue(line.endswith(b"\n"))

    def test_a_chunk_leaves_out_the_accumulated_content(self) -> None:
        line = encode(messages.StreamChunk("a", "q", "x", 3), 1)
        self.assertNotIn(b"accumulated_content", line)


class SplittingLines(unittest.TestCase):
    def test_lines_come_out_however_the_bytes_are_cut(self) -> None:
        data = b"one\ntwo\n\nthree\n"
        for size in range(1, len(data) + 1):
            splitter = LineSplitter()
            lines = [line for start in range(0, len(data), size)
                     for line in splitter.feed(data[start:start + size])]
            self.assertEqual(lines, [b"one", b"two", b"", b"three"])

    def test_a_line_of_exactly_the_limit_passes_and_one_byte_more_does_not(self) -> None:
        self.assertEqual(list(LineSplitter(5).feed(b"12345\n")), [b"12345"])
        with self.assertRaises(BrokenLine):
            list(LineSplitter(5).feed(b"123456\n"))

    def test_an_endless_line_is_refused_before_it_ends(self) -> None:
        splitter = LineSplitter(5)
        list(splitter.feed(b"12345"))
        with self.assertRaises(BrokenLine):
            list(splitter.feed(b"6"))

    def test_lines_before_a_too_long_one_are_still_given(self) -> None:
        lines = LineSplitter(5).feed(b"ok\n1234567\n")
        self.assertEqual(next(lines), b"ok")
        with self.assertRaises(BrokenLine):
            next(lines)
