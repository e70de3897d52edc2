-- All that the totals are made of, so that H2 reads no job's whole row for them: with 100,000 jobs 3,600 pages and 0.15 s
-- instead of 25,800 and 0.47 s. It doesn't begin with the state, or claims would be tempted by it.
create index job_by_end on job (finished_at, created_at, started_at, state);
-- Few jobs are due later, and they are asked for all the time.
create index job_by_due on job (due_at);
