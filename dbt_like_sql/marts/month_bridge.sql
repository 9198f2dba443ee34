-- From the money of the month before, as it was published, to that of the refreshed month, by cause: one capability and
-- priority. Both ends are taken from the ledgers and the causes from marts.bridge_item, so that the residual is a proof.
-- grain: capability_id, priority_id

with run as (
    select
        settings.run.month,
        cast(settings.run.month - interval 1 month as date) as before_month,
        if(audit.earlier_month.earlier_month = settings.run.month - interval 1 month, audit.earlier_month.earlier_state, 'recomputed') as basis
    from settings.run
    left join audit.earlier_month on true
),

part as (
    select line.capability_id, line.priority_id, 'opening' as cause, cast(coalesce(line.published_amount, 0) as decimal(18, 4)) as amount
    from audit.earlier_line as line
    cross join run
    where run.basis <> 'recomputed'
    union all
    select ledger.capability_id, ledger.priority_id, 'opening', cast(coalesce(ledger.billed_amount, 0) as decimal(18, 4))
    from core.ledger as ledger
    cross join run
    where run.basis = 'recomputed' and ledger.month = run.before_month
    union all
    select ledger.capability_id, ledger.priority_id, 'closing', cast(coalesce(ledger.billed_amount, 0) as decimal(18, 4))
    from core.ledger as ledger
    cross join run
    where ledger.month = run.month
    union all
    select capability_id, priority_id, cause, change_amount
    from marts.bridge_item
),

added as (
    select
        capability_id,
        priority_id,
        coalesce(sum(amount) filter (where cause = 'opening'), 0) as opening_amount,
        coalesce(sum(amount) filter (where cause = 'closing'), 0) as closing_amount,
        coalesce(sum(amount) filter (where cause = 'new'), 0) as new_amount,
        coalesce(sum(amount) filter (where cause = 'ended'), 0) as ended_amount,
        coalesce(sum(amount) filter (where cause = 'timing'), 0) as timing_amount,
        coalesce(sum(amount) filter (where cause = 'price'), 0) as price_amount,
        coalesce(sum(amount) filter (where cause = 'volume'), 0) as volume_amount,
        coalesce(sum(amount) filter (where cause = 'price_or_volume'), 0) as price_or_volume_amount,
        coalesce(sum(amount) filter (where cause = 'currency'), 0) as currency_amount,
        coalesce(sum(amount) filter (where cause = 're_mapped'), 0) as remapped_amount,
        coalesce(sum(amount) filter (where cause = 're_allocated'), 0) as reallocated_amount,
        coalesce(sum(amount) filter (where cause = 'late_posting'), 0) as late_posting_amount,
        coalesce(sum(amount) filter (where cause = 'own_rules'), 0) as own_rules_amount
    from part
    group by capability_id, priority_id
)

select
    run.month, -- The refreshed month.
    run.before_month, -- The month before.
    run.basis, -- closed | published: the version that the month before is taken from. recomputed: nothing was published of it.
    added.capability_id, -- The capability the money serves; null where no decision says.
    added.priority_id, -- The priority that needs it; null where none does.
    cast(added.opening_amount as decimal(18, 4)) as opening_amount, -- Money of the month before, as published.
    cast(added.new_amount as decimal(18, 4)) as new_amount, -- Paid now, and not in the year before.
    cast(added.ended_amount as decimal(18, 4)) as ended_amount, -- Paid the month before and no more.
    cast(added.timing_amount as decimal(18, 4)) as timing_amount, -- Invoices that do not come every month.
    cast(added.price_amount as decimal(18, 4)) as price_amount, -- Another price a seat.
    cast(added.volume_amount as decimal(18, 4)) as volume_amount, -- More or fewer seats, at the price of before.
    cast(added.price_or_volume_amount as decimal(18, 4)) as price_or_volume_amount, -- More or less money, where no counts tell why.
    cast(added.currency_amount as decimal(18, 4)) as currency_amount, -- Another exchange rate.
    cast(added.late_posting_amount as decimal(18, 4)) as late_posting_amount, -- Came or was corrected after the month before was published.
    cast(added.remapped_amount as decimal(18, 4)) as remapped_amount, -- The same lines, sent to other capabilities.
    cast(added.reallocated_amount as decimal(18, 4)) as reallocated_amount, -- The same lines and capabilities, in other shares or for other priorities.
    cast(added.own_rules_amount as decimal(18, 4)) as own_rules_amount, -- Known records that an exclusion, setting, profile or the program counts otherwise.
    cast(added.closing_amount as decimal(18, 4)) as closing_amount, -- Money of the refreshed month.
    cast(
        added.closing_amount - added.opening_amount - added.new_amount - added.ended_amount - added.timing_amount - added.price_amount
        - added.volume_amount - added.price_or_volume_amount - added.currency_amount - added.late_posting_amount - added.remapped_amount
        - added.reallocated_amount - added.own_rules_amount as decimal(18, 4)
    ) as residual_amount -- What no cause explains: 0.
from added
cross join run
order by added.capability_id, added.priority_id
