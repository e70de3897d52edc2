"""The commands, their options and their help; what each does is in a module of its own."""

import argparse
import difflib
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from . import (allowed, build, completion, database, doctor, foreground, interpreter, keys, logs,
               mcp, options, releases, sbom, services, settings, setup, stack, status, streams,
               testing)
from .bench import command as bench
from .errors import FAILED, INTERRUPTED, SUCCEEDED, UNAVAILABLE, CommandError, UsageError
from .settings import Settings
from .text import Terminal, one_line

Command = Callable[[Settings, Namespace, Terminal], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

_ROOT = Path(__file__).resolve().parents[2]
_EXIT_CODES = """\
exit codes:
  0    the job succeeded (exec: it passed)
  1    it failed or was cancelled, or the request was refused
  2    wrong usage
  3    the stack can't start or can't be reached
  130  after Ctrl-C, which leaves the job running; a second within 3 s cancels it

Only the result goes to stdout, everything else to stderr.
"""


def main(argv: Sequence[str]) -> int:
    """Run one command; its exit code."""
    streams.open_those_closed()
    terminal = Terminal()
    try:
        args = _parsed(argv)
        terminal.quiet = args.quiet
        command: Command = args.command
        code = command(settings.load(_ROOT), args, terminal)
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


def _parsed(argv: Sequence[str]) -> Namespace:
    """The command line taken apart. What follows `--` in `exec` are the program's arguments."""
    whole = parser()
    if argv and not argv[0].startswith("-"):
        known = completion.commands(whole)
        if argv[0] not in known:
            near = difflib.get_close_matches(argv[0], known, 1)
            raise UsageError(f"{one_line(argv[0])!r} isn't a command"
                             + (f"; did you mean {near[0]}?" if near else "; see --help"))
    if argv[:1] == ["exec"] and "--" in argv:
        at = list(argv).index("--")
        args = whole.parse_args(argv[:at])
        args.args = list(argv[at + 1:])
        return args
    return whole.parse_args(argv)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="ops/atomic", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="From a prompt to code that has been run. Start with:\n\n"
                    "  ops/atomic run \"Create a REST API for todo management\"",
        epilog=_EXIT_CODES)
    top.add_argument("--version", action="version", version=_version())
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    options.add(lambda *args: _add(commands, *args))
    _add_stack(commands)
    _add_others(commands)
    return top


def _add(commands: Commands, name: str,
         command: Command, what: str, example: str = "") -> argparse.ArgumentParser:
    epilog = (f"example:\n  {example}\n\n" if example else "") + _EXIT_CODES
    added = commands.add_parser(
        name, help=what, description=what[0].upper() + what[1:] + ".", epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    added.add_argument("-q", "--quiet", action="store_true",
                       help="say only what went wrong or isn't so, and no progress")
    added.set_defaults(command=command)
    return added


def _version() -> str:
    """The project's version, as its pom has it."""
    try:
        pom = (_ROOT / "pom.xml").read_text(encoding="utf-8")
    except OSError:
        pom = ""
    found = re.search(r"<artifactId>atomic</artifactId>\s*<version>([^<]+)<", pom)
    return f"Atomic Orchestrator {found[1] if found else '(version unknown)'}"


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
    added.add_argument("name", nargs="?", metavar="NAME",
                       help="one process (default: each), or a job: what every log says of it")
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
    added = _add(commands, "sbom", sbom.sbom,
                 "print what the product is made of (CycloneDX), or its licences",
                 "ops/atomic sbom > sbom.cdx.json")
    added.add_argument("part", nargs="*", metavar="PART",
                       help=f"{', '.join(sbom.PARTS)} (default: all)")
    added.add_argument("--licences", action="store_true", help="a table of the licences instead")
    added = _add(commands, "bench", bench.run,
                 "benchmarks and the chaos test, on a stack of their own",
                 "ops/atomic bench submit pickup --db postgresql --json figures.json")
    bench.add_options(added)
    added = _add(commands, "db", database.database,
                 "copy the H2 database of a stack that is down to an empty PostgreSQL",
                 "ops/atomic db copy --to jdbc:postgresql://127.0.0.1/atomic")
    added.add_argument("action", choices=("copy",), help="what to do")
    added.add_argument("--to", required=True, metavar="URL",
                       help="jdbc:postgresql://HOST[:PORT]/DATABASE; user and password are in "
                            "ATOMIC_DB_USER and ATOMIC_DB_PASSWORD (or …_PASSWORD_FILE)")
    _add(commands, "mcp", mcp.serve, "serve MCP on standard input and output, for ATOMIC_URL")
    keys.add(_add(commands, "keys", keys.command, "make, list and revoke API keys",
                  "ops/atomic keys create --name ci --scope submit --scope read --expires 90d"))


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


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 64):
        raise argparse.ArgumentTypeError("a number from 1 to 64")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError("a port from 1 to 65535")
    return int(text)
