-- What a follow-up starts from besides files: its own copy, because the job before it may be deleted meanwhile.
create table follow_up (
    job_id    uuid        primary key references job (id) on delete cascade,
    tenant_id varchar(64) not null,
    -- the prompts of the jobs before, oldest first, as a JSON list
    history   text        not null,
    spec      text
);
