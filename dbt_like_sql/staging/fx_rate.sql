-- Units of a currency for one euro on a day; where several sources give one, the first by name.
-- grain: rate_on, currency

select
    rate_on,
    upper(currency) as currency, -- ISO 4217 code, in capitals.
    min_by(rate, (source, rate)) as rate, -- Units of the currency for one euro.
    min_by(coalesce(rate_source, source), (source, rate)) as rate_source -- Who published the rate.
from raw.fx_rate
where rate > 0
group by all
