"""What a finished job proved, in words, and how to run what it made."""

import shlex
from pathlib import Path
from typing import Any

from .text import one_line, seconds

_RUNNERS = {".py": "python3", ".js": "node", ".mjs": "node", ".cjs": "node", ".sh": "bash"}
_COMPILERS = {".c": "cc -O2 -o program", ".cpp": "c++ -O2 -o program", ".cc": "c++ -O2 -o program"}


def passed(job: dict[str, Any]) -> bool:
    """Whether the sandbox said `passed`; an unknown status is not passed."""
    return verification_of(job).get("status") == "passed"


def verification_of(job: dict[str, Any]) -> dict[str, Any]:
    """The job's verification; empty when there is none."""
    found = job.get("verification")
    return found if isinstance(found, dict) else {}


def proved(verification: dict[str, Any]) -> str:
    """The verdict as a person says it: `12 tests passed`, `timed out after 60 s`."""
    status = verification.get("status")
    kind = verification.get("kind")
    tests = verification.get("tests")
    if status == "passed":
        if kind == "tests" and isinstance(tests, dict):
            return f"{_tests(tests.get('run'))} passed{_seen_by(verification)}"
        if kind in _COUNTED:
            return f"{_counted(verification)} passed (observed)"
        if kind == "server":
            code = verification.get("http_status")
            answered = f"answered {code}" if isinstance(code, int) else "listened"
            return f"server {answered} on :{verification.get('port')}"
        if kind == "build":
            return "it compiled"
        return f"ran, exit {verification.get('exit_code')}, no tests"
    if status == "skipped":
        return f"not run: {one_line(str(verification.get('reason') or 'no reason given'))}"
    if status == "failed":
        return _failed(verification, tests)
    return _stopped(str(status), verification)


def _seen_by(verification: dict[str, Any]) -> str:
    """Who says that tests passed."""
    words = {"isolated": ", judged from outside", "reported": ", as the tests themselves report"}
    return words.get(str(verification.get("evidence")), "")


_COUNTED = {"cases": "case", "http": "request"}


def _counted(verification: dict[str, Any], status: str = "passed") -> str:
    """`11 of 12 cases`: how many ended so."""
    found = verification.get("cases")
    cases = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    name = _COUNTED.get(str(verification.get("kind")), "case")
    count = sum(each.get("status") == status for each in cases)
    return f"{count} of {len(cases)} {name}{'' if len(cases) == 1 else 's'}"


def _failed(verification: dict[str, Any], tests: Any) -> str:
    reason = verification.get("reason")
    if isinstance(tests, dict) and tests.get("failed") and not tests.get("run"):
        return "the tests couldn't be loaded" + (f": {one_line(str(reason))}" if reason else "")
    if isinstance(tests, dict) and tests.get("failed"):
        return f"{tests.get('failed')} of {_tests(tests.get('run'))} failed"
    if verification.get("kind") in _COUNTED and verification.get("cases"):
        return f"only {_counted(verification)} passed"
    if reason:
        missing = verification.get("missing")
        names = f": {', '.join(map(str, missing))}" if isinstance(missing, list) and missing else ""
        return f"failed: {one_line(f'{reason}{names}')}"
    if verification.get("signal"):
        return f"failed: ended by signal {verification.get('signal')}"
    return f"failed: exit {verification.get('exit_code')}"


def _stopped(status: str, verification: dict[str, Any]) -> str:
    duration = verification.get("duration_ms")
    after = f" after {seconds(duration / 1000)}" if isinstance(duration, (int, float)) else ""
    words = {"timed_out": f"timed out{after}", "out_of_memory": "ran out of memory",
             "output_limit": "printed too much and was stopped"}
    return words.get(status, f"not passed: {one_line(status)}")


def _tests(count: Any) -> str:
    return "1 test" if count == 1 else f"{count} tests"


def failure(job: dict[str, Any]) -> str:
    """Why a job didn't succeed, in one line."""
    if job.get("status") == "cancelled":
        return "cancelled"
    error = job.get("error")
    if not isinstance(error, dict):
        return one_line(str(job.get("status")))
    where = f" (in {error['stage']})" if error.get("stage") else ""
    return one_line(f"{error.get('code')}{where}: {error.get('message') or ''}", 2000)


def how_to_run(job: dict[str, Any], folder: Path, files: list[str], command: str,
               deciding: list[str]) -> list[str]:
    """Commands that run the files: in the sandbox again, and on this machine.

    `files` are paths below `folder`; `command` is how this command is called, `deciding`
    are the options that named what decided: without them another thing would.
    """
    language = str(job.get("language") or "python")
    where = shlex.quote(str(folder))
    lines = [f"{command} exec --lang {shlex.quote(language)} {where}"
             + "".join(f" {shlex.quote(each)}" for each in deciding) + "   (in the sandbox)"]
    native = _native(files)
    if native:
        lines.append(f"cd {where} && {native}   (on this machine, unprotected)")
    return lines


def _native(files: list[str]) -> str | None:
    entry = next((path for path in sorted(files) if path.startswith("main.")), None)
    if entry is None and len(files) == 1:
        entry = files[0]
    if entry is None:
        return None
    ending = Path(entry).suffix
    if ending in _RUNNERS:
        return f"{_RUNNERS[ending]} {shlex.quote(entry)}"
    if ending in _COMPILERS:
        sources = sorted(path for path in files if Path(path).suffix == ending)
        return f"{_COMPILERS[ending]} {shlex.join(sources)} && ./program"
    return None
