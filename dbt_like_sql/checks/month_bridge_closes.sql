-- Every cent between two months has a cause.

select
    capability_id,
    priority_id,
    opening_amount,
    closing_amount,
    residual_amount,
    coalesce(capability_id, 'unmapped') || ' for ' || coalesce(priority_id, 'no priority') || ': ' || residual_amount
    || ' of the change from ' || opening_amount || ' to ' || closing_amount || ' has no cause' as message -- What is wrong, for people.
from marts.month_bridge
where residual_amount <> 0
