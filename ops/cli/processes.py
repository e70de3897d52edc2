"""One process of the stack on this machine: its pid file, whether it lives, how it ends.

`run/NAME.pid` holds the pid. Beside it `run/NAME.state` holds what tells that process from
another one that was given the same number later: its start time and the machine's boot.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .errors import StackError

_POLL_SECONDS = 0.05
_RECORDING_SECONDS = 20.0
_LOG_ROTATE_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Recorded:
    """What was written down when a process was started.

    `start_ticks`: since boot. `settings`: a digest of each setting it was started with.
    """

    pid: int
    start_ticks: int
    boot_id: str
    build: str
    port: int | None
    log_offset: int
    settings: dict[str, str]


@dataclass(frozen=True)
class Files:
    """The files of one process."""

    pid: Path
    state: Path
    port: Path
    log: Path


def files(home: Path, name: str) -> Files:
    """Where the files of the process `name` are."""
    run = home / "run"
    return Files(run / f"{name}.pid", run / f"{name}.state", run / f"{name}.port",
                 home / "logs" / f"{name}.log")


def boot_id() -> str:
    """The running kernel's boot, so that a pid from before a reboot is never believed."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def start_ticks(pid: int) -> int | None:
    """When a living process was started, in clock ticks since boot; None when it is no more.

    A zombie is no more: it only waits for its parent.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The name in parentheses may hold anything; the fields count from behind the last one.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def uptime_ms(pid: int) -> int | None:
    """Milliseconds since a living process was started."""
    ticks = start_ticks(pid)
    if ticks is None:
        return None
    since_boot = float(Path("/proc/uptime").read_text().split()[0])
    return max(0, int((since_boot - ticks / os.sysconf("SC_CLK_TCK")) * 1000))


def record(home: Path, name: str, written: Recorded) -> None:
    """Write down a process that was just started."""
    where = files(home, name)
    _write(where.state, json.dumps(asdict(written)))
    _write(where.pid, f"{written.pid}\n")


def recorded(home: Path, name: str) -> Recorded | None:
    """What was written down about `name`, whether it still lives or not."""
    try:
        return Recorded(**json.loads(files(home, name).state.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def living(home: Path, name: str, marker: str) -> int | None:
    """The pid of `name` if it lives and is ours; None otherwise, also for a reused number.

    `marker`: what the command line of such a process holds.
    """
    try:
        pid = int(files(home, name).pid.read_text())
        ticks = start_ticks(pid)
    except (OSError, ValueError):
        return None
    if ticks is None:
        return None
    known = recorded(home, name)
    if known is not None and known.pid == pid:
        return pid if (known.start_ticks, known.boot_id) == (ticks, boot_id()) else None
    return pid if _looks_like(pid, marker, name) else None


def _looks_like(pid: int, marker: str, name: str) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return marker.encode() in command and f"ATOMIC_NAME={name}".encode() in environment


def is_ours(pid: int, home: Path, marker: str) -> bool:
    """Whether a process is one of this stack's, by its command line and its state folder."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return marker.encode() in command and b"ATOMIC_HOME=" + os.fsencode(home) in environment


@contextlib.contextmanager
def recording(home: Path) -> Iterator[None]:
    """Hold what is written down about processes: nobody else adds or removes any meanwhile."""
    with locked(home / "run" / "pids.lock", lambda: None, _RECORDING_SECONDS):
        yield


def forget(home: Path, name: str) -> None:
    """Remove the files of a process that is no more (its log stays). Call it while recording."""
    where = files(home, name)
    for path in (where.pid, where.state, where.port):
        path.unlink(missing_ok=True)


def spawn(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a process in a session of its own, its output appended to `log`.

    Returns it and the log's length before its first byte.
    """
    rotate(log)
    with open(log, "ab", opener=_private) as output:
        offset = output.tell()
        try:
            child = subprocess.Popen(
                argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
            )
        except OSError as failure:
            raise StackError(f"{argv[0]} can't be started: {failure.strerror}") from failure
    return child, offset


def tee(log: Path) -> int:
    """Send this process's output both where it goes now and to `log`; returns the log's length.

    A `tee` of its own does it, which ends when the output does, so that the process that is
    then executed needs nobody watching it.
    """
    rotate(log)
    with open(log, "ab", opener=_private) as output:
        offset = output.tell()
    child = subprocess.Popen(
        ["tee", "-a", "-i", str(log)], stdin=subprocess.PIPE,
        # A service manager's SIGTERM reaches the whole group: the last lines still count.
        preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN) and None,
    )
    assert child.stdin is not None
    os.dup2(child.stdin.fileno(), 1)
    os.dup2(child.stdin.fileno(), 2)
    child.stdin.close()
    return offset


def terminate(home: Path, name: str, marker: str, patience: float) -> str | None:
    """End a process: SIGTERM, then after `patience` seconds SIGKILL.

    Returns a line to show when force was needed, else None. Nothing to end is fine.
    """
    pid = living(home, name, marker)
    killed = None
    if pid is not None:
        ticks = start_ticks(pid)
        _signal(pid, signal.SIGTERM)
        if not _gone(pid, ticks, patience):
            killed = f"{name} didn't stop within {patience:.0f} s and was killed (pid {pid})"
            _signal(pid, signal.SIGKILL)
            if not _gone(pid, ticks, 5):
                raise StackError(f"{name} (pid {pid}) can't be killed")
    if (home / "run").is_dir():
        with recording(home):
            # Another command may have started it again already.
            if living(home, name, marker) is None:
                forget(home, name)
    return killed


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
    except PermissionError as failure:
        raise StackError(f"process {pid} belongs to another user") from failure


def _gone(pid: int, ticks: int | None, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while start_ticks(pid) == ticks and ticks is not None:
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def rotate(log: Path) -> None:
    """Keep one older log beside a log that grew beyond 20 MiB."""
    with contextlib.suppress(OSError):
        if log.stat().st_size > _LOG_ROTATE_BYTES:
            log.rename(log.with_name(log.name + ".1"))


@contextlib.contextmanager
def locked(path: Path, waiting: Callable[[], None], timeout: float) -> Iterator[None]:
    """Hold the file lock at `path`; `waiting` is called once if somebody else has it.

    Raises StackError after `timeout` seconds. The lock goes with the process, however it ends.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + timeout
        said = False
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as failure:
                if time.monotonic() > deadline:
                    raise StackError(f"another command holds {path}") from failure
            if not said:
                waiting()
                said = True
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    with open(beside, "w", encoding="utf-8", opener=_private) as output:
        output.write(text)
    os.replace(beside, path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
