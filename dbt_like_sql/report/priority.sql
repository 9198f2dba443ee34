-- What the money of 12 months is for: one priority, and beside them money of capabilities that no priority needs and money
-- of no known capability. A priority without money has a row too.
-- grain: alignment, priority_id
-- figure: sum

with posted as (
    select ledger.alignment, ledger.priority_id, ledger.tool_id, ledger.provenance, ledger.billed_amount
    from marts.ledger_month as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month and ledger.ledger_row_count > 0
),

spent as (
    select
        alignment,
        priority_id,
        sum(billed_amount) as amount,
        count(distinct tool_id) as tool_count,
        string_agg(distinct provenance, ', ' order by provenance) as provenances
    from posted
    group by alignment, priority_id
),

named as (
    select 'aligned' as alignment, priority_id
    from core.priority
    union
    select alignment, priority_id
    from spent
)

select
    named.alignment, -- aligned: a priority needs the capability. misaligned: none does. unmapped: no capability is known.
    named.priority_id,
    priority.priority_name,
    priority.weight_share,
    owner.owner_name,
    cast(coalesce(spent.amount, 0) as decimal(18, 4)) as spend_12m_amount, -- Posted in the 12 months that end with the refreshed month.
    coalesce(spent.tool_count, 0) as tool_count, -- Tools paid with it.
    spent.provenances -- How the money came to be known; null where there is none.
from named
left join spent on named.alignment = spent.alignment and named.priority_id is not distinct from spent.priority_id
left join core.priority as priority on named.priority_id = priority.priority_id
left join core.owner as owner on priority.owner_id = owner.owner_id
order by named.alignment, spend_12m_amount desc, named.priority_id
