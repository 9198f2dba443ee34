-- The tie of one source to the general ledger, in one currency: control totals of 12 months that finance gave, beside what
-- the lines of the same months and accounts add up to.
-- grain: source, currency
-- figure: sum

select
    control.source, -- The source; null for totals over all sources.
    control.currency,
    count(control.control_amount) as control_count, -- Control totals given.
    count(*) filter (where control.state = 'tied') as tied_count, -- Those that agree to the last digit.
    count(*) filter (where control.state = 'without_control') as untied_month_count, -- Months without a control total.
    cast(coalesce(sum(control.control_amount), 0) as decimal(38, 12)) as control_amount, -- Sum of the control totals.
    cast(coalesce(sum(control.counted_amount) filter (where control.control_amount is not null), 0) as decimal(38, 12)) as counted_amount, -- What the lines they are held against add up to.
    cast(coalesce(sum(control.difference), 0) as decimal(38, 12)) as difference_amount, -- What finance has beyond the lines.
    cast(coalesce(sum(control.counted_amount) filter (where control.control_amount is null), 0) as decimal(38, 12)) as uncontrolled_amount -- Lines of months without a control total.
from audit.control_total as control
cross join settings.run as run
where control.month > run.month - interval 12 months and control.month <= run.month
group by control.source, control.currency
order by control.source nulls first, control.currency
