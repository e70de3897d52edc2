-- Few jobs are due later, and they are asked for all the time: without this, all that wait are read.
create index job_by_due on job (due_at) where not delivered;
