-- One general-ledger account in the fiscal year to date: what was posted and what was planned. The row without account is
-- money that names none.
-- grain: gl_account
-- figure: sum

with amount as (
    select ledger.gl_account, ledger.billed_amount as spend_amount, null as budget_amount
    from marts.ledger_month as ledger
    cross join report.period as year
    where ledger.month >= year.year_start and ledger.month <= year.month and ledger.ledger_row_count > 0
    union all
    select gl_account, null as spend_amount, budget_amount
    from report.plan
    where is_year_to_date
)

select
    gl_account, -- Number of the account; null where lines or budget name none.
    cast(coalesce(sum(spend_amount), 0) as decimal(18, 4)) as spend_amount, -- Posted in the fiscal year to date.
    cast(sum(budget_amount) as decimal(18, 4)) as budget_amount -- Planned for the same months; null where the account has no budget.
from amount
group by gl_account
order by abs(coalesce(sum(spend_amount), 0) - coalesce(sum(budget_amount), 0)) desc, gl_account
