-- Whether an expected source had delivered, as of one month, the last period that it owes: the month itself, or the last
-- fiscal quarter or year that has ended. Tables without months, such as a register, are complete once delivered.
-- grain: month, source, table_name

with counted as (
    select
        source,
        table_name,
        month,
        sum(record_count) as record_count,
        sum(record_count) filter (where status = 'loaded') as loaded_count
    from audit.record
    group by all
),

owed as (
    select
        expected.source,
        expected.table_name,
        expected.cadence,
        coalesce(expected.lateness_days, 0) as lateness_days,
        cast(
            unnest(generate_series(coalesce(least(min(counted.month), run.month), run.month), run.month, interval 1 month)) as date
        ) as month,
        run.fiscal_year_start_month,
        coalesce(run.as_known_on, greatest(last_day(run.month), run.delivered_on)) as known_on
    from settings.source as expected
    cross join settings.run as run
    left join counted
        on counted.source = expected.source
        and counted.table_name = expected.table_name
        and counted.loaded_count > 0
    where expected.is_expected and coalesce(expected.cadence, 'monthly') <> 'none'
    group by
        expected.source,
        expected.table_name,
        expected.cadence,
        expected.lateness_days,
        run.month,
        run.fiscal_year_start_month,
        run.as_known_on,
        run.delivered_on
),

placed as (
    select
        *,
        (month(month) - fiscal_year_start_month + 12) % 12 + 1 as fiscal_month
    from owed
),

period as (
    select
        *,
        cast(
            case cadence
                when 'quarterly' then month - to_months(cast(fiscal_month % 3 + 2 as integer))
                when 'yearly' then month - to_months(cast(fiscal_month % 12 + 11 as integer))
                when 'once' then date '0001-01-01'
                else month
            end as date
        ) as period_first,
        cast(
            case cadence
                when 'quarterly' then month - to_months(cast(fiscal_month % 3 as integer))
                when 'yearly' then month - to_months(cast(fiscal_month % 12 as integer))
                else month
            end as date
        ) as period_last
    from placed
),

found as (
    select
        period.month,
        period.source,
        period.table_name,
        period.cadence,
        period.period_first,
        period.period_last,
        last_day(period.period_last) + cast(period.lateness_days as integer) as due_on,
        period.known_on,
        coalesce(sum(counted.loaded_count), 0) as loaded_count,
        count(counted.source) as delivered_count
    from period
    left join counted
        on counted.source = period.source
        and counted.table_name = period.table_name
        and (counted.month is null or counted.month between period.period_first and period.period_last)
        and not (period.table_name = 'spend_line' and counted.month is null and counted.record_count > 0)
    group by all
)

select
    month, -- The month of which completeness is told.
    source, -- The source.
    table_name,
    cadence,
    if(cadence = 'once', null, period_first) as period_start, -- First month of the period owed.
    period_last as period_end, -- Last month of the period owed.
    due_on, -- Day until which it may still come.
    cast(loaded_count as bigint) as record_count, -- Records of the period that were loaded.
    case
        when loaded_count > 0 then 'complete'
        when delivered_count > 0 then 'empty'
        when known_on < due_on then 'late'
        else 'missing'
    end as state -- complete; empty: delivered, but without a record that counts; late: not there and still in time; missing.
from found
