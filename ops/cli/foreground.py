"""`start NAME`: one process in the foreground, as a service manager or a container calls it."""

import os
from pathlib import Path
from typing import NoReturn

from . import processes, services
from .errors import StackError, UsageError
from .processes import Recorded
from .services import Service
from .settings import Settings


def start(settings: Settings, service: Service, port: int | None, python: Path) -> NoReturn:
    """Become the process `service`; its output also goes to its log.

    Raises StackError when it already runs or its port is taken.
    """
    if port is not None and service.kind == "agent":
        raise UsageError("the agent listens on ATOMIC_IPC_SOCKET and has no --port")
    settings.make_home()
    _refuse_a_second(settings, service)
    launch = services.launch(settings, service, port, python, archives=False)
    services.check_addresses(settings, service, launch.port)
    with processes.recording(settings.home):
        _refuse_a_second(settings, service)
        processes.forget(settings.home, service.name)
        offset = processes.tee(processes.files(settings.home, service.name).log)
        own = os.getpid()
        processes.record(settings.home, service.name, Recorded(
            own, processes.start_ticks(own) or 0, processes.boot_id(), launch.build, launch.port,
            offset, launch.settings))
    os.chdir(launch.cwd)
    os.execve(launch.argv[0], launch.argv, launch.env)


def _refuse_a_second(settings: Settings, service: Service) -> None:
    pid = services.living(settings, service)
    if pid is not None:
        raise StackError(f"{service.name} is already running (pid {pid})")
