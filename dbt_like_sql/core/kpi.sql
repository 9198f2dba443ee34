-- One measure of a priority or capability, in terms of the business.
-- grain: kpi_id

select
    kpi_id,
    name as kpi_name, -- What is measured.
    unit,
    direction,
    baseline,
    target,
    target_on,
    priority_id,
    capability_id,
    owner_id,
    coalesce(is_it_metric, false) as is_it_metric, -- It measures technology, and not what the business gets.
    data_source,
    source_file,
    source_row
from raw.kpi
qualify row_number() over (partition by kpi_id order by source, source_file, source_row) = 1
