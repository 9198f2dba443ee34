-- Whoever answers for something still works here: told by left_on of the owner, or by the staff list through the e-mail
-- address. Owners of tools are found in the staff list by name or address, where only leavers bear it.
-- severity: warning

with leaver as (
    select lower(person.name) as name, lower(person.email) as email, person.left_on
    from raw.person as person
    cross join settings.run as run
    where coalesce(person.left_on <= last_day(run.month), person.status = 'left')
),

stayer as (
    select lower(person.name) as name, lower(person.email) as email
    from raw.person as person
    cross join settings.run as run
    where not coalesce(person.left_on <= last_day(run.month), person.status = 'left', false)
),

gone as (
    select owner.owner_id, min(coalesce(owner.left_on, leaver.left_on)) as left_on
    from raw.owner as owner
    cross join settings.run as run
    left join leaver on lower(owner.email) = leaver.email
    where coalesce(owner.left_on <= last_day(run.month), false) or (owner.left_on is null and leaver.email is not null)
    group by owner.owner_id
),

gone_by_name as (
    select known_as, min(left_on) as left_on
    from (
        select name as known_as, left_on from leaver
        union all
        select email, left_on from leaver
    )
    where known_as is not null and known_as not in (select coalesce(name, '') from stayer union select coalesce(email, '') from stayer)
    group by known_as
),

held as (
    select source_file, source_row, 'priority' as subject_kind, priority_id as subject_id, 'owner' as role, owner_id from raw.priority
    union all
    select source_file, source_row, 'capability', capability_id, 'business owner', business_owner_id from raw.capability
    union all
    select source_file, source_row, 'capability', capability_id, 'IT owner', it_owner_id from raw.capability
    union all
    select source_file, source_row, 'link', priority_id || ' / ' || capability_id, 'business owner', business_owner_id from raw.priority_capability
    union all
    select source_file, source_row, 'link', priority_id || ' / ' || capability_id, 'IT owner', it_owner_id from raw.priority_capability
    union all
    select source_file, source_row, 'initiative', initiative_id, 'owner', owner_id from raw.initiative
    union all
    select source_file, source_row, 'kpi', kpi_id, 'owner', owner_id from raw.kpi
    union all
    select source_file, source_row, 'control', control_id, 'owner', owner_id from raw.control
    union all
    select source_file, source_row, 'risk', risk_id, 'owner', owner_id from raw.risk
    union all
    select source_file, source_row, 'operation', operation_id, 'owner', owner_id from raw.operation
),

left_behind as (
    select held.source_file, held.source_row, held.subject_kind, held.subject_id, held.role, gone.left_on
    from held
    inner join gone on held.owner_id = gone.owner_id
    union all
    select tool.source_file, tool.source_row, 'tool', tool.name, 'business owner', gone_by_name.left_on
    from raw.tool as tool
    inner join gone_by_name on lower(tool.business_owner) = gone_by_name.known_as
    union all
    select tool.source_file, tool.source_row, 'tool', tool.name, 'IT owner', gone_by_name.left_on
    from raw.tool as tool
    inner join gone_by_name on lower(tool.it_owner) = gone_by_name.known_as
)

select
    source_file, -- File that names the owner.
    source_row, -- Its row.
    subject_kind, -- priority | capability | link | initiative | kpi | control | risk | operation | tool
    subject_id, -- Its id; of a tool its name.
    role, -- What the person is for it.
    left_on, -- Last day, where known.
    'the ' || role || ' of the ' || subject_kind || ' "' || subject_id || '" has left' || coalesce(' on ' || left_on, '') || '; name a new one' as message -- What is wrong, for people.
from left_behind
