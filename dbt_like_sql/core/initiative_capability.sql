-- A capability that an initiative improves.
-- grain: initiative_id, capability_id

select initiative_id, capability_id
from raw.initiative_capability
group by initiative_id, capability_id
