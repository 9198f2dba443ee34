-- How an initiative scores on the inputs stored for it, and whether its phase has come: what stabilises and secures goes before
-- what optimises and integrates, and that before what innovates, for each capability. A score lacks what its inputs lack; it is
-- never 0 for that. No score is relative to the other initiatives, so that one more changes no row.
-- grain: initiative_id

with input as (
    select
        initiative_id,
        duration_quarters,
        earliest_on,
        nullif(trim(phase_waiver), '') as phase_waiver,
        business_value,
        time_criticality,
        risk_reduction,
        job_size,
        reach,
        impact,
        confidence,
        effort
    from raw.initiative
    qualify row_number() over (partition by initiative_id order by source, source_file, source_row) = 1
),

phase as (
    select initiative_id, list_position(['stabilize_secure', 'optimize_integrate', 'innovate'], phase) as phase_number
    from core.initiative
),

-- What of an earlier phase must be done before, for a capability that both improve.
before as (
    select
        mine.initiative_id,
        list(distinct other.initiative_id order by other.initiative_id) as initiative_ids,
        bool_or(
            coalesce(initiative.actual_start_on, initiative.start_on) <= coalesce(earlier.actual_end_on, earlier.end_on)
            or (initiative.status in ('running', 'done') and earlier.actual_end_on is null)
        ) as is_too_early
    from core.initiative_capability as mine
    inner join phase as mine_phase on mine_phase.initiative_id = mine.initiative_id
    inner join core.initiative_capability as other on other.capability_id = mine.capability_id
    inner join phase as other_phase on other_phase.initiative_id = other.initiative_id
    inner join core.initiative as initiative on initiative.initiative_id = mine.initiative_id
    inner join core.initiative as earlier on earlier.initiative_id = other.initiative_id
    where other_phase.phase_number < mine_phase.phase_number and coalesce(earlier.status, '') not in ('done', 'stopped')
    group by mine.initiative_id
),

-- The same gap may lie between a capability and several priorities; an initiative with a priority of its own closes that one's.
closes as (
    select
        improved.initiative_id,
        count(*) filter (where gap.state in ('gap', 'no_tool')) as gap_count,
        sum(gap.weighted_gap_size) as weighted_gap_size,
        bool_or(gap.state = 'not_assessed') as is_partly_assessed
    from core.initiative_capability as improved
    inner join core.initiative as initiative on initiative.initiative_id = improved.initiative_id
    inner join marts.gap as gap
        on gap.capability_id = improved.capability_id and (initiative.priority_id is null or gap.priority_id = initiative.priority_id)
    group by improved.initiative_id
),

spent as (
    select initiative_id, sum(billed_amount) as amount
    from core.ledger
    where initiative_id is not null
    group by initiative_id
),

scored as (
    select
        *,
        case when job_size > 0 then cast(business_value + time_criticality + risk_reduction as double) / cast(job_size as double) end as wsjf,
        case when effort > 0 then cast(reach as double) * cast(impact as double) * cast(confidence as double) / cast(effort as double) end as rice,
        case when effort > 0 then cast(business_value as double) / cast(effort as double) end as value_for_effort
    from input
),

named as (
    select
        initiative.initiative_id,
        'phase-' || left(md5('phase|' || initiative.initiative_id), 8) as finding_id,
        left(md5(cast((initiative.phase, initiative.start_on, initiative.actual_start_on, before.initiative_ids) as varchar)), 8) as inputs_key
    from core.initiative as initiative
    inner join before on before.initiative_id = initiative.initiative_id
    left join input on input.initiative_id = initiative.initiative_id
    where before.is_too_early and input.phase_waiver is null and coalesce(initiative.status, '') not in ('done', 'stopped')
)

select
    initiative.initiative_id,
    initiative.initiative_name,
    initiative.phase,
    initiative.status,
    initiative.priority_id,
    scored.business_value,
    scored.time_criticality,
    scored.risk_reduction,
    cast(scored.business_value + scored.time_criticality + scored.risk_reduction as decimal(18, 4)) as delay_cost_points, -- Cost of delay: value, urgency and risk taken away, in points; null where one is not stated.
    cast(scored.wsjf as decimal(18, 6)) as wsjf_score, -- Weighted shortest job first: cost of delay by size of the work.
    cast(scored.rice as decimal(18, 6)) as rice_score, -- Reach x impact x confidence by effort.
    cast(scored.value_for_effort as decimal(18, 6)) as value_effort_score, -- Business value by effort.
    nullif(concat_ws(
        ', ',
        if(scored.business_value is null, 'business_value', null),
        if(scored.time_criticality is null, 'time_criticality', null),
        if(scored.risk_reduction is null, 'risk_reduction', null),
        if(scored.job_size is null, 'job_size', null),
        if(scored.reach is null, 'reach', null),
        if(scored.impact is null, 'impact', null),
        if(scored.confidence is null, 'confidence', null),
        if(scored.effort is null, 'effort', null)
    ), '') as missing_inputs, -- Inputs of the scores that nobody has stated; null: none.
    coalesce(closes.gap_count, 0) as gap_count, -- Gaps that it works on: of the capabilities it improves, for its own priority or, without one, for all.
    cast(closes.weighted_gap_size as decimal(18, 10)) as weighted_gap_size, -- Their size times the priority's weight; null where none is assessed.
    coalesce(closes.is_partly_assessed, false) as is_partly_assessed, -- Some of these capabilities are not assessed, so that it may close more.
    case when initiative.capex_amount is not null or initiative.opex_amount is not null then cast(coalesce(initiative.capex_amount, 0) + coalesce(initiative.opex_amount, 0) as decimal(18, 4)) end as planned_amount, -- Planned cost, capital and operating; null where none is stated.
    cast(coalesce(spent.amount, 0) as decimal(18, 4)) as spent_amount, -- Spent so far, by lines that name it.
    cast(coalesce(
        scored.duration_quarters,
        greatest(1, (date_diff('day', initiative.start_on, initiative.end_on) + 91) // 92)
    ) as bigint) as duration_quarters, -- Quarters it takes, as stated, else as its planned days tell.
    cast(round(coalesce(scored.effort * 20, initiative.planned_hours * 0.125)) as bigint) as effort_days, -- People-days it takes: 20 for each stated person-month, else the hours planned in its projects at 8 a day; null where nobody says.
    scored.earliest_on,
    initiative.predecessor_ids,
    initiative.is_must_do,
    case
        when before.initiative_ids is null then 'in_turn'
        when scored.phase_waiver is not null then 'waived'
        when initiative.status in ('done', 'stopped') then 'in_turn'
        when before.is_too_early then 'too_early'
        else 'in_turn'
    end as phase_state, -- in_turn | too_early: it begins, or is planned to, before what an earlier phase does for the same capability is done | waived: it may, for the reason given
    before.initiative_ids as before_ids, -- Initiatives of an earlier phase for the same capability that are not done; null: none.
    scored.phase_waiver, -- Why it may begin before them; null: it may not.
    named.finding_id, -- The finding that it comes too early; null where it does not.
    named.inputs_key, -- Key of its phase, its planned and real first day, and what comes before; a dismissal that quotes it ends when they change. Null where it does not come too early.
    dismissal.finding_id is not null and not coalesce(dismissal.inputs_key <> named.inputs_key, false) as is_dismissed -- Somebody set it aside, and nothing it rests on has changed since.
from core.initiative as initiative
left join scored on scored.initiative_id = initiative.initiative_id
left join before on before.initiative_id = initiative.initiative_id
left join named on named.initiative_id = initiative.initiative_id
left join staging.dismissal as dismissal on dismissal.finding_id = named.finding_id
left join closes on closes.initiative_id = initiative.initiative_id
left join spent on spent.initiative_id = initiative.initiative_id
order by wsjf_score desc nulls last, initiative.initiative_id
