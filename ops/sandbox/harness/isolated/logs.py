"""What the program logs is logged in the judge: a test looks for it there.

The program's end tells of every record that its own levels let through, and of those that they
don't: the levels that a test has set are the judge's.
"""

import logging
import sys
import traceback
from typing import Any

from .limits import Broken
from .values import exact

_MOST = 500
_CHARS = 20_000
_LOGGERS = 1000
_loggers: set[str] = set()


class Telling(logging.Handler):
    """On the root of the program's loggers, as pytest's is where tests and program are one."""

    def __init__(self) -> None:
        super().__init__()
        self._notes: list[list[Any]] = []
        enabled = logging.Logger.isEnabledFor
        handled = logging.Logger.callHandlers
        telling = self

        def is_enabled(self: logging.Logger, level: int) -> bool:
            # Anybody else who asks is told the truth.
            return enabled(self, level) or (
                sys._getframe(1).f_code.co_filename == logging.__file__)

        def call_handlers(self: logging.Logger, record: logging.LogRecord) -> None:
            if enabled(self, record.levelno):
                handled(self, record)
            elif record.name != "asyncio":
                telling.tell(record, False)

        space: Any = logging.Logger
        space.isEnabledFor, space.callHandlers = is_enabled, call_handlers
        logging.root.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """One that is let through here."""
        self.tell(record, True)

    def tell(self, record: logging.LogRecord, passes: bool) -> None:
        """With the next frame."""
        if len(self._notes) < _MOST:
            error = record.exc_info and "".join(traceback.format_exception(*record.exc_info))
            self._notes.append([
                "log", str(record.name), int(record.levelno), str(record.getMessage())[:_CHARS],
                str(record.pathname), int(record.lineno), str(record.funcName), passes,
                error[-_CHARS:] if error else None])

    def take(self) -> list[list[Any]]:
        """Notes of what was logged since the last call."""
        notes, self._notes = self._notes, []
        return notes


def apply(note: list[Any]) -> None:
    """Log here what was logged there. Raises what isn't a record."""
    _, name, level, message, path, line, function, passes, error = note
    if type(level) is not int or type(line) is not int or not (error is None
                                                               or type(error) is str):
        raise Broken("no record")
    if name not in _loggers:
        if len(_loggers) >= _LOGGERS:
            raise Broken("one logger too many")
        _loggers.add(exact(name, str))
    logger = logging.getLogger(name)
    record = logging.LogRecord(
        name, level, exact(path, str), line, exact(message, str), (),
        None if error is None else (Exception, Exception(message), None), exact(function, str))
    record.exc_text = error.rstrip("\n") if error is not None else None
    if passes is True or logger.isEnabledFor(level):
        logger.handle(record)
