-- Waiting jobs are few beside finished ones: a partial index keeps the limit's count and the position short.
create index job_waiting on job (queue_order, id) where state = 'queued';
