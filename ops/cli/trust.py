"""TLS to an api. This machine's own is known by its certificate, whatever name that is for."""

import http.client
import os
import ssl
from pathlib import Path

from .errors import ConfigError

_VARIABLE = "ATOMIC_TLS_CERT"


class _OwnApi(http.client.HTTPSConnection):
    """Talks to a server that shows exactly this certificate.

    A name would say less here: the certificate is for the name that others use, and on loopback
    anyone who can run programs may listen.
    """

    def __init__(self, host: str, port: int | None, timeout: float, certificate: bytes) -> None:
        # Who it is follows from the comparison below.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().__init__(host, port, timeout=timeout, context=context)
        self._certificate = certificate

    def connect(self) -> None:
        """Raises ssl.SSLError before anything is sent to somebody else."""
        super().connect()
        if self.sock.getpeercert(binary_form=True) != self._certificate:
            self.close()
            raise ssl.SSLError(f"it doesn't show the certificate in {_VARIABLE}")


def configured() -> bool:
    """Whether this machine's api speaks TLS."""
    return bool(os.environ.get(_VARIABLE, "").strip())


def connection(host: str, port: int | None, timeout: float) -> http.client.HTTPSConnection:
    """To this machine's api by its certificate; to others as the system trusts, and that one, too.

    Raises ConfigError when ATOMIC_TLS_CERT can't be read.
    """
    path = os.environ.get(_VARIABLE, "").strip()
    if not path:
        return http.client.HTTPSConnection(host, port, timeout=timeout)
    if host == "localhost" or host == "::1" or host.startswith("127."):
        return _OwnApi(host, port, timeout, _first(path))
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=path)
    except (OSError, ssl.SSLError) as failure:
        raise ConfigError(_VARIABLE, path, "a readable certificate in PEM") from failure
    return http.client.HTTPSConnection(host, port, timeout=timeout, context=context)


def _first(path: str) -> bytes:
    try:
        text = Path(path).read_text(encoding="ascii")
        begin = text.index("-----BEGIN CERTIFICATE-----")
        end = text.index("-----END CERTIFICATE-----", begin) + len("-----END CERTIFICATE-----")
        return ssl.PEM_cert_to_DER_cert(text[begin:end])
    except (OSError, ValueError) as failure:
        raise ConfigError(_VARIABLE, path, "a readable certificate in PEM") from failure
