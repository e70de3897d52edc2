"""Where spans go: OpenTelemetry's variables, read by the same rules as the other processes do.

One file of examples (`tests/golden/otlp_settings.json`) holds both to them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from .environment import ConfigError, Environment

SERVICE = "atomic-agent"

_BASE = re.compile(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
    r"(?::([0-9]{1,5}))?(?:/[A-Za-z0-9._~/-]*)?")
_HEADER = re.compile(r"([A-Za-z0-9_.-]+)\s*=\s*(.*)")
_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_NAME = re.compile(r"[ -~]{1,255}")
# What belongs to HTTP itself.
_NOT_OURS = frozenset(("connection", "content-length", "content-type", "expect", "host",
                       "transfer-encoding", "upgrade"))


@dataclass(frozen=True, slots=True)
class Collector:
    """`url` takes the batches; `headers` go with each and may hold a key."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    service: str
    instance: str


def collector_from(env: Environment) -> Collector | None:
    """None where traces are off; the other variables are checked all the same."""
    headers = _headers(env)
    service = env.text("OTEL_SERVICE_NAME") or SERVICE
    if not _NAME.fullmatch(service):
        raise ConfigError("OTEL_SERVICE_NAME", "(hidden)",
                          "at most 255 characters of printable ASCII are allowed")
    variable = "OTEL_EXPORTER_OTLP_ENDPOINT"
    base = env.text(variable)
    if not base:
        return None
    found = _BASE.fullmatch(base)
    if not found or not 1 <= int(found[1] or 1) <= 65_535 or not _is_host(base):
        # Not shown: it may hold a password, which isn't allowed there.
        raise ConfigError(variable, "(hidden)", "http:// or https:// with a host is allowed, "
                          "e.g. http://localhost:4318")
    return Collector(f"{base.removesuffix('/')}/v1/traces", headers, service,
                     env.text("ATOMIC_NAME") or SERVICE)


def _is_host(base: str) -> bool:
    try:
        return bool(urlsplit(base).hostname)
    except ValueError:
        return False


def _headers(env: Environment) -> Mapping[str, str]:
    """`name=value, name=value` with values percent-encoded, as the specification says."""
    variable = "OTEL_EXPORTER_OTLP_HEADERS"
    headers = {}
    for entry in env.items(variable):
        found = _HEADER.fullmatch(entry)
        value = unquote(found[2]) if found else ""
        if (not found or found[1].lower() in _NOT_OURS or not _VALUE.fullmatch(value)
                or re.search(r"%(?![0-9A-Fa-f]{2})", found[2])):
            raise ConfigError(variable, "(hidden)", "name=value, separated by commas, with "
                              "percent-encoded values is allowed")
        headers[found[1]] = value
    return headers
