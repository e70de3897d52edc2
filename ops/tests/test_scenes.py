"""What was once seen on a terminal with the real stack, compared with what is shown now.

The files in `scenes` are such screens, and the events and the end of the jobs they show. Times,
ids and addresses are masked on both sides.
"""

import re
import threading
import unittest
from datetime import datetime, timedelta, timezone

from cli import listing

from .fake_api import SCENES, Job, Script, played, resource, serving, until
from .test_client import ClientCase
from .test_run import MachineCase

_MASKS = ((r"(?:\d+ min )?\d+(?:\.\d+)? (?:s|min|h)\b", "TIME"), (r"http://\S+", "URL"),
          (r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b0199-\d+\b", "ID"), (r"\b[0-9a-f]{8}\b", "ID"),
          (r"/\S+/artifacts/", "FOLDER/"), (r" +", " "))


def masked(text: str) -> list[str]:
    """The lines without what differs from run to run."""
    for pattern, mask in _MASKS:
        text = re.sub(pattern, mask, text, flags=re.MULTILINE)
    return [line.strip() for line in text.splitlines()]


def scene(name: str) -> list[str]:
    """The lines that were seen."""
    return masked((SCENES / f"{name}.txt").read_text(encoding="utf-8"))


def screen(shown: str) -> list[str]:
    """What a terminal shows at last, without what was drawn over."""
    lines = [line.rsplit("\r", 1)[-1]
             for line in shown.replace("\r\n", "\n").split("\n")]
    return masked(re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", "\n".join(lines)).strip("\n"))


class Scenes(ClientCase):
    """The same commands again."""

    def test_a_failing_test_and_its_repair(self) -> None:
        self.api.scripts["add two numbers"] = played("repair")
        code, shown = self.machine.on_a_terminal("generate", "add two numbers", NO_COLOR="1")
        self.assertEqual((code, screen(shown)), (0, scene("repair")), shown)

    def test_an_api_that_is_killed_while_a_job_is_watched(self) -> None:
        script = played("watch")
        port = self.machine.http_port
        cut = 3 + sum(event["type"] == "chunk" and event["chunk_index"] < 3
                      for event in script.events)
        began = Script([*script.events[:cut], {"type": "cut", "seq": cut}],
                       final={"status": "running"})
        ended: list[tuple[int, str]] = []
        pieces: list[bytes] = []

        def watch() -> None:
            ended.append(self.machine.on_a_terminal(
                "watch", "0199-1", pieces=pieces, NO_COLOR="1",
                ATOMIC_URL=f"http://127.0.0.1:{port}"))

        watching = threading.Thread(target=watch)
        with serving(port) as killed:
            killed.add(began, {})
            watching.start()
            until(lambda: b"return a - b" in b"".join(pieces))
        until(lambda: b"trying again" in b"".join(pieces))
        with serving(port) as again:
            again.add(script, {})
            watching.join(60)
        self.assertEqual((ended[0][0], screen(ended[0][1])), (0, scene("watch")), ended)

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


class FirstRun(MachineCase):
    """`run` where nothing was built and nothing is up."""

    def test_from_nothing_to_a_rest_api(self) -> None:
        code, shown = self.machine.on_a_terminal("run", "Create a REST API for todo management",
                                                 NO_COLOR="1")
        self.assertEqual((code, self._sorted(screen(shown))),
                         (0, self._sorted(scene("first-run"))), shown)

    @staticmethod
    def _sorted(lines: list[str]) -> list[str]:
        """The processes come up in no order."""
        up = [at for at, line in enumerate(lines) if line.endswith(" is up after TIME")]
        return [*lines[:up[0]], *sorted(lines[up[0]:up[-1] + 1]), *lines[up[-1] + 1:]]


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
