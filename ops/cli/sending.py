"""The caller's files that go to the api, and so to a model: which, and which stay at home."""

import base64
import os
import stat
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import ignoring, sensitive
from .artifacts import MAX_ALL_BYTES, MAX_FILE_BYTES, MAX_FILES
from .errors import SUCCEEDED, UsageError
from .paths import refusal
from .text import Terminal, clean, one_line

_NAMED_REFUSALS = 10
_LISTED = 20


@dataclass(frozen=True)
class _File:
    """One file. `base`: the folder its path counts from. `named`: on the command line itself."""

    path: Path
    base: Path
    named: bool


@dataclass
class Gathered:
    """Files as the api takes them, one list for each group of arguments.

    `listing`: path and bytes of each. `left_out`: how many stay at home, by why. `warnings`: what
    looks like a secret and goes all the same, since it was named. `sent`: the content of each, by
    its path below `base`.
    """

    groups: list[list[dict[str, Any]]]
    listing: list[tuple[str, int]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    sent: dict[str, bytes] = field(default_factory=dict)
    base: Path = Path()

    def show(self, terminal: Terminal) -> None:
        """What goes out, with its sizes, before it does."""
        for warning in self.warnings:
            terminal.line(warning, "yellow")
        if not self.listing:
            return
        terminal.line(self._headline(), "dim")
        if len(self.listing) > 1:
            for line in self._lines()[:_LISTED]:
                terminal.line(line, "dim")
        if len(self.listing) > _LISTED:
            terminal.line(f"  … and {len(self.listing) - _LISTED} more (--dry-run lists all)",
                          "dim")

    def dry_run(self, terminal: Terminal) -> int:
        """What would go out, on stdout; nothing is sent."""
        for warning in self.warnings:
            terminal.line(warning, "yellow")
        sys.stdout.writelines(line.strip() + "\n" for line in self._lines())
        sys.stdout.flush()
        terminal.line(f"{self._headline() or 'sends no file'}; nothing was sent (--dry-run)")
        return SUCCEEDED

    def _headline(self) -> str:
        if not self.listing:
            return ""
        count = len(self.listing)
        what = one_line(self.listing[0][0]) if count == 1 else f"{count} files"
        stays = ", ".join(f"{number} {why}" for why, number in sorted(self.left_out.items()))
        return (f"sends {what}, {_size(sum(size for _, size in self.listing))}"
                + (f" (left out: {stays})" if stays else ""))

    def _lines(self) -> list[str]:
        return [clean(f"  {_size(size):>9}  {path}") for path, size in self.listing]


def gather(groups: Sequence[Sequence[str]], together: bool = True) -> Gathered:
    """The files that the arguments name; a folder stands for the files in it.

    All paths are relative to the deepest folder that holds every one of them, or, unless
    `together`, every one of their group. Of a folder, what
    is hidden, ignored or a link stays at home. Raises UsageError for what is missing, too large
    or too many, for a link that leaves its folder, and for what looks like a secret in a folder.
    """
    gathered = Gathered([])
    found = [[file for argument in group for file in _expand(argument, gathered)]
             for group in groups]
    everything = [file for group in found for file in group]
    if not everything:
        gathered.groups = [[] for _ in groups]
        return gathered
    taken: set[str] = set()
    refused: list[str] = []
    for group in found:
        base = _base(everything if together else group)
        taken = taken if together else set()
        gathered.base = base
        gathered.groups.append([_entry(file, base, taken, gathered, refused) for file in group])
        if sum(size for _, size in gathered.listing) > MAX_ALL_BYTES:
            raise UsageError(f"the files hold more than {MAX_ALL_BYTES >> 20} MiB")
    if refused:
        more = len(refused) - _NAMED_REFUSALS
        raise UsageError("what looks like a secret isn't sent with its folder: "
                         + "; ".join(refused[:_NAMED_REFUSALS])
                         + (f"; and {more} more" if more > 0 else "")
                         + ". Leave it out with a line in .atomicignore, or name the file itself "
                           "to send it")
    return gathered


def _base(files: list[_File]) -> Path:
    return Path(os.path.commonpath(sorted({str(file.base) for file in files} or ["/"])))


def _expand(argument: str, gathered: Gathered) -> list[_File]:
    full = Path(os.path.abspath(argument))
    if full.is_symlink():
        target = Path(os.path.realpath(full))
        if not target.is_relative_to(os.path.realpath(full.parent)):
            raise UsageError(f"{one_line(argument)} is a link that leaves its folder, to "
                             f"{one_line(str(target))}; name that itself to send it")
    if full.is_dir():
        return _in_folder(argument, full, gathered)
    if not full.is_file():
        raise UsageError(f"{one_line(argument)}: no such file")
    return [_File(full, full.parent, named=True)]


def _in_folder(argument: str, folder: Path, gathered: Gathered) -> list[_File]:
    files: list[_File] = []
    for path, why in ignoring.entries(folder):
        full = folder / path
        if why == ignoring.LINK:
            target = Path(os.path.realpath(full))
            if not target.is_relative_to(os.path.realpath(folder)):
                raise UsageError(f"{one_line(str(Path(argument, path)))} is a link that leaves the "
                                 f"folder, to {one_line(str(target))}; leave it out with a line in "
                                 ".atomicignore")
        if why is not None:
            gathered.left_out[why] += 1
            continue
        files.append(_File(full, folder, named=False))
        if len(files) > MAX_FILES:
            raise UsageError(f"{one_line(argument)} has more than {MAX_FILES} files; leave some "
                             "out with .atomicignore, or name fewer")
    if not files:
        stays = ", ".join(f"{number} {why}" for why, number in sorted(gathered.left_out.items()))
        raise UsageError(f"{one_line(argument)} has no files"
                         + (f" to send (left out: {stays})" if stays else ""))
    return sorted(files, key=lambda each: each.path)


def _entry(file: _File, base: Path, taken: set[str], gathered: Gathered, refused: list[str]
           ) -> dict[str, Any]:
    name = file.path.relative_to(base).as_posix()
    why = refusal(name, taken)
    if why is not None:
        raise UsageError(f"{one_line(name)}: {why}")
    taken.add(name.casefold())
    if len(taken) > MAX_FILES:
        raise UsageError(f"more than {MAX_FILES} files")
    content = _content(file)
    secret = sensitive.name(name) or sensitive.content(content)
    if secret is not None and file.named:
        gathered.warnings.append(f"{name} is sent because it was named, although {secret}")
    elif secret is not None:
        refused.append(f"{name} ({secret})")
    gathered.listing.append((name, len(content)))
    gathered.sent[name] = content
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        # No text to the api, which takes no U+0000 either.
        return {"path": name, "content": base64.b64encode(content).decode(), "encoding": "base64"}
    return {"path": name, "content": text}


def _content(file: _File) -> bytes:
    # One that was found in a folder was no link then; should it be one by now, it isn't followed.
    follow = 0 if file.named else os.O_NOFOLLOW
    try:
        with open(os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | follow),
                  "rb") as source:
            if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
                raise UsageError(f"{file.path} is no regular file")
            content = source.read(MAX_FILE_BYTES + 1)
    except OSError as failure:
        raise UsageError(f"{file.path}: {failure.strerror}") from failure
    if len(content) > MAX_FILE_BYTES:
        raise UsageError(f"{file.path} is larger than {MAX_FILE_BYTES >> 10} KiB")
    return content


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.1f} KiB" if count < 1 << 20 else f"{count / (1 << 20):.1f} MiB"
