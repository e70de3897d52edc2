"""`rolling`: every api and worker is restarted, one after the other, while clients work.

A client knows both apis. It goes to the other one when a connection is refused or breaks off, or
the answer is 503, with the same idempotency key. Nothing it asked for may fail, no job may be lost
or run twice, and each stream goes on behind the last event it had.
"""

import asyncio
import contextlib
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from . import checker, jobs, sse
from .plan import Bench
from .report import Result, percentile
from .stand import Stand, standing
from .wire import Answer

_APIS = ("api", "api-2")
_WORKERS = ("worker-1", "worker-2")
_SUBMITTERS = 8
_PAUSE_SECONDS = 0.1
# Long enough that each restart falls into the middle of some.
_STAGES: dict[str, Any] = {"prompt": "Write an LRU cache", "pipeline": ["spec", "docs"]}
_SETTINGS = {"ATOMIC_OFFLINE_CHUNK_DELAY_MS": "20", "ATOMIC_MAX_QUEUE_SIZE": "10000"}
_GIVEN_UP_SECONDS = 30.0
_END_SECONDS = 120.0
_BETWEEN_SECONDS = 2.0


@dataclass
class _Seen:
    """What the clients saw."""

    jobs: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    answers: list[float] = field(default_factory=list)
    moved: int = 0
    resumed: int = 0
    failed: list[str] = field(default_factory=list)
    stopping: bool = False


async def rolling(bench: Bench) -> Result:
    """2 apis, 2 workers, the agent; `--runs` rounds of restarts."""
    result = bench.result("rolling")
    with standing(bench.settings, bench.terminal, bench.database, _SETTINGS) as stand:
        await stand.up("agent", *_APIS, *_WORKERS)
        before: set[str] = set()
        for _ in range(bench.runs):
            await _round(bench, stand, result, before)
    bench.said(result, "a client goes to the other api when a connection is refused or breaks "
                       "off, or the answer is 503; an answer's time counts from the first try")
    return result


async def _round(bench: Bench, stand: Stand, result: Result, before: set[str]) -> None:
    seen = _Seen()
    clients = [asyncio.create_task(_client(stand, seen, number)) for number in range(_SUBMITTERS)]
    began = time.monotonic()
    try:
        for name in (*_APIS, *_WORKERS):
            await asyncio.sleep(_BETWEEN_SECONDS)
            bench.terminal.line(f"restarting {name} ({len(seen.jobs)} jobs so far)")
            await stand.stop(name)
            stand.start(name)
            await stand.ready(name)
        await asyncio.sleep(_BETWEEN_SECONDS)
    finally:
        seen.stopping = True
        done = await asyncio.gather(*clients, return_exceptions=True)
    seen.failed += [repr(each) for each in done if isinstance(each, BaseException)]
    await _check(stand, seen, before)
    before |= set(seen.jobs)
    result.violations += seen.failed[:8]
    result.runs.append({
        "jobs": len(seen.jobs), "seconds of restarts": time.monotonic() - began,
        "requests": len(seen.answers), "requests sent again": seen.moved,
        "streams resumed": seen.resumed, "failed, lost or doubled": len(seen.failed),
        "answer p50 ms": percentile(seen.answers, 50) * 1000,
        "answer p99 ms": percentile(seen.answers, 99) * 1000,
        "answer max ms": max(seen.answers) * 1000})


async def _client(stand: Stand, seen: _Seen, number: int) -> None:
    """Submits a job, follows it to its end, reads it; again and again."""
    turn = number
    while not seen.stopping:
        turn += 1
        key = uuid.uuid4().hex
        body = _STAGES if turn % 2 else jobs.NO_OP
        answer = await _either(stand, seen, turn, _Request("POST", "/api/jobs", body, key))
        if answer.status != 202:
            seen.failed.append(f"a submit was answered {answer.status} {answer.body[:200]!r}")
            continue
        job = str(answer.json()["id"])
        seen.jobs[job] = []
        await _follow(stand, seen, turn, job)
        answer = await _either(stand, seen, turn, _Request("GET", f"/api/jobs/{job}"))
        if answer.status != 200 or answer.json()["status"] != "succeeded":
            seen.failed.append(f"job {job} was answered {answer.status} {answer.body[:200]!r}")
        await asyncio.sleep(_PAUSE_SECONDS)


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    body: dict[str, Any] | None = None
    key: str = ""


async def _either(stand: Stand, seen: _Seen, turn: int, request: _Request) -> Answer:
    """The first answer that isn't 503, from either api."""
    began = time.monotonic()
    while True:
        api = stand.api_of(_APIS[turn % 2])
        answer: Answer | None = None
        with contextlib.suppress(OSError):
            answer = await api.call(request.method, request.path, request.body,
                                    {"Idempotency-Key": request.key} if request.key else None)
        late = time.monotonic() - began > _GIVEN_UP_SECONDS
        if answer is not None and (answer.status != 503 or late):
            seen.answers.append(time.monotonic() - began)
            return answer
        if late:
            raise ConnectionError("no api answered in time")
        seen.moved += 1
        turn += 1
        await asyncio.sleep(0.02)


async def _follow(stand: Stand, seen: _Seen, turn: int, job: str) -> None:
    """Its events to the last one, over whichever api is there."""
    events = seen.jobs[job]
    until = time.monotonic() + _END_SECONDS
    while time.monotonic() < until:
        port = stand.api_of(_APIS[turn % 2]).port
        with contextlib.suppress(OSError, EOFError):
            async for event in sse.follow(port, job, events[-1][0] if events else 0):
                events.append(event)
        if events and events[-1][1] in jobs.TERMINAL:
            return
        seen.resumed += 1
        turn += 1
        await asyncio.sleep(0.02)
    seen.failed.append(f"job {job} hasn't ended after {_END_SECONDS:.0f} s")


async def _check(stand: Stand, seen: _Seen, before: set[str]) -> None:
    """Each stream was the whole log, without gaps or doubles; each key is one job."""
    logs = await jobs.logs(stand.api, seen.jobs)
    for job, streamed in seen.jobs.items():
        logged = [(event["seq"], event["type"]) for event in logs[job]]
        if streamed != logged:
            seen.failed.append(f"job {job} was streamed as {streamed}, but is {logged}")
        if any(event["attempt"] > 1 for event in logs[job]):
            seen.failed.append(f"job {job} used up an attempt")
    listed = {job["id"] for job in await checker.all_jobs(stand.api)}
    if set(seen.jobs) - listed:
        seen.failed.append(f"lost: {sorted(set(seen.jobs) - listed)[:5]}")
    if listed - before - set(seen.jobs):
        seen.failed.append(f"nobody asked for: {sorted(listed - before - set(seen.jobs))[:5]}")
