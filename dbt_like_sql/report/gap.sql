-- One capability that a priority needs and that tools do not cover, or of which nobody has said how well they do.
-- grain: capability_id, priority_id
-- figure: record

select
    capability_id,
    capability_name,
    priority_id,
    priority_name,
    finding_id,
    state,
    required_level,
    covered_level,
    gap_size,
    weighted_gap_size,
    reason,
    spend_12m_amount,
    business_owner_name,
    it_owner_name
from marts.gap
where state <> 'covered' and not is_dismissed
order by state = 'not_assessed', weighted_gap_size desc nulls last, priority_id, capability_id
