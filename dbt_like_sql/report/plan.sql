-- One budget row of the fiscal year that the refreshed month is in, of the newest version of a budget for that year.
-- grain: version, month, gl_account, cost_center, capability_id, priority_id, initiative_id
-- figure: record

select
    budget.version,
    budget.month,
    budget.gl_account,
    budget.cost_center,
    budget.capability_id,
    budget.priority_id,
    budget.initiative_id,
    budget.month <= year.month as is_year_to_date, -- The month is not after the refreshed one.
    budget.budget_amount,
    budget.source_file,
    budget.source_row
from core.budget as budget
cross join report.period as year
where
    coalesce(budget.kind, 'budget') = 'budget'
    and budget.month >= year.year_start
    and budget.month < year.year_start + interval 12 months
qualify dense_rank() over (order by budget.version desc) = 1
