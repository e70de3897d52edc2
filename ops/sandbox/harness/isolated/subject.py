"""Serves the program in the workspace to the judge: a greeting, then one request after the other.

The judge's tests are never here, and nothing the judge says is code.
"""

import builtins
import os
import sys
import tempfile
import types
from typing import Any

from . import connection, logs, stubs
from .files import Files
from .limits import Broken
from .subject_end import SubjectEnd
from .wire import Channel, packed

_NAMES = 20_000


def modules(folder: str) -> list[str]:
    """Names under which the program's files can be imported from its folder."""
    found: list[str] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if each.isidentifier())
        inside = os.path.relpath(parent, folder)
        prefix = "" if inside == "." else inside.replace(os.sep, ".") + "."
        for file in sorted(files):
            name, ending = os.path.splitext(file)
            if ending == ".py" and name.isidentifier():
                found.append(prefix[:-1] if name == "__init__" else prefix + name)
        if len(found) > _NAMES:
            break
    return [name for name in found if name][:_NAMES]


def serve(channel: Channel, folder: str, files: Files | None) -> None:
    """Until the judge is gone."""
    end = SubjectEnd(channel, files)
    stubs.bind(end)
    sys.path.insert(0, folder)
    sys.argv[:] = ["main.py"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    streams: Any = sys
    streams.stdout, streams.stderr, streams.stdin = end.out, end.err, stubs.Input()
    builtins.input = stubs.ask
    end.logs, end.descriptors = logs.Telling(), stubs.Descriptors()
    channel.send(packed(["hello 1", [], modules(folder)]))
    while True:
        kind, notes, code = channel.receive()
        end.take_notes(notes)
        if kind != "call":
            raise Broken("no request")
        end.serve(code)


def main() -> None:
    """Ends the process when the judge is gone, whatever threads the program has left running."""
    try:
        serve(connection.reached(), os.getcwd(), Files(tempfile.gettempdir()))
    except Broken:
        os._exit(0)
