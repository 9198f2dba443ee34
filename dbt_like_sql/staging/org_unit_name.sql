-- One way in which an input names a unit: its id, its name or its cost centre, in small letters; a name or cost centre that
-- several units share names none.
-- grain: name_kind, org_unit_name_raw

with named as (
    select 'unit' as name_kind, lower(org_unit_id) as org_unit_name_raw, org_unit_id, 1 as place from raw.org_unit
    union all
    select 'unit', lower(name), org_unit_id, 2 from raw.org_unit
    union all
    select 'cost_center', lower(cost_center), org_unit_id, 1 from raw.org_unit where cost_center is not null
),

first as (
    select name_kind, org_unit_name_raw, min(place) as place from named group by all
)

select
    named.name_kind, -- unit: id or name. cost_center: number of the cost centre.
    named.org_unit_name_raw, -- The name in small letters.
    min(named.org_unit_id) as org_unit_id -- The unit.
from named
inner join first using (name_kind, org_unit_name_raw, place)
group by named.name_kind, named.org_unit_name_raw
having count(distinct named.org_unit_id) = 1
