"""What a provider is: a name, its models, and a stream of events for one request."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..messages import Request


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """The next piece of what the model thinks; no part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A sign that the model is at work, without text: deadlines start again.

    Not for keep-alives of the connection, which go on when the model hangs.
    """


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer; `cached_input_tokens` are a part of `input_tokens`."""

    input_tokens: int
    output_tokens: int
    cached_input_tokens: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class UsageSoFar:
    """What the provider has reported before the end; each report replaces the one before.

    It is what an answer that breaks off is known to have used.
    """

    usage: Usage
    model: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer's end. A stream without it was cut off.

    `finish_reason` is `stop`, or `length` where the answer ends at a limit of tokens.
    """

    model: str
    usage: Usage
    finish_reason: str = "stop"


ProviderEvent = TextDelta | ReasoningDelta | Progress | UsageSoFar | Finished


class Provider(Protocol):
    """One source of answers. `stream` raises `AgentError` and nothing else by intent.

    Closing the generator, or cancelling the task that reads it, must stop the provider's call.
    """

    @property
    def name(self) -> str: ...

    @property
    def models(self) -> Sequence[str]:
        """The models to offer, the default one first. No other is ever asked for."""
        ...

    @property
    def stands_in(self) -> bool:
        """Whether it may answer after another provider failed."""
        ...

    @property
    def in_process(self) -> bool:
        """Whether it waits for nobody: then it needs no task of its own, and no deadlines."""
        ...

    @property
    def priced(self) -> bool:
        """Whether the price table holds for what it answers."""
        ...

    def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """The answer's events; the router has put one of `models` into `request.model`."""
        ...

    async def close(self) -> None: ...


def estimate_tokens(text: str) -> int:
    """A rough count for answers without usage: four characters a token, at least one."""
    return max(1, tokens_of(len(text)))


def tokens_of(characters: int) -> int:
    """The same for a number of characters."""
    return (characters + 3) // 4


def text_field(metadata: Mapping[str, Any], name: str) -> str:
    """A metadata field as text, empty if it is missing or something else."""
    value = metadata.get(name)
    return value if isinstance(value, str) else ""
