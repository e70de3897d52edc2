"""Judge and subject as two local processes, as the sandbox has them in two containers."""

import fcntl
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HARNESS = Path(__file__).resolve().parent.parent / "harness"
sys.path.insert(0, str(HARNESS))
from isolated.wire import Channel  # noqa: E402

SESSION = HARNESS / "session.py"
_MESSAGE = 4096


@dataclass(frozen=True)
class Outcome:
    """What a run came to: the lines of the report, and what the session printed."""

    report: tuple[str, ...]
    printed: str

    def passed(self) -> bool:
        """Whether all tests passed, judged from outside: the one verdict that counts."""
        words = [line.split(" ", 1)[0] for line in self.report]
        results = words.count("passed") + words.count("skipped")
        return (set(words) <= {"collected", "passed", "skipped", "finished"}
                and words.count("passed") > 0
                and self.report[0] == f"collected {results}"
                and self.report[-1] == f"finished 0 {results}")

    def carried(self) -> bool:
        """Whether everything went across."""
        return not self.reasons()

    def reasons(self) -> list[str]:
        """Why the run proves less than it could."""
        return [line.partition(" ")[2] for line in self.report if line.startswith("not_carried ")]

    def of(self, word: str) -> list[str]:
        """The tests of which this is said, without their files."""
        return [line.rpartition("::")[2] for line in self.report if line.startswith(word + " ")]


def channel(end: socket.socket, patience: float) -> Channel:
    """What an end of a socket is to a judge or a subject."""
    return Channel(end.fileno(), end.fileno(), patience)


def _write(folder: str, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run(program: Mapping[str, str], tests: Mapping[str, str], seconds: float = 60,
        subject: Sequence[str] = (sys.executable, "-I", "-B", "-u", str(HARNESS / "subject.py"))
        ) -> Outcome:
    """Run the tests against a program; `subject` may be anything that has the channel as descriptors 4 and 5."""
    with (tempfile.TemporaryDirectory() as judge_folder,
          tempfile.TemporaryDirectory() as subject_folder,
          tempfile.TemporaryDirectory() as judge_tmp):
        _write(judge_folder, tests)
        _write(subject_folder, program)
        ours, theirs = socket.socketpair()
        reader, writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        files = [f"./{name}" for name in tests if Path(name).name.startswith("test")]
        env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TMPDIR": judge_tmp}
        served = _start(subject, subject_folder, {4: theirs, 5: theirs}, env, None)
        judged = _start([sys.executable, "-I", "-B", "-u", str(SESSION), "judge", *files],
                        judge_folder, {3: writer, 4: ours, 5: ours}, env, subprocess.PIPE)
        for end in (ours, theirs, writer):
            end.close()
        try:
            printed = judged.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            judged.kill()
            printed = judged.communicate()[0]
        finally:
            served.kill()
            served.wait()
        lines = []
        while message := reader.recv(_MESSAGE):
            lines.append(message.decode("utf-8", "replace"))
        reader.close()
        return Outcome(tuple(lines), printed.decode("utf-8", "replace"))


def _start(argv: Sequence[str], folder: str, ends: Mapping[int, socket.socket],
           env: Mapping[str, str], stdout: int | None) -> "subprocess.Popen[bytes]":
    # Out of the way of the numbers they are to have.
    held = {at: fcntl.fcntl(end.fileno(), fcntl.F_DUPFD_CLOEXEC, 20) for at, end in ends.items()}

    def placed() -> None:
        for at, descriptor in held.items():
            os.dup2(descriptor, at)

    try:
        # All of Python's own descriptors are closed at exec.
        return subprocess.Popen(argv, cwd=folder, env=dict(env), close_fds=False,
                                preexec_fn=placed, stdin=subprocess.DEVNULL, stdout=stdout,
                                stderr=subprocess.STDOUT if stdout else None)
    finally:
        for descriptor in held.values():
            os.close(descriptor)
