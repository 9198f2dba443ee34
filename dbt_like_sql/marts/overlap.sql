-- A capability that two or more tools serve, each with money or active people in the 12 months that end with the
-- refreshed month, and what the tools beside the kept one cost. Only a mapping of the tool itself says that it serves a
-- capability; that its vendor or account is mapped is not enough to call it double. A tool that only supports others is
-- an add-on and doubles nothing. Nothing here compares a capability with another, so an unrelated tool changes no row.
-- grain: capability_id

with served as (
    select
        capability_id,
        tool_id,
        bool_or(coalesce(role, '') = 'leading') as is_leading,
        bool_and(org_unit_id is not null) as is_by_unit
    from core.tool_capability
    group by capability_id, tool_id
    having bool_or(coalesce(role, '') <> 'supporting')
),

posted as (
    select ledger.capability_id, ledger.tool_id, ledger.provenance, ledger.billed_amount, ledger.ledger_row_count
    from marts.ledger_month as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month and ledger.ledger_row_count > 0
),

spend as (
    select capability_id, tool_id, sum(billed_amount) as amount, sum(ledger_row_count) as row_count
    from posted
    group by capability_id, tool_id
),

tool as (
    select
        served.capability_id,
        served.tool_id,
        tool.tool_name,
        served.is_by_unit,
        coalesce(spend.amount, 0) as amount,
        coalesce(spend.row_count, 0) as row_count,
        tool_use.seats_purchased,
        tool_use.seats_active,
        coalesce(tool_use.is_by_person, false) as is_by_person,
        row_number() over (
            partition by served.capability_id
            order by served.is_leading desc, tool_use.seats_active desc nulls last, coalesce(spend.amount, 0) desc, served.tool_id
        ) as place
    from served
    inner join core.tool as tool on served.tool_id = tool.tool_id
    left join spend on served.capability_id = spend.capability_id and served.tool_id = spend.tool_id
    left join marts.tool_use as tool_use on served.tool_id = tool_use.tool_id
    where coalesce(spend.amount, 0) > 0 or coalesce(tool_use.seats_active, 0) > 0
),

overlap as (
    select
        capability_id,
        count(*) as tool_count,
        list(tool_name order by tool_name, tool_id) as tools,
        list(tool_id order by tool_id) as tool_ids,
        list(cast(amount as decimal(18, 4)) order by tool_name, tool_id) as tool_amounts,
        sum(amount) as spend_12m_amount,
        sum(amount) filter (where place > 1 and amount > 0) as extra_cost_amount,
        sum(seats_purchased) as seats_purchased,
        sum(seats_active) as seats_active,
        count(*) filter (where seats_active is null) as unknown_use_count,
        count(*) filter (where is_by_person) as known_people_count,
        max(tool_id) filter (where place = 1) as kept_tool_id,
        max(tool_name) filter (where place = 1) as kept_tool_name,
        sum(row_count) as ledger_row_count
    from tool
    group by capability_id
    having count(*) > 1
),

person as (
    select capability_id, person_key, count(distinct tool_id) as tool_count
    from tool
    inner join core.usage as usage using (tool_id)
    where usage.is_active
    group by capability_id, person_key
),

shared as (
    select capability_id, count(*) filter (where tool_count > 1) as user_count
    from person
    group by capability_id
),

-- The units that a tool serves: those it is mapped for, or, when it is mapped for all, those of the people seen in it.
unit as (
    select mapping.capability_id, mapping.tool_id, mapping.org_unit_id
    from core.tool_capability as mapping
    inner join tool on mapping.capability_id = tool.capability_id and mapping.tool_id = tool.tool_id
    where tool.is_by_unit
    union
    select tool.capability_id, tool.tool_id, usage.org_unit_id
    from tool
    inner join core.usage as usage on tool.tool_id = usage.tool_id
    where not tool.is_by_unit and usage.is_active and usage.org_unit_id is not null
),

silo as (
    select
        capability_id,
        count(distinct tool_id) as tool_count,
        count(*) = count(distinct org_unit_id) as is_disjoint
    from unit
    group by capability_id
),

provenance as (
    select posted.capability_id, posted.provenance, sum(posted.billed_amount) as amount
    from posted
    inner join tool on posted.capability_id = tool.capability_id and posted.tool_id = tool.tool_id
    group by posted.capability_id, posted.provenance
),

mix as (
    select
        provenance.capability_id,
        string_agg(
            provenance.provenance || ' ' || round(cast(100 * provenance.amount as double) / cast(overlap.spend_12m_amount as double), 1) || '%',
            ', ' order by provenance.amount desc, provenance.provenance
        ) as provenance_mix
    from provenance
    inner join overlap on provenance.capability_id = overlap.capability_id
    where overlap.spend_12m_amount <> 0
    group by provenance.capability_id
),

named as (
    select capability_id, 'overlap-' || left(md5('overlap|' || array_to_string(list_sort(list_append(tool_ids, capability_id)), '|')), 8) as finding_id
    from overlap
),

decided as (
    select
        mapping.capability_id,
        max(mapping.decided_on) as decided_on,
        left(md5(string_agg(concat_ws('|', mapping.tool_id, mapping.org_unit_id, mapping.role, mapping.weight_share), '; ' order by mapping.tool_id, mapping.org_unit_id nulls last)), 8) as inputs_key
    from core.tool_capability as mapping
    inner join tool on mapping.capability_id = tool.capability_id and mapping.tool_id = tool.tool_id
    group by mapping.capability_id
)

select
    overlap.capability_id,
    capability.capability_name,
    named.finding_id, -- The finding; another tool coming in or one going makes it another finding.
    overlap.tool_count, -- Tools with money or active people.
    overlap.tools, -- Their names, sorted.
    overlap.tool_amounts, -- Money of each for this capability in 12 months, in the order of their names.
    overlap.tool_ids, -- Their ids, sorted.
    overlap.kept_tool_id, -- The tool that stays in the reckoning: a leading one first, then most active people, most money, smallest id.
    overlap.kept_tool_name, -- Its name.
    cast(overlap.spend_12m_amount as decimal(18, 4)) as spend_12m_amount, -- Money of all of them for this capability in 12 months.
    cast(coalesce(overlap.extra_cost_amount, 0) as decimal(18, 4)) as extra_cost_amount, -- Money of all but the kept tool; what is saved by ending them is less, see notice dates and one-time costs.
    cast(overlap.seats_purchased as bigint) as seats_purchased, -- Seats bought of all of them; a tool that serves several capabilities counts whole in each. Null where no licence is known.
    cast(overlap.seats_active as bigint) as seats_active, -- Active seats of those tools whose use is known; null where none is.
    overlap.unknown_use_count, -- Tools among them whose use nobody knows.
    case when overlap.known_people_count > 1 then coalesce(shared.user_count, 0) end as shared_user_count, -- People active in two or more of them; null where fewer than two tools tell who uses them.
    case when not silo.is_disjoint then false when silo.tool_count = overlap.tool_count then true end as is_parallel_silo, -- Each unit uses one of them only; null where units are not known.
    decided.inputs_key, -- Key of tools, roles, weights and units; a dismissal that quotes it ends when they change.
    dismissal.finding_id is not null and not coalesce(dismissal.decided_on < decided.decided_on or dismissal.inputs_key <> decided.inputs_key, false) as is_dismissed, -- Somebody set it aside, and nothing it rests on has changed since.
    coalesce(dismissal.decided_on < decided.decided_on or dismissal.inputs_key <> decided.inputs_key, false) as is_expired, -- Somebody had set it aside, and a mapping has been decided anew or another since: it is back.
    dismissal.reason as dismissal_reason, -- Why it was set aside.
    cast(overlap.ledger_row_count as bigint) as ledger_row_count, -- Ledger rows behind the money.
    mix.provenance_mix -- Shares of the money by how it came to be known; null where there is none.
from overlap
inner join named on overlap.capability_id = named.capability_id
left join core.capability as capability on overlap.capability_id = capability.capability_id
left join decided on overlap.capability_id = decided.capability_id
left join staging.dismissal as dismissal on named.finding_id = dismissal.finding_id
left join shared on overlap.capability_id = shared.capability_id
left join silo on overlap.capability_id = silo.capability_id
left join mix on overlap.capability_id = mix.capability_id
order by extra_cost_amount desc, overlap.capability_id
