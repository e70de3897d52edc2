"""A job's files on this machine's disk: fetched, checked, and only then written, all or none."""

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import paths, placing
from .client import Client
from .errors import CommandError
from .text import one_line

MAX_FILES = 200
MAX_FILE_BYTES = 1024 * 1024
MAX_ALL_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Change:
    """What one file was, empty if it wasn't there, and what it is to be."""

    path: str
    before: bytes
    after: bytes


@dataclass(frozen=True)
class Wish:
    """Where a caller wants the files, and what they allow.

    `folder` None: the default one. `force`: what is there and isn't ours may be replaced.
    `dotfiles`: names that begin with a dot may be written, too. `docs`: so may the job's
    documentation and specification, as README.md and SPEC.md. `known`: what may be replaced if it
    is as it is here. `agree`: asked, if there is any, before anything is written.
    """

    folder: Path | None = None
    force: bool = False
    dotfiles: bool = False
    docs: bool = True
    known: Mapping[str, bytes] = field(default_factory=dict)
    agree: Callable[[Sequence[Change]], bool] | None = None


@dataclass
class Saved:
    """What was written where, and what wasn't.

    `documents`: README.md and SPEC.md; `kept`: those of the user's in their place. `refused` and
    why; `left_out` for want of `--dotfiles`; `in_the_way`: what is there and isn't ours, for which
    nothing at all was written.
    """

    folder: Path
    paths: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    in_the_way: list[str] = field(default_factory=list)
    declined: bool = False

    @property
    def whole(self) -> bool:
        """Whether all that was wanted is there."""
        return not (self.refused or self.in_the_way or self.declined)


def save(client: Client, job: dict[str, Any], wish: Wish, default: Path, home: Path) -> Saved:
    """Fetch a job's files into the folder wished for, or into `default`/<job id>, made 0700.

    What was written where is noted in `home`, so that a later call knows what is ours. Raises
    CommandError when the folder can't be used.
    """
    saved = Saved(_target(job, wish.folder, default))
    contents = _fetched(client, job, wish.dotfiles, saved)
    note = Note(home, saved.folder)
    places = {path: _looked(saved, path) for path in contents}
    for path, content in contents.items():
        found = places[path]
        ours = found.sha256 and found.sha256 in (
            _sha256(content), note.written.get(path), _sha256_of(wish.known.get(path)))
        if found.what == "nothing" or ours or (wish.force and not found.blocked):
            continue
        what = "" if found.what == "file" else f" ({found.what})"
        saved.in_the_way.append(one_line(path) + what)
    if saved.in_the_way:
        return saved
    if wish.agree is not None and not wish.agree(_changes(contents, places, wish)):
        saved.declined = True
        return saved
    if wish.agree is not None:
        # Somebody took their time to answer: what was edited meanwhile stays.
        saved.in_the_way += [one_line(path) for path in contents
                             if _looked(saved, path) != places[path]]
        if saved.in_the_way:
            return saved
    _made(saved.folder)
    for path, content in contents.items():
        try:
            _write(saved.folder, path, content, places[path], note)
        except OSError as failure:
            saved.refused.append(f"{one_line(path)}: can't be written: {failure.strerror}")
        else:
            saved.paths.append(path)
    if wish.docs:
        _write_documents(job, saved, note)
    note.keep()
    return saved


def _write(folder: Path, path: str, content: bytes, found: placing.Found, note: "Note") -> None:
    if found.sha256 != _sha256(content):
        placing.write(folder, path, content, found == placing.NOTHING)
        note.written[path] = _sha256(content)


_DOCUMENTS = (("docs", "README.md"), ("spec", "SPEC.md"))


def _write_documents(job: dict[str, Any], saved: Saved, note: "Note") -> None:
    """The job's documentation and specification, where nothing but ours has their places."""
    taken = {path.casefold() for path in saved.paths + saved.left_out}
    for name, path in _DOCUMENTS:
        text = job.get(name)
        if not isinstance(text, str) or not text.strip() or path.casefold() in taken:
            continue
        content = text.encode("utf-8", "replace")
        found = _looked(saved, path)
        if found != placing.NOTHING and found.sha256 not in (_sha256(content),
                                                             note.written.get(path) or "-"):
            saved.kept.append(path)
            continue
        try:
            _made(saved.folder)
            _write(saved.folder, path, content, found, note)
        except OSError as failure:
            saved.refused.append(f"{path}: can't be written: {failure.strerror}")
        else:
            saved.documents.append(path)


def _fetched(client: Client, job: dict[str, Any], dotfiles: bool, saved: Saved
             ) -> dict[str, bytes]:
    """The contents by path of what may be written; the rest is named in `saved`."""
    job_id = str(job.get("id"))
    entries = job.get("files")
    contents: dict[str, bytes] = {}
    taken: set[str] = set()
    total = 0
    for entry in entries if isinstance(entries, list) else []:
        path = entry.get("path") if isinstance(entry, dict) else None
        why = (paths.refusal(path, taken) if len(taken) < MAX_FILES
               else f"more than {MAX_FILES} files")
        if why is None:
            assert isinstance(path, str)
            taken.add(path.casefold())
            if paths.of_git(path):
                saved.refused.append(f"{path}: git may run what such a file says")
                continue
            if paths.hidden(path) and not dotfiles:
                saved.left_out.append(path)
                continue
            content = client.file(job_id, path)
            total += len(content)
            why = _unlike(content, total, entry)
            if why is None:
                contents[path] = content
        if why is not None:
            saved.refused.append(f"{one_line(str(path))}: {why}")
    return contents


def _unlike(content: bytes, total: int, entry: dict[str, Any]) -> str | None:
    """Why a content isn't what the resource promised, None when it is."""
    if len(content) > MAX_FILE_BYTES or total > MAX_ALL_BYTES:
        return "too large"
    wanted = entry.get("sha256")
    if isinstance(wanted, str) and wanted != _sha256(content):
        return "doesn't match its checksum"
    return None


def _looked(saved: Saved, path: str) -> placing.Found:
    try:
        return placing.look(saved.folder, path)
    except OSError as failure:
        raise CommandError(f"{one_line(path)} in {saved.folder} can't be read: "
                           f"{failure.strerror}") from failure


def _changes(contents: Mapping[str, bytes], places: Mapping[str, placing.Found], wish: Wish
             ) -> list[Change]:
    found = []
    for path, content in contents.items():
        if places[path].sha256 != _sha256(content):
            before = wish.known.get(path, b"") if places[path].what == "file" else b""
            found.append(Change(path, before, content))
    return found


def _sha256_of(content: bytes | None) -> str | None:
    return None if content is None else _sha256(content)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Note:
    """What these commands wrote into one folder: each path's SHA-256.

    It lies in our own state folder, not in that one, where anybody's could be. Without it nothing
    is known to be ours, and so nothing is replaced.
    """

    def __init__(self, home: Path, folder: Path) -> None:
        real = os.fsencode(os.path.realpath(folder))
        self._file = home / "written" / f"{_sha256(real)}.json"
        self.written: dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError):
            known = json.loads(self._file.read_text(encoding="utf-8"))
            if isinstance(known, dict):
                self.written = known

    def keep(self) -> None:
        """Write it down; where that can't be done, the next call asks for `--force`."""
        if not self.written:
            return
        with contextlib.suppress(OSError):
            self._file.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file.parent.mkdir(mode=0o700, exist_ok=True)
            beside = self._file.with_name(f"{self._file.name}.{os.getpid()}.new")
            beside.write_text(json.dumps(self.written), encoding="utf-8")
            beside.replace(self._file)


def _target(job: dict[str, Any], chosen: Path | None, default: Path) -> Path:
    if chosen is not None:
        return chosen.absolute()
    job_id = str(job.get("id"))
    if paths.refusal(job_id, set()) or "/" in job_id:
        raise CommandError(f"the job's id {one_line(job_id)!r} can't be the name of a folder")
    _private_folder(default)
    _private_folder(default / job_id)
    return default / job_id


def _private_folder(folder: Path) -> None:
    """Make a folder that is ours alone; one that somebody else put there is refused."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
            folder.chmod(0o700)
            return
    except OSError as failure:
        raise CommandError(f"{folder} can't be created: {failure.strerror}") from failure
    raise CommandError(f"{folder} is a link or belongs to another user; "
                       "set ATOMIC_ARTIFACTS_DIR or use -o DIR")


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise CommandError(f"{folder} can't be created: {failure.strerror}") from failure
