-- Money of one tool for one capability in one month: billed as posted, effective as the service is used. Rows without
-- capability are unmapped money, rows without tool money that names none; all rows together are the ledger.
-- grain: capability_id, tool_id, month

select
    ledger.capability_id,
    capability.capability_name,
    ledger.tool_id,
    tool.tool_name,
    ledger.month,
    cast(sum(ledger.billed_amount) as decimal(18, 4)) as billed_amount, -- Posted in the month.
    cast(sum(ledger.effective_amount) as decimal(18, 4)) as effective_amount, -- The same money, spread over the days of service.
    cast(coalesce(sum(ledger.billed_amount) filter (where ledger.provenance = 'measured'), 0) as decimal(18, 4)) as measured_amount, -- Part of the billed amount that was metered.
    cast(coalesce(sum(ledger.billed_amount) filter (where ledger.provenance = 'invoiced'), 0) as decimal(18, 4)) as invoiced_amount, -- Part that rests on invoices or bookings.
    cast(coalesce(sum(ledger.billed_amount) filter (where ledger.provenance = 'contracted'), 0) as decimal(18, 4)) as contracted_amount, -- Part that rests on contracts.
    cast(coalesce(sum(ledger.billed_amount) filter (where ledger.provenance = 'allocated'), 0) as decimal(18, 4)) as allocated_amount, -- Part that was shared out by a rule.
    cast(coalesce(sum(ledger.billed_amount) filter (where ledger.provenance = 'estimated'), 0) as decimal(18, 4)) as estimated_amount, -- Part that was estimated.
    cast(coalesce(sum(ledger.billed_amount) filter (where ledger.provenance = 'typed'), 0) as decimal(18, 4)) as typed_amount, -- Part that somebody typed in.
    cast(sum(ledger.ledger_row_count) as bigint) as ledger_row_count, -- Ledger rows posted in the month.
    cast(sum(ledger.unconverted_count) as bigint) as unconverted_count -- Ledger rows without an exchange rate, which the amounts lack.
from marts.ledger_month as ledger
left join core.capability as capability on ledger.capability_id = capability.capability_id
left join core.tool as tool on ledger.tool_id = tool.tool_id
group by ledger.capability_id, capability.capability_name, ledger.tool_id, tool.tool_name, ledger.month
order by ledger.month, capability.capability_name nulls last, tool.tool_name nulls last, ledger.capability_id, ledger.tool_id
