-- One figure of other companies from benchmarks.csv, beside the company's own of the 12 months that end with the refreshed month: of
-- each publisher the newest year. What the own figure takes and nobody says, or an amount in another currency, leaves it empty.
-- grain: metric, year, published_by
-- figure: ratio

with class as (
    select
        sum(spend_12m_amount) filter (where class = 'capex') as capital_amount,
        sum(spend_12m_amount) filter (where class = 'fixed') as fixed_amount,
        sum(spend_12m_amount) filter (where class = 'run') as run_amount
    from report.cost_kind
),

told as (
    select metric, year, cast(value as decimal(18, 6)) as value, lower(unit) as unit, published_by, author
    from raw.benchmark
    qualify row_number() over (partition by metric, published_by order by year desc) = 1
),

revenue as (
    select told.value as amount
    from told
    cross join settings.run as run
    where told.metric = 'revenue' and told.unit = lower(run.reporting_currency)
    order by told.year desc, told.published_by
    limit 1
),

held as (
    select
        told.*,
        case told.metric
            when 'cost_to_revenue' then spend.spend_12m_amount
            when 'cost_per_employee' then spend.spend_12m_amount
            when 'capital_share' then class.capital_amount
            when 'fixed_share' then class.fixed_amount
            when 'run_share' then class.run_amount
        end as own_amount,
        case told.metric
            when 'cost_to_revenue' then cast(revenue.amount as decimal(18, 4))
            when 'cost_per_employee' then cast(spend.employee_count as decimal(18, 4))
            else spend.spend_12m_amount
        end as own_base
    from told
    cross join settings.run as run
    cross join report.spend as spend
    cross join class
    left join revenue on true
    where told.metric <> 'revenue' and told.unit = if(told.metric = 'cost_per_employee', lower(run.reporting_currency), 'share')
)

select
    metric, -- What is compared.
    year,
    published_by,
    author,
    unit, -- share, or the currency of an amount, in small letters.
    value as benchmark_value, -- What others have.
    cast(own_amount as decimal(18, 4)) as own_amount, -- Own money that is divided; null where nobody says.
    cast(own_base as decimal(18, 4)) as own_base, -- What it is divided by: revenue, employees or all money; null where nobody says.
    cast(cast(own_amount as double) / nullif(cast(own_base as double), 0) as decimal(18, 6)) as own_value, -- The own figure; null where one of the two is not known.
    cast(cast(own_amount as double) / nullif(cast(own_base as double), 0) as decimal(18, 6)) - value as difference_value -- The own figure less that of others.
from held
order by array_position(['cost_to_revenue', 'cost_per_employee', 'capital_share', 'fixed_share', 'run_share'], metric), year desc, published_by
