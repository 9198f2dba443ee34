-- Planned money of one month, for any mix of account, cost centre, capability, priority and initiative. Amounts in another
-- currency are converted at the rate of the month's last day, months to come at that of the refreshed month's.
-- grain: version, month, gl_account, cost_center, capability_id, priority_id, initiative_id

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
        budget.*,
        reporting.minor_digits,
        cast(
            if(upper(budget.currency) = reporting.reporting_currency, 1, staging.conversion.fx_rate) as decimal(18, 10)
        ) as fx_rate
    from raw.budget as budget
    cross join reporting
    left join staging.conversion
        on staging.conversion.converted_on = least(last_day(budget.month), reporting.month_end)
        and staging.conversion.original_currency = upper(budget.currency)
    qualify row_number() over (
        partition by
            budget.version,
            budget.month,
            budget.gl_account,
            budget.cost_center,
            budget.capability_id,
            budget.priority_id,
            budget.initiative_id
        order by budget.source, budget.source_file, budget.source_row
    ) = 1
)

select
    version,
    kind,
    month,
    gl_account,
    cost_center,
    capability_id,
    priority_id,
    initiative_id,
    capex_opex,
    case minor_digits
        when 2 then try(cast(round(amount * fx_rate, 2) as decimal(18, 4)))
        when 0 then try(cast(round(amount * fx_rate, 0) as decimal(18, 4)))
        when 3 then try(cast(round(amount * fx_rate, 3) as decimal(18, 4)))
        else try(cast(round(amount * fx_rate, 4) as decimal(18, 4)))
    end as budget_amount, -- Planned amount in the reporting currency; null where no rate is known.
    amount as original_amount, -- Planned amount in its own currency.
    upper(currency) as original_currency, -- ISO 4217 code of that currency.
    fx_rate, -- Units of the reporting currency for one unit of the original one.
    source_file,
    source_row
from rated
