"""`list`: the newest jobs as a table that fits the terminal."""

import os
import sys
import time
from argparse import Namespace
from datetime import datetime, timezone
from typing import Any

from . import bill
from .client import Client
from .errors import SUCCEEDED
from .settings import Settings
from .text import Terminal, as_json, one_line, seconds, width_of

_EVERY_SECONDS = 1.0
_COLOURS = {"succeeded": "green", "failed": "red", "cancelled": "yellow", "running": "cyan"}
_SHORT_ID = 8

Job = dict[str, Any]


def list_jobs(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """The newest jobs as a table, or a page as JSON; with `--watch`, anew until Ctrl-C."""
    filters = {name: str(value) for name, value in (
        ("status", args.status), ("kind", args.kind), ("limit", args.limit),
        ("cursor", args.cursor)) if value is not None}
    out = Terminal(sys.stdout)
    with Client(settings.url, settings.api_key) as client:
        while True:
            page = client.jobs(filters)
            if args.json:
                out.stream.write(as_json(page) + "\n")
            else:
                _show(page, out, args.watch)
                if page.get("next_cursor") and not args.watch:
                    terminal.line(f"more: --cursor {page['next_cursor']}", "dim")
            if not args.watch:
                return SUCCEEDED
            out.stream.flush()
            time.sleep(_EVERY_SECONDS)


def _show(page: Job, out: Terminal, watched: bool) -> None:
    rows = table(page["jobs"], datetime.now(timezone.utc), out.width if out.live else None)
    if watched and out.live:
        rows = rows[:max(2, _height(out) - 1)]
        out.stream.write("\x1b[H\x1b[2J")
    for number, (row, status) in enumerate(rows):
        styles = ("bold",) if number == 0 else tuple(filter(None, (_COLOURS.get(status),)))
        out.line(row, *styles)


def table(jobs: list[Job], now: datetime, width: int | None) -> list[tuple[str, str]]:
    """The lines with each job's status, the header first. `width`: the terminal's, None: any.

    On a narrow one columns go, the least needed first; the prompt takes what is left. Without a
    terminal ids are whole and nothing is cut.
    """
    columns = ["id", "age", "took", "status", "kind", "language", "verdict", "cost", "prompt"]
    whole = width is None
    cells = [dict(zip(columns, _cells(job, now, whole))) for job in jobs]
    limit = width if width is not None else 1 << 20
    for gone in ("kind", "cost", "language", "took", "verdict", "age"):
        if _total(columns, cells) + 16 <= limit:
            break
        columns.remove(gone)
    widths = {name: _column(name, cells) for name in columns}
    lines = []
    for row in ({name: name.upper() for name in columns}, *cells):
        cut = [row[name] + " " * (widths[name] - width_of(row[name])) for name in columns[:-1]]
        line = "  ".join((*cut, row["prompt"]))
        lines.append(line if whole else one_line_of(line, limit))
    return list(zip(lines, ["", *(str(job.get("status")) for job in jobs)]))


def one_line_of(line: str, width: int) -> str:
    """`line` cut to a terminal's width, with its inner spaces kept."""
    if width_of(line) <= width:
        return line.rstrip()
    while width_of(line) > width - 1:
        line = line[:-1]
    return line.rstrip() + "…"


def _total(columns: list[str], cells: list[dict[str, str]]) -> int:
    return sum(_column(name, cells) + 2 for name in columns if name != "prompt")


def _column(name: str, cells: list[dict[str, str]]) -> int:
    return max(len(name), *(width_of(row[name]) for row in cells)) if cells else len(name)


def _cells(job: Job, now: datetime, whole: bool) -> tuple[str, ...]:
    job_id = str(job.get("id"))
    usage = job.get("usage")
    cost = bill.cost(usage.get("cost_usd")) if isinstance(usage, dict) else ""
    return tuple(one_line(each, 1000) for each in (
        job_id if whole else job_id[-_SHORT_ID:], _age(job, now, whole), _took(job, now),
        str(job.get("status")), str(job.get("kind")), str(job.get("language") or ""),
        _verdict(job), "?" if cost == "price unknown" else cost,
        one_line(str(job.get("prompt") or ""), 60 if whole else 400)))


def _age(job: Job, now: datetime, whole: bool) -> str:
    created = _time(job.get("created_at"))
    if created is None:
        return ""
    if whole:
        return created.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    ago = max(0, int((now - created).total_seconds()))
    if ago >= 86_400:
        return created.astimezone().strftime("%b %d %H:%M")
    return f"{ago} s" if ago < 60 else f"{ago // 60} min" if ago < 3600 else f"{ago // 3600} h"


def _took(job: Job, now: datetime) -> str:
    began = _time(job.get("started_at"))
    if began is None:
        return ""
    return seconds(max(0.0, ((_time(job.get("finished_at")) or now) - began).total_seconds()))


def _verdict(job: Job) -> str:
    found = job.get("verification")
    if not isinstance(found, dict):
        return ""
    tests = found.get("tests")
    if isinstance(tests, dict) and isinstance(tests.get("run"), int) and tests["run"]:
        good = tests["run"] - (tests.get("failed") or 0)
        return f"{good}/{tests['run']} tests"
    return str(found.get("status") or "").replace("_", " ")


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _height(out: Terminal) -> int:
    try:
        return os.get_terminal_size(out.stream.fileno()).lines or 24
    except (OSError, ValueError):
        return 24
