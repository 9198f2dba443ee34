-- The value of a KPI in a month, up to the refreshed one, for a group or the whole company.
-- grain: kpi_id, month, group_name

select
    kpi_observation.kpi_id,
    kpi_observation.month,
    kpi_observation.value,
    kpi_observation.observation_count,
    kpi_observation.group_name,
    kpi_observation.source,
    kpi_observation.source_file,
    kpi_observation.source_row
from raw.kpi_observation as kpi_observation
cross join settings.run as run
where kpi_observation.month <= run.month
qualify row_number() over (
    partition by kpi_observation.kpi_id, kpi_observation.month, kpi_observation.group_name
    order by kpi_observation.source, kpi_observation.source_file, kpi_observation.source_row
) = 1
