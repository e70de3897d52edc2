"""Why a process isn't up, in one line, from what it logged since it was started."""

import re
import signal
from typing import Literal

from . import processes
from .services import Service
from .settings import Settings
from .text import one_line

_READ_BYTES = 1 << 20
_EXCEPTION = re.compile(
    r"(?:Caused by: |Exception in thread \S+ )?((?:\w+\.)+\w*(?:Exception|Error)(?:: .+)?)$")


# What a process says that can't be started as it is set up, however often it is tried.
_MISTAKE = re.compile(
    r"ATOMIC_\w+(?:, |=)|(?:OPENAI|ANTHROPIC|GEMINI|OLLAMA)_\w+="
    r"|password authentication failed|[Ww]rong user name or password|no pg_hba\.conf entry"
    r"|(?:database|role) \S+ does not exist|UnknownHost|No suitable driver|URL format error")
# What passes: a database that is away, comes up or goes down, and what a predecessor still holds.
_PASSES = re.compile(
    r"the database can't be used|[Cc]onnection (?:refused|reset|is broken|to \S+ refused)"
    r"|port \d+ is in use|[Aa]lready in use|[Ll]ocked by another process")
_TOLD_TO_STOP = (0, *(128 + each for each in (signal.SIGINT, signal.SIGKILL, signal.SIGTERM)))


def kind_of_end(code: int, said: str) -> Literal["mistake", "passes", "unexplained"]:
    """What to make of a process that ended with this exit code (-N: by signal N) and these words.

    `mistake`: it would end alike however often it is started.
    """
    if code < 0 or code in _TOLD_TO_STOP:
        return "passes"
    if _MISTAKE.search(said):
        return "mistake"
    return "passes" if _PASSES.search(said) else "unexplained"


def reason(settings: Settings, service: Service, offset: int | None = None) -> str:
    """The line that says why, and where the log is.

    `offset`: where its log begins, if that is known; else it is what was written down.
    """
    log = processes.files(settings.home, service.name).log
    if offset is None:
        known = processes.recorded(settings.home, service.name)
        offset = known.log_offset if known else 0
    try:
        with open(log, "rb") as content:
            content.seek(offset)
            text = content.read(_READ_BYTES).decode("utf-8", "replace")
    except OSError:
        return f"nothing was logged to {log}"
    return f"{one_line(telling(text.splitlines()))} (log: {log})"


def telling(lines: list[str]) -> str:
    """The line that says most.

    A refusal of ours begins with the variable or says `can't start`; Spring Boot puts a
    description under a heading; of a stack trace the last cause counts; else it is the last
    error, else the last line.
    """
    refusals = [line for line in lines if line.startswith("ATOMIC_") or ": can't start: " in line]
    if refusals:
        return refusals[-1]
    if "Description:" in lines:
        described = lines[lines.index("Description:") + 1:]
        return next((line for line in described if line.strip()), "no description")
    causes = [found.group(1) for found in map(_EXCEPTION.match, lines) if found]
    if causes:
        return causes[-1]
    said = [line for line in lines if line.strip() and not line.lstrip().startswith(("at ", "..."))]
    errors = [line for line in said if " ERROR " in line]
    return (errors or said or ["it logged nothing"])[-1]
