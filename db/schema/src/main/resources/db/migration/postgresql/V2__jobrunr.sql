-- JobRunr 8.7's tables in their final form, so that many processes starting at once don't race to make them
-- (jobrunr.database.skip-create). A test compares them with what JobRunr makes itself.

create table jobrunr_migrations (
    id          nchar(36) primary key,
    script      varchar(64) not null,
    installedOn varchar(29) not null
);

create table jobrunr_jobs (
    id             nchar(36) primary key,
    version        int          not null,
    jobAsJson      text         not null,
    jobSignature   varchar(512) not null,
    state          varchar(36)  not null,
    createdAt      timestamp    not null,
    updatedAt      timestamp    not null,
    scheduledAt    timestamp,
    recurringJobId varchar(128)
);
create index jobrunr_state_idx on jobrunr_jobs (state);
create index jobrunr_job_signature_idx on jobrunr_jobs (jobSignature);
create index jobrunr_job_created_at_idx on jobrunr_jobs (createdAt);
create index jobrunr_job_scheduled_at_idx on jobrunr_jobs (scheduledAt);
create index jobrunr_job_rci_idx on jobrunr_jobs (recurringJobId);
create index jobrunr_jobs_state_updated_idx on jobrunr_jobs (state, updatedAt);

create table jobrunr_recurring_jobs (
    id        nchar(128) primary key,
    version   int    not null,
    jobAsJson text   not null,
    createdAt bigint not null default 0
);
create index jobrunr_recurring_job_created_at_idx on jobrunr_recurring_jobs (createdAt);

create table jobrunr_backgroundjobservers (
    id                         nchar(36) primary key,
    workerPoolSize             int           not null,
    pollIntervalInSeconds      int           not null,
    firstHeartbeat             timestamp(6)  not null,
    lastHeartbeat              timestamp(6)  not null,
    running                    int           not null,
    systemTotalMemory          bigint        not null,
    systemFreeMemory           bigint        not null,
    systemCpuLoad              numeric(3, 2) not null,
    processMaxMemory           bigint        not null,
    processFreeMemory          bigint        not null,
    processAllocatedMemory     bigint        not null,
    processCpuLoad             numeric(3, 2) not null,
    deleteSucceededJobsAfter   varchar(32),
    permanentlyDeleteJobsAfter varchar(32),
    name                       varchar(128)
);
create index jobrunr_bgjobsrvrs_fsthb_idx on jobrunr_backgroundjobservers (firstHeartbeat);
create index jobrunr_bgjobsrvrs_lsthb_idx on jobrunr_backgroundjobservers (lastHeartbeat);

create table jobrunr_metadata (
    id        varchar(156) primary key,
    name      varchar(92) not null,
    owner     varchar(64) not null,
    value     text        not null,
    createdAt timestamp   not null,
    updatedAt timestamp   not null
);
insert into jobrunr_metadata (id, name, owner, value, createdAt, updatedAt)
values ('succeeded-jobs-counter-cluster', 'succeeded-jobs-counter', 'cluster', '0', current_timestamp, current_timestamp);

create view jobrunr_jobs_stats as
select count(*)                                          as total,
       count(case when state = 'AWAITING' then 1 end)    as awaiting,
       count(case when state = 'SCHEDULED' then 1 end)   as scheduled,
       count(case when state = 'ENQUEUED' then 1 end)    as enqueued,
       count(case when state = 'PROCESSING' then 1 end)  as processing,
       count(case when state = 'PROCESSED' then 1 end)   as processed,
       count(case when state = 'FAILED' then 1 end)      as failed,
       count(case when state = 'SUCCEEDED' then 1 end)   as succeeded,
       coalesce((select cast(trim(cast(value as varchar(10))) as decimal(10, 0))
                 from jobrunr_metadata
                 where id = 'succeeded-jobs-counter-cluster'), 0) as allTimeSucceeded,
       count(case when state = 'DELETED' then 1 end)     as deleted,
       (select count(*) from jobrunr_backgroundjobservers) as nbrOfBackgroundJobServers,
       (select count(*) from jobrunr_recurring_jobs)     as nbrOfRecurringJobs
from jobrunr_jobs;
