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
class Progress:
    """A sign of life without text (a model that is thinking): deadlines start again."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer; `cached_input_tokens` are a part of `input_tokens`."""

    input_tokens: int
    output_tokens: int
    cached_input_tokens: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer's end. A stream without it was cut off."""

    model: str
    usage: Usage
    finish_reason: str = "stop"


ProviderEvent = TextDelta | Progress | Finished


class Provider(Protocol):
    """One source of answers. `stream` raises `AgentError` and nothing else by intent.

    Closing the generator, or cancelling the task that reads it, must stop the provider's call.
    """

    @property
    def name(self) -> str: ...

    @property
    def models(self) -> Sequence[str]:
        """The models to offer, the default one first."""
        ...

    @property
    def stands_in(self) -> bool:
        """Whether it may answer after another provider failed."""
        ...

    @property
    def priced(self) -> bool:
        """Whether the price table holds for what it answers."""
        ...

    def serves(self, model: str) -> bool:
        """Whether a request that asks for `model` can go here."""
        ...

    def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]: ...

    async def close(self) -> None: ...


def estimate_tokens(text: str) -> int:
    """A rough count for answers without usage: four characters a token, at least one."""
    return max(1, (len(text) + 3) // 4)


def text_field(metadata: Mapping[str, Any], name: str) -> str:
    """A metadata field as text, empty if it is missing or something else."""
    value = metadata.get(name)
    return value if isinstance(value, str) else ""
