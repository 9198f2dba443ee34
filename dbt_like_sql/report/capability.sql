-- One cell of the capability map: what a capability cost in 12 months, who serves it, which priority needs it most, and
-- whether it is a gap or an overlap.
-- grain: capability_id
-- figure: sum

with spent as (
    select ledger.capability_id, sum(ledger.billed_amount) as amount, string_agg(distinct ledger.provenance, ', ' order by ledger.provenance) as provenances
    from marts.ledger_month as ledger
    cross join settings.run as run
    where
        ledger.month > run.month - interval 12 months
        and ledger.month <= run.month
        and ledger.ledger_row_count > 0
        and ledger.capability_id is not null
    group by ledger.capability_id
),

served as (
    select capability_id, count(distinct tool_id) as tool_count
    from core.tool_capability
    group by capability_id
),

need as (
    select
        link.capability_id,
        arg_max(link.priority_id, priority.weight order by link.priority_id) as priority_id,
        count(*) as priority_count
    from core.priority_capability as link
    inner join core.priority as priority on link.priority_id = priority.priority_id
    group by link.capability_id
),

weak as (
    select
        capability_id,
        bool_or(state in ('gap', 'no_tool')) as is_gap,
        bool_or(state = 'not_assessed') as is_not_assessed
    from marts.gap
    where not is_dismissed
    group by capability_id
),

known as (
    select capability_id from core.capability
    union
    select capability_id from spent
)

select
    known.capability_id, -- The capability.
    capability.capability_name,
    capability.is_critical,
    need.priority_id, -- The priority of most weight that needs it; null where none does.
    priority.priority_name,
    coalesce(need.priority_count, 0) as priority_count, -- Priorities that need it.
    cast(coalesce(spent.amount, 0) as decimal(18, 4)) as spend_12m_amount, -- Posted in the 12 months that end with the refreshed month.
    spent.provenances, -- How the money came to be known; null where there is none.
    coalesce(served.tool_count, 0) as tool_count, -- Tools mapped to it.
    coalesce(overlap.tool_count, 0) as overlapping_count, -- Tools in use that double each other; 0 where none do, or somebody set it aside.
    coalesce(weak.is_gap, false) as is_gap, -- A priority needs more than the tools cover.
    coalesce(weak.is_not_assessed, false) as is_not_assessed -- A priority needs it, and nobody has said how well the tools fit.
from known
left join core.capability as capability on known.capability_id = capability.capability_id
left join spent on known.capability_id = spent.capability_id
left join served on known.capability_id = served.capability_id
left join need on known.capability_id = need.capability_id
left join core.priority as priority on need.priority_id = priority.priority_id
left join marts.overlap as overlap on known.capability_id = overlap.capability_id and not overlap.is_dismissed
left join weak on known.capability_id = weak.capability_id
order by priority.weight desc nulls last, need.priority_id nulls last, spend_12m_amount desc, known.capability_id
