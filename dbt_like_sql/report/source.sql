-- One source in the refreshed month: whether it had delivered, and how many records of all its deliveries were quarantined.
-- grain: source, table_name
-- figure: count

with quarantined as (
    select source, table_name, count(distinct concat_ws(chr(31), delivery_id, source_file, source_row)) as record_count
    from audit.quarantine
    group by source, table_name
),

complete as (
    select completeness.source, completeness.table_name, completeness.due_on, completeness.record_count, completeness.state
    from audit.completeness as completeness
    inner join settings.run as run on completeness.month = run.month
),

named as (
    select source, table_name from complete
    union
    select source, table_name from quarantined
)

select
    named.source, -- The source.
    named.table_name, -- The contract that its records follow.
    complete.state, -- complete, empty, late or missing; null where it is not expected.
    complete.due_on,
    complete.record_count,
    coalesce(quarantined.record_count, 0) as quarantined_count -- Records quarantined, of all months.
from named
left join complete on named.source = complete.source and named.table_name = complete.table_name
left join quarantined on named.source = quarantined.source and named.table_name = quarantined.table_name
order by named.source, named.table_name
