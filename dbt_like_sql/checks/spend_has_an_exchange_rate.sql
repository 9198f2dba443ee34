-- Money without an exchange rate is shown in its own currency and in no sum; the month cannot be closed with it.
-- severity: warning

select
    line.source,
    line.source_file,
    min(line.source_row) as source_row, -- First row concerned.
    line.month,
    line.original_currency,
    count(*) as record_count, -- Spend lines concerned.
    sum(line.original_amount) as amount, -- Their money, in that currency.
    count(*) || ' spend lines of ' || strftime(line.month, '%Y-%m') || ', ' || rtrim(rtrim(cast(sum(line.original_amount) as varchar), '0'), '.') || ' ' || line.original_currency
    || ' in all, have no exchange rate into ' || run.reporting_currency || '; add rates of that month to strategy/fx_rates.csv' as message -- What is wrong, for people.
from core.spend_line as line
inner join settings.currency as currency on line.original_currency = currency.currency
cross join settings.run as run
where line.billed_amount is null
group by line.source, line.source_file, line.month, line.original_currency, run.reporting_currency
