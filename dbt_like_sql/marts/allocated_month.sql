-- Who bears the cost of one month after shared cost has been passed on: a unit and capability, as booked (direct) or by the
-- driver of a pool (allocated). Pools are those of allocations.csv; one may feed another. The ledger stays what it is: this
-- stands on top of it and adds up to it, month by month, for the 12 months that end with the refreshed month.
-- grain: month, cost_kind, pool_id, org_unit_id, capability_id, provenance

with reporting as (
    select [10000, 1000, 100, 10, 1][coalesce(settings.currency.minor_digits, 2) + 1] as step
    from settings.run
    left join settings.currency on settings.currency.currency = upper(settings.run.reporting_currency)
),

pool as (
    select
        raw.allocation.pool_id,
        min(raw.allocation.driver) as driver,
        min(raw.allocation.driver_tool) as driver_tool,
        min(named.tool_id) as driver_tool_id,
        min(raw.allocation.capability_id) as capability_id,
        cast(min(raw.allocation.capacity) * 1000000 as bigint) as capacity
    from raw.allocation
    left join staging.tool_name as named on lower(named.tool_name_raw) = lower(raw.allocation.driver_tool)
    group by raw.allocation.pool_id
),

parent as (
    select distinct parent_id from core.org_unit where parent_id is not null
),

-- Use and tickets tell the tool; what a tool is for tells the capability, for a unit where a decision is about that unit.
used as (
    select 'active_seats' as driver, cast(null as date) as month, tool_id, org_unit_id, count(*) as unit_count
    from core.usage
    where is_active
    group by tool_id, org_unit_id
    union all
    select 'tickets', ticket.month, ticket.tool_id, ticket.org_unit_id, count(*)
    from core.ticket as ticket
    cross join settings.run as run
    where ticket.tool_id is not null and ticket.month > run.month - interval 12 months
    group by ticket.month, ticket.tool_id, ticket.org_unit_id
),

special as (
    select distinct subject_id as tool_id, org_unit_id from staging.mapping where subject_kind = 'tool' and org_unit_id is not null
),

served as (
    select
        used.driver,
        used.month,
        used.tool_id,
        used.org_unit_id,
        mapping.capability_id,
        cast(round(used.unit_count * 1000000 * coalesce(mapping.weight_share, 1), 0) as bigint) as weight
    from used
    left join special on special.tool_id = used.tool_id and special.org_unit_id = used.org_unit_id
    left join staging.mapping as mapping
        on mapping.subject_kind = 'tool' and mapping.subject_id = used.tool_id and mapping.org_unit_id is not distinct from special.org_unit_id
),

weight as (
    select pool.pool_id, cast(null as date) as month, cast(null as varchar) as to_pool_id, unit.org_unit_id, pool.capability_id, unit.headcount * 1000000 as weight
    from pool
    cross join core.org_unit as unit
    anti join parent on parent.parent_id = unit.org_unit_id
    where pool.driver = 'headcount' and unit.headcount > 0
    union all
    select pool.pool_id, served.month, null, served.org_unit_id, coalesce(pool.capability_id, served.capability_id), cast(sum(served.weight) as bigint)
    from pool
    inner join served on served.driver = pool.driver
    where pool.driver_tool is null or pool.driver_tool_id = served.tool_id
    group by pool.pool_id, served.month, served.org_unit_id, coalesce(pool.capability_id, served.capability_id)
    union all
    select pool.pool_id, null, stated.to_pool_id, stated.org_unit_id, coalesce(stated.capability_id, pool.capability_id), cast(stated.weight * 1000000 as bigint)
    from pool
    inner join raw.allocation_weight as stated on stated.pool_id = pool.pool_id
    where pool.driver = 'stated'
),

money as (
    select month, pool_id, cast(cast(sum(billed_amount) * 10000 as hugeint) // any_value(reporting.step) as bigint) as units
    from marts.cost_month
    cross join reporting
    where pool_id is not null
    group by month, pool_id
),

passed_on as (
    select unnest(allocate(
        (select list(struct_pack(month := money.month, pool_id := money.pool_id, units := money.units) order by money.month, money.pool_id) from money),
        (
            select list(struct_pack(
                pool_id := weight.pool_id,
                month := weight.month,
                to_pool_id := weight.to_pool_id,
                org_unit_id := weight.org_unit_id,
                capability_id := weight.capability_id,
                weight := weight.weight
            ) order by weight.pool_id, weight.month, weight.to_pool_id, weight.org_unit_id, weight.capability_id, weight.weight)
            from weight
        ),
        (select list(struct_pack(pool_id := pool.pool_id, capacity := pool.capacity) order by pool.pool_id) from pool)
    )) as part
),

borne as (
    select month, 'direct' as cost_kind, cast(null as varchar) as pool_id, org_unit_id, capability_id, provenance, cast(null as varchar) as driver, cast(null as bigint) as driver_units, billed_amount
    from marts.cost_month
    where pool_id is null
    union all
    select
        passed_on.part.month,
        passed_on.part.cost_kind,
        passed_on.part.pool_id,
        passed_on.part.org_unit_id,
        passed_on.part.capability_id,
        'allocated',
        pool.driver,
        passed_on.part.driver_units,
        cast(cast(passed_on.part.units * reporting.step as decimal(18, 0)) * 0.0001 as decimal(18, 4))
    from passed_on
    cross join reporting
    inner join pool on pool.pool_id = passed_on.part.pool_id
)

select
    month, -- First of the month of posting.
    cost_kind, -- direct: borne where it was booked. allocated: passed on by a pool's driver. unused: capacity of a pool that nobody uses. not_allocated: the driver knows nobody in that month.
    pool_id, -- The pool that passed it on last; null where direct.
    org_unit_id, -- Who bears it; null where no line or driver tells.
    capability_id, -- What it is for; null where nothing tells.
    provenance, -- How the amount came to be known; what a pool passed on is allocated.
    any_value(driver) as driver, -- By what the pool is shared out: headcount, active_seats, tickets or stated.
    cast(sum(driver_units) as decimal(18, 0)) * 0.000001 as driver_units, -- Units of the driver behind it: people, active seats, tickets or weights.
    cast(sum(billed_amount) as decimal(18, 4)) as cost_amount -- Its part, in the reporting currency.
from borne
group by month, cost_kind, pool_id, org_unit_id, capability_id, provenance
