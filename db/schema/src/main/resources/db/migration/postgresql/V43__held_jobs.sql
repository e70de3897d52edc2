-- One index for the jobs that may be claimed, in their order, and for each tenant's that are held back, in theirs.
create index job_by_turn on job (held_for, queue_order, id) where state = 'queued';
drop index job_waiting;
-- How many of a tenant's run is counted at each claim, where that is limited.
create index job_running_by_tenant on job (tenant_id) where state = 'running';
