-- What came in is what was loaded, quarantined, excluded, superseded, counted elsewhere or rounded, to the last digit.

select
    month,
    source,
    currency,
    step,
    amount_in,
    difference,
    'the books of ' || source || ' do not close: ' || rtrim(rtrim(cast(difference as varchar), '0'), '.') || ' ' || coalesce(currency, 'in no known currency') || ' of '
    || coalesce(strftime(month, '%Y-%m'), 'no known month') || ' is lost or made at the step ' || step as message -- What is wrong, for people.
from audit.books
where difference <> 0
