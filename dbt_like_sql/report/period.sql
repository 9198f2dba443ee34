-- The time that the report is about.
-- grain: month
-- figure: record

select
    month,
    make_date(
        cast(year(month) - if(month(month) < fiscal_year_start_month, 1, 0) as integer),
        cast(fiscal_year_start_month as integer),
        1
    ) as year_start -- First month of the fiscal year that the refreshed month is in.
from settings.run
