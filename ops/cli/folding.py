"""Long output on a terminal: its beginning as it comes, of the rest the last lines at the end."""

import difflib
import re
from collections import deque

from . import changes
from .text import Terminal

_FIRST_LINES = 30
_LAST_LINES = 15
_DIFF_LINES = 60
# Comparing takes time with the product of both lengths.
_COMPARED_LINES = 2_000
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


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
    """What a repair changed in a model's answer; nothing where that would take too long.

    Block by block: what the repair doesn't give stays as it was.
    """
    old, new = _blocks(before), _blocks(after)
    if not old or not new:
        old, new = {"": before.splitlines()}, {"": after.splitlines()}
    if max(sum(map(len, each.values())) for each in (old, new)) > _COMPARED_LINES:
        return
    lines = []
    for info, block in new.items():
        changed = list(difflib.unified_diff(old.get(info, []), block, lineterm="", n=1))[2:]
        if changed and info:
            lines.append(f"+++ {info.split()[-1]}")
        lines += changed
    if not lines:
        return
    terminal.line("what the repair changed:", "bold")
    for line in lines[:_DIFF_LINES]:
        terminal.line(f"  {line}", *changes.style(line))
    if len(lines) > _DIFF_LINES:
        terminal.line(f"  … {len(lines) - _DIFF_LINES} more lines", "dim")


def _blocks(answer: str) -> dict[str, list[str]]:
    """The lines of each fenced block, by what stands behind its fence; the last of each holds."""
    blocks: dict[str, list[str]] = {}
    fence, info = "", ""
    lines: list[str] = []
    for line in answer.splitlines():
        match = _FENCE.match(line)
        if not fence:
            if match:
                fence, info, lines = match.group(1), match.group(2).strip(), []
        elif match and match.group(1).startswith(fence) and not match.group(2).strip():
            blocks[info] = lines
            fence = ""
        else:
            lines.append(line)
    return blocks
