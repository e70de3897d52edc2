"""Where the providers over HTTP are: their addresses, keys and models, out of the environment."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

from .environment import ConfigError, Environment

OFFLINE = "offline"
_OLLAMA_PORT = 11434


@dataclass(frozen=True, slots=True)
class Vendor:
    """A provider over HTTP as the configuration knows it: one line for each below."""

    name: str
    url_variable: str
    public_url: str
    default_model: str
    needs_key: bool = True

    @property
    def key_variable(self) -> str:
        return f"{self.name.upper()}_API_KEY"


VENDORS: Mapping[str, Vendor] = {vendor.name: vendor for vendor in (
    Vendor("openai", "OPENAI_BASE_URL", "https://api.openai.com/v1", "gpt-4.1-mini"),
    Vendor("anthropic", "ANTHROPIC_BASE_URL", "https://api.anthropic.com", "claude-sonnet-4-5"),
    Vendor("gemini", "GEMINI_BASE_URL", "https://generativelanguage.googleapis.com/v1beta",
           "gemini-2.5-flash"),
    Vendor("ollama", "OLLAMA_HOST", f"http://127.0.0.1:{_OLLAMA_PORT}", "qwen2.5-coder",
           needs_key=False),
)}
"""In the order in which they are tried where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One provider's address, key and models (the default one first).

    `set_up` says that a variable names it, so that it is used unless others are named.
    """

    vendor: Vendor
    base_url: str
    api_key: str | None = None
    models: tuple[str, ...] = ()
    set_up: bool = False

    @classmethod
    def of(cls, name: str, base_url: str | None = None, api_key: str | None = None,
           models: tuple[str, ...] = ()) -> "Endpoint":
        """An endpoint of this vendor with the vendor's defaults for what is left out."""
        vendor = VENDORS[name]
        return cls(vendor, base_url or vendor.public_url, api_key,
                   models or (vendor.default_model,), bool(base_url or api_key))

    @property
    def is_public(self) -> bool:
        """Whether it is the vendor's own API, for which the vendor's prices hold."""
        return self.base_url == self.vendor.public_url

    @property
    def usable(self) -> bool:
        return bool(self.api_key) or not self.vendor.needs_key or not self.is_public

    @property
    def is_loopback(self) -> bool:
        return _is_loopback(urlsplit(self.base_url).hostname or "")

    @property
    def is_encrypted(self) -> bool:
        return self.base_url.startswith("https:")

    def with_model(self, model: str) -> "Endpoint":
        """The same with one more model to offer."""
        return self if model in self.models else replace(self, models=(*self.models, model))


def endpoints_from(env: Environment) -> Mapping[str, Endpoint]:
    """The endpoints of all vendors. Raises `ConfigError`."""
    plain_http = env.flag("ATOMIC_LLM_ALLOW_HTTP")
    return {name: _endpoint(env, vendor, plain_http) for name, vendor in VENDORS.items()}


def _endpoint(env: Environment, vendor: Vendor, plain_http: bool) -> Endpoint:
    upper = vendor.name.upper()
    model = env.text(f"{upper}_MODEL") or vendor.default_model
    # OLLAMA_MODELS is also Ollama's own name for the folder it keeps its models in.
    more = [name for name in env.items(f"{upper}_MODELS")
            if name != model and not name.startswith(("/", "~"))]
    return Endpoint.of(vendor.name, _address(env.text(vendor.url_variable), vendor, plain_http),
                       env.secret(vendor.key_variable), (model, *more))


def _address(text: str, vendor: Vendor, plain_http: bool) -> str | None:
    if not text:
        return None
    url = text.rstrip("/")
    if vendor.name == "ollama":
        url = _ollama_address(url)
    shown = url.rsplit("@", 1)[-1].split("?", 1)[0]
    try:
        parts = urlsplit(url)
        plain = not (parts.username or parts.password or parts.query or parts.fragment)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and plain
        _ = parts.port
    except ValueError:
        valid = False
    if not valid:
        raise ConfigError(vendor.url_variable, shown, "an http:// or https:// address without "
                          "user, query or fragment is allowed")
    if not (_is_safe(parts) or plain_http):
        raise ConfigError(vendor.url_variable, shown, "http:// is allowed only to loopback; "
                          "prompts and keys would cross the network unencrypted "
                          "(ATOMIC_LLM_ALLOW_HTTP=1 allows it)")
    return url


def _ollama_address(text: str) -> str:
    """`OLLAMA_HOST` as Ollama's own tools read it: scheme and port may be left out.

    0.0.0.0, which the server is told to bind to, is this machine for a client.
    """
    with_scheme = "://" in text
    parts = urlsplit(text if with_scheme else f"http://{text}")
    try:
        host, port = parts.hostname or "127.0.0.1", parts.port
    except ValueError:
        return text
    if parts.username or parts.password or parts.query or parts.fragment:
        return text
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    host = f"[{host}]" if ":" in host else host
    if port is None and not with_scheme:
        port = _OLLAMA_PORT
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{parts.path}"


def _is_safe(parts: SplitResult) -> bool:
    return parts.scheme == "https" or _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
