-- No money in the ledger without a spend line behind it.

select
    ledger.source_file,
    ledger.source_row,
    ledger.ledger_id,
    ledger.billed_amount,
    'the ledger row ' || ledger.ledger_id || ' rests on the spend line ' || coalesce(ledger.spend_line_id, '(none)') || ', which does not exist' as message -- What is wrong, for people.
from core.ledger as ledger
left join core.spend_line as line on ledger.spend_line_id = line.spend_line_id
where line.spend_line_id is null
