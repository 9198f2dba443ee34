-- How surely one capability comes back: what is asked of it, and what its newest rehearsal and its worst outage show. There
-- is a row for each critical capability and for each with an objective or a rehearsal.
-- grain: capability_id

with test as (
    select capability_id, tested_on, restored_hours, lost_hours, is_passed
    from raw.restore_test
    cross join settings.run as run
    where tested_on <= last_day(run.month)
    qualify row_number() over (partition by capability_id order by tested_on desc, source, source_file, source_row) = 1
),

outage as (
    select mapping.capability_id, max(outage.minutes) as minutes
    from core.outage as outage
    inner join core.tool_capability as mapping on outage.tool_id = mapping.tool_id and coalesce(mapping.role, 'leading') = 'leading'
    cross join settings.run as run
    where not outage.is_planned and outage.month > run.month - interval 12 months
    group by mapping.capability_id
),

spend as (
    select ledger.capability_id, sum(ledger.billed_amount) as amount
    from marts.ledger_month as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month
    group by ledger.capability_id
),

judged as (
    select
        capability.*,
        test.tested_on,
        test.restored_hours,
        test.lost_hours,
        date_diff('day', test.tested_on, last_day(run.month)) as days_since,
        outage.minutes,
        case
            when test.tested_on is null then 'never_tested'
            when not test.is_passed then 'failed'
            when test.restored_hours > capability.rto_hours or test.lost_hours > capability.rpo_hours then 'misses_objective'
            when test.tested_on < last_day(run.month) - interval 12 months then 'test_is_old'
            when capability.rto_hours is null or capability.rpo_hours is null then 'no_objective'
            when test.is_passed is null or test.restored_hours is null or test.lost_hours is null then 'not_assessed'
            else 'proven'
        end as state
    from core.capability as capability
    cross join settings.run as run
    left join test on capability.capability_id = test.capability_id
    left join outage on capability.capability_id = outage.capability_id
    where capability.is_critical or capability.rto_hours is not null or capability.rpo_hours is not null or test.tested_on is not null
)

select
    judged.capability_id,
    judged.capability_name,
    judged.is_critical,
    judged.rto_hours,
    judged.rpo_hours,
    judged.tested_on, -- Day of the newest rehearsal; null where there was none.
    judged.days_since as days_since_test, -- Days from it to the refreshed month's end.
    judged.restored_hours, -- Hours until it worked again then.
    judged.lost_hours, -- Hours of work that did not come back then.
    cast(cast(judged.minutes as double) / 60 as decimal(18, 10)) as longest_outage_hours, -- Longest unplanned outage of a leading tool that began in the 12 months; null where none is known.
    judged.state, -- proven | never_tested | failed | misses_objective | test_is_old | no_objective | not_assessed
    case judged.state
        when 'never_tested' then 'its recovery was never rehearsed'
        when 'failed' then 'the rehearsal of ' || judged.tested_on || ' failed'
        when 'misses_objective'
            then concat_ws(
                '; ',
                case when judged.restored_hours > judged.rto_hours then 'took ' || cast(judged.restored_hours as double) || ' hours, ' || cast(judged.rto_hours as double) || ' are allowed' end,
                case when judged.lost_hours > judged.rpo_hours then 'lost ' || cast(judged.lost_hours as double) || ' hours of work, ' || cast(judged.rpo_hours as double) || ' are allowed' end
            )
        when 'test_is_old' then 'the newest rehearsal is ' || judged.days_since || ' days old'
        when 'no_objective' then 'nobody has said how fast it must be back, or what may be lost'
        when 'not_assessed' then 'the rehearsal of ' || judged.tested_on || ' lacks its result'
    end as reason, -- What is wrong, in words; null where it is proven.
    cast(coalesce(spend.amount, 0) as decimal(18, 4)) as spend_12m_amount, -- Ledger money of the capability in the 12 months.
    business_owner.owner_name as business_owner_name, -- Who in the business answers for the capability.
    it_owner.owner_name as it_owner_name -- Who in IT answers for it.
from judged
left join spend on judged.capability_id = spend.capability_id
left join core.owner as business_owner on judged.business_owner_id = business_owner.owner_id
left join core.owner as it_owner on judged.it_owner_id = it_owner.owner_id
order by judged.is_critical desc, judged.capability_name, judged.capability_id
