-- A ledger row spread over its days of service is the same money.

with spread as (
    select ledger_id, sum(effective_amount) as effective_amount
    from core.ledger_effective
    group by ledger_id
)

select
    ledger.source_file,
    ledger.source_row,
    ledger.ledger_id,
    ledger.billed_amount,
    spread.effective_amount, -- What its months add up to.
    'billed ' || coalesce(cast(ledger.billed_amount as varchar), 'nothing known') || ', but over the months of service it adds up to '
    || coalesce(cast(spread.effective_amount as varchar), 'nothing') as message -- What is wrong, for people.
from core.ledger as ledger
left join spread on ledger.ledger_id = spread.ledger_id
where coalesce(ledger.billed_amount, 0) <> coalesce(spread.effective_amount, 0)
