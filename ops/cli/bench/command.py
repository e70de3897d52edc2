"""`bench`: runs what was asked for, shows the table, writes the JSON."""

import argparse
import asyncio
import random
import signal
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from pathlib import Path

from .. import build
from ..errors import FAILED, INTERRUPTED, SUCCEEDED, UsageError
from ..settings import Settings
from ..text import Terminal
from . import report
from .backlog import backlog
from .chaos import chaos
from .failover import failover
from .pickup import pickup
from .plan import Bench
from .relay import relay
from .report import Result
from .rolling import rolling
from .sandbox import sandbox
from .statements import sql
from .submit import submit
from .throughput import throughput

BENCHMARKS: dict[str, Callable[[Bench], Awaitable[Result]]] = {
    "submit": submit, "pickup": pickup, "throughput": throughput, "backlog": backlog,
    "relay": relay, "sandbox": sandbox, "failover": failover, "sql": sql, "chaos": chaos,
    "rolling": rolling,
}
# Without a name: what takes minutes and needs no engine. The others are asked for.
_USUAL = ("submit", "pickup", "throughput", "failover", "sql")
_DATABASES = ("h2", "postgresql")


def add_options(added: argparse.ArgumentParser) -> None:
    """The command's options."""
    added.add_argument("name", nargs="*", metavar="NAME",
                       help=f"{', '.join(BENCHMARKS)} (default: {', '.join(_USUAL)})")
    added.add_argument("--db", choices=_DATABASES, default="h2",
                       help="postgresql: a throw-away server from this machine's programs")
    added.add_argument("--json", metavar="FILE", help="write the figures there")
    added.add_argument("--runs", type=_positive, default=3, metavar="N", help="default 3")
    added.add_argument("--seconds", type=float, default=8.0, metavar="S",
                       help="how long one run of `submit`, one rate of `sandbox`, or one part "
                            "of `relay` lasts (default 8)")
    added.add_argument("--workers", type=_positive, action="append", metavar="N",
                       help="throughput: with this many (again for more; default 1, 2, 4)")
    added.add_argument("--backlog", type=_positive, default=100_000, metavar="N",
                       help="backlog: jobs that wait at first (default 100000)")
    added.add_argument("--limit", type=float, default=600.0, metavar="S",
                       help="backlog: longest time to fill, and to drain (default 600)")
    added.add_argument("--kills", type=_positive, default=20, metavar="N",
                       help="failover: how many workers to kill (default 20)")
    added.add_argument("--minutes", type=float, default=3.0, metavar="M",
                       help="chaos: how long (default 3)")
    added.add_argument("--kill-every", type=float, default=2.0, metavar="S",
                       help="chaos: seconds between two acts (default 2)")
    added.add_argument("--seed", type=int, default=0, metavar="N",
                       help="chaos: of all that is random (default: a new one)")
    added.add_argument("--no-verify", action="store_true",
                       help="chaos: no jobs that need a container engine")
    added.add_argument("--no-build", action="store_true",
                       help="use the jars there are, however old")


def run(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """Run the benchmarks; 1 when one found what must not be."""
    unknown = [name for name in args.name if name not in BENCHMARKS]
    if unknown:
        raise UsageError(f"{unknown[0]!r} is no benchmark: {', '.join(BENCHMARKS)}")
    settings.make_home()
    if not args.no_build:
        build.build(settings, terminal)
    on = report.machine()
    results: list[Result] = []
    try:
        asyncio.run(_all(_bench(settings, args, terminal), args.name or list(_USUAL), results))
    except asyncio.CancelledError:
        return INTERRUPTED
    finally:
        if results:
            if not sys.stdout.isatty():
                print(report.table(on, results))
            if args.json:
                report.write(Path(args.json), on, results)
    return FAILED if any(result.violations for result in results) else SUCCEEDED


async def _all(bench: Bench, names: list[str], results: list[Result]) -> None:
    task = asyncio.current_task()
    assert task is not None
    # As Ctrl-C does: what was started is ended before this process is.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    for name in names:
        before = report.cpu_seconds()
        result = await BENCHMARKS[name](bench)
        result.notes.append(report.others_said(before, report.cpu_seconds()))
        results.append(result)
        for line in report.lines_of(result):
            bench.terminal.line(line)


def _bench(settings: Settings, args: Namespace, terminal: Terminal) -> Bench:
    seed = args.seed or random.SystemRandom().randrange(1, 1 << 31)
    return Bench(settings, terminal, args.db, args.runs, args.seconds, tuple(args.workers or ()),
                 args.backlog, args.limit, args.kills, args.minutes, args.kill_every, seed,
                 not args.no_verify)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError("a number from 1")
    return int(text)
