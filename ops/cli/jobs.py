"""The client's commands about jobs: generate, ask, retry, watch, get, cancel, delete."""

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import artifacts, checks, following, ids, inplace, inputs, languages, sending
from .client import Client
from .errors import FAILED, SUCCEEDED, CommandError, UsageError
from .settings import Settings
from .text import Terminal, as_json, one_line

Job = dict[str, Any]


def generate(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """Submit a prompt and follow it."""
    gathered = gather(args)
    if args.dry_run:
        return gathered.dry_run(terminal)
    inplace.check(args, gathered, terminal)
    body = request(args, gathered)
    gathered.show(terminal)
    return _submitted(settings, args, terminal, lambda client: client.submit(body), gathered)


def ask(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """A follow-up to a finished job: starts from its files."""
    gathered = gather(args)
    if args.dry_run:
        return gathered.dry_run(terminal)
    inplace.check(args, gathered, terminal)
    body = request(args, gathered)
    gathered.show(terminal)
    return _submitted(settings, args, terminal, lambda client: client.submit(
        {**body, "previous_job_id": ids.resolve(client, args.id)}), gathered)


def retry(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """A new job from a failed or cancelled one."""
    return _submitted(settings, args, terminal, lambda client: client.retry(
        ids.resolve(client, args.id)))


def gather(args: Namespace) -> sending.Gathered:
    """The files that `generate`, `ask` and `run` are given."""
    return sending.gather([args.file or [], args.test or []])


def request(args: Namespace, gathered: sending.Gathered) -> Job:
    """The body of a submit from the options `generate`, `ask` and `run` share."""
    given, tests = gathered.groups
    body: Job = {"prompt": inputs.prompt(args.prompt)}
    for field, value in (("language", args.lang), ("framework", args.framework),
                         ("model", args.model), ("pipeline", args.pipeline),
                         ("priority", args.priority), ("timeout_seconds", args.timeout),
                         ("max_attempts", args.max_attempts),
                         ("max_cost_usd", args.max_cost)):
        if value is not None:
            body[field] = value
    if args.instructions is not None:
        body["instructions"] = inputs.instructions(args.instructions)
    if args.lang and not args.unverified and "verify" in (args.pipeline or ["verify"]):
        languages.refuse_unrunnable(args.lang)
    if given:
        body["files"] = given
    verify = _verify(args, tests)
    if verify:
        body["verify"] = verify
    return body


def _verify(args: Namespace, tests: list[Job]) -> Job:
    verify: Job = {"policy": "best_effort"} if args.unverified else {}
    deciders = [name for name, given in (
        ("--test", tests), ("--cases", args.cases), ("--verify-kind", args.verify_kind),
        ("--verify-command", args.verify_command)) if given]
    if len(deciders) > 1:
        raise UsageError(f"{' and '.join(deciders)} can't both decide; use only one")
    if tests:
        verify.update(kind="tests", files=tests)
    if args.verify_kind:
        verify["kind"] = args.verify_kind
    if args.verify_command:
        verify["command"] = inputs.argv_of("--verify-command", args.verify_command)
    verify.update(checks_of(args))
    return verify


def deciding(args: Namespace) -> list[str]:
    """The options with which `exec` is decided by what decided this job."""
    tests = [each for name in args.test or [] for each in ("--test", name)]
    return (tests + (["--cases", args.cases] if args.cases else [])
            + (["--evidence", args.evidence] if args.evidence else []))


def checks_of(args: Namespace) -> Job:
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
               submit: Callable[[Client], Job], gathered: sending.Gathered | None = None) -> int:
    with Client(settings.url, settings.api_key) as client:
        job = submit(client)
        if args.no_wait:
            sys.stdout.write((as_json(job) if args.json else one_line(str(job.get("id")))) + "\n")
            return SUCCEEDED
        terminal.line(f"job {one_line(str(job.get('id')))}", "dim")
        taken = following.taken_over(job)
        if taken:
            terminal.line(f"taken over: {one_line(', '.join(taken))}", "dim")
        return _followed(client, settings, args, terminal, str(job.get("id")), gathered)


def watch(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """Follow a job from its first event to its end."""
    with Client(settings.url, settings.api_key) as client:
        job_id = ids.resolve(client, args.id)
        client.job(job_id)
        return _followed(client, settings, args, terminal, job_id)


def _followed(client: Client, settings: Settings, args: Namespace, terminal: Terminal,
              job_id: str, gathered: sending.Gathered | None = None) -> int:
    job = following.to_end(client, job_id, terminal, settings.command,
                           all_lines=args.all)
    following.show_outcome(job, terminal)
    wanted = wish(args)
    if gathered is not None:
        wanted = inplace.wish(args, gathered, terminal, wanted, job.get("status") == "succeeded")
    return _result(client, settings, args, terminal, job, wanted, streamed=True)


def _saved_by_default(client: Client, settings: Settings, args: Namespace, terminal: Terminal,
                      job: Job) -> None:
    """The files in their usual place; that it can't be used doesn't make a failure of the job."""
    if job.get("kind") != "execute" and job.get("files"):
        try:
            following.save_files(client, job, settings, wish(args), terminal)
        except CommandError as failure:
            terminal.line(f"the files weren't written: {failure.line}", "yellow")


def _result(client: Client, settings: Settings, args: Namespace, terminal: Terminal, job: Job,
            wanted: artifacts.Wish, streamed: bool) -> int:
    code = following.exit_code(job)
    if args.output is not None:
        saved = following.save_files(client, job, settings, wanted, terminal)
        code = code if saved.whole else FAILED
    elif streamed:
        _saved_by_default(client, settings, args, terminal, job)
    following.show_bill(job, terminal)
    following.show_result(job, args.json, streamed)
    return code


def get(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """A job as it is now: its state on stderr, its code on stdout."""
    with Client(settings.url, settings.api_key) as client:
        job = client.job(ids.resolve(client, args.id))
        if job.get("status") in following.FINISHED:
            following.show_outcome(job, terminal)
        else:
            terminal.line(f"{job.get('status')}: {_stage_of(job)}")
        return _result(client, settings, args, terminal, job, wish(args), streamed=False)


def _stage_of(job: Job) -> str:
    stages = job.get("stages")
    for stage in stages if isinstance(stages, list) else []:
        if isinstance(stage, dict) and stage.get("status") == "running":
            return one_line(f"in {stage.get('name')}, attempt {job.get('attempt')}")
    position = job.get("queue_position")
    return f"position {position} in the queue" if position else "between two stages"


def cancel(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """Cancel a job; done once the api has taken it."""
    with Client(settings.url, settings.api_key) as client:
        job = client.cancel(ids.resolve(client, args.id))
    if args.json:
        sys.stdout.write(as_json(job) + "\n")
    terminal.line(f"cancelling {one_line(str(job.get('id')))}; it will end within seconds")
    return SUCCEEDED


def delete(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """Delete finished jobs; the first that can't be ends it."""
    with Client(settings.url, settings.api_key) as client:
        for job_id in [ids.resolve(client, each) for each in args.ids]:
            client.delete(job_id)
            terminal.line(f"deleted {one_line(job_id)}")
    return SUCCEEDED
