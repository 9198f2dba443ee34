-- One subject whose money of 12 months reaches no priority: a capability that none needs, or a tool, vendor or account that
-- no decision maps.
-- grain: kind, subject_kind, subject_id
-- figure: sum

select
    kind,
    subject_kind,
    subject_id,
    subject,
    finding_id,
    tools,
    spend_12m_amount,
    row_number() over (order by spend_12m_amount desc, kind, subject_kind, subject_id) as place_count -- Its place by money.
from marts.misalignment
where kind in ('misaligned_money', 'unmapped_money') and not is_dismissed
order by place_count
