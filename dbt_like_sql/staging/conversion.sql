-- The rate from a currency to the reporting currency for a day on which some amount needs one: of that day, else the last
-- of the 7 days before, crossed through the euro. Where a rate is missing there is no row.
-- grain: converted_on, original_currency

with reporting as (
    select upper(reporting_currency) as reporting_currency, last_day(month) as month_end from settings.run
),

needed as (
    select coalesce(invoiced_on, posted_on) as converted_on, upper(currency) as original_currency from raw.spend_line group by all
    union
    select least(last_day(raw.budget.month), reporting.month_end), upper(raw.budget.currency) from raw.budget cross join reporting
    union
    select reporting.month_end, upper(raw.contract.currency) from raw.contract cross join reporting
    union
    select reporting.month_end, upper(raw.licence.currency) from raw.licence cross join reporting
),

euro_rate as (
    select rate_on, currency, rate, rate_source from staging.fx_rate where currency <> 'EUR'
    union all
    select day, 'EUR', 1, null from (select distinct converted_on as day from needed where converted_on is not null)
),

leg as (
    select
        needed.converted_on,
        needed.original_currency,
        reporting.reporting_currency,
        own.rate as own_rate,
        own.rate_on as own_rate_on,
        own.rate_source as own_source
    from needed
    cross join reporting
    asof join euro_rate as own
        on own.currency = needed.original_currency and own.rate_on <= needed.converted_on
    where needed.original_currency <> reporting.reporting_currency and own.rate_on >= needed.converted_on - 7
),

crossed as (
    select
        leg.converted_on,
        leg.original_currency,
        least(leg.own_rate_on, reported.rate_on) as fx_rate_on,
        coalesce(leg.own_source, reported.rate_source) as fx_source,
        cast(leg.own_rate as decimal(38, 10)) * 10000000000 as own_units,
        cast(reported.rate as decimal(38, 10)) * 10000000000 as reported_units
    from leg
    asof join euro_rate as reported
        on reported.currency = leg.reporting_currency and reported.rate_on <= leg.converted_on
    where reported.rate_on >= leg.converted_on - 7
)

select
    converted_on, -- Day whose rate is wanted: of the invoice, else of the posting.
    original_currency, -- ISO 4217 code of the amount before conversion.
    cast(
        cast(
            (2 * cast(reported_units as hugeint) * 10000000000 + cast(own_units as hugeint)) // (2 * cast(own_units as hugeint)) as decimal(38, 0)
        ) * 0.0000000001 as decimal(18, 10)
    ) as fx_rate, -- Units of the reporting currency for one unit of the original one, rounded to 10 decimals.
    fx_rate_on, -- Day on which the rate was published; the older one where two rates are crossed.
    fx_source -- Who published the rate.
from crossed
