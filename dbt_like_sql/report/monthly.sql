-- One month of the fiscal year: what was posted and what was planned.
-- grain: month
-- figure: sum

with slot as (
    select cast(unnest(range(year.year_start, year.year_start + interval 12 months, interval 1 month)) as date) as month
    from report.period as year
),

spent as (
    select month, sum(billed_amount) as amount
    from marts.ledger_month
    where ledger_row_count > 0
    group by month
),

planned as (
    select month, sum(budget_amount) as amount
    from report.plan
    group by month
)

select
    slot.month, -- First of the month.
    cast(case when slot.month <= year.month then coalesce(spent.amount, 0) end as decimal(18, 4)) as spend_amount, -- Posted in the month; null for months after the refreshed one.
    cast(planned.amount as decimal(18, 4)) as budget_amount -- Planned for the month; null where there is no budget.
from slot
cross join report.period as year
left join spent on slot.month = spent.month
left join planned on slot.month = planned.month
order by slot.month
