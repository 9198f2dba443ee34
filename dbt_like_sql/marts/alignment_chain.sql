-- What we want, what it takes, what carries it and when, and how we know and who answers: priority -> capability -> tool
-- or initiative -> phase and dates -> KPIs -> owners. Every priority, every capability it needs and every initiative that
-- is not stopped has a row, also where the next step is missing; hole says what is missing.
-- grain: priority_id, capability_id, means_kind, means_id

with need as (
    select priority.priority_id, link.capability_id, link.business_owner_id, link.it_owner_id
    from core.priority as priority
    left join core.priority_capability as link on priority.priority_id = link.priority_id
),

tool_means as (
    select distinct need.priority_id, need.capability_id, need.business_owner_id, need.it_owner_id, 'tool' as means_kind, mapping.tool_id as means_id
    from need
    inner join core.tool_capability as mapping on need.capability_id = mapping.capability_id
),

initiative_means as (
    select distinct
        need.priority_id,
        need.capability_id,
        need.business_owner_id,
        need.it_owner_id,
        'initiative' as means_kind,
        initiative.initiative_id as means_id
    from need
    inner join core.initiative_capability as improved on need.capability_id = improved.capability_id
    inner join core.initiative as initiative
        on improved.initiative_id = initiative.initiative_id
        and coalesce(initiative.priority_id, need.priority_id) = need.priority_id
    where coalesce(initiative.status, '') <> 'stopped'
),

step as (
    select priority_id, capability_id, business_owner_id, it_owner_id, means_kind, means_id
    from tool_means
    union all
    select priority_id, capability_id, business_owner_id, it_owner_id, means_kind, means_id
    from initiative_means
    union all
    select
        initiative.priority_id,
        null as capability_id,
        null as business_owner_id,
        null as it_owner_id,
        'initiative' as means_kind,
        initiative.initiative_id as means_id
    from core.initiative as initiative
    where
        coalesce(initiative.status, '') <> 'stopped'
        and initiative.initiative_id not in (select initiative_means.means_id from initiative_means)
),

link as (
    select priority_id, capability_id, business_owner_id, it_owner_id, means_kind, means_id
    from step
    union all
    select need.priority_id, need.capability_id, need.business_owner_id, need.it_owner_id, null as means_kind, null as means_id
    from need
    where not exists (
        select 1
        from step
        where step.priority_id = need.priority_id and step.capability_id = need.capability_id
    )
),

told as (
    select link.priority_id, link.capability_id, link.means_kind, link.means_id, list(kpi.kpi_name order by kpi.kpi_name, kpi.kpi_id) as kpis
    from link
    inner join core.kpi as kpi
        on (kpi.capability_id = link.capability_id and coalesce(kpi.priority_id, link.priority_id) = link.priority_id)
        or (kpi.capability_id is null and kpi.priority_id = link.priority_id)
    group by link.priority_id, link.capability_id, link.means_kind, link.means_id
)

select
    link.priority_id, -- The priority; null where an initiative serves none.
    priority.priority_name,
    link.capability_id, -- The capability the priority needs; null where the chain breaks before it.
    capability.capability_name,
    link.means_kind, -- tool | initiative; null where nothing carries the capability.
    link.means_id, -- Id of the tool or initiative.
    coalesce(tool.tool_name, initiative.initiative_name) as means_name, -- Name of the tool or initiative.
    initiative.phase,
    initiative.status,
    tool.lifecycle,
    coalesce(initiative.actual_start_on, initiative.start_on) as start_on, -- Day the initiative began, else its planned first day.
    coalesce(initiative.actual_end_on, initiative.end_on, tool.end_of_life_on) as end_on, -- Day the initiative ended, else its planned last day; of a tool its end of life.
    told.kpis, -- Names of the KPIs that tell of the capability or of the priority as a whole, sorted; null where none does.
    priority_owner.owner_name as priority_owner_name, -- Who answers for the priority.
    business_owner.owner_name as business_owner_name, -- Who in the business answers for the link of priority and capability.
    it_owner.owner_name as it_owner_name, -- Who in IT answers for the link.
    initiative_owner.owner_name as initiative_owner_name, -- Who answers for the initiative.
    nullif(concat_ws(
        '; ',
        case when link.priority_id is null then 'initiative without priority' end,
        case when link.capability_id is null and link.means_kind is null then 'priority without capability' end,
        case when link.capability_id is null and link.priority_id is not null and link.means_kind = 'initiative' then 'initiative improves no capability that the priority needs' end,
        case when link.capability_id is not null and link.means_kind is null then 'capability without tool or initiative' end,
        case when link.priority_id is not null and told.kpis is null then 'no KPI' end,
        case
            when link.priority_id is null then null
            when priority_owner.owner_id is null then 'no priority owner'
            when priority_owner.left_on <= last_day(run.month) then 'priority owner has left'
        end,
        case
            when link.capability_id is null then null
            when business_owner.owner_id is null then 'no business owner'
            when business_owner.left_on <= last_day(run.month) then 'business owner has left'
        end,
        case
            when link.capability_id is null then null
            when it_owner.owner_id is null then 'no IT owner'
            when it_owner.left_on <= last_day(run.month) then 'IT owner has left'
        end,
        case
            when initiative.initiative_id is null then null
            when initiative_owner.owner_id is null then 'no initiative owner'
            when initiative_owner.left_on <= last_day(run.month) then 'initiative owner has left'
        end,
        case when initiative.initiative_id is not null and (initiative.start_on is null or initiative.end_on is null) then 'initiative without dates' end
    ), '') as hole -- What is missing in this chain, in words; null where it is whole.
from link
cross join settings.run as run
left join core.priority as priority on link.priority_id = priority.priority_id
left join core.capability as capability on link.capability_id = capability.capability_id
left join core.tool as tool on link.means_kind = 'tool' and link.means_id = tool.tool_id
left join core.initiative as initiative on link.means_kind = 'initiative' and link.means_id = initiative.initiative_id
left join told
    on link.priority_id is not distinct from told.priority_id
    and link.capability_id is not distinct from told.capability_id
    and link.means_kind is not distinct from told.means_kind
    and link.means_id is not distinct from told.means_id
left join core.owner as priority_owner on priority.owner_id = priority_owner.owner_id
left join core.owner as business_owner on link.business_owner_id = business_owner.owner_id
left join core.owner as it_owner on link.it_owner_id = it_owner.owner_id
left join core.owner as initiative_owner on initiative.owner_id = initiative_owner.owner_id
order by
    priority.weight desc nulls last,
    link.priority_id nulls last,
    capability.capability_name nulls last,
    link.means_kind desc nulls last,
    means_name,
    link.means_id
