"""Logging to stderr as text or JSON lines, and keeping keys and prompts out of what is shown."""

import json
import logging
import re
import sys
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
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")

SHOWN_MESSAGE_LENGTH = 300
_ECHO_LENGTH = 24


class Redactor:
    """Takes secrets out of text: the known ones by value, others by their usual shapes."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secret for secret in secrets if len(secret) >= 4)

    def clean(self, text: str) -> str:
        """The text without keys and without control characters other than newline and tab."""
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        return _CONTROL.sub("\ufffd", _KEY_SHAPES.sub(REDACTED, text))

    def foreign(self, text: str, prompt: str) -> str:
        """A provider's own words, short enough to show, or "" if they repeat the prompt."""
        shown = " ".join(self.clean(text).split())[:SHOWN_MESSAGE_LENGTH]
        short = prompt.strip()
        if 0 < len(short) < _ECHO_LENGTH:
            return "" if len(short) > 3 and short in text else shown
        flat = " ".join(prompt.split())
        pieces = (shown[i:i + _ECHO_LENGTH] for i in range(len(shown) - _ECHO_LENGTH + 1))
        return "" if any(piece in flat for piece in pieces) else shown


class _TextFormatter(logging.Formatter):
    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        name = record.name.rsplit(".", 1)[-1]
        return self._redactor.clean(f"{_time(record)} {record.levelname:<7} {name}: {text}")


class _JsonFormatter(_TextFormatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"at": _time(record), "level": record.levelname, "logger": record.name,
                "message": self._redactor.clean(record.getMessage())}
        if record.exc_info:
            line["exception"] = self._redactor.clean(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def set_up(level: int, form: str, redactor: Redactor, stream: TextIO | None = None) -> None:
    """Sends every log line of the process to `stream` (stderr). `form` is `text` or `json`."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter((_JsonFormatter if form == "json" else _TextFormatter)(redactor))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("asyncio", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
