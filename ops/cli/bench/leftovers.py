"""What must not be left in the database when all jobs have ended, read from the tables themselves.

Nothing of this is seen over HTTP: a row nobody owns costs no client anything until the disk is full
or a count is wrong.
"""

import asyncio
import os
import subprocess
import time

from .. import jdk, releases
from ..errors import StackError
from .stand import Stand

_EVERY_SECONDS = 3.0
_QUERY_SECONDS = 60.0
_ENDED = "('succeeded', 'failed', 'cancelled')"

# What it is, and a query of its rows with one column, which tells them apart.
CHECKS: tuple[tuple[str, str], ...] = (
    ("jobs haven't ended", f"select id from job where state not in {_ENDED}"),
    ("ended jobs still belong to a worker",
     f"select id from job where state in {_ENDED} and worker_id is not null"),
    ("ended jobs have no end",
     f"select id from job where state in {_ENDED} and finished_at is null"),
    ("deliveries are ready for jobs that don't wait", """
        select concat(state, ' ', id) from jobrunr_jobs delivery
        where state in ('ENQUEUED', 'SCHEDULED', 'AWAITING') and not exists (
            select 1 from job where job.delivery_id = delivery.id and job.state = 'queued')"""),
    ("deliveries of ended jobs are still processed or failed", """
        select concat(state, ' ', id) from jobrunr_jobs delivery
        where state in ('PROCESSING', 'PROCESSED', 'FAILED') and not exists (
            select 1 from job where job.delivery_id = delivery.id
                                and job.state in ('queued', 'running'))"""),
    # JobRunr keeps them for 2 minutes and looks once in a while.
    ("deliveries that are over are kept too long", """
        select id from jobrunr_jobs
        where state in ('SUCCEEDED', 'DELETED')
          and updatedAt < localtimestamp - interval '5' minute"""),
    ("recurring jobs nobody made", "select id from jobrunr_recurring_jobs"),
    ("job servers are listed and silent", """
        select id from jobrunr_backgroundjobservers
        where lastHeartbeat < localtimestamp - interval '1' minute"""),
    ("workers that live say they run something", """
        select id from worker
        where running > 0 and beat_at > current_timestamp - interval '5' second"""),
    ("idempotency keys without their job", """
        select idem_key from idempotency
        where not exists (select 1 from job where job.id = idempotency.job_id)"""),
    ("jobs with several idempotency keys",
     "select job_id from idempotency group by job_id having count(*) > 1"),
    ("jobs without what was asked", """
        select id from job
        where not exists (select 1 from job_request where job_request.job_id = job.id)"""),
    ("events without their job", """
        select job_id from job_event
        where not exists (select 1 from job where job.id = job_event.job_id)"""),
    ("jobs whose last_seq isn't the number of their events", """
        select id from job
        where job.last_seq <> (select count(*) from job_event where job_event.job_id = job.id)
                              + (select coalesce(sum(packed.last_seq - packed.first_seq + 1), 0)
                                 from packed_log packed where packed.job_id = job.id)
           or job.last_seq not in (
               select seq from job_event where job_event.job_id = job.id
               union all
               select packed.last_seq from packed_log packed where packed.job_id = job.id)"""),
    ("logs partly packed", """
        select job_id from job_event
        where exists (select 1 from packed_log where packed_log.job_id = job_event.job_id)"""),
    ("logs to be packed that are packed, or whose job hasn't ended", """
        select long_log.job_id from long_log join job on job.id = long_log.job_id
        where job.finished_at is null
           or exists (select 1 from packed_log where packed_log.job_id = job.id)"""),
    ("packed logs without their job", """
        select job_id from packed_log
        where not exists (select 1 from job where job.id = packed_log.job_id)"""),
    ("checkpoints without their job", """
        select job_id from checkpoint
        where not exists (select 1 from job where job.id = checkpoint.job_id)"""),
    ("succeeded jobs with a stage that hasn't ended", """
        select job_id from checkpoint join job on job.id = checkpoint.job_id
        where job.state = 'succeeded' and (checkpoint.status = 'running'
                                           or checkpoint.finished_at is null)"""),
    ("files without their job", """
        select job_id from job_file
        where not exists (select 1 from job where job.id = job_file.job_id)"""),
    ("files without their content", """
        select job_id from job_file f
        where not exists (select 1 from blob_content b
                          where b.tenant_id = f.tenant_id and b.sha256 = f.sha256)"""),
)

# A repair's files take the place of the last round's, whose contents stay.
_CONTENTS = ("contents without a file", """
    select sha256 from blob_content b
    where not exists (select 1 from job_file f
                      where f.tenant_id = b.tenant_id and f.sha256 = b.sha256)""")

_SIGNED_ON = ("workers that were stopped have not signed off",
              "select id from worker where pid in ({pids})")
# PostgreSQL alone tells: our connections that hold a transaction while nobody uses them.
_IDLE = ("transactions are open and idle", """
    select pid from pg_stat_activity
    where state = 'idle in transaction' and state_change < now() - interval '5 seconds'""")


async def left(stand: Stand, repairs: bool, seconds: float) -> list[str]:
    """What is there and must not be, once the jobs have ended. What dead processes held is cleared
    away by living ones in their own time, so it looks again for so many seconds.

    `repairs`: whether code may have gone back to the model.
    """
    checks = [*CHECKS, *([] if repairs else [_CONTENTS]),
              *([_IDLE] if stand.database == "postgresql" else [])]
    return await _until_none(stand, checks, seconds)


async def signed_on(stand: Stand, pids: list[int], seconds: float) -> list[str]:
    """Which of these workers, which were stopped gracefully, are still listed."""
    what, query = _SIGNED_ON
    return await _until_none(stand, [(what, query.format(pids=", ".join(map(str, pids))))], seconds)


async def _until_none(stand: Stand, checks: list[tuple[str, str]], seconds: float) -> list[str]:
    until = time.monotonic() + seconds
    while True:
        found = await asyncio.to_thread(_look, stand, checks)
        if not found or time.monotonic() > until:
            return found
        await asyncio.sleep(_EVERY_SECONDS)


def _look(stand: Stand, checks: list[tuple[str, str]]) -> list[str]:
    """One look at all of them, in one statement."""
    parts = [f"select {number}, count(*), min(cast(it as varchar(255))) from ({query}) found (it)"
             for number, (_, query) in enumerate(checks)]
    rows = rows_of(_ask(stand, " union all ".join(" ".join(part.split()) for part in parts)))
    if len(rows) != len(checks):
        return [f"the database can't be read: {len(rows)} answers to {len(checks)} questions"]
    return [f"{count} × {checks[number][0]}, for example {example}"
            for number, count, example in sorted(rows) if count]


def rows_of(said: str) -> list[tuple[int, int, str]]:
    """The rows of three columns that psql or H2's shell printed; all other lines are passed over.
    """
    rows = []
    for line in said.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 3 and cells[0].isdigit() and cells[1].isdigit():
            rows.append((int(cells[0]), int(cells[1]), cells[2]))
    return rows


def _ask(stand: Stand, statement: str) -> str:
    """What the database's own shell prints. Raises StackError when it can't be asked."""
    argv = stand.cluster.psql(statement) if stand.cluster else _h2_shell(stand, statement)
    env = stand.cluster.psql_environment() if stand.cluster else {}
    try:
        done = subprocess.run(argv, env={**os.environ, **env}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              timeout=_QUERY_SECONDS)
    except subprocess.TimeoutExpired as failure:
        raise StackError("the database doesn't answer what is left in it") from failure
    said = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        raise StackError(f"what is left in the database can't be read: {said.strip()[-600:]}")
    return said


def _h2_shell(stand: Stand, statement: str) -> list[str]:
    """The shell in the very jar the database runs from. Its password is one of a throw-away home.
    """
    password = (stand.home / "run" / "db.password").read_text().strip()
    jar = releases.jar(stand.settings.root, "db")
    return [str(jdk.find() / "bin" / "java"), "-XX:TieredStopAtLevel=1", "-Xmx96m",
            "-Dloader.main=org.h2.tools.Shell", "-cp", str(jar),
            "org.springframework.boot.loader.launch.PropertiesLauncher",
            "-url", f"jdbc:h2:tcp://127.0.0.1:{stand.settings.h2_port}/atomic",
            "-user", "ATOMIC", "-password", password, "-sql", statement]
