-- Did it help: one measure and one initiative that has begun for it, with the rung that says how much the values prove.
-- grain: kpi_id, initiative_id
-- figure: record

select
    kpi_id,
    kpi_name,
    initiative_id,
    initiative_name,
    rung,
    reason,
    months_needed,
    spent_amount,
    initiative_owner_name
from marts.outcome_effect
order by array_position(['beats_comparison', 'changed_after_start', 'target_met', 'cannot_tell'], rung), initiative_id, kpi_id
