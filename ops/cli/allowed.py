"""Values that no process would start with, found before anything is stopped or started.

The processes check for themselves, too; a test holds the two together.
"""

import difflib
import ipaddress
import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from . import environment
from .errors import ConfigError, StackError
from .settings import Settings
from .text import Terminal, one_line

_SECONDS = (1, 86_400)
# The least and the most, as the api and the workers have them.
NUMBERS: Mapping[str, tuple[int, int]] = {
    "ATOMIC_THREADS": (1, 1024),
    "ATOMIC_MAX_QUEUE_SIZE": (1, 1_000_000),
    "ATOMIC_TENANT_MAX_WAITING": (0, 1_000_000),
    "ATOMIC_TENANT_MAX_RUNNING": (0, 1_000_000),
    "ATOMIC_TENANT_SUBMITS_PER_MINUTE": (0, 1_000_000),
    "ATOMIC_TENANT_TOKENS_PER_DAY": (0, 2_000_000_000),
    "ATOMIC_SYNC_WAIT_SECONDS": (0, 600),
    "ATOMIC_MAX_ATTEMPTS": (1, 100),
    "ATOMIC_REPAIR_ATTEMPTS": (0, 20),
    "ATOMIC_JOB_TIMEOUT_SECONDS": _SECONDS,
    "ATOMIC_MEMORY_LIMIT_MB": (32, 1_048_576),
    "ATOMIC_CPU_LIMIT_MILLICORES": (10, 1_048_576),
    "ATOMIC_SANDBOX_TIMEOUT_SECONDS": (1, 3600),
    "ATOMIC_SANDBOX_PIDS": (16, 32_768),
    "ATOMIC_SANDBOX_POOL_SIZE": (0, 64),
    "ATOMIC_SANDBOX_CONCURRENCY": (1, 256),
    "ATOMIC_WORKER_MANAGEMENT_PORT": (0, 65_535),
    "ATOMIC_MAX_CONCURRENT": (1, 1_000),
    "ATOMIC_RETENTION_DAYS": (1, 36_500),
    "ATOMIC_IPC_POOL_SIZE": (1, 1_000),
    "ATOMIC_AGENT_WAIT_SECONDS": _SECONDS,
    "ATOMIC_LLM_CONNECT_SECONDS": _SECONDS,
    "ATOMIC_LLM_FIRST_CHUNK_SECONDS": _SECONDS,
    "ATOMIC_LLM_IDLE_SECONDS": _SECONDS,
    "ATOMIC_LLM_TOTAL_SECONDS": _SECONDS,
}
_DOLLARS = ("ATOMIC_TENANT_USD_PER_DAY", "ATOMIC_JOB_MAX_COST_USD")
_MOST_DOLLARS = 1_000_000
CHOICES: Mapping[str, tuple[str, ...]] = {
    "ATOMIC_LOG_LEVEL": ("TRACE", "DEBUG", "INFO", "WARN", "ERROR"),
    "ATOMIC_LOG_FORMAT": ("text", "json"),
    "ATOMIC_AUTH": ("auto", "required", "off"),
}
_LISTS = {
    "ATOMIC_ALLOWED_HOSTS": (re.compile(r"[a-z0-9.\[\]:_-]+"), "host names"),
    "ATOMIC_WEBHOOK_ALLOW": (
        re.compile(r"https?://(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?"),
        "origins, e.g. https://hooks.internal:8443"),
    "ATOMIC_ALLOWED_ORIGINS": (re.compile(r"https?://[a-z0-9.\[\]:_-]+"),
                               "origins, e.g. http://localhost:3000"),
}
_SECRET_FILES = ("ATOMIC_DB_URL_FILE", "ATOMIC_DB_USER_FILE", "ATOMIC_DB_PASSWORD_FILE")
_AGENT_SECONDS = 20.0
_ASK_AGENT = """\
import os, sys
from atomic_agent.config import settings_from
from atomic_agent.environment import ConfigError
from atomic_agent.pricing import PriceTable
try:
    PriceTable.load(settings_from(os.environ).prices_file)
except ConfigError as problem:
    sys.exit(str(problem))
"""


def check(settings: Settings) -> None:
    """Raise ConfigError, or StackError in the agent's own words, for a value none would take."""
    env = {name: value.strip() for name, value in os.environ.items() if value.strip()}
    for name, (least, most) in NUMBERS.items():
        value = env.get(name)
        if value is not None and not _is_between(value, least, most):
            raise ConfigError(name, value, f"a whole number, {least} to {most}")
    for name in _DOLLARS:
        value = env.get(name, "0")
        if (re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) is None
                or Decimal(value) > _MOST_DOLLARS):
            raise ConfigError(name, value,
                              f"a number, 0 to {_MOST_DOLLARS}, with at most 9 decimals")
    a_day, a_job = (env.get(name, "0") for name in _DOLLARS)
    if Decimal(a_day) > 0 and not Decimal(a_job):
        raise ConfigError(_DOLLARS[0], a_day,
                          f"only with {_DOLLARS[1]}, which is set aside for each job")
    for name, choices in CHOICES.items():
        value = env.get(name)
        if value is not None and value.casefold() not in map(str.casefold, choices):
            raise ConfigError(name, value, f"one of {', '.join(choices)}")
    for name, (pattern, what) in _LISTS.items():
        for value in re.split(r"[,\s]+", env.get(name, "")):
            if value and not pattern.fullmatch(value.lower()):
                raise ConfigError(name, value, f"{what}, separated by commas")
    for name in _SECRET_FILES:
        if name in env and not os.access(env[name], os.R_OK):
            raise ConfigError(name, env[name], "a readable file")
    url = env.get("ATOMIC_DB_URL")
    if url is not None and not url.startswith(("jdbc:h2:tcp://", "jdbc:postgresql://")):
        # Not shown: it may hold a password.
        raise ConfigError("ATOMIC_DB_URL", "…", "jdbc:h2:tcp://… or jdbc:postgresql://…")
    _check_access(env)
    _ask_agent(settings)


def _check_access(env: Mapping[str, str]) -> None:
    """Who may reach the api, and how: an api that runs isn't given up for one that can't start."""
    tls = ("ATOMIC_TLS_CERT", "ATOMIC_TLS_KEY")
    for name, other in (tls, tls[::-1]):
        path = env.get(name)
        if path is not None and other not in env:
            raise ConfigError(name, path, f"only with {other}")
        if path is not None and not (os.path.isabs(path) and os.access(path, os.R_OK)):
            raise ConfigError(name, path, "the absolute path of a file in PEM")
    host, auth = env.get("ATOMIC_HTTP_HOST", "127.0.0.1"), env.get("ATOMIC_AUTH", "auto").lower()
    loopback = _is_loopback(host)
    if not loopback and "ATOMIC_TLS_CERT" not in env and "ATOMIC_TRUSTED_PROXIES" not in env:
        raise ConfigError("ATOMIC_HTTP_HOST", host,
                          "a loopback address; for another set ATOMIC_TLS_CERT and ATOMIC_TLS_KEY, "
                          "or ATOMIC_TRUSTED_PROXIES where proxies do the TLS")
    if not loopback and auth == "off":
        raise ConfigError("ATOMIC_AUTH", auth,
                          "`auto` or `required`, as ATOMIC_HTTP_HOST isn't a loopback address")
    for name in ("ATOMIC_JWT_ISSUER", "ATOMIC_JWT_SECRET", "ATOMIC_JWT_SECRET_FILE"):
        if name in env and loopback and auth != "required":
            raise ConfigError(name, "…", "it means nothing to an open api; set "
                                         "ATOMIC_AUTH=required, too")


def _is_loopback(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        raise ConfigError("ATOMIC_HTTP_HOST", host, "an address of this machine") from None
    return all(ipaddress.ip_address(each[4][0]).is_loopback for each in found)


def _is_between(value: str, least: int, most: int) -> bool:
    return re.fullmatch(r"[+-]?[0-9]{1,10}", value) is not None and least <= int(value) <= most


def _ask_agent(settings: Settings) -> None:
    """The agent is of Python, so that it can simply be asked: its rules are its own."""
    package = settings.root / "python-agent"
    if not Path(package, "atomic_agent", "config.py").is_file():
        return
    env = environment.for_process("agent", os.environ)
    try:
        done = subprocess.run([sys.executable, "-c", _ASK_AGENT], cwd=package, env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False,
                              timeout=_AGENT_SECONDS)
    except subprocess.TimeoutExpired:
        return
    said = done.stderr.decode("utf-8", "replace").strip()
    # Anything but its refusal is for the agent itself to say, when it starts.
    if done.returncode == 1 and said and "Traceback" not in said:
        raise StackError(one_line(said, 1000))


def warn_of_misspelt(terminal: Terminal) -> None:
    """A line for each `ATOMIC_…` variable that nothing reads: it looks as if it did something."""
    for name in sorted(os.environ):
        if name.startswith("ATOMIC_") and name not in environment.READERS:
            near = difflib.get_close_matches(
                name, [each for each in environment.READERS if each.startswith("ATOMIC_")], 1, 0.7)
            hint = f"; did you mean {near[0]}?" if near else ""
            terminal.line(f"{one_line(name)} is set, but nothing reads it{hint}", "yellow")
