-- The ledger rows of a spend line add up to it: its money, its tax, and shares that make one. Every spend line is in the
-- ledger, and nothing else is. One pass for all of it, since grouping the ledger is most of what the question costs.

with posted as (
    select
        spend_line_id,
        count(*) as row_count,
        sum(billed_amount) as billed_amount,
        sum(tax_amount) as tax_amount,
        sum(share) as share_sum
    from core.ledger
    group by spend_line_id
)

select
    line.source_file,
    line.source_row,
    coalesce(line.spend_line_id, posted.spend_line_id, '(none)') as spend_line_id, -- The line, or the id that has none.
    line.billed_amount,
    posted.billed_amount as ledger_amount, -- What its ledger rows add up to.
    posted.share_sum, -- What their shares add up to.
    case
        when line.spend_line_id is null then 'the ledger has ' || posted.row_count || ' rows for a spend line that does not exist'
        else 'the ledger has ' || coalesce(cast(posted.billed_amount as varchar), 'no money') || ', tax '
            || coalesce(cast(posted.tax_amount as varchar), 'none') || ' and shares of ' || coalesce(cast(posted.share_sum as varchar), '0') || ' in '
            || coalesce(posted.row_count, 0) || ' rows for a spend line of ' || coalesce(cast(line.billed_amount as varchar), 'no known amount')
            || ' and tax ' || coalesce(cast(line.tax_amount as varchar), 'none')
    end as message -- What is wrong, for people.
from core.spend_line as line
full join posted on line.spend_line_id = posted.spend_line_id
where
    line.spend_line_id is null
    or posted.spend_line_id is null
    or line.billed_amount is distinct from posted.billed_amount
    or line.tax_amount is distinct from posted.tax_amount
    or coalesce(posted.share_sum, 0) <> 1
