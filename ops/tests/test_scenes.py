"""What was once seen on a terminal with the real stack, compared with what is shown now.

The files in `scenes` are such screens. Times, ids and addresses are masked on both sides.
"""

import re
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cli import listing

from .fake_api import Job, Script, resource
from .test_client import ClientCase

_SCENES = Path(__file__).with_name("scenes")
_MASKS = ((r"\d+(?:\.\d+)? (?:s|min|h)\b", "TIME"), (r"http://\S+", "URL"),
          (r"\b[0-9a-f]{8}\b", "ID"), (r" +", " "))


def masked(text: str) -> list[str]:
    """The lines without what differs from run to run."""
    for pattern, mask in _MASKS:
        text = re.sub(pattern, mask, text)
    return [line.strip() for line in text.splitlines()]


def scene(name: str) -> list[str]:
    """The lines that were seen."""
    return masked((_SCENES / f"{name}.txt").read_text(encoding="utf-8"))


class Scenes(ClientCase):
    """The same commands again."""

    def test_a_loop_that_its_limit_ends(self) -> None:
        self.machine.write("loop.py", "n = 0\nwhile True:\n    n += 1\n")
        self.api.scripts["execute"] = Script([{"type": "succeeded"}], final={
            "kind": "execute", "status": "succeeded",
            "verification": {"status": "timed_out", "duration_ms": 2010}})
        done = self.machine.atomic("exec", "loop.py", "--timeout", "2")
        self.assertEqual((done.code, masked(done.err)), (1, scene("exec-loop")), done)

    def test_up_after_a_changed_setting(self) -> None:
        self.assertEqual(self.machine.atomic("up").code, 0)
        done = self.machine.atomic("up", ATOMIC_MAX_CONCURRENT="4")
        self.assertEqual((done.code, masked(done.err)), (0, scene("up-changed")), done)


class TheList(unittest.TestCase):
    """`list` on a terminal of 80 columns."""

    def test_it_looks_as_it_did(self) -> None:
        now = datetime(2026, 1, 1, tzinfo=timezone.utc)

        def job(job_id: str, ago: int, took: float, **fields: object) -> Job:
            began = now - timedelta(seconds=ago)
            found: Job = {
                "status": "succeeded", "created_at": began.isoformat(),
                "started_at": began.isoformat(),
                "finished_at": (began + timedelta(seconds=took)).isoformat(), **fields}
            return resource(f"01a20266-0000-7000-8000-0000{job_id}", **found)

        def ran(status: str) -> Job:
            return {"kind": "execute", "verification": {"status": status, "tests": None}}

        jobs = [job("b2e2a93b", 540, 2, **ran("timed_out")),
                job("59f19d4f", 2300, 0.1, **ran("passed")),
                job("a74a192f", 2300, 0.3, **ran("passed")),
                job("a46a8aae", 2640, 0.01, status="failed", prompt="Prove X in Prolog",
                    usage={"cost_usd": 0}),
                job("37ba2457", 2640, 1.5, prompt="Create a REST API for todo management",
                    usage={"cost_usd": 0}, verification={
                        "status": "passed", "tests": {"run": 18, "failed": 0}})]
        lines = [line for line, _ in listing.table(jobs, now, 80)]
        self.assertEqual(masked("\n".join(lines)), scene("list"))


if __name__ == "__main__":
    unittest.main()
