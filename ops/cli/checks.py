"""What `--cases` names: cases of input and output, or HTTP requests, as the api takes them."""

import json
from pathlib import Path
from typing import Any

from .errors import UsageError
from .inputs import read

_MAX_BYTES = 12 << 20
_MAX_CASES = 1_000

Check = dict[str, Any]


def load(argument: str) -> Check:
    """A part of `verify` with its kind: cases or requests.

    A folder holds NAME.in (may be missing) and NAME.out for each case. A file holds JSON (a list,
    or an object with `cases` or `requests`) or JSON lines.

    Raises UsageError saying what is wrong and where; each entry's own fields are the api's to
    check.
    """
    path = Path(argument)
    if path.is_dir():
        return {"kind": "cases", "cases": _folder(path)}
    text = _text(path)
    found = _parsed(path, text)
    for kind, name in (("cases", "cases"), ("http", "requests")):
        if isinstance(found, dict) and isinstance(found.get(name), list):
            return {**{key: value for key, value in found.items() if key == "stop_on_failure"},
                    "kind": kind, name: _entries(path, found[name])}
    if not isinstance(found, list):
        raise UsageError(f"{path} must be a list of cases or requests, or an object with "
                         "`cases` or `requests`")
    entries = _entries(path, found)
    requests = [_is_request(entry) for entry in entries]
    if any(requests) and not all(requests):
        raise UsageError(f"{path}: entry {requests.index(False) + 1} is a case among requests "
                         "(a request has `method` and `path`)")
    return ({"kind": "http", "requests": entries} if any(requests)
            else {"kind": "cases", "cases": entries})


def _is_request(entry: Check) -> bool:
    return "method" in entry or "path" in entry


def _text(path: Path) -> str:
    try:
        return read(path, _MAX_BYTES).decode()
    except UnicodeDecodeError as failure:
        raise UsageError(f"{path} isn't UTF-8") from failure


def _parsed(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as failure:
        raise UsageError(f"{path} is nested too deeply") from failure
    except ValueError as failure:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].lstrip().startswith("{"):
            raise UsageError(f"{path} isn't JSON: {failure}") from failure
    entries = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                entries.append(json.loads(line))
            except RecursionError as failure:
                raise UsageError(f"{path}, line {number}: nested too deeply") from failure
            except ValueError as failure:
                raise UsageError(f"{path}, line {number}: isn't JSON: {failure}") from failure
    return entries


def _entries(path: Path, found: list[Any]) -> list[Check]:
    for number, entry in enumerate(found, 1):
        if not isinstance(entry, dict):
            raise UsageError(f"{path}: entry {number} isn't an object")
    return _some(path, found)


def _some(path: Path, entries: list[Check]) -> list[Check]:
    if not entries:
        raise UsageError(f"{path} has no cases")
    if len(entries) > _MAX_CASES:
        raise UsageError(f"{path}: {len(entries)} cases; {_MAX_CASES} are allowed")
    return entries


def _folder(folder: Path) -> list[Check]:
    outputs = sorted(path for path in folder.iterdir() if path.suffix == ".out")
    known = {path.stem for path in outputs}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".in" and path.stem not in known:
            raise UsageError(f"{path} has no {path.stem}.out beside it with the expected output")
    cases = []
    for path in outputs:
        given = path.with_suffix(".in")
        case: Check = {"name": path.stem, "stdout": _text(path)}
        if given.exists():
            case["stdin"] = _text(given)
        cases.append(case)
    if not cases:
        raise UsageError(f"{folder} has no NAME.out files with expected outputs")
    return _some(folder, cases)
