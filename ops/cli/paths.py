"""Which paths a job's files may have on this machine. They come from a server and are believed
in nothing.
"""

import re
import unicodedata

from .text import one_line

_MAX_PATH_BYTES = 512
_MAX_DEPTH = 16
_DOS_NAME_OF_GIT = re.compile(r"git~[0-9]+")


def refusal(path: object, taken: set[str]) -> str | None:
    """Why a path is none of a job's, None when it may be. `taken`: case-folded paths before it."""
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
    if any(part.startswith(("-", "@")) for part in parts):
        return "a part begins with - or @, which programs take for options"
    if "\\" in path or one_line(path, size + 1) != path:
        return "a character that isn't allowed"
    if path.casefold() in taken:
        return "there twice"
    return None


def of_git(path: str) -> bool:
    """Whether a path leads through a `.git`: git runs what stands in there."""
    return any(map(_is_gits, path.split("/")))


def hidden(path: str) -> bool:
    """Whether a path is or lies in what a shell, an editor or git takes for settings.

    A file called HEAD counts: with `objects`, `refs` and `config` beside it, its folder is a
    repository to git, which then does what that `config` says.
    """
    parts = path.split("/")
    return parts[-1] == "HEAD" or any(part.startswith(".") for part in parts)


def _is_gits(part: str) -> bool:
    """Whether some file system or other takes this name for `.git`.

    As git's own check: HFS+ doesn't see format characters, NTFS drops dots and spaces at the end
    and what follows a colon, and has a short name for it; both ignore case.
    """
    seen = "".join(each for each in part if unicodedata.category(each) != "Cf")
    name = seen.partition(":")[0].rstrip(". ").casefold()
    return name == ".git" or _DOS_NAME_OF_GIT.fullmatch(name) is not None
