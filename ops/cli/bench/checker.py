"""What must hold of every job when the chaos is over, read over HTTP alone."""

from collections.abc import Iterator
from typing import Any

from .crowd import Order
from .jobs import TERMINAL, Event
from .wire import Api

_UNCHARGED = ("worker_lost", "worker_stopped")
# Why a stage that had not ended begins again.
_BROKEN_OFF = ("crash", "retry")


def check_job(order: Order, job: dict[str, Any], log: list[Event]) -> Iterator[str]:
    """Whatever is wrong with one job, as lines."""
    if len(set(order.ids)) != 1:
        yield f"one key gave {len(set(order.ids))} jobs: {sorted(set(order.ids))}"
    yield from _numbers(log)
    yield from _ending(order, job, log)
    yield from _Walk().check(log)
    yield from _watched(order, log)
    yield from _resource(job, log)


def _numbers(log: list[Event]) -> Iterator[str]:
    if not log:
        yield "the log is empty"
        return
    for expected, event in enumerate(log, 1):
        if event["seq"] != expected:
            yield f"a gap or a double in the log: {event['seq']} where {expected} belongs"
            return
    if log[0]["type"] != "queued":
        yield f"the log begins with {log[0]['type']}"


def _ending(order: Order, job: dict[str, Any], log: list[Event]) -> Iterator[str]:
    ends = [event for event in log if event["type"] in TERMINAL]
    if job["status"] not in TERMINAL:
        yield f"it hasn't ended: {job['status']}"
    elif len(ends) != 1:
        yield f"{len(ends)} terminal events"
    elif log[-1] is not ends[0]:
        yield f"{log[-1]['type']} comes after the terminal event"
    elif ends[0]["type"] != job["status"]:
        yield f"the log says {ends[0]['type']}, the job {job['status']}"
    if order.cancelled and job["status"] != "cancelled":
        yield f"its cancel was accepted, and it ended {job['status']}"
    failure = (job["error"] or {}).get("code")
    if job["status"] == "failed" and failure not in ("lost_too_often", "unavailable",
                                                     "agent_unreachable", "sandbox_unavailable"):
        yield f"it failed with {failure}"


class _Walk:
    """Goes through a log as the one claim after another that it must be.

    What a worker writes after it lost its job would stand where nothing of its kind can: behind
    a `retrying`, in a stage it didn't begin, with the attempt of another claim.
    """

    def __init__(self) -> None:
        self.running = False
        self.attempt = 0
        self.charge = True
        self.begun = False
        self.open: tuple[str, int] | None = None
        self.ended: dict[tuple[str, int], str] = {}
        self.chunk = 0

    def check(self, log: list[Event]) -> Iterator[str]:
        """Whatever can't be."""
        for event in log:
            for what in self._event(event):
                yield f"event {event['seq']}, {event['type']}: {what}"

    def _event(self, event: Event) -> Iterator[str]:
        kind = event["type"]
        if kind == "queued":
            if event["seq"] != 1:
                yield "not the first"
        elif kind == "started":
            yield from self._started(event)
        elif event["attempt"] != self.attempt:
            yield f"of attempt {event['attempt']}, while attempt {self.attempt} has the job"
        elif not self.running and kind != "cancelled":
            yield "nobody has the job"
        elif kind == "retrying":
            self.running = False
            self.charge = event["reason"] not in _UNCHARGED
        elif kind not in TERMINAL:
            yield from self._in_stage(kind, event)

    def _started(self, event: Event) -> Iterator[str]:
        if self.running:
            yield "while another has the job"
        expected = self.attempt + (1 if self.charge else 0)
        if event["attempt"] != expected:
            yield f"attempt {event['attempt']}, {expected} was due"
        self.running, self.attempt, self.begun = True, event["attempt"], False

    def _in_stage(self, kind: str, event: Event) -> Iterator[str]:
        stage = event.get("stage", "verify")
        at = (stage, event.get("round", 0))
        if kind == "stage_reset":
            if event["reason"] in _BROKEN_OFF:
                if self.open is None or self.open[0] != stage:
                    yield f"{stage} isn't open"
                self.open = None
        elif kind == "stage_started":
            if self.ended.get(at) is not None:
                yield f"{at} begins again after its checkpoint ({self.ended[at]})"
            if self.open is not None:
                yield f"{self.open} is still open"
            self.open, self.chunk, self.begun = at, 0, True
        elif not self.begun:
            yield "this claim has begun no stage yet"
        elif self.open is None or (kind != "file" and self.open != at):
            yield f"{at} isn't the stage that is open, {self.open} is"
        elif kind == "chunk":
            if event["chunk_index"] != self.chunk:
                yield f"chunk_index {event['chunk_index']}, {self.chunk} was due"
            self.chunk = event["chunk_index"] + 1
        elif kind == "stage_completed":
            self.ended[at] = event["status"]
            self.open = None


def _watched(order: Order, log: list[Event]) -> Iterator[str]:
    if not order.seen and not order.watched:
        return
    if order.seen != list(range(1, len(order.seen) + 1)):
        yield f"a watcher saw events out of order, twice or not at all: {order.seen[:200]}"
    elif not order.watched:
        yield f"a watcher never saw the end; it saw {len(order.seen)} of {len(log)} events"
    elif len(order.seen) != len(log):
        yield f"a watcher was told the end after {len(order.seen)} of {len(log)} events"


def _resource(job: dict[str, Any], log: list[Event]) -> Iterator[str]:
    if job["last_seq"] != len(log):
        yield f"last_seq is {job['last_seq']}, the log has {len(log)} events"
    if job["status"] != "succeeded":
        return
    for stage in job["stages"]:
        if stage["status"] != "succeeded":
            yield f"it succeeded, its stage {stage['name']} is {stage['status']}"
    for name in ("spec", "docs"):
        text = _streamed(log, name)
        if text is not None and job[name] != text:
            yield f"its {name} isn't what was streamed since the last stage_started"


def _streamed(log: list[Event], stage: str) -> str | None:
    text: str | None = None
    for event in log:
        if event.get("stage") == stage and event["type"] == "stage_started":
            text = ""
        elif event.get("stage") == stage and event["type"] == "chunk" and text is not None:
            text += event["delta"]
    return text


def shown(log: list[Event]) -> str:
    """A log in short lines, for a person who has to find out."""
    lines = []
    for event in log:
        more = {key: value for key, value in event.items()
                if key not in ("seq", "type", "job_id", "at", "attempt", "delta", "text", "usage")}
        lines.append(f"      {event['seq']:>4} {event['at'][11:23]} {event['type']:16}"
                     f" attempt {event['attempt']} {str(more)[:160]}")
    if len(lines) > 80:
        lines[60:-15] = ["       …"]
    return "\n".join(lines)


async def all_jobs(api: Api) -> list[dict[str, Any]]:
    """Every job there is, from the list."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = await api.json(f"/api/jobs?limit=100{cursor}")
        found += page["jobs"]
        if not page["next_cursor"]:
            return found
        cursor = f"&cursor={page['next_cursor']}"
