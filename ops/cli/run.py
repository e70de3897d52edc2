"""The main job: from a prompt to code that has been run, on a machine where nothing is set up.

set up → build → stack → submit → follow → files → what was proved, and how to go on.
"""

from argparse import Namespace
from typing import Any

from . import allowed, artifacts, following, inplace, interpreter, jobs, setup, stack, verdict
from .client import Client
from .errors import FAILED
from .settings import Settings
from .text import Terminal

Job = dict[str, Any]


def run(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """Do it all. 0 only when the job succeeded."""
    gathered = jobs.gather(args)
    if args.dry_run:
        return gathered.dry_run(terminal)
    body = jobs.request(args, gathered)
    inplace.check(args, gathered, terminal)
    gathered.show(terminal)
    allowed.check(settings)
    allowed.warn_of_misspelt(terminal)
    engine = setup.prepare(settings, terminal, lambda why: terminal.line(
        f"NOT VERIFIED: as things stand, code can't be run here: {why}", "bold", "yellow"))
    if not engine.there:
        body["verify"] = {**body.get("verify", {}), "policy": "best_effort"}
    stack.up(settings, terminal, stack.wanted(settings),
             lambda: interpreter.for_agent(settings, terminal))
    with Client(settings.local_url, settings.local_key()) as client:
        job_id = str(client.submit(body).get("id"))
        terminal.line(f"job {job_id}", "dim")
        job = following.to_end(client, job_id, terminal, settings.command)
        wish = inplace.wish(args, gathered, terminal, jobs.wish(args),
                            job.get("status") == "succeeded")
        return _finish(client, settings, args, terminal, job, engine, wish)


def _finish(client: Client, settings: Settings, args: Namespace, terminal: Terminal, job: Job,
            engine: setup.Engine, wish: artifacts.Wish) -> int:
    """Files, result and the last lines: the verdict comes last when nothing was verified."""
    verified = verdict.passed(job)
    if verified or job.get("status") != "succeeded":
        following.show_outcome(job, terminal)
        if verified and not engine.there:
            terminal.line("a worker had a sandbox after all", "dim")
    saved = following.save_files(client, job, settings, wish, terminal)
    if saved.paths:
        for way in verdict.how_to_run(job, saved.folder, saved.paths, settings.command,
                                      jobs.deciding(args)):
            terminal.line(f"run:   {way}")
    terminal.line(f"the stack is still up at {settings.local_url}; "
                  f"stop it with: {settings.command} down")
    following.show_bill(job, terminal)
    if job.get("status") == "succeeded" and not verified:
        if engine.there:
            following.show_outcome(job, terminal)
        else:
            terminal.line(f"NOT VERIFIED: the code wasn't run: {engine.why_not}", "bold", "yellow")
    following.show_result(job, args.json, streamed=True)
    return following.exit_code(job) if saved.whole else FAILED
