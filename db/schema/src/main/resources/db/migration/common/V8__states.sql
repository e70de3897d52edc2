-- What every row of `job` keeps to, whoever writes it: a state there is, a worker while it runs and no longer, a time
-- of its end once it has ended, and an error only if it failed.
--
-- `case` and not `in`: H2 keeps a set of constants with the session that made the constraint, and once that is closed
-- every insert fails with 23514 (2.4.240).
alter table job add constraint job_state check (
    case state
        when 'queued' then 1 when 'running' then 1 when 'succeeded' then 1 when 'failed' then 1 when 'cancelled' then 1
        else 0
    end = 1);
alter table job add constraint job_worker check (
    case when state = 'running' then 1 else 0 end = case when worker_id is null then 0 else 1 end);
alter table job add constraint job_end check (
    case state when 'queued' then 0 when 'running' then 0 else 1 end = case when finished_at is null then 0 else 1 end);
alter table job add constraint job_error check (case when error is null then 1 when state = 'failed' then 1 else 0 end = 1);
