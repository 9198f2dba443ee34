-- What units bear, direct and passed on, is the ledger's money of the month: cost_month, allocated_month and the bill of IT add
-- up to it.

with ledger as (
    select ledger.month, coalesce(sum(ledger.billed_amount), 0) as amount
    from core.ledger as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month
    group by ledger.month
),

seen as (
    select 'marts.cost_month' as view_name, month, sum(billed_amount) as amount from marts.cost_month group by month
    union all
    select 'marts.allocated_month', month, sum(cost_amount) from marts.allocated_month group by month
    union all
    select 'marts.bill_of_it', month, sum(cost_amount) from marts.bill_of_it group by month
)

select
    seen.view_name,
    coalesce(seen.month, ledger.month) as month,
    cast(ledger.amount as decimal(38, 4)) as ledger_amount,
    cast(seen.amount as decimal(38, 4)) as view_amount,
    seen.view_name || ' has ' || coalesce(seen.amount, 0) || ' of ' || strftime(coalesce(seen.month, ledger.month), '%Y-%m') || ', the ledger '
    || coalesce(ledger.amount, 0) as message -- What is wrong, for people.
from seen
full join ledger on ledger.month = seen.month
where seen.amount is distinct from ledger.amount
