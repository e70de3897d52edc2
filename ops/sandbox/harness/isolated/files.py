"""Files below one folder, carried to and fro: what changed is told with the next frame."""

import stat
# By name: a test may put something else in their modules, and means the program's calls by it.
from builtins import open
from os import (O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY, lstat, makedirs, open as open_descriptor,
                rmdir, scandir, unlink)
from os.path import dirname, isdir, islink, join, realpath
from typing import Any

from .limits import Broken
from .values import exact

_MOST = 2000
_BYTES = 4 * 1024 * 1024


class Files:
    """One end's folder. Links, devices and what leads out of the folder don't cross."""

    def __init__(self, top: str) -> None:
        self._top = realpath(top)
        self._seen = self._scan()

    def _scan(self) -> dict[str, tuple[int, int] | None]:
        found: dict[str, tuple[int, int] | None] = {}
        folders = [""]
        while folders and len(found) < _MOST:
            folder = folders.pop()
            try:
                entries = list(scandir(join(self._top, folder)))
            except OSError:
                continue
            for entry in entries:
                name = join(folder, entry.name)
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if stat.S_ISDIR(status.st_mode):
                    found[name] = None
                    folders.append(name)
                elif stat.S_ISREG(status.st_mode) and status.st_size <= _BYTES:
                    found[name] = (status.st_mtime_ns, status.st_size)
        return found

    def changes(self) -> list[list[Any]]:
        """Notes of what is new, other or gone since the last call."""
        now = self._scan()
        if now == self._seen:
            return []
        notes: list[list[Any]] = []
        for name, state in sorted(now.items()):
            if state is None:
                if name not in self._seen:
                    notes.append(["folder", name])
            elif self._seen.get(name) != state:
                try:
                    with open(join(self._top, name), "rb") as file:
                        notes.append(["file", name, file.read(_BYTES).hex()])
                except OSError:
                    continue
        notes += [["gone", name] for name in self._seen if name not in now]
        self._seen = now
        return notes

    def apply(self, note: list[Any]) -> None:
        """Do here what was done there."""
        tag, name = note[0], exact(note[1], str)
        parts = name.split("/")
        if "" in parts or "." in parts or ".." in parts or "\0" in name or len(name) > 1000:
            raise Broken("no path of a file")
        path = join(self._top, name)
        if realpath(dirname(path)) != dirname(path):
            raise Broken("a path through a link")
        try:
            self._do(tag, path, note)
            if tag == "gone":
                self._seen.pop(name, None)
            else:
                status = lstat(path)
                self._seen[name] = (None if tag == "folder"
                                    else (status.st_mtime_ns, status.st_size))
        except OSError:
            return

    def _do(self, tag: str, path: str, note: list[Any]) -> None:
        if tag == "folder":
            makedirs(path, exist_ok=True)
        elif tag == "gone":
            if isdir(path) and not islink(path):
                rmdir(path)
            else:
                unlink(path)
        else:
            content = bytes.fromhex(exact(note[2], str))
            flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW
            with open(open_descriptor(path, flags, 0o644), "wb") as file:
                file.write(content)
