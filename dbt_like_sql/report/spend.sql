-- The money on page one: of the fiscal year to date, and of the 12 months that end with the refreshed month.
-- grain: month
-- figure: sum

with spent as (
    select
        sum(ledger.billed_amount) filter (where ledger.month >= year.year_start) as to_date_amount,
        sum(ledger.billed_amount) as amount,
        sum(ledger.billed_amount) filter (where ledger.alignment = 'aligned') as aligned_amount,
        sum(ledger.billed_amount) filter (where ledger.alignment = 'misaligned') as misaligned_amount,
        sum(ledger.billed_amount) filter (where ledger.alignment = 'unmapped') as unmapped_amount,
        sum(ledger.ledger_row_count) as ledger_row_count,
        sum(ledger.unconverted_count) as unconverted_count
    from marts.ledger_month as ledger
    cross join report.period as year
    where ledger.month > year.month - interval 12 months and ledger.month <= year.month
),

planned as (
    select sum(budget_amount) filter (where is_year_to_date) as to_date_amount, sum(budget_amount) as amount, count(distinct month) as month_count
    from report.plan
),

-- A unit's people are counted in the unit above it, where that one says how many it has.
employed as (
    select sum(unit.headcount) as headcount
    from core.org_unit as unit
    left join core.org_unit as above on unit.parent_id = above.org_unit_id
    where above.headcount is null
)

select
    year.month, -- The refreshed month.
    year.year_start,
    cast(coalesce(spent.to_date_amount, 0) as decimal(18, 4)) as spend_to_date_amount, -- Posted from the first month of the fiscal year to the refreshed one.
    cast(coalesce(spent.amount, 0) as decimal(18, 4)) as spend_12m_amount, -- Posted in the 12 months that end with the refreshed month.
    cast(coalesce(spent.aligned_amount, 0) as decimal(18, 4)) as aligned_12m_amount, -- Part of it for capabilities that a priority needs.
    cast(coalesce(spent.misaligned_amount, 0) as decimal(18, 4)) as misaligned_12m_amount, -- Part of it for capabilities that no priority needs.
    cast(coalesce(spent.unmapped_amount, 0) as decimal(18, 4)) as unmapped_12m_amount, -- Part of it that no decision maps to a capability.
    cast(planned.to_date_amount as decimal(18, 4)) as budget_to_date_amount, -- Budget of the same months as the spend to date; null where there is none.
    cast(planned.amount as decimal(18, 4)) as budget_year_amount, -- Budget of the fiscal year; null where there is none.
    planned.month_count as budget_month_count, -- Months of the fiscal year that have a budget.
    cast(coalesce(spent.ledger_row_count, 0) as bigint) as ledger_row_count, -- Ledger rows of the 12 months.
    cast(coalesce(spent.unconverted_count, 0) as bigint) as unconverted_count, -- Those among them without an exchange rate, which every amount here lacks.
    cast(employed.headcount as bigint) as employee_count -- People in all units; null where nobody says.
from report.period as year
cross join spent
cross join planned
cross join employed
