-- One piece of work that changes technology for a priority.
-- grain: initiative_id

select
    initiative_id,
    name as initiative_name, -- What it is called.
    phase,
    status,
    priority_id,
    start_on,
    end_on,
    actual_start_on,
    actual_end_on,
    cast(capex_amount as decimal(18, 4)) as capex_amount, -- Planned capital cost, in the reporting currency.
    cast(opex_amount as decimal(18, 4)) as opex_amount, -- Planned operating cost, in the reporting currency.
    owner_id,
    predecessor_ids,
    coalesce(is_must_do, false) as is_must_do, -- Required by law or contract.
    description,
    source_file,
    source_row
from raw.initiative
qualify row_number() over (partition by initiative_id order by source, source_file, source_row) = 1
