"""The agent's configuration, read from the environment and from nowhere else."""

import ipaddress
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_SOCKET = "/tmp/atomic_llm_agent.sock"
OPENAI_PUBLIC_URL = "https://api.openai.com/v1"
OPENAI_DEFAULT_MODEL = "gpt-4.1-mini"

BUILT_PROVIDERS = ("openai", "offline")
PLANNED_PROVIDERS = {"anthropic": "ANTHROPIC_API_KEY", "gemini": "GEMINI_API_KEY",
                     "ollama": "OLLAMA_HOST"}
"""Providers of the design that this version lacks, with the variable that would set them up."""

LOG_LEVELS = {"TRACE": logging.DEBUG, "DEBUG": logging.DEBUG, "INFO": logging.INFO,
              "WARN": logging.WARNING, "WARNING": logging.WARNING, "ERROR": logging.ERROR}


class ConfigError(Exception):
    """A value that can't be read or isn't allowed; its text is one line for the operator."""

    def __init__(self, variable: str, value: str, allowed: str) -> None:
        shown = value if len(value) <= 200 else value[:200] + "…"
        super().__init__(f"{variable}={shown!r}: {allowed}")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds, each above 0: to connect, to the first text, between texts, for the whole."""

    connect: float = 5
    first_chunk: float = 60
    idle: float = 30
    total: float = 600


@dataclass(frozen=True, slots=True)
class OpenAiSettings:
    base_url: str = OPENAI_PUBLIC_URL
    api_key: str | None = None
    models: tuple[str, ...] = (OPENAI_DEFAULT_MODEL,)

    @property
    def is_public(self) -> bool:
        return self.base_url == OPENAI_PUBLIC_URL


@dataclass(frozen=True, slots=True)
class Settings:
    """All that can be set. `providers` are in the order in which they are tried."""

    socket: Path = Path(DEFAULT_SOCKET)
    log_level: int = logging.INFO
    log_format: str = "text"
    providers: tuple[str, ...] = ("offline",)
    deadlines: Deadlines = Deadlines()
    openai: OpenAiSettings = OpenAiSettings()
    offline_chunk_delay_ms: float = 0
    prices_file: Path | None = None
    warnings: tuple[str, ...] = ()

    def secrets(self) -> tuple[str, ...]:
        """Values that must never be shown."""
        return (self.openai.api_key,) if self.openai.api_key else ()


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Reads all settings. Raises `ConfigError` at the first value that isn't allowed."""
    env = _Environment(environment)
    openai = _openai(env)
    providers, warnings = _providers(env, openai)
    prices = env.text("ATOMIC_LLM_PRICES_FILE")
    return Settings(
        socket=Path(env.text("ATOMIC_IPC_SOCKET") or DEFAULT_SOCKET),
        log_level=LOG_LEVELS[env.choice("ATOMIC_LOG_LEVEL", tuple(LOG_LEVELS), "INFO")],
        log_format=env.choice("ATOMIC_LOG_FORMAT", ("TEXT", "JSON"), "TEXT").lower(),
        providers=providers,
        deadlines=Deadlines(
            connect=env.number("ATOMIC_LLM_CONNECT_SECONDS", 5, low=0.001, high=86_400),
            first_chunk=env.number("ATOMIC_LLM_FIRST_CHUNK_SECONDS", 60, low=0.001, high=86_400),
            idle=env.number("ATOMIC_LLM_IDLE_SECONDS", 30, low=0.001, high=86_400),
            total=env.number("ATOMIC_LLM_TOTAL_SECONDS", 600, low=0.001, high=86_400),
        ),
        openai=openai,
        offline_chunk_delay_ms=env.number("ATOMIC_OFFLINE_CHUNK_DELAY_MS", 0, low=0, high=10_000),
        prices_file=Path(prices) if prices else None,
        warnings=warnings,
    )


def _openai(env: "_Environment") -> OpenAiSettings:
    base_url = env.text("OPENAI_BASE_URL").rstrip("/") or OPENAI_PUBLIC_URL
    allowed = "an http:// or https:// address without user, query or fragment"
    try:
        parts = urlsplit(base_url)
        plain = not (parts.username or parts.password or parts.query or parts.fragment)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and plain
        _ = parts.port
    except ValueError:
        valid = False
    if not valid:
        shown = base_url.rsplit("@", 1)[-1].split("?", 1)[0]
        raise ConfigError("OPENAI_BASE_URL", shown, f"{allowed} is allowed")
    default_model = env.text("OPENAI_MODEL") or OPENAI_DEFAULT_MODEL
    more = [name for name in env.items("OPENAI_MODELS") if name != default_model]
    return OpenAiSettings(base_url, env.secret("OPENAI_API_KEY"), (default_model, *more))


def _providers(
    env: "_Environment", openai: OpenAiSettings
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The providers in order, and warnings. Offline is never added beside another one."""
    variable = "ATOMIC_LLM_PROVIDERS"
    named = [name.lower() for name in env.items(variable)]
    for name in named:
        if name in PLANNED_PROVIDERS:
            raise ConfigError(variable, env.text(variable), f"{name} isn't built yet; "
                              f"allowed are {', '.join(BUILT_PROVIDERS)}")
        if name not in BUILT_PROVIDERS:
            raise ConfigError(variable, env.text(variable), "a comma-separated list of "
                              f"{', '.join(BUILT_PROVIDERS)} is allowed")
    if len(set(named)) != len(named):
        raise ConfigError(variable, env.text(variable), "each provider is allowed once")
    if "openai" in named and openai.is_public and not openai.api_key:
        raise ConfigError(variable, env.text(variable), "openai is allowed only with "
                          "OPENAI_API_KEY, or OPENAI_BASE_URL for a local server")
    if named:
        return tuple(named), ()
    unbuilt = [f"{variable} is unset and {key} is set, but the {name} provider isn't built yet"
               for name, key in PLANNED_PROVIDERS.items()
               if env.text(key) or env.text(f"{key}_FILE")]
    if openai.api_key or not openai.is_public:
        return ("openai",), tuple(unbuilt)
    if _api_is_open_on_loopback(env):
        # A key for a vendor that isn't built yet is in many a shell; it must not stop the start,
        # and nothing is passed off: what offline answers is labelled, and the rest is refused.
        return ("offline",), tuple(unbuilt)
    return (), ("no provider is set up: set OPENAI_API_KEY, or OPENAI_BASE_URL for a local "
                f"server, or {variable}=offline; every request is answered no_provider",)


def _api_is_open_on_loopback(env: "_Environment") -> bool:
    if env.choice("ATOMIC_AUTH", ("AUTO", "REQUIRED", "OFF"), "AUTO") == "REQUIRED":
        return False
    host = env.text("ATOMIC_HTTP_HOST") or "127.0.0.1"
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class _Environment:
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
