"""`pickup`: from `queued` to `started`, the queue otherwise empty."""

import asyncio
import random

from . import jobs
from .plan import Bench
from .report import Result, percentile
from .stand import Stand, standing

_JOBS = 250
_WARM = 1000


async def pickup(bench: Bench) -> Result:
    """One job at a time, at moments that have nothing to do with anybody's timer."""
    result = bench.result("pickup")
    with standing(bench.settings, bench.terminal, bench.database, {}) as stand:
        await stand.up("api", "worker-1", "worker-2")
        await _waits(stand, _WARM)
        for _ in range(bench.runs):
            waits = await _waits(stand, _JOBS)
            result.runs.append({"jobs": len(waits), "mean ms": sum(waits) / len(waits),
                                "p50 ms": percentile(waits, 50),
                                "p95 ms": percentile(waits, 95), "p99 ms": percentile(waits, 99),
                                "max ms": max(waits)})
    bench.said(result, "2 workers; the log's times have whole milliseconds")
    return result


async def _waits(stand: Stand, count: int) -> list[float]:
    chance = random.Random(7)
    ids = []
    for _ in range(count):
        job = await jobs.submit(stand.api, jobs.NO_OP)
        ids.append(job)
        await jobs.finished(stand.api, job, 30)
        await asyncio.sleep(chance.uniform(0.0, 0.02))
    waits = []
    for log in (await jobs.logs(stand.api, ids)).values():
        moments = {event["type"]: jobs.at(event) for event in log}
        waits.append((moments["started"] - moments["queued"]) * 1000)
    return waits
