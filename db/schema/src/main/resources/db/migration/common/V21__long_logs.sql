-- Logs that are worth packing and have ended. Short logs aren't listed: packing one costs more than it saves.
create table long_log (
    job_id   uuid                        primary key references job (id) on delete cascade,
    ended_at timestamp(3) with time zone not null
);
insert into long_log (job_id, ended_at)
select job_id, at from job_event where type in ('succeeded', 'failed', 'cancelled') and seq >= 32;

-- It was written with each event, and is asked no more.
drop index job_event_terminal;
