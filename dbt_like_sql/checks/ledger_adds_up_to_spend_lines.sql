-- The ledger rows of a spend line add up to it, money and tax, and every spend line is in the ledger.

with posted as (
    select spend_line_id, count(*) as row_count, sum(billed_amount) as billed_amount, sum(tax_amount) as tax_amount
    from core.ledger
    group by spend_line_id
)

select
    line.source_file,
    line.source_row,
    line.spend_line_id,
    line.billed_amount,
    posted.billed_amount as ledger_amount, -- What its ledger rows add up to.
    'the ledger has ' || coalesce(cast(posted.billed_amount as varchar), 'no money') || ' and tax ' || coalesce(cast(posted.tax_amount as varchar), 'none')
    || ' in ' || coalesce(posted.row_count, 0) || ' rows for a spend line of ' || coalesce(cast(line.billed_amount as varchar), 'no known amount')
    || ' and tax ' || coalesce(cast(line.tax_amount as varchar), 'none') as message -- What is wrong, for people.
from core.spend_line as line
left join posted on line.spend_line_id = posted.spend_line_id
where
    posted.spend_line_id is null
    or line.billed_amount is distinct from posted.billed_amount
    or line.tax_amount is distinct from posted.tax_amount
