-- A KPI whose target is its baseline cannot show progress; one whose target lies the wrong way shows it upside down.
-- severity: warning

select
    source_file,
    source_row,
    kpi_id,
    baseline,
    target,
    'the KPI "' || name || '" '
    || case
        when target = baseline then 'has the target ' || rtrim(rtrim(cast(target as varchar), '0'), '.') || ', which is also its baseline: progress cannot be told'
        else 'is to ' || direction || ', but its target lies on the other side of its baseline'
    end as message -- What is wrong, for people.
from raw.kpi
where target = baseline or (target > baseline) <> (direction = 'maximize')
