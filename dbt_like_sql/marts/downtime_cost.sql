-- What downtime of one month cost one operation, from the outages of the tools it stands on: overlapping ones count once,
-- people and revenue in business hours only, repair at any hour. Each term is told apart, and not assessed where
-- operations.csv lacks what it takes. Downtime of a tool on which no operation stands has a row with the tool alone. What
-- nobody can count (trust, nerves) is not in it.
-- grain: operation_id, tool_id, month

with operation as (
    select
        given.*,
        staging.tool_name.tool_id,
        coalesce(given.opens_hour, 0) as opens,
        coalesce(given.closes_hour, 24) as closes,
        coalesce(given.weekday_count, 7) as weekdays
    from raw.operation as given
    left join staging.tool_name on staging.tool_name.tool_name_raw = given.tool_name
    qualify row_number() over (partition by operation_id order by source, source_file, source_row) = 1
),

stands_on as (
    select operation_id, tool_id from operation where tool_id is not null
    union
    select operation.operation_id, mapping.tool_id
    from operation
    inner join core.tool_capability as mapping on operation.capability_id = mapping.capability_id
    where operation.tool_name is null and coalesce(mapping.role, 'leading') = 'leading'
),

outage as (
    select stands_on.operation_id, outage.tool_id, outage.started_at, outage.ended_at
    from core.outage as outage
    inner join stands_on on outage.tool_id = stands_on.tool_id
    where not outage.is_planned and outage.ended_at > outage.started_at
),

-- A new span begins where all earlier outages that stop the operation have ended.
marked as (
    select
        *,
        coalesce(
            started_at > max(ended_at) over (
                partition by operation_id order by started_at, ended_at, tool_id rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_new
    from outage
),

numbered as (
    select
        *,
        sum(cast(is_new as integer)) over (partition by operation_id order by started_at, ended_at, tool_id rows unbounded preceding) as span
    from marked
),

span as (
    select operation_id, span, min(started_at) as started_at, max(ended_at) as ended_at
    from numbered
    group by operation_id, span
),

daily as (
    select
        operation_id,
        started_at,
        ended_at,
        unnest(generate_series(date_trunc('day', started_at), date_trunc('day', ended_at - interval 1 microsecond), interval 1 day)) as day
    from span
),

timed as (
    select
        daily.operation_id,
        cast(date_trunc('month', daily.day) as date) as month,
        sum(epoch_us(least(daily.ended_at, daily.day + interval 1 day)) - epoch_us(greatest(daily.started_at, daily.day))) as all_time,
        sum(
            if(
                isodow(daily.day) <= operation.weekdays,
                greatest(
                    0,
                    least(epoch_us(daily.ended_at), epoch_us(daily.day) + cast(operation.closes * 3600000000 as bigint))
                    - greatest(epoch_us(daily.started_at), epoch_us(daily.day) + cast(operation.opens * 3600000000 as bigint))
                ),
                0
            )
        ) as business_time
    from daily
    inner join operation on daily.operation_id = operation.operation_id
    group by daily.operation_id, month
),

priced as (
    select
        timed.operation_id,
        cast(null as varchar) as tool_id,
        timed.month,
        cast(timed.all_time as double) / 3600000000 as all_hours,
        cast(timed.business_time as double) / 3600000000 as business_hours,
        cast(operation.people_count as double) * cast(operation.affected_share as double) * cast(operation.hourly_cost_amount as double) as people_rate,
        cast(operation.revenue_per_hour_amount as double) * cast(operation.dependence_share as double) as revenue_rate,
        cast(operation.recovery_per_hour_amount as double) as recovery_rate
    from timed
    inner join operation on timed.operation_id = operation.operation_id
    union all
    select null, downtime.tool_id, downtime.month, cast(downtime.downtime_hours as double), null, null, null, null
    from core.downtime as downtime
    where downtime.tool_id not in (select tool_id from stands_on)
),

costed as (
    select
        *,
        cast(round(people_rate * business_hours, 2) as decimal(18, 4)) as people_amount,
        cast(round(revenue_rate * business_hours, 2) as decimal(18, 4)) as revenue_amount,
        cast(round(recovery_rate * all_hours, 2) as decimal(18, 4)) as recovery_amount
    from priced
),

named as (
    select stands_on.operation_id, list(tool.tool_name order by tool.tool_name, tool.tool_id) as tools
    from stands_on
    inner join core.tool as tool on stands_on.tool_id = tool.tool_id
    group by stands_on.operation_id
)

select
    costed.operation_id, -- The operation; null where none stands on the tool.
    operation.name as operation_name, -- What the business does there.
    costed.tool_id, -- The tool, where no operation is known; null otherwise.
    coalesce(named.tools, [tool.tool_name]) as tools, -- Names of the tools whose outages count, sorted.
    operation.capability_id,
    costed.month, -- First of the month.
    coalesce(operation.is_critical, capability.is_critical, false) as is_critical, -- The business stops without it: said of the operation, else of its capability.
    cast(round(costed.all_hours, 10) as decimal(18, 10)) as downtime_hours, -- Hours in which at least one of the tools did not work unplanned.
    cast(round(costed.business_hours, 10) as decimal(18, 10)) as business_hours, -- Those within the operation's business hours; null where no operation is known.
    costed.people_amount, -- People x share of their work that stops x cost of an hour x business hours; null where not assessed.
    costed.revenue_amount, -- Revenue of an hour x share that is lost x business hours; null where not assessed.
    costed.recovery_amount, -- Cost of an hour of repair x all hours; null where not assessed.
    case
        when coalesce(costed.people_amount, costed.revenue_amount, costed.recovery_amount) is not null
            then cast(coalesce(costed.people_amount, 0) + coalesce(costed.revenue_amount, 0) + coalesce(costed.recovery_amount, 0) as decimal(18, 4))
    end as total_amount, -- Sum of the terms that are known; null where none is.
    case
        when costed.people_amount is not null and costed.revenue_amount is not null and costed.recovery_amount is not null then 'assessed'
        when coalesce(costed.people_amount, costed.revenue_amount, costed.recovery_amount) is not null then 'partly_assessed'
        else 'not_assessed'
    end as state, -- assessed | partly_assessed | not_assessed
    nullif(concat_ws(
        '; ',
        case when costed.operation_id is null then 'no operation stands on it' end,
        case when costed.operation_id is not null and costed.people_amount is null then 'people not assessed' end,
        case when costed.operation_id is not null and costed.revenue_amount is null then 'revenue not assessed' end,
        case when costed.operation_id is not null and costed.recovery_amount is null then 'repair not assessed' end
    ), '') as missing, -- What the total lacks, in words.
    'estimated' as provenance -- How the amounts came to be known.
from costed
left join operation on costed.operation_id = operation.operation_id
left join core.capability as capability on operation.capability_id = capability.capability_id
left join core.tool as tool on costed.tool_id = tool.tool_id
left join named on costed.operation_id = named.operation_id
order by costed.month, costed.operation_id nulls last, costed.tool_id
