"""`up` beside whatever else happens: it ends with all healthy, or says what isn't and why."""

import fcntl
import os
import signal
import subprocess
import unittest

from cli import processes, why

from .fake_api import until
from .machine import Machine


class UpBeside(unittest.TestCase):
    """A stack of stand-ins, and an `up` that is under way."""

    def setUp(self) -> None:
        self.machine = Machine()
        self.addCleanup(self.machine.__exit__)

    def up(self) -> None:
        """`up`, which must succeed."""
        done = self.machine.atomic("up")
        self.assertEqual(done.code, 0, done)

    def begun(self) -> "subprocess.Popen[bytes]":
        """An `up` that is at work on the processes."""
        child = self.machine.begin("up")
        until(self.up_is_at_work)
        return child

    def up_is_at_work(self) -> bool:
        """Whether somebody holds the lock of `up`."""
        try:
            with open(self.machine.home / "run" / "up.lock", "rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def ended_well(self, child: "subprocess.Popen[bytes]") -> str:
        """What the `up` said that must have ended with everything healthy."""
        _, err = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 0, err.decode())
        self.assertEqual({row["state"] for row in self.machine.status().values()}, {"up"})
        return err.decode()

    def log(self, name: str) -> str:
        """A process's log, empty when there is none yet."""
        log = self.machine.home / "logs" / f"{name}.log"
        return log.read_text() if log.exists() else ""

    def test_a_process_that_is_just_ending_is_waited_for_and_started_again(self) -> None:
        lingers = self.machine.behave("worker-1", "lingers")
        self.up()
        old = self.machine.pid("worker-1")
        os.kill(old, signal.SIGTERM)
        child = self.begun()
        lingers.unlink()
        self.ended_well(child)
        self.assertNotEqual(self.machine.pid("worker-1"), old)

    def test_one_that_is_told_to_stop_while_it_starts_is_started_again(self) -> None:
        never = self.machine.behave("worker-2", "is never ready")
        child = self.begun()
        until(lambda: "worker-2 listens" in self.log("worker-2"))
        never.unlink()
        self.assertEqual(self.machine.atomic("stop", "worker-2").code, 0)
        self.assertIn("worker-2 ended (exit 0)", self.ended_well(child))

    def test_a_database_that_goes_away_meanwhile_is_brought_back_and_so_is_who_missed_it(
            self) -> None:
        late = self.machine.behave("worker-1", "asks the database late")
        child = self.begun()
        until(lambda: "worker-1 starts" in self.log("worker-1"))
        self.machine.behave("db", "asks the database late")
        os.kill(self.machine.pid("db"), signal.SIGKILL)
        until(lambda: self.log("db").count("db starts") == 2)
        late.unlink()
        until(lambda: "the database can't be used" in self.log("worker-1"))
        os.kill(self.machine.pid("db"), signal.SIGKILL)
        (self.machine.root / "fakes" / "db").unlink()
        self.assertIn("worker-1 ended (exit 3): worker-1: the database can't be used",
                      self.ended_well(child))

    def test_a_port_that_a_predecessor_still_holds_is_waited_for(self) -> None:
        self.up()
        old = self.machine.pid("db")
        for ending in ("pid", "state"):
            (self.machine.home / "run" / f"db.{ending}").unlink()
        child = self.begun()
        with self.assertRaises(subprocess.TimeoutExpired):
            child.wait(1)
        os.kill(old, signal.SIGKILL)
        self.ended_well(child)

    def test_what_nobody_can_explain_is_tried_once_more_and_then_said(self) -> None:
        self.machine.behave("worker-1", "crashes")
        done = self.machine.atomic("up")
        self.assertEqual(done.code, 3, done)
        self.assertIn("worker-1 didn't start (exit 1): no idea what happened", done.err)
        self.assertEqual(self.log("worker-1").count("worker-1 starts"), 2)

    def test_a_stop_that_comes_late_forgets_no_process_that_was_started_since(self) -> None:
        self.up()
        pid = self.machine.pid("worker-1")
        with processes.recording(self.machine.home):
            stop = self.machine.begin("stop", "worker-1")
            until(lambda: processes.start_ticks(pid) is None)
            known = processes.recorded(self.machine.home, "worker-2")
            assert known is not None
            # As if it had been started again before `stop` saw that the old one is gone.
            processes.record(self.machine.home, "worker-1", known)
        stop.communicate(timeout=20)
        self.assertEqual(self.machine.pid("worker-1"), known.pid)


class WhatEndedIt(unittest.TestCase):
    """Whether it helps to start a process again."""

    def test_what_passes_is_told_from_what_an_operator_must_mend(self) -> None:
        for code, said, kind in (
                (3, "worker-1: the database can't be used: Connection refused", "passes"),
                (3, "worker-1: the database can't be used: FATAL: the database system is shutting "
                    "down", "passes"),
                (3, "api: port 8080 is in use; stop what listens there", "passes"),
                (3, "db: Database may be already in use: null", "passes"),
                (143, "worker-1 stopped", "passes"), (-9, "", "passes"), (0, "stopped", "passes"),
                (3, "api: ATOMIC_THREADS, 'many', allowed: a number", "mistake"),
                (2, "atomic_agent: OPENAI_BASE_URL='x': an http:// address", "mistake"),
                (3, "api: the database can't be used: FATAL: password authentication failed for "
                    "user", "mistake"),
                (1, "java.lang.NullPointerException", "unexplained")):
            self.assertEqual(why.kind_of_end(code, said), kind, said)
