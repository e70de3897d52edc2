"""Jobs by names that a person can type: a part of the id, `@last`, `@last-failed`."""

import re

from .client import Client
from .errors import CommandError, UsageError
from .text import one_line

_WHOLE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LEAST = 6
_PAGES = 10
_NAMED = 5
RECENT: dict[str, dict[str, str]] = {"@last": {}, "@last-failed": {"status": "failed"}}


def resolve(client: Client, given: str) -> str:
    """The id that is meant: by a unique beginning or end of 6 characters or more among the newest
    1,000 jobs, or by `@last` and the like.

    What fits none is returned as it is, for the api to say so. Raises UsageError for what fits
    several.
    """
    if _WHOLE.fullmatch(given):
        return given
    if given.startswith("@"):
        return _recent(client, given)
    text = given.lower()
    found: list[str] = []
    for job_id in _newest(client) if len(text) >= _LEAST else ():
        if job_id == given:
            return job_id
        if job_id.lower().startswith(text) or job_id.lower().endswith(text):
            found.append(job_id)
    if len(found) > 1:
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise UsageError(f"{one_line(given)} may be {', '.join(found[:_NAMED])}{more}; the ends of "
                         "ids differ more than their beginnings")
    return found[0] if found else given


def _recent(client: Client, name: str) -> str:
    if name not in RECENT:
        raise UsageError(f"{one_line(name)} isn't a job; there are {' and '.join(RECENT)}")
    jobs = client.jobs({**RECENT[name], "limit": "1"})["jobs"]
    if not jobs:
        raise CommandError(f"there is no job that is {name}")
    return str(jobs[0]["id"])


def _newest(client: Client) -> "list[str]":
    found: list[str] = []
    filters = {"limit": "100"}
    for _ in range(_PAGES):
        page = client.jobs(filters)
        found += [str(job.get("id")) for job in page["jobs"]]
        if not page.get("next_cursor"):
            break
        filters["cursor"] = str(page["next_cursor"])
    return found
