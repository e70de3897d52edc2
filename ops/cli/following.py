"""Following a job to its end: live, over broken connections, and through Ctrl-C."""

import shlex
import sys
import time
from typing import Any, Protocol

from . import artifacts, bill, events, verdict
from .client import Client
from .errors import FAILED, INTERRUPTED, SUCCEEDED, CommandError
from .idleness import Idleness
from .live import Live
from .settings import Settings
from .text import Terminal, as_json, clean, one_line

FINISHED = ("succeeded", "failed", "cancelled")
_SECOND_CTRL_C_SECONDS = 3.0
_POLL_WAIT_SECONDS = 30

Job = dict[str, Any]


class Interrupted(CommandError):
    """Ctrl-C while a job was followed; all there is to say was said."""

    exit_code = INTERRUPTED


class View(Protocol):
    """What shows a job's events."""

    def show(self, event: Job) -> None:
        """Show one event."""

    def close(self) -> None:
        """No more will come."""


class Quiet:
    """Shows nothing of a job's way; how it ended is said elsewhere."""

    def show(self, event: Job) -> None:
        """Leave it out."""

    def close(self) -> None:
        """Nothing was begun."""


def to_end(client: Client, job_id: str, terminal: Terminal, command: str,
           view: View | None = None, all_lines: bool = False) -> Job:
    """Show a job's events until it ends (by default live, all of them); the finished resource.

    Raises Interrupted after Ctrl-C, which leaves the job going; a second one within 3 s
    cancels it.
    """
    try:
        see_all = None if all_lines else f"{command} watch {job_id} --all"
        shown: View = view or (Quiet() if terminal.quiet else Live(terminal, see_all))
        try:
            for event in events.follow(client, job_id, lambda why: _trouble(why, terminal),
                                       Idleness(client, terminal, command)):
                shown.show(event)
        finally:
            shown.close()
        return _finished(client, job_id)
    except KeyboardInterrupt:
        _leave(client, job_id, terminal, command)
        raise Interrupted("") from None


def _trouble(why: str | None, terminal: Terminal) -> None:
    if why is None:
        terminal.line("it answers again", "dim")
    else:
        terminal.line(f"{why.removesuffix(' (is the stack up? `status`)')}; trying again for "
                      f"{events.GIVE_UP_SECONDS:.0f} s", "yellow")
        terminal.progress("waiting for the api")


def _finished(client: Client, job_id: str) -> Job:
    """The resource once its status is final (an unknown status counts as unfinished)."""
    job = client.job(job_id)
    while job.get("status") not in FINISHED:
        job = client.job(job_id, wait=_POLL_WAIT_SECONDS)
    return job


def _leave(client: Client, job_id: str, terminal: Terminal, command: str) -> None:
    try:
        terminal.progress(None)
        terminal.line(f"the job keeps running; watch it with `{command} watch {job_id}`, "
                      f"cancel it with `{command} cancel {job_id}` "
                      f"or Ctrl-C again within {_SECOND_CTRL_C_SECONDS:.0f} s")
        terminal.line(f"its files, once it has ended: {command} get {job_id} -o DIR")
        time.sleep(_SECOND_CTRL_C_SECONDS)
    except KeyboardInterrupt:
        try:
            # The kept connection may be in the middle of an answer.
            client.close()
            client.cancel(job_id)
            terminal.line("cancelled")
        except CommandError as failure:
            terminal.line(f"it couldn't be cancelled: {failure.line}", "red")


def exit_code(job: Job) -> int:
    """0 for a job that succeeded or isn't finished yet, 1 for one that failed or was cancelled.

    An execute job has succeeded whenever there is a verdict: the verdict is what counts.
    """
    if job.get("kind") == "execute" and job.get("status") == "succeeded":
        return SUCCEEDED if verdict.passed(job) else FAILED
    return FAILED if job.get("status") in ("failed", "cancelled") else SUCCEEDED


def taken_over(job: Job) -> list[str]:
    """The stages another job had done, of which this one's events tell nothing."""
    stages = job.get("stages")
    return [str(stage.get("name")) for stage in (stages if isinstance(stages, list) else [])
            if isinstance(stage, dict)
            and stage.get("status") == "succeeded" and stage.get("runs") == 0]


def show_result(job: Job, json_only: bool, streamed: bool) -> None:
    """The result on stdout: the resource, or the code.

    Code that was just streamed to this very terminal isn't repeated.
    """
    shown = streamed and sys.stdout.isatty() and "code" not in taken_over(job)
    if json_only:
        sys.stdout.write(as_json(job) + "\n")
    elif isinstance(job.get("content"), str) and not shown:
        text = clean(job["content"])
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def show_outcome(job: Job, terminal: Terminal) -> None:
    """One line on stderr: what was proved, or why it failed."""
    if job.get("status") != "succeeded":
        terminal.line(f"✘ {job.get('status')}: {verdict.failure(job)}", "bold", "red")
        return
    verification = verdict.verification_of(job)
    if verdict.passed(job):
        terminal.line(f"✔ verified: {verdict.proved(verification)}", "bold", "green")
        show_evidence(job, terminal)
    elif "verify" in (job.get("pipeline") or ["verify"]):
        terminal.line(f"NOT VERIFIED: {verdict.proved(verification)}", "bold", "yellow")
    else:
        terminal.line("✔ succeeded (there was nothing to verify)", "bold", "green")


def show_bill(job: Job, terminal: Terminal) -> None:
    """What it cost, last of all."""
    said = bill.line(job)
    if said is not None:
        terminal.line(said, "dim")


def show_evidence(job: Job, terminal: Terminal) -> None:
    """Why tests that passed weren't judged from outside, where they could have been."""
    why = verdict.verification_of(job).get("evidence_reason")
    if why:
        terminal.line(f"not judged from outside: {one_line(str(why), 300)}", "yellow")


def save_files(client: Client, job: Job, settings: Settings, wish: artifacts.Wish,
               terminal: Terminal) -> artifacts.Saved:
    """Write the job's files and say where; what wasn't written is named."""
    saved = artifacts.save(client, job, wish, settings.artifacts, settings.home)
    written = saved.paths + saved.documents
    if written:
        names = ", ".join(written[:6]) + (" …" if len(written) > 6 else "")
        terminal.line(f"files: {one_line(str(saved.folder))} ({names})")
    for refused in saved.refused:
        terminal.line(f"file not written: {refused}", "red")
    if saved.declined:
        terminal.line(f"nothing was written; the files are in the job: {settings.command} get "
                      f"{one_line(str(job.get('id')))} -o DIR", "yellow")
    for path in saved.left_out:
        terminal.line(f"left out without --dotfiles: {one_line(path)}", "yellow")
    for path in saved.kept:
        terminal.line(f"{path} is there already and stays; the job's own is in `get --json`", "dim")
    for path in saved.in_the_way:
        terminal.line(f"in the way, and not written by this command: {path}", "red")
    if saved.in_the_way:
        again = shlex.join(["get", str(job.get("id")), "-o", str(saved.folder), "--force",
                            *(["--dotfiles"] if wish.dotfiles else [])])
        terminal.line(f"nothing was written to {one_line(str(saved.folder))}; to replace what is "
                      f"in the way: {settings.command} {again}", "red")
    return saved
