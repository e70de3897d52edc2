"""What was measured, on which machine: a table for people, JSON for programs."""

import json
import math
import os
import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Figures = dict[str, float]


@dataclass
class Result:
    """One benchmark: its runs, each with the same figures by name, and what must be known."""

    name: str
    database: str
    runs: list[Figures] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def rows(self) -> list[tuple[str, float, float, float]]:
        """Name, least, median, most of each figure."""
        names = dict.fromkeys(name for run in self.runs for name in run)
        found = []
        for name in names:
            values = [run[name] for run in self.runs if name in run]
            found.append((name, min(values), statistics.median(values), max(values)))
        return found

    def as_json(self) -> dict[str, Any]:
        """For the file."""
        return {"benchmark": self.name, "database": self.database, "runs": self.runs,
                "median": {name: median for name, _, median, _ in self.rows()},
                "notes": self.notes, "violations": self.violations}


def cpu_a_job(before: Figures, after: Figures, jobs: int) -> Figures:
    """CPU milliseconds a job cost, by kind of process."""
    return {f"CPU ms a job: {kind}": (after[kind] - before.get(kind, 0.0)) / jobs
            for kind in after}


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: a value that was really seen."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def machine() -> dict[str, Any]:
    """What the figures are of."""
    model, memory = "unknown", 0
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
        model = found.group(1).strip() if found else model
        total = re.search(r"^MemTotal:\s*(\d+) kB", Path("/proc/meminfo").read_text(), re.M)
        memory = int(total.group(1)) // 1024 if total else 0
    except OSError:
        pass
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "memory_mb": memory,
            "load_before": round(os.getloadavg()[0], 2),
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def table(on: dict[str, Any], results: Sequence[Result]) -> str:
    """The results as a table."""
    lines = [f"{on['cores']} cores ({on['cpu']}), {on['memory_mb'] / 1024:.0f} GB; load before: "
             f"{on['load_before']}"]
    for result in results:
        lines += ["", *lines_of(result)]
    return "\n".join(lines)


def lines_of(result: Result) -> list[str]:
    """One benchmark's part of the table."""
    runs = len(result.runs)
    lines = [f"{result.name} on {result.database}, {runs} run{'s' if runs != 1 else ''}"]
    if runs:
        lines.append(f"  {'':34}{'min':>12}{'median':>12}{'max':>12}")
    lines += [f"  {name:34}{_number(least):>12}{_number(median):>12}{_number(most):>12}"
              for name, least, median, most in result.rows()]
    lines += [f"  {note}" for note in result.notes]
    lines += [f"  VIOLATION: {each}" for each in result.violations]
    return lines


@dataclass(frozen=True)
class CpuSeconds:
    """CPU time so far: of the whole machine, of it idle, of this process and all it started."""

    machine: float
    idle: float
    ours: float


def cpu_seconds() -> CpuSeconds:
    """Right now. What we started counts once it has ended."""
    ticks = os.sysconf("SC_CLK_TCK")
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    times = [int(field) / ticks for field in fields]
    spent = os.times()
    return CpuSeconds(sum(times), times[3] + times[4],
                      spent.user + spent.system + spent.children_user + spent.children_system)


def others_said(before: CpuSeconds, after: CpuSeconds) -> str:
    """How much of the machine went to others: beside a build no figure is worth much."""
    machine = max(after.machine - before.machine, 0.01)
    others = machine - (after.idle - before.idle) - (after.ours - before.ours)
    return f"other processes used {max(0.0, 100 * others / machine):.0f} % of the machine meanwhile"


def _number(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.2f}"


def write(path: Path, on: dict[str, Any], results: Sequence[Result]) -> None:
    """The JSON file."""
    content = {"machine": on, "results": [result.as_json() for result in results]}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
