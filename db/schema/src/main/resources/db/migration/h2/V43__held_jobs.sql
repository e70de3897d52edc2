-- One index for the jobs that may be claimed, in their order, and for each tenant's that are held back, in theirs.
create index job_by_turn on job (state, held_for, queue_order, id);
drop index job_by_state;
