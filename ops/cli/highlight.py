"""Colours for the code in a streamed answer: what is between its fences, token by token."""

import re
from collections.abc import Iterator

Piece = tuple[str, tuple[str, ...]]

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^\n]*)\n")
# What may still become a fence when more has come.
_FENCE_BEGUN = re.compile(r" {0,3}(`{0,2}|~{0,2}|`{3,}[^\n]*|~{3,}[^\n]*)$")
_NAMES = {"py": "python", "python3": "python", "js": "javascript", "node": "javascript",
          "mjs": "javascript", "c++": "cpp", "cc": "cpp", "sh": "bash", "shell": "bash"}
_HASH = {"python", "bash"}
_WORDS = {
    "python": "and as assert async await break class continue def del elif else except finally "
              "for from global if import in is lambda match nonlocal not or pass raise return try "
              "while with yield None True False",
    "javascript": "async await break case catch class const continue default delete do else "
                  "export extends finally for from function if import in instanceof let new of "
                  "return static super switch this throw try typeof var void while yield null "
                  "true false undefined",
    "c": "break case char const continue default do double else enum extern float for goto if int "
         "long return short signed sizeof static struct switch typedef union unsigned void while",
    "bash": "case do done elif else esac export fi for function if in local return then until "
            "while"}
_WORDS["cpp"] = _WORDS["c"] + (
    " auto bool catch class constexpr delete false friend inline namespace new nullptr operator "
    "private protected public template this throw true try typename using virtual")
_KEYWORDS = {name: frozenset(words.split()) for name, words in _WORDS.items()}
# Texts that may go over several lines, and their ends.
_LONG = {'"""': '"""', "'''": "'''", "/*": "*/", "`": "`"}


def _token(long: str, comment: str) -> "re.Pattern[str]":
    return re.compile(
        rf"(?P<long>{long})|(?P<comment>{comment}[^\n]*)|"
        r"""(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|"""
        r"(?P<word>[A-Za-z_$][\w$]*)|(?P<number>\d[\w.]*)|(?P<other>[ \t]+|\s|.)")


_WITH_HASH = _token('"""|\'\'\'', "#")
_WITH_SLASHES = _token(r"/\*|`", "//")
_STYLES: dict[str, tuple[str, ...]] = {
    "comment": ("dim",), "long": ("green",), "string": ("green",), "number": ("cyan",)}
_MAX_HELD = 4_096


class Highlighter:
    """One answer. A token is given once it is whole; at most 4,096 characters are held for that.

    Not thread-safe.
    """

    def __init__(self) -> None:
        self._held = ""
        self._at = 0
        self._fence = ""
        self._language = ""
        self._until = ""
        self._at_start = True

    def feed(self, delta: str) -> list[Piece]:
        """What can be shown now, with its styles."""
        self._held += delta
        pieces = []
        for text, styles in self._next():
            self._at += len(text)
            self._at_start = text.endswith("\n")
            pieces.append((text, styles))
        self._held, self._at = self._held[self._at:], 0
        if len(self._held) > _MAX_HELD:
            pieces.extend(self.end())
        return pieces

    def end(self) -> list[Piece]:
        """What was held."""
        rest, self._held = self._held, ""
        return [(rest, ())] if rest else []

    def _next(self) -> Iterator[Piece]:
        while self._at < len(self._held):
            found = self._of_a_line() if self._at_start else None
            if found is None:
                found = self._in_code() if self._fence else self._prose()
            if found is None or not found[0]:
                return
            yield found

    def _of_a_line(self) -> Piece | None:
        """A whole fence; nothing yet where it may become one; None where it is none."""
        if _FENCE_BEGUN.match(self._held, self._at):
            return "", ()
        match = _FENCE.match(self._held, self._at)
        if match is None:
            return None
        mark, info = match.group(1), match.group(2).strip()
        if not self._fence:
            name = re.split(r"[\s:{]", info.lower(), maxsplit=1)[0]
            self._fence, self._language, self._until = mark, _NAMES.get(name, name), ""
        elif mark.startswith(self._fence) and not info:
            self._fence = ""
        else:
            return None
        return match.group(), ("dim",)

    def _prose(self) -> Piece:
        end = self._held.find("\n", self._at) + 1
        return self._held[self._at:end or None], ()

    def _in_code(self) -> Piece | None:
        if self._until:
            return self._long()
        token = _WITH_HASH if self._language in _HASH else _WITH_SLASHES
        match = token.match(self._held, self._at)
        assert match is not None
        text, kind = match.group(), str(match.lastgroup)
        if kind == "long":
            self._until = _LONG[text]
        elif (text in "\"'" and self._held.find("\n", self._at) < 0
              or match.end() == len(self._held) and not text.isspace()):
            # More of it may come.
            return None
        if kind == "word":
            return text, ("magenta",) if text in _KEYWORDS.get(self._language, ()) else ()
        return text, _STYLES.get(kind, ())

    def _long(self) -> Piece | None:
        line = self._held.find("\n", self._at) + 1
        end = self._held.find(self._until, self._at, line or len(self._held))
        if end >= 0:
            text, self._until = self._held[self._at:end + len(self._until)], ""
            return text, _STYLES["long"]
        # By lines, and never a part of its end.
        return (self._held[self._at:line], _STYLES["long"]) if line else None
