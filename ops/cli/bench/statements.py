"""`sql`: statements a no-op job costs and how long they take, as PostgreSQL itself logs them."""

import asyncio
import re
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field

from ..errors import UsageError
from . import jobs
from .load import submit_all
from .plan import Bench
from .report import Result
from .stand import Stand, standing

_LINE = re.compile(r"^@ LOG: +duration: (?P<ms>[0-9.]+) ms +"
                   r"(?P<step>statement|parse|bind|execute)[^:]*: (?P<sql>.*)$")
_TRANSACTION = re.compile(r"(?i)^(begin|commit|rollback|set |show )")
_ALONE = 200
_TOGETHER = 3000
_APART_SECONDS = 0.15
# Long enough for what comes every half minute.
_IDLE_SECONDS = 60.0


async def sql(bench: Bench) -> Result:
    """Jobs one after the other, then many at once, where group commits are shared."""
    result = bench.result("sql")
    if bench.database != "postgresql":
        raise UsageError("`sql` counts what PostgreSQL logs: --db postgresql")
    with standing(bench.settings, bench.terminal, bench.database,
                  {"ATOMIC_MAX_QUEUE_SIZE": "100000"}) as stand:
        assert stand.cluster is not None
        stand.cluster.options += ["log_min_duration_statement=0", "log_line_prefix=@ "]
        await stand.up("api", "worker-1", "worker-2")
        for _ in range(50):
            await jobs.finished(stand.api, await jobs.submit(stand.api, jobs.NO_OP), 30)
        idle = await _count(stand, _idle(_IDLE_SECONDS))
        alone = await _count(stand, _alone(stand))
        together = await _count(stand, _together(stand))
    result.runs.append({"idle: statements a second": idle.statements() / idle.seconds})
    for name, seen, number in (("alone", alone, _ALONE), ("together", together, _TOGETHER)):
        of_idle = idle.statements() / idle.seconds * seen.seconds
        commits = sum(count for text, count in seen.counts.items() if text.startswith("COMMIT"))
        result.runs[0] |= {f"{name}: statements a job": (seen.statements() - of_idle) / number,
                           f"{name}: transactions a job": commits / number,
                           f"{name}: ms in the database a job": sum(seen.ms.values()) / number}
        result.notes += [f"{name}: {seen.counts[text] / number:5.2f} a job, {ms / number:6.3f} ms: "
                         f"{text}" for text, ms in sorted(
                             seen.ms.items(), key=lambda each: -each[1])[:16]]
    result.notes += [f"idle: {count / idle.seconds:5.2f} a second: {text}"
                     for text, count in idle.counts.most_common() if not _TRANSACTION.match(text)]
    bench.said(result, "BEGIN, COMMIT, SET aren't counted as statements; what runs when idle is "
                       "taken off; a COMMIT's ms are those of the disk")
    return result


@dataclass
class _Seen:
    """What was logged: how often each statement was executed, and ms with parse and bind."""

    counts: Counter[str] = field(default_factory=Counter)
    ms: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    def statements(self) -> int:
        """All that were executed, transactions' ends aside."""
        return sum(count for text, count in self.counts.items() if not _TRANSACTION.match(text))


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


async def _count(stand: Stand, doing: Coroutine[None, None, None]) -> _Seen:
    """What is logged while something is done."""
    log = stand.log("db")
    start = log.stat().st_size
    seen = _Seen()
    began = asyncio.get_running_loop().time()
    await doing
    seen.seconds = asyncio.get_running_loop().time() - began
    await asyncio.sleep(0.5)
    with open(log, "rb") as content:
        content.seek(start)
        for raw in content:
            found = _LINE.match(raw.decode("utf-8", "replace"))
            if found:
                text = " ".join(found["sql"].split())[:80] or "(begins on the next line)"
                seen.counts[text] += found["step"] in ("statement", "execute")
                seen.ms[text] = seen.ms.get(text, 0.0) + float(found["ms"])
    return seen
