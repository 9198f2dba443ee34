-- How far the money of 12 months can be followed: one step of the way from the general ledger to a priority, or one way in which
-- decisions say what money is for. The steps hold each other's money; the ways add up to all of it.
-- grain: part, step
-- figure: sum

with known as (
    select
        ledger.vendor_id is not null as has_vendor,
        ledger.tool_id is not null as has_tool,
        ledger.alignment,
        ledger.mapping_method,
        sum(ledger.billed_amount) as amount
    from core.ledger as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month
    group by all
),

step as (
    select
        unnest(['ledger', 'vendor', 'tool', 'capability', 'priority']) as step,
        unnest([
            sum(amount),
            sum(amount) filter (where has_vendor),
            sum(amount) filter (where has_tool),
            sum(amount) filter (where alignment <> 'unmapped'),
            sum(amount) filter (where alignment = 'aligned')
        ]) as amount
    from known
    having count(*) > 0
),

told as (
    select 'ladder' as part, step, amount
    from step
    union all
    select 'mapping', coalesce(mapping_method, 'nothing'), sum(amount)
    from known
    group by mapping_method
)

select
    part, -- ladder or mapping.
    step, -- Of the ladder ledger, vendor, tool, capability or priority: what is known of the money. Of the mapping initiative, tool, vendor, gl_account or cost_center, about which a person has decided, or nothing.
    cast(coalesce(amount, 0) as decimal(18, 4)) as spend_12m_amount -- Posted in the 12 months that end with the refreshed month.
from told
order by
    part,
    if(part = 'ladder', array_position(['ledger', 'vendor', 'tool', 'capability', 'priority'], step), 0),
    spend_12m_amount desc,
    step
