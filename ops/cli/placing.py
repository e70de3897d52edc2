"""Files below one folder, looked at and written without following a link on the way."""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_NEW_FOLDER = 0o755
_NEW_FILE = 0o644


@dataclass(frozen=True)
class Found:
    """What has a path's place. `sha256`: of a regular file's content, else empty."""

    what: Literal["nothing", "file", "a link", "a folder", "no regular file",
                  "below a link", "below a file"]
    sha256: str = ""

    @property
    def blocked(self) -> bool:
        """Whether nothing can be put there at all, not even by force."""
        return self.what in ("a folder", "below a link", "below a file")


NOTHING = Found("nothing")


def look(folder: Path, path: str) -> Found:
    """What has the place of `path` below `folder`. Raises OSError for what can't be read."""
    *parents, name = path.split("/")
    opened = contextlib.ExitStack()
    try:
        here = opened.enter_context(_folder(str(folder), None))
        for parent in parents:
            found = os.lstat(parent, dir_fd=here).st_mode
            if not stat.S_ISDIR(found):
                return Found("below a link" if stat.S_ISLNK(found) else "below a file")
            here = opened.enter_context(_folder(parent, here))
        return _look(here, name)
    except FileNotFoundError:
        return NOTHING
    finally:
        opened.close()


def _look(folder: int, name: str) -> Found:
    mode = os.lstat(name, dir_fd=folder).st_mode
    if stat.S_ISLNK(mode):
        return Found("a link")
    if stat.S_ISDIR(mode):
        return Found("a folder")
    if not stat.S_ISREG(mode):
        return Found("no regular file")
    # Not blocking: it may have become a pipe meanwhile.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(name, flags, dir_fd=folder), "rb") as content:
        return Found("file", hashlib.file_digest(content, "sha256").hexdigest())


def write(folder: Path, path: str, content: bytes, new: bool) -> None:
    """Put a file in its place as a whole; a link of that name is replaced, not followed.

    `new`: nothing was there, and if something is by now it stays. Raises OSError (that: EEXIST; a
    link in the place of a folder: ELOOP or ENOTDIR).
    """
    *parents, name = path.split("/")
    with contextlib.ExitStack() as opened:
        here = opened.enter_context(_folder(str(folder), None))
        for parent in parents:
            with contextlib.suppress(FileExistsError):
                os.mkdir(parent, _NEW_FOLDER, dir_fd=here)
            here = opened.enter_context(_folder(parent, here))
        beside = f".{hashlib.sha256(name.encode()).hexdigest()[:16]}.{os.getpid()}.new"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(beside, flags, _NEW_FILE, dir_fd=here)
        try:
            with open(descriptor, "wb") as output:
                output.write(content)
            if new:
                _claim(beside, name, here)
            else:
                os.replace(beside, name, src_dir_fd=here, dst_dir_fd=here)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(beside, dir_fd=here)


def _claim(beside: str, name: str, folder: int) -> None:
    """Give a file its name only if nothing has it."""
    try:
        os.link(beside, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        # No hard links here (a USB stick's file system).
        with contextlib.suppress(FileNotFoundError):
            os.lstat(name, dir_fd=folder)
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name) from None
        os.replace(beside, name, src_dir_fd=folder, dst_dir_fd=folder)


@contextlib.contextmanager
def _folder(path: str, parent: int | None) -> Iterator[int]:
    follow = 0 if parent is None else os.O_NOFOLLOW
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | follow | os.O_CLOEXEC,
                         dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
