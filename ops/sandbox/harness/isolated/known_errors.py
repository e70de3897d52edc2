"""Exceptions of the standard library that are the judge's own when the program raises them.

A closed list: importing a module because the program names it would run its code. What ends or
skips a test (SkipTest, pytest's own) isn't among them.
"""

import builtins
import importlib

_NAMES = {
    "json.decoder": "JSONDecodeError", "decimal": "DecimalException InvalidOperation Inexact "
    "DivisionByZero Overflow Underflow Rounded Subnormal FloatOperation", "binascii": "Error",
    "struct": "error", "re": "error", "zlib": "error", "_csv": "Error", "csv": "Error",
    "configparser": "Error NoSectionError NoOptionError DuplicateSectionError ParsingError "
    "MissingSectionHeaderError DuplicateOptionError",
    "dataclasses": "FrozenInstanceError", "queue": "Empty Full", "_queue": "Empty",
    "statistics": "StatisticsError", "subprocess": "CalledProcessError TimeoutExpired "
    "SubprocessError", "sqlite3": "Error DatabaseError IntegrityError OperationalError "
    "ProgrammingError InterfaceError DataError InternalError NotSupportedError Warning",
    "asyncio.exceptions": "CancelledError InvalidStateError TimeoutError QueueEmpty QueueFull",
    "asyncio.queues": "QueueEmpty QueueFull",
    "zoneinfo._common": "ZoneInfoNotFoundError", "graphlib": "CycleError",
    "urllib.error": "URLError HTTPError", "socket": "gaierror herror", "copy": "Error",
    "concurrent.futures._base": "CancelledError InvalidStateError",
    "xml.etree.ElementTree": "ParseError", "shutil": "Error SameFileError",
    "pickle": "PickleError PicklingError UnpicklingError", "_pickle": "PickleError "
    "PicklingError UnpicklingError", "threading": "BrokenBarrierError", "http.client":
    "HTTPException", "argparse": "ArgumentError ArgumentTypeError", "email.errors": "MessageError",
    "locale": "Error", "tarfile": "TarError ReadError", "zipfile": "BadZipFile",
    "ipaddress": "AddressValueError NetmaskValueError",
}


def known(module: str, name: str) -> type[BaseException] | None:
    """The judge's own class of this name, if there is one of that name that it knows."""
    if module == "builtins":
        found = getattr(builtins, name, None)
    elif name in _NAMES.get(module, "").split():
        found = getattr(importlib.import_module(module), name, None)
    else:
        return None
    return found if isinstance(found, type) and issubclass(found, BaseException) else None


def own_names(module: str) -> bool:
    """Whether classes of this module may be the judge's own."""
    return module == "builtins" or module in _NAMES
