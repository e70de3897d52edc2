-- What was asked of a job is read seldom and may be long: a prompt of 64 Ki characters, a standard input of a MiB. H2 keeps
-- a row whole, texts included: every claim, every event of a job and every list wrote or read all of it anew (a list of a
-- hundred of the longest took 0.4 s, twenty of them at once 20 s each).
create table job_request (
    job_id    uuid        primary key references job (id) on delete cascade,
    tenant_id varchar(64) not null,
    input     text        not null,
    -- what the run in the sandbox was asked; rows of before have it in `input`
    run       text
);
insert into job_request (job_id, tenant_id, input) select id, tenant_id, input from job;

-- Characters of what a list reads, which it bounds by them without reading it.
alter table job add column input_length int default 0 not null;
update job set input_length = char_length(input);
alter table job drop column input;
alter table checkpoint add column output_length int default 0 not null;
update checkpoint set output_length = char_length(output) where output is not null;
