"""`relay`: from the agent's piece to the WebSocket clients, with a model of our own that streams
at a given pace.

Latency at 1, 10 and 20 jobs with 200 subscribers and of one job with 1, 100 and 1,000, what 1,000
idle subscribers cost, what one that stops reading costs the others, and one long answer.
"""

import asyncio
import re
import subprocess
import sys
import time
from pathlib import Path

from ..errors import CommandError
from . import jobs, metronome
from .plan import Bench
from .report import Figures, Result, percentile
from .stand import Stand, standing
from .websocket import Socket

_EVERY_US = 20_000  # 50 pieces a second
_CROWD_EVERY_US = 200_000  # 5 a second: 1,000 subscribers are to hear each
_SIZE = 40
_SUBSCRIBERS = 200
_IDLE = 1_000
_WARM_SECONDS = 3.0
_LONG = (1_000_000, 2_000_000)
_LONG_SIZE = 200
_SETTINGS = {"ATOMIC_LLM_FIRST_CHUNK_SECONDS": "300", "ATOMIC_LLM_IDLE_SECONDS": "300",
             "ATOMIC_MAX_CONCURRENT": "10"}


async def relay(bench: Bench) -> Result:
    """All of it, on one stack."""
    result = bench.result("relay")
    with standing(bench.settings, bench.terminal, bench.database, _SETTINGS) as stand:
        agent = await _metronome(stand)
        try:
            if stand.cluster is not None:
                stand.cluster.options += ["log_line_prefix=@ "]
            await stand.up("api", "worker-1", "worker-2")
            await _streaming(stand, 10, 50, _WARM_SECONDS)  # the JVMs compile meanwhile
            for _ in range(bench.runs):
                result.runs.append(await _run(stand, bench))
        finally:
            agent.terminate()
            agent.wait(10)
    bench.said(result, "from the agent's write to the client's read; subscribers spread over the "
                       "jobs, accumulate: false; 2 workers; all on one machine")
    bench.said(result, "a long answer is written as fast as it is taken; its time is from the "
                       "first piece's stamp to the client's `complete`")
    return result


async def _run(stand: Stand, bench: Bench) -> Figures:
    figures: Figures = {}

    def note(found: Figures) -> None:
        figures.update(found)
        # It takes minutes: what is known is shown at once.
        for name, value in found.items():
            bench.terminal.line(f"  {name}: {value:.1f}")

    for count in (1, 10, 20):
        note(await _latency(stand, count, bench.seconds))
    for subscribers in (1, 100, 1_000):
        waits = await _streaming(stand, 1, subscribers, bench.seconds, _CROWD_EVERY_US)
        name = f"5 pieces/s, {subscribers:,} subscriber{'s' if subscribers > 1 else ''}"
        note({f"{name}: p50 ms": percentile(waits, 50), f"{name}: p99 ms": percentile(waits, 99)})
    note(await _slow_reader(stand, bench.seconds))
    note(await _idle(stand))
    note(await _long(stand))
    return figures


async def _latency(stand: Stand, count: int, seconds: float) -> Figures:
    cpu = stand.cpu_ms()
    waits = await _streaming(stand, count, _SUBSCRIBERS, seconds)
    spent = {kind: after - cpu.get(kind, 0.0) for kind, after in stand.cpu_ms().items()}
    name = f"{count} job{'s' if count > 1 else ''}"
    return {f"{name}: p50 ms": percentile(waits, 50), f"{name}: p99 ms": percentile(waits, 99),
            f"{name}: pieces heard a second": len(waits) / seconds,
            **{f"{name}: CPU ms, {kind}": used for kind, used in spent.items()}}


async def _metronome(stand: Stand) -> "subprocess.Popen[bytes]":
    path = stand.settings.ipc_socket
    agent = subprocess.Popen([sys.executable, "-m", "cli.bench.metronome", str(path)],
                             cwd=Path(__file__).parents[2], stdin=subprocess.DEVNULL)
    for _ in range(200):
        if path.exists():
            return agent
        await asyncio.sleep(0.05)
    agent.kill()
    raise CommandError("the benchmark's agent doesn't start")


class _Ear:
    """A subscriber: how long each piece took, in ms, once it is told to note it."""

    def __init__(self) -> None:
        self.noting = False
        self.waits: list[float] = []
        self.complete: list[float] = []
        self.seen = asyncio.Event()
        self.refused: bytes | None = None

    def heard(self, message: bytes) -> None:
        """A message of the server's."""
        now = time.monotonic_ns()
        if b'"type":"chunk"' in message[:40]:
            self.seen.set()
            if self.noting:
                self.waits += [(now - int(stamp)) / 1e6
                               for stamp in metronome.STAMP.findall(message)]
        elif message.startswith(b'{"type":"complete"'):
            self.complete.append(now / 1e9)
            self.seen.set()
        elif message.startswith(b'{"type":"error"'):
            self.refused = message
            self.seen.set()


async def _submit(stand: Stand, pieces: int, every_us: int, size: int) -> str:
    return await jobs.submit(stand.api, {"prompt": metronome.prompt(pieces, every_us, size),
                                         "pipeline": ["spec"]})


async def _subscribe(stand: Stand, ids: list[str]) -> tuple[_Ear, Socket]:
    ear = _Ear()
    socket = await Socket.open(stand.api.port, ear.heard)
    for job in ids:
        socket.say({"subscribe": job, "after": 0, "accumulate": False})
    return ear, socket


async def _begun(ears: list[_Ear]) -> None:
    """All have heard a piece. Raises CommandError when one is refused or hears none."""
    try:
        async with asyncio.timeout(60):
            for ear in ears:
                await ear.seen.wait()
    except TimeoutError:
        raise CommandError("a subscriber heard nothing within 60 s") from None
    for ear in ears:
        if ear.refused is not None:
            raise CommandError(f"a subscriber was refused: {ear.refused[:200]!r}")


async def _noted(ears: list[_Ear], seconds: float) -> list[float]:
    for ear in ears:
        ear.waits, ear.noting = [], True
    await asyncio.sleep(seconds)
    for ear in ears:
        ear.noting = False
    return [wait for ear in ears for wait in ear.waits]


async def _streaming(stand: Stand, count: int, subscribers: int, seconds: float,
                     every_us: int = _EVERY_US) -> list[float]:
    """How long the pieces of `count` jobs took, with so many subscribers spread over them."""
    pieces = int((seconds + 30) * 1e6 / every_us)
    ids = [await _submit(stand, pieces, every_us, _SIZE) for _ in range(count)]
    followed = [await _subscribe(stand, [ids[each % count]]) for each in range(subscribers)]
    try:
        ears = [ear for ear, _ in followed]
        await _begun(ears)
        await asyncio.sleep(1)
        return await _noted(ears, seconds)
    finally:
        await _end(stand, ids, followed)


async def _slow_reader(stand: Stand, seconds: float) -> Figures:
    """The others' latency, before and while one subscriber of all jobs has stopped reading."""
    pieces = int((2 * seconds + 30) * 1e6 / _EVERY_US)
    ids = [await _submit(stand, pieces, _EVERY_US, _SIZE) for _ in range(10)]
    followed = [await _subscribe(stand, [ids[each % 10]]) for each in range(100)]
    followed.append(await _subscribe(stand, ids))
    try:
        ears = [ear for ear, _ in followed]
        await _begun(ears)
        await asyncio.sleep(1)
        before = await _noted(ears[:-1], seconds)
        followed[-1][1].stop_reading()
        after = await _noted(ears[:-1], seconds)
        return {"10 jobs, all read: p99 ms": percentile(before, 99),
                "10 jobs, one stopped reading: p99 ms": percentile(after, 99)}
    finally:
        await _end(stand, ids, followed)


async def _idle(stand: Stand) -> Figures:
    """What subscribers cost of whose jobs nothing is heard: memory, and statements."""
    job = await _submit(stand, 2, 100_000_000, _SIZE)
    one = await _subscribe(stand, [job])
    await jobs.event(stand.api, job, "stage_started", 30)
    before_kib, few = _memory_kib(stand), await _statements(stand, 10)
    crowd = [await _subscribe(stand, [job]) for _ in range(_IDLE)]
    try:
        await asyncio.sleep(5)
        if any(socket.closed for _, socket in crowd):
            raise CommandError("an idle subscriber was disconnected")
        after_kib, many = _memory_kib(stand), await _statements(stand, 10)
        figures = {"idle: KiB of heap a subscriber": (after_kib[0] - before_kib[0]) / _IDLE,
                   "idle: KiB of the process a subscriber": (after_kib[1] - before_kib[1]) / _IDLE}
        if stand.cluster is not None:
            figures |= {"idle: statements a second, 1": few / 10,
                        f"idle: statements a second, {_IDLE:,}": many / 10}
        return figures
    finally:
        await _end(stand, [job], [one, *crowd])


def _memory_kib(stand: Stand) -> tuple[float, float]:
    """The api's live heap, and what the process holds of memory, both after a collection."""
    pid = stand.running["api"].child.pid
    # The JDK's own tool, as the api's JVM is its JDK's.
    jcmd = Path(f"/proc/{pid}/exe").resolve().parent / "jcmd"
    for command in ("GC.run", "GC.heap_info"):
        said = subprocess.run([str(jcmd), str(pid), command], capture_output=True, check=False,
                              text=True).stdout
    used = sum(int(each) for each in re.findall(r"total \d+K, used (\d+)K", said))
    status = Path(f"/proc/{pid}/status").read_text()
    resident = re.search(r"VmRSS:\s+(\d+) kB", status)
    return float(used), float(resident.group(1)) if resident else 0.0


async def _statements(stand: Stand, seconds: float) -> int:
    """How many statements of the api's ended in so long. PostgreSQL alone is asked."""
    if stand.cluster is None:
        return 0
    # The api's sessions can't be told from others' in the log: what the workers do is in both
    # figures alike.
    log = stand.log("db")
    _alter(stand, "alter system set log_min_duration_statement = 0")
    start = log.stat().st_size
    await asyncio.sleep(seconds)
    with open(log, "rb") as content:
        content.seek(start)
        found = len(re.findall(rb"duration: [\d.]+ ms  (?:execute|statement)", content.read()))
    _alter(stand, "alter system reset log_min_duration_statement")
    return found


def _alter(stand: Stand, statement: str) -> None:
    assert stand.cluster is not None
    for each in (statement, "select pg_reload_conf()"):
        subprocess.run(stand.cluster.psql(each), env=stand.cluster.psql_environment(), check=True,
                       capture_output=True)


async def _long(stand: Stand) -> Figures:
    """One job's long answer, as fast as it goes, and half of it."""
    figures: Figures = {}
    for size in _LONG:
        job = await _submit(stand, size // _LONG_SIZE, 0, _LONG_SIZE)
        began = time.monotonic()
        ear, socket = await _subscribe(stand, [job])
        try:
            ear.noting = True
            async with asyncio.timeout(300):
                while not ear.complete:
                    ear.seen.clear()
                    await ear.seen.wait()
        finally:
            socket.close()
        if ear.refused is not None:
            raise CommandError(f"a long answer failed: {ear.refused[:200]!r}")
        if len(ear.waits) != size // _LONG_SIZE:
            raise CommandError(f"{len(ear.waits)} of {size // _LONG_SIZE} pieces came")
        figures[f"{size / 1e6:.0f} MB: s"] = ear.complete[0] - began
    figures["twice the size takes"] = figures["2 MB: s"] / figures["1 MB: s"]
    pid = stand.running["api"].child.pid
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    figures["api: most MiB resident"] = int(peak.group(1)) / 1024 if peak else 0.0
    return figures


async def _end(stand: Stand, ids: list[str], followed: list[tuple[_Ear, Socket]]) -> None:
    for _, socket in followed:
        socket.close()
    for job in ids:
        await stand.api.call("POST", f"/api/jobs/{job}/cancel")
    for job in ids:
        await jobs.finished(stand.api, job, 30)
