-- One contract with a vendor. Its amounts are converted at the rate of the refreshed month's last day.
-- grain: contract_id

with reporting as (
    select
        upper(settings.run.reporting_currency) as reporting_currency,
        last_day(settings.run.month) as month_end,
        coalesce(settings.currency.minor_digits, 2) as minor_digits
    from settings.run
    left join settings.currency on settings.currency.currency = upper(settings.run.reporting_currency)
),

rated as (
    select
        contract.*,
        staging.vendor_name.vendor_id,
        staging.tool_name.tool_id,
        reporting.minor_digits,
        cast(
            if(
                coalesce(upper(raw.contract.currency), reporting.reporting_currency) = reporting.reporting_currency,
                1,
                staging.conversion.fx_rate
            ) as decimal(18, 10)
        ) as fx_rate
    from raw.contract
    cross join reporting
    left join staging.vendor_name on staging.vendor_name.vendor_name_raw = raw.contract.vendor_name
    left join staging.tool_name on staging.tool_name.tool_name_raw = raw.contract.tool_name
    left join staging.conversion
        on staging.conversion.converted_on = reporting.month_end
        and staging.conversion.original_currency = upper(raw.contract.currency)
)

select
    source || ':' || contract_id as contract_id, -- The contract: its source and its id there.
    contract_number,
    name as contract_name, -- What it is called.
    vendor_id,
    tool_id,
    status,
    start_on,
    end_on,
    notice_days,
    end_on - cast(notice_days as integer) as notice_on, -- Last day on which notice can be given; null where end or notice is not known.
    auto_renew,
    uplift_cap_share,
    billing_frequency,
    case minor_digits
        when 2 then try(cast(round(annual_amount * fx_rate, 2) as decimal(18, 4)))
        when 0 then try(cast(round(annual_amount * fx_rate, 0) as decimal(18, 4)))
        when 3 then try(cast(round(annual_amount * fx_rate, 3) as decimal(18, 4)))
        else try(cast(round(annual_amount * fx_rate, 4) as decimal(18, 4)))
    end as annual_amount, -- Cost of a year, in the reporting currency; null where it or its rate is not known.
    upper(currency) as original_currency, -- ISO 4217 code of the amounts on the contract.
    seats,
    case minor_digits
        when 2 then try(cast(round(unit_price * fx_rate, 2) as decimal(18, 4)))
        when 0 then try(cast(round(unit_price * fx_rate, 0) as decimal(18, 4)))
        when 3 then try(cast(round(unit_price * fx_rate, 3) as decimal(18, 4)))
        else try(cast(round(unit_price * fx_rate, 4) as decimal(18, 4)))
    end as unit_price, -- Price of a seat and year, in the reporting currency.
    owner,
    source,
    source_file,
    source_row
from rated
