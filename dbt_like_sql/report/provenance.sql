-- One way in which money of the last 12 months came to be known.
-- grain: provenance
-- figure: sum

select
    ledger.provenance,
    cast(sum(ledger.billed_amount) as decimal(18, 4)) as spend_12m_amount, -- Posted in the 12 months that end with the refreshed month.
    cast(sum(ledger.ledger_row_count) as bigint) as ledger_row_count -- Ledger rows behind it.
from marts.ledger_month as ledger
cross join settings.run as run
where ledger.month > run.month - interval 12 months and ledger.month <= run.month and ledger.ledger_row_count > 0
group by ledger.provenance
order by spend_12m_amount desc, ledger.provenance
