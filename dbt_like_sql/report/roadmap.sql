-- One initiative in its phase: when it is planned, what it costs and has cost, how it scores, and what is behind plan.
-- grain: initiative_id
-- figure: record

select
    slip.initiative_id,
    slip.initiative_name,
    slip.phase,
    slip.priority_name,
    slip.state,
    slip.start_on,
    slip.end_on,
    coalesce(slip.end_slip_days, slip.start_slip_days) as slip_days, -- Days behind the last day, else the first; below 0: ahead. Null where neither is due.
    slip.planned_amount,
    slip.spend_amount,
    slip.reason,
    score.phase_state,
    score.wsjf_score,
    score.missing_inputs,
    owner.owner_name -- Who answers for it; null where nobody does.
from marts.initiative_slip as slip
inner join marts.initiative_score as score on slip.initiative_id = score.initiative_id
left join core.initiative as initiative on slip.initiative_id = initiative.initiative_id
left join core.owner as owner on initiative.owner_id = owner.owner_id
where not slip.is_dismissed
order by
    array_position(['stabilize_secure', 'optimize_integrate', 'innovate'], slip.phase) nulls last,
    score.wsjf_score desc nulls last,
    slip.start_on nulls last,
    slip.initiative_id
