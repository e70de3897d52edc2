"""The exit code of every command and outcome; docs/exit-codes.md is made of this table.

`python3 -m tests.test_exit_codes` in `ops` writes the page anew.
"""

import signal
import sys
import unittest
from collections.abc import Callable
from pathlib import Path

from .fake_api import FakeApi, Job, Script, endless, serving, until
from .machine import Machine

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "exit-codes.md"
_HEAD = """\
# Exit codes

- 0: the job succeeded, or what was asked was done
- 1: it failed or was cancelled, or the request was refused
- 2: wrong usage
- 3: the stack can't start or can't be reached
- 130: Ctrl-C, which leaves the job running

This table is made by a test that runs each line (`ops/tests/test_exit_codes.py`).

| command | outcome | exit code |
|---|---|---|
"""
Setup = Callable[[FakeApi, Machine], None]


def _job(status: str, verdict: str | None = None, kind: str = "generate") -> Setup:
    """A job `0199-1` that ended so, and a script by which new ones do."""
    final: Job = {"status": status, "kind": kind, "content": "1\n"}
    if verdict:
        final["verification"] = {"status": verdict, "kind": "run", "exit_code": 0}
    if status == "failed":
        final["error"] = {"code": "no_model", "message": "none"}

    def set_up(api: FakeApi, machine: Machine) -> None:
        script = Script([{"type": status}], {"main.py": b"1\n"}, final)
        for name in ("x", "execute", "retried"):
            api.scripts[name] = script
        api.add(script, {"prompt": "x"})
        machine.write("main.py", "1\n")
    return set_up


def _running(api: FakeApi, machine: Machine) -> None:
    api.add(endless(), {})


def _refusing(code: str, status: int) -> Setup:
    def set_up(api: FakeApi, machine: Machine) -> None:
        _job("succeeded", "passed")(api, machine)
        api.refuse = (status, {"code": code, "detail": "no"}, {})
    return set_up


def _down(api: FakeApi, machine: Machine) -> None:
    _job("succeeded", "passed")(api, machine)
    machine.env["ATOMIC_URL"] = "http://127.0.0.1:9"


def _log(api: FakeApi, machine: Machine) -> None:
    (machine.home / "logs").mkdir(parents=True, exist_ok=True)
    (machine.home / "logs" / "api.log").write_text("a line\n")


def _nothing(api: FakeApi, machine: Machine) -> None:
    """As it is."""


_GOOD = _job("succeeded", "passed")
_CASES: list[tuple[str, str, Setup, int]] = []
for _line in ("generate x", "ask 0199-1 x", "retry 0199-1", "watch 0199-1", "get 0199-1"):
    _CASES += [(_line, "the job succeeded", _GOOD, 0),
               (_line, "the job failed", _job("failed"), 1),
               (_line, "the job was cancelled", _job("cancelled"), 1),
               (_line, "the api refuses", _refusing("invalid_request", 400), 1),
               (_line, "nobody is there", _down, 3)]
_CASES += [
    ("generate x --unverified", "succeeded, though it didn't pass", _job("succeeded", "failed"), 0),
    ("generate x --no-wait", "submitted", _GOOD, 0),
    ("generate x --dry-run --file main.py", "listed", _GOOD, 0),
    ("generate x --lang go", "a language that isn't run", _GOOD, 2),
    ("generate x --file none.py", "no such file", _GOOD, 2),
    ("generate", "no prompt", _nothing, 2),
    ("get 0199-1", "the job isn't finished", _running, 0),
    ("get 0199-9", "no such job", _nothing, 1),
    ("get @last", "there is no job", _nothing, 1),
]
for _line in ("exec main.py", "watch 0199-1", "get 0199-1"):
    _what = "" if _line.startswith("exec") else " (an execute job)"
    _CASES += [(_line, f"passed{_what}", _job("succeeded", "passed", "execute"), 0),
               (_line, f"failed{_what}", _job("succeeded", "failed", "execute"), 1),
               (_line, f"timed out{_what}", _job("succeeded", "timed_out", "execute"), 1)]
_CASES += [
    ("exec main.py", "the api refuses", _refusing("unsupported_language", 400), 1),
    ("exec main.py", "nobody is there", _down, 3),
    ("exec main.txt", "a language that can't be told", _GOOD, 2),
    ("exec main.py --timeout nan", "a limit that is none", _GOOD, 2),
    ("generate hello --max-cost nan", "an amount that is none", _GOOD, 2),
    ("list", "listed", _GOOD, 0), ("list", "nobody is there", _down, 3),
    ("list --status done", "no such status", _nothing, 2),
    ("models", "listed", _GOOD, 0), ("models", "nobody is there", _down, 3),
    ("cancel 0199-1", "taken", _running, 0),
    ("cancel 0199-1", "the api refuses: it has finished", _refusing("already_finished", 409), 1),
    ("delete 0199-1", "deleted", _GOOD, 0),
    ("delete 0199-1", "the api refuses: it isn't finished", _refusing("not_finished", 409), 1),
    ("diff 0199-1 0199-1", "shown", _GOOD, 0),
    ("diff 0199-1", "it follows up on no job", _GOOD, 2),
    ("logs api", "shown", _log, 0), ("logs nothing", "no such log or job", _log, 2),
    ("status", "something is down", _nothing, 1),
    ("restart", "nothing is up", _nothing, 3),
    ("stop worker-1", "it wasn't running", _nothing, 0),
    ("stop nonsense", "no such process", _nothing, 2),
    ("down", "nothing was up", _nothing, 0),
    ("up --workers 0", "no such number", _nothing, 2),
    ("completion bash", "printed", _nothing, 0),
    ("sbom agent", "printed", _nothing, 0), ("sbom api", "it isn't built", _nothing, 3),
    ("sbom engine", "no such part", _nothing, 2),
    ("--version", "printed", _nothing, 0), ("--help", "printed", _nothing, 0),
    ("lsit", "no such command", _nothing, 2),
]


def run(machine: Machine, line: str, set_up: Setup) -> int:
    """The exit code of one line."""
    with serving() as api:
        machine.env["ATOMIC_URL"] = api.url
        set_up(api, machine)
        return machine.atomic(*line.split()).code


def page(codes: list[int]) -> str:
    """The page, with these codes."""
    rows = [f"| `{line}` | {what} | {code} |\n"
            for (line, what, _, _), code in zip(_CASES, codes)]
    rows += [f"| `{line}` | Ctrl-C | 130 |\n" for line in _INTERRUPTED]
    rows += ["| any | a setting that isn't allowed | 3 |\n"]
    return _HEAD + "".join(rows)


_INTERRUPTED = ("generate x", "watch 0199-1")


class ExitCodes(unittest.TestCase):
    """Each line of the page."""

    def test_every_outcome_has_its_code(self) -> None:
        with Machine() as machine:
            for line, what, set_up, code in _CASES:
                with self.subTest(f"{line}: {what}"):
                    self.assertEqual(run(machine, line, set_up), code)

    def test_the_page_says_the_same(self) -> None:
        self.assertEqual(_PAGE.read_text(encoding="utf-8"), page([each[3] for each in _CASES]))

    def test_ctrl_c_is_130(self) -> None:
        for line in _INTERRUPTED:
            with Machine() as machine, serving() as api:
                machine.env["ATOMIC_URL"] = api.url
                api.scripts["x"] = endless()
                _running(api, machine)
                child = machine.begin(*line.split())
                until(lambda: any("/events" in path for _, path, _, _ in api.requests))
                child.send_signal(signal.SIGINT)
                child.communicate(timeout=30)
                self.assertEqual(child.returncode, 130, line)

    def test_a_setting_that_isnt_allowed_is_3(self) -> None:
        with Machine() as machine:
            for line in ("list", "up", "status"):
                self.assertEqual(machine.atomic(line, ATOMIC_HTTP_PORT="x").code, 3)


if __name__ == "__main__":
    with Machine() as here:
        _PAGE.write_text(page([run(here, line, set_up) for line, _, set_up, _ in _CASES]),
                         encoding="utf-8")
    print(f"{_PAGE} written", file=sys.stderr)
