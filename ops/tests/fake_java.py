"""Stands in for the JVM: listens where the real process named by -jar would. A real process.

How it behaves stands in the file `fakes/NAME` beside ATOMIC_HOME, if there is one (see BEHAVIOURS).
"""

import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.fake_api import FakeApi, played, successful, unverified  # noqa: E402


BEHAVIOURS = (
    "refuses",  # a setting that isn't allowed
    "crashes",
    "asks the database late",  # starts only once the file is gone
    "is never ready",
    "lingers",  # told to stop, it goes on until the file is gone
)


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
    file = Path(os.environ["ATOMIC_HOME"]).parent / "fakes" / name
    behaviour = file.read_text() if file.exists() else ""
    assert not behaviour or behaviour in BEHAVIOURS, behaviour
    if behaviour == "refuses":
        sys.exit("ATOMIC_THREADS, 'many', allowed: a number from 1 to 1024")
    if behaviour == "crashes":
        sys.exit("no idea what happened")
    if behaviour == "asks the database late":
        while file.exists():
            stopped.wait(0.02)
        try:
            socket.create_connection(("127.0.0.1", int(os.environ["ATOMIC_H2_PORT"]))).close()
        except OSError as failure:
            print(f"{name}: the database can't be used: {failure}", flush=True)
            sys.exit(3)
    close = listen(name) if behaviour != "is never ready" else lambda: None
    print(f"{name} listens", flush=True)
    stopped.wait()
    close()
    while behaviour == "lingers" and file.exists():
        time.sleep(0.02)
    print(f"{name} ends", flush=True)


def listen(name: str) -> Callable[[], None]:
    """Open the port of this kind of process; what closes it."""
    if name == "db":
        listener = socket.create_server(("127.0.0.1", int(os.environ["ATOMIC_H2_PORT"])))
        threading.Thread(target=lambda: [listener.accept() for _ in iter(int, 1)],
                         daemon=True).start()
        return listener.close
    port = "ATOMIC_HTTP_PORT" if name.startswith("api") else "ATOMIC_WORKER_MANAGEMENT_PORT"
    server = FakeApi(int(os.environ[port]), {
        "hello": successful(), "unverified": unverified(),
        "Create a REST API for todo management": played("first-run")})
    if name.startswith("worker"):
        where = Path(os.environ["ATOMIC_HOME"], "run", f"{name}.port")
        where.write_text(str(server.server_address[1]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_close


if __name__ == "__main__":
    main()
