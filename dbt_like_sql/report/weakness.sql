-- One kind of hole in ownership or of weakness in the defence: how many there are, and that with the most money behind it.
-- Findings share money, so it is not added up.
-- grain: topic, kind
-- figure: count

with finding as (
    select 'ownership' as topic, kind, subject_id, subject, reason, spend_12m_amount as amount
    from marts.ownership_hole
    where not is_dismissed
    union all
    select 'security', kind, subject_id, subject, reason, amount
    from marts.security_finding
    where not is_dismissed
)

select
    topic, -- ownership or security.
    kind, -- The kind of finding.
    count(*) as finding_count, -- How many there are.
    arg_max(subject, coalesce(amount, 0) order by subject_id) as largest_subject, -- That with the most money behind it.
    arg_max(reason, coalesce(amount, 0) order by subject_id) as largest_reason, -- What is wrong with it, in words.
    cast(max(coalesce(amount, 0)) as decimal(18, 4)) as largest_amount -- The money behind it in 12 months; 0 where none is told.
from finding
group by topic, kind
order by topic desc, largest_amount desc, kind
