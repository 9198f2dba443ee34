-- An initiative that serves no priority is work nobody asked for.
-- severity: warning

select
    source_file,
    source_row,
    initiative_id,
    'the initiative "' || name || '" serves no priority' || case when is_must_do then '; it is required by law or contract, but by which aim of the business?' else '' end as message -- What is wrong, for people.
from raw.initiative
where priority_id is null and coalesce(status, '') <> 'stopped'
