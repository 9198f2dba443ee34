-- A tool that goes is counted once, with no more than the run-rate that its contracts or its recurring money hold, and no tool
-- stays in one counted finding and goes in another.

with counted as (
    select tool_id, count(*) as finding_count, sum(counted_amount) as amount
    from marts.saving
    where counted_amount <> 0
    group by tool_id
),

contracted as (
    select tool_id, sum(annual_amount) as amount
    from core.contract
    where annual_amount > 0
    group by tool_id
),

recurring as (
    select ledger.tool_id, sum(ledger.billed_amount) as amount
    from core.ledger as ledger
    inner join counted on ledger.tool_id = counted.tool_id
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month and not coalesce(ledger.one_time, false) and coalesce(ledger.capex_opex, 'opex') <> 'capex'
    group by ledger.tool_id
),

held as (
    select
        counted.tool_id,
        counted.finding_count,
        counted.amount,
        greatest(coalesce(contracted.amount, 0), coalesce(recurring.amount, 0)) as run_rate,
        counted.tool_id in (select kept_tool_id from marts.saving where counted_amount <> 0) as is_kept
    from counted
    left join contracted on counted.tool_id = contracted.tool_id
    left join recurring on counted.tool_id = recurring.tool_id
)

select
    tool_id,
    finding_count, -- Findings that count the tool's money.
    amount as counted_amount, -- What they count.
    run_rate as run_rate_amount, -- What a year of the tool costs at most.
    'the tool ' || tool_id || ' is counted in ' || finding_count || ' savings with ' || amount || ' of a run-rate of ' || run_rate
    || if(is_kept, ', and stays in another', '') as message -- What is wrong, for people.
from held
where finding_count > 1 or amount > run_rate or amount < 0 or is_kept
