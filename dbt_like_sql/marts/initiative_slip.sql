-- One initiative against its plan: dates and cost, whether it serves a priority, and which others run for the same capability.
-- Days are counted to the end of the refreshed month where the event has not come. Cost is what lines that name the initiative
-- come to; work that no line names is missing.
-- grain: initiative_id

with day as (
    select month, last_day(month) as month_end
    from settings.run
),

posted as (
    select ledger.initiative_id, ledger.provenance, sum(ledger.billed_amount) as amount, count(*) as row_count
    from core.ledger as ledger
    cross join day
    where ledger.initiative_id is not null and ledger.month <= day.month
    group by ledger.initiative_id, ledger.provenance
),

spent as (
    select
        initiative_id,
        sum(amount) as amount,
        sum(row_count) as row_count,
        string_agg(provenance || ' ' || round(100 * cast(amount as double) / nullif(cast(total as double), 0), 1) || '%', ', ' order by amount desc, provenance) as provenance_mix
    from (select *, sum(amount) over (partition by initiative_id) as total from posted)
    group by initiative_id
),

running as (
    select initiative_id, initiative_name
    from core.initiative
    where status = 'running' or (status is null and actual_start_on is not null and actual_end_on is null)
),

rival as (
    select
        one.initiative_id,
        list(distinct running.initiative_name) as rivals,
        list(distinct coalesce(capability.capability_name, one.capability_id)) as capabilities
    from core.initiative_capability as one
    inner join running as self on one.initiative_id = self.initiative_id
    inner join core.initiative_capability as other on one.capability_id = other.capability_id and one.initiative_id <> other.initiative_id
    inner join running on other.initiative_id = running.initiative_id
    left join core.capability as capability on one.capability_id = capability.capability_id
    group by one.initiative_id
),

dated as (
    select
        initiative.*,
        day.month_end,
        coalesce(initiative.status, '') = 'stopped' as is_stopped,
        date_diff('day', initiative.start_on, coalesce(
            initiative.actual_start_on,
            case when initiative.start_on < day.month_end and coalesce(initiative.status, '') not in ('done', 'stopped') then day.month_end end
        )) as start_late,
        date_diff('day', initiative.end_on, coalesce(
            initiative.actual_end_on,
            case when initiative.end_on < day.month_end and coalesce(initiative.status, '') not in ('done', 'stopped') then day.month_end end
        )) as end_late,
        case when initiative.capex_amount is not null or initiative.opex_amount is not null then coalesce(initiative.capex_amount, 0) + coalesce(initiative.opex_amount, 0) end as planned
    from core.initiative as initiative
    cross join day
),

looked as (
    select
        dated.initiative_id,
        nullif(concat_ws(
            '; ',
            case when dated.priority_id is null and not dated.is_stopped then 'serves no priority' end,
            case when rival.rivals is not null then 'runs beside ' || array_to_string(list_sort(rival.rivals), ', ') || ' for ' || array_to_string(list_sort(rival.capabilities), ', ') end,
            case when dated.end_late > 0 and not dated.is_stopped then dated.end_late || if(dated.end_late = 1, ' day', ' days') || ' behind its last day' end,
            case when dated.end_late is null and dated.start_late > 0 and not dated.is_stopped then dated.start_late || if(dated.start_late = 1, ' day', ' days') || ' behind its first day' end,
            case when coalesce(spent.amount, 0) > dated.planned then 'costs more than planned' end,
            case when coalesce(spent.row_count, 0) = 0 and dated.status in ('running', 'done') then 'no line names it' end
        ), '') as reason
    from dated
    left join spent on dated.initiative_id = spent.initiative_id
    left join rival on dated.initiative_id = rival.initiative_id
),

named as (
    select
        looked.*,
        'initiative-' || left(md5('initiative|' || looked.initiative_id), 8) as finding_id,
        left(md5(cast((regexp_replace(looked.reason, '\d+ days?', '', 'g'), dated.start_on, dated.end_on, dated.planned) as varchar)), 8) as inputs_key
    from looked
    inner join dated on looked.initiative_id = dated.initiative_id
)

select
    dated.initiative_id,
    dated.initiative_name,
    named.finding_id, -- The finding; it stays the same while its figures move.
    dated.phase,
    dated.status,
    dated.priority_id, -- The priority it serves; null where it serves none.
    priority.priority_name,
    case
        when dated.is_stopped then 'stopped'
        when dated.start_on is null or dated.end_on is null then 'not_dated'
        when dated.actual_end_on is not null and dated.end_late > 0 then 'ended_late'
        when dated.actual_end_on is not null then 'ended_in_time'
        when dated.status = 'done' then 'end_not_known'
        when dated.end_late > 0 then 'overdue'
        when dated.actual_start_on is null and dated.start_late > 0 then 'not_begun'
        when dated.start_late > 0 then 'began_late'
        else 'as_planned'
    end as state, -- as_planned | began_late | not_begun: its first day has passed | overdue: its last day has passed | ended_in_time | ended_late | end_not_known: done, without the day | not_dated | stopped
    dated.start_on,
    dated.actual_start_on,
    dated.start_late as start_slip_days, -- Days from the planned to the real first day, or to the end of the month while it has not begun; below 0: early. Null where it is not due or not known.
    dated.end_on,
    dated.actual_end_on,
    dated.end_late as end_slip_days, -- Days from the planned to the real last day, or to the end of the month while it goes on; null where it is not due or not known.
    cast(dated.planned as decimal(18, 4)) as planned_amount, -- Planned capital and operating cost; null where neither is planned.
    cast(coalesce(spent.amount, 0) as decimal(18, 4)) as spend_amount, -- Money of lines that name it, in all months up to the refreshed one.
    cast(coalesce(spent.amount, 0) - dated.planned as decimal(18, 4)) as cost_slip_amount, -- Money less plan: above 0 it has cost more than was planned for the whole of it.
    named.reason, -- What is to be looked at, in words; null where nothing is.
    coalesce(list_sort(rival.rivals), cast([] as varchar[])) as rival_initiatives, -- Names of other running initiatives that improve a capability it improves, sorted.
    coalesce(dated.status = 'done' and dated.actual_end_on is null or dated.start_on is null or dated.end_on is null or coalesce(spent.row_count, 0) = 0, false) as is_partly_known, -- Dates are missing, or no line names it, so that its cost is not known.
    cast(coalesce(spent.row_count, 0) as bigint) as ledger_row_count, -- Ledger rows behind the money.
    spent.provenance_mix, -- Shares of the money by how it came to be known; null where there is none.
    named.inputs_key, -- Key of plan and reason, days aside; a dismissal that quotes it ends when they change.
    dismissal.finding_id is not null and not coalesce(dismissal.inputs_key <> named.inputs_key, false) as is_dismissed -- Somebody set it aside, and nothing it rests on has changed since.
from dated
inner join named on dated.initiative_id = named.initiative_id
left join staging.dismissal as dismissal on named.finding_id = dismissal.finding_id
left join core.priority as priority on dated.priority_id = priority.priority_id
left join spent on dated.initiative_id = spent.initiative_id
left join rival on dated.initiative_id = rival.initiative_id
order by dated.end_late desc nulls last, dated.initiative_id
