-- Tenants take turns. Admission gives each job a turn, and `job.queue_order` is made of it: not of the time any more,
-- as it was so far. A tenant's next job has this turn, or that of the jobs which are claimed now if that is later.
create table tenant_queue (
    tenant_id varchar(64) primary key,
    next_turn bigint      not null,
    -- when a job of low priority came last: only then may one of normal priority find any to pass
    low_at    timestamp(3) with time zone
);

-- Above every turn given so far: it rises by one with each request. From here the turns begin anew when no job waits. It
-- starts above any time in ms, so that jobs which wait now, or which an older api admits meanwhile, go first.
alter table admission_gate add column next_turn bigint default 2000000000000000 not null;

-- After those of its own that wait.
insert into tenant_queue (tenant_id, next_turn, low_at)
select tenant_id, max(queue_order) + 1, max(case when priority = 2 then created_at end)
from job where state = 'queued' group by tenant_id;
