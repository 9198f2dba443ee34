-- Where the money of one month went: to capabilities that a priority needs, to capabilities that none needs, or to no
-- capability at all. The total is taken from the spend lines, the parts from the ledger, so that their sum is a proof.
-- grain: month

with part as (
    select
        month,
        sum(billed_amount) filter (where alignment = 'aligned') as aligned_amount,
        sum(billed_amount) filter (where alignment = 'misaligned') as misaligned_amount,
        sum(billed_amount) filter (where alignment = 'unmapped') as unmapped_amount
    from marts.ledger_month
    where ledger_row_count > 0
    group by month
),

total as (
    select
        month,
        sum(billed_amount) as amount,
        count(*) as line_count,
        count(*) filter (where billed_amount is null) as unconverted_count
    from core.spend_line
    group by month
)

select
    month,
    cast(coalesce(part.aligned_amount, 0) as decimal(18, 4)) as aligned_amount, -- Money of capabilities that a priority needs.
    cast(coalesce(part.misaligned_amount, 0) as decimal(18, 4)) as misaligned_amount, -- Money of capabilities that no priority needs.
    cast(coalesce(part.unmapped_amount, 0) as decimal(18, 4)) as unmapped_amount, -- Money of no known capability.
    cast(coalesce(total.amount, 0) as decimal(18, 4)) as total_amount, -- Money of all spend lines of the month.
    cast(round(cast(coalesce(part.aligned_amount, 0) as double) / cast(nullif(total.amount, 0) as double), 10) as decimal(18, 10)) as alignment_share, -- Aligned by total; null where the total is zero.
    coalesce(total.line_count, 0) as spend_line_count, -- Spend lines of the month.
    coalesce(total.unconverted_count, 0) as unconverted_count -- Spend lines without an exchange rate, which every amount here lacks.
from part
full join total using (month)
order by month
