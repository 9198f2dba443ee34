-- The ledger, added up: money of one month for one priority, capability, tool, vendor, account and provenance. The other
-- marts read this instead of every row of the ledger; effective money is added up here and nowhere else.
-- grain: month, alignment, priority_id, capability_id, tool_id, vendor_id, gl_account, provenance

with money as (
    select
        month,
        alignment,
        priority_id,
        capability_id,
        tool_id,
        vendor_id,
        gl_account,
        provenance,
        billed_amount,
        cast(0 as decimal(18, 4)) as effective_amount,
        1 as row_count,
        cast(billed_amount is null as bigint) as unconverted_count
    from core.ledger
    union all
    select
        month,
        alignment,
        priority_id,
        capability_id,
        tool_id,
        vendor_id,
        gl_account,
        provenance,
        0 as billed_amount,
        effective_amount,
        0 as row_count,
        0 as unconverted_count
    from core.ledger_effective
)

select
    month, -- First of the month in which the money is posted, or used; prepaid service reaches into later months.
    alignment, -- aligned | misaligned | unmapped, as in the ledger.
    priority_id, -- The priority that needs the capability; null where none does.
    capability_id, -- The capability the money serves; null where no decision says.
    tool_id, -- The tool paid for; null where no line names one.
    vendor_id, -- The vendor paid.
    gl_account, -- Number of the general-ledger account.
    provenance, -- How the amounts came to be known.
    cast(coalesce(sum(billed_amount), 0) as decimal(18, 4)) as billed_amount, -- Posted in the month.
    cast(coalesce(sum(effective_amount), 0) as decimal(18, 4)) as effective_amount, -- The same money, spread over the days of service.
    cast(sum(row_count) as bigint) as ledger_row_count, -- Ledger rows posted in the month; 0 where money of other months is used in it.
    cast(sum(unconverted_count) as bigint) as unconverted_count -- Those among them without an exchange rate, which the amounts lack.
from money
group by month, alignment, priority_id, capability_id, tool_id, vendor_id, gl_account, provenance
