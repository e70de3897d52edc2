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

-- Which logs have ended and aren't packed yet. H2 has no partial index.
create index job_event_terminal on job_event (type, job_id);

insert into maintenance_turn (name, due_at) values ('packing', current_timestamp);
