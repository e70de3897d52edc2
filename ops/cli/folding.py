"""Long output on a terminal: its beginning as it comes, of the rest the last lines at the end."""

import difflib
from collections import deque

from . import changes
from .text import Terminal

_FIRST_LINES = 30
_LAST_LINES = 15
_DIFF_LINES = 60
# Comparing takes time with the product of both lengths.
_COMPARED_LINES = 2_000


class Folded:
    """One stream of text. What `feed` returns is to be shown now."""

    def __init__(self) -> None:
        self._shown = 0
        self._rest = ""
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        self._held = 0

    def feed(self, text: str) -> str:
        """The part of `text` that belongs to the beginning; the rest is held."""
        now = []
        for piece in text.splitlines(keepends=True):
            if self._shown < _FIRST_LINES:
                now.append(piece)
                self._shown += piece.endswith("\n")
                continue
            self._rest += piece
            if piece.endswith("\n"):
                self._last.append(self._rest)
                self._held += 1
                self._rest = ""
        return "".join(now)

    def end(self) -> tuple[int, str]:
        """How many lines aren't shown at all, and the last lines."""
        return self._held - len(self._last), "".join(self._last) + self._rest


def show_repair(before: str, after: str, terminal: Terminal) -> None:
    """What a repair changed in a model's answer; nothing where that would take too long."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > _COMPARED_LINES or old == new:
        return
    lines = list(difflib.unified_diff(old, new, lineterm="", n=1))[2:]
    terminal.line("what the repair changed:", "bold")
    for line in lines[:_DIFF_LINES]:
        terminal.line(f"  {line}", *changes.style(line))
    if len(lines) > _DIFF_LINES:
        terminal.line(f"  … {len(lines) - _DIFF_LINES} more lines", "dim")
