"""Typed reading of the environment's variables, and the one line that refuses a value."""

import math
from collections.abc import Mapping
from pathlib import Path


class ConfigError(Exception):
    """A value that can't be read or isn't allowed; its text is one line for the operator."""

    def __init__(self, variable: str, value: str, allowed: str) -> None:
        shown = value if len(value) <= 200 else value[:200] + "…"
        super().__init__(f"{variable}={shown!r}: {allowed}")


class Environment:
    """Typed reading of variables; an empty one counts as unset."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        return self._values.get(name, "").strip()

    def items(self, name: str) -> list[str]:
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name).upper() or default
        if value not in allowed:
            raise ConfigError(name, self.text(name), f"one of {', '.join(allowed)} is allowed")
        return value

    def flag(self, name: str) -> bool:
        """Whether `name` is 1; 0 is allowed too."""
        return self.choice(name, ("0", "1"), "0") == "1"

    def number(self, name: str, default: float, *, low: float, high: float) -> float:
        raw = self.text(name)
        if not raw:
            return default
        try:
            value = float(raw)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise ConfigError(name, raw, f"a number from {low:g} to {high:,.0f} is allowed")
        return value

    def secret(self, name: str) -> str | None:
        """A secret from `name`, or from the file that `name_FILE` names."""
        path = self.text(f"{name}_FILE")
        if self.text(name) and path:
            raise ConfigError(f"{name}_FILE", path, f"allowed only when {name} is unset")
        value = self.text(name)
        if path:
            try:
                value = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as problem:
                raise ConfigError(f"{name}_FILE", path, "a readable text file is allowed "
                                  f"({type(problem).__name__})") from None
            if not value:
                raise ConfigError(f"{name}_FILE", path, "a file that isn't empty is allowed")
        if value and not (value.isascii() and value.isprintable() and " " not in value):
            raise ConfigError(name, "(hidden)", "printable ASCII without spaces is allowed")
        return value or None
