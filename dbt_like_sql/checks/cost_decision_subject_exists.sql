-- A pool of shared cost, a class of cost or a saving of something that no input names does nothing; mostly it is misspelt. A
-- saving belongs to a finding that is, or was.
-- severity: warning

with known as (
    select 'tool' as subject_kind, lower(tool_name_raw) as subject
    from staging.tool_name
    union
    select 'vendor' as subject_kind, lower(vendor_name_raw) as subject
    from staging.vendor_name
    union
    select 'gl_account' as subject_kind, lower(gl_account) as subject
    from raw.spend_line
    union
    select 'cost_center' as subject_kind, lower(cost_center) as subject
    from raw.spend_line
    union
    select 'capability' as subject_kind, lower(capability_id) as subject
    from raw.capability
    union
    select 'initiative' as subject_kind, lower(initiative_id) as subject
    from raw.initiative
    union
    select 'finding' as subject_kind, finding_id as subject
    from marts.finding
),

named as (
    select source_file, source_row, subject_kind, subject
    from raw.allocation
    where subject_kind is not null
    union all
    select source_file, source_row, 'tool' as subject_kind, driver_tool as subject
    from raw.allocation
    where driver_tool is not null
    union all
    select source_file, source_row, subject_kind, subject
    from raw.cost_class
    union all
    select source_file, source_row, subject_kind, subject
    from raw.saving
    union all
    select source_file, source_row, 'finding' as subject_kind, finding_id as subject
    from raw.saving
)

select
    named.source_file,
    named.source_row,
    named.subject_kind,
    named.subject,
    named.source_file || ', line ' || named.source_row || ': no input knows the ' || replace(named.subject_kind, '_', ' ') || ' '
    || coalesce(named.subject, '(empty)') as message -- What is wrong, for people.
from named
left join known on known.subject_kind = named.subject_kind and known.subject = lower(named.subject)
where known.subject is null
