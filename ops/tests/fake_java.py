"""Stands in for the JVM: listens where the real process named by -jar would. A real process.

FAKE_REFUSES=NAME: that one refuses to start. FAKE_NEVER_READY=NAME: that one never answers.
"""

import os
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.fake_api import FakeApi, successful, unverified  # noqa: E402


def main() -> None:
    """Be the process."""
    jar_at = sys.argv.index("-jar") + 1
    if "-Djarmode=tools" in sys.argv:
        Path(sys.argv[-1]).mkdir()
        shutil.copy(sys.argv[jar_at], sys.argv[-1])
        return
    name = os.environ["ATOMIC_NAME"]
    print(f"{name} starts from {sys.argv[jar_at]}", flush=True)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    if os.environ.get("FAKE_REFUSES") == name:
        sys.exit("ATOMIC_THREADS, 'many', allowed: a number from 1 to 1024")
    if os.environ.get("FAKE_NEVER_READY") != name:
        listen(name)
    print(f"{name} listens", flush=True)
    stopped.wait()
    print(f"{name} ends", flush=True)


def listen(name: str) -> None:
    """Open the port of this kind of process."""
    if name == "db":
        listener = socket.create_server(("127.0.0.1", int(os.environ["ATOMIC_H2_PORT"])))
        threading.Thread(target=lambda: [listener.accept() for _ in iter(int, 1)],
                         daemon=True).start()
        return
    port = "ATOMIC_HTTP_PORT" if name.startswith("api") else "ATOMIC_WORKER_MANAGEMENT_PORT"
    server = FakeApi(int(os.environ[port]), {"hello": successful(), "unverified": unverified()})
    if name.startswith("worker"):
        where = Path(os.environ["ATOMIC_HOME"], "run", f"{name}.port")
        where.write_text(str(server.server_address[1]))
    threading.Thread(target=server.serve_forever, daemon=True).start()


if __name__ == "__main__":
    main()
