-- What the money of the 12 months that end with the refreshed month is meant to move: the theme of the priority it reaches and
-- the KPI that tells of the capability for that priority, else of the priority as a whole. Where several KPIs tell of the same
-- money it is divided evenly among them, to the smallest unit of the currency; whole_amount holds it undivided. Money that
-- reaches no priority has the theme none; all rows together are all the money.
-- grain: theme, kpi_id

with posted as (
    select
        ledger.priority_id,
        ledger.capability_id,
        ledger.provenance,
        sum(ledger.billed_amount) as amount,
        sum(ledger.ledger_row_count) as row_count
    from marts.ledger_month as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month and ledger.ledger_row_count > 0
    group by ledger.priority_id, ledger.capability_id, ledger.provenance
),

subject as (
    select distinct priority_id, capability_id
    from posted
    where priority_id is not null
),

near as (
    select subject.priority_id, subject.capability_id, kpi.kpi_id
    from subject
    inner join core.kpi as kpi
        on subject.capability_id = kpi.capability_id
        and coalesce(kpi.priority_id, subject.priority_id) = subject.priority_id
),

told as (
    select priority_id, capability_id, kpi_id
    from near
    union all
    select subject.priority_id, subject.capability_id, kpi.kpi_id
    from subject
    inner join core.kpi as kpi on subject.priority_id = kpi.priority_id and kpi.capability_id is null
    where not exists (
        select 1
        from near
        where near.priority_id = subject.priority_id and near.capability_id is not distinct from subject.capability_id
    )
),

numbered as (
    select
        *,
        count(*) over (partition by priority_id, capability_id) as kpi_count,
        row_number() over (partition by priority_id, capability_id order by kpi_id) as nth
    from told
),

digits as (
    select cast([1, 0.1, 0.01, 0.001, 0.0001][coalesce(currency.minor_digits, 2) + 1] as decimal(18, 4)) as step
    from settings.run as run
    left join settings.currency as currency on upper(run.reporting_currency) = currency.currency
),

-- The first KPIs by id get the units that are left over.
divided as (
    select
        posted.priority_id,
        numbered.kpi_id,
        posted.provenance,
        posted.amount as whole,
        posted.row_count,
        case
            when coalesce(numbered.kpi_count, 1) = 1 then posted.amount
            else sign(posted.amount) * digits.step * (
                cast(abs(posted.amount) * 10000 as hugeint) // cast(digits.step * 10000 as hugeint) // numbered.kpi_count
                + if(numbered.nth <= cast(abs(posted.amount) * 10000 as hugeint) // cast(digits.step * 10000 as hugeint) % numbered.kpi_count, 1, 0)
            )
        end as part
    from posted
    cross join digits
    left join numbered on posted.priority_id = numbered.priority_id and posted.capability_id is not distinct from numbered.capability_id
),

themed as (
    select
        coalesce(priority.theme, 'none') as theme,
        divided.kpi_id,
        divided.provenance,
        sum(cast(divided.part as decimal(18, 4))) as amount,
        sum(divided.whole) as whole,
        sum(divided.row_count) as row_count
    from divided
    left join core.priority as priority on divided.priority_id = priority.priority_id
    group by coalesce(priority.theme, 'none'), divided.kpi_id, divided.provenance
),

summed as (
    select
        theme,
        kpi_id,
        sum(amount) as amount,
        sum(whole) as whole,
        sum(row_count) as row_count,
        string_agg(provenance || ' ' || round(100 * cast(amount as double) / nullif(cast(total as double), 0), 1) || '%', ', ' order by amount desc, provenance) as provenance_mix
    from (select *, sum(amount) over (partition by theme, kpi_id) as total from themed)
    group by theme, kpi_id
)

select
    summed.theme, -- growth | efficiency | risk | compliance | cost | none: reaches no priority
    summed.kpi_id, -- The KPI; null where none tells of the money.
    kpi.kpi_name,
    cast(coalesce(summed.amount, 0) as decimal(18, 4)) as spend_12m_amount, -- The KPI's part of the money; adds up.
    cast(coalesce(summed.whole, 0) as decimal(18, 4)) as whole_amount, -- All money that the KPI tells of; counts in each of several KPIs, so it does not add up.
    cast(round(cast(summed.amount as double) / nullif(cast(sum(summed.amount) over () as double), 0), 10) as decimal(18, 10)) as share_of_total, -- Of all money of the 12 months; null where that is zero.
    cast(summed.row_count as bigint) as ledger_row_count, -- Ledger rows behind the money.
    summed.provenance_mix -- Shares of the money by how it came to be known.
from summed
left join core.kpi as kpi on summed.kpi_id = kpi.kpi_id
order by spend_12m_amount desc, summed.theme, summed.kpi_id nulls last
