-- One person's access to one tool. People stand under a pseudonym.
-- grain: tool_id, person_key

with access as (
    select
        staging.tool_name.tool_id,
        staging.person.person_key,
        coalesce(named.org_unit_id, member.org_unit_id, payer.org_unit_id) as org_unit_id,
        cast(usage.last_active_at as date) as last_active_on
    from raw.usage as usage
    inner join staging.tool_name on staging.tool_name.tool_name_raw = usage.tool_name
    inner join staging.person on staging.person.person_raw = lower(usage.person)
    left join staging.org_unit_name as named
        on named.name_kind = 'unit' and named.org_unit_name_raw = lower(usage.org_unit)
    left join staging.org_unit_name as member
        on member.name_kind = 'unit' and member.org_unit_name_raw = lower(staging.person.org_unit_raw)
    left join staging.org_unit_name as payer
        on payer.name_kind = 'cost_center' and payer.org_unit_name_raw = lower(staging.person.cost_center)
)

select
    access.tool_id, -- The tool.
    access.person_key,
    min(access.org_unit_id) as org_unit_id, -- The person's unit; null where no input says.
    coalesce(
        max(access.last_active_on) > any_value(last_day(settings.run.month)) - 90, false
    ) as is_active, -- Used in the 90 days up to the refreshed month's end.
    max(access.last_active_on) as last_active_on -- Day of the last use; null: none known.
from access
cross join settings.run
group by access.tool_id, access.person_key
