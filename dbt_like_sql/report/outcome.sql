-- Where one KPI stands in the refreshed month, for the priority and capability it tells of.
-- grain: priority_id, capability_id, kpi_id
-- figure: record

select
    outcome.priority_id,
    outcome.priority_name,
    outcome.capability_id,
    outcome.capability_name,
    outcome.kpi_id,
    outcome.kpi_name,
    outcome.unit,
    outcome.direction,
    outcome.baseline,
    outcome.actual,
    outcome.target,
    outcome.target_on,
    outcome.progress,
    outcome.state,
    outcome.kpi_owner_name
from marts.outcome_kpi as outcome
inner join settings.run as run on outcome.month = run.month
left join core.priority as priority on outcome.priority_id = priority.priority_id
order by priority.weight desc nulls last, outcome.priority_id nulls last, outcome.capability_id nulls last, outcome.kpi_id
