"""What a model costs and what it can take, from a table in a file."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from .environment import ConfigError
from .providers.base import Usage

BUILT_IN_TABLE = Path(__file__).with_name("prices.json")
_DATE = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per 1,000,000 tokens; the limits in tokens, None where they aren't known."""

    input: float
    output: float
    cached_input: float
    context: int | None = None
    max_output: int | None = None

    def of(self, usage: Usage) -> float:
        fresh = max(0, usage.input_tokens - usage.cached_input_tokens)
        dollars = (fresh * self.input + usage.cached_input_tokens * self.cached_input
                   + usage.output_tokens * self.output)
        return round(dollars / 1_000_000, 9)


class PriceTable:
    """Prices by provider and model. `as_of` is the day on which they were the vendors'."""

    def __init__(self, prices: Mapping[tuple[str, str], Price], as_of: str | None = None) -> None:
        self._prices = prices
        self.as_of = as_of

    @classmethod
    def load(cls, path: Path | None = None) -> "PriceTable":
        """Reads the table, the built-in one by default. Raises `ConfigError`."""
        source = path or BUILT_IN_TABLE
        prices: dict[tuple[str, str], Price] = {}
        try:
            table = json.loads(source.read_text(encoding="utf-8"))
            for provider, models in table["providers"].items():
                for model, entry in models.items():
                    prices[provider, model] = _price(entry)
            as_of = table.get("as_of")
            if as_of is not None:
                date.fromisoformat(as_of)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
            raise ConfigError("ATOMIC_LLM_PRICES_FILE", str(source), "a readable price table "
                              f"like prices.json is allowed ({type(problem).__name__})") from None
        return cls(prices, as_of)

    def price(self, provider: str, model: str) -> Price | None:
        """What the table says of a model, a dated name by its undated one."""
        names = (model, _DATE.sub("", model))
        return next((self._prices[provider, name] for name in names
                     if (provider, name) in self._prices), None)

    def cost_usd(self, provider: str, model: str, usage: Usage) -> float | None:
        """The cost in US dollars, or None where the table doesn't know the model."""
        price = self.price(provider, model)
        return None if price is None else price.of(usage)


def _price(entry: Mapping[str, Any]) -> Price:
    full, written = float(entry["input"]), float(entry["output"])
    cached = float(entry.get("cached_input", full))
    if not all(0 <= dollars < 1e6 for dollars in (full, written, cached)):
        raise ValueError("a price")
    limits = [entry.get("context"), entry.get("max_output")]
    context, max_output = (None if limit is None else int(limit) for limit in limits)
    return Price(full, written, cached, context, max_output)
