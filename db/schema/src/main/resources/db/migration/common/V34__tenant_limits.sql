-- What a tenant's limits go by; null where no limit needs it. Admission alone writes them, under the gate's lock.

-- When all that was submitted has been worked off at the allowed rate, in ns since 1970.
alter table tenant_queue add column submits_until bigint;
-- Never less than the tenant's jobs that wait to be started first: claims make it too high, and only when it reaches the
-- limit are they counted.
alter table tenant_queue add column waiting_at_most bigint;
