"""The commands, their options and their help; what each does is in a module of its own."""

import argparse
import math
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from . import (allowed, build, completion, doctor, foreground, interpreter, jobs, logs, models,
               releases, run, services, settings, setup, stack, status, streams, testing)
from .bench import command as bench
from .errors import FAILED, INTERRUPTED, SUCCEEDED, UNAVAILABLE, CommandError, UsageError
from .settings import Settings
from .text import Terminal

Command = Callable[[Settings, Namespace, Terminal], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

_EXIT_CODES = """\
exit codes:
  0    the job succeeded (exec: it passed)
  1    it failed or was cancelled, or the request was refused
  2    wrong usage
  3    the stack can't start or can't be reached
  130  after Ctrl-C, which leaves the job running; a second within 3 s cancels it

Only the result goes to stdout, everything else to stderr.
"""
_PROMPT_HELP = "the prompt; `-`: standard input; `@FILE`: a file's text"


def main(argv: Sequence[str]) -> int:
    """Run one command; its exit code."""
    streams.open_those_closed()
    terminal = Terminal()
    try:
        args = parser().parse_args(argv)
        command: Command = args.command
        code = command(settings.load(Path(__file__).resolve().parents[2]), args, terminal)
        sys.stdout.flush()
        return code
    except streams.CantWrite as failure:
        terminal.progress(None)
        terminal.line(f"atomic: {failure}", "red")
        return FAILED
    except CommandError as failure:
        terminal.progress(None)
        if failure.line:
            terminal.line(f"atomic: {failure.line}", "red")
        return failure.exit_code
    except KeyboardInterrupt:
        terminal.progress(None)
        terminal.line("interrupted")
        return INTERRUPTED
    finally:
        streams.let_go()


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="ops/atomic", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="From a prompt to code that has been run. Start with:\n\n"
                    "  ops/atomic run \"Create a REST API for todo management\"",
        epilog=_EXIT_CODES)
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _add_jobs(commands)
    _add_stack(commands)
    _add_others(commands)
    return top


def _add(commands: Commands, name: str,
         command: Command, what: str, example: str = "") -> argparse.ArgumentParser:
    epilog = (f"example:\n  {example}\n\n" if example else "") + _EXIT_CODES
    added = commands.add_parser(
        name, help=what, description=what[0].upper() + what[1:] + ".", epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    added.set_defaults(command=command)
    return added


def _add_jobs(commands: Commands) -> None:
    added = _add(commands, "run", run.run,
                 "set up what is missing, start the stack, turn a prompt into code that has been "
                 "run, write its files",
                 'ops/atomic run "Write a CLI calculator" -o calculator')
    _prompt_options(added)
    added = _add(commands, "generate", jobs.generate,
                 "submit a prompt to ATOMIC_URL and follow the job (client only)")
    _prompt_options(added)
    _no_wait(added)
    added = _add(commands, "ask", jobs.ask, "follow up on a finished job, from its files",
                 'ops/atomic ask 0199… "Add a DELETE route"')
    added.add_argument("id", metavar="ID")
    _prompt_options(added)
    _no_wait(added)
    added = _add(commands, "retry", jobs.retry,
                 "make a new job from a failed or cancelled one; stages that succeeded aren't "
                 "repeated",
                 "ops/atomic retry 0199…")
    added.add_argument("id", metavar="ID")
    _result_options(added)
    _no_wait(added)
    for name, command, what in (
            ("watch", jobs.watch, "follow a job from its first event to its end"),
            ("get", jobs.get, "show a job as it is now: its state on stderr, its code on stdout")):
        added = _add(commands, name, command, what)
        added.add_argument("id", metavar="ID")
        _result_options(added)
    added = _add(commands, "list", jobs.list_jobs, "list the newest jobs")
    added.add_argument("--status", choices=("queued", "running", *_FINAL))
    added.add_argument("--kind", choices=("generate", "execute"))
    added.add_argument("--limit", type=int, metavar="N", help="1 to 100 (default 50)")
    added.add_argument("--cursor", help="where the previous page ended")
    added.add_argument("--json", action="store_true", help="print the page as JSON")
    added = _add(commands, "models", models.models,
                 "list the models for `--model`: each provider's state, prices and limits")
    added.add_argument("--json", action="store_true", help="print the answer as JSON")
    added = _add(commands, "cancel", jobs.cancel, "cancel a job")
    added.add_argument("id", metavar="ID")
    added.add_argument("--json", action="store_true", help="print the resource as JSON")
    _add_exec(commands)


_FINAL = ("succeeded", "failed", "cancelled")


def _add_exec(commands: Commands) -> None:
    added = _add(commands, "exec", jobs.execute,
                 "run files in the sandbox; the program's output is this command's",
                 "ops/atomic exec --lang python main.py test_main.py")
    added.add_argument("files", nargs="+", metavar="FILE", help="files, or folders of them")
    added.add_argument("--lang", required=True, metavar="L",
                       help="python, javascript, c, cpp or bash")
    added.add_argument("--test", action="append", metavar="F",
                       help="your own test file, which decides (repeatable)")
    _check_options(added)
    added.add_argument("--kind", choices=("auto", "tests", "server", "run", "build"),
                       help="what decides (default auto: tests if there are any)")
    added.add_argument("--arg", action="append", metavar="A", help="an argument for the program")
    added.add_argument("--stdin", metavar="F",
                       help="a file for its standard input; `-`: this command's own")
    added.add_argument("--timeout", type=_seconds, metavar="S", help="seconds the program may run")
    added.add_argument("--memory", type=int, metavar="MB", help="memory the program may use")
    added.add_argument("--collect", action="append", metavar="GLOB",
                       help="files made by the program to write to -o")
    _dry_run(added)
    _result_options(added, docs=False)


def _prompt_options(added: argparse.ArgumentParser) -> None:
    added.add_argument("prompt", metavar="PROMPT", help=_PROMPT_HELP)
    added.add_argument("--lang", metavar="L", help="the language (default python)")
    added.add_argument("--framework", metavar="F", help="a framework to use")
    added.add_argument("--model", metavar="M", help="the model, as `models` lists them")
    added.add_argument("--file", action="append", metavar="F",
                       help="a file or folder to start from (repeatable)")
    added.add_argument("--test", action="append", metavar="F",
                       help="your own test file, which decides (repeatable)")
    _dry_run(added)
    _check_options(added)
    added.add_argument("--unverified", action="store_true",
                       help="accept code that doesn't pass")
    _result_options(added)


def _dry_run(added: argparse.ArgumentParser) -> None:
    added.add_argument("--dry-run", action="store_true",
                       help="list the files that would be sent, with their sizes, and exit")


def _check_options(added: argparse.ArgumentParser) -> None:
    added.add_argument("--cases", metavar="F",
                       help="inputs with expected outputs, or HTTP requests with expected "
                            "answers: JSON, JSON lines, or a folder of NAME.in and NAME.out")
    added.add_argument("--evidence", choices=("reported", "isolated"),
                       help="isolated: count only tests that ran where the code can't reach them")


def _result_options(added: argparse.ArgumentParser, docs: bool = True) -> None:
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


def _no_wait(added: argparse.ArgumentParser) -> None:
    added.add_argument("--no-wait", action="store_true", help="print the job's id and exit")


def _add_stack(commands: Commands) -> None:
    added = _add(commands, "up", _up,
                 "start what is down, restart what is of an older build or has other settings; "
                 "exits with 0 once all is healthy")
    added.add_argument("--workers", type=_workers, metavar="N",
                       help="how many (default: as last time, at first "
                            f"{stack.DEFAULT_WORKERS}); any more are stopped")
    added.add_argument("--no-agent", action="store_true",
                       help="start no agent; use whatever listens on the socket")
    added = _add(commands, "restart", _restart,
                 "restart one process, or all that run, gracefully and one after the other",
                 "ops/atomic restart worker-1")
    added.add_argument("name", nargs="?", metavar="NAME", help="one process (default: each)")
    _add(commands, "down", _down, "stop everything that was started, gracefully; Docker stays up")
    added = _add(commands, "status", _status, "show what is up; exits with 1 when anything is down")
    added.add_argument("--json", action="store_true",
                       help="[{name, pid, state, port, uptime_ms}]")
    added = _add(commands, "logs", _logs, "show the processes' logs")
    added.add_argument("name", nargs="?", metavar="NAME", help="one process (default: each)")
    added.add_argument("-f", "--follow", action="store_true", help="keep following until Ctrl-C")
    added.add_argument("-n", "--lines", type=int, default=200, metavar="N",
                       help="number of lines from the end (default 200)")
    added = _add(commands, "start", _start,
                 "run one process in the foreground, for service managers",
                 "ops/atomic start api-2 --port 8081")
    added.add_argument("name", metavar="NAME", help="db, agent, api, api-2 …, worker-1 …")
    added.add_argument("--port", type=_port, metavar="P", help="the port it listens on")
    added = _add(commands, "stop", _stop, "stop one process, gracefully")
    added.add_argument("name", metavar="NAME")


def _add_others(commands: Commands) -> None:
    added = _add(commands, "doctor", lambda s, args, _: doctor.doctor(s, args.json),
                 "check what the stack needs, and say how to fix what is missing")
    added.add_argument("--json", action="store_true", help="print the findings as JSON")
    added = _add(commands, "test", lambda s, args, terminal: testing.test(s, terminal, args.quick),
                 "prepare what the tests need and run the whole suite")
    added.add_argument("--quick", action="store_true",
                       help="only tests that need no process, engine or database")
    added = _add(commands, "completion", _completion, "print a script for shell completion",
                 "source <(ops/atomic completion bash)")
    added.add_argument("shell", choices=("bash", "zsh"))
    added = _add(commands, "bench", bench.run,
                 "benchmarks and the chaos test, on a stack of their own",
                 "ops/atomic bench submit pickup --db postgresql --json figures.json")
    bench.add_options(added)
    added = _add(commands, "keys", _not_built, "API keys (not built yet)")
    added.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    added.set_defaults(name="keys")


def _up(given: Settings, args: Namespace, terminal: Terminal) -> int:
    _prepare(given, terminal)
    wish = stack.Wanted(args.workers or stack.wanted(given).workers, not args.no_agent,
                        not given.external_database)
    stack.up(given, terminal, wish, lambda: interpreter.for_agent(given, terminal),
             surplus_goes=args.workers is not None, unset_counts=True)
    terminal.line(f"all is healthy: {given.local_url}", "green")
    return SUCCEEDED


def _restart(given: Settings, args: Namespace, terminal: Terminal) -> int:
    only = services.parse(args.name) if args.name is not None else None
    _prepare(given, terminal)
    names = stack.restart(given, terminal, only, lambda: interpreter.for_agent(given, terminal))
    terminal.line(f"restarted {', '.join(names)}" if names else
                  f"nothing is up; start it with: {given.command} up")
    return SUCCEEDED if names else UNAVAILABLE


def _prepare(given: Settings, terminal: Terminal) -> None:
    allowed.check(given)
    allowed.warn_of_misspelt(terminal)
    setup.prepare(given, terminal, lambda why: terminal.line(
        f"code can't be run here: {why}", "yellow"))


def _down(given: Settings, _: Namespace, terminal: Terminal) -> int:
    stack.down(given, terminal)
    return SUCCEEDED


def _status(given: Settings, args: Namespace, _: Terminal) -> int:
    return status.status(given, args.json)


def _logs(given: Settings, args: Namespace, _: Terminal) -> int:
    return logs.logs(given, args.name, args.follow, max(0, args.lines))


def _start(given: Settings, args: Namespace, terminal: Terminal) -> int:
    service = services.parse(args.name)
    allowed.warn_of_misspelt(terminal)
    given.make_home()
    python = Path()
    if service.kind == "agent":
        python = interpreter.for_agent(given, terminal)
    elif not releases.jar(given.root, service.kind).is_file():
        build.build(given, terminal)
    foreground.start(given, service, args.port, python)


def _stop(given: Settings, args: Namespace, terminal: Terminal) -> int:
    stack.stop(given, terminal, services.parse(args.name))
    return SUCCEEDED


def _completion(_: Settings, args: Namespace, __: Terminal) -> int:
    sys.stdout.write(completion.script(args.shell, parser()))
    return SUCCEEDED


def _not_built(_: Settings, args: Namespace, __: Terminal) -> int:
    raise UsageError(f"`{args.name}` isn't built yet")


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 64):
        raise argparse.ArgumentTypeError("a number from 1 to 64")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} isn't a number of seconds above 0")
    return value


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError("a port from 1 to 65535")
    return int(text)
