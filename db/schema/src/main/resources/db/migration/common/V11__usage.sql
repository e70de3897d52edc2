-- What a job's models were paid, by stage and provider: the job's own columns held only the sum. A cost that isn't known
-- is null; it was 0 before, as if it had been free.
create table job_usage (
    job_id          uuid        not null references job (id) on delete cascade,
    tenant_id       varchar(64) not null,
    stage           varchar(16) not null,
    -- empty where nobody said who was paid
    provider        varchar(64) not null,
    input_tokens    bigint      not null,
    output_tokens   bigint      not null,
    cost_usd        double precision,
    usage_estimated boolean     not null,
    primary key (job_id, stage, provider)
);

-- Only the offline provider is in the price table with 0.
alter table checkpoint alter column cost_usd drop not null;
update checkpoint set cost_usd = null
where cost_usd = 0 and input_tokens + output_tokens > 0 and coalesce(provider, '') <> 'offline';

-- Of runs that broke off only the sum was kept, not the stage. Nearly always it was the one with the longest answers.
insert into job_usage (job_id, tenant_id, stage, provider, input_tokens, output_tokens, cost_usd, usage_estimated)
select job_id, tenant_id, stage, provider, sum(input_tokens), sum(output_tokens),
       case when count(cost_usd) = count(*) then sum(cost_usd) end, max(estimated) = 1
from (
    select job_id, tenant_id, stage, coalesce(provider, '') as provider, input_tokens, output_tokens, cost_usd,
           case when usage_estimated then 1 else 0 end as estimated
    from checkpoint
    union all
    select j.id, j.tenant_id, 'code', '', j.input_tokens - coalesce(sum(c.input_tokens), 0),
           j.output_tokens - coalesce(sum(c.output_tokens), 0),
           case when j.cost_usd > coalesce(sum(c.cost_usd), 0) then j.cost_usd - coalesce(sum(c.cost_usd), 0) end,
           case when j.usage_estimated then 1 else 0 end
    from job j left join checkpoint c on c.job_id = j.id
    group by j.id, j.tenant_id, j.input_tokens, j.output_tokens, j.cost_usd, j.usage_estimated
) paid
where input_tokens > 0 or output_tokens > 0
group by job_id, tenant_id, stage, provider;

alter table job drop column input_tokens;
alter table job drop column output_tokens;
alter table job drop column cost_usd;
alter table job drop column usage_estimated;
