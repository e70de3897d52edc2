"""`diff`: what changed between two jobs' files."""

import sys
from argparse import Namespace

from . import ids
from .client import Client
from .errors import SUCCEEDED, UsageError
from .settings import Settings
from .text import Terminal, clean


def diff(settings: Settings, args: Namespace, _: Terminal) -> int:
    """A patch from one job's files to another's; of a follow-up or a retry, from those before."""
    with Client(settings.url, settings.api_key) as client:
        first = ids.resolve(client, args.id)
        if args.other is not None:
            before, after = first, ids.resolve(client, args.other)
        else:
            job = client.job(first)
            before, after = str(job.get("previous_job_id") or job.get("retry_of") or ""), first
        if not before:
            raise UsageError("the job follows up on no other; name two: diff ID ID")
        patch = client.diff(before, after).decode("utf-8", "replace")
    show(patch, Terminal(sys.stdout))
    return SUCCEEDED


def show(patch: str, out: Terminal) -> None:
    """A unified diff, in colour where there is any; byte for byte where nobody reads it."""
    if not out.live:
        out.stream.write(patch)
        return
    for line in clean(patch).splitlines():
        out.line(line, *style(line))


def style(line: str) -> tuple[str, ...]:
    """How a line of a diff looks."""
    if line.startswith(("+++", "---", "diff ")):
        return ("bold",)
    return {"+": ("green",), "-": ("red",), "@": ("cyan",)}.get(line[:1], ())
