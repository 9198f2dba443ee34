-- One licence with its newest counts up to the refreshed month's end. Its price is converted at the rate of that day.
-- grain: licence_id

with reporting as (
    select
        upper(settings.run.reporting_currency) as reporting_currency,
        last_day(settings.run.month) as month_end,
        coalesce(settings.currency.minor_digits, 2) as minor_digits
    from settings.run
    left join settings.currency on settings.currency.currency = upper(settings.run.reporting_currency)
),

newest as (
    select licence.*
    from raw.licence as licence
    cross join reporting
    where licence.as_of_on is null or licence.as_of_on <= reporting.month_end
    qualify row_number() over (
        partition by licence.source, licence.licence_id order by licence.as_of_on desc nulls last, licence.source_file, licence.source_row
    ) = 1
),

rated as (
    select
        newest.*,
        staging.tool_name.tool_id,
        reporting.minor_digits,
        cast(
            if(
                coalesce(upper(newest.currency), reporting.reporting_currency) = reporting.reporting_currency,
                1,
                staging.conversion.fx_rate
            ) as decimal(18, 10)
        ) as fx_rate
    from newest
    cross join reporting
    left join staging.tool_name on staging.tool_name.tool_name_raw = newest.tool_name
    left join staging.conversion
        on staging.conversion.converted_on = reporting.month_end
        and staging.conversion.original_currency = upper(newest.currency)
)

select
    source || ':' || licence_id as licence_id, -- The licence: its source and its id there.
    tool_id, -- The tool.
    as_of_on,
    seats_purchased,
    seats_assigned,
    seats_active,
    case minor_digits
        when 2 then try(cast(round(unit_price * fx_rate, 2) as decimal(18, 4)))
        when 0 then try(cast(round(unit_price * fx_rate, 0) as decimal(18, 4)))
        when 3 then try(cast(round(unit_price * fx_rate, 3) as decimal(18, 4)))
        else try(cast(round(unit_price * fx_rate, 4) as decimal(18, 4)))
    end as annual_unit_price, -- Price of a seat and year, in the reporting currency; null where it or its rate is not known.
    source,
    source_file,
    source_row
from rated
