-- The bill of IT: what one unit bears of a month's technology cost for one capability, as booked and as passed on by pools of
-- shared cost. What no unit bears stands on rows without a unit, so that the bill of all is the ledger.
-- grain: month, org_unit_id, capability_id

select
    bill.month,
    bill.org_unit_id,
    unit.org_unit_name,
    bill.capability_id,
    capability.capability_name,
    cast(coalesce(sum(bill.cost_amount) filter (where bill.cost_kind = 'direct'), 0) as decimal(18, 4)) as direct_amount, -- Booked there.
    cast(coalesce(sum(bill.cost_amount) filter (where bill.cost_kind = 'allocated'), 0) as decimal(18, 4)) as allocated_amount, -- Its part of shared cost.
    cast(coalesce(sum(bill.cost_amount) filter (where bill.cost_kind = 'unused'), 0) as decimal(18, 4)) as unused_amount, -- Capacity that is paid for and nobody uses; borne by no unit.
    cast(coalesce(sum(bill.cost_amount) filter (where bill.cost_kind = 'not_allocated'), 0) as decimal(18, 4)) as not_allocated_amount, -- Shared cost whose driver knows nobody in the month.
    cast(sum(bill.cost_amount) as decimal(18, 4)) as cost_amount, -- All of it.
    unit.headcount,
    string_agg(distinct bill.pool_id, ', ' order by bill.pool_id) as pools -- The pools that passed cost on to it; null: none.
from marts.allocated_month as bill
left join core.org_unit as unit on unit.org_unit_id = bill.org_unit_id
left join core.capability as capability on capability.capability_id = bill.capability_id
group by bill.month, bill.org_unit_id, unit.org_unit_name, bill.capability_id, capability.capability_name, unit.headcount
