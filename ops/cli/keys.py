"""`keys`: API keys, made, listed and revoked at the api by a key with the scope `admin`."""

import argparse
import re
import sys
from argparse import Namespace
from typing import Any

from .client import Client
from .errors import SUCCEEDED
from .settings import Settings
from .text import Terminal, as_json, one_line

_SCOPES = ("submit", "read", "execute", "admin")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_MAX_SECONDS = 315_360_000
_COLUMNS = ("id", "name", "tenant", "scopes", "created", "expires", "state")

Key = dict[str, Any]


def add(parser: argparse.ArgumentParser) -> None:
    """The three commands and their options."""
    commands = parser.add_subparsers(metavar="create|list|revoke", required=True, dest="what")
    added = commands.add_parser("create", help="make a key; it is shown once, on stdout",
                                description="Make a key. It is shown once, on stdout.")
    added.add_argument("--name", help="what it is for")
    added.add_argument("--scope", action="append", required=True, choices=_SCOPES,
                       help="what it may do; again for more")
    added.add_argument("--tenant", metavar="T",
                       help="whose jobs it sees (default: that of the key used)")
    added.add_argument("--expires", type=_seconds, metavar="TIME",
                       help="how long it is valid, e.g. 12h or 90d (default: always)")
    added.add_argument("--json", action="store_true", help="print the answer as JSON")
    added = commands.add_parser("list", help="list the keys, without their texts")
    added.add_argument("--json", action="store_true", help="print the answer as JSON")
    added = commands.add_parser("revoke", help="revoke a key: from then on it is refused")
    added.add_argument("id", metavar="ID", help="as `keys list` shows it")


def command(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """With ATOMIC_API_KEY or, at this machine's own api, the first key of all."""
    key = settings.local_key() if settings.url == settings.local_url else settings.api_key
    with Client(settings.url, key) as client:
        if args.what == "create":
            _create(client, args, terminal)
        elif args.what == "list":
            _list(client.keys(), args.json)
        else:
            client.revoke_key(args.id)
            terminal.line(f"revoked {one_line(args.id)}")
    return SUCCEEDED


def _create(client: Client, args: Namespace, terminal: Terminal) -> None:
    body = {"name": args.name, "scopes": sorted(set(args.scope), key=_SCOPES.index),
            "tenant": args.tenant, "expires_in_seconds": args.expires}
    made = client.create_key({name: value for name, value in body.items() if value is not None})
    if args.json:
        sys.stdout.write(as_json(made) + "\n")
        return
    terminal.line(f"{_row(made)}\nThe key is shown this once:")
    sys.stdout.write(one_line(str(made["key"]), 200) + "\n")


def _list(page: Key, json_wanted: bool) -> None:
    if json_wanted:
        sys.stdout.write(as_json(page) + "\n")
        return
    rows = [_COLUMNS, *(_cells(key) for key in page["keys"] if isinstance(key, dict))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    for row in rows:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
                         + "\n")


def _row(key: Key) -> str:
    return ", ".join(f"{name} {cell}" for name, cell in zip(_COLUMNS, _cells(key)) if cell)


def _cells(key: Key) -> tuple[str, ...]:
    scopes = key.get("scopes")
    return (*(one_line(str(key.get(name, ""))) for name in ("id", "name", "tenant")),
            one_line(" ".join(map(str, scopes)) if isinstance(scopes, list) else ""),
            one_line(str(key.get("created_at", "")))[:19],
            one_line(str(key.get("expires_at") or "never"))[:19],
            "revoked" if key.get("revoked_at") else "")


def _seconds(text: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,8})([smhd])", text)
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 1 <= seconds <= _MAX_SECONDS:
        raise argparse.ArgumentTypeError("a time such as 45m, 12h or 90d, at most 10 years")
    return seconds
