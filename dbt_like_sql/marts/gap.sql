-- A capability that a priority needs, and how well tools cover it. In a unit: covered = 1 - product of (1 - weight x fit x
-- freshness) over the tools with a known fit; weight 1 for a leading tool and for one without a role, 0.5 for a supporting
-- one; freshness 1 while the mapping is no older than the threshold stale_mapping_days, then that threshold by its age. The
-- units are those that mappings of the capability name, and all others together where a mapping holds for all. The weakest
-- unit counts; the mean and the share of units below what is required stand beside it. A tool that is only planned covers
-- nothing yet. Fits are judged by people against a fixed scale, never against other tools: an unrelated tool changes no row.
-- grain: capability_id, priority_id

with mapped as (
    select
        mapping.capability_id,
        mapping.org_unit_id,
        mapping.tool_id,
        tool.tool_name,
        coalesce(tool.lifecycle, '') = 'plan' as is_planned,
        coalesce(ending.state, '') = 'ended' as is_at_end,
        coalesce(ending.state, '') = 'within_a_year' as is_near_end,
        cast(case when mapping.role = 'supporting' then 0.5 else 1.0 end * mapping.fit as double)
        * least(1, coalesce(cast(threshold.value as double) / greatest(date_diff('day', mapping.decided_on, last_day(run.month)), 1), 1)) as covered_share,
        mapping.role,
        mapping.fit,
        mapping.is_stale,
        mapping.decided_on
    from core.tool_capability as mapping
    inner join core.tool as tool on mapping.tool_id = tool.tool_id
    cross join settings.run as run
    left join settings.threshold as threshold on threshold.name = 'stale_mapping_days'
    left join marts.end_of_life as ending on mapping.tool_id = ending.tool_id
),

unit as (
    select distinct capability_id, org_unit_id
    from mapped
),

-- What a mapping says for a unit comes before what another says for all.
served as (
    select unit.capability_id, unit.org_unit_id, mapped.tool_id, mapped.covered_share
    from unit
    inner join mapped
        on unit.capability_id = mapped.capability_id
        and (mapped.org_unit_id is null or unit.org_unit_id = mapped.org_unit_id)
    where not mapped.is_planned
    qualify row_number() over (partition by unit.capability_id, unit.org_unit_id, mapped.tool_id order by mapped.org_unit_id nulls last) = 1
),

covered_unit as (
    select
        unit.capability_id,
        unit.org_unit_id,
        case
            when count(served.covered_share) > 0
                then 1 - list_product(list(1 - served.covered_share order by served.tool_id) filter (where served.covered_share is not null))
            when count(served.tool_id) = 0 then 0
        end as covered_level
    from unit
    left join served on unit.capability_id = served.capability_id and unit.org_unit_id is not distinct from served.org_unit_id
    group by unit.capability_id, unit.org_unit_id
),

tooled as (
    select
        capability_id,
        tool_id,
        tool_name,
        is_planned,
        is_at_end,
        is_near_end,
        bool_or(covered_share is not null) as is_assessed,
        bool_or(is_stale) as is_stale,
        max(decided_on) as decided_on,
        count(*) as mapping_count,
        left(md5(string_agg(concat_ws('|', tool_id, org_unit_id, role, fit, is_planned), '; ' order by org_unit_id nulls last)), 8) as inputs_key
    from mapped
    group by capability_id, tool_id, tool_name, is_planned, is_at_end, is_near_end
),

covered as (
    select
        tooled.capability_id,
        count(*) filter (where not tooled.is_planned) as tool_count,
        count(*) filter (where tooled.is_assessed and not tooled.is_planned) as assessed_count,
        sum(tooled.mapping_count) as mapping_count,
        max(tooled.decided_on) as decided_on,
        list(tooled.tool_name order by tooled.tool_name, tooled.tool_id) as tools,
        string_agg(tooled.inputs_key, '|' order by tooled.tool_id) as inputs_key
    from tooled
    group by tooled.capability_id
),

pained as (
    select
        ticket.tool_id,
        count(*) as incident_count,
        tool_use.seats_active
    from core.ticket as ticket
    cross join settings.run as run
    inner join marts.tool_use as tool_use on ticket.tool_id = tool_use.tool_id
    where ticket.kind = 'incident' and ticket.month > run.month - interval 3 months and ticket.month <= run.month
    group by ticket.tool_id, tool_use.seats_active
),

weakness as (
    select capability_id, 1 as place, 'only planned: ' || string_agg(tool_name, ', ' order by tool_name, tool_id) as reason
    from tooled
    where is_planned
    group by capability_id
    union all
    select capability_id, 2 as place, 'fit not assessed: ' || string_agg(tool_name, ', ' order by tool_name, tool_id) as reason
    from tooled
    where not is_assessed and not is_planned
    group by capability_id
    union all
    select capability_id, 3 as place, 'at end of life: ' || string_agg(tool_name, ', ' order by tool_name, tool_id) as reason
    from tooled
    where is_at_end
    group by capability_id
    union all
    select capability_id, 3.5 as place, 'end of life within a year: ' || string_agg(tool_name, ', ' order by tool_name, tool_id) as reason
    from tooled
    where is_near_end
    group by capability_id
    union all
    select
        tooled.capability_id,
        4 as place,
        'low adoption: ' || string_agg(
            tooled.tool_name || ' (' || tool_use.seats_active || ' of ' || tool_use.seats_purchased || ' seats)',
            ', ' order by tooled.tool_name, tooled.tool_id
        ) as reason
    from tooled
    inner join marts.tool_use as tool_use on tooled.tool_id = tool_use.tool_id
    inner join settings.threshold as threshold on threshold.name = 'low_adoption_share'
    where tool_use.seats_active < threshold.value * tool_use.seats_purchased
    group by tooled.capability_id
    union all
    select
        tooled.capability_id,
        4.5 as place,
        'ticket pain: ' || string_agg(
            tooled.tool_name || ' (' || pained.incident_count || ' incidents in 3 months, ' || pained.seats_active || ' people)',
            ', ' order by tooled.tool_name, tooled.tool_id
        ) as reason
    from tooled
    inner join pained on tooled.tool_id = pained.tool_id
    inner join settings.threshold as threshold on threshold.name = 'incidents_per_100_users'
    where 100 * pained.incident_count > 3 * threshold.value * pained.seats_active
    group by tooled.capability_id
    union all
    select capability_id, 5 as place, 'mapping stale: ' || string_agg(tool_name, ', ' order by tool_name, tool_id) as reason
    from tooled
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

rolled_up as (
    select
        link.capability_id,
        link.priority_id,
        count(*) as unit_count,
        min(covered_unit.covered_level) as covered_level,
        list_sum(list(covered_unit.covered_level order by covered_unit.org_unit_id)) / count(covered_unit.covered_level) as mean_level,
        count(*) filter (where round(covered_unit.covered_level, 10) < link.required_level) as below_count,
        count(covered_unit.covered_level) as known_count,
        list(coalesce(org_unit.org_unit_name, covered_unit.org_unit_id, 'all others') order by org_unit.org_unit_name nulls last, covered_unit.org_unit_id)
            filter (where round(covered_unit.covered_level, 10) < link.required_level) as units_below
    from core.priority_capability as link
    inner join covered_unit on link.capability_id = covered_unit.capability_id
    left join core.org_unit as org_unit on covered_unit.org_unit_id = org_unit.org_unit_id
    group by link.capability_id, link.priority_id
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
            else cast(round(rolled_up.covered_level, 10) as decimal(18, 10))
        end as covered_level,
        case when coalesce(covered.tool_count, 0) = 0 then 0 else rolled_up.mean_level end as mean_level,
        rolled_up.unit_count,
        rolled_up.known_count,
        rolled_up.below_count,
        rolled_up.units_below,
        coalesce(covered.mapping_count, 0) as mapping_count,
        covered.decided_on,
        left(md5(concat_ws('|', link.required_level, covered.inputs_key)), 8) as inputs_key
    from core.priority_capability as link
    left join covered on link.capability_id = covered.capability_id
    left join rolled_up on link.capability_id = rolled_up.capability_id and link.priority_id = rolled_up.priority_id
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
    cast(need.covered_level as decimal(18, 10)) as covered_level, -- How well the assessed tools cover it in the weakest unit, 0 to 1; null where none is assessed.
    cast(round(need.mean_level, 10) as decimal(18, 10)) as mean_level, -- The mean over the units that are known; beside the weakest it hides nothing.
    coalesce(need.unit_count, 0) as unit_count, -- Units that mappings of the capability tell apart; all others together are one.
    cast(case when need.tool_count > 0 then round(cast(need.below_count as double) / nullif(need.known_count, 0), 10) end as decimal(18, 10)) as units_below_share, -- Share of the known units that are covered below what is required; null where none is known.
    coalesce(need.units_below, cast([] as varchar[])) as units_below, -- Names of those units, sorted.
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
    cast(need.mapping_count as bigint) as mapping_count, -- Decisions that the cover rests on.
    case
        when judged.state = 'not_assessed' then 'not_known'
        when contains(coalesce(weaknesses.reason, ''), 'mapping stale') then 'stale_mapping'
        when judged.state <> 'no_tool' and abs(need.covered_level - need.required_level) < 0.05 then 'near_threshold'
        when need.not_assessed_count > 0 then 'partly_assessed'
        else 'firm'
    end as firmness, -- firm | near_threshold: cover and requirement lie within 0.05 | stale_mapping | partly_assessed: tools without a fit may cover more | not_known
    need.inputs_key, -- Key of what is required, tools, roles and fits; a dismissal that quotes it ends when they change.
    dismissal.finding_id is not null and not coalesce(dismissal.decided_on < need.decided_on or dismissal.inputs_key <> need.inputs_key, false) as is_dismissed, -- Somebody set it aside, and nothing it rests on has changed since.
    coalesce(dismissal.decided_on < need.decided_on or dismissal.inputs_key <> need.inputs_key, false) as is_expired, -- Somebody had set it aside, and a mapping or what is required has changed since: it is back.
    dismissal.reason as dismissal_reason -- Why it was set aside.
from need
inner join judged on need.capability_id = judged.capability_id and need.priority_id = judged.priority_id
left join weaknesses on need.capability_id = weaknesses.capability_id
left join staging.dismissal as dismissal on need.finding_id = dismissal.finding_id
left join spend on need.capability_id = spend.capability_id and need.priority_id = spend.priority_id
left join core.capability as capability on need.capability_id = capability.capability_id
left join core.priority as priority on need.priority_id = priority.priority_id
left join core.owner as business_owner on need.business_owner_id = business_owner.owner_id
left join core.owner as it_owner on need.it_owner_id = it_owner.owner_id
order by weighted_gap_size desc nulls last, judged.state desc, need.priority_id, need.capability_id
