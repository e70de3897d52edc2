"""`failover`: a worker goes in the middle of a job; how long until the job goes on elsewhere."""

import asyncio
import time
from typing import Any

from . import jobs
from .plan import Bench
from .report import Result
from .stand import Stand, standing

# The offline provider streams one of its programs so slowly that the job is always in the middle.
_SETTINGS = {"ATOMIC_OFFLINE_CHUNK_DELAY_MS": "150"}
_JOB: dict[str, Any] = {"prompt": "Write an LRU cache", "pipeline": ["code"]}
_STAGES: dict[str, Any] = {"prompt": "Write an LRU cache", "pipeline": ["spec", "docs"]}
_STOPS = 5


async def failover(bench: Bench) -> Result:
    """`kill -9` again and again, then SIGTERM; 2 workers, one of which has the job."""
    result = bench.result("failover")
    with standing(bench.settings, bench.terminal, bench.database, _SETTINGS) as stand:
        await stand.up("agent", "api", "worker-1", "worker-2")
        for number in range(bench.kills):
            taken = await _kill(stand)
            result.runs.append({"kill -9 to started elsewhere, s": taken})
            bench.terminal.line(f"kill {number + 1} of {bench.kills}: {taken:.2f} s")
        for number in range(min(_STOPS, bench.kills)):
            back, taken = await _stop(stand)
            result.runs[number] |= {"SIGTERM to put back, s": back,
                                    "put back to started elsewhere, s": taken}
    bench.said(result, "SIGTERM: the stage in hand may end first (here it takes some seconds)")
    return result


async def _kill(stand: Stand) -> float:
    job, worker = await _running(stand, _JOB)
    before = time.time()
    stand.kill(worker)
    again = await jobs.event(stand.api, job, "started", 60, 2)
    await _tidy(stand, job, worker)
    return jobs.at(again) - before


async def _stop(stand: Stand) -> tuple[float, float]:
    job, worker = await _running(stand, _STAGES)
    before = time.time()
    stopping = asyncio.create_task(stand.stop(worker))
    back = jobs.at(await jobs.event(stand.api, job, "retrying", 60))
    again = jobs.at(await jobs.event(stand.api, job, "started", 60, 2))
    await stopping
    await _tidy(stand, job, worker)
    return back - before, again - back


async def _running(stand: Stand, body: dict[str, Any]) -> tuple[str, str]:
    """A job in the middle of its first stage, and whose it is."""
    job = await jobs.submit(stand.api, body)
    await jobs.event(stand.api, job, "chunk", 30)
    return job, str((await jobs.event(stand.api, job, "started", 5))["worker"])


async def _tidy(stand: Stand, job: str, worker: str) -> None:
    await stand.api.call("POST", f"/api/jobs/{job}/cancel")
    await jobs.finished(stand.api, job, 30)
    stand.start(worker)
    await stand.ready(worker)
    # Long enough that every worker has beaten and nobody's silence is of an earlier kill.
    await asyncio.sleep(1.5)
