-- Where the fiscal year will end for one general-ledger account: what is posted, what running contracts still bill, and the
-- mean month of other money for each month left, beside the budget of the year. The row without account is money that names none.
-- grain: gl_account
-- figure: sum

select
    subject_id as gl_account, -- Number of the account; null where lines or budget name none.
    spend_amount,
    contracted_amount,
    run_rate_amount,
    forecast_amount,
    budget_year_amount,
    forecast_variance_amount
from marts.budget_variance
where subject_kind = 'gl_account'
order by abs(coalesce(forecast_variance_amount, 0)) desc, gl_account nulls last
