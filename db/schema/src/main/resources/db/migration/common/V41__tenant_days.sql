-- What each tenant has spent in a day (UTC), and what is set aside for its jobs that were admitted that day and haven't
-- ended. Money in billionths of a US dollar, so that sums are exact.
create table tenant_day (
    tenant_id       varchar(64) not null,
    on_day          date        not null,
    spent_nanos     bigint      not null,
    spent_tokens    bigint      not null,
    reserved_nanos  bigint      not null,
    reserved_tokens bigint      not null,
    primary key (tenant_id, on_day)
);
-- The day that a job's spending counts to, and what is set aside for it; null where no limit of the day was set.
alter table job add column budget_day date;
alter table job add column reserved_nanos bigint;
alter table job add column reserved_tokens bigint;
