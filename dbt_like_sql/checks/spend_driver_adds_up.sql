-- Themes and KPIs together hold all the money of the 12 months that end with the refreshed month.

with listed as (
    select coalesce(sum(spend_12m_amount), 0) as amount
    from marts.spend_driver
),

total as (
    select coalesce(sum(alignment.total_amount), 0) as amount
    from marts.alignment_month as alignment
    cross join settings.run as run
    where alignment.month > run.month - interval 12 months and alignment.month <= run.month
)

select
    listed.amount as listed_amount, -- Money of all themes and KPIs.
    total.amount as total_amount, -- Money of the months.
    'themes and KPIs hold ' || listed.amount || ', the months have ' || total.amount as message -- What is wrong, for people.
from listed
cross join total
where listed.amount <> total.amount
