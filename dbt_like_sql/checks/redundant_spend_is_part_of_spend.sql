-- What overlap calls extra is money that the ledger holds for the other tools and that capability.

with extra as (
    select capability_id, kept_tool_id, extra_cost_amount, unnest(tool_ids) as tool_id
    from marts.overlap
),

spent as (
    select ledger.capability_id, ledger.tool_id, sum(ledger.billed_amount) as amount
    from core.ledger as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month
    group by ledger.capability_id, ledger.tool_id
)

select
    extra.capability_id,
    extra.extra_cost_amount,
    coalesce(sum(spent.amount) filter (where spent.amount > 0), 0) as others_amount, -- What the ledger holds for the tools beside the kept one.
    'capability ' || extra.capability_id || ': ' || extra.extra_cost_amount || ' is called extra, but the tools beside the kept one cost '
    || coalesce(sum(spent.amount) filter (where spent.amount > 0), 0) as message -- What is wrong, for people.
from extra
left join spent on extra.capability_id = spent.capability_id and extra.tool_id = spent.tool_id and extra.tool_id <> extra.kept_tool_id
group by extra.capability_id, extra.extra_cost_amount
having extra.extra_cost_amount < 0 or extra.extra_cost_amount > coalesce(sum(spent.amount) filter (where spent.amount > 0), 0)
