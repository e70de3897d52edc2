"""Which files of a folder stay at home: hidden ones, and what git and `.atomicignore` leave out."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HIDDEN, IGNORED_BY_GIT, IGNORED_BY_US, LINK = "hidden", "git-ignored", ".atomicignore", "a link"

_GIT_SECONDS = 20.0
_MOST_RULES_BYTES = 256 * 1024
# What no reader wants and many projects without git have.
_NEVER = frozenset(("node_modules", "__pycache__", "venv", "site-packages", "bower_components"))
_OUR_FILE, _GIT_FILE = ".atomicignore", ".gitignore"


def entries(folder: Path) -> Iterator[tuple[str, str | None]]:
    """What lies in `folder`: relative paths, each with why it stays at home, None if it doesn't.

    In a git repository git says what it ignores. Elsewhere, and where git ignores the folder
    itself, the `.gitignore` files are read here. A folder that stays is named once, with a `/`.
    Links are named, never followed.
    """
    listed = _listed_by_git(folder)
    ours = _Ignored(_OUR_FILE, _top(folder))
    gits = None if listed is not None else _Ignored(_GIT_FILE, folder)
    for parent, folders, names in os.walk(folder):
        folders.sort()
        entered = []
        for name in sorted((*folders, *names)):
            full = Path(parent, name)
            path = full.relative_to(folder).as_posix()
            is_link, is_folder = full.is_symlink(), name in folders
            if is_folder and not is_link:
                path += "/"
            why = _why(name, path, full, listed, ours, gits)
            if is_link:
                yield path, why or LINK
            elif why is not None:
                yield path, why
            elif is_folder:
                entered.append(name)
            elif full.is_file():
                yield path, None
        folders[:] = entered


def _why(name: str, path: str, full: Path, listed: "_Listed | None", ours: "_Ignored",
         gits: "_Ignored | None") -> str | None:
    if name.startswith("."):
        return HIDDEN
    if ours.ignores(full, path.endswith("/")):
        return IGNORED_BY_US
    if listed is not None:
        return None if path in listed.files or path in listed.folders else IGNORED_BY_GIT
    if name in _NEVER or (gits is not None and gits.ignores(full, path.endswith("/"))):
        return IGNORED_BY_GIT
    return None


@dataclass(frozen=True)
class _Listed:
    """What git knows or would add: files, and the folders on the way to them (with a `/`)."""

    files: frozenset[str]
    folders: frozenset[str]


def _git(folder: Path, *args: str) -> "subprocess.CompletedProcess[bytes] | None":
    """One question to git about a folder; None where there is no git, or it takes too long."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        # A repository may name a program to ask about changes; we have no need of it.
        return subprocess.run(["git", "-c", "core.fsmonitor=false", "-C", str(folder), *args],
                              stdin=subprocess.DEVNULL, capture_output=True, env=env,
                              timeout=_GIT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None


def _listed_by_git(folder: Path) -> _Listed | None:
    """What git doesn't ignore; None outside a repository and in a folder that git ignores."""
    ignored = _git(folder, "check-ignore", "-q", ".")
    if ignored is None or ignored.returncode != 1:
        return None
    found = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if found is None or found.returncode != 0:
        return None
    paths = [os.fsdecode(path) for path in found.stdout.split(b"\0") if path]
    folders = {path[:at + 1] for path in paths for at, each in enumerate(path) if each == "/"}
    return _Listed(frozenset(path for path in paths if not path.endswith("/")), frozenset(folders))


def _top(folder: Path) -> Path:
    """From where on `.atomicignore` counts: the repository, else the current folder if it holds
    this one.
    """
    found = _git(folder, "rev-parse", "--show-toplevel")
    if found is not None and found.returncode == 0:
        return Path(os.fsdecode(found.stdout.rstrip(b"\n")))
    here = Path.cwd()
    return here if folder.is_relative_to(here) else folder


class _Ignored:
    """The rules of one kind of file (gitignore(5)) in a folder and in all folders below it."""

    def __init__(self, name: str, top: Path) -> None:
        self._name = name
        self._top = top
        self._rules: dict[Path, list[_Rule]] = {}

    def ignores(self, full: Path, is_folder: bool) -> bool:
        """Whether a path is ignored, itself or with a folder on the way to it."""
        try:
            parts = full.relative_to(self._top).parts
        except ValueError:
            return False
        return any(self._matches(parts[:depth], is_folder or depth < len(parts))
                   for depth in range(1, len(parts) + 1))

    def _matches(self, parts: tuple[str, ...], is_folder: bool) -> bool:
        ignored = False
        for depth in range(len(parts)):
            below = "/".join(parts[depth:])
            for rule in self._rules_in(self._top.joinpath(*parts[:depth])):
                if (is_folder or not rule.only_folders) and rule.pattern.fullmatch(below):
                    ignored = rule.ignores
        return ignored

    def _rules_in(self, folder: Path) -> "list[_Rule]":
        if folder not in self._rules:
            try:
                with open(folder / self._name, encoding="utf-8", errors="replace") as source:
                    lines = source.read(_MOST_RULES_BYTES).splitlines()
            except OSError:
                lines = []
            self._rules[folder] = [rule for rule in map(_rule, lines) if rule is not None]
        return self._rules[folder]


@dataclass(frozen=True)
class _Rule:
    """One line: what it matches below the folder of its file. The last that matches decides."""

    pattern: re.Pattern[str]
    ignores: bool
    only_folders: bool


def _rule(line: str) -> _Rule | None:
    line = line.rstrip()
    if not line or line.startswith("#"):
        return None
    ignores = not line.startswith("!")
    text = line.removeprefix("!").removeprefix("\\")
    only_folders = text.endswith("/")
    text = text.rstrip("/")
    anchored = "/" in text
    return _Rule(re.compile(("" if anchored else "(?:.*/)?") + _regex(text.lstrip("/"))),
                 ignores, only_folders) if text else None


# Runs of stars are one: a pattern of many would take for ever to fail.
_TOKENS = re.compile(r"\*\*/|\*+|\?|\[!?\]?[^]/]*\]|\\.|.", re.DOTALL)


def _regex(glob: str) -> str:
    parts = []
    for token in _TOKENS.findall(glob):
        if token == "**/":
            parts.append("(?:.*/)?")
        elif token.startswith("**"):
            parts.append(".*")
        elif token == "*":
            parts.append("[^/]*")
        elif token == "?":
            parts.append("[^/]")
        elif len(token) > 2 and token[0] == "[":
            negated = "^/" if token[1] == "!" else ""
            inside = token[2 if negated else 1:-1].replace("\\", r"\\").replace("[", r"\[")
            inside = inside.replace("^", r"\^").replace("]", r"\]")
            parts.append(f"[{negated}{inside}]")
        else:
            parts.append(re.escape(token.removeprefix("\\") or token))
    return "".join(parts)
