-- One text for H2 and PostgreSQL. The job table is the truth about a job; JobRunr's (V2) is only its queue.

create table job (
    id               uuid primary key,
    tenant_id        varchar(64)  not null,
    trace_id         varchar(32)  not null,
    kind             varchar(16)  not null,
    state            varchar(16)  not null,
    priority         smallint     not null,
    -- what waiting jobs are claimed in the order of: admitted at, in ms, moved by what the priority is worth
    queue_order      bigint       not null,
    input            text         not null,
    attempt          int          not null default 0,
    max_attempts     int          not null,
    -- whether the next start uses up an attempt: not after a lost or a stopped worker
    charge_attempt   boolean      not null default true,
    -- raised at each claim and each taking back; every write of a worker is conditional on it
    fence            bigint       not null default 0,
    losses           int          not null default 0,
    worker_id        uuid,
    cancel_requested boolean      not null default false,
    last_seq         bigint       not null default 0,
    error            varchar(16384),
    input_tokens     bigint       not null default 0,
    output_tokens    bigint       not null default 0,
    cost_usd         double precision not null default 0,
    usage_estimated  boolean      not null default false,
    retry_of         uuid,
    previous_job_id  uuid,
    created_at       timestamp(3) with time zone not null,
    -- set while a job waits to be tried again: not before then, by the database's clock
    due_at           timestamp(3) with time zone,
    -- whether a delivery for this fence was handed to JobRunr; false until due_at is reached
    delivered        boolean      not null default true,
    -- JobRunr's id of that delivery
    delivery_id      char(36)     not null,
    timeout_seconds  int          not null,
    started_at       timestamp(3) with time zone,
    deadline_at      timestamp(3) with time zone,
    finished_at      timestamp(3) with time zone
);

create index job_by_tenant on job (tenant_id, id);
create index job_by_state on job (state, queue_order, id);
create index job_by_delivery on job (delivery_id);
create index job_by_worker on job (worker_id, state);

create table checkpoint (
    job_id          uuid         not null references job (id) on delete cascade,
    tenant_id       varchar(64)  not null,
    stage           varchar(16)  not null,
    round           int          not null,
    status          varchar(16)  not null,
    attempt         int          not null,
    runs            int          not null,
    started_at      timestamp(3) with time zone not null,
    finished_at     timestamp(3) with time zone,
    output          text,
    model           varchar(256),
    provider        varchar(64),
    input_tokens    bigint       not null default 0,
    output_tokens   bigint       not null default 0,
    cost_usd        double precision not null default 0,
    usage_estimated boolean      not null default false,
    primary key (job_id, stage, round)
);

create table job_event (
    job_id    uuid        not null references job (id) on delete cascade,
    seq       bigint      not null,
    tenant_id varchar(64) not null,
    type      varchar(32) not null,
    at        timestamp(3) with time zone not null,
    attempt   int         not null,
    payload   text        not null,
    primary key (job_id, seq)
);

create table blob_content (
    tenant_id varchar(64) not null,
    sha256    char(64)    not null,
    content   bytea       not null,
    primary key (tenant_id, sha256)
);

create table job_file (
    job_id    uuid         not null references job (id) on delete cascade,
    tenant_id varchar(64)  not null,
    -- `workspace`: what the job is about; `verify`: the caller's own tests, which replace the model's
    role      varchar(16)  not null,
    path      varchar(512) not null,
    sha256    char(64)     not null,
    size      int          not null,
    origin    varchar(16)  not null,
    primary key (job_id, role, path)
);

create table idempotency (
    tenant_id  varchar(64)  not null,
    kind       varchar(16)  not null,
    idem_key   varchar(255) not null,
    job_id     uuid         not null,
    body_sha256 char(64)    not null,
    created_at timestamp(3) with time zone not null,
    primary key (tenant_id, kind, idem_key)
);

create table worker (
    id         uuid primary key,
    name       varchar(128) not null,
    host       varchar(255) not null,
    pid        bigint       not null,
    started_at timestamp(3) with time zone not null,
    -- by the database's clock, so that nobody's own clock decides who is silent
    beat_at    timestamp(3) with time zone not null,
    slots      int          not null,
    running    int          not null,
    agent_up   boolean      not null,
    engine_up  boolean      not null
);

-- Locked for the length of an admission: what makes the queue's limit exact over all api processes.
create table admission_gate (id smallint primary key);
insert into admission_gate (id) values (1);

-- What finished jobs that were deleted leave behind in the totals, which never fall.
create table deleted_total (
    name  varchar(32) primary key,
    total double precision not null
);
