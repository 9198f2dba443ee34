-- Money of 12 months by one class of one way to divide it: capital and operating expenditure as the sources say, fixed and
-- variable by contracts and metering, and what runs, grows or transforms the business as sources or cost_classes.csv say. The
-- classes of a split add up to all money.
-- grain: split, class
-- figure: sum

with posted as (
    select
        ledger.capex_opex,
        case when ledger.one_time then 'once' else coalesce(metered.behaviour, covered.behaviour) end as cost_behaviour,
        sum(ledger.billed_amount) as amount
    from core.ledger as ledger
    cross join settings.run as run
    left join report.cost_behaviour as metered on ledger.source = metered.source
    left join report.cost_behaviour as covered on ledger.tool_id = covered.tool_id and ledger.month = covered.month
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month
    group by all
),

amount as (
    select 'capex_opex' as split, capex_opex as class, amount
    from posted
    union all
    select 'cost_behaviour', cost_behaviour, amount
    from posted
    union all
    select 'run_grow_transform', nullif(run_grow_transform, 'not_known'), billed_amount
    from marts.cost_month
)

select
    split, -- capex_opex, cost_behaviour or run_grow_transform.
    class, -- capex, opex; fixed, variable, once; run, grow, transform; null where nobody says.
    cast(coalesce(sum(amount), 0) as decimal(18, 4)) as spend_12m_amount -- Posted in the 12 months that end with the refreshed month.
from amount
group by split, class
order by split, class is null, spend_12m_amount desc, class
