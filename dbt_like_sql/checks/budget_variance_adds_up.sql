-- Priorities, capabilities and accounts each hold all the money posted in the fiscal year.

with year as (
    select
        month,
        make_date(cast(year(month) - if(month(month) < fiscal_year_start_month, 1, 0) as integer), cast(fiscal_year_start_month as integer), 1) as year_start
    from settings.run
),

posted as (
    select coalesce(sum(alignment.total_amount), 0) as amount
    from marts.alignment_month as alignment
    cross join year
    where alignment.month >= year.year_start and alignment.month <= year.month
),

listed as (
    select kind.subject_kind, coalesce(sum(variance.spend_amount), 0) as amount
    from (select unnest(['priority', 'capability', 'gl_account']) as subject_kind) as kind
    left join marts.budget_variance as variance on kind.subject_kind = variance.subject_kind
    group by kind.subject_kind
)

select
    listed.subject_kind, -- priority | capability | gl_account
    listed.amount as listed_amount, -- Money of its rows.
    posted.amount as posted_amount, -- Money of the fiscal year.
    'by ' || replace(listed.subject_kind, '_', ' ') || ' the fiscal year holds ' || listed.amount || ', posted are ' || posted.amount as message -- What is wrong, for people.
from listed
cross join posted
where listed.amount <> posted.amount
