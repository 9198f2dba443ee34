-- A capability that a priority needs, and how well tools cover it: covered = 1 - product of (1 - weight x fit) over the
-- tools with a known fit, weight 1 for a leading tool and for one without a role, 0.5 for a supporting one. A tool with
-- several fits counts with its weakest unit; a tool that is only planned covers nothing yet. Fits are judged by people
-- against a fixed scale, never against other tools, so an unrelated tool changes no row.
-- grain: capability_id, priority_id

with mapped as (
    select
        mapping.capability_id,
        mapping.tool_id,
        tool.tool_name,
        coalesce(tool.lifecycle, '') = 'plan' as is_planned,
        coalesce(tool.lifecycle, '') = 'end_of_life' or coalesce(tool.end_of_life_on <= last_day(run.month), false) as is_at_end,
        min(case when mapping.role = 'supporting' then 0.5 else 1.0 end * mapping.fit) as covered_share,
        bool_or(mapping.is_stale) as is_stale
    from core.tool_capability as mapping
    inner join core.tool as tool on mapping.tool_id = tool.tool_id
    cross join settings.run as run
    group by mapping.capability_id, mapping.tool_id, tool.tool_name, is_planned, is_at_end
),

covered as (
    select
        capability_id,
        count(*) filter (where not is_planned) as tool_count,
        count(covered_share) filter (where not is_planned) as assessed_count,
        list(tool_name order by tool_name, tool_id) as tools,
        1 - list_product(
            list(1 - cast(covered_share as double) order by tool_id) filter (where covered_share is not null and not is_planned)
        ) as covered_level
    from mapped
    group by capability_id
),

weakness as (
    select capability_id, 1 as place, 'only planned: ' || string_agg(tool_name, ', ' order by tool_name, tool_id) as reason
    from mapped
    where is_planned
    group by capability_id
    union all
    select capability_id, 2 as place, 'fit not assessed: ' || string_agg(tool_name, ', ' order by tool_name, tool_id) as reason
    from mapped
    where covered_share is null and not is_planned
    group by capability_id
    union all
    select capability_id, 3 as place, 'at end of life: ' || string_agg(tool_name, ', ' order by tool_name, tool_id) as reason
    from mapped
    where is_at_end
    group by capability_id
    union all
    select
        mapped.capability_id,
        4 as place,
        'low adoption: ' || string_agg(
            mapped.tool_name || ' (' || tool_use.seats_active || ' of ' || tool_use.seats_purchased || ' seats)',
            ', ' order by mapped.tool_name, mapped.tool_id
        ) as reason
    from mapped
    inner join marts.tool_use as tool_use on mapped.tool_id = tool_use.tool_id
    inner join settings.threshold as threshold on threshold.name = 'low_adoption_share'
    where tool_use.seats_active < threshold.value * tool_use.seats_purchased
    group by mapped.capability_id
    union all
    select capability_id, 5 as place, 'mapping stale: ' || string_agg(tool_name, ', ' order by tool_name, tool_id) as reason
    from mapped
    where is_stale
    group by capability_id
),

weaknesses as (
    select capability_id, string_agg(reason, '; ' order by place) as reason
    from weakness
    group by capability_id
),

spend as (
    select ledger.capability_id, ledger.priority_id, sum(ledger.billed_amount) as amount, sum(ledger.ledger_row_count) as row_count
    from marts.ledger_month as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month
    group by ledger.capability_id, ledger.priority_id
),

need as (
    select
        link.capability_id,
        link.priority_id,
        link.required_level,
        link.business_owner_id,
        link.it_owner_id,
        'gap-' || left(md5('gap|' || array_to_string(list_sort([link.capability_id, link.priority_id]), '|')), 8) as finding_id,
        coalesce(covered.tool_count, 0) as tool_count,
        coalesce(covered.tools, cast([] as varchar[])) as tools,
        coalesce(covered.tool_count, 0) - coalesce(covered.assessed_count, 0) as not_assessed_count,
        case
            when coalesce(covered.tool_count, 0) = 0 then 0
            else cast(round(covered.covered_level, 10) as decimal(18, 10))
        end as covered_level
    from core.priority_capability as link
    left join covered on link.capability_id = covered.capability_id
),

judged as (
    select
        capability_id,
        priority_id,
        greatest(required_level - covered_level, 0) as gap_size,
        case
            when tool_count = 0 then 'no_tool'
            when covered_level is null then 'not_assessed'
            when covered_level < required_level then 'gap'
            else 'covered'
        end as state
    from need
)

select
    need.capability_id,
    capability.capability_name,
    need.priority_id,
    priority.priority_name,
    need.finding_id, -- The finding; it stays the same while its size moves.
    judged.state, -- covered | gap | no_tool | not_assessed: tools are mapped but nobody has said how well they fit.
    need.required_level,
    cast(need.covered_level as decimal(18, 10)) as covered_level, -- How well the assessed tools cover it, 0 to 1; null where none is assessed.
    cast(case when need.covered_level is not null then judged.gap_size end as decimal(18, 10)) as gap_size, -- Required less covered, 0 where it is covered; null where not assessed.
    priority.weight as priority_weight, -- How much the priority matters, as given.
    cast(case when need.covered_level is not null then judged.gap_size * priority.weight end as decimal(18, 10)) as weighted_gap_size, -- Size times the priority's weight.
    nullif(concat_ws(
        '; ',
        case when judged.state = 'no_tool' then 'no tool' end,
        case when judged.state = 'gap' then 'weak fit' end,
        weaknesses.reason,
        case when need.business_owner_id is null then 'no business owner' end,
        case when need.it_owner_id is null then 'no IT owner' end
    ), '') as reason, -- What is weak about it, in words; given for covered ones too.
    need.tool_count, -- Tools mapped and not merely planned.
    need.not_assessed_count, -- Those among them without a fit; with them the cover may be better than shown.
    need.tools, -- Names of all tools mapped, sorted.
    cast(coalesce(spend.amount, 0) as decimal(18, 4)) as spend_12m_amount, -- Money of this capability for this priority in the 12 months that end with the refreshed month.
    cast(coalesce(spend.row_count, 0) as bigint) as ledger_row_count, -- Ledger rows behind the money.
    business_owner.owner_name as business_owner_name, -- Who in the business answers for the link.
    it_owner.owner_name as it_owner_name, -- Who in IT answers for the link.
    coalesce(need.finding_id in (select dismissal.finding_id from raw.dismissal as dismissal), false) as is_dismissed -- Somebody set it aside.
from need
inner join judged on need.capability_id = judged.capability_id and need.priority_id = judged.priority_id
left join weaknesses on need.capability_id = weaknesses.capability_id
left join spend on need.capability_id = spend.capability_id and need.priority_id = spend.priority_id
left join core.capability as capability on need.capability_id = capability.capability_id
left join core.priority as priority on need.priority_id = priority.priority_id
left join core.owner as business_owner on need.business_owner_id = business_owner.owner_id
left join core.owner as it_owner on need.it_owner_id = it_owner.owner_id
order by weighted_gap_size desc nulls last, judged.state desc, need.priority_id, need.capability_id
