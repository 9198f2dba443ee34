-- One department, site or subsidiary.
-- grain: org_unit_id

select
    org_unit_id,
    min_by(name, source) as org_unit_name, -- The unit's name.
    min_by(parent_id, source) as parent_id, -- The unit it belongs to.
    min_by(headcount, source) as headcount -- People in it.
from raw.org_unit
group by org_unit_id
