"""A job's calls as a client of the api makes them."""

import asyncio
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeAlias

from ..errors import CommandError
from .wire import Api

Event: TypeAlias = dict[str, Any]

NO_OP: dict[str, Any] = {"prompt": "nothing", "pipeline": []}
TERMINAL = ("succeeded", "failed", "cancelled")
_PAGE = 1000


async def submit(api: Api, body: dict[str, Any]) -> str:
    """Submit and demand that it was taken; the job's id."""
    answer = await api.call("POST", "/api/jobs", body)
    if answer.status != 202:
        raise CommandError(f"a job was refused: {answer.status} {answer.body[:300]!r}")
    return str(answer.json()["id"])


async def finished(api: Api, job: str, seconds: float) -> dict[str, Any]:
    """The job once it has ended. Raises CommandError when it hasn't after `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        resource: dict[str, Any] = await api.json(f"/api/jobs/{job}?wait=5")
        if resource["status"] in TERMINAL:
            return resource
    raise CommandError(f"job {job} hasn't ended after {seconds:.0f} s")


async def events(api: Api, job: str) -> list[Event]:
    """The whole log."""
    log: list[Event] = []
    while True:
        after = log[-1]["seq"] if log else 0
        page = await api.json(f"/api/jobs/{job}/events?after={after}&limit={_PAGE}")
        log += page["events"]
        if len(page["events"]) < _PAGE:
            return log


async def event(api: Api, job: str, kind: str, seconds: float, number: int = 1) -> Event:
    """The `number`th event of a type, waited for. Raises CommandError after `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            found = [each for each in await events(api, job) if each["type"] == kind]
        except OSError:
            found = []
        if len(found) >= number:
            return found[number - 1]
        await asyncio.sleep(0.05)
    raise CommandError(f"job {job} has no {kind} ({number}) after {seconds:.0f} s")


async def logs(api: Api, ids: Iterable[str], at_once: int = 8) -> dict[str, list[Event]]:
    """The logs of many jobs."""
    found: dict[str, list[Event]] = {}
    waiting = iter(ids)

    async def read() -> None:
        for job in waiting:
            found[job] = await events(api, job)

    await asyncio.gather(*(read() for _ in range(at_once)))
    return found


def at(event_: Event) -> float:
    """When an event happened, in seconds since the epoch."""
    return datetime.fromisoformat(event_["at"]).timestamp()
