"""A program that is started before its step is known: the same as any other, or not there."""

from __future__ import annotations

import json
import subprocess
import unittest
import uuid

from sandbox_client import Container, Run, pytest_step, record, request, step

SESSION = ("python3", "-I", "-B", "-u", "/usr/local/lib/atomic/session.py", "reported")
# What a process is, as far as a program can tell; printed at the top of a test file.
LOOKS = """
import json, logging, os, random, resource, signal, sys, time
loaded = sorted(sys.modules)
late = logging.LogRecord("a", 1, "", 1, "", (), None).relativeCreated > 5000
def text(path):
    with open(path) as file:
        return file.read()
facts = {
    "loaded": loaded, "path": sys.path, "argv": sys.argv, "orig_argv": sys.orig_argv,
    "main": sys.modules["__main__"].__file__, "late": late,
    "environment": dict(os.environ), "cwd": os.getcwd(), "umask": os.umask(0),
    "session": (os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid(), os.getppid()),
    "limits": [resource.getrlimit(each) for each in range(16)],
    "score": text("/proc/self/oom_score_adj"),
    "signals": [line for line in text("/proc/self/status").splitlines() if line[:3] == "Sig"
                and line[:4] != "SigQ"],
    "processes": sum(name.isdigit() for name in os.listdir("/proc")),
    "descriptors": [(fd, os.readlink(f"/proc/self/fd/{fd}").split(":")[0])
                    for fd in sorted(map(int, os.listdir("/proc/self/fd"))) if fd < 5
                    or os.path.exists(f"/proc/self/fd/{fd}")],
    "stdin": (sys.__stdin__.seekable(), os.read(0, 1).decode()),
}
facts["signals"] += [str(signal.getsignal(each)) for each in (2, 13, 17)]
with open("facts.json", "w") as file:
    json.dump(facts, file)
def test_it(): pass
"""


def prepare(kind: str, *argv: str) -> bytes:
    """The record `P`."""
    return record("P", step(kind, *argv)[5:])


class PreparedTest(unittest.TestCase):
    def run_in(self, prepared: bytes, asked: bytes) -> Run:
        container = Container()
        self.addCleanup(container.close)
        return container.run(prepared + asked)

    def test_a_session_is_as_if_it_had_been_started_then(self) -> None:
        asked = request({"test_it.py": LOOKS}, pytest_step("test_it.py"), collect=("facts.json",))
        facts = []
        for prepared in (b"", prepare("tests", *SESSION)):
            run = self.run_in(prepared, asked)
            self.assertTrue(run.tests_passed(), run)
            facts.append(json.loads(run.files["facts.json"]))
        for name, value in facts[0].items():
            self.assertEqual(facts[1][name], value, name)

    def test_what_it_takes_to_get_ready_isn_t_the_step_s(self) -> None:
        name = f"prepared-{uuid.uuid4()}"
        busy = ("import os, time\nwhile time.process_time() < 1: pass\n"
                "open('/tmp/ready', 'w')\nos.read(6, 4)\nprint('done')")
        container = Container(f"--name={name}")
        self.addCleanup(container.close)
        container.send(prepare("run", "python3", "-c", busy))
        while subprocess.run(["docker", "exec", name, "test", "-e", "/tmp/ready"]).returncode != 0:
            self.assertIsNone(container.process.poll())
        run = container.run(request({}, step("run", "python3", "-c", busy)))
        self.assertEqual(run.stdout, b"done\n")
        self.assertLess(int(run.steps[0]["cpu_us"]), 500_000)

    def test_no_other_program_finds_it(self) -> None:
        looks = "import os\nprint(sorted(filter(str.isdigit, os.listdir('/proc')), key=int)[:2])"
        for other in (step("run", "python3", "-c", looks),
                      step("tests", "python3", "-c", looks)):
            run = self.run_in(prepare("tests", *SESSION), request({}, other))
            self.assertEqual(run.stdout.count(b","), 1, run.stdout)
            self.assertEqual(run.steps[0]["exit"], "0")

    def test_the_second_of_two_sessions_is_started_as_ever(self) -> None:
        files: dict[str, str | bytes] = {"test_a.py": "def test_a(): pass",
                                         "test_b.py": "def test_b(): pass"}
        run = self.run_in(prepare("tests", *SESSION),
                          request(files, pytest_step("test_a.py"), pytest_step("test_b.py")))
        self.assertTrue(run.tests_passed(), run)

    def test_standard_input_reaches_the_tests_all_the_same(self) -> None:
        reads = "import os\ngiven = os.read(0, 9)\ndef test_it(): assert given == b'given'"
        run = self.run_in(prepare("tests", *SESSION), request(
            {"test_it.py": reads}, pytest_step("-s", "test_it.py"), stdin=b"given"))
        self.assertTrue(run.tests_passed(), run)

    def test_more_arguments_than_a_pipe_holds_reach_them_too(self) -> None:
        run = self.run_in(prepare("tests", *SESSION), request(
            {"test_it.py": "def test_it(): pass"},
            pytest_step("test_it.py", *["--deselect=test_it.py::none"] * 1000)))
        self.assertIn("passed test_it.py::test_it", run.report)

    def test_it_is_prepared_once_and_before_anything_of_the_program(self) -> None:
        one = prepare("tests", *SESSION)
        late = request({"main.py": ""}, one, step("run", "true"))
        self.assertIn("out of turn", self.run_in(b"", late).quit)
        self.assertIn("twice", self.run_in(one + one, late).quit)

    def test_a_program_that_isn_t_there_fails_when_it_is_needed(self) -> None:
        run = self.run_in(prepare("run", "none"), request({}, step("run", "none")))
        self.assertIn("exec_errno", run.steps[0])


if __name__ == "__main__":
    unittest.main()
