-- Aligned, misaligned and unmapped money of a month are all its money.

select
    month,
    total_amount,
    cast(aligned_amount + misaligned_amount + unmapped_amount as decimal(38, 4)) as parts_amount, -- What the three parts add up to.
    strftime(month, '%Y-%m') || ': aligned ' || aligned_amount || ', misaligned ' || misaligned_amount || ' and unmapped ' || unmapped_amount
    || ' are not the total of ' || total_amount as message -- What is wrong, for people.
from marts.alignment_month
where aligned_amount + misaligned_amount + unmapped_amount <> total_amount
