-- Tools and capabilities, with the rows that name neither, hold all the money of the ledger, and its parts by
-- provenance are all of it.

with kept as (
    select
        month,
        sum(billed_amount) as amount,
        sum(measured_amount + invoiced_amount + contracted_amount + allocated_amount + estimated_amount + typed_amount) as parts_amount
    from marts.capability_spend
    group by month
),

posted as (
    select month, sum(billed_amount) as amount
    from core.ledger
    group by month
)

select
    month,
    coalesce(kept.amount, 0) as capability_amount, -- What the mart holds.
    coalesce(kept.parts_amount, 0) as provenance_amount, -- What its parts by provenance add up to.
    coalesce(posted.amount, 0) as ledger_amount, -- What the ledger holds.
    strftime(month, '%Y-%m') || ': capability spend holds ' || coalesce(kept.amount, 0) || ', by provenance ' || coalesce(kept.parts_amount, 0)
    || ', the ledger ' || coalesce(posted.amount, 0) as message -- What is wrong, for people.
from kept
full join posted using (month)
where coalesce(kept.amount, 0) <> coalesce(posted.amount, 0) or coalesce(kept.parts_amount, 0) <> coalesce(posted.amount, 0)
