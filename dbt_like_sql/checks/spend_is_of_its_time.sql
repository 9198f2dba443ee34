-- Spend of a month more than a year after the newest delivery, or twenty before, has a mistyped year: it counts where nobody looks.
-- severity: warning

select
    record.source,
    record.source_file,
    record.month,
    record.currency,
    cast(sum(record.record_count) as bigint) as record_count, -- Spend lines concerned.
    sum(record.amount) as amount, -- Their money, in that currency.
    sum(record.record_count) || ' spend lines of ' || record.source_file || ' count in ' || strftime(record.month, '%Y-%m') as message -- What is wrong, for people.
from audit.record as record
cross join settings.run as run
where record.table_name = 'spend_line' and record.status = 'loaded'
    and (record.month > run.delivered_on + interval 1 year or record.month < run.delivered_on - interval 20 years)
group by record.source, record.source_file, record.month, record.currency
