"""What one request has got and used so far, so that it isn't lost when the answer breaks off."""

from dataclasses import dataclass

from .messages import Completion, Request
from .pricing import PriceTable
from .providers.base import (
    Finished,
    Provider,
    ReasoningDelta,
    TextDelta,
    Usage,
    UsageSoFar,
    estimate_tokens,
    tokens_of,
)


@dataclass(slots=True)
class Tally:
    """Counts an answer as it comes. `spoke` says that the client has seen a part of it."""

    prices: PriceTable
    spoke: bool = False
    _provider: Provider | None = None
    _model: str = ""
    _reported: Usage | None = None
    _characters: int = 0

    def begin(self, provider: Provider, model: str) -> None:
        """A call of a provider begins; a call before it gave the client nothing."""
        self._provider, self._model, self._reported, self._characters = provider, model, None, 0

    def take(self, event: TextDelta | ReasoningDelta | UsageSoFar) -> None:
        if isinstance(event, UsageSoFar):
            self._reported, self._model = event.usage, event.model or self._model
        else:
            self.spoke = True
            self._characters += len(event.text)

    def completion(self, provider: Provider, end: Finished) -> Completion:
        """The end of a whole answer."""
        return self._completion(provider, end.model, end.usage, end.finish_reason)

    def spent(self, request: Request) -> Completion | None:
        """What an answer that broke off has used, None if nothing of it was seen.

        Reported counts are taken where they are; the rest is estimated, and it is marked.
        """
        if not self.spoke or self._provider is None:
            return None
        reported = self._reported or Usage(estimate_tokens(request.prompt), 0)
        written = max(reported.output_tokens, tokens_of(self._characters))
        usage = Usage(reported.input_tokens, written, reported.cached_input_tokens, True)
        return self._completion(self._provider, self._model, usage, "error")

    def _completion(
        self, provider: Provider, model: str, usage: Usage, finish_reason: str
    ) -> Completion:
        cost = (self.prices.cost_usd(provider.name, model, usage) if provider.priced else None)
        return Completion(model, provider.name, usage.input_tokens, usage.output_tokens,
                          usage.estimated, cost, finish_reason)
