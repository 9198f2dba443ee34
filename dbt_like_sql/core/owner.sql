-- One person who answers for something.
-- grain: owner_id

select
    owner_id,
    name as owner_name, -- The person's name, given to be shown.
    side,
    org_unit_id,
    left_on
from raw.owner
qualify row_number() over (partition by owner_id order by source, source_file, source_row) = 1
