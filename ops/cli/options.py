"""The commands about jobs, and their options."""

import argparse
import math
from collections.abc import Callable
from typing import TypeAlias

from . import changes, execute, jobs, listing, models, run
from .languages import RUNNABLE
from .following import FINISHED

Parser: TypeAlias = argparse.ArgumentParser
Add: TypeAlias = Callable[..., Parser]

_PROMPT_HELP = "the prompt; `-`: standard input; `@FILE`: a file's text"
_ID_HELP = "the job: its id, 6 or more of its first or last characters, @last or @last-failed"
STAGES = ("spec", "code", "verify", "docs")
_KINDS = ("auto", "tests", "server", "run", "build")


def add(add_command: Add) -> None:
    """Add every command about jobs; `add_command(name, function, what, example)` adds one."""
    added = add_command("run", run.run,
                        "set up what is missing, start the stack, turn a prompt into code that has "
                        "been run, write its files",
                        'ops/atomic run "Write a CLI calculator" -o calculator')
    _prompt(added)
    added = add_command("generate", jobs.generate,
                        "submit a prompt to ATOMIC_URL and follow the job (client only)")
    _prompt(added)
    _no_wait(added)
    added = add_command("ask", jobs.ask, "follow up on a finished job, from its files",
                        'ops/atomic ask @last "Add a DELETE route"')
    _id(added)
    _prompt(added)
    _no_wait(added)
    added = add_command("retry", jobs.retry,
                        "make a new job from a failed or cancelled one; stages that succeeded "
                        "aren't repeated", "ops/atomic retry @last-failed")
    _id(added)
    _result(added)
    _no_wait(added)
    for name, command, what in (
            ("watch", jobs.watch, "follow a job from its first event to its end"),
            ("get", jobs.get, "show a job as it is now: its state on stderr, its code on stdout")):
        added = add_command(name, command, what)
        _id(added)
        if name == "watch":
            added.add_argument("--all", action="store_true",
                               help="show all output, however long it is")
        _result(added)
    _list(add_command)
    added = add_command("diff", changes.diff,
                        "show what changed between two jobs' files, as a patch",
                        "ops/atomic diff @last")
    _id(added)
    added.add_argument("other", nargs="?", metavar="ID",
                       help="a later job (default: ID against the job it followed)")
    added = add_command("models", models.models,
                        "list the models for `--model`: each provider's state, prices and limits")
    added.add_argument("--json", action="store_true", help="print the answer as JSON")
    added = add_command("cancel", jobs.cancel, "cancel a job")
    _id(added)
    added.add_argument("--json", action="store_true", help="print the resource as JSON")
    added = add_command("delete", jobs.delete, "delete finished jobs with all that belongs to them")
    added.add_argument("ids", nargs="+", metavar="ID", help=_ID_HELP)
    _exec(add_command)


def _id(added: Parser) -> None:
    added.add_argument("id", metavar="ID", help=_ID_HELP)


def _list(add_command: Add) -> None:
    added = add_command("list", listing.list_jobs, "list the newest jobs")
    added.add_argument("--status", choices=("queued", "running", *FINISHED))
    added.add_argument("--kind", choices=("generate", "execute"))
    added.add_argument("--limit", type=int, metavar="N", help="1 to 100 (default 50)")
    added.add_argument("--cursor", help="where the previous page ended")
    added.add_argument("--json", action="store_true", help="print the page as JSON")
    added.add_argument("--watch", action="store_true", help="show it anew until Ctrl-C")


def _exec(add_command: Add) -> None:
    added = add_command("exec", execute.execute,
                        "run files in the sandbox; the program's output is this command's",
                        "ops/atomic exec main.py -- first second")
    added.add_argument("files", nargs="+", metavar="FILE",
                       help="files, or folders of them; what follows `--` are the program's "
                            "arguments")
    added.add_argument("--lang", metavar="L", help=f"{', '.join(RUNNABLE)} (default: by the files' "
                                                   "names)")
    _tests(added)
    _checks(added)
    added.add_argument("--kind", choices=_KINDS,
                       help="what decides (default auto: tests if there are any)")
    added.add_argument("--command", metavar="C", dest="command_line",
                       help="run this instead, taken apart as a shell would")
    added.add_argument("--arg", action="append", metavar="A", help="an argument for the program")
    added.add_argument("--stdin", metavar="F",
                       help="a file for its standard input; `-`: this command's own")
    added.add_argument("--timeout", type=_seconds, metavar="S", help="seconds the program may run")
    added.add_argument("--memory", type=int, metavar="MB", help="memory the program may use")
    added.add_argument("--cpu", type=int, metavar="MC",
                       help="processor time it may use, in thousandths of a core")
    added.add_argument("--pids", type=int, metavar="N", help="processes and threads it may have")
    added.add_argument("--collect", action="append", metavar="GLOB",
                       help="files made by the program to write to -o")
    _dry_run(added)
    _result(added, docs=False)
    added.set_defaults(args=[])


def _prompt(added: Parser) -> None:
    added.add_argument("prompt", metavar="PROMPT", help=_PROMPT_HELP)
    added.add_argument("--lang", metavar="L", help="the language (default python)")
    added.add_argument("--framework", metavar="F", help="a framework to use")
    added.add_argument("--model", metavar="M", help="the model, as `models` lists them")
    added.add_argument("--instructions", metavar="TEXT",
                       help="what the model should heed at every stage; `@FILE`: a file's text")
    added.add_argument("--file", action="append", metavar="F",
                       help="a file or folder to start from (repeatable)")
    _tests(added)
    _dry_run(added)
    _checks(added)
    added.add_argument("--verify-kind", choices=_KINDS,
                       help="what decides (default auto: tests if there are any)")
    added.add_argument("--verify-command", metavar="C",
                       help="a command that decides, taken apart as a shell would")
    added.add_argument("--unverified", action="store_true",
                       help="accept code that doesn't pass")
    stages = added.add_mutually_exclusive_group()
    stages.add_argument("--pipeline", type=_pipeline, metavar="STAGES",
                        help=f"of {','.join(STAGES)} (default all)")
    stages.add_argument("--fast", action="store_const", dest="pipeline",
                        const=["code", "verify"], help="the same as --pipeline code,verify")
    added.add_argument("--priority", choices=("high", "normal", "low"))
    added.add_argument("--timeout", type=int, metavar="S", help="seconds the job may take in all")
    added.add_argument("--max-attempts", type=int, metavar="N",
                       help="attempts at most, of which only errors that may pass use up any")
    added.add_argument("--max-cost", type=_usd, metavar="USD",
                       help="what the models may cost; a job that costs more fails")
    added.add_argument("--yes", action="store_true",
                       help="write into a folder that was sent without asking")
    _result(added)


def _tests(added: Parser) -> None:
    added.add_argument("--test", action="append", metavar="F",
                       help="your own test file, which decides (repeatable)")


def _dry_run(added: Parser) -> None:
    added.add_argument("--dry-run", action="store_true",
                       help="list the files that would be sent, with their sizes, and exit")


def _checks(added: Parser) -> None:
    added.add_argument("--cases", metavar="F",
                       help="inputs with expected outputs, or HTTP requests with expected "
                            "answers: JSON, JSON lines, or a folder of NAME.in and NAME.out")
    added.add_argument("--evidence", choices=("reported", "isolated"),
                       help="isolated: count only tests that ran where the code can't reach them")


def _result(added: Parser, docs: bool = True) -> None:
    added.add_argument("-o", "--output", metavar="DIR", help="the folder for the files")
    if not docs:
        added.set_defaults(no_docs=True)
    else:
        added.add_argument("--no-docs", action="store_true",
                           help="don't write the documentation and the specification, "
                                "README.md and SPEC.md, beside the files")
    added.add_argument("--force", action="store_true",
                       help="replace existing files that this command didn't write")
    added.add_argument("--dotfiles", action="store_true",
                       help="also write files whose names begin with a dot (never .git)")
    added.add_argument("--json", action="store_true",
                       help="print only the final job resource to stdout, as JSON")


def _no_wait(added: Parser) -> None:
    added.set_defaults(all=False)
    added.add_argument("--no-wait", action="store_true", help="print the job's id and exit")


def _pipeline(text: str) -> list[str]:
    stages = [each.strip() for each in text.split(",")]
    for stage in stages:
        if stage not in STAGES:
            raise argparse.ArgumentTypeError(f"{stage!r} is none of {', '.join(STAGES)}")
    if len(set(stages)) < len(stages):
        raise argparse.ArgumentTypeError("a stage is named twice")
    if "verify" in stages and "code" not in stages:
        raise argparse.ArgumentTypeError("`verify` needs `code`")
    return stages


def _seconds(text: str) -> float:
    value = _finite(text)
    if value is None or value <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} isn't a number of seconds above 0")
    return value


def _usd(text: str) -> float:
    value = _finite(text)
    if value is None or value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} isn't an amount of US dollars, 0 or more")
    return value


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
