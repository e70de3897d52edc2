"""What each process gets of the environment: what it reads, and no more.

So a provider's key is in the agent alone, the database's password isn't, and no variable of a
framework (`SERVER_ADDRESS`, `SPRING_…`) that happens to be set changes what a process does.
"""

from collections.abc import Iterable, Mapping

_ALL = ("db", "agent", "api", "worker")
_DATABASE = ("api", "worker")
_PROVIDERS = ("OPENAI", "ANTHROPIC", "GEMINI", "OLLAMA")

READERS: Mapping[str, tuple[str, ...]] = {
    "ATOMIC_HOME": _ALL,
    "ATOMIC_NAME": _ALL,
    "ATOMIC_LOG_LEVEL": _ALL,
    "ATOMIC_LOG_FORMAT": _ALL,
    "ATOMIC_HTTP_HOST": ("api", "agent"),
    "ATOMIC_HTTP_PORT": ("api",),
    "ATOMIC_ALLOWED_HOSTS": ("api", "worker"),
    "ATOMIC_ALLOWED_ORIGINS": ("api", "worker"),
    "ATOMIC_TRUSTED_PROXIES": ("api",),
    "ATOMIC_TLS_CERT": ("api",),
    "ATOMIC_TLS_KEY": ("api",),
    "ATOMIC_AUTH": ("api", "agent"),
    "ATOMIC_JWT_ISSUER": ("api",),
    "ATOMIC_JWT_SECRET": ("api",),
    "ATOMIC_JWT_SECRET_FILE": ("api",),
    "ATOMIC_WEBHOOK_ALLOW": ("api", "worker"),
    "ATOMIC_WORKER_MANAGEMENT_PORT": ("worker",),
    "ATOMIC_THREADS": ("api", "worker"),
    "ATOMIC_DB_URL": _DATABASE,
    "ATOMIC_DB_URL_FILE": _DATABASE,
    "ATOMIC_DB_USER": _DATABASE,
    "ATOMIC_DB_USER_FILE": _DATABASE,
    "ATOMIC_DB_PASSWORD": _DATABASE,
    "ATOMIC_DB_PASSWORD_FILE": _DATABASE,
    "ATOMIC_H2_PORT": ("db", "api", "worker"),
    "ATOMIC_IPC_SOCKET": ("worker", "agent"),
    "ATOMIC_IPC_POOL_SIZE": ("worker",),
    "ATOMIC_MAX_CONCURRENT": ("worker",),
    "ATOMIC_MAX_QUEUE_SIZE": ("api",),
    "ATOMIC_TENANT_MAX_WAITING": ("api",),
    "ATOMIC_TENANT_MAX_RUNNING": ("api", "worker"),
    "ATOMIC_TENANT_SUBMITS_PER_MINUTE": ("api",),
    "ATOMIC_TENANT_USD_PER_DAY": ("api", "worker"),
    "ATOMIC_TENANT_TOKENS_PER_DAY": ("api", "worker"),
    "ATOMIC_JOB_MAX_COST_USD": ("api", "worker"),
    "ATOMIC_SYNC_WAIT_SECONDS": ("api",),
    "ATOMIC_MAX_ATTEMPTS": ("api", "worker"),
    "ATOMIC_REPAIR_ATTEMPTS": ("api", "worker"),
    "ATOMIC_JOB_TIMEOUT_SECONDS": ("api", "worker"),
    "ATOMIC_AGENT_WAIT_SECONDS": ("worker",),
    "ATOMIC_LLM_CONNECT_SECONDS": ("worker", "agent"),
    "ATOMIC_LLM_FIRST_CHUNK_SECONDS": ("worker", "agent"),
    "ATOMIC_LLM_IDLE_SECONDS": ("worker", "agent"),
    "ATOMIC_LLM_TOTAL_SECONDS": ("worker", "agent"),
    "ATOMIC_SANDBOX_IMAGE": ("worker",),
    "ATOMIC_SANDBOX_RUNTIME": ("worker",),
    "ATOMIC_SANDBOX_POOL_SIZE": ("worker",),
    "ATOMIC_SANDBOX_CONCURRENCY": ("worker",),
    "ATOMIC_MEMORY_LIMIT_MB": ("api", "worker"),
    "ATOMIC_CPU_LIMIT_MILLICORES": ("api", "worker"),
    "ATOMIC_SANDBOX_TIMEOUT_SECONDS": ("api", "worker"),
    "ATOMIC_SANDBOX_PIDS": ("api", "worker"),
    "ATOMIC_RETENTION_DAYS": ("worker",),
    "ATOMIC_LLM_PROVIDERS": ("agent",),
    "ATOMIC_LLM_PRICES_FILE": ("agent",),
    "ATOMIC_LLM_SPEC_MODELS": ("agent",),
    "ATOMIC_LLM_CODE_MODELS": ("agent",),
    "ATOMIC_LLM_DOCS_MODELS": ("agent",),
    "ATOMIC_LLM_THINKING_TOKENS": ("agent",),
    "ATOMIC_LLM_ALLOW_HTTP": ("agent",),
    "ATOMIC_LLM_LOG_PROMPTS": ("agent",),
    "ATOMIC_OFFLINE_CHUNK_DELAY_MS": ("agent",),
    # Of the command alone.
    "ATOMIC_URL": (),
    "ATOMIC_API_KEY": (),
    "ATOMIC_API_KEY_FILE": (),
    "ATOMIC_ARTIFACTS_DIR": (),
    "ATOMIC_SETUP_INSTALL": (),
    "ATOMIC_BASE_IMAGE": (),
    "ATOMIC_PYTHON_TRIED": (),
    # Providers.
    **{f"{provider}_{what}": ("agent",) for provider in _PROVIDERS
       for what in ("API_KEY", "API_KEY_FILE", "BASE_URL", "HOST", "MODEL", "MODELS")},
    # Where traces go: OpenTelemetry's own names.
    **dict.fromkeys(("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS",
                     "OTEL_SERVICE_NAME"), ("agent", "api", "worker")),
    # The system's own.
    **dict.fromkeys(("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR"), _ALL),
    **dict.fromkeys(("JAVA_HOME", "JAVA_TOOL_OPTIONS"), ("db", "api", "worker")),
    **dict.fromkeys(("SSL_CERT_FILE", "SSL_CERT_DIR"), _ALL),
    **{name: ("agent",) for upper in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
       for name in (upper, upper.lower())},
}
"""Which kinds of process read a variable."""

_PREFIXES = {"LC_": _ALL, "XDG_": _ALL, "DOCKER_": ("worker",), "PYTHON": ("agent",)}


def readers(name: str) -> Iterable[str]:
    """The kinds of process that get this variable."""
    known = READERS.get(name)
    if known is not None:
        return known
    return next((kinds for start, kinds in _PREFIXES.items() if name.startswith(start)), ())


def for_process(kind: str, given: Mapping[str, str]) -> dict[str, str]:
    """What a process of this kind gets of `given`."""
    return {name: value for name, value in given.items() if kind in readers(name)}
