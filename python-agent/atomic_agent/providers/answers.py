"""Reading what a provider answers: one JSON text after the other, and what is known at its end."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from ..messages import AgentError, ErrorCode, Request
from .base import (
    Finished,
    Progress,
    ProviderEvent,
    ReasoningDelta,
    TextDelta,
    Usage,
    estimate_tokens,
    tokens_of,
)
from .failures import Said
from .thinking import ThinkSplitter


class Answer(ABC):
    """What is known of one answer so far; `take` reads one JSON text of its stream.

    A subclass sets `finish_reason` (`stop` or `length`) once the provider says that the answer
    is complete, `filtered` when it says that it withholds it, and `over` behind the last event.
    """

    def __init__(self, provider: str, request: Request) -> None:
        self.provider = provider
        self.request = request
        self.model = ""
        self.usage: Usage | None = None
        self.finish_reason = ""
        self.filtered = ""
        self.over = False
        self._characters = 0

    def take(self, text: str) -> Iterator[ProviderEvent]:
        """The events of one text. Raises `ProviderSaid` for an error, `AgentError` for no JSON."""
        try:
            piece = json.loads(text)
        except (ValueError, RecursionError):
            piece = None
        if not isinstance(piece, dict):
            raise AgentError(ErrorCode.UNAVAILABLE,
                             f"{self.provider} sent something that isn't JSON")
        if piece.get("error"):
            raise ProviderSaid(piece["error"])
        yield from self._counted(self.read(piece))

    @abstractmethod
    def read(self, piece: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        """The events of one JSON object, which is no error."""

    def held_back(self) -> Iterator[ProviderEvent]:
        """What was read and not given yet when the answer is complete."""
        return iter(())

    def end(self) -> Iterator[ProviderEvent]:
        """The answer's end. Raises `AgentError` if it was cut off, filtered or refused."""
        if self.filtered:
            raise AgentError(ErrorCode.CONTENT_FILTER, self.filtered)
        if not self.finish_reason:
            raise AgentError(ErrorCode.UNAVAILABLE, f"{self.provider}'s answer was cut off")
        yield from self._counted(self.held_back())
        usage = self.usage or Usage(estimate_tokens(self.request.prompt),
                                    tokens_of(self._characters), estimated=True)
        yield Finished(self.model or self.request.model or "", usage, self.finish_reason)

    def _counted(self, events: Iterator[ProviderEvent]) -> Iterator[ProviderEvent]:
        for event in events:
            if isinstance(event, (TextDelta, ReasoningDelta)):
                self._characters += len(event.text)
            yield event


class TaggedAnswer(Answer):
    """An answer whose text may begin with what the model thinks, between tags."""

    def __init__(self, provider: str, request: Request) -> None:
        super().__init__(provider, request)
        self._think = ThinkSplitter()

    def say(self, thought: str, content: str) -> Iterator[ProviderEvent]:
        """The events of a piece with this thought and this text, either of which may be empty."""
        if thought:
            yield ReasoningDelta(thought)
        if content:
            yield from self._think.feed(content)
        if not (thought or content):
            yield Progress()

    def held_back(self) -> Iterator[ProviderEvent]:
        return self._think.end()


class ReportedCounts(dict[str, int]):
    """Counts of tokens that come in several pieces, the latest of each name."""

    def report(self, reported: object) -> None:
        """Takes over what is named now; what isn't stays as it was."""
        for name, value in object_of(reported).items():
            if (count := count_of(value)) is not None:
                self[name] = count


class ProviderSaid(Exception):
    """An error that came in the stream of a 200; `error` is its JSON."""

    def __init__(self, error: Any) -> None:
        super().__init__()
        self.said = Said(0, error)


# --- reading JSON that may be anything ---


def object_of(value: object) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects_of(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; nothing where it is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text_of(value: object) -> str:
    """The value if it is text, else an empty one."""
    return value if isinstance(value, str) else ""


def count_of(value: object) -> int | None:
    """The value if it is a count of tokens."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value
