"""A job's events as they happen: streamed on a terminal, as plain whole lines off one."""

import time
from collections.abc import Callable
from typing import Any

from . import casetable, folding, testtree, verdict
from .folding import Folded
from .highlight import Highlighter
from .text import Terminal, one_line, seconds

Event = dict[str, Any]


class Live:
    """Renders the events of one job. What it doesn't know it leaves out.

    `see_all`: the command that shows what is folded on a terminal; None: nothing is.
    """

    def __init__(self, terminal: Terminal, see_all: str | None = None) -> None:
        self._terminal = terminal
        self._see_all = see_all
        self._folded: dict[str, Folded] = {}
        self._answers: dict[int, str] = {}
        self._lines: dict[str, str] = {}
        self._thought = 0
        self._began = time.monotonic()
        self._doing = ""
        self._paid = {"input_tokens": 0, "output_tokens": 0}
        self._streamed = 0
        self._code = Highlighter()
        # Whether an attempt broke off since a stage last began.
        self._retried = False
        self._shown: dict[str, Callable[[Event], None]] = {
            "queued": self._queued,
            "started": self._started,
            "stage_started": self._stage_started,
            "chunk": self._chunk,
            "file": self._file,
            "sandbox_output": self._sandbox_output,
            "case": self._case,
            "verification": self._verification,
            "stage_completed": self._stage_completed,
            "stage_reset": self._stage_reset,
            "retrying": self._retrying,
        }

    def show(self, event: Event) -> None:
        """Render one event."""
        render = self._shown.get(str(event.get("type")))
        if render is not None:
            render(event)

    def close(self) -> None:
        """Show what is left of unfinished lines; no more progress."""
        self._flush()
        self._terminal.progress(None)

    def _queued(self, event: Event) -> None:
        position = event.get("queue_position")
        self._terminal.line(f"queued{f', position {position}' if position else ''}", "dim")
        self._terminal.progress("waiting for a worker")

    def _started(self, event: Event) -> None:
        attempt = event.get("attempt")
        again = f", attempt {attempt}" if isinstance(attempt, int) and attempt > 1 else ""
        self._terminal.line(f"started on {event.get('worker')}{again}", "dim")

    def _stage_started(self, event: Event) -> None:
        self._retried = False
        stage, count = str(event.get("stage")), event.get("round")
        again = f", repair {count}" if count else ""
        if self._terminal.live:
            title = f"── {one_line(stage)}{again} "
            self._terminal.line(title + "─" * (min(self._terminal.width, 80) - len(title)), "bold")
        else:
            self._terminal.line(f"{stage}{again} …", "bold")
        if stage == "code" and isinstance(count, int):
            self._answers[count] = ""
            self._code = Highlighter()
        doing = "in the sandbox" if stage == "verify" else "with the model"
        self._show_progress(f"{stage}{again}: {doing}")

    def _chunk(self, event: Event) -> None:
        stage, delta = str(event.get("stage")), str(event.get("delta") or "")
        if event.get("reasoning") is True:
            # Folded: it is no part of the answer, and often longer than it.
            self._thought += len(delta)
            self._streamed += len(delta)
            if "thinking" not in self._doing:
                self._show_progress(f"{stage}: the model is thinking")
            return
        self._streamed += len(delta)
        self._unfold(stage)
        if stage == "code" and event.get("round") in self._answers:
            self._answers[event["round"]] += delta
        if stage == "code" and self._terminal.colour:
            self._terminal.stream_pieces(self._code.feed(delta))
        else:
            self._text(stage, delta, *(() if stage == "code" else ("dim",)))

    def _show_progress(self, doing: str) -> None:
        """The stage and its clock, with the tokens and the time of the whole job so far."""
        self._doing = doing
        self._terminal.progress(self._status)

    def _status(self) -> str:
        # What has come of an answer isn't counted by anybody yet; four characters are about one.
        about = self._streamed // 4
        out = self._paid["output_tokens"] + about
        paid = self._paid["input_tokens"]
        tokens = f" · {paid:,} in, {'~' if about else ''}{out:,} out" if paid or out else ""
        return f"{self._doing}{tokens} · {seconds(time.monotonic() - self._began)} in all ·"

    def _unfold(self, stage: str) -> None:
        """What the model thought before it answered, in one line."""
        if self._thought:
            self._terminal.line(f"{stage}: the model thought for {self._thought:,} characters "
                                "(in the events)", "dim")
            self._thought = 0

    def _sandbox_output(self, event: Event) -> None:
        stream = str(event.get("stream"))
        colour = "yellow" if stream == "stderr" else "cyan"
        text = str(event.get("text") or "")
        if self._terminal.live and self._see_all is not None:
            text = self._folded.setdefault(stream, Folded()).feed(text)
        self._text(stream, text, colour)

    def _text(self, source: str, text: str, *styles: str) -> None:
        """Streamed text: as it comes on a terminal; by whole lines, labelled, off one."""
        if self._terminal.live:
            self._terminal.stream_text(text, *styles)
            return
        *whole, rest = (self._lines.get(source, "") + text).split("\n")
        for line in whole:
            self._terminal.line(f"{source} | {line}")
        self._lines[source] = rest

    def _flush(self) -> None:
        self._terminal.stream_pieces(self._code.end())
        for stream, folded in self._folded.items():
            left_out, last = folded.end()
            if left_out:
                self._terminal.line(f"… {left_out:,} lines of {stream} left out; all of it: "
                                    f"{self._see_all}", "dim")
            self._terminal.stream_text(last)
        self._folded.clear()
        for source, rest in self._lines.items():
            if rest:
                self._terminal.line(f"{source} | {rest}")
        self._lines.clear()

    def _file(self, event: Event) -> None:
        self._flush()
        self._terminal.line(f"file {one_line(str(event.get('path')))}, {event.get('size')} bytes",
                            "dim")

    def _case(self, event: Event) -> None:
        self._flush()
        casetable.show(event, self._terminal)

    def _verification(self, event: Event) -> None:
        self._flush()
        inner = event.get("verification")
        found = inner if isinstance(inner, dict) else event
        good = found.get("status") == "passed"
        testtree.show(found.get("test_results"), self._terminal)
        self._terminal.line(("✔ " if good else "✘ ") + verdict.proved(found),
                            "bold", "green" if good else "red")

    def _stage_completed(self, event: Event) -> None:
        self._flush()
        self._unfold(str(event.get("stage")))
        self._terminal.progress(None)
        self._count(event.get("usage"))
        duration = event.get("duration_ms")
        took = f" in {seconds(duration / 1000)}" if isinstance(duration, (int, float)) else ""
        stage = event.get("stage")
        bad = "didn't pass" if stage == "verify" else "failed"
        ended = "done" if event.get("status") == "succeeded" else bad
        self._terminal.line(f"{stage}: {ended}{took}", "dim")
        count = event.get("round")
        if stage == "code" and isinstance(count, int) and count - 1 in self._answers:
            folding.show_repair(self._answers.pop(count - 1), self._answers.get(count, ""),
                                self._terminal)

    def _count(self, usage: object) -> None:
        if isinstance(usage, dict):
            self._streamed = 0
            for name in self._paid:
                count = usage.get(name)
                self._paid[name] += count if isinstance(count, int) else 0

    def _stage_reset(self, event: Event) -> None:
        self._flush()
        self._thought = 0
        why = {"repair": "the code didn't pass", "crash": "the worker was lost",
               "retry": "the model failed" if self._retried else
                        "the model is asked for its files in another form"}
        reason = str(event.get("reason"))
        self._terminal.line(f"{event.get('stage')} starts again ({why.get(reason, reason)}): "
                            "what was shown of it is void", "yellow")

    def _retrying(self, event: Event) -> None:
        self._flush()
        self._retried = True
        delay = event.get("delay_ms")
        when = f" in {seconds(delay / 1000)}" if isinstance(delay, (int, float)) and delay else ""
        message = event.get("message")
        why = f" ({one_line(str(message))})" if message else ""
        self._terminal.line(f"will continue{when}: {event.get('reason')}{why}", "yellow")
        self._terminal.progress("waiting for the next attempt")
