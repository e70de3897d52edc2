"""`logs`: the processes' logs, without control characters, one after the other or as they grow."""

import contextlib
import os
import sys
import time
from pathlib import Path

from . import ids
from .client import Client
from .errors import SUCCEEDED, Unreachable, UsageError
from .settings import Settings
from .text import clean, one_line

_TAIL_BYTES = 256 * 1024
_POLL_SECONDS = 0.2
_SHORTEST_JOB = 6


class Log:
    """One log that is being read; follows it when it is rotated or cut."""

    def __init__(self, path: Path, prefix: str) -> None:
        self.path = path
        self.prefix = prefix
        self.position = 0
        self.inode = 0
        self.rest = b""

    def tail(self, lines: int) -> list[str]:
        """The last `lines` lines, of at most the last 256 KiB."""
        with open(self.path, "rb") as content:
            size = content.seek(0, os.SEEK_END)
            start = max(0, size - _TAIL_BYTES)
            content.seek(start)
            data = content.read(size - start)
            self.inode = os.fstat(content.fileno()).st_ino
        self.position = size
        whole = data.split(b"\n")
        if start > 0:
            whole = whole[1:]
        if not whole[-1]:
            whole.pop()
        shown = whole[-lines:] if lines else []
        return [self._shown(line) for line in shown]

    def grown(self) -> list[str]:
        """The whole lines written since the last call."""
        try:
            with open(self.path, "rb") as content:
                found = os.fstat(content.fileno())
                if found.st_ino != self.inode or found.st_size < self.position:
                    self.inode, self.position, self.rest = found.st_ino, 0, b""
                content.seek(self.position)
                data = content.read(1 << 20)
        except OSError:
            return []
        self.position += len(data)
        whole = (self.rest + data).split(b"\n")
        self.rest = whole.pop()
        return [self._shown(line) for line in whole]

    def _shown(self, line: bytes) -> str:
        return self.prefix + clean(line.decode("utf-8", "replace")) + "\n"


def logs(settings: Settings, name: str | None, follow: bool, lines: int) -> int:
    """Print the last `lines` lines of one log or of each; with `follow`, go on until Ctrl-C.

    A name that is no log's may be a job's: then it is what every log says of that job. Raises
    UsageError when it is neither.
    """
    found = {path.name.removesuffix(".log"): path for path in sorted(settings.logs.glob("*.log"))}
    if name is not None:
        if name not in found:
            return _of_job(settings, name)
        found = {name: found[name]}
    width = max((len(each) for each in found), default=0)
    open_logs = [Log(path, "" if name else f"{each:<{width}} | ") for each, path in found.items()]
    for log in open_logs:
        sys.stdout.writelines(log.tail(lines))
    sys.stdout.flush()
    while follow:
        for log in open_logs:
            sys.stdout.writelines(log.grown())
        sys.stdout.flush()
        time.sleep(_POLL_SECONDS)
    return SUCCEEDED


def _of_job(settings: Settings, given: str) -> int:
    """What each process's log says of one job, log by log.

    Raises UsageError when none says anything.
    """
    job_id = given
    with contextlib.suppress(Unreachable), Client(settings.url, settings.api_key) as client:
        job_id = ids.resolve(client, given)
    needle = job_id.encode()
    said = False
    paths = sorted(settings.logs.glob("*.log")) if len(job_id) >= _SHORTEST_JOB else []
    width = max((len(path.stem) for path in paths), default=0)
    for path in paths:
        with open(path, "rb") as content:
            for line in content:
                if needle in line:
                    said = True
                    sys.stdout.write(f"{path.stem:<{width}} | "
                                     + clean(line.decode("utf-8", "replace")).rstrip("\n") + "\n")
    if not said:
        there = ", ".join(path.stem for path in sorted(settings.logs.glob("*.log"))) or "none"
        raise UsageError(f"no log of {one_line(given)!r}, nor a job that one tells of; "
                         f"there are: {there}")
    return SUCCEEDED
