-- A mapping of a tool, vendor, account or cost centre that no input names decides nothing; mostly it is misspelt. All
-- months count, so that a mapping made today is no error in a refresh of last year.

with known as (
    select 'tool' as subject_kind, tool_name_raw as subject
    from core.tool_name
    union
    select 'vendor' as subject_kind, vendor_name.vendor_name_raw as subject
    from core.vendor_name as vendor_name
    inner join core.vendor as vendor on vendor_name.vendor_id = vendor.vendor_id
    union
    select 'gl_account' as subject_kind, gl_account as subject
    from raw.spend_line
    union
    select 'gl_account' as subject_kind, gl_account as subject
    from raw.budget
    union
    select 'cost_center' as subject_kind, cost_center as subject
    from raw.spend_line
    union
    select 'cost_center' as subject_kind, cost_center as subject
    from raw.budget
    union
    select 'cost_center' as subject_kind, cost_center as subject
    from raw.org_unit
),

missing as (
    select mapping.source_file, mapping.source_row, mapping.subject_kind, mapping.subject
    from raw.mapping as mapping
    left join known on mapping.subject_kind = known.subject_kind and lower(mapping.subject) = lower(known.subject)
    where known.subject is null
),

near as (
    select
        missing.source_file,
        missing.source_row,
        known.subject as nearest,
        jaro_winkler_similarity(lower(missing.subject), lower(known.subject)) as likeness
    from missing
    inner join known on missing.subject_kind = known.subject_kind
    where known.subject is not null
    qualify row_number() over (partition by missing.source_file, missing.source_row order by likeness desc, known.subject) = 1
)

select
    missing.source_file,
    missing.source_row,
    missing.subject_kind,
    missing.subject,
    near.nearest, -- The name found in the inputs that looks most like it; null where none looks like it.
    'the mapping of the ' || replace(missing.subject_kind, '_', ' ') || ' "' || missing.subject || '" points to nothing: no input names it; '
    || coalesce('did you mean "' || near.nearest || '"?', 'correct it or delete the row') as message -- What is wrong, for people.
from missing
left join near on missing.source_file = near.source_file and missing.source_row = near.source_row and near.likeness >= 0.7
