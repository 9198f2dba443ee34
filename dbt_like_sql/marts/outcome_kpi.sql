-- Where one KPI stood in one month, for the priority and capability it tells of; a KPI of a capability alone is shown for
-- each priority that needs it. There is a row for each observed month up to the refreshed one, and always one for the
-- refreshed month. The value of the whole company counts; where only sites or units report, their worst does, since a
-- mean hides it. progress = (actual - baseline) / (target - baseline) in either direction; what the time
-- gone by asks for is told by a straight line from the KPI's first month to the target's.
-- grain: priority_id, capability_id, kpi_id, month

with observed as (
    select observation.kpi_id, observation.month, observation.value, observation.observation_count, observation.group_name
    from core.kpi_observation as observation
    inner join core.kpi as kpi on observation.kpi_id = kpi.kpi_id
    cross join settings.run as run
    where observation.month <= run.month
    qualify row_number() over (
        partition by observation.kpi_id, observation.month
        order by
            observation.group_name is null desc,
            case when kpi.direction = 'maximize' then observation.value else -observation.value end,
            observation.group_name
    ) = 1
),

shown as (
    select kpi_id, month
    from observed
    union
    select kpi.kpi_id, run.month
    from core.kpi as kpi
    cross join settings.run as run
),

first as (
    select kpi_id, min(month) as month from core.kpi_observation group by kpi_id
),

told as (
    select kpi.kpi_id, coalesce(kpi.priority_id, link.priority_id) as priority_id, kpi.capability_id
    from core.kpi as kpi
    left join core.priority_capability as link on kpi.priority_id is null and kpi.capability_id = link.capability_id
)

select
    told.priority_id, -- The priority it tells of; null where it tells of none.
    priority.priority_name,
    told.capability_id, -- The capability it tells of; null where it tells of the priority as a whole.
    capability.capability_name,
    kpi.kpi_id,
    kpi.kpi_name,
    shown.month, -- First of the month.
    kpi.unit,
    kpi.direction,
    kpi.baseline,
    observed.value as actual, -- Value of the month; null where nobody gave one.
    kpi.target,
    kpi.target_on,
    observed.group_name as actual_of, -- Site or unit whose value it is; null for the whole company.
    observed.observation_count, -- Cases behind the value, where known.
    cast(
        case
            when first.month is null or kpi.target_on is null then null
            when shown.month >= date_trunc('month', kpi.target_on) then 1
            else round(cast(date_diff('month', first.month, shown.month) as double) / date_diff('month', first.month, date_trunc('month', kpi.target_on)), 10)
        end as decimal(18, 10)
    ) as expected_progress, -- Part of the way that the time gone by asks for, at most 1; null where the target has no day or nobody gave a value.
    cast(round(
        cast(observed.value - kpi.baseline as double) / cast(nullif(kpi.target - kpi.baseline, 0) as double), 10
    ) as decimal(18, 10)) as progress, -- Part of the way from baseline to target: 0 at the baseline, 1 at the target; below 0 it got worse. Null where either is missing or they are equal.
    case kpi.direction when 'maximize' then observed.value >= kpi.target when 'minimize' then observed.value <= kpi.target end as is_target_met, -- The value is at the target or better; null where not known.
    case
        when observed.value is null then 'no_data'
        when kpi.target is null then 'no_target'
        when (kpi.direction = 'maximize') = (observed.value >= kpi.target) or observed.value = kpi.target then 'target_met'
        when kpi.baseline is null then 'no_baseline'
        when kpi.baseline = kpi.target then 'target_is_baseline'
        when (kpi.direction = 'maximize') <> (kpi.target > kpi.baseline) then 'target_against_direction'
        when observed.value = kpi.baseline then 'unchanged'
        when (kpi.direction = 'maximize') = (observed.value > kpi.baseline) then 'better'
        else 'worse'
    end as state, -- no_data | no_target | target_met | no_baseline | target_is_baseline | target_against_direction | better | unchanged | worse
    owner.owner_name as kpi_owner_name -- Who answers for the KPI.
from told
inner join core.kpi as kpi on told.kpi_id = kpi.kpi_id
inner join shown on kpi.kpi_id = shown.kpi_id
left join first on kpi.kpi_id = first.kpi_id
left join observed on shown.kpi_id = observed.kpi_id and shown.month = observed.month
left join core.owner as owner on kpi.owner_id = owner.owner_id
left join core.priority as priority on told.priority_id = priority.priority_id
left join core.capability as capability on told.capability_id = capability.capability_id
order by told.priority_id nulls last, told.capability_id nulls last, kpi.kpi_id, shown.month
