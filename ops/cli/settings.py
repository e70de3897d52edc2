"""Where things are and what the environment says, read once at the start of a command."""

import os
import shlex
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from . import trust
from .errors import ConfigError, StackError

# sun_path of a Unix domain socket holds 108 bytes with its final NUL.
_SOCKET_PATH_BYTES = 107
PROVIDER_FAMILIES = ("OPENAI_", "ANTHROPIC_", "GEMINI_", "OLLAMA_")
_PROVIDER_ENDINGS = ("_API_KEY", "_API_KEY_FILE", "_BASE_URL", "_HOST")


@dataclass(frozen=True)
class Settings:
    """One machine's stack: the repository it runs from, its state folder and its addresses."""

    root: Path
    home: Path
    http_host: str
    http_port: int
    h2_port: int
    ipc_socket: Path
    external_database: bool
    artifacts: Path
    url: str
    api_key: str | None
    install: bool

    @property
    def run(self) -> Path:
        """Pids, locks, generated secrets."""
        return self.home / "run"

    @property
    def logs(self) -> Path:
        """One log a process, and the build's."""
        return self.home / "logs"

    @property
    def local_host(self) -> str:
        """The address at which this machine reaches its own api."""
        if self.http_host in ("0.0.0.0", "::", "[::]", ""):
            return "127.0.0.1"
        return self.http_host.strip("[]")

    @property
    def local_url(self) -> str:
        """The stack's own address, whatever ATOMIC_URL says."""
        host = f"[{self.local_host}]" if ":" in self.local_host else self.local_host
        scheme = "https" if trust.configured() else "http"
        return f"{scheme}://{host}:{self.http_port}"

    @property
    def command(self) -> str:
        """How the person at the keyboard calls this command from where they are."""
        return command_path(self.root)

    def local_key(self) -> str | None:
        """The key for this machine's own api: the caller's, else the one it made at first."""
        if self.api_key:
            return self.api_key
        try:
            return (self.run / "admin.key").read_text(encoding="utf-8").strip() or None
        except OSError:
            return None

    def make_home(self) -> None:
        """Create the state folder, 0700, with `run`, `logs` and `data`.

        Raises StackError when it can't be ours alone.
        """
        try:
            for folder in (self.home, self.run, self.logs, self.home / "data"):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                mode = folder.stat()
                if mode.st_uid != os.geteuid():
                    raise StackError(f"{folder} belongs to another user; set ATOMIC_HOME")
                if stat.S_IMODE(mode.st_mode) != 0o700:
                    folder.chmod(0o700)
        except OSError as failure:
            raise StackError(
                f"ATOMIC_HOME {self.home} can't be created: {failure.strerror}"
            ) from failure


def command_path(root: Path) -> str:
    """The shortest way to write the command's path from the current directory."""
    full = root / "ops" / "atomic"
    try:
        short = os.path.relpath(full)
    except OSError:
        return shlex.quote(str(full))
    return shlex.quote(short if len(short) < len(str(full)) else str(full))


def load(root: Path) -> Settings:
    """The settings from the environment.

    Raises ConfigError (exit 3) for a value that isn't allowed.
    """
    env = os.environ
    host = env.get("ATOMIC_HTTP_HOST") or "127.0.0.1"
    port = _port("ATOMIC_HTTP_PORT", 8080)
    socket = Path(env.get("ATOMIC_IPC_SOCKET") or "/tmp/atomic_llm_agent.sock")
    if not socket.is_absolute():
        socket = Path.cwd() / socket
    if len(os.fsencode(socket)) > _SOCKET_PATH_BYTES:
        raise ConfigError(
            "ATOMIC_IPC_SOCKET", str(socket), f"a path of at most {_SOCKET_PATH_BYTES} bytes"
        )
    settings = Settings(
        root=root,
        home=Path(env.get("ATOMIC_HOME") or root / ".atomic").absolute(),
        http_host=host,
        http_port=port,
        h2_port=_port("ATOMIC_H2_PORT", 9092),
        ipc_socket=socket,
        external_database=bool(env.get("ATOMIC_DB_URL") or env.get("ATOMIC_DB_URL_FILE")),
        artifacts=Path(env.get("ATOMIC_ARTIFACTS_DIR") or "/tmp/atomic_artifacts").absolute(),
        url="",
        api_key=_secret("ATOMIC_API_KEY"),
        install=env.get("ATOMIC_SETUP_INSTALL", "1") != "0",
    )
    return _with_url(settings, env.get("ATOMIC_URL") or settings.local_url)


def _with_url(settings: Settings, url: str) -> Settings:
    if not url.startswith(("http://", "https://")):
        raise ConfigError("ATOMIC_URL", url, "http://HOST[:PORT] or https://HOST[:PORT]")
    if "@" in urlsplit(url).netloc:
        # Not shown: it may hold a password.
        raise StackError("ATOMIC_URL has a user or password in it; put the key into ATOMIC_API_KEY")
    return replace(settings, url=url.rstrip("/"))


def _port(variable: str, default: int) -> int:
    value = os.environ.get(variable) or str(default)
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise ConfigError(variable, value, "a port from 1 to 65535")
    return int(value)


def _secret(variable: str) -> str | None:
    """A secret from the variable or from the file that `<variable>_FILE` names."""
    value = os.environ.get(variable)
    if value:
        return value
    path = os.environ.get(variable + "_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as failure:
        raise ConfigError(variable + "_FILE", path, "a readable file") from failure


def provider_environment() -> dict[str, str]:
    """The variables set here that say which model providers there are. Holds secrets."""
    return {
        name: value
        for name, value in os.environ.items()
        if value
        and (
            name == "ATOMIC_LLM_PROVIDERS"
            or (name.startswith(PROVIDER_FAMILIES) and name.endswith(_PROVIDER_ENDINGS))
        )
    }


def needs_http_providers() -> bool:
    """Whether the environment names a provider other than `offline`."""
    named = os.environ.get("ATOMIC_LLM_PROVIDERS", "").replace(" ", "")
    if named:
        return any(name and name != "offline" for name in named.split(","))
    return bool(provider_environment())
