"""A job's files on this machine's disk. Paths come from a server and are believed in nothing."""

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .client import Client
from .errors import CommandError
from .text import one_line

MAX_FILES = 200
MAX_FILE_BYTES = 1024 * 1024
MAX_ALL_BYTES = 8 * 1024 * 1024
_MAX_PATH_BYTES = 512
_MAX_DEPTH = 16


@dataclass
class Saved:
    """What was written where, and what was refused and why."""

    folder: Path
    paths: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def refusal(path: object, taken: set[str]) -> str | None:
    """Why a path may not be written, None when it may. `taken`: case-folded paths before it."""
    if not isinstance(path, str) or not path:
        return "no path"
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return "not Unicode"
    parts = path.split("/")
    if size > _MAX_PATH_BYTES or len(parts) > _MAX_DEPTH:
        return "too long or too deep"
    if path.startswith("/") or any(part in ("", ".", "..") for part in parts):
        return "not a plain relative path"
    if "\\" in path or one_line(path, size + 1) != path:
        return "a character that isn't allowed"
    if path.casefold() in taken:
        return "there twice"
    return None


def save(client: Client, job: dict[str, Any], chosen: Path | None, default: Path) -> Saved:
    """Fetch a job's files into `chosen`, or into `default`/<job id>, made 0700.

    Raises CommandError when the folder can't be used.
    """
    job_id = str(job.get("id"))
    if chosen is None:
        if refusal(job_id, set()) or "/" in job_id:
            raise CommandError(f"the job's id {one_line(job_id)!r} is no name of a folder")
        _private_folder(default)
        folder = default / job_id
        _private_folder(folder)
    else:
        folder = chosen.absolute()
        _made(folder)
    saved = Saved(folder)
    entries = job.get("files")
    taken: set[str] = set()
    total = 0
    for entry in entries if isinstance(entries, list) else []:
        path = entry.get("path") if isinstance(entry, dict) else None
        why = refusal(path, taken) if len(taken) < MAX_FILES else f"more than {MAX_FILES} files"
        if why is None:
            assert isinstance(path, str)
            taken.add(path.casefold())
            content = client.file(job_id, path)
            total += len(content)
            why = _write_checked(folder, path, content, total, entry)
        if why is None:
            saved.paths.append(str(path))
        else:
            saved.refused.append(f"{one_line(str(path))}: {why}")
    return saved


def _write_checked(folder: Path, path: str, content: bytes, total: int, entry: dict[str, Any]
                   ) -> str | None:
    if len(content) > MAX_FILE_BYTES or total > MAX_ALL_BYTES:
        return "too large"
    wanted = entry.get("sha256")
    if isinstance(wanted, str) and wanted != hashlib.sha256(content).hexdigest():
        return "isn't what its checksum says"
    try:
        _write(folder, path, content)
    except OSError as failure:
        return f"can't be written: {failure.strerror}"
    return None


def _write(folder: Path, path: str, content: bytes) -> None:
    """Write below `folder` without following a link anywhere on the way.

    The new file takes the name's place as a whole, so a link of that name is replaced, not
    followed. Raises OSError (a link in the place of a folder: ELOOP or ENOTDIR).
    """
    *parents, name = path.split("/")
    with contextlib.ExitStack() as opened:
        here = opened.enter_context(_folder(str(folder), None))
        for parent in parents:
            with contextlib.suppress(FileExistsError):
                os.mkdir(parent, 0o755, dir_fd=here)
            here = opened.enter_context(_folder(parent, here))
        beside = f".{name[:100]}.{os.getpid()}.new"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(beside, flags, 0o644, dir_fd=here)
        try:
            with open(descriptor, "wb") as output:
                output.write(content)
            os.replace(beside, name, src_dir_fd=here, dst_dir_fd=here)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(beside, dir_fd=here)
            raise


@contextlib.contextmanager
def _folder(path: str, parent: int | None) -> Iterator[int]:
    follow = 0 if parent is None else os.O_NOFOLLOW
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | follow | os.O_CLOEXEC,
                         dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _private_folder(folder: Path) -> None:
    """Make a folder that is ours alone; one that somebody else put there is refused."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
            folder.chmod(0o700)
            return
    except OSError as failure:
        raise CommandError(f"{folder} can't be made: {failure.strerror}") from failure
    raise CommandError(f"{folder} is a link or belongs to another user; "
                       "set ATOMIC_ARTIFACTS_DIR or use -o DIR")


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise CommandError(f"{folder} can't be made: {failure.strerror}") from failure
