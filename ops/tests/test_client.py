"""The client's commands against a real local server that speaks the contract."""

import contextlib
import os
import shlex
import signal
import subprocess
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cli import bill, verdict

from . import fake_api
from .fake_api import FakeApi, Script, endless, serving, successful
from .machine import Machine


class ClientCase(unittest.TestCase):
    """A machine and a server for each test."""

    def setUp(self) -> None:
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.machine = stack.enter_context(Machine())
        self.api: FakeApi = stack.enter_context(serving())
        self.machine.env["ATOMIC_URL"] = self.api.url


class CtrlC(ClientCase):
    """A real SIGINT to a real process."""

    def setUp(self) -> None:
        super().setUp()
        self.api.scripts["slow"] = endless()

    def begun(self) -> fake_api.Running:
        """Start a client that follows the job; the job, once the client has shown its start."""
        self.child = self.machine.begin("generate", "slow")
        assert self.child.stderr is not None and self.child.stdout is not None
        self.addCleanup(self.child.wait)
        self.addCleanup(self.child.stderr.close)
        self.addCleanup(self.child.stdout.close)
        for line in self.child.stderr:
            if b"started on" in line:
                break
        return self.api.running["0199-1"]

    def test_leaves_the_job_going_and_says_how_to_go_on(self) -> None:
        run = self.begun()
        self.child.send_signal(signal.SIGINT)
        _, err = self.child.communicate(timeout=20)
        self.assertEqual(self.child.returncode, 130)
        self.assertIn(b"ops/atomic watch 0199-1", err)
        self.assertIn(b"ops/atomic cancel 0199-1", err)
        self.assertEqual(run.resource["status"], "running")

    def test_twice_cancels_it(self) -> None:
        run = self.begun()
        self.child.send_signal(signal.SIGINT)
        assert self.child.stderr is not None
        self.assertIn(b"Ctrl-C again", self.child.stderr.readline())
        self.child.send_signal(signal.SIGINT)
        self.child.wait(20)
        self.assertEqual(self.child.returncode, 130)
        self.assertEqual(run.resource["status"], "cancelled")


class WhatIsHandedIn(ClientCase):
    """Prompts and files of the caller's."""

    def test_a_prompt_comes_from_standard_input_or_a_file(self) -> None:
        self.api.scripts["héllo\n"] = successful()
        self.machine.write("prompt.txt", "héllo\n")
        self.assertEqual(self.machine.atomic("generate", "-", stdin="héllo\n").code, 0)
        self.assertEqual(self.machine.atomic("generate", "@prompt.txt").code, 0)

    def test_what_is_wrong_is_told_before_anything_is_asked(self) -> None:
        (self.machine.root / "bad.txt").write_bytes(b"\xff\xfe")
        (self.machine.root / "big.bin").write_bytes(b"x" * (1 << 20) + b"x")
        self.machine.write("dir/@options.py", "1")
        self.machine.write("-m.py", "1")
        for args, said in ((("generate", "  "), "empty"),
                           (("exec", "--lang", "python", "dir"), "@options.py: a part begins with"),
                           (("exec", "--lang", "python", "./-m.py"), "-m.py: a part begins"),
                           (("run", "x", "--test", "dir/@options.py"), "@options.py: a part"),
                           (("generate", "@none.txt"), "none.txt"),
                           (("generate", "@bad.txt"), "UTF-8"),
                           (("generate", "x" * 65537), "65537"),
                           (("generate", "x", "--file", "big.bin"), "larger"),
                           (("exec", "--lang", "python", "none.py"), "none.py"),
                           (("generate",), "PROMPT"), (("nonsense",), "nonsense"),
                           (("db", "copy", "--to", "jdbc:h2:tcp://h/d"), "jdbc:postgresql"),
                           (("db", "copy", "--to", "jdbc:postgresql://u:hush@h/d"), "has a user"),
                           (("db", "copy", "--to", "jdbc:postgresql://h/d?password=hush"),
                            "ATOMIC_DB_PASSWORD_FILE"),
                           (("keys", "create"), "--scope"), (("keys",), "create|list|revoke"),
                           (("keys", "create", "--scope", "read", "--expires", "1y"), "90d"),
                           (("bench", "--db", "oracle"), "oracle")):
            done = self.machine.atomic(*args)
            self.assertEqual((done.code, done.out), (2, ""), done)
            self.assertIn(said, done.err)
            self.assertNotIn("hush", done.err)
        self.assertEqual(self.api.requests, [])

    def test_files_keep_their_place_and_tests_decide(self) -> None:
        self.api.scripts["hello"] = successful()
        self.machine.write("in/src/app.py", "1")
        self.machine.write("in/tests/test_app.py", "2")
        (self.machine.root / "in/src/raw.bin").write_bytes(b"\xff\0")
        done = self.machine.atomic("generate", "hello", "--file", "in/src/app.py", "--file",
                                   "in/src/raw.bin", "--test", "in/tests/test_app.py",
                                   "--lang", "python", "--unverified")
        self.assertEqual(done.code, 0, done)
        body = self.api.requests[0][3]
        self.assertEqual(body["files"], [
            {"path": "src/app.py", "content": "1"},
            {"path": "src/raw.bin", "content": "/wA=", "encoding": "base64"}])
        self.assertEqual(body["verify"], {
            "policy": "best_effort", "kind": "tests",
            "files": [{"path": "tests/test_app.py", "content": "2"}]})


class Execute(ClientCase):
    """`exec`: the program's output is ours."""

    def test_output_goes_where_the_program_sent_it_and_passed_is_0(self) -> None:
        self.api.scripts["execute"] = Script(
            [{"type": "sandbox_output", "stream": "stdout", "text": "out\n", "round": 0},
             {"type": "sandbox_output", "stream": "stderr", "text": "err\n", "round": 0},
             {"type": "succeeded"}],
            final={"kind": "execute", "status": "succeeded", "content": "ignored",
                   "verification": {"status": "passed", "kind": "run", "exit_code": 0}})
        self.machine.write("main.py", "1")
        done = self.machine.atomic("exec", "--lang", "python", "--arg=-v", "--timeout", "1.5",
                                   "--stdin", "-", "main.py", stdin="in")
        self.assertEqual((done.code, done.out), (0, "out\n"), done)
        self.assertIn("err\n✔ ran, exit 0, no tests\n", done.err)
        self.assertEqual(self.api.requests[0][3], {
            "language": "python", "files": [{"path": "main.py", "content": "1"}],
            "args": ["-v"], "stdin": "in", "limits": {"timeout_seconds": 1.5}})

    def test_a_program_that_had_to_start_again_is_told(self) -> None:
        self.machine.write("main.py", "1")
        self.api.scripts["execute"] = Script(
            [{"type": "sandbox_output", "stream": "stdout", "text": "1", "round": 0},
             {"type": "stage_reset", "stage": "verify", "reason": "crash"},
             {"type": "sandbox_output", "stream": "stdout", "text": "1\n", "round": 0},
             {"type": "succeeded"}],
            final={"status": "succeeded", "verification": {"status": "passed", "exit_code": 0}})
        done = self.machine.atomic("exec", "--lang", "python", "main.py")
        self.assertEqual((done.code, done.out), (0, "11\n"), done)
        self.assertIn("its output so far is void", done.err)

    def test_anything_but_passed_is_1(self) -> None:
        self.machine.write("main.py", "1")
        for status, said in (("timed_out", "timed out after 2.0 s"),
                             ("failed", "failed: exit 7"), ("novel", "not passed: novel")):
            self.api.scripts["execute"] = Script([{"type": "succeeded"}], final={
                "status": "succeeded", "verification": {
                    "status": status, "exit_code": 7, "duration_ms": 2000}})
            done = self.machine.atomic("exec", "--lang", "python", "main.py")
            self.assertEqual(done.code, 1, done)
            self.assertIn(said, done.err)


class Verdicts(unittest.TestCase):
    """What was proved, in words."""

    def test_each_kind_of_verdict_has_its_words(self) -> None:
        tests = {"run": 12, "failed": 5}
        cases: tuple[tuple[fake_api.Job, str], ...]
        cases = (
                ({"status": "passed", "kind": "tests", "tests": {"run": 1}}, "1 test passed"),
                ({"status": "passed", "kind": "server", "http_status": 200, "port": 8000},
                 "server answered 200 on :8000"),
                ({"status": "passed", "kind": "server", "port": 7}, "server listened on :7"),
                ({"status": "passed", "kind": "run", "exit_code": 0}, "ran, exit 0, no tests"),
                ({"status": "failed", "tests": tests}, "5 of 12 tests failed"),
                ({"status": "failed", "reason": "dependency_missing", "missing": ["torch", "jax"]},
                 "failed: dependency_missing: torch, jax"),
                ({"status": "failed", "exit_code": None, "signal": "SIGSEGV"},
                 "failed: ended by signal SIGSEGV"),
                ({"status": "out_of_memory"}, "ran out of memory"),
                ({"status": "skipped", "reason": "sandbox_unavailable"},
                 "not run: sandbox_unavailable"))
        for fields, words in cases:
            self.assertEqual(verdict.proved(fields), words)


class Refusals(ClientCase):
    """The api says no, or isn't there, or is something else."""

    def test_a_problem_is_one_line_with_its_code_and_fields(self) -> None:
        self.api.refuse = (400, {"code": "invalid_request", "title": "Bad", "detail": "no",
                                 "errors": [{"field": "prompt", "message": "too\x1b long"}]}, {})
        done = self.machine.atomic("generate", "hello")
        self.assertEqual((done.code, done.out), (1, ""), done)
        self.assertEqual(done.err, "atomic: invalid_request: no (prompt: too long)\n")

    def test_a_full_queue_says_when_to_come_again(self) -> None:
        self.api.refuse = (429, {"code": "queue_full", "detail": "full"}, {"Retry-After": "7"})
        self.assertIn("try again in 7 s", self.machine.atomic("generate", "hello").err)

    def test_a_limit_is_one_line_that_says_when_to_come_again(self) -> None:
        self.api.refuse = (429, {"code": "tenant_rate_limit",
                                 "detail": "You may submit 30 jobs a minute, and have; "
                                           "try again later."}, {"Retry-After": "2"})
        done = self.machine.atomic("generate", "hello")
        self.assertEqual((done.code, done.out), (1, ""), done)
        self.assertEqual(done.err, "atomic: tenant_rate_limit: You may submit 30 jobs a minute, "
                                   "and have; try again in 2 s\n")

    def test_who_needs_a_key_is_told_where_it_goes(self) -> None:
        self.api.refuse = (401, {"code": "unauthorized", "detail": "This needs a key."}, {})
        self.assertIn("unauthorized: This needs a key; the commands take it from ATOMIC_API_KEY",
                      self.machine.atomic("list").err)

    def test_an_unknown_job_is_1(self) -> None:
        for command in ("get", "watch"):
            done = self.machine.atomic(command, "../..")
            self.assertEqual(done.code, 1, done)
            self.assertIn("not_found", done.err)

    def test_nobody_there_is_3_and_shows_no_secret(self) -> None:
        url = f"http://127.0.0.1:{self.machine.h2_port}"
        done = self.machine.atomic("list", ATOMIC_URL=url, ATOMIC_API_KEY="ak_secret")
        self.assertEqual(done.code, 3, done)
        self.assertIn(url, done.err)
        self.assertNotIn("ak_secret", done.err)

    def test_a_new_key_is_all_that_stdout_has(self) -> None:
        made = {"id": "0123456789abcdef", "name": "ci", "tenant": "acme", "scopes": ["read"],
                "created_at": "2026-01-01T00:00:00.000Z", "expires_at": None, "revoked_at": None}
        self.api.refuse = (201, {**made, "key": "atk_x"}, {})
        done = self.machine.atomic("keys", "create", "--name", "ci", "--tenant", "acme", "--scope",
                                   "read", "--expires", "2d", ATOMIC_API_KEY="ak_admin")
        self.assertEqual((done.code, done.out), (0, "atk_x\n"), done)
        method, path, headers, body = self.api.requests[-1]
        self.assertEqual((method, path, headers["Authorization"]),
                         ("POST", "/api/keys", "Bearer ak_admin"))
        self.assertEqual(body, {"name": "ci", "scopes": ["read"], "tenant": "acme",
                                "expires_in_seconds": 172_800})
        self.api.refuse = (200, {"keys": [made]}, {})
        done = self.machine.atomic("keys", "list")
        self.assertIn("0123456789abcdef  ci    acme    read", done.out)
        self.assertEqual(done.code, 0, done)

    def test_something_else_on_the_port_is_3(self) -> None:
        for status, answer in ((200, "a string, no resource"), (500, "no problem either")):
            self.api.refuse = (status, answer, {})
            done = self.machine.atomic("list")
            self.assertEqual((done.code, done.out), (3, ""), done)
            self.assertIn("not as an Atomic Orchestrator", done.err)

    def test_a_value_that_isnt_allowed_is_one_line_and_3(self) -> None:
        for variable, value in (("ATOMIC_HTTP_PORT", "99999"), ("ATOMIC_URL", "ftp://x"),
                                ("ATOMIC_IPC_SOCKET", "/" + "x" * 200)):
            done = self.machine.atomic("status", **{variable: value})
            self.assertEqual(done.code, 3, done)
            self.assertRegex(done.err, rf"^atomic: {variable}, '.*', allowed: .*\n$")


class TheBill(ClientCase):
    """The last line."""

    def test_it_is_the_last_line_of_all_that_follow_a_job(self) -> None:
        final = {"model": "gpt-4.1-mini", "started_at": "2026-01-01T00:00:00.000Z",
                 "finished_at": "2026-01-01T00:00:09.140Z",
                 "usage": {"input_tokens": 2247, "output_tokens": 2181, "cost_usd": 0.0044,
                           "estimated": False}}
        script = successful("1\n", **final)
        script.final["verification"]["repairs"] = 1
        self.api.scripts["hello"] = script
        for args in (("generate", "hello"), ("watch", "0199-1"), ("get", "0199-1")):
            done = self.machine.atomic(*args)
            self.assertEqual(done.err.splitlines()[-1],
                             "gpt-4.1-mini · 2,247 in, 2,181 out · $0.004 · 1 repair · 9.1 s")

    def test_prices_are_told_as_they_are_known(self) -> None:
        for usd, said in ((None, "price unknown"), (0, "$0"), (0.0, "$0"), (0.0002, "< $0.001"),
                          (0.25, "$0.250"), (12.5, "$12.50"), (True, "price unknown")):
            self.assertEqual(bill.cost(usd), said)
        usage = {"input_tokens": 10, "output_tokens": None, "estimated": True}
        self.assertEqual(bill.tokens(usage), "~10 in, ~? out")
        self.assertIsNone(bill.line({"model": None, "usage": usage}))


class Documents(ClientCase):
    """The documentation and the specification as files of the result."""

    def job(self, **files: bytes) -> None:
        """A job with both of them."""
        script = successful(docs="# Usage\n", spec="# What\n")
        script.files.update({name.replace("_", "."): each for name, each in files.items()})
        self.api.scripts["hello"] = script

    def test_generate_writes_them_beside_the_files_and_says_where(self) -> None:
        self.job()
        done = self.machine.atomic("generate", "hello")
        folder = self.machine.artifacts / "0199-1"
        self.assertIn(f"files: {folder} (main.py, README.md, SPEC.md)\n", done.err)
        self.assertEqual((folder / "README.md").read_text(), "# Usage\n")
        self.assertEqual((folder / "SPEC.md").read_text(), "# What\n")

    def test_they_can_be_left_out_and_never_replace_anything(self) -> None:
        self.job()
        done = self.machine.atomic("generate", "hello", "--no-docs", "-o", "out")
        self.assertEqual(sorted(os.listdir(self.machine.root / "out")), ["main.py"], done)
        self.machine.write("out/README.md", "mine")
        done = self.machine.atomic("get", "0199-1", "-o", "out")
        self.assertEqual(done.code, 0, done)
        self.assertEqual((self.machine.root / "out/README.md").read_text(), "mine")
        self.assertIn("README.md is there already and stays", done.err)
        self.assertTrue((self.machine.root / "out/SPEC.md").is_file())

    def test_a_readme_of_the_models_own_is_the_one(self) -> None:
        self.job(README_md=b"the model's")
        self.machine.atomic("generate", "hello", "-o", "out")
        self.assertEqual((self.machine.root / "out/README.md").read_text(), "the model's")


class Streams(ClientCase):
    """Standard streams that are closed, full, or whose reader has left."""

    def shell(self, redirected: str, *args: str) -> subprocess.CompletedProcess[bytes]:
        """The command with its streams redirected by a shell; its exit code is the shell's."""
        command = shlex.join(self.machine.argv(*args))
        return subprocess.run(["bash", "-c", f"set -o pipefail; {command} {redirected}"],
                              capture_output=True, env=self.machine.env, cwd=self.machine.root,
                              timeout=60, check=False)

    def program(self, status: str) -> None:
        """An execute job that prints a lot and then ends."""
        self.machine.write("main.py", "1")
        self.api.scripts["execute"] = Script(
            [{"type": "sandbox_output", "stream": stream, "text": "x" * 4000 + "\n"}
             for stream in ("stdout", "stderr") * 50] + [{"type": "succeeded"}],
            final={"status": "succeeded", "verification": {"status": status, "exit_code": 0}})

    def test_a_full_device_is_one_line_and_1(self) -> None:
        self.program("passed")
        self.api.add(successful(), {"prompt": "hello"})
        for args in (("list",), ("list", "--json"), ("get", "0199-1"), ("status",),
                     ("exec", "--lang", "python", "main.py"), ("completion", "bash")):
            done = self.shell(">/dev/full", *args)
            self.assertEqual(done.returncode, 1, (args, done))
            self.assertIn(b"atomic: standard output can't be written: No space left on device\n",
                          done.stderr)
            self.assertNotIn(b"Traceback", done.stderr)
            self.assertNotIn(b"Exception", done.stderr)

    def test_messages_that_can_go_nowhere_stop_nothing(self) -> None:
        self.program("passed")
        self.api.scripts["hello"] = successful()
        for redirected in ("2>&-", "2>/dev/full", "2>&1 >/dev/null | true", "<&- 2>&-"):
            for args in (("generate", "hello"), ("exec", "--lang", "python", "main.py"),
                         ("list",)):
                done = self.shell(redirected, *args)
                self.assertEqual((done.returncode, done.stderr), (0, b""), (redirected, args))
        self.assertEqual(self.shell("2>&-", "nonsense").returncode, 2)
        self.assertEqual(self.shell(">&- 2>&-", "list").returncode, 0)

    def test_a_reader_that_leaves_changes_no_verdict(self) -> None:
        for status, code in (("passed", 0), ("failed", 1)):
            self.program(status)
            done = self.shell("| head -c 1", "exec", "--lang", "python", "main.py")
            self.assertEqual((done.returncode, done.stdout), (code, b"x"), done)
        self.api.scripts["hello"] = successful("x" * 100_000)
        done = self.shell("| true", "generate", "hello")
        self.assertEqual(done.returncode, 0)


class WordsThatAreSo(ClientCase):
    """Small untruths of the past."""

    def test_tests_that_couldnt_be_loaded_arent_one_of_none(self) -> None:
        self.assertEqual(verdict.proved({"status": "failed", "kind": "tests", "reason": None,
                                         "tests": {"run": 0, "failed": 1}}),
                         "the tests couldn't be loaded")

    def test_what_decided_a_job_is_in_the_line_that_runs_it_again(self) -> None:
        self.machine.write("t/test_main.py", "1")
        job = {"language": "python"}
        (line, _) = verdict.how_to_run(job, self.machine.root, ["main.py"], "ops/atomic",
                                       ["--test", "t/test_main.py"])
        self.assertIn(" --test t/test_main.py   (in the sandbox)", line)
        self.machine.write("job/main.py", "1")
        self.api.scripts["execute"] = successful()
        done = self.machine.atomic("exec", "--lang", "python", "job", "--test", "t/test_main.py")
        self.assertEqual(done.code, 0, done)
        body = self.api.requests[0][3]
        self.assertEqual([each["path"] for each in body["files"]], ["main.py"])
        self.assertEqual(body["verify"], {"kind": "tests", "files": [
            {"path": "test_main.py", "content": "1"}]})

    def test_a_field_is_told_of_once(self) -> None:
        self.api.refuse = (400, {"code": "invalid_request", "detail": "limits.pids must be fewer",
                                 "errors": [{"field": "limits.pids",
                                             "message": "limits.pids must be fewer"}]}, {})
        self.machine.write("main.py", "1")
        done = self.machine.atomic("exec", "--lang", "python", "main.py")
        self.assertEqual(done.err.count("limits.pids"), 1, done)

    def test_a_time_that_is_none_is_wrong_usage(self) -> None:
        self.machine.write("main.py", "1")
        for value in ("nan", "inf", "0", "-1", "x"):
            done = self.machine.atomic("exec", "--lang", "python", f"--timeout={value}", "main.py")
            self.assertEqual(done.code, 2, done)
            self.assertIn("isn't a number of seconds above 0", done.err)

    def test_anything_else_that_speaks_json_is_3(self) -> None:
        class Other(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b'{"hello": "world"}')

            do_POST = do_GET

        server = ThreadingHTTPServer(("127.0.0.1", 0), Other)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for args in (("list",), ("get", "1"), ("watch", "1"), ("generate", "x"), ("models",)):
            done = self.machine.atomic(*args, ATOMIC_URL=f"http://127.0.0.1:{server.server_port}")
            self.assertEqual((done.code, done.out), (3, ""), done)
            self.assertIn("not as an Atomic Orchestrator does", done.err)
