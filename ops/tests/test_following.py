"""Following a job: what a person sees of it, what a script gets, and what is told of trouble."""

import json
import subprocess
import time
from typing import IO

from .fake_api import Running, Script, endless, successful
from .test_client import ClientCase


class FollowingAJob(ClientCase):
    """What a person sees of a job, and what a script gets."""

    def test_only_the_code_goes_to_stdout(self) -> None:
        self.api.scripts["hello"] = successful("a = 1\nprint(a)\n")
        done = self.machine.atomic("generate", "hello")
        self.assertEqual((done.code, done.out), (0, "a = 1\nprint(a)\n"), done)
        self.assertIn("code | a = 1\ncode | print(a)\n", done.err)
        self.assertIn("stdout | 2 passed\n", done.err)
        self.assertIn("✔ verified: 2 tests passed\n", done.err)

    def test_json_is_the_final_resource_alone(self) -> None:
        self.api.scripts["hello"] = successful()
        done = self.machine.atomic("generate", "--json", "hello")
        self.assertEqual(json.loads(done.out)["status"], "succeeded")

    def test_a_failed_job_exits_1_and_says_why(self) -> None:
        self.api.scripts["hello"] = Script(
            [{"type": "failed"}],
            final={"status": "failed", "error": {"code": "verification_failed", "stage": "verify",
                                                 "message": "2 of 5 tests failed"}})
        done = self.machine.atomic("generate", "hello")
        self.assertEqual((done.code, done.out), (1, ""), done)
        self.assertIn("verification_failed (in verify): 2 of 5 tests failed", done.err)

    def test_a_broken_stream_is_resumed_and_nothing_is_doubled(self) -> None:
        script = successful("abcdefghijklmnopqrstuvwxyz\n" * 3)
        script.breaks, script.repeat = [4, 0, 3], 2
        self.api.scripts["hello"] = script
        done = self.machine.atomic("generate", "hello")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.err.count("code | abcdefghijklmnopqrstuvwxyz\n"), 3, done)
        self.assertEqual(done.err.count("started on worker-1"), 1)
        resumed = [headers.get("Last-Event-ID") for method, path, headers, _ in self.api.requests
                   if path.endswith("/events")]
        self.assertEqual(resumed, [None, "4", "4", "5"])

    def test_unknown_events_and_fields_are_left_out(self) -> None:
        script = successful()
        script.events.insert(2, {"type": "weather", "sky": "blue"})
        self.api.scripts["hello"] = script
        done = self.machine.atomic("generate", "hello")
        self.assertEqual(done.code, 0, done)
        self.assertNotIn("weather", done.err)

    def test_control_characters_reach_no_stream(self) -> None:
        evil = "print(1)\x1b]0;pwned\x07\x9b31m\r\x08\u202e\x7f\n"
        script = successful(evil)
        script.events.insert(3, {"type": "sandbox_output", "stream": "stdout", "round": 0,
                                 "text": "\x1b[2Jgone\x00\n"})
        self.api.scripts["hello"] = script
        for args in (("generate", "hello"), ("generate", "--json", "hello"), ("list",),
                     ("get", "0199-1")):
            done = self.machine.atomic(*args)
            self.assertEqual(done.code, 0, done)
            for character in "\x1b\x07\x9b\r\x08\u202e\x7f\x00":
                self.assertNotIn(character, done.out + done.err, (args, repr(character)))

    def test_code_streamed_to_a_terminal_is_not_shown_twice(self) -> None:
        self.api.scripts["hello"] = successful("print('only once')\n")
        code, shown = self.machine.on_a_terminal("generate", "hello")
        self.assertEqual((code, shown.count("only once")), (0, 1), shown)
        self.assertIn("\x1b[", shown)

    def test_no_color_is_honoured_on_a_terminal(self) -> None:
        self.api.scripts["hello"] = successful()
        _, shown = self.machine.on_a_terminal("generate", "hello", NO_COLOR="1")
        self.assertNotIn("\x1b[3", shown)

    def test_watch_shows_a_job_from_its_beginning(self) -> None:
        self.api.add(successful("x = 1\n"), {})
        done = self.machine.atomic("watch", "0199-1")
        self.assertEqual((done.code, done.out), (0, "x = 1\n"), done)
        self.assertIn("queued, position 1", done.err)

    def test_a_follow_up_names_the_job_before_and_a_retry_follows_the_new_one(self) -> None:
        self.api.scripts["more"] = self.api.scripts["retried"] = successful()
        self.api.add(successful(), {})
        self.assertEqual(self.machine.atomic("ask", "0199-1", "more").code, 0)
        (body,) = [body for method, path, _, body in self.api.requests if path == "/api/jobs"
                   and method == "POST"]
        self.assertEqual(body,
                         {"prompt": "more", "previous_job_id": "0199-1"})
        done = self.machine.atomic("retry", "0199-1", "--json")
        self.assertEqual(json.loads(done.out)["id"], "0199-3", done)
        retried = next(headers for _, path, headers, _ in self.api.requests
                       if path == "/api/jobs/0199-1/retry")
        self.assertGreaterEqual(len(retried["Idempotency-Key"]), 32)

    def test_code_a_retry_took_over_was_not_streamed_and_is_shown(self) -> None:
        self.api.scripts["retried"] = successful("x = 1\n", stages=[
            {"name": "spec", "status": "succeeded", "runs": 0},
            {"name": "code", "status": "succeeded", "runs": 0},
            {"name": "docs", "status": "pending", "runs": 0}])
        self.api.add(successful(), {})
        code, shown = self.machine.on_a_terminal("retry", "0199-1", NO_COLOR="1")
        self.assertEqual(code, 0, shown)
        self.assertIn("taken over: spec, code\n", shown.replace("\r\n", "\n"))
        self.assertEqual(shown.count("x = 1"), 2, "streamed by the script, and the result")

    def test_a_submit_bears_an_idempotency_key_and_the_api_key_in_headers(self) -> None:
        self.api.scripts["hello"] = successful()
        self.machine.atomic("generate", "--no-wait", "hello", ATOMIC_API_KEY="ak_secret")
        headers = self.api.requests[0][2]
        self.assertEqual(headers["Authorization"], "Bearer ak_secret")
        self.assertGreaterEqual(len(headers["Idempotency-Key"]), 32)

    def test_that_no_worker_is_alive_is_told_once_and_so_is_the_next(self) -> None:
        run = self.api.add(endless(), {})
        child, stderr = self._watch(run)
        self.api.workers = 0
        for seq in (3, 4):
            self._quiet(run, seq)
        self.assertRegex(stderr.readline(), rb"^no worker is alive.*atomic up` starts them")
        self.api.workers = 1
        for seq in (5, 6):
            self._quiet(run, seq)
        self.assertEqual(stderr.readline(), b"a worker is alive again\n")
        self.api.cancel(run)
        _, err = child.communicate(timeout=30)
        self.assertNotIn(b"alive", err)
        self.assertEqual(child.returncode, 1)

    def _watch(self, run: Running) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
        """A watch that has seen the job start, and what it says."""
        child = self.machine.begin("watch", run.resource["id"])
        assert child.stderr is not None
        self.assertIn(b"started on worker-1\n",
                      [child.stderr.readline(), child.stderr.readline()])
        return child, child.stderr

    def _quiet(self, run: Running, seq: int) -> None:
        asked = sum(path == "/health" for _, path, _, _ in self.api.requests)
        with run.changed:
            run.events.append({"seq": seq, "type": "quiet"})
            run.changed.notify_all()
        end = time.monotonic() + 20
        while sum(path == "/health" for _, path, _, _ in self.api.requests) == asked:
            self.assertLess(time.monotonic(), end, "nobody asked for the workers")
            time.sleep(0.01)

    def test_an_api_that_goes_away_is_told_of_and_the_watch_goes_on(self) -> None:
        run = self.api.add(endless(), {})
        child, stderr = self._watch(run)
        self.api.refuse = (503, {"code": "unavailable", "detail": "away"}, {})
        with run.changed:
            run.events.append({"seq": 3, "type": "cut"})
            run.changed.notify_all()
        self.assertIn(b"trying again for 60 s", stderr.readline())
        self.api.refuse = None
        self.api.cancel(run)
        _, err = child.communicate(timeout=30)
        self.assertIn(b"it answers again\n", err)
        self.assertEqual(child.returncode, 1)
