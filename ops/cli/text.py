"""What may reach a terminal, and how: control characters out, colour only where it is wanted."""

import json
import os
import sys
import threading
import time
import unicodedata
from collections.abc import Callable
from typing import Any, TextIO

# Control characters; format characters, which aren't seen, join words or reorder text (what is read
# isn't what is there: CVE-2021-42574), the emoji's joiner among them; the line separators that only
# some programs see; lone surrogates, which no encoding takes.
_UNSEEN = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))
# Blank to the eye without being of those categories: a joiner, fillers, one not assigned yet.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2065\u3164\uffa0")

_COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "magenta": "35",
            "cyan": "36"}
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def clean(text: str) -> str:
    """`text` without what isn't seen (but newline and tab), however it was cut into pieces.

    A whole escape sequence isn't looked for, since it may lie across two chunks: without its ESC
    what is left of it is plain, visible text.
    """
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(each for each in text if each in "\n\t" or (
        unicodedata.category(each) not in _UNSEEN and each not in _BLANK))


def one_line(text: str, limit: int = 300) -> str:
    """`text` cleaned, on one line, of at most `limit` characters."""
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def as_json(value: Any) -> str:
    """`value` as JSON that holds no raw control character (JSON's escapes stand for them)."""
    return json.dumps(value, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")


def seconds(value: float) -> str:
    """A duration as people read it: `0.4 s`, `12 s`, `3 min 5 s`."""
    if value < 9.95:
        return f"{value:.1f} s"
    if value < 120:
        return f"{value:.0f} s"
    return f"{int(value) // 60} min {int(value) % 60} s"


def width_of(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(each) else
               2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


class Terminal:
    """The one writer to stderr: plain lines off a terminal; colour and a progress line on one.

    Safe to use from several threads. What it is given is cleaned here, once, for everybody.
    """

    def __init__(self, stream: TextIO | None = None, live: bool | None = None) -> None:
        self.stream = stream if stream is not None else sys.stderr
        tty = self.stream.isatty() if live is None else live
        self.live = tty and os.environ.get("TERM", "") != "dumb"
        self.colour = self.live and not os.environ.get("NO_COLOR")
        # Only lines in these colours are shown: what went wrong, or isn't as it should be.
        self.quiet = False
        self._lock = threading.RLock()
        self._column_zero = True
        self._drawn = False
        self._label: Callable[[], str] | None = None
        self._wake = threading.Event()
        self._ticker: threading.Thread | None = None

    def paint(self, text: str, *styles: str) -> str:
        """`text` cleaned and, where there is colour, in these styles."""
        text = clean(text)
        if not self.colour or not text or not styles:
            return text
        return "\x1b[" + ";".join(_COLOURS[style] for style in styles) + "m" + text + "\x1b[0m"

    def line(self, text: str, *styles: str) -> None:
        """One line, on a line of its own even when something is being streamed."""
        if self.quiet and not {"red", "yellow"}.intersection(styles):
            return
        with self._lock:
            self._erase()
            if not self._column_zero:
                self._put("\n")
            self._put(self.paint(text, *styles) + "\n")
            self._column_zero = True

    def stream_text(self, text: str, *styles: str) -> None:
        """A piece of a longer text, as it comes, wherever its lines end."""
        text = clean(text)
        if not text or self.quiet:
            return
        with self._lock:
            self._erase()
            self._put(self.paint(text, *styles))
            self._column_zero = text.endswith("\n")

    def stream_pieces(self, pieces: list[tuple[str, tuple[str, ...]]]) -> None:
        """As `stream_text`, of pieces with their styles, written at once."""
        cleaned = [(clean(text), styles) for text, styles in pieces]
        whole = "".join(text for text, _ in cleaned)
        if not whole or self.quiet:
            return
        with self._lock:
            self._erase()
            self._put("".join(self.paint(text, *styles) for text, styles in cleaned))
            self._column_zero = whole.endswith("\n")

    def progress(self, label: str | Callable[[], str] | None) -> None:
        """Show `label` with the time it has stood, below all else, until the next; None: no more.

        Does nothing off a terminal.
        """
        if not self.live or self.quiet:
            return
        began = time.monotonic()
        with self._lock:
            self._erase()
            if label is None:
                self._label = None
                return
            said = label

            def timed() -> str:
                now = said if isinstance(said, str) else said()
                return f"{now}  {seconds(time.monotonic() - began)}"

            self._label = timed
            if self._ticker is None:
                self._ticker = threading.Thread(target=self._tick, daemon=True)
                self._ticker.start()
            self._wake.set()

    def _tick(self) -> None:
        frame = 0
        while True:
            self._wake.wait()
            with self._lock:
                if self._label is None:
                    self._wake.clear()
                elif self._column_zero:
                    frame += 1
                    self._draw(_FRAMES[frame % len(_FRAMES)])
            time.sleep(0.1)

    def _draw(self, frame: str) -> None:
        assert self._label is not None
        label = one_line(self._label(), max(20, self.width - 4))
        self._put(f"\r\x1b[K{self.paint(frame, 'cyan')} {self.paint(label, 'dim')}")
        self._drawn = True

    @property
    def width(self) -> int:
        """Its columns; 80 where there is no saying."""
        try:
            return os.get_terminal_size(self.stream.fileno()).columns or 80
        except (OSError, ValueError):
            return 80

    def _erase(self) -> None:
        if self._drawn:
            self._put("\r\x1b[K")
            self._drawn = False

    def _put(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()
