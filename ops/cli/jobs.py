"""The client's commands: generate, watch, get, list, cancel, retry, ask, exec."""

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import artifacts, casetable, checks, following, inputs, sending, verdict
from .client import Client
from .errors import FAILED, SUCCEEDED, CommandError, UsageError
from .settings import Settings
from .text import Terminal, as_json, clean, one_line

Job = dict[str, Any]


def generate(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """Submit a prompt and follow it."""
    gathered = gather(args)
    if args.dry_run:
        return gathered.dry_run(terminal)
    body = request(args, gathered)
    gathered.show(terminal)
    return _submitted(settings, args, terminal, lambda client: client.submit(body))


def ask(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """A follow-up to a finished job: starts from its files."""
    gathered = gather(args)
    if args.dry_run:
        return gathered.dry_run(terminal)
    body = {**request(args, gathered), "previous_job_id": args.id}
    gathered.show(terminal)
    return _submitted(settings, args, terminal, lambda client: client.submit(body))


def retry(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """A new job from a failed or cancelled one."""
    return _submitted(settings, args, terminal, lambda client: client.retry(args.id))


def gather(args: Namespace) -> sending.Gathered:
    """The files that `generate`, `ask` and `run` are given."""
    return sending.gather([args.file or [], args.test or []])


def request(args: Namespace, gathered: sending.Gathered) -> Job:
    """The body of a submit from the options `generate`, `ask` and `run` share."""
    given, tests = gathered.groups
    body: Job = {"prompt": inputs.prompt(args.prompt)}
    for field, value in (("language", args.lang), ("framework", args.framework),
                         ("model", args.model)):
        if value:
            body[field] = value
    if given:
        body["files"] = given
    verify: Job = {}
    if args.unverified:
        verify["policy"] = "best_effort"
    if tests and args.cases:
        raise UsageError("--test and --cases can't both decide; use only one")
    if tests:
        verify["kind"] = "tests"
        verify["files"] = tests
    verify.update(_checks(args))
    if verify:
        body["verify"] = verify
    return body


def deciding(args: Namespace) -> list[str]:
    """The options with which `exec` is decided by what decided this job."""
    tests = [each for name in args.test or [] for each in ("--test", name)]
    return (tests + (["--cases", args.cases] if args.cases else [])
            + (["--evidence", args.evidence] if args.evidence else []))


def _checks(args: Namespace) -> Job:
    """What `--cases` and `--evidence` add to `verify`."""
    asked: Job = checks.load(args.cases) if args.cases else {}
    if args.evidence:
        asked["evidence"] = args.evidence
    return asked


def wish(args: Namespace) -> artifacts.Wish:
    """Where the files go and what they may be, from the options every such command has."""
    folder = Path(args.output) if args.output is not None else None
    return artifacts.Wish(folder, args.force, args.dotfiles, not args.no_docs)


def _submitted(settings: Settings, args: Namespace, terminal: Terminal,
               submit: Callable[[Client], Job]) -> int:
    with Client(settings.url, settings.api_key) as client:
        job = submit(client)
        if args.no_wait:
            sys.stdout.write((as_json(job) if args.json else one_line(str(job.get("id")))) + "\n")
            return SUCCEEDED
        terminal.line(f"job {one_line(str(job.get('id')))}", "dim")
        taken = following.taken_over(job)
        if taken:
            terminal.line(f"taken over: {one_line(', '.join(taken))}", "dim")
        return _followed(client, settings, args, terminal, str(job.get("id")))


def watch(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """Follow a job from its first event to its end."""
    with Client(settings.url, settings.api_key) as client:
        client.job(args.id)
        return _followed(client, settings, args, terminal, args.id)


def _followed(client: Client, settings: Settings, args: Namespace, terminal: Terminal,
              job_id: str) -> int:
    job = following.to_end(client, job_id, terminal, settings.command)
    following.show_outcome(job, terminal)
    return _result(client, settings, args, terminal, job, streamed=True)


def _saved_by_default(client: Client, settings: Settings, args: Namespace, terminal: Terminal,
                      job: Job) -> None:
    """The files in their usual place; that it can't be used doesn't make a failure of the job."""
    if job.get("kind") != "execute" and job.get("files"):
        try:
            following.save_files(client, job, settings, wish(args), terminal)
        except CommandError as failure:
            terminal.line(f"the files weren't written: {failure.line}", "yellow")


def _result(client: Client, settings: Settings, args: Namespace, terminal: Terminal, job: Job,
            streamed: bool) -> int:
    code = following.exit_code(job)
    if args.output is not None:
        saved = following.save_files(client, job, settings, wish(args), terminal)
        code = code if saved.whole else FAILED
    elif streamed:
        _saved_by_default(client, settings, args, terminal, job)
    following.show_bill(job, terminal)
    following.show_result(job, args.json, streamed)
    return code


def get(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """A job as it is now: its state on stderr, its code on stdout."""
    with Client(settings.url, settings.api_key) as client:
        job = client.job(args.id)
        if job.get("status") in following.FINISHED:
            following.show_outcome(job, terminal)
        else:
            terminal.line(f"{job.get('status')}: {_stage_of(job)}")
        return _result(client, settings, args, terminal, job, streamed=False)


def _stage_of(job: Job) -> str:
    stages = job.get("stages")
    for stage in stages if isinstance(stages, list) else []:
        if isinstance(stage, dict) and stage.get("status") == "running":
            return one_line(f"in {stage.get('name')}, attempt {job.get('attempt')}")
    position = job.get("queue_position")
    return f"position {position} in the queue" if position else "between two stages"


def list_jobs(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """The newest jobs as a table, or a page as JSON."""
    filters = {name: str(value) for name, value in (
        ("status", args.status), ("kind", args.kind), ("limit", args.limit),
        ("cursor", args.cursor)) if value is not None}
    with Client(settings.url, settings.api_key) as client:
        page = client.jobs(filters)
    if args.json:
        sys.stdout.write(as_json(page) + "\n")
        return SUCCEEDED
    for job in page.get("jobs") or []:
        sys.stdout.write(clean(
            f"{job.get('id')}  {str(job.get('status')):<9}  {str(job.get('kind')):<8}  "
            f"{str(job.get('created_at'))[:19]}  {one_line(str(job.get('prompt') or ''), 60)}"
        ) + "\n")
    if page.get("next_cursor"):
        terminal.line(f"more: --cursor {page['next_cursor']}", "dim")
    return SUCCEEDED


def cancel(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """Cancel a job; done once the api has taken it."""
    with Client(settings.url, settings.api_key) as client:
        job = client.cancel(args.id)
    if args.json:
        sys.stdout.write(as_json(job) + "\n")
    terminal.line(f"cancelling {one_line(args.id)}; it will end within seconds")
    return SUCCEEDED


def execute(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """Run files in the sandbox: their output is ours, and 0 means `passed`."""
    gathered = sending.gather([args.files, args.test or []], together=False)
    if args.dry_run:
        return gathered.dry_run(terminal)
    files, tests = gathered.groups
    body: Job = {"language": args.lang, "files": files}
    limits = {name: value for name, value in (
        ("timeout_seconds", args.timeout), ("memory_mb", args.memory)) if value is not None}
    if limits:
        body["limits"] = limits
    deciders = [name for name, given in (("--kind", args.kind), ("--cases", args.cases),
                                         ("--test", tests)) if given]
    if len(deciders) > 1:
        raise UsageError(f"{' and '.join(deciders)} can't both decide; use only one")
    verify: Job = {"kind": args.kind} if args.kind else {}
    if tests:
        verify = {"kind": "tests", "files": tests}
    verify.update(_checks(args))
    if verify:
        body["verify"] = verify
    if args.arg:
        body["args"] = args.arg
    if args.stdin is not None:
        body["stdin"] = inputs.text_of(args.stdin)
    if args.collect:
        body["collect"] = args.collect
    if args.collect and args.output is None:
        raise UsageError("--collect needs -o DIR, the folder for the files")
    gathered.show(terminal)
    with Client(settings.url, settings.api_key) as client:
        job_id = str(client.submit(body, "/api/execute").get("id"))
        output = None if args.json else _Output(terminal, bool(args.cases))
        job = following.to_end(client, job_id, terminal, settings.command, output)
        whole = args.output is None or following.save_files(
            client, job, settings, wish(args), terminal).whole
    if args.json:
        sys.stdout.write(as_json(job) + "\n")
    elif verdict.passed(job):
        terminal.line(f"✔ {verdict.proved(verdict.verification_of(job))}", "green")
        following.show_evidence(job, terminal)
    elif job.get("status") == "succeeded":
        terminal.line(f"✘ {verdict.proved(verdict.verification_of(job))}", "red")
    else:
        following.show_outcome(job, terminal)
    return SUCCEEDED if verdict.passed(job) and whole else FAILED


class _Output:
    """The program's own output: its stdout on ours, its stderr on ours; of cases how each ended."""

    def __init__(self, terminal: Terminal, has_cases: bool) -> None:
        self._terminal = terminal
        self._has_cases = has_cases

    def show(self, event: Job) -> None:
        if event.get("type") == "case":
            casetable.show(event, self._terminal)
        elif event.get("type") == "sandbox_output" and not self._has_cases:
            stream = sys.stderr if event.get("stream") == "stderr" else sys.stdout
            stream.write(clean(str(event.get("text") or "")))
            stream.flush()
        elif event.get("type") == "stage_reset":
            self._terminal.line(
                "the worker was lost; the program starts again, and its output so far is void",
                "yellow")

    def close(self) -> None:
        """Nothing is held back."""
