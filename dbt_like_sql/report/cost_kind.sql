-- Money of 12 months by one class of one way to divide it: capital and operating expenditure as the sources say, and what runs,
-- grows or transforms the business as sources or cost_classes.csv say. The classes of a split add up to all money.
-- grain: split, class
-- figure: sum

with amount as (
    select 'capex_opex' as split, ledger.capex_opex as class, ledger.billed_amount as amount
    from core.ledger as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month
    union all
    select 'run_grow_transform', nullif(run_grow_transform, 'not_known'), billed_amount
    from marts.cost_month
)

select
    split, -- capex_opex or run_grow_transform.
    class, -- capex, opex, run, grow or transform; null where nobody says.
    cast(coalesce(sum(amount), 0) as decimal(18, 4)) as spend_12m_amount -- Posted in the 12 months that end with the refreshed month.
from amount
group by split, class
order by split, class is null, spend_12m_amount desc, class
