"""Cases as they end, in lines that a person reads at a glance."""

from typing import Any

from .text import Terminal, one_line

_NAME_WIDTH = 40
_DIFF_LINES = 12
_WORDS = {"timed_out": "took too long", "out_of_memory": "ran out of memory",
          "output_limit": "printed too much", "skipped": "not run", "failed": "differs"}

Event = dict[str, Any]


def show(event: Event, terminal: Terminal) -> None:
    """One case: a mark, its name, how long it took, and what differs."""
    status = str(event.get("status"))
    good = status == "passed"
    mark = {"passed": "✔", "skipped": "–"}.get(status, "✘")
    name = one_line(str(event.get("name") or ""), _NAME_WIDTH)
    took = event.get("duration_ms")
    time = f"{took} ms" if isinstance(took, int) and status != "skipped" else ""
    why = "" if good else _why(status, event)
    line = f"  {mark} {name:<{_NAME_WIDTH}} {time:>9}  {why}".rstrip()
    terminal.line(line, *(() if good else ("dim",) if status == "skipped" else ("red",)))
    diff = event.get("diff")
    if isinstance(diff, str) and diff:
        _show_diff(diff, terminal)


def _why(status: str, event: Event) -> str:
    words = _WORDS.get(status, one_line(status))
    if status == "failed" and event.get("signal"):
        return f"ended by {one_line(str(event['signal']))}"
    return words


def _show_diff(diff: str, terminal: Terminal) -> None:
    lines = diff.splitlines()
    for line in lines[:_DIFF_LINES]:
        colour = {"-": "green", "+": "red"}.get(line[:1])
        terminal.line(f"      {one_line(line, 160)}", *((colour,) if colour else ("dim",)))
    if len(lines) > _DIFF_LINES:
        terminal.line(f"      … {len(lines) - _DIFF_LINES} more lines", "dim")
