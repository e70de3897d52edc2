"""How a judge and its subject find each other.

Both containers have a small place in memory. The judge listens on a socket there, takes one
connection and removes the socket, all before a byte of the program is read on the other side,
which can't write there. Where there is no such place (another runtime), the worker carries what is
said: it comes in on descriptor 4 and goes out on descriptor 5.
"""

import os
import socket
import time

from .limits import CONNECTING, Broken
from .wire import Channel

PLACE = "/run/atomic"
_SOCKET = PLACE + "/link"
_HEAR, _SAY = 4, 5
_AGAIN = 0.01


def offer() -> socket.socket | None:
    """Listens for the subject, or None where there is no place for it."""
    if not os.path.isdir(PLACE):
        return None
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(_SOCKET)
    os.chmod(_SOCKET, 0o666)  # the subject is another user
    listener.listen(1)
    return listener


def taken(listener: socket.socket | None) -> Channel:
    """The channel to the subject; one that is at its end already when none comes in time."""
    if listener is None:
        return Channel(_HEAR, _SAY)
    listener.settimeout(CONNECTING)
    try:
        connection, _ = listener.accept()
    except OSError:
        connection, _ = socket.socketpair()
    finally:
        listener.close()
        os.unlink(_SOCKET)
    return _over(connection)


def reached() -> Channel:
    """The channel to the judge; raises Broken when it isn't there in time."""
    if not os.path.isdir(PLACE):
        return Channel(_HEAR, _SAY)
    until = time.monotonic() + CONNECTING
    connection = socket.socket(socket.AF_UNIX)
    while True:
        try:
            connection.connect(_SOCKET)
            return _over(connection)
        except OSError as failure:
            if time.monotonic() > until:
                raise Broken("the judge isn't there") from failure
            time.sleep(_AGAIN)


def _over(connection: socket.socket) -> Channel:
    connection.setblocking(True)
    descriptor = connection.detach()
    return Channel(descriptor, descriptor)
