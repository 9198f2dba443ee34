-- Time that an initiative saves in a year at one kind of work, discounted: people x hours x share who take part x share of
-- the saved time that goes into useful work (0.3, 0.5 and 0.8 where nobody says otherwise), as low, likely and high. An
-- estimate by people, never counted as money saved in the ledger.
-- grain: initiative_id, saving_name

with saving as (
    select
        initiative_id,
        name as saving_name,
        cast(people_count as double) * cast(monthly_hours as double) * 12 as gross_hours,
        cast(hourly_cost_amount as double) as hourly_cost,
        cast(adoption_low_share as double) * cast(coalesce(recapture_low_share, 0.3) as double) as low,
        cast(adoption_likely_share as double) * cast(coalesce(recapture_likely_share, 0.5) as double) as likely,
        cast(adoption_high_share as double) * cast(coalesce(recapture_high_share, 0.8) as double) as high,
        concat_ws(
            ', ',
            case when people_count is null then 'people' end,
            case when monthly_hours is null then 'hours' end,
            case when hourly_cost_amount is null then 'cost of an hour' end,
            case when adoption_low_share is null or adoption_likely_share is null or adoption_high_share is null then 'who takes part' end
        ) as missing
    from raw.time_saving
    qualify row_number() over (partition by initiative_id, name order by source, source_file, source_row) = 1
)

select
    saving.initiative_id,
    initiative.initiative_name,
    saving.saving_name, -- The work that takes less time.
    if(saving.missing = '', 'assessed', 'not_assessed') as state, -- assessed | not_assessed
    nullif(saving.missing, '') as missing, -- What nobody has said, so that nothing can be told.
    cast(round(saving.gross_hours, 4) as decimal(18, 4)) as gross_hours, -- Hours a year before any discount.
    cast(round(saving.gross_hours * saving.low, 4) as decimal(18, 4)) as low_hours, -- Hours a year that are put to use, at worst.
    cast(round(saving.gross_hours * saving.likely, 4) as decimal(18, 4)) as likely_hours, -- The same, most likely.
    cast(round(saving.gross_hours * saving.high, 4) as decimal(18, 4)) as high_hours, -- The same, at best.
    cast(round(saving.gross_hours * saving.low * saving.hourly_cost, 2) as decimal(18, 4)) as low_amount, -- Worth of these hours at worst, in the reporting currency.
    cast(round(saving.gross_hours * saving.likely * saving.hourly_cost, 2) as decimal(18, 4)) as likely_amount, -- The same, most likely.
    cast(round(saving.gross_hours * saving.high * saving.hourly_cost, 2) as decimal(18, 4)) as high_amount, -- The same, at best.
    'estimated' as provenance -- How the amounts came to be known.
from saving
left join core.initiative as initiative on saving.initiative_id = initiative.initiative_id
order by saving.initiative_id, saving.saving_name
