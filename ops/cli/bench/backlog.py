"""`backlog`: whether a claim gets slower the more jobs wait."""

import asyncio
import statistics
from collections.abc import Sequence

from . import jobs
from .load import submit_all
from .plan import Bench
from .report import Result
from .stand import Stand, standing
from .submit import CLIENTS

_SETTINGS = {"ATOMIC_MAX_QUEUE_SIZE": "1000000"}
_WORKERS = ("worker-1", "worker-2")
_FEW = 1000
_ROUNDS = 7
# New JVMs compile meanwhile; what is compared are the rates of warm ones.
_WARM_SECONDS = 15.0
# Jobs looked at of a large backlog.
_SAMPLES = 200


async def backlog(bench: Bench) -> Result:
    """The drain rate of 2 workers behind a large backlog, and behind one of 1,000, warm."""
    result = bench.result("backlog")
    for _ in range(bench.runs):
        with standing(bench.settings, bench.terminal, bench.database, _SETTINGS) as stand:
            await stand.up("api")
            load = await submit_all(stand.api.port, CLIENTS, bench.backlog, bench.limit)
            result.violations += load.errors[:5]
            bench.terminal.line(f"{len(load.ids):,} jobs are waiting; draining them")
            for name in _WORKERS:
                stand.start(name)
            await asyncio.gather(*(stand.ready(name) for name in _WORKERS))
            await _finished(stand, load.ids, bench.limit)
            curve = await _curve(stand, load.ids)
            warm = [point for point in curve if point[0] > curve[0][0] + _WARM_SECONDS]
            if len(warm) < 2:
                result.violations.append(f"{len(load.ids):,} jobs were gone before the workers "
                                         "were warm: take a larger --backlog")
                break
            part = max(2, _SAMPLES // 10)
            few = [await _few(stand) for _ in range(_ROUNDS)]
        many = _rate(warm[:part])
        result.runs.append({
            "drained a second, many waiting": many,
            "many: waiting at first": warm[0][1], "many: waiting at last": warm[:part][-1][1],
            "drained a second, the whole rest": _rate(warm),
            f"drained a second, {_FEW:,} waiting": statistics.median(few),
            "many to few %": 100 * many / statistics.median(few)})
        bench.terminal.line("; ".join(f"{points[0][1]:,} waiting: {_rate(points):,.0f}/s"
                                      for points in _parts(warm, part)))
    bench.said(result, f"{bench.backlog:,} jobs; few: median of {_ROUNDS} times {_FEW:,}, "
                       "submitted while the workers were paused")
    return result


async def _finished(stand: Stand, ids: Sequence[str], limit: float) -> None:
    """Waits for the last of them, without `/api/metrics`: that reads the whole table."""
    await asyncio.gather(*(jobs.finished(stand.api, job, limit) for job in sorted(ids)[-20:]))


async def _few(stand: Stand) -> float:
    """The drain rate of 1,000 jobs that wait before the workers look."""
    for name in _WORKERS:
        stand.pause(name)
    load = await submit_all(stand.api.port, CLIENTS, _FEW, 30)
    for name in _WORKERS:
        stand.resume(name)
    await _finished(stand, load.ids, 60)
    started = await _started(stand, load.ids)
    return (len(started) - 1) / (max(started) - min(started))


async def _curve(stand: Stand, ids: Sequence[str]) -> list[tuple[float, int]]:
    """When jobs began, with how many waited behind them. Ids sort as jobs were made."""
    order = sorted(ids)
    ranks = range(0, len(order), max(1, len(order) // _SAMPLES))
    started = await _started(stand, [order[rank] for rank in ranks])
    return [(at, len(order) - rank) for at, rank in zip(started, ranks)]


async def _started(stand: Stand, ids: Sequence[str]) -> list[float]:
    logs = await jobs.logs(stand.api, ids)
    return [next(jobs.at(event) for event in logs[job] if event["type"] == "started")
            for job in ids]


def _parts(points: Sequence[tuple[float, int]], size: int) -> list[Sequence[tuple[float, int]]]:
    return [points[start:start + size] for start in range(0, len(points) - 1, size)]


def _rate(points: Sequence[tuple[float, int]]) -> float:
    if len(points) < 2:
        return 0.0
    return (points[0][1] - points[-1][1]) / (points[-1][0] - points[0][0])
