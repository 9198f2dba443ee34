-- The time in one month in which a tool did not work unplanned; outages that overlap count once.
-- grain: tool_id, month

with outage as (
    select tool_id, started_at, ended_at
    from core.outage
    where tool_id is not null and not is_planned and ended_at > started_at
),

-- A new span begins where all earlier outages of the tool have ended.
marked as (
    select
        tool_id,
        started_at,
        ended_at,
        coalesce(
            started_at > max(ended_at) over (
                partition by tool_id order by started_at, ended_at rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_new
    from outage
),

spanned as (
    select
        tool_id,
        started_at,
        ended_at,
        sum(cast(is_new as integer)) over (
            partition by tool_id order by started_at, ended_at rows unbounded preceding
        ) as span
    from marked
),

span as (
    select tool_id, span, min(started_at) as started_at, max(ended_at) as ended_at from spanned group by tool_id, span
),

monthly as (
    select
        tool_id,
        started_at,
        ended_at,
        unnest(
            generate_series(
                date_trunc('month', started_at), date_trunc('month', ended_at - interval 1 microsecond), interval 1 month
            )
        ) as month
    from span
)

select
    tool_id,
    cast(month as date) as month, -- The month: the first of it.
    cast(
        cast(
            sum(
                epoch_us(least(ended_at, month + interval 1 month)) - epoch_us(greatest(started_at, cast(month as timestamp)))
            ) as double
        ) / 3600000000 as decimal(18, 10)
    ) as downtime_hours -- Hours in which the tool did not work.
from monthly
group by tool_id, month
