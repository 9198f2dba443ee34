-- What one ledger row costs in one month: its amount spread by day over the service period, or all of it in the posting
-- month where no period is known. The share of the days up to a month's end is rounded, then the months are differenced, so
-- that they add up to the row exactly.
-- grain: ledger_id, month
-- materialized: view

with reporting as (
    select [10000, 1000, 100, 10, 1][coalesce(settings.currency.minor_digits, 2) + 1] as step
    from settings.run
    left join settings.currency on settings.currency.currency = upper(settings.run.reporting_currency)
),

term as (
    select
        ledger.*,
        ledger.service_end_on - ledger.service_start_on + 1 as day_count,
        cast(abs(cast(ledger.billed_amount as decimal(38, 4))) * 10000 as bigint) // reporting.step as units,
        sign(ledger.billed_amount) * reporting.step as signed_step,
        range(
            12 * year(ledger.service_start_on) + month(ledger.service_start_on) - 1,
            12 * year(ledger.service_end_on) + month(ledger.service_end_on)
        ) as month_numbers
    from core.ledger as ledger
    cross join reporting
    where date_trunc('month', ledger.service_end_on) > date_trunc('month', ledger.service_start_on)
),

-- Nothing is computed beside unnest: DuckDB would compute it once for every month.
opened as (
    select * exclude (month, month_numbers), unnest(month_numbers) as month_number from term
),

dated as (
    select *, make_date(month_number // 12, month_number % 12 + 1, 1) as month from opened
),

counted as (
    select
        *,
        greatest(month - service_start_on, 0) as days_before,
        least(last_day(month), service_end_on) - service_start_on + 1 as days_until
    from dated
)

select
    ledger_id,
    case
        when service_end_on >= service_start_on then cast(date_trunc('month', service_start_on) as date)
        else month
    end as month, -- The month of service, else of posting: the first of it.
    tool_id,
    vendor_id,
    initiative_id,
    org_unit_id,
    capability_id,
    priority_id,
    gl_account,
    provenance,
    alignment,
    billed_amount as effective_amount -- What the month costs, in the reporting currency; null where no rate is known.
from core.ledger
where
    service_start_on is null
    or service_end_on is null
    or date_trunc('month', service_end_on) <= date_trunc('month', service_start_on)
union all
select
    ledger_id,
    month,
    tool_id,
    vendor_id,
    initiative_id,
    org_unit_id,
    capability_id,
    priority_id,
    gl_account,
    provenance,
    alignment,
    cast(
        cast(
            signed_step * if(
                units < 10000000000000,
                (2 * units * days_until + day_count) // (2 * day_count)
                - (2 * units * days_before + day_count) // (2 * day_count),
                cast(
                    (2 * cast(units as hugeint) * days_until + day_count) // (2 * day_count)
                    - (2 * cast(units as hugeint) * days_before + day_count) // (2 * day_count) as bigint
                )
            ) as decimal(18, 0)
        ) * 0.0001 as decimal(18, 4)
    ) as effective_amount
from counted
