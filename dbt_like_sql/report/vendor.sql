-- One vendor that was paid in 12 months or has a running contract: its share of all money, what only it does, and what is bound.
-- grain: vendor_id
-- figure: sum

select
    vendor_id,
    vendor_name,
    spend_12m_amount,
    share_of_total,
    is_concentrated,
    nullif(array_to_string(sole_capabilities, ', '), '') as sole_names, -- Names of the capabilities that only its tools serve; null without one.
    committed_amount,
    last_exit_on
from marts.vendor_concentration
order by spend_12m_amount desc, vendor_id
