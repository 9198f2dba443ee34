-- A replacement of a tool, or by one, that no input names decides nothing; mostly it is misspelt.

with named as (
    select source_file, source_row, 'tool_name' as column_name, tool_name as subject
    from raw.replacement
    union all
    select source_file, source_row, 'by_tool_name' as column_name, by_tool_name as subject
    from raw.replacement
),

known as (
    select core.tool_name.tool_name_raw
    from core.tool_name
    inner join core.tool on core.tool_name.tool_id = core.tool.tool_id
),

missing as (
    select named.source_file, named.source_row, named.column_name, named.subject
    from named
    left join known on lower(named.subject) = lower(known.tool_name_raw)
    where known.tool_name_raw is null
),

near as (
    select missing.source_file, missing.source_row, missing.column_name, known.tool_name_raw as nearest
    from missing
    cross join known
    qualify row_number() over (
        partition by missing.source_file, missing.source_row, missing.column_name
        order by jaro_winkler_similarity(lower(missing.subject), lower(known.tool_name_raw)) desc, known.tool_name_raw
    ) = 1
)

select
    missing.source_file,
    missing.source_row,
    missing.column_name, -- The column at fault.
    missing.subject, -- What stands there.
    near.nearest, -- The tool's name that looks most like it.
    'no input names a tool "' || missing.subject || '"; ' || coalesce('did you mean "' || near.nearest || '"?', 'correct it or delete the row') as message -- What is wrong, for people.
from missing
left join near
    on missing.source_file = near.source_file
    and missing.source_row = near.source_row
    and missing.column_name = near.column_name
