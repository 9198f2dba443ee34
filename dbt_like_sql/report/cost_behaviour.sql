-- What tells whether money is fixed or variable: a source that delivers nothing but metered usage, or a tool that a running
-- contract covers in a month. Money of neither can be both; nobody can tell.
-- grain: behaviour, source, tool_id, month
-- figure: record

with slot as (
    select cast(unnest(range(month - interval 11 months, month + interval 1 day, interval 1 month)) as date) as month
    from settings.run
),

metered as (
    select source
    from raw.spend_line
    group by source
    having bool_and(coalesce(document_type = 'usage', false))
)

select
    'variable' as behaviour, -- fixed: a contract covers it. variable: it follows use.
    source,
    null as tool_id, -- The tool that a contract covers; null for a source.
    cast(null as date) as month -- The month that a contract covers; null for a source.
from metered
union all
select distinct 'fixed', null, contract.tool_id, slot.month
from core.contract as contract
inner join slot
    on
        coalesce(contract.start_on <= last_day(slot.month), true)
        and (coalesce(contract.auto_renew, true) or coalesce(contract.end_on >= slot.month, true))
where
    contract.tool_id is not null
    and coalesce(contract.status, 'active') not in ('draft', 'cancelled')
    and coalesce(contract.billing_frequency, '') <> 'once'
order by all
