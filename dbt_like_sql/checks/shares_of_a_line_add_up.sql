-- The shares of a spend line over capabilities and priorities add up to one.

select
    min(source_file) as source_file, -- File of the line.
    min(source_row) as source_row, -- Row of the line.
    spend_line_id,
    sum(share) as share_sum, -- What its shares add up to.
    'the shares of one spend line add up to ' || sum(share) || ' instead of 1' as message -- What is wrong, for people.
from core.ledger
group by spend_line_id
having coalesce(sum(share), 0) <> 1
