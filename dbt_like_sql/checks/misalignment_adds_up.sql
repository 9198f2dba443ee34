-- The findings about unmapped and about misaligned money are all such money of the 12 months, each part on its own.

with listed as (
    select
        coalesce(sum(spend_12m_amount) filter (where kind = 'unmapped_money'), 0) as unmapped_amount,
        coalesce(sum(spend_12m_amount) filter (where kind = 'misaligned_money'), 0) as misaligned_amount
    from marts.misalignment
),

month as (
    select
        coalesce(sum(alignment.unmapped_amount), 0) as unmapped_amount,
        coalesce(sum(alignment.misaligned_amount), 0) as misaligned_amount
    from marts.alignment_month as alignment
    cross join settings.run as run
    where alignment.month > run.month - interval 12 months and alignment.month <= run.month
)

select
    listed.unmapped_amount as listed_unmapped_amount, -- Unmapped money in the findings.
    month.unmapped_amount as month_unmapped_amount, -- Unmapped money of the 12 months.
    listed.misaligned_amount as listed_misaligned_amount, -- Misaligned money in the findings.
    month.misaligned_amount as month_misaligned_amount, -- Misaligned money of the 12 months.
    'the findings list ' || listed.unmapped_amount || ' unmapped and ' || listed.misaligned_amount || ' misaligned, the months have '
    || month.unmapped_amount || ' and ' || month.misaligned_amount as message -- What is wrong, for people.
from listed
cross join month
where listed.unmapped_amount <> month.unmapped_amount or listed.misaligned_amount <> month.misaligned_amount
