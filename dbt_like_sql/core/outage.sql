-- One span in which a tool did not work, begun up to the refreshed month's end; one still going on lasts until then.
-- grain: outage_id

select
    outage.source || ':' || outage.outage_id as outage_id, -- The outage: its source and its number there.
    staging.tool_name.tool_id, -- The tool concerned.
    outage.started_at,
    least(
        coalesce(outage.ended_at, run.month + interval 1 month), run.month + interval 1 month
    ) as ended_at, -- When it ended, at most the refreshed month's end.
    coalesce(outage.is_planned, false) as is_planned, -- Announced maintenance.
    outage.users_affected,
    cast(date_trunc('month', outage.started_at) as date) as month, -- Month in which it began: the first of it.
    greatest(
        date_sub(
            'minute',
            outage.started_at,
            least(coalesce(outage.ended_at, run.month + interval 1 month), run.month + interval 1 month)
        ),
        0
    ) as minutes, -- Whole minutes it lasted, up to the refreshed month's end.
    outage.source,
    outage.source_file,
    outage.source_row
from raw.outage as outage
cross join settings.run as run
left join staging.tool_name on staging.tool_name.tool_name_raw = outage.tool_name
where outage.started_at < run.month + interval 1 month
