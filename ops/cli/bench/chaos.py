"""`chaos`: all is killed at random while clients work; then every job is read and checked."""

import asyncio
import contextlib
import json
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

from . import checker, jobs, leftovers
from .crowd import Crowd, Order
from .havoc import Havoc
from .plan import Bench
from .report import Result
from .stand import Stand, standing
from .wire import Api

_LIMIT = 80
_RATE = 6.0
_DRAIN_SECONDS = 240.0
_CONTAINERS_SECONDS = 90.0
# JobRunr makes a dead worker's deliveries ready again after four of its polls, 120 s. Once a minute
# a worker removes those of jobs that don't wait, and servers that have been silent for a minute.
_LEFTOVERS_SECONDS = 270.0
_SIGNED_OFF_SECONDS = 5.0
_SHOWN = 8
_SETTINGS = {"ATOMIC_MAX_QUEUE_SIZE": str(_LIMIT), "ATOMIC_OFFLINE_CHUNK_DELAY_MS": "4",
             "ATOMIC_SANDBOX_POOL_SIZE": "1"}


async def chaos(bench: Bench) -> Result:
    """2 apis, 3 workers, agent and database; all of it killed, stopped and paused."""
    result = bench.result("chaos")
    verify = bench.verify and _engine()
    settings = dict(_SETTINGS) if verify else _SETTINGS | {"DOCKER_HOST": "unix:///dev/null/none"}
    bench.said(result, f"seed {bench.seed}; {bench.minutes:g} minutes, an act every "
                       f"{bench.kill_every:g} s; {'with' if verify else 'without'} a sandbox")
    bench.terminal.line(result.notes[0])
    names = ["db", "agent", "api", "api-2", "worker-1", "worker-2", "worker-3"]
    with standing(bench.settings, bench.terminal, bench.database, settings) as stand:
        await stand.up(*names[1:])
        havoc = Havoc(stand, names, bench.seed)
        crowd = Crowd([stand.api_of("api"), stand.api_of("api-2")], bench.seed, _LIMIT, verify)
        async with asyncio.TaskGroup() as group:
            supervisor = group.create_task(havoc.supervise())
            sampler = group.create_task(crowd.sample())
            submitting = group.create_task(crowd.submit(_RATE))
            await havoc.rage(bench.minutes * 60, bench.kill_every)
            bench.terminal.line("enough; bringing everything back")
            crowd.stopping = True
            sick = await havoc.heal()
            supervisor.cancel()
            await havoc.end()
            await submitting
            healed = time.monotonic()
            await crowd.settle(_DRAIN_SECONDS)
            await _drained(stand.api, _DRAIN_SECONDS)
            drained = time.monotonic() - healed
            sampler.cancel()
        found = sick + await _check(stand, crowd)
        found += await leftovers.left(stand, verify, _LEFTOVERS_SECONDS)
        if verify:
            await _containers_gone(crowd)
        found += await _down(stand, names)
        found += _left(stand, crowd)
        violations = len(found)
        _keep(bench, result, stand, havoc, found)
    result.runs.append({"jobs": len(crowd.orders), "acts": havoc.acts.total(),
                        "drained after, s": drained, "violations": violations})
    result.violations += found
    for what in (havoc.acts, havoc.ended, crowd.counts):
        result.notes.append(", ".join(f"{name} ×{count}" for name, count in sorted(what.items())))
    return result


async def _drained(api: Api, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        left = 0
        for status in ("queued", "running"):
            with contextlib.suppress(OSError):
                left += len((await api.json(f"/api/jobs?status={status}&limit=1"))["jobs"])
        if not left:
            return
        await asyncio.sleep(0.5)


async def _check(stand: Stand, crowd: Crowd) -> list[str]:
    found = list(dict.fromkeys(crowd.wrong))
    known = {order.ids[0]: order for order in crowd.orders if order.ids}
    unanswered = [order for order in crowd.orders if not order.ids]
    if unanswered:
        found.append(f"{len(unanswered)} submits were never acknowledged")
    listed = Counter(job["id"] for job in await checker.all_jobs(stand.api))
    strangers = [job for job in listed if job not in known]
    if strangers and not unanswered:
        found.append(f"{len(strangers)} jobs nobody has a key for: {strangers[:5]}")
    outcomes: Counter[str] = Counter()
    waiting = iter(known.items())

    async def read() -> None:
        for job, order in waiting:
            found.extend(await _check_one(stand.api, job, order, outcomes))

    await asyncio.gather(*(read() for _ in range(8)))
    crowd.counts.update({f"job {name}": count for name, count in outcomes.items()})
    return found


async def _check_one(api: Api, job: str, order: Order, outcomes: Counter[str]) -> list[str]:
    try:
        resource: dict[str, Any] = await api.json(f"/api/jobs/{job}")
        log = await jobs.events(api, job)
    except OSError as failure:
        return [f"job {job}, acknowledged, can't be read: {failure}"]
    outcomes[resource["status"]] += 1
    outcomes["taken over or tried again"] += any(event["type"] == "retrying" for event in log)
    if resource["error"]:
        outcomes[resource["error"]["code"]] += 1
    wrong = list(checker.check_job(order, resource, log))
    if not wrong:
        return []
    return ["\n".join([f"job {job} {json.dumps(order.body)}: {'; '.join(wrong)}",
                       checker.shown(log)])]


def _engine() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "image", "inspect", "atomic-sandbox:latest"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def _containers(crowd: Crowd) -> list[str]:
    """Containers of this run: by job, or by a worker that was seen."""
    if shutil.which("docker") is None:
        return []
    form = '{{.ID}} {{.Label "dev.atomic.worker"}} {{.Label "dev.atomic.job"}}'
    said = subprocess.run(
        ["docker", "ps", "-a", "--filter", "label=dev.atomic.sandbox", "--format", form],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.decode()
    ids = {order.ids[0] for order in crowd.orders if order.ids}
    return [line for line in said.splitlines()
            if ids & set(line.split()) or crowd.workers_seen & set(line.split())]


async def _containers_gone(crowd: Crowd) -> None:
    """Give the workers the time they say they need to remove what killed ones left."""
    until = time.monotonic() + _CONTAINERS_SECONDS
    # Each living worker keeps one ready.
    while len(await asyncio.to_thread(_containers, crowd)) > 3 and time.monotonic() < until:
        await asyncio.sleep(2)


async def _down(stand: Stand, names: list[str]) -> list[str]:
    """Stop everything gracefully; workers sign off."""
    workers = [name for name in names if name.startswith("worker") and stand.is_alive(name)]
    pids = [stand.running[name].child.pid for name in workers]
    await asyncio.gather(*(stand.stop(name) for name in workers))
    found = await leftovers.signed_on(stand, pids, _SIGNED_OFF_SECONDS)
    await asyncio.gather(*(stand.stop(name) for name in names if name.startswith("a")))
    await stand.stop("db")
    return found


def _left(stand: Stand, crowd: Crowd) -> list[str]:
    """What is still there after everything was stopped gracefully."""
    found = [f"container left: {line}" for line in _containers(crowd)]
    found += [f"socket left: {path.relative_to(stand.home)}" for path in stand.home.rglob("*")
              if path.is_socket()]
    marker = f"ATOMIC_HOME={stand.home}\0".encode()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and marker in (entry / "environ").read_bytes() + b"\0":
                found.append(f"process left: {entry.name} "
                             f"{(entry / 'cmdline').read_bytes()[:200]!r}")
    return found


def _keep(bench: Bench, result: Result, stand: Stand, havoc: Havoc, found: list[str]) -> None:
    """When something is wrong, keep the logs and the diary: somebody has to find out."""
    if not found:
        return
    kept = bench.settings.home / "chaos" / f"{bench.database}-{bench.seed}"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(stand.home / "logs", kept, dirs_exist_ok=True)
    (kept / "diary.txt").write_text("\n".join(havoc.diary) + "\n")
    (kept / "violations.txt").write_text("\n".join(found) + "\n")
    bench.said(result, f"logs and diary are kept in {kept}")
    del found[_SHOWN:]
