-- An initiative that names a project which no system gave gets none of its dates; mostly the project is misspelt.
-- severity: warning

with named as (
    select source_file, source_row, initiative_id, unnest(string_split_regex(trim(tracked_as), '[\s,;]+')) as project_id
    from raw.initiative
    where trim(tracked_as) <> ''
)

select
    source_file,
    source_row,
    initiative_id,
    'tracked_as names ' || project_id || ', which no source gave as a project' as message -- What is wrong, for people.
from named
where project_id not in (select project.project_id from raw.project as project)
