"""The providers, made from the settings; what each one needs is imported only when it is used."""

import importlib.util

from ..config import ConfigError, Settings
from ..logs import Redactor
from .base import Provider


def build_providers(settings: Settings, redactor: Redactor) -> list[Provider]:
    """The providers named in the settings, in order. Raises `ConfigError`."""
    return [_build(name, settings, redactor) for name in settings.providers]


def _build(name: str, settings: Settings, redactor: Redactor) -> Provider:
    match name:
        case "offline":
            from .offline import OfflineProvider

            return OfflineProvider(chunk_delay_ms=settings.offline_chunk_delay_ms)
        case "openai":
            if importlib.util.find_spec("httpx") is None:
                raise ConfigError("ATOMIC_LLM_PROVIDERS", ",".join(settings.providers),
                                  "openai is allowed only where Python's httpx is installed "
                                  "(Debian: python3-httpx)")
            from .openai import OpenAiProvider

            return OpenAiProvider(settings.openai, settings.deadlines.connect, redactor,
                                  own_prices=settings.prices_file is not None)
    raise ConfigError("ATOMIC_LLM_PROVIDERS", name, "no such provider")
