-- A mapping to a capability that is not in use maps money to nothing.

with missing as (
    select distinct mapping.source_file, mapping.source_row, mapping.subject, mapping.capability_id
    from raw.mapping as mapping
    left join core.capability as capability on mapping.capability_id = capability.capability_id
    where capability.capability_id is null
),

near as (
    select
        missing.source_file,
        missing.source_row,
        capability.capability_id,
        greatest(
            jaro_winkler_similarity(lower(missing.capability_id), lower(capability.capability_id)),
            jaro_winkler_similarity(lower(missing.capability_id), lower(capability.capability_name))
        ) as likeness
    from missing
    cross join core.capability as capability
    qualify row_number() over (partition by missing.source_file, missing.source_row order by likeness desc, capability.capability_id) = 1
)

select
    missing.source_file,
    missing.source_row,
    missing.subject,
    missing.capability_id,
    near.capability_id as nearest, -- The capability that looks most like it.
    '"' || missing.subject || '" is mapped to the capability "' || missing.capability_id || '", which strategy/capabilities.csv does not have; '
    || coalesce('the nearest is "' || near.capability_id || '"', 'that file has none yet') as message -- What is wrong, for people.
from missing
left join near on missing.source_file = near.source_file and missing.source_row = near.source_row
