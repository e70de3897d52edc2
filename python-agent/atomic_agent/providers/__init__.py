"""The providers, made from the settings; what each one needs is imported only when it is used."""

import importlib.util
from importlib import import_module

from ..config import Settings
from ..endpoints import OFFLINE
from ..environment import ConfigError
from ..logs import Redactor
from .base import Provider

_CLASSES = {"openai": "OpenAiProvider", "anthropic": "AnthropicProvider",
            "gemini": "GeminiProvider", "ollama": "OllamaProvider"}
"""The class of each provider over HTTP, in the module of the provider's name."""


def build_providers(settings: Settings, redactor: Redactor) -> list[Provider]:
    """The providers named in the settings, in order. Raises `ConfigError`."""
    return [_build(name, settings, redactor) for name in settings.providers]


def _build(name: str, settings: Settings, redactor: Redactor) -> Provider:
    if name == OFFLINE:
        from .offline import OfflineProvider

        return OfflineProvider(chunk_delay_ms=settings.offline_chunk_delay_ms)
    if importlib.util.find_spec("httpx") is None:
        raise ConfigError("ATOMIC_LLM_PROVIDERS", ",".join(settings.providers),
                          f"{name} is allowed only where Python's httpx is installed "
                          "(Debian: python3-httpx)")
    made: Provider = getattr(import_module(f".{name}", __package__), _CLASSES[name])(
        settings.endpoints[name], settings.deadlines.connect, redactor,
        own_prices=settings.prices_file is not None, thinking_tokens=settings.thinking_tokens)
    return made
