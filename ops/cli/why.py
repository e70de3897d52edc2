"""Why a process isn't up, in one line, from what it logged since it was started."""

import re

from . import processes
from .services import Service
from .settings import Settings
from .text import one_line

_READ_BYTES = 1 << 20
_EXCEPTION = re.compile(
    r"(?:Caused by: |Exception in thread \S+ )?((?:\w+\.)+\w*(?:Exception|Error)(?:: .+)?)$")


def reason(settings: Settings, service: Service) -> str:
    """The line that says why, and where the log is."""
    log = processes.files(settings.home, service.name).log
    known = processes.recorded(settings.home, service.name)
    try:
        with open(log, "rb") as content:
            content.seek(known.log_offset if known else 0)
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
