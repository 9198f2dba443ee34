-- What a year of one risk may cost and who answers for it; the row without id is a year of all risks together.
-- grain: risk_id
-- figure: record

select
    risk_id,
    risk_name,
    capability_name,
    state,
    missing,
    annual_loss_amount,
    p95_amount,
    p99_amount,
    control_cost_amount,
    control_count,
    working_control_count,
    treatment,
    risk_owner_name
from marts.risk_money
order by risk_id is not null, annual_loss_amount desc nulls last, risk_id
