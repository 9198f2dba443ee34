-- Money in something that is no currency of ISO 4217 cannot be converted; it stays out of every sum.
-- severity: warning

select
    line.source,
    line.source_file,
    min(line.source_row) as source_row, -- First row concerned.
    line.original_currency,
    count(*) as record_count, -- Spend lines concerned.
    sum(line.original_amount) as amount, -- Their money, in that currency.
    count(*) || ' spend lines of ' || line.source || ' are in "' || coalesce(line.original_currency, '') || '", which is no currency of ISO 4217' as message -- What is wrong, for people.
from core.spend_line as line
left join settings.currency as currency on line.original_currency = currency.currency
where currency.currency is null
group by line.source, line.source_file, line.original_currency
