"""Runs the real image with the real limits by plain `docker run -i`, in the runner's protocol.

The worker does the same through the engine's API; this is the second reader of PROTOCOL.md.
"""

from __future__ import annotations

import os
import pathlib
import random
import struct
import subprocess
import threading
import time
import uuid
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent
IMAGE = os.environ.get("ATOMIC_SANDBOX_IMAGE", "atomic-sandbox:latest")
RUNNER = "/usr/local/lib/atomic/runner"
RECORDER = "/usr/local/lib/atomic/recorder.mjs"
LABEL = f"dev.atomic.sandbox-test={uuid.uuid4()}"  # of this process alone: others may run, too


# Most that a connection may have under way in the kernel, whose memory isn't the container's
# everywhere.
SYSCTLS = {
    "net.ipv4.tcp_rmem": "4096 65536 65536",
    "net.ipv4.tcp_wmem": "4096 16384 65536",
}
UIDS = range(60_578, 61_184)


def limits(memory_mb: int = 512, pids: int = 128) -> list[str]:
    uid = random.choice(UIDS)
    tmpfs = f"rw,exec,nosuid,nodev,uid={uid},gid={uid}"
    return [
        "--network=none",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        f"--security-opt=seccomp={HERE.parent / 'seccomp.json'}",
        f"--user={uid}:{uid}",
        *(f"--sysctl={name}={value}" for name, value in SYSCTLS.items()),
        "--read-only",
        "--log-driver=none",
        f"--memory={memory_mb}m",
        f"--memory-swap={memory_mb}m",
        "--cpus=1",
        f"--pids-limit={pids}",
        "--ulimit=nofile=1024:1024",
        f"--ulimit=fsize={128 << 20}",
        "--ulimit=core=0",
        "--ulimit=msgqueue=0",
        f"--tmpfs=/workspace:{tmpfs},size=128m,nr_inodes=16384",
        f"--tmpfs=/tmp:{tmpfs},size=64m,nr_inodes=8192",
        f"--tmpfs=/dev/shm:{tmpfs},size=16m,nr_inodes=1024",
    ]


def record(kind: str, payload: bytes = b"") -> bytes:
    return kind.encode() + struct.pack(">I", len(payload)) + payload


def step(kind: str, *argv: str) -> bytes:
    return record("S", b"".join(part.encode() + b"\0" for part in (kind, *argv)))


def fields(payload: bytes) -> dict[str, str]:
    pairs = (line.split(" ", 1) for line in payload.decode().splitlines())
    return {pair[0]: pair[1] for pair in pairs}


@dataclass
class Run:
    """What came back, in the records' own words."""

    stdout: bytes = b""
    stderr: bytes = b""
    steps: list[dict[str, str]] = field(default_factory=list)
    report: list[str] = field(default_factory=list)
    probe: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    how: str = ""
    end: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    complete: bool = False
    quit: str = ""
    kinds: str = ""
    end_seconds: float = 0.0

    def tests_passed(self) -> bool:
        """The rule of PROTOCOL.md, as the worker applies it."""
        lines = [line.split(" ", 1) for line in self.report]
        results = [line[0] for line in lines if line[0] in ("passed", "failed", "skipped", "error")]
        collected = sum(int(rest) for kind, rest in lines if kind == "collected")
        finished = [rest.split() for kind, rest in lines if kind == "finished"]
        return (
            self.complete
            and bool(self.steps)
            and len(finished) == len(self.steps)
            and all(code == "0" for code, _ in finished)
            and sum(int(count) for _, count in finished) == len(results) == collected
            and all(one.get("exit") == "0" for one in self.steps)
            and "passed" in results
            and not {"failed", "error"} & set(results)
        )

    def take(self, kind: str, payload: bytes) -> None:
        self.kinds += kind
        if kind == "O":
            if payload[2] == 1:
                self.stdout += payload[3:]
            else:
                self.stderr += payload[3:]
        elif kind == "S":
            self.steps.append(fields(payload))
        elif kind == "R":
            self.report.append(payload[2:].decode())
        elif kind == "N":
            self.probe = fields(payload)
        elif kind == "A":
            self.answer += payload[2:]
        elif kind == "a":
            self.how = fields(payload)["how"]
        elif kind == "E":
            self.end = fields(payload)
        elif kind == "F":
            end = 2 + int.from_bytes(payload[:2], "big")
            path, contents = payload[2:end], payload[end:]
            self.files[path.decode()] = contents
        elif kind == "X":
            reason, path = payload.split(b"\0", 1)
            self.refused[path.decode("utf-8", "replace")] = reason.decode()
        elif kind == "Z":
            self.complete = True
        elif kind == "Q":
            self.quit = payload.decode()


class Container:
    """One container that has said hello and waits for its request."""

    def __init__(self, *extra: str, memory_mb: int = 512, pids: int = 128) -> None:
        command = [
            "docker",
            "run",
            "-i",
            "--rm",
            f"--label={LABEL}",
            *limits(memory_mb, pids),
            *extra,
        ]
        self.process = subprocess.Popen(
            [*command, IMAGE, RUNNER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        # The guard against a runner that hangs: no test waits longer than this.
        self.guard = threading.Timer(120, self.process.kill)
        self.guard.start()
        assert self.process.stdout is not None
        self.out = self.process.stdout
        hello = self.read()
        if hello != ("H", b"atomic-runner 2"):
            raise AssertionError(f"no hello but {hello}: {self.rest_of_errors()}")

    def rest_of_errors(self) -> str:
        self.process.kill()
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    def read(self) -> tuple[str, bytes] | None:
        head = self.out.read(5)
        if len(head) < 5:
            return None
        kind, length = struct.unpack(">cI", head)
        return kind.decode(), self.out.read(length)

    def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the runner has refused the request and says why

    def run(self, request: bytes) -> Run:
        begun = time.monotonic()
        self.send(request)
        result = Run()
        while (got := self.read()) is not None:
            result.take(*got)
            if got[0] == "E":
                result.end_seconds = time.monotonic() - begun
            if got[0] in "ZQ":
                break
        self.close()
        return result

    def batch(self, request: bytes) -> Run:
        """Sends one batch of a run; what came until the runner is ready for the next, or ended."""
        return self.until("M", request)

    def until(self, kinds: str, what: bytes) -> Run:
        """Sends something; what came up to one of these records, or to the run's end."""
        self.send(what)
        result = Run()
        while (got := self.read()) is not None:
            result.take(*got)
            if got[0] in kinds + "ZQ":
                break
        return result

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stderr is not None
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.wait()
        self.guard.cancel()
        self.out.close()
        self.process.stderr.close()


def request(
    files: dict[str, str | bytes],
    *steps: bytes,
    wall_ms: int = 40_000,
    stdin: bytes | None = None,
    collect: tuple[str, ...] = (),
    **settings: int,
) -> bytes:
    lines = {"wall_ms": wall_ms, **settings}
    parts = [record("L", "".join(f"{name} {value}\n" for name, value in lines.items()).encode())]
    for path, contents in files.items():
        raw = contents.encode() if isinstance(contents, str) else contents
        name = path.encode()
        parts.append(record("W", struct.pack(">H", len(name)) + name + raw))
    if stdin is not None:
        parts.append(record("I", stdin))
    parts += [record("K", pattern.encode()) for pattern in collect]
    return b"".join([*parts, *steps, record("G")])


def next_batch(
    *steps: bytes, back: bool = True, stdin: bytes | None = None, **settings: int
) -> bytes:
    """A batch that isn't the first; without steps and settings it ends the run."""
    lines = "".join(f"{name} {value}\n" for name, value in settings.items())
    return b"".join(
        [
            record("L", lines.encode()) if lines else b"",
            record("B") if back else b"",
            record("I", stdin) if stdin is not None else b"",
            *steps,
            record("G"),
        ]
    )


def pytest_step(*files: str) -> bytes:
    return step(
        "tests",
        "python3",
        "-I",
        "-B",
        "-u",
        "/usr/local/lib/atomic/session.py",
        "reported",
        *files,
    )


def node_step(file: str) -> bytes:
    return step(
        "tests",
        "node",
        f"--import=file://{RECORDER}",
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
        f"--test-reporter={RECORDER}",
        "--test-reporter-destination=/dev/null",
        file,
    )
