"""`sql`: statements a no-op job costs, counted by PostgreSQL itself (`log_statement=all`)."""

import asyncio
import re
from collections import Counter
from collections.abc import Coroutine

from ..errors import UsageError
from . import jobs
from .load import submit_all
from .plan import Bench
from .report import Result
from .stand import Stand, standing

_LINE = re.compile(r"^(?:@ )(?P<app>.*?) LOG: +(?:statement|execute [^:]*): (?P<sql>.*)$")
_TRANSACTION = re.compile(r"(?i)^(begin|commit|rollback|set |show )")
_ALONE = 200
_TOGETHER = 3000
_APART_SECONDS = 0.15


async def sql(bench: Bench) -> Result:
    """Jobs one after the other, then many at once, where group commits are shared."""
    result = bench.result("sql")
    if bench.database != "postgresql":
        raise UsageError("`sql` counts what PostgreSQL logs: --db postgresql")
    with standing(bench.settings, bench.terminal, bench.database,
                  {"ATOMIC_MAX_QUEUE_SIZE": "100000"}) as stand:
        assert stand.cluster is not None
        stand.cluster.options += ["log_statement=all", "log_line_prefix=@ %a "]
        await stand.up("api", "worker-1", "worker-2")
        for _ in range(50):
            await jobs.finished(stand.api, await jobs.submit(stand.api, jobs.NO_OP), 30)
        idle = await _count(stand, _idle(10.0))
        alone = await _count(stand, _alone(stand))
        together = await _count(stand, _together(stand))
    idle_rate = _sum(idle[0]) / idle[1]
    for name, (counts, seconds), number in (("alone", alone, _ALONE),
                                            ("together", together, _TOGETHER)):
        statements = _sum(counts) - idle_rate * seconds
        ends = sum(count for text, count in counts.items() if text.startswith("COMMIT"))
        result.runs.append({})
        result.runs[0] |= {f"{name}: statements a job": statements / number,
                           f"{name}: transactions a job": ends / number}
        result.notes += [f"{name}: {count / number:6.2f} × {text}" for text, count
                         in counts.most_common(24) if count / number > 0.02]
    result.runs = result.runs[:1]
    result.runs[0]["idle: statements a second"] = idle_rate
    bench.said(result, "BEGIN, COMMIT, SET aren't counted as statements; what runs when idle is "
                       "taken off")
    return result


async def _idle(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def _alone(stand: Stand) -> None:
    for _ in range(_ALONE):
        await jobs.submit(stand.api, jobs.NO_OP)
        # Not asked whether it has ended: the question's statements would count too.
        await asyncio.sleep(_APART_SECONDS)


async def _together(stand: Stand) -> None:
    load = await submit_all(stand.api.port, 16, _TOGETHER, 60)
    await asyncio.gather(*(jobs.finished(stand.api, job, 60) for job in load.ids[-50:]))


async def _count(stand: Stand, doing: Coroutine[None, None, None]) -> tuple[Counter[str], float]:
    """The statements logged while something is done, and how long that took."""
    log = stand.log("db")
    start = log.stat().st_size
    began = asyncio.get_running_loop().time()
    await doing
    took = asyncio.get_running_loop().time() - began
    await asyncio.sleep(0.3)
    counts: Counter[str] = Counter()
    with open(log, "rb") as content:
        content.seek(start)
        for raw in content:
            found = _LINE.match(raw.decode("utf-8", "replace"))
            if found:
                counts[" ".join(found["sql"].split())[:70] or "(begins on the next line)"] += 1
    return counts, took


def _sum(counts: Counter[str]) -> int:
    return sum(count for text, count in counts.items() if not _TRANSACTION.match(text))
