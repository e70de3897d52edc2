"""Takes `<think>…</think>` off the front of an open model's text."""

from collections.abc import Iterator

from .base import ReasoningDelta, TextDelta

_OPEN = "<think>"
_CLOSE = "</think>"


class ThinkSplitter:
    """Splits an answer into what the model thinks and what it says.

    Servers without a parser for their model's thinking send it as text. Only a `<think>` that the
    answer begins with is taken for that: further on it may be a part of the answer.
    """

    def __init__(self) -> None:
        self._held = ""
        self._state = "start"

    def feed(self, text: str) -> Iterator[TextDelta | ReasoningDelta]:
        """Yields what is decided by now; at most a tag's length is held back."""
        if self._state == "answer":
            yield TextDelta(text)
            return
        self._held += text
        if self._state == "start":
            begun = self._held.lstrip()
            if len(begun) < len(_OPEN) and _OPEN.startswith(begun):
                return
            thinks = begun.startswith(_OPEN)
            self._state = "thought" if thinks else "answer"
            self._held = begun[len(_OPEN):] if thinks else self._held
        if self._state == "thought":
            thought, closed, rest = self._held.partition(_CLOSE)
            if not closed:
                keep = _overlap(thought)
                thought, rest = thought[:len(thought) - keep], thought[len(thought) - keep:]
            if thought:
                yield ReasoningDelta(thought)
            self._held = rest
            if not closed:
                return
            self._state = "after"
        if self._state == "after":
            self._held = self._held.lstrip()
            if not self._held:
                return
            self._state = "answer"
        yield from self.end()

    def end(self) -> Iterator[TextDelta | ReasoningDelta]:
        """Yields what is still held when the answer ends."""
        held, self._held = self._held, ""
        if held:
            yield ReasoningDelta(held) if self._state == "thought" else TextDelta(held)


def _overlap(text: str) -> int:
    """How many characters at the end of the text may be the beginning of the closing tag."""
    return next((n for n in range(min(len(text), len(_CLOSE) - 1), 0, -1)
                 if _CLOSE.startswith(text[-n:])), 0)
