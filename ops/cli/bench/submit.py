"""`submit`: how many jobs a second the api takes while nobody works them off."""

from .load import Load, submit_all
from .plan import Bench
from .report import Figures, Result, cpu_a_job, percentile
from .stand import standing

CLIENTS = 16
_WARM_SECONDS = 10.0


async def submit(bench: Bench) -> Result:
    """POST /api/jobs from 16 clients; each run has an api and a database of its own."""
    result = bench.result("submit")
    for _ in range(bench.runs):
        with standing(bench.settings, bench.terminal, bench.database,
                      {"ATOMIC_MAX_QUEUE_SIZE": "1000000"}) as stand:
            await stand.up("api")
            port = stand.api.port
            warm = await submit_all(port, CLIENTS, None, _WARM_SECONDS)
            before = stand.cpu_ms()
            load = await submit_all(port, CLIENTS, None, bench.seconds)
            result.runs.append(figures(load)
                               | cpu_a_job(before, stand.cpu_ms(), max(1, len(load.ids))))
            bench.said(result, f"{len(warm.ids)} jobs were waiting when it began")
            result.violations += load.errors[:5]
    return result


def figures(load: Load) -> Figures:
    """What a load shows."""
    return {"jobs a second": load.rate, "p50 ms": percentile(load.seconds, 50) * 1000,
            "p95 ms": percentile(load.seconds, 95) * 1000,
            "p99 ms": percentile(load.seconds, 99) * 1000, "errors": len(load.errors)}
