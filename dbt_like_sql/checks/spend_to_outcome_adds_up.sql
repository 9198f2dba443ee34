-- Priorities, capabilities and the rows without either hold all the money of the ledger: billed month by month,
-- effective over all months.

with outcome as (
    select month, sum(billed_amount) as amount
    from marts.spend_to_outcome
    group by month
),

posted as (
    select month, sum(billed_amount) as amount
    from core.ledger
    group by month
),

compared as (
    select month, 'billed' as basis, coalesce(outcome.amount, 0) as outcome_amount, coalesce(posted.amount, 0) as ledger_amount
    from outcome
    full join posted using (month)
    union all
    select
        cast(null as date) as month,
        'effective' as basis,
        coalesce((select sum(effective_amount) from marts.spend_to_outcome), 0) as outcome_amount,
        coalesce((select sum(billed_amount) from core.ledger), 0) as ledger_amount
)

select
    month, -- The month; null for the effective money of all months.
    basis, -- billed | effective
    outcome_amount, -- What the mart holds.
    ledger_amount, -- What the ledger holds.
    coalesce(strftime(month, '%Y-%m'), 'all months') || ': spend to outcome holds ' || outcome_amount || ' ' || basis || ', the ledger ' || ledger_amount as message -- What is wrong, for people.
from compared
where outcome_amount <> ledger_amount
