-- A tenant at its limit has its waiting jobs counted at each submit, under the gate's lock: without this all tenants' are
-- read.
create index job_waiting_by_tenant on job (tenant_id) where state = 'queued' and started_at is null;
