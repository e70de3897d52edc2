"""`exec`: files run in the sandbox; what the program prints is what the command prints."""

import sys
from argparse import Namespace
from typing import Any

from . import casetable, following, inputs, jobs, languages, sending, verdict
from .client import Client
from .errors import FAILED, SUCCEEDED, UsageError
from .settings import Settings
from .text import Terminal, as_json, clean

Job = dict[str, Any]


def execute(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """Run files in the sandbox: their output is ours, and 0 means `passed`."""
    gathered = sending.gather([args.files, args.test or []], together=False)
    if args.dry_run:
        return gathered.dry_run(terminal)
    body = _request(args, gathered)
    gathered.show(terminal)
    with Client(settings.url, settings.api_key) as client:
        job_id = str(client.submit(body, "/api/execute").get("id"))
        output = None if args.json else _Output(terminal, bool(args.cases))
        job = following.to_end(client, job_id, terminal, settings.command, output)
        whole = args.output is None or following.save_files(
            client, job, settings, jobs.wish(args), terminal).whole
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


def _request(args: Namespace, gathered: sending.Gathered) -> Job:
    files, tests = gathered.groups
    language = (languages.runnable(args.lang) if args.lang
                else languages.of_files(each["path"] for each in files))
    body: Job = {"language": language, "files": files}
    limits = {name: value for name, value in (
        ("timeout_seconds", args.timeout), ("memory_mb", args.memory),
        ("cpu_millicores", args.cpu), ("pids", args.pids)) if value is not None}
    if limits:
        body["limits"] = limits
    verify = _verify(args, tests)
    if verify:
        body["verify"] = verify
    if args.command_line:
        body["command"] = inputs.argv_of("--command", args.command_line)
    arguments = (args.arg or []) + args.args
    if arguments:
        body["args"] = arguments
    if args.stdin is not None:
        body["stdin"] = inputs.text_of(args.stdin)
    if args.collect:
        body["collect"] = args.collect
    if args.collect and args.output is None:
        raise UsageError("--collect needs -o DIR, the folder for the files")
    return body


def _verify(args: Namespace, tests: list[Job]) -> Job:
    deciders = [name for name, given in (("--kind", args.kind), ("--cases", args.cases),
                                         ("--test", tests)) if given]
    if len(deciders) > 1:
        raise UsageError(f"{' and '.join(deciders)} can't both decide; use only one")
    verify: Job = {"kind": args.kind} if args.kind else {}
    if tests:
        verify = {"kind": "tests", "files": tests}
    verify.update(jobs.checks_of(args))
    return verify


class _Output:
    """The program's own output: its stdout on ours, its stderr on ours; of cases how each ended.

    A terminal gets no control characters of it; a file or a pipe gets every byte that was kept.
    """

    def __init__(self, terminal: Terminal, has_cases: bool) -> None:
        self._terminal = terminal
        self._has_cases = has_cases

    def show(self, event: Job) -> None:
        if event.get("type") == "case":
            casetable.show(event, self._terminal)
        elif event.get("type") == "sandbox_output" and not self._has_cases:
            stream = sys.stderr if event.get("stream") == "stderr" else sys.stdout
            text = str(event.get("text") or "")
            if stream.isatty():
                stream.write(clean(text))
                stream.flush()
            else:
                stream.buffer.write(text.encode("utf-8", "replace"))
        elif event.get("type") == "stage_reset":
            self._terminal.line(
                "the worker was lost; the program starts again, and its output so far is void",
                "yellow")

    def close(self) -> None:
        """Nothing is held back."""
