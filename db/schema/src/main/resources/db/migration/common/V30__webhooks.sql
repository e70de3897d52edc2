-- Whom a job's end is told, where somebody asked for it. A job without a webhook has no row.
create table webhook (
    job_id    uuid                        primary key references job (id) on delete cascade,
    tenant_id varchar(64)                 not null,
    url       varchar(2048)               not null,
    -- waiting (for the job's end), pending (to be delivered), delivered, failed (given up)
    status    varchar(16)                 not null,
    -- how often it was tried
    attempts  int                         not null,
    -- what the last attempt came to
    outcome   varchar(300),
    -- when it is tried next; null unless it is pending
    due_at    timestamp(3) with time zone,
    -- when it is given up; null before the job's end
    give_up_at timestamp(3) with time zone
);
create index webhook_due on webhook (due_at);

-- What a tenant's webhooks are signed with.
create table webhook_secret (
    tenant_id varchar(64) primary key,
    secret    varchar(64) not null
);

insert into maintenance_turn (name, due_at) values ('webhooks', current_timestamp);
