"""The agent's configuration, read from the environment and from nowhere else."""

import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .collector import Collector, collector_from
from .endpoints import OFFLINE, VENDORS, Endpoint, endpoints_from
from .environment import ConfigError, Environment
from .messages import RequestType

DEFAULT_SOCKET = "/tmp/atomic_llm_agent.sock"
PROVIDERS = (*VENDORS, OFFLINE)

LOG_LEVELS = {"TRACE": logging.DEBUG, "DEBUG": logging.DEBUG, "INFO": logging.INFO,
              "WARN": logging.WARNING, "WARNING": logging.WARNING, "ERROR": logging.ERROR}


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds, each above 0: to connect, to the first text, between texts, for the whole."""

    connect: float = 5
    first_chunk: float = 60
    idle: float = 30
    total: float = 600


@dataclass(frozen=True, slots=True)
class Route:
    """A model at a provider."""

    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All that can be set. `providers` are in the order in which they are tried.

    `routes` say which models serve a type of request, in order; a type without an entry is
    served by each provider's default model. `thinking_tokens` of 0 asks no model to think.
    """

    socket: Path = Path(DEFAULT_SOCKET)
    log_level: int = logging.INFO
    log_format: str = "text"
    log_prompts: bool = False
    providers: tuple[str, ...] = (OFFLINE,)
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    routes: Mapping[RequestType, tuple[Route, ...]] = field(default_factory=dict)
    deadlines: Deadlines = Deadlines()
    thinking_tokens: int = 0
    offline_chunk_delay_ms: float = 0
    prices_file: Path | None = None
    collector: Collector | None = None
    warnings: tuple[str, ...] = ()

    def secrets(self) -> tuple[str, ...]:
        """Values that must never be shown."""
        return tuple(one.api_key for one in self.endpoints.values() if one.api_key)


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Reads all settings. Raises `ConfigError` at the first value that isn't allowed."""
    env = Environment(environment)
    endpoints = endpoints_from(env)
    providers, warnings = _providers(env, endpoints)
    routes, endpoints = _routes(env, providers, endpoints)
    prices = env.text("ATOMIC_LLM_PRICES_FILE")
    return Settings(
        socket=Path(env.text("ATOMIC_IPC_SOCKET") or DEFAULT_SOCKET),
        log_level=LOG_LEVELS[env.choice("ATOMIC_LOG_LEVEL", tuple(LOG_LEVELS), "INFO")],
        log_format=env.choice("ATOMIC_LOG_FORMAT", ("TEXT", "JSON"), "TEXT").lower(),
        log_prompts=env.flag("ATOMIC_LLM_LOG_PROMPTS"),
        providers=providers,
        endpoints=endpoints,
        routes=routes,
        deadlines=Deadlines(
            connect=env.number("ATOMIC_LLM_CONNECT_SECONDS", 5, low=0.001, high=86_400),
            first_chunk=env.number("ATOMIC_LLM_FIRST_CHUNK_SECONDS", 60, low=0.001, high=86_400),
            idle=env.number("ATOMIC_LLM_IDLE_SECONDS", 30, low=0.001, high=86_400),
            total=env.number("ATOMIC_LLM_TOTAL_SECONDS", 600, low=0.001, high=86_400),
        ),
        thinking_tokens=int(env.number("ATOMIC_LLM_THINKING_TOKENS", 0, low=0, high=1_000_000)),
        offline_chunk_delay_ms=env.number("ATOMIC_OFFLINE_CHUNK_DELAY_MS", 0, low=0, high=10_000),
        prices_file=Path(prices) if prices else None,
        collector=collector_from(env),
        warnings=warnings,
    )


def _providers(
    env: Environment, endpoints: Mapping[str, Endpoint]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The providers in order, and warnings. Offline is never added beside another one."""
    variable = "ATOMIC_LLM_PROVIDERS"
    named = tuple(name.lower() for name in env.items(variable))
    for name in named:
        if name not in PROVIDERS:
            raise ConfigError(variable, env.text(variable), "a comma-separated list of "
                              f"{', '.join(PROVIDERS)} is allowed")
        if name in endpoints and not endpoints[name].usable:
            vendor = VENDORS[name]
            raise ConfigError(variable, env.text(variable), f"{name} is allowed only with "
                              f"{vendor.key_variable}, or {vendor.url_variable} for a server "
                              "that needs no key")
    if len(set(named)) != len(named):
        raise ConfigError(variable, env.text(variable), "each provider is allowed once")
    if named:
        return named, ()
    set_up = tuple(name for name, endpoint in endpoints.items() if endpoint.set_up)
    if set_up:
        return set_up, ()
    if _api_is_open_on_loopback(env):
        return (OFFLINE,), ()
    return (), ("no provider is set up: set a key such as OPENAI_API_KEY or ANTHROPIC_API_KEY, or "
                "OPENAI_BASE_URL or OLLAMA_HOST for a local server, or "
                f"{variable}=offline; every request is answered no_provider",)


def _routes(
    env: Environment, providers: tuple[str, ...], endpoints: Mapping[str, Endpoint]
) -> tuple[Mapping[RequestType, tuple[Route, ...]], Mapping[str, Endpoint]]:
    """Which models serve which type of request, and the endpoints with those models added."""
    routes: dict[RequestType, tuple[Route, ...]] = {}
    endpoints = dict(endpoints)
    for kind in RequestType:
        variable = f"ATOMIC_LLM_{kind.name}_MODELS"
        found = []
        for text in env.items(variable):
            route = _route(text, providers, endpoints)
            if route is None:
                raise ConfigError(variable, env.text(variable), "a list of PROVIDER/MODEL with "
                                  f"providers that are set up ({', '.join(providers) or 'none'}) "
                                  "is allowed")
            found.append(route)
            if route.provider in endpoints:
                endpoints[route.provider] = endpoints[route.provider].with_model(route.model)
        if found:
            routes[kind] = tuple(found)
    return routes, endpoints


def _route(
    text: str, providers: tuple[str, ...], endpoints: Mapping[str, Endpoint]
) -> Route | None:
    """`PROVIDER/MODEL`, or a model that one of the providers lists. A model may hold a `/`."""
    provider, _, model = text.partition("/")
    if provider in providers and model:
        return Route(provider, model)
    owners = [name for name in providers if name in endpoints and text in endpoints[name].models]
    return Route(owners[0], text) if owners else None


def _api_is_open_on_loopback(env: Environment) -> bool:
    if env.choice("ATOMIC_AUTH", ("AUTO", "REQUIRED", "OFF"), "AUTO") == "REQUIRED":
        return False
    host = env.text("ATOMIC_HTTP_HOST") or "127.0.0.1"
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
