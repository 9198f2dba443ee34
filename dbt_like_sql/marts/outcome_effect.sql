-- Did it help: one KPI and one initiative that has begun and improves what the KPI tells of. The level of the months after is
-- held against that of the months before, and where sites or units report and initiative_groups.csv says in which of them it
-- began, against those in which it did not. It works from the day given there; without one, the months in which the work
-- went on are left out. The rung says how much that proves: beats_comparison; changed_after_start, which may have other
-- causes; target_met, whatever the cause; cannot_tell. All intervals hold 90 of 100.
-- grain: kpi_id, initiative_id

with begun as (
    select
        initiative.initiative_id,
        initiative.initiative_name,
        initiative.priority_id,
        initiative.owner_id,
        coalesce(initiative.actual_start_on, initiative.start_on) as started_on,
        case when initiative.actual_end_on <= last_day(run.month) then initiative.actual_end_on end as ended_on
    from core.initiative as initiative
    cross join settings.run as run
    where
        coalesce(initiative.status, '') not in ('idea', 'stopped')
        and (initiative.actual_start_on is not null or coalesce(initiative.status, '') in ('running', 'done'))
        and coalesce(initiative.actual_start_on, initiative.start_on) <= last_day(run.month)
),

place as (
    select initiative_id, lower(trim(group_name)) as group_key, min(start_on) as start_on
    from raw.initiative_group
    where group_name is not null
    group by initiative_id, group_key
),

live as (
    select initiative_id, min(start_on) as start_on from place group by initiative_id
),

pair as (
    select
        kpi.kpi_id,
        begun.initiative_id,
        begun.started_on,
        coalesce(live.start_on, begun.started_on) as before_on,
        coalesce(live.start_on, begun.ended_on, begun.started_on) as works_on,
        count(place.group_key) > 0 as has_groups
    from begun
    inner join core.kpi as kpi
        on (kpi.capability_id is null and kpi.priority_id = begun.priority_id)
        or (
            (kpi.priority_id is null or begun.priority_id is null or kpi.priority_id = begun.priority_id)
            and exists (
                select 1
                from core.initiative_capability as improved
                where improved.initiative_id = begun.initiative_id and improved.capability_id = kpi.capability_id
            )
        )
    left join live on begun.initiative_id = live.initiative_id
    left join place
        on begun.initiative_id = place.initiative_id
        and place.group_key in (select lower(trim(group_name)) from core.kpi_observation where kpi_observation.kpi_id = kpi.kpi_id)
    group by kpi.kpi_id, begun.initiative_id, begun.started_on, begun.ended_on, live.start_on
),

-- A group in which it began later than in the first is neither: it is left out.
role as (
    select
        pair.kpi_id,
        pair.initiative_id,
        observation.month,
        observation.value,
        observation.group_name,
        place.group_key is not null or not pair.has_groups as is_treated,
        observation.month >= pair.works_on as is_after,
        observation.group_name is null as is_whole,
        bool_or(observation.group_name is null) over (partition by pair.kpi_id, pair.initiative_id) as has_whole
    from pair
    inner join core.kpi_observation as observation on pair.kpi_id = observation.kpi_id
    left join place on pair.initiative_id = place.initiative_id and place.group_key = lower(trim(observation.group_name))
    where
        (observation.month < date_trunc('month', pair.before_on) or observation.month >= pair.works_on)
        and (observation.group_name is null <> pair.has_groups or not pair.has_groups)
        and coalesce(place.start_on, pair.works_on) <= pair.works_on
),

gathered as (
    select
        kpi_id,
        initiative_id,
        list(
            {'group_name': group_name, 'month': month, 'value': cast(value as double), 'is_treated': is_treated, 'is_after': is_after}
            order by is_treated, group_name, month
        ) as observations
    from role
    where is_whole = has_whole
    group by kpi_id, initiative_id
),

promised as (
    select kpi_id, initiative_id, observations, abs(cast(kpi.target - kpi.baseline as double)) as wanted
    from gathered
    inner join core.kpi as kpi using (kpi_id)
),

estimated as materialized (
    select kpi_id, initiative_id, effect(observations, wanted) as found
    from promised
),

spent as (
    select initiative_id, cast(sum(billed_amount) as decimal(18, 4)) as amount
    from core.ledger
    where initiative_id is not null
    group by initiative_id
),

newest as (
    select kpi_id, bool_or(is_target_met) as is_target_met
    from marts.outcome_kpi
    inner join settings.run using (month)
    group by kpi_id
),

judged as (
    select
        pair.kpi_id,
        pair.initiative_id,
        pair.started_on,
        pair.works_on,
        coalesce(estimated.found.before_count, 0) as before_count,
        coalesce(estimated.found.after_count, 0) as after_count,
        coalesce(estimated.found.comparison_count, 0) as comparison_count,
        estimated.found.change as change,
        estimated.found.against as against,
        estimated.found.detectable_size as detectable,
        estimated.found.months_needed as months_needed,
        estimated.found.placebo_count as placebo_count,
        estimated.found.placebo_alarm_count as alarm_count,
        kpi.unit,
        if(kpi.direction = 'minimize', -1, 1) as better,
        coalesce(newest.is_target_met, false) as is_target_met,
        coalesce(estimated.found.placebo_count >= 3 and estimated.found.placebo_alarm_count * 3 > estimated.found.placebo_count, false) as is_restless,
        estimated.found.change.low > 0 or estimated.found.change.high < 0 as has_changed
    from pair
    inner join core.kpi as kpi on pair.kpi_id = kpi.kpi_id
    left join estimated on pair.kpi_id = estimated.kpi_id and pair.initiative_id = estimated.initiative_id
    left join newest on pair.kpi_id = newest.kpi_id
),

ranked as (
    select
        *,
        case
            when
                (against.low > 0 or against.high < 0) and against.size * better > 0 and not against.was_moving and not is_restless
                then 'beats_comparison'
            when has_changed and not change.was_moving then 'changed_after_start'
            when is_target_met then 'target_met'
            else 'cannot_tell'
        end as rung
    from judged
)

select
    ranked.kpi_id,
    kpi.kpi_name,
    ranked.initiative_id,
    begun.initiative_name,
    coalesce(kpi.priority_id, begun.priority_id) as priority_id, -- The priority that the KPI tells of, else the initiative's.
    kpi.capability_id,
    kpi.unit,
    kpi.direction,
    ranked.started_on, -- Day the work began.
    ranked.works_on, -- Day from which it works where it began first: as given, else the initiative's end, else its start.
    ranked.rung, -- beats_comparison | changed_after_start | target_met | cannot_tell
    case
        when not coalesce(ranked.has_changed, false) and ranked.rung <> 'beats_comparison' then 'unclear'
        when if(ranked.rung = 'beats_comparison', ranked.against.size, ranked.change.size) * ranked.better > 0 then 'better'
        else 'worse'
    end as moved, -- better | worse | unclear: which way it moved, as far as that is no chance; on the highest rung beside its comparison.
    cast(round(ranked.change.size, 6) as decimal(18, 6)) as change_size, -- Level after less level before, in the KPI's unit; null with fewer than 8 months before or after.
    cast(round(ranked.change.low, 6) as decimal(18, 6)) as change_low, -- Lower end of its interval.
    cast(round(ranked.change.high, 6) as decimal(18, 6)) as change_high, -- Upper end.
    cast(round(ranked.against.size, 6) as decimal(18, 6)) as effect_size, -- The same less the change of the comparison, in the KPI's unit; null without one.
    cast(round(ranked.against.low, 6) as decimal(18, 6)) as effect_low, -- Lower end of its interval.
    cast(round(ranked.against.high, 6) as decimal(18, 6)) as effect_high, -- Upper end.
    cast(round(ranked.detectable, 6) as decimal(18, 6)) as detectable_size, -- Least effect that would have shown in 80 of 100 cases, in the KPI's unit.
    cast(if(ranked.rung = 'beats_comparison' or (ranked.rung = 'changed_after_start' and ranked.comparison_count = 0), null, ranked.months_needed) as bigint) as months_needed, -- Months more until the promised change would show, or where that would show already, one of the size found; null where not within five years, or where history before the start is missing.
    cast(ranked.before_count as bigint) as before_count, -- Months before the start that count.
    cast(ranked.after_count as bigint) as after_count, -- Months after it.
    cast(ranked.comparison_count as bigint) as comparison_count, -- Sites or units it is compared with.
    coalesce(ranked.against.was_moving, ranked.change.was_moving) as is_pre_trend, -- It was already moving, or moving apart from its comparison, before the start.
    cast(ranked.placebo_count as bigint) as placebo_count, -- Comparison groups that were held against the others as if they had begun.
    cast(ranked.alarm_count as bigint) as placebo_alarm_count, -- Those among them that seem to have changed, which should be about one in ten.
    ranked.is_target_met, -- The KPI is at its target in the refreshed month, whatever the cause.
    case
        when ranked.before_count < 8 and ranked.is_target_met then 'target met; too few months before the start to tell why: ' || ranked.before_count || ', and 8 are needed'
        when ranked.before_count < 8 then 'too few months before the start: ' || ranked.before_count || ', and 8 are needed'
        when ranked.after_count < 8
            then if(ranked.is_target_met, 'target met; ', '') || 'too early to tell: months of values still needed: ' || (8 - ranked.after_count)
        when ranked.rung = 'beats_comparison'
            then 'better than its comparison by ' || round(abs(ranked.against.size), 1) || ' ' || ranked.unit
            || ' (' || round(least(abs(ranked.against.low), abs(ranked.against.high)), 1) || ' to ' || round(greatest(abs(ranked.against.low), abs(ranked.against.high)), 1) || ')'
        when ranked.rung = 'changed_after_start'
            then if(ranked.change.size * ranked.better > 0, 'better', 'worse') || ' after the start by ' || round(abs(ranked.change.size), 1) || ' ' || ranked.unit || ', '
            || case
                when ranked.comparison_count = 0 then 'but nothing to compare it with'
                when ranked.against.was_moving then 'but it was moving apart from its comparison before'
                when ranked.is_restless then 'but so do groups in which nothing began'
                when ranked.against.high * ranked.better < 0 and ranked.against.low * ranked.better < 0 then 'and worse than its comparison'
                else 'but no clearer than its comparison'
            end
        when ranked.change is null then if(ranked.is_target_met, 'target met; ', '') || 'the values do not vary, so nothing can be told of chance'
        when ranked.change.was_moving then if(ranked.is_target_met, 'target met; ', '') || 'it was already moving before the start'
        else
            if(ranked.is_target_met, 'target met; ', '') || 'cannot be told from chance: somewhere from '
            || round(coalesce(ranked.against.low, ranked.change.low), 1) || ' to ' || round(coalesce(ranked.against.high, ranked.change.high), 1) || ' ' || ranked.unit
            || '; a change of ' || round(ranked.detectable, 1) || ' would have shown'
    end as reason, -- Why it stands on this rung, in words.
    spent.amount as spent_amount, -- Ledger money that names the initiative, up to the refreshed month; null where none does.
    case
        when ranked.rung = 'beats_comparison' or (ranked.rung = 'changed_after_start' and ranked.comparison_count = 0 and ranked.change.size * ranked.better > 0)
            then cast(round(cast(spent.amount as double) / abs(coalesce(ranked.against.size, ranked.change.size)), 2) as decimal(18, 4))
    end as cost_per_unit_amount, -- Money for each unit of the KPI gained; null where no gain is told, or the comparison gained as much.
    owner.owner_name as initiative_owner_name -- Who answers for the initiative.
from ranked
inner join begun on ranked.initiative_id = begun.initiative_id
inner join core.kpi as kpi on ranked.kpi_id = kpi.kpi_id
left join spent on ranked.initiative_id = spent.initiative_id
left join core.owner as owner on begun.owner_id = owner.owner_id
order by ranked.initiative_id, ranked.kpi_id
