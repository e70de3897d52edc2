"""Clients that submit as fast as they are answered."""

import asyncio
import json
import time
from dataclasses import dataclass, field

from .jobs import NO_OP
from .wire import Answer, Connection, request_bytes

_ANSWER_SECONDS = 30.0


@dataclass
class Load:
    """What the clients saw: ids of accepted jobs in their order, seconds of each answer."""

    ids: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0

    @property
    def rate(self) -> float:
        """Accepted jobs a second."""
        return len(self.ids) / max(self.ended - self.began, 1e-9)


async def submit_all(port: int, clients: int, jobs: int | None, seconds: float) -> Load:
    """No-op jobs from `clients` connections until there are `jobs` or the time is over."""
    load = Load(began=time.perf_counter())
    request = request_bytes("POST", "/api/jobs", port, json.dumps(NO_OP).encode())
    until = load.began + seconds
    taken = 0

    async def client() -> None:
        nonlocal taken
        connection = await Connection.open(port)
        try:
            while time.perf_counter() < until and (jobs is None or taken < jobs):
                taken += 1
                before = time.perf_counter()
                async with asyncio.timeout(_ANSWER_SECONDS):
                    answer = await connection.send(request)
                load.seconds.append(time.perf_counter() - before)
                note(load, answer)
                if not connection.usable:
                    connection = await Connection.open(port)
        except OSError as failure:
            load.errors.append(repr(failure))
        finally:
            connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    load.ended = time.perf_counter()
    return load


def note(load: Load, answer: Answer) -> None:
    """Count an answer. The id comes from `Location`: reading each body costs the server's core."""
    location = answer.header("location")
    if answer.status == 202 and location:
        load.ids.append(location.rpartition("/")[2])
    else:
        load.errors.append(f"{answer.status} {answer.body[:200]!r}")
