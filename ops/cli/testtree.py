"""How tests ended, file by file, as a tree of ticks."""

from .text import Terminal, one_line

_MARKS = {"passed": "✔", "skipped": "–"}
_WORDS = {"skipped": "skipped", "left_out": "left out"}
_NAME_WIDTH = 70
# Of more, those that passed are only counted.
_EACH = 25


def show(results: object, terminal: Terminal) -> None:
    """The tree; nothing where `results`, as a verdict has them, aren't there."""
    if not isinstance(results, list):
        return
    files: dict[str, list[tuple[str, str]]] = {}
    for each in results:
        if isinstance(each, dict):
            path, name = _split(str(each.get("name") or ""))
            files.setdefault(path, []).append((name, str(each.get("status"))))
    each_one = len(results) <= _EACH
    for path, tests in files.items():
        if path:
            terminal.line(f"  {one_line(path, _NAME_WIDTH)}")
        indent = "    " if path else "  "
        passed = sum(status == "passed" for _, status in tests)
        if passed and not each_one:
            terminal.line(f"{indent}✔ {passed} passed", "green")
        for name, status in tests:
            if each_one or status != "passed":
                _line(indent, name, status, terminal)


def _split(name: str) -> tuple[str, str]:
    """The file, and the test within it; pytest's names have both."""
    path, _, test = name.partition("::")
    return (path, test.replace("::", " › ")) if test else ("", name)


def _line(indent: str, name: str, status: str, terminal: Terminal) -> None:
    mark = _MARKS.get(status, "✘")
    words = f" ({_WORDS[status]})" if status in _WORDS else ""
    style = {"passed": "green", "skipped": "dim"}.get(status, "red")
    terminal.line(f"{indent}{mark} {one_line(name, _NAME_WIDTH)}{words}", style)
