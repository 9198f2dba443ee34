-- How long one kind of case took, by the month in which it ended: the tickets by which people ask for something, the months of
-- the books, and the findings that somebody decides on. Hours go by the calendar, nights and weekends included. What is still
-- open is counted beside, since the slowest cases are those that have not ended. A finding begins on the day after the month in
-- which it was first published, so one decided before that has no duration and is left out.
-- grain: kind, month

with day as (
    select month + interval 1 month as until
    from settings.run
),

asked as (
    select
        coalesce(kind, 'request') as kind,
        opened_at,
        coalesce(resolved_at, closed_at) as ended_at,
        lower(concat_ws(' ', category, title)) as words
    from raw.ticket
    where coalesce(kind, 'request') = 'request' and not coalesce(coalesce(resolved_at, closed_at) < opened_at, false)
),

decided as (
    select finding_id, min(decided_on) as decided_on
    from (
        select finding_id, decided_on from raw.dismissal
        union all
        select finding_id, decided_on from raw.saving
    )
    group by finding_id
),

known as (
    select
        case
            when regexp_matches(words, '\bonboarding|\bnew (user|hire|starter|joiner|employee|colleague)|\bjoiner\b|\b(neu)?eintritt|\bneue[nrs]? mitarbeit') then 'onboarding'
            when regexp_matches(words, '\baccess\b|\bpermission|\bpassword|\blog-?in\b|\bsign-?in\b|\bunlock|\bzugriff|\bzugang|\bberechtigung|\b(pass|kenn)wort') then 'access'
            else kind
        end as kind,
        opened_at as begun_at,
        ended_at
    from asked
    union all
    select 'reporting', cast(closed_month + interval 1 month as timestamp), cast(closed_on as timestamp)
    from audit.closing
    union all
    select 'decision', cast(found.first_seen_month + interval 1 month as timestamp), cast(decided.decided_on as timestamp)
    from marts.finding as found
    left join decided on found.finding_id = decided.finding_id
    where
        if(
            decided.finding_id is null,
            found.finding_state not in ('accepted', 'resolved'),
            decided.decided_on >= found.first_seen_month + interval 1 month
        )
),

timed as (
    select
        known.kind,
        known.begun_at,
        case when known.ended_at < day.until then known.ended_at end as ended_at
    from known
    cross join day
    where known.begun_at < day.until
),

moved as (
    select kind, cast(date_trunc('month', begun_at) as date) as month, 1 as more, cast(null as bigint) as minutes
    from timed
    union all
    select kind, cast(date_trunc('month', ended_at) as date), -1, date_diff('minute', begun_at, ended_at)
    from timed
    where ended_at is not null
),

monthly as (
    select
        kind,
        month,
        sum(more) as more,
        count(minutes) as case_count,
        quantile_disc(minutes, 0.5) as median_minutes,
        quantile_disc(minutes, 0.9) as p90_minutes
    from moved
    group by kind, month
)

select
    kind, -- onboarding and access: from a request to its solution, by the words of its category and title | request: all other requests, to their answer | reporting: from the end of a month to its first closing | decision: from the finding to who set it aside or agreed a saving
    month, -- Month in which the cases ended, up to the refreshed one.
    case_count, -- Cases that ended in it: tickets, months or findings.
    cast(round(median_minutes / 60, 2) as decimal(18, 2)) as median_hours, -- Half of them took longer; null where none ended.
    cast(round(p90_minutes / 60, 2) as decimal(18, 2)) as p90_hours, -- One in 10 took longer; null where none ended.
    cast(case when kind <> 'reporting' then sum(more) over (partition by kind order by month) end as bigint) as open_count -- Cases not ended at the end of the month; null of months, of which only closed ones are known.
from monthly
qualify case_count > 0 or open_count is not null
order by kind, month
