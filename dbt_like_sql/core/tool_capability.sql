-- A capability that a tool serves, for a unit or for all.
-- grain: tool_id, capability_id, org_unit_id

select
    staging.mapping.subject_id as tool_id, -- The tool.
    staging.mapping.capability_id,
    staging.mapping.org_unit_id,
    staging.mapping.weight_share,
    staging.mapping.role,
    staging.mapping.fit,
    staging.mapping.decided_on,
    staging.mapping.expires_on,
    staging.mapping.author,
    coalesce(
        date_diff('day', staging.mapping.decided_on, last_day(settings.run.month)) > settings.threshold.value, false
    ) as is_stale -- Decided longer ago than the threshold stale_mapping_days.
from staging.mapping
cross join settings.run
left join settings.threshold on settings.threshold.name = 'stale_mapping_days'
where staging.mapping.subject_kind = 'tool'
