"""Working in place: a folder is sent, and the result comes back into it once it was agreed to."""

import difflib
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from . import changes
from .artifacts import Change, Wish
from .errors import UsageError
from .sending import Gathered
from .text import Terminal

_SHOWN_LINES = 400


def folder(args: Namespace) -> Path | None:
    """The folder that is both sent and written to, None when there is none."""
    if args.output is None:
        return None
    output = os.path.realpath(args.output)
    sent = any(os.path.isdir(each) and os.path.realpath(each) == output
               for each in args.file or [])
    return Path(args.output) if sent else None


def check(args: Namespace, gathered: Gathered, terminal: Terminal) -> None:
    """Raise UsageError, before anything is paid, for what couldn't be written back in the end."""
    place = folder(args)
    if place is None:
        return
    if os.path.realpath(gathered.base) != os.path.realpath(place):
        raise UsageError(f"files from outside {place} are sent as well; the result can be written "
                         "into it only if all are from there")
    if not args.yes and not args.dry_run and not _can_ask(terminal):
        raise UsageError(f"to write into {place}, which is sent, --yes is needed off a terminal")


def wish(args: Namespace, gathered: Gathered, terminal: Terminal, given: Wish, succeeded: bool
         ) -> Wish:
    """What may be done with the files: in place nothing before the changes were agreed to, and of
    a job that failed nothing at all, so that it goes to the usual folder.
    """
    if folder(args) is None:
        return given
    if not succeeded:
        terminal.line("nothing is written in place, since the job didn't succeed", "yellow")
        return Wish(None, given.force, given.dotfiles, given.docs)
    return Wish(given.folder, given.force, given.dotfiles, False, gathered.sent,
                lambda found: _agreed(args, terminal, found))


def _can_ask(terminal: Terminal) -> bool:
    return sys.stdin.isatty() and terminal.stream.isatty()


def _agreed(args: Namespace, terminal: Terminal, found: Sequence[Change]) -> bool:
    for each in found:
        _show(each, terminal)
    if args.yes or not found:
        return True
    terminal.progress(None)
    terminal.line(f"write {'this change' if len(found) == 1 else f'these {len(found)} files'} into "
                  f"{args.output}? [y/N]", "bold", "yellow")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _show(change: Change, terminal: Terminal) -> None:
    try:
        before, after = change.before.decode(), change.after.decode()
    except UnicodeDecodeError:
        terminal.line(f"{change.path}: {len(change.before)} bytes become {len(change.after)}")
        return
    lines = list(difflib.unified_diff(
        before.splitlines(), after.splitlines(),
        f"a/{change.path}" if change.before else "/dev/null", f"b/{change.path}", lineterm=""))
    for line in lines[:_SHOWN_LINES]:
        terminal.line(line, *changes.style(line))
    if len(lines) > _SHOWN_LINES:
        terminal.line(f"… {len(lines) - _SHOWN_LINES} more lines of {change.path}", "dim")
