"""A machine for one test: a checkout of the command with stand-ins for what it starts."""

import json
import os
import pty
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

OPS = Path(__file__).resolve().parents[1]

_AGENT = '''\
import json, os, socketserver
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            answer = {"id": json.loads(line)["id"], "type": 5, "payload": {"status": "healthy"}}
            self.wfile.write(json.dumps(answer).encode() + b"\\n")
path = os.environ["ATOMIC_IPC_SOCKET"]
if os.path.exists(path):
    os.unlink(path)
socketserver.ThreadingUnixStreamServer.daemon_threads = True
socketserver.ThreadingUnixStreamServer(path, Handler).serve_forever()
'''
_MVNW = '''\
#!{python}
import os, pathlib, sys, zipfile
root = pathlib.Path({root!r})
with open(root / "maven.calls", "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
if (root / "broken").exists():
    print("[ERROR] Main.java:[1,1] ';' expected")
    sys.exit(1)
for folder, module in (("db/server", "db"), ("api", "api"), ("worker", "worker")):
    target = root / folder / "target"
    target.mkdir(exist_ok=True)
    with zipfile.ZipFile(target / f"atomic-{{module}}.jar", "w") as jar:
        jar.writestr("Main.class", (root / folder / "src/main/Main.java").read_text())
        if module != "db":
            jar.writestr("BOOT-INF/lib/spring-boot-jarmode-tools-4.jar", "")
            jar.writestr("BOOT-INF/lib/spring-core-7.jar", "")
    os.utime(target / f"atomic-{{module}}.jar", (1e9, 1e9))
'''


class Machine:
    """A temporary checkout with a fake JDK, agent, build and engine, and ports of its own."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="atomic-test-"))
        self.home = self.root / ".atomic"
        self.artifacts = self.root / "artifacts"
        shutil.copytree(OPS / "cli", self.root / "ops" / "cli",
                        ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(OPS / "atomic", self.root / "ops" / "atomic")
        for module in ("db/server", "api", "worker"):
            self.write(f"{module}/src/main/Main.java", "class Main {}")
        self.write("pom.xml", "<project/>")
        self.script("mvnw", _MVNW.format(python=sys.executable, root=str(self.root)))
        self.script("jdk/bin/java", f'#!/bin/sh\nexec "{sys.executable}" '
                                    f'"{OPS}/tests/fake_java.py" "$@"\n')
        self.write("jdk/release", 'JAVA_VERSION="25.0.1"\n')
        self.write("python-agent/atomic_agent/__init__.py", "")
        self.write("python-agent/atomic_agent/__main__.py", _AGENT)
        self.engine(there=True)
        self.script("ops/sandbox/build", "#!/bin/sh\necho 'sandbox: up to date' >&2\n")
        self.http_port, self.h2_port = free_port(), free_port()
        self.env = {
            "PATH": os.environ["PATH"], "HOME": str(self.root), "LANG": "C.UTF-8",
            "JAVA_HOME": str(self.root / "jdk"), "ATOMIC_SETUP_INSTALL": "0",
            "ATOMIC_HTTP_PORT": str(self.http_port), "ATOMIC_H2_PORT": str(self.h2_port),
            "ATOMIC_IPC_SOCKET": str(self.root / "agent.sock"),
            "ATOMIC_ARTIFACTS_DIR": str(self.artifacts)}

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if (self.home / "run").is_dir():
                self.atomic("down")
        finally:
            shutil.rmtree(self.root)

    def write(self, path: str, text: str) -> Path:
        """A file of the checkout."""
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text)
        return full

    def script(self, path: str, text: str) -> None:
        """An executable file of the checkout."""
        self.write(path, text).chmod(0o755)

    def behave(self, name: str, how: str) -> Path:
        """Make the process `name` behave as one of fake_java's BEHAVIOURS; the file that says so.
        """
        return self.write(f"fakes/{name}", how)

    def engine(self, there: bool, known: str = "") -> None:
        """Whether this machine has a container engine, and what is known against its versions."""
        self.script("ops/engine/advise", f"#!/bin/sh\necho '{known}'\nexit 1\n" if known else
                    "#!/bin/sh\necho 'nothing known of Docker 99'\n" if there else
                    "#!/bin/sh\necho 'no engine answers'\nexit 3\n")
        self.script("ops/engine/ensure", "#!/bin/sh\n" + (
            "echo 'engine: ready' >&2\n" if there else
            "echo 'engine: no engine is installed' >&2\nexit 3\n"))

    def atomic(self, *args: str, stdin: str = "", **env: str) -> "Done":
        """Run the command to its end."""
        done = subprocess.run(self.argv(*args), input=stdin.encode(), capture_output=True,
                              env={**self.env, **env}, cwd=self.root, timeout=60, check=False)
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def begin(self, *args: str, **env: str) -> "subprocess.Popen[bytes]":
        """Start the command; the caller waits for it."""
        return subprocess.Popen(self.argv(*args), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**self.env, **env}, cwd=self.root)

    def on_a_terminal(self, *args: str, typed: str = "", pieces: list[bytes] | None = None,
                      **env: str) -> tuple[int, str]:
        """Run the command with all its streams on a terminal: exit code and what it showed.

        `pieces` gets what it shows as it shows it.
        """
        pieces = [] if pieces is None else pieces
        ours, theirs = pty.openpty()
        os.write(ours, typed.encode())
        child = subprocess.Popen(self.argv(*args), stdin=theirs, stdout=theirs, stderr=theirs,
                                 env={**self.env, "TERM": "xterm", **env}, cwd=self.root)
        os.close(theirs)
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            if not piece:
                break
            pieces.append(piece)
        os.close(ours)
        return child.wait(), b"".join(pieces).decode()

    def argv(self, *args: str) -> list[str]:
        """The command line of the command."""
        return [sys.executable, str(self.root / "ops" / "atomic"), *args]

    def status(self) -> dict[str, dict[str, Any]]:
        """`status --json` by name."""
        return {row["name"]: row for row in json.loads(self.atomic("status", "--json").out)}

    def pid(self, name: str) -> int:
        """The pid in `run/NAME.pid`."""
        return int((self.home / "run" / f"{name}.pid").read_text())


class Done:
    """How a command ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    def __repr__(self) -> str:
        return f"exit {self.code}\nstdout: {self.out}\nstderr: {self.err}"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        port: int = attempt.getsockname()[1]
        return port
