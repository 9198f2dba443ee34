-- One tool of a capability that several tools serve, with what it cost for that capability in 12 months and how many use it.
-- grain: capability_id, tool_id
-- figure: sum

with named as (
    select capability_id, unnest(tool_ids) as tool_id
    from marts.overlap
    where not is_dismissed
),

spent as (
    select ledger.capability_id, ledger.tool_id, sum(ledger.billed_amount) as amount, string_agg(distinct ledger.provenance, ', ' order by ledger.provenance) as provenances
    from marts.ledger_month as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month and ledger.ledger_row_count > 0
    group by ledger.capability_id, ledger.tool_id
)

select
    named.capability_id,
    overlap.capability_name,
    named.tool_id, -- The tool.
    tool.tool_name,
    overlap.finding_id,
    named.tool_id = overlap.kept_tool_id as is_kept, -- The tool that stays in the reckoning.
    cast(coalesce(spent.amount, 0) as decimal(18, 4)) as spend_12m_amount, -- Posted for the tool and this capability in the 12 months that end with the refreshed month.
    spent.provenances, -- How the money came to be known; null where there is none.
    named.tool_id <> overlap.kept_tool_id and coalesce(spent.amount, 0) > 0 as is_extra, -- Its money counts as the cost of doubling.
    overlap.extra_cost_amount,
    tool_use.seats_purchased,
    tool_use.seats_active,
    owner.owner_name -- Who in the business answers for the capability.
from named
inner join marts.overlap as overlap on named.capability_id = overlap.capability_id
left join core.tool as tool on named.tool_id = tool.tool_id
left join spent on named.capability_id = spent.capability_id and named.tool_id = spent.tool_id
left join marts.tool_use as tool_use on named.tool_id = tool_use.tool_id
left join core.capability as capability on named.capability_id = capability.capability_id
left join core.owner as owner on capability.business_owner_id = owner.owner_id
order by overlap.extra_cost_amount desc, named.capability_id, is_kept desc, spend_12m_amount desc, named.tool_id
