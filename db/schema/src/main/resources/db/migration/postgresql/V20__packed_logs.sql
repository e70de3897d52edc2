-- The log of a job that has ended, compressed: one row, or several where it is long. Its events leave job_event, which
-- then holds only the jobs under way and those that have just ended.
create table packed_log (
    job_id    uuid        not null references job (id) on delete cascade,
    last_seq  bigint      not null,
    tenant_id varchar(64) not null,
    first_seq bigint      not null,
    events    bytea       not null,
    primary key (job_id, last_seq)
);
-- It is compressed already.
alter table packed_log alter column events set storage external;

-- Which logs have ended and aren't packed yet: an entry a job.
create index job_event_terminal on job_event (job_id) where type in ('succeeded', 'failed', 'cancelled');

-- All rows are deleted some minutes after they were written. Vacuumed at its default, a fifth of dead rows, the table
-- would keep what a burst left.
alter table job_event set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,
                           autovacuum_vacuum_cost_delay = 0);

insert into maintenance_turn (name, due_at) values ('packing', current_timestamp);
