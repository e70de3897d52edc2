"""What an answer cost, from a table in a file."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .config import ConfigError
from .providers.base import Usage

BUILT_IN_TABLE = Path(__file__).with_name("prices.json")
_DATE = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per 1,000,000 tokens."""

    input: float
    output: float
    cached_input: float

    def of(self, usage: Usage) -> float:
        fresh = max(0, usage.input_tokens - usage.cached_input_tokens)
        dollars = (fresh * self.input + usage.cached_input_tokens * self.cached_input
                   + usage.output_tokens * self.output)
        return round(dollars / 1_000_000, 9)


class PriceTable:
    def __init__(self, prices: Mapping[tuple[str, str], Price]) -> None:
        self._prices = prices

    @classmethod
    def load(cls, path: Path | None = None) -> "PriceTable":
        """Reads the table, the built-in one by default. Raises `ConfigError`."""
        source = path or BUILT_IN_TABLE
        prices: dict[tuple[str, str], Price] = {}
        try:
            providers = json.loads(source.read_text(encoding="utf-8"))["providers"]
            for provider, models in providers.items():
                for model, entry in models.items():
                    full = float(entry["input"])
                    prices[provider, model] = Price(full, float(entry["output"]),
                                                    float(entry.get("cached_input", full)))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
            raise ConfigError("ATOMIC_LLM_PRICES_FILE", str(source), "a readable price table "
                              f"like prices.json is allowed ({type(problem).__name__})") from None
        return cls(prices)

    def cost_usd(self, provider: str, model: str, usage: Usage) -> float | None:
        """The cost in US dollars, or None where the table doesn't know the model."""
        names = (model, _DATE.sub("", model))
        price = next((self._prices[provider, name] for name in names
                      if (provider, name) in self._prices), None)
        return None if price is None else price.of(usage)
