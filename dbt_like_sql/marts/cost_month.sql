-- The ledger of the 12 months that end with the refreshed month, added up by what kind of cost it is: the cost pool and
-- run/grow/transform of the TBM taxonomy, as the source of a line says, else as cost_classes.csv does for its initiative, tool,
-- vendor, account or cost centre, else not_known; and by the pool of shared cost that it goes into.
-- grain: month, org_unit_id, capability_id, pool_id, cost_pool, cost_pool_method, run_grow_transform, run_grow_transform_method, provenance

with named as (
    select 'tool' as subject_kind, lower(tool_name_raw) as subject, min(tool_id) as subject_id
    from staging.tool_name
    group by lower(tool_name_raw)
    union all
    select 'vendor', lower(vendor_name_raw), min(vendor_id)
    from staging.vendor_name
    group by lower(vendor_name_raw)
),

decision as (
    select subject_kind, lower(subject) as subject, cost_pool, run_grow_transform, null as pool_id
    from raw.cost_class
    union all
    select subject_kind, lower(subject), null, null, pool_id
    from raw.allocation
    where subject_kind is not null and subject is not null
),

rule as (
    select
        decision.subject_kind,
        coalesce(named.subject_id, decision.subject) as subject_id,
        min(decision.cost_pool) as cost_pool,
        min(decision.run_grow_transform) as run_grow_transform,
        min(decision.pool_id) as pool_id
    from decision
    left join named on named.subject_kind = decision.subject_kind and named.subject = decision.subject
    group by decision.subject_kind, coalesce(named.subject_id, decision.subject)
)

select
    ledger.month,
    ledger.org_unit_id,
    ledger.capability_id,
    coalesce(tool.pool_id, vendor.pool_id, account.pool_id, center.pool_id, capability.pool_id) as pool_id, -- The pool of shared cost that the money goes into; null: it is borne where it was booked.
    coalesce(ledger.cost_pool, initiative.cost_pool, tool.cost_pool, vendor.cost_pool, account.cost_pool, center.cost_pool, 'not_known') as cost_pool, -- Cost pool of the TBM taxonomy; not_known where neither source nor decision says.
    case
        when ledger.cost_pool is not null then 'source'
        when initiative.cost_pool is not null then 'initiative'
        when tool.cost_pool is not null then 'tool'
        when vendor.cost_pool is not null then 'vendor'
        when account.cost_pool is not null then 'gl_account'
        when center.cost_pool is not null then 'cost_center'
    end as cost_pool_method, -- What says so: the source, or a decision about the initiative, tool, vendor, gl_account or cost_center; null: nothing.
    coalesce(
        ledger.run_grow_transform,
        initiative.run_grow_transform,
        tool.run_grow_transform,
        vendor.run_grow_transform,
        account.run_grow_transform,
        center.run_grow_transform,
        'not_known'
    ) as run_grow_transform, -- run | grow | transform | not_known
    case
        when ledger.run_grow_transform is not null then 'source'
        when initiative.run_grow_transform is not null then 'initiative'
        when tool.run_grow_transform is not null then 'tool'
        when vendor.run_grow_transform is not null then 'vendor'
        when account.run_grow_transform is not null then 'gl_account'
        when center.run_grow_transform is not null then 'cost_center'
    end as run_grow_transform_method, -- What says so; null: nothing.
    ledger.provenance,
    cast(coalesce(sum(ledger.billed_amount), 0) as decimal(18, 4)) as billed_amount, -- Posted in the month.
    count(*) as ledger_row_count -- Ledger rows behind it.
from core.ledger as ledger
cross join settings.run as run
left join rule as initiative on initiative.subject_kind = 'initiative' and initiative.subject_id = lower(ledger.initiative_id)
left join rule as tool on tool.subject_kind = 'tool' and tool.subject_id = ledger.tool_id
left join rule as vendor on vendor.subject_kind = 'vendor' and vendor.subject_id = ledger.vendor_id
left join rule as account on account.subject_kind = 'gl_account' and account.subject_id = lower(ledger.gl_account)
left join rule as center on center.subject_kind = 'cost_center' and center.subject_id = lower(ledger.cost_center)
left join rule as capability on capability.subject_kind = 'capability' and capability.subject_id = lower(ledger.capability_id)
where ledger.month > run.month - interval 12 months and ledger.month <= run.month
group by all
