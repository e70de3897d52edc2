"""What a process was started with, so that a later command can tell what differs by now.

Only keyed digests are written down: neither a secret nor anything it could be guessed from.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from .settings import PROVIDER_FAMILIES, Settings

# What differs from shell to shell without meaning anything for a process, or is told apart anyway.
_NOT_COMPARED = ("ATOMIC_HOME", "ATOMIC_NAME")
_PREFIXES = ("ATOMIC_", "DOCKER_", "OTEL_", *PROVIDER_FAMILIES)
_OTHERS = frozenset(("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
                     "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"))
_ADDRESSES = frozenset(("ATOMIC_HTTP_HOST", "ATOMIC_HTTP_PORT", "ATOMIC_H2_PORT",
                        "ATOMIC_IPC_SOCKET", "ATOMIC_DB_URL"))


def digests(settings: Settings, env: Mapping[str, str]) -> dict[str, str]:
    """A digest for each setting in a process's environment, by name."""
    key = _key(settings)
    return {name: _digest(key, name, value) for name, value in sorted(env.items())
            if value and _is_compared(name)}


def differing(then: Mapping[str, str], now: Mapping[str, str], unset_counts: bool) -> list[str]:
    """The settings that aren't what they were.

    What was set then and isn't set here counts only if `unset_counts`, or if it is an address:
    whoever calls from another shell may not mean to take it back. For the providers, none of which
    is set here, it never does.
    """
    no_provider = not any(map(_is_providers, now))
    return [name for name in sorted({*then, *now}) if then.get(name) != now.get(name) and (
        name in now or name in _ADDRESSES
        or (unset_counts and not (no_provider and _is_providers(name))))]


def _is_compared(name: str) -> bool:
    return name not in _NOT_COMPARED and (name.startswith(_PREFIXES) or name in _OTHERS)


def _is_providers(name: str) -> bool:
    return name == "ATOMIC_LLM_PROVIDERS" or name.startswith(PROVIDER_FAMILIES)


def _digest(key: bytes, name: str, value: str) -> str:
    parts = [os.fsencode(name), os.fsencode(value)]
    if name.endswith("_FILE"):
        # The file may say something else by now.
        with contextlib.suppress(OSError):
            parts.append(Path(value).read_bytes())
    return hmac.new(key, b"\0".join(parts), hashlib.sha256).hexdigest()[:16]


def _key(settings: Settings) -> bytes:
    path = settings.run / "settings.key"
    if not path.exists():
        _make_key(path)
    return path.read_bytes()


def _make_key(path: Path) -> None:
    with contextlib.suppress(FileExistsError):
        beside = path.with_name(f"{path.name}.{os.getpid()}.new")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
            output.write(secrets.token_bytes(32))
        try:
            os.link(beside, path)
        finally:
            beside.unlink()
