"""A throw-away PostgreSQL of the benchmark's own, with its default fsync, on loopback."""

import os
import pwd
import secrets
import shutil
import socket
import struct
import subprocess
import tempfile
from pathlib import Path

from ..errors import StackError

# Room for every pool of the stand (16 a process and its listeners); all else is PostgreSQL's own.
_SETTINGS = ("max_connections=200", "listen_addresses=127.0.0.1", "unix_socket_directories=")
_FOLDERS = "/usr/lib/postgresql"


class Cluster:
    """One cluster in a folder of its own, under a user without rights when we are root."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._bin = _binaries()
        user = _unprivileged()
        self._uid, self._gid = (user.pw_uid, user.pw_gid) if user else (None, None)
        self.folder = Path(tempfile.mkdtemp(prefix="atomic-bench-pg-"))
        self.log = self.folder / "postgres.log"
        self.options: list[str] = []
        self._password = secrets.token_urlsafe(24)
        self._initialise()

    def _initialise(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self._password + "\n")
        secret.chmod(0o600)
        if self._uid is not None and self._gid is not None:
            for path in (self.folder, secret):
                os.chown(path, self._uid, self._gid)
        done = subprocess.run(
            [str(self._bin / "initdb"), "-D", str(self.folder / "data"), "-U", "atomic",
             "-A", "scram-sha-256", "--pwfile", str(secret), "-E", "UTF8", "--locale=C"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            check=False, cwd=self.folder, env=_environment(), user=self._uid, group=self._gid,
            extra_groups=None if self._uid is None else [])
        if done.returncode != 0:
            said = done.stdout.decode("utf-8", "replace").strip()
            self.close()
            raise StackError(f"initdb failed: {said[-300:]}")
        secret.unlink()

    def start(self) -> "subprocess.Popen[bytes]":
        """Start the server; it may not be ready yet."""
        argv = [str(self._bin / "postgres"), "-D", str(self.folder / "data"),
                "-p", str(self.port)]
        for setting in (*_SETTINGS, *self.options):
            argv += ["-c", setting]
        with open(self.log, "ab") as output:
            return subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                cwd=self.folder, env=_environment(), start_new_session=True, user=self._uid,
                group=self._gid, extra_groups=None if self._uid is None else [])

    def ready(self) -> bool:
        """Whether it takes connections: while it starts it answers one with an error."""
        names = b"user\0atomic\0database\0postgres\0\0"
        hello = struct.pack("!ii", 8 + len(names), 196608) + names
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1.0) as connection:
                connection.settimeout(2.0)
                connection.sendall(hello)
                return connection.recv(1) == b"R"
        except OSError:
            return False

    def environment(self) -> dict[str, str]:
        """What api and workers need to reach it."""
        return {"ATOMIC_DB_URL": f"jdbc:postgresql://127.0.0.1:{self.port}/postgres",
                "ATOMIC_DB_USER": "atomic", "ATOMIC_DB_PASSWORD": self._password}

    def psql(self, statement: str) -> list[str]:
        """The command that prints a statement's rows, cells between bars."""
        return [str(self._bin / "psql"), "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1",
                "-h", "127.0.0.1", "-p", str(self.port), "-U", "atomic", "-d", "postgres",
                "-c", statement]

    def psql_environment(self) -> dict[str, str]:
        """What `psql` needs besides."""
        return {"PGPASSWORD": self._password}

    def version(self) -> str:
        """As the server's own binary says."""
        said = subprocess.run([str(self._bin / "postgres"), "--version"], capture_output=True,
                              check=False).stdout.decode()
        return "PostgreSQL " + said.strip().removeprefix("postgres (PostgreSQL) ").split(" ")[0]

    def close(self) -> None:
        """Remove its files; it must have ended."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def _binaries() -> Path:
    """The folder of initdb and postgres. Raises StackError when there is none."""
    folders = sorted(Path(_FOLDERS).glob("*/bin"), key=lambda each: int(each.parent.name)
                     if each.parent.name.isdigit() else 0, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.insert(0, Path(on_path).resolve().parent)
        folders.insert(1, Path(on_path).parent)
    for folder in folders:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres", "psql")):
            return folder
    raise StackError("no PostgreSQL server's programs here (initdb, postgres, "
                     "psql): install postgresql-15, or use --db h2")


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom the server runs as: it refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise StackError("PostgreSQL won't run as root, and there is no user `nobody`")
