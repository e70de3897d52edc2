"""`throughput`: no-op jobs through the whole path, from the request to the log."""

import asyncio
from collections import Counter

from . import jobs
from .load import submit_all
from .plan import Bench
from .report import Figures, Result, cpu_a_job
from .stand import Stand, standing
from .submit import CLIENTS

WORKERS = (1, 2, 4)
_WARM_JOBS = 3000
_JOBS = 4000
_SLOTS = 10
_DRAIN_SECONDS = 120.0
_SETTINGS = {"ATOMIC_MAX_QUEUE_SIZE": "1000000", "ATOMIC_MAX_CONCURRENT": str(_SLOTS)}


async def throughput(bench: Bench) -> Result:
    """Submitted and worked off at the same time, by 1, 2 and 4 workers."""
    result = bench.result("throughput")
    for workers in bench.workers or WORKERS:
        with standing(bench.settings, bench.terminal, bench.database, _SETTINGS) as stand:
            await stand.up("api", *(f"worker-{n}" for n in range(1, workers + 1)))
            await _whole_path(stand, _WARM_JOBS, workers)
            for run in range(bench.runs):
                figures, violations = await _whole_path(stand, _JOBS, workers)
                if run >= len(result.runs):
                    result.runs.append({})
                result.runs[run] |= {f"{workers} workers: {name}": value
                                     for name, value in figures.items()}
                result.violations += violations
    bench.said(result, f"{_JOBS} jobs from {CLIENTS} clients, on the same cores")
    return result


async def _whole_path(stand: Stand, count: int, workers: int) -> tuple[Figures, list[str]]:
    before = stand.cpu_ms()
    load = await submit_all(stand.api.port, CLIENTS, count, _DRAIN_SECONDS)
    await asyncio.gather(*(jobs.finished(stand.api, job, _DRAIN_SECONDS)
                           for job in load.ids[-100:]))
    after = stand.cpu_ms()
    logs = await jobs.logs(stand.api, load.ids)
    began = min(jobs.at(log[0]) for log in logs.values())
    ended = max(jobs.at(log[-1]) for log in logs.values())
    share = Counter(_worker(log) for log in logs.values())
    least = min(share.values()) if len(share) == workers else 0
    figures = {"jobs a second": len(logs) / (ended - began),
               "least share of a worker %": 100 * least / len(logs),
               "most at once on a worker": _most_at_once(list(logs.values())),
               **cpu_a_job(before, after, len(logs))}
    violations = load.errors[:5]
    if figures["most at once on a worker"] > _SLOTS:
        violations.append(f"a worker ran more than its {_SLOTS} jobs at once")
    return figures, violations


def _worker(log: list[jobs.Event]) -> str:
    return next(str(event["worker"]) for event in log if event["type"] == "started")


def _most_at_once(logs: list[list[jobs.Event]]) -> int:
    """The most jobs any worker had between their `started` and their end."""
    moments: list[tuple[float, int, str]] = []
    for log in logs:
        worker = _worker(log)
        moments += [(jobs.at(log[1]), 1, worker), (jobs.at(log[-1]), -1, worker)]
    most = 0
    running: Counter[str] = Counter()
    for _, change, worker in sorted(moments):
        running[worker] += change
        most = max(most, running[worker])
    return most
