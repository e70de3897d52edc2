-- A tenant may have a limit of how many of its jobs run at once. What waits beyond it is held back, out of the sight of
-- claims, until one of the tenant's jobs ends.

-- The tenant a waiting job is held back for; empty if it may be claimed.
alter table job add column held_for varchar(64) default '' not null;
-- Its place among its tenant's jobs, once it was let in and has another place among all; null if it never was held back.
alter table job add column own_turn bigint;

-- Locked by whoever claims, ends or lets in a tenant's jobs, so that what runs is counted by one at a time. A row of its
-- own: admission locks the tenant's other one for as long as it has the gate.
create table tenant_running (
    tenant_id varchar(64) primary key,
    -- the first turn that a job let in may have
    next_turn bigint default 0 not null
);
insert into tenant_running (tenant_id) select tenant_id from tenant_queue;
