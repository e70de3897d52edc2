"""up, down, start, stop, status, logs: real processes in a checkout of stand-ins."""

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import unittest
from pathlib import Path
from unittest import mock

from cli import processes, settings, stack, why
from cli.errors import StackError
from cli.text import Terminal

from .fake_api import until
from .machine import Machine, free_port

ALL = ["db", "agent", "api", "worker-1", "worker-2"]


class StackCase(unittest.TestCase):
    """A machine for each test, brought down after it."""

    def setUp(self) -> None:
        self.machine = Machine()
        self.addCleanup(self.machine.__exit__)

    def up(self, *args: str, **env: str) -> None:
        """`up`, which must succeed."""
        done = self.machine.atomic("up", *args, **env)
        self.assertEqual(done.code, 0, done)

    def sleeper(self) -> int:
        """The pid of a process that has nothing to do with us."""
        child = subprocess.Popen(["sleep", "600"])
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child.pid

    def log(self, name: str) -> str:
        """A process's log."""
        return (self.machine.home / "logs" / f"{name}.log").read_text()


class UpAndDown(StackCase):
    """The whole stack."""

    def test_up_starts_all_and_down_stops_all(self) -> None:
        self.up()
        status = self.machine.status()
        self.assertEqual(list(status), ALL)
        for name, row in status.items():
            self.assertEqual((row["state"], row["pid"]), ("up", self.machine.pid(name)))
            self.assertGreaterEqual(row["uptime_ms"], 0)
        self.assertEqual(status["db"]["port"], self.machine.h2_port)
        self.assertEqual(status["api"]["port"], self.machine.http_port)
        self.assertEqual(self.machine.atomic("status").code, 0)
        pids = [row["pid"] for row in status.values()]
        done = self.machine.atomic("down")
        self.assertEqual(done.code, 0, done)
        self.assertEqual([processes.start_ticks(pid) for pid in pids], [None] * 5)
        self.assertEqual(list((self.machine.home / "run").glob("*.pid")), [])
        self.assertIn("worker-1 ends", self.log("worker-1"))
        self.assertEqual(self.machine.atomic("status").code, 1)

    def test_up_again_leaves_what_is_healthy_and_starts_what_is_down(self) -> None:
        self.up()
        before = self.machine.status()
        os.kill(before["worker-2"]["pid"], signal.SIGKILL)
        until(lambda: processes.start_ticks(before["worker-2"]["pid"]) is None)
        self.assertEqual(self.machine.atomic("status").code, 1)
        self.up()
        after = self.machine.status()
        for name in ALL[:-1]:
            self.assertEqual(after[name]["pid"], before[name]["pid"])
        self.assertNotEqual(after["worker-2"]["pid"], before["worker-2"]["pid"])

    def test_up_restarts_only_what_is_of_an_older_build(self) -> None:
        self.up()
        before = self.machine.status()
        self.machine.write("worker/src/main/Main.java", "class Main { int changed; }")
        self.up()
        after = self.machine.status()
        same = [name for name in ALL if after[name]["pid"] == before[name]["pid"]]
        self.assertEqual(same, ["db", "agent", "api"])

    def test_a_provider_set_since_restarts_the_agent_and_none_set_does_not(self) -> None:
        self.up()
        first = self.machine.pid("agent")
        self.up(ATOMIC_LLM_PROVIDERS="offline")
        second = self.machine.pid("agent")
        self.assertNotEqual(first, second)
        self.up()
        self.assertEqual(self.machine.pid("agent"), second)

    def test_the_number_of_workers_is_what_was_asked_for(self) -> None:
        self.up("--workers", "3")
        self.assertEqual(list(self.machine.status()), [*ALL, "worker-3"])
        self.up("--workers", "1")
        self.assertEqual(list(self.machine.status()), ALL[:-1])

    def test_a_plain_up_keeps_the_workers_there_are_and_looks_after_what_else_runs(self) -> None:
        self.up("--workers", "3")
        port = free_port()
        child = self.machine.begin("start", "api-2", "--port", str(port))
        until(lambda: self.machine.status().get("api-2", {}).get("state") == "up")
        before = self.machine.status()
        self.machine.write("worker/src/main/Main.java", "class Main { int changed; }")
        self.machine.write("api/src/main/Main.java", "class Main { int changed; }")
        done = self.machine.atomic("up")
        self.assertEqual(done.code, 0, done)
        for name in ("worker-3", "api-2"):
            self.assertIn(f"{name} is from an older build; restarting it\n", done.err)
        after = self.machine.status()
        self.assertEqual(list(after), [*ALL, "worker-3", "api-2"])
        self.assertEqual((after["api-2"]["port"], after["api-2"]["state"]), (port, "up"))
        same = [name for name in after if after[name]["pid"] == before[name]["pid"]]
        self.assertEqual(same, ["db", "agent"])
        child.communicate(timeout=20)

    def test_changed_settings_are_named_and_only_what_reads_them_is_restarted(self) -> None:
        self.up(OPENAI_MODEL="one", ATOMIC_DB_PASSWORD="so-secret", ATOMIC_LLM_PROVIDERS="offline")
        before = self.machine.status()
        env = {"ATOMIC_MAX_CONCURRENT": "3", "OPENAI_MODEL": "two",
               "ATOMIC_DB_PASSWORD": "so-secret", "ATOMIC_LLM_PROVIDERS": "offline"}
        done = self.machine.atomic("up", **env)
        self.assertEqual(done.code, 0, done)
        for said in ("agent: OPENAI_MODEL changed; restarting it\n",
                     "worker-1: ATOMIC_MAX_CONCURRENT changed; restarting it\n"):
            self.assertIn(said, done.err)
        # One by one: the second is told to stop only once the first is up again.
        self.assertLess(done.err.index("worker-1 is up"), done.err.index("worker-2: "))
        after = self.machine.status()
        same = [name for name in ALL if after[name]["pid"] == before[name]["pid"]]
        self.assertEqual(same, ["db", "api"])
        done = self.machine.atomic("up", **env)
        self.assertNotIn("restarting", done.err)
        # `run` takes nothing back that is merely not set where it is called; `up` does.
        del env["ATOMIC_MAX_CONCURRENT"]
        self.assertNotIn("restarting", self.machine.atomic("run", "hello", **env).err)
        self.assertIn("worker-1: ATOMIC_MAX_CONCURRENT changed", self.machine.atomic(
            "up", **env).err)
        for path in (self.machine.home / "run").iterdir():
            self.assertNotIn(b"so-secret", path.read_bytes(), path)

    def test_a_setting_that_isnt_allowed_changes_nothing_that_runs(self) -> None:
        self.up()
        before = self.machine.status()
        for name, value in (("ATOMIC_MAX_CONCURRENT", "0"), ("ATOMIC_LOG_LEVEL", "loud"),
                            ("ATOMIC_ALLOWED_ORIGINS", "http://a/path"),
                            ("ATOMIC_DB_URL", "jdbc:oracle:x"),
                            ("ATOMIC_DB_PASSWORD_FILE", "/nonexistent")):
            for command in (("up",), ("restart",), ("run", "hello")):
                done = self.machine.atomic(*command, **{name: value})
                self.assertEqual((done.code, done.out), (3, ""), done)
                self.assertRegex(done.err, f"^atomic: {name}, .* allowed: .*\n$")
        self.assertEqual(self.pids(), {name: row["pid"] for name, row in before.items()})

    def pids(self) -> dict[str, int]:
        """The pids by name."""
        return {name: row["pid"] for name, row in self.machine.status().items()}

    def test_a_misspelt_variable_is_warned_of(self) -> None:
        done = self.machine.atomic("up", ATOMIC_MAX_CONCURENT="3")
        self.assertEqual(done.code, 0, done)
        self.assertIn("ATOMIC_MAX_CONCURENT is set, but nothing reads it; did you mean "
                      "ATOMIC_MAX_CONCURRENT?\n", done.err)

    def test_restart_takes_one_or_all_that_run(self) -> None:
        self.assertEqual(self.machine.atomic("restart").code, 3)
        self.up()
        first = self.pids()
        done = self.machine.atomic("restart", "worker-1")
        self.assertIn("restarted worker-1\n", done.err)
        second = self.pids()
        self.assertEqual([name for name in ALL if first[name] != second[name]], ["worker-1"])
        done = self.machine.atomic("restart")
        self.assertEqual(done.code, 0, done)
        self.assertIn(f"restarted {', '.join(ALL)}\n", done.err)
        third = self.pids()
        self.assertEqual([name for name in ALL if third[name] == second[name]], [])

    def test_two_at_once_start_each_process_once(self) -> None:
        both = [self.machine.begin("up"), self.machine.begin("up")]
        self.assertEqual([(each.communicate(), each.returncode)[1] for each in both], [0, 0])
        for name in ALL:
            self.assertEqual(self.log(name).count(f"{name} starts"), int(name != "agent"))

    def test_without_an_agent_whatever_listens_is_used(self) -> None:
        self.up("--no-agent")
        self.assertNotIn("agent", self.machine.status())

    def test_a_database_elsewhere_is_not_started(self) -> None:
        env = {"ATOMIC_DB_URL": "jdbc:postgresql://127.0.0.1/x"}
        self.up(**env)
        self.assertNotIn("db", self.machine.status())

    def test_state_is_ours_alone_and_secrets_are_in_no_argument(self) -> None:
        self.up(OPENAI_API_KEY="sk-very-secret", ATOMIC_LLM_PROVIDERS="offline")
        for path in (self.machine.home, self.machine.home / "run", self.machine.home / "logs"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o700)
        for path in (self.machine.home / "run").iterdir():
            self.assertNotIn(b"sk-very-secret", path.read_bytes(), path)
        for row in self.machine.status().values():
            with open(f"/proc/{row['pid']}/cmdline") as command:
                self.assertNotIn("secret", command.read())


class WhatStopsTheStart(StackCase):
    """Each one clear line and exit 3."""

    def refused(self, *said: str, **env: str) -> None:
        """`up` must fail with one last line that holds all of `said`."""
        done = self.machine.atomic("up", **env)
        self.assertEqual(done.code, 3, done)
        last = done.err.splitlines()[-1]
        for part in said:
            self.assertIn(part, last)

    def test_a_port_in_use_names_who_has_it(self) -> None:
        with socket.create_server(("127.0.0.1", self.machine.http_port)):
            self.refused(f"api: port {self.machine.http_port} on 127.0.0.1 is in use",
                         f"by process {os.getpid()} ", "ATOMIC_HTTP_PORT")
        self.up()

    def test_no_jdk(self) -> None:
        self.machine.write("jdk/release", 'JAVA_VERSION="17.0.1"\n')
        with mock.patch.dict(os.environ, {"JAVA_HOME": str(self.machine.root / "jdk")}):
            from cli import jdk
            with mock.patch.object(jdk, "JDK_VERSION", 99):
                with self.assertRaisesRegex(StackError, "^no JDK 99 found: install a JDK"):
                    jdk.find()

    def test_a_process_that_refuses_is_quoted(self) -> None:
        self.machine.behave("worker-2", "refuses")
        self.refused("worker-2 didn't start (exit 1): ATOMIC_THREADS, 'many', allowed: a number",
                     "worker-2.log")
        self.assertEqual(self.log("worker-2").count("worker-2 starts"), 1)

    def test_a_build_that_fails_shows_the_compilers_line(self) -> None:
        self.machine.write("broken", "")
        self.refused("the build failed", "Main.java:[1,1] ';' expected", "build.log")

    def test_another_agent_on_the_socket(self) -> None:
        self.up()
        (self.machine.home / "run" / "agent.pid").rename(self.machine.root / "kept.pid")
        self.refused("agent.sock is answered by another process", "--no-agent")
        self.up("--no-agent")
        (self.machine.root / "kept.pid").rename(self.machine.home / "run" / "agent.pid")

    def test_what_never_gets_healthy_ends_after_the_time(self) -> None:
        done = self.machine.atomic("up", "--workers", "1")
        self.assertEqual(done.code, 0, done)
        self.machine.atomic("stop", "worker-1")
        self.machine.behave("worker-1", "is never ready")
        with mock.patch.dict(os.environ, self.machine.env, clear=True), \
                mock.patch.object(stack, "HEALTHY_WITHIN_SECONDS", 0.5), \
                open(os.devnull, "w") as nowhere, \
                self.assertRaisesRegex(StackError, "worker-1 isn't healthy after"):
            stack.up(settings.load(self.machine.root), Terminal(nowhere), stack.Wanted(1),
                     lambda: Path(sys.executable))


class WhyItIsntUp(unittest.TestCase):
    """The one line that is shown of a log."""

    def test_the_line_that_says_most_is_found(self) -> None:
        noise = ["2026 INFO starting", ""]
        trace = ["org.x.AException: top", "\tat a.b(C.java:1)", "Caused by: org.x.BError: root",
                 "\tat a.b(C.java:1)", "\t... 7 more"]
        for lines, line in (
                ([*noise, "ATOMIC_THREADS, 'x', allowed: 1", *trace],
                 "ATOMIC_THREADS, 'x', allowed: 1"),
                ([*noise, "Description:", "", "Port 8080 was already in use.", "", "Action:"],
                 "Port 8080 was already in use."),
                ([*noise, *trace], "org.x.BError: root"),
                ([*noise, "2026 ERROR bad", "2026 INFO bye"], "2026 ERROR bad"),
                ([*noise, *trace, "api: can't start: why"], "api: can't start: why"),
                (noise, "2026 INFO starting"), (noise[:0], "it logged nothing")):
            self.assertEqual(why.telling(lines), line)


class PidFiles(StackCase):
    """A pid in a file is believed only when it is the very process that was written down."""

    def test_a_number_given_to_another_program_is_cleaned_up_and_that_program_left_alone(
            self) -> None:
        self.up()
        stranger = self.sleeper()
        pid = self.machine.pid("worker-1")
        self.machine.atomic("stop", "worker-1")
        until(lambda: processes.start_ticks(pid) is None)
        (self.machine.home / "run" / "worker-1.pid").write_text(f"{stranger}\n")
        self.assertEqual(self.machine.status()["worker-1"]["state"], "down")
        self.up()
        self.assertNotEqual(self.machine.pid("worker-1"), stranger)
        self.assertIsNotNone(processes.start_ticks(stranger))

    def test_the_same_number_with_another_start_time_is_another_process(self) -> None:
        self.up()
        state = self.machine.home / "run" / "worker-1.state"
        known = json.loads(state.read_text())
        stranger = self.sleeper()
        self.machine.atomic("stop", "worker-1")
        state.write_text(json.dumps({**known, "pid": stranger}))
        (self.machine.home / "run" / "worker-1.pid").write_text(f"{stranger}\n")
        self.assertEqual(self.machine.atomic("stop", "worker-1").code, 0)
        self.assertIsNotNone(processes.start_ticks(stranger))

    def test_a_pid_file_alone_is_enough_for_a_process_that_looks_like_ours(self) -> None:
        self.up()
        (self.machine.home / "run" / "api.state").unlink()
        self.assertEqual(self.machine.status()["api"]["state"], "up")

    def test_rubbish_in_a_pid_file_is_nobody(self) -> None:
        self.up()
        self.machine.atomic("stop", "worker-2")
        (self.machine.home / "run" / "worker-2.pid").write_text("x")
        (self.machine.home / "run" / "dockerd.pid").write_text("1")
        self.assertEqual(self.machine.status()["worker-2"]["state"], "down")
        self.up()


class OneProcess(StackCase):
    """start and stop by name."""

    def test_start_is_the_process_itself_and_also_logs(self) -> None:
        child = self.machine.begin("start", "db")
        assert child.stdout is not None
        self.assertIn(b"db starts", child.stdout.readline())
        self.assertEqual(self.machine.pid("db"), child.pid)
        until(lambda: "db listens" in self.log("db"))
        child.send_signal(signal.SIGTERM)
        out, _ = child.communicate(timeout=20)
        self.assertIn(b"db ends", out)
        until(lambda: "db ends" in self.log("db"))

    def test_start_of_a_second_api_on_its_port_and_stop(self) -> None:
        self.up()
        port = free_port()
        child = self.machine.begin("start", "api-2", "--port", str(port))
        until(lambda: self.machine.status().get("api-2", {}).get("state") == "up")
        self.assertEqual(self.machine.status()["api-2"]["port"], port)
        self.assertEqual(self.machine.atomic("start", "api-2").code, 3)
        self.assertEqual(self.machine.atomic("stop", "api-2").code, 0)
        child.communicate(timeout=20)
        self.assertNotIn("api-2", self.machine.status())

    def test_what_was_started_by_name_and_stopped_outside_isnt_missed(self) -> None:
        self.up()
        child = self.machine.begin("start", "api-2", "--port", str(free_port()))
        until(lambda: self.machine.status().get("api-2", {}).get("state") == "up")
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=20)
        self.assertNotIn("api-2", self.machine.status())
        self.assertEqual(self.machine.atomic("status").code, 0)

    def test_names_that_are_none_are_wrong_usage(self) -> None:
        for name in ("worker", "worker-0", "api-1", "db-1", "../db", "", "agent-2", "worker-1x"):
            self.assertEqual(self.machine.atomic("stop", name).code, 2, name)
        self.assertEqual(self.machine.atomic("start", "agent", "--port", "1").code, 2)

    def test_stop_of_what_isnt_running_is_fine(self) -> None:
        done = self.machine.atomic("stop", "worker-7")
        self.assertEqual((done.code, done.err), (0, "worker-7 wasn't running\n"), done)

    def test_what_doesnt_end_by_itself_is_killed_and_that_is_said(self) -> None:
        run = self.machine.home / "run"
        run.mkdir(parents=True)
        child = subprocess.Popen(
            [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); "
             "print('deaf', flush=True); time.sleep(600)", "atomic-worker.jar"],
            env={**os.environ, "ATOMIC_NAME": "worker-1"}, stdout=subprocess.PIPE)
        assert child.stdout is not None
        with contextlib.closing(child.stdout):
            child.stdout.readline()
        (run / "worker-1.pid").write_text(str(child.pid))
        self.addCleanup(child.wait)
        said = processes.terminate(self.machine.home, "worker-1", "atomic-worker.jar", 0.2)
        self.assertEqual(said, f"worker-1 didn't stop within 0 s and was killed (pid {child.pid})")
        self.assertEqual(child.wait(), -signal.SIGKILL)


class Logs(StackCase):
    """`logs`."""

    def write(self, text: str, name: str = "api") -> None:
        """Append to a log."""
        folder = self.machine.home / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / f"{name}.log", "a") as log:
            log.write(text)

    def test_the_last_lines_come_without_control_characters(self) -> None:
        self.write("".join(f"line {number}\x1b[31m\n" for number in range(300)) + "unfinished")
        done = self.machine.atomic("logs", "api", "-n", "2")
        self.assertEqual((done.code, done.out), (0, "line 299[31m\nunfinished\n"), done)

    def test_all_logs_are_told_apart(self) -> None:
        self.write("a\n")
        self.write("b\n", "worker-1")
        self.assertEqual(self.machine.atomic("logs").out, "api      | a\nworker-1 | b\n")

    def test_an_unknown_log_is_wrong_usage(self) -> None:
        self.write("a\n")
        self.assertEqual(self.machine.atomic("logs", "../../etc/passwd").code, 2)

    def test_following_shows_what_is_added_until_ctrl_c(self) -> None:
        self.write("first\n")
        child = self.machine.begin("logs", "api", "-f")
        assert child.stdout is not None
        self.assertEqual(child.stdout.readline(), b"first\n")
        self.write("second\n")
        self.assertEqual(child.stdout.readline(), b"second\n")
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=20)
        self.assertEqual(child.returncode, 130)
