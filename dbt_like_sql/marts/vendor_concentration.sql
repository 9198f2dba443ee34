-- One vendor that was paid in the 12 months that end with the refreshed month or has a running contract: how much of the money
-- it gets, what only it does, and how long the company is bound. Shares move with the company's total; the rest is absolute.
-- grain: vendor_id

with posted as (
    select ledger.vendor_id, ledger.tool_id, ledger.capability_id, ledger.provenance, ledger.billed_amount, ledger.ledger_row_count
    from marts.ledger_month as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month and ledger.ledger_row_count > 0
),

total as (
    select sum(billed_amount) as amount
    from posted
),

paid as (
    select
        vendor_id,
        sum(amount) as amount,
        sum(row_count) as row_count,
        string_agg(provenance || ' ' || round(100 * cast(amount as double) / nullif(cast(total as double), 0), 1) || '%', ', ' order by amount desc, provenance) as provenance_mix
    from (
        select
            vendor_id,
            provenance,
            sum(billed_amount) as amount,
            sum(ledger_row_count) as row_count,
            sum(sum(billed_amount)) over (partition by vendor_id) as total
        from posted
        where vendor_id is not null
        group by vendor_id, provenance
    )
    group by vendor_id
),

contract as (
    select
        renewal.vendor_id,
        count(*) as contract_count,
        sum(renewal.annual_amount) as annual,
        sum(renewal.committed_amount) as committed,
        min(renewal.exit_on) as first_exit_on,
        max(renewal.exit_on) as last_exit_on
    from marts.renewals as renewal
    cross join settings.run as run
    where coalesce(renewal.status, 'active') = 'active' and coalesce(renewal.exit_on > last_day(run.month), true) and renewal.vendor_id is not null
    group by renewal.vendor_id
),

-- Tools in use or in a register, without those only planned; a capability all of whose tools are one vendor's rests on it.
served as (
    select
        mapping.capability_id,
        min(tool.vendor_id) as vendor_id,
        count(distinct tool.vendor_id) as vendor_count,
        bool_or(tool.vendor_id is null) as is_unknown
    from core.tool_capability as mapping
    inner join core.tool as tool on mapping.tool_id = tool.tool_id
    where coalesce(tool.lifecycle, '') <> 'plan'
    group by mapping.capability_id
),

alone as (
    select
        served.vendor_id,
        count(*) as capability_count,
        count(*) filter (where capability.is_critical) as critical_count,
        list(coalesce(capability.capability_name, served.capability_id) order by capability.capability_name, served.capability_id) as capabilities
    from served
    left join core.capability as capability on served.capability_id = capability.capability_id
    where served.vendor_count = 1 and not served.is_unknown and served.capability_id in (select link.capability_id from core.priority_capability as link)
    group by served.vendor_id
),

tool as (
    select vendor_id, count(*) as tool_count
    from core.tool
    where vendor_id is not null and coalesce(lifecycle, '') <> 'plan'
    group by vendor_id
)

select
    vendor.vendor_id,
    vendor.vendor_name,
    cast(coalesce(paid.amount, 0) as decimal(18, 4)) as spend_12m_amount, -- Money paid to it in the 12 months.
    cast(round(cast(coalesce(paid.amount, 0) as double) / nullif(cast(total.amount as double), 0), 10) as decimal(18, 10)) as share_of_total, -- Of all money of the 12 months; null where that is zero.
    coalesce(paid.amount > 0 and paid.amount >= threshold.value * total.amount, false) as is_concentrated, -- It gets at least the threshold vendor_money_share of all money.
    coalesce(tool.tool_count, 0) as tool_count, -- Its tools that are known and not merely planned.
    coalesce(alone.capability_count, 0) as sole_capability_count, -- Capabilities that a priority needs and that only its tools serve.
    coalesce(alone.critical_count, 0) as sole_critical_count, -- Critical ones among them.
    coalesce(alone.capabilities, cast([] as varchar[])) as sole_capabilities, -- Their names, sorted.
    coalesce(contract.contract_count, 0) as contract_count, -- Its running contracts.
    cast(contract.annual as decimal(18, 4)) as annual_amount, -- What they cost a year; null where none tells.
    cast(contract.committed as decimal(18, 4)) as committed_amount, -- Money bound until their earliest exits, at today's prices.
    contract.first_exit_on, -- Earliest day on which one of them can end.
    contract.last_exit_on, -- Day on which all can have ended.
    vendor.is_reseller,
    cast(coalesce(paid.row_count, 0) as bigint) as ledger_row_count, -- Ledger rows behind the money.
    paid.provenance_mix -- Shares of the money by how it came to be known; null where there is none.
from core.vendor as vendor
cross join total
left join settings.threshold as threshold on threshold.name = 'vendor_money_share'
left join paid on vendor.vendor_id = paid.vendor_id
left join contract on vendor.vendor_id = contract.vendor_id
left join alone on vendor.vendor_id = alone.vendor_id
left join tool on vendor.vendor_id = tool.vendor_id
where paid.vendor_id is not null or contract.vendor_id is not null
order by spend_12m_amount desc, vendor.vendor_id
