-- One line of the answer to the four questions: a priority, a capability it needs, the tool or initiative that carries it,
-- when, who answers for it and what measures it.
-- grain: priority_id, capability_id, means_kind, means_id
-- figure: record

select
    chain.priority_id,
    chain.priority_name,
    chain.capability_id,
    chain.capability_name,
    chain.means_kind,
    chain.means_id,
    chain.means_name,
    chain.phase,
    chain.status,
    chain.lifecycle,
    chain.start_on,
    chain.end_on,
    array_to_string(chain.kpis, '; ') as kpis, -- Names of the KPIs that tell of it; null where none does.
    chain.priority_owner_name,
    chain.business_owner_name,
    chain.it_owner_name,
    chain.initiative_owner_name,
    chain.hole
from marts.alignment_chain as chain
left join core.priority as priority on chain.priority_id = priority.priority_id
order by
    priority.weight desc nulls last,
    chain.priority_id nulls last,
    chain.capability_name nulls last,
    chain.capability_id nulls last,
    chain.means_kind desc nulls last,
    chain.means_name,
    chain.means_id
