"""Logging to stderr as text or JSON lines, and keeping keys and prompts out of what is shown."""

import json
import logging
import re
import sys
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

REDACTED = "[redacted]"

_KEY_SHAPES = re.compile(
    r"(?i)\b(?:sk|pk|rk|key|gsk|xai|AIza)[-_][A-Za-z0-9_\-.*]{6,}"
    r"|\bAIza[A-Za-z0-9_\-]{10,}"
    r"|\bbearer\s+[^\s\"']+"
    r"|\b(?:api[-_]?key|authorization|token|secret)[\"']?\s*[:=]\s*[\"']?"
    r"(?:(?:bearer|basic)\s+)?[^\s\"',}]+"
)
# Control and format characters, line and paragraph separators, lone surrogates: what isn't seen.
_UNSEEN = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))

SHOWN_MESSAGE_LENGTH = 300
_ECHO_LENGTH = 24


class Redactor:
    """Takes secrets out of text: the known ones by value, others by their usual shapes."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secret for secret in secrets if len(secret) >= 4)

    def clean(self, text: str) -> str:
        """The text without keys and without what isn't seen, other than newline and tab."""
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        text = _KEY_SHAPES.sub(REDACTED, text)
        if text.isprintable():
            return text
        return "".join(
            "\ufffd" if unicodedata.category(each) in _UNSEEN and each not in "\n\t" else each
            for each in text)

    def one_line(self, text: str) -> str:
        """The same on one line, which nobody's words can end: a newline is shown as `\\n`."""
        return self.clean(text).replace("\n", "\\n").replace("\t", " ")

    def foreign(self, text: str, prompt: str) -> str:
        """A provider's own words, short enough to show, or "" if they repeat the prompt."""
        shown = " ".join(self.clean(text).split())[:SHOWN_MESSAGE_LENGTH]
        short = prompt.strip()
        if 0 < len(short) < _ECHO_LENGTH:
            return "" if len(short) > 3 and short in text else shown
        flat = " ".join(prompt.split())
        pieces = (shown[i:i + _ECHO_LENGTH] for i in range(len(shown) - _ECHO_LENGTH + 1))
        return "" if any(piece in flat for piece in pieces) else shown


class TextFormatter(logging.Formatter):
    """A line for each record; below it, indented, where a bug was (`extra={"where": …}`)."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        name = record.name.rsplit(".", 1)[-1]
        text = self._redactor.one_line(record.getMessage())
        below = "".join(f"\n    {line}" for line in self.below(record).splitlines())
        return f"{_time(record)} {record.levelname:<7} {name}: {text}{below}"

    def below(self, record: logging.LogRecord) -> str:
        """What doesn't fit on a line: frames, each on its own."""
        where = getattr(record, "where", "")
        frames = self.formatException(record.exc_info) if record.exc_info else str(where)
        return self._redactor.clean(frames)


class JsonFormatter(TextFormatter):
    """An object for each record, with the fields it brings along (`extra={"fields": {…}}`)."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": _time(record), "level": record.levelname, "logger": record.name,
            "message": self._redactor.one_line(record.getMessage())}
        for name, value in getattr(record, "fields", {}).items():
            line[name] = self._redactor.one_line(value) if isinstance(value, str) else value
        below = self.below(record)
        if below:
            line["exception"] = below
        return json.dumps(line, ensure_ascii=False)


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def set_up(level: int, form: str, redactor: Redactor, stream: TextIO | None = None) -> None:
    """Sends every log line of the process to `stream` (stderr). `form` is `text` or `json`."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter((JsonFormatter if form == "json" else TextFormatter)(redactor))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("asyncio", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
