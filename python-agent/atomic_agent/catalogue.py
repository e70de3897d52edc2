"""Which provider and model a request may go to, and what there is to choose from."""

from collections.abc import Mapping, Sequence
from typing import Any

from .config import Route
from .messages import AgentError, ErrorCode, Request, RequestType
from .pricing import PriceTable
from .providers.base import Provider


class Catalogue:
    """The models of all providers. Nothing that isn't in it is ever asked for."""

    def __init__(
        self,
        providers: Sequence[Provider],
        prices: PriceTable,
        routes: Mapping[RequestType, tuple[Route, ...]] | None = None,
    ) -> None:
        self._providers = providers
        self._prices = prices
        self._routes = routes or {}

    def choices(self, request: Request) -> list[tuple[Provider, str]]:
        """Providers and models for a request, in the order in which to ask. Raises `AgentError`.

        A provider that never stands in is asked first or not at all.
        """
        if not self._providers:
            raise AgentError(ErrorCode.NO_PROVIDER, "no model provider is set up: set a key "
                             "(OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY), or "
                             "OPENAI_BASE_URL or OLLAMA_HOST for a local server, or "
                             "ATOMIC_LLM_PROVIDERS=offline")
        found = self._named(request.model) if request.model else self._by_type(request)
        return [choice for i, choice in enumerate(found) if i == 0 or choice[0].stands_in]

    def _named(self, model: str) -> list[tuple[Provider, str]]:
        """Where a model is that the request names, as `MODEL` or `PROVIDER/MODEL`."""
        found = [(each, name) for each in self._providers for name in each.models
                 if model in (name, f"{each.name}/{name}")]
        if not found:
            known = ", ".join(name for each in self._providers for name in each.models)
            raise AgentError(ErrorCode.INVALID_REQUEST, "payload.model: one of the models that "
                             f"are set up is needed ({known})")
        return found

    def _by_type(self, request: Request) -> list[tuple[Provider, str]]:
        by_name = {each.name: each for each in self._providers}
        routes = self._routes.get(request.request_type, ())
        return ([(by_name[route.provider], route.model) for route in routes
                 if route.provider in by_name]
                or [(each, each.models[0]) for each in self._providers])

    def models_of(self, provider: Provider) -> list[dict[str, Any]]:
        """A provider's models with what is known of them, for those who choose one."""
        return [self._model(provider, name) for name in provider.models]

    def _model(self, provider: Provider, name: str) -> dict[str, Any]:
        described: dict[str, Any] = {"id": name, "default_for": self._default_for(provider, name)}
        price = self._prices.price(provider.name, name)
        if price is None:
            return described
        if provider.priced:
            described |= {"input_usd_per_million": price.input,
                          "cached_input_usd_per_million": price.cached_input,
                          "output_usd_per_million": price.output,
                          "prices_as_of": self._prices.as_of}
        limits = {"context_tokens": price.context, "max_output_tokens": price.max_output}
        return described | {field: limit for field, limit in limits.items() if limit is not None}

    def _default_for(self, provider: Provider, name: str) -> list[str]:
        """The types of request that go to this model first when they name none."""
        return [str(kind) for kind in RequestType
                if self._by_type(Request("", "", "", kind))[0] == (provider, name)]
