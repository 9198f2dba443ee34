-- One step of the books over all months and sources, in one currency: what came in, and where it went.
-- grain: step, currency
-- figure: sum

select
    books.step,
    books.currency,
    cast(sum(books.records_in) as bigint) as record_count, -- Records that came to the step.
    cast(sum(books.records_quarantined) as bigint) as quarantined_count, -- Records that could not be taken as they are.
    cast(sum(books.amount_in) as decimal(38, 12)) as in_amount, -- Sum of what came to the step.
    cast(sum(books.amount_loaded) as decimal(38, 12)) as loaded_amount, -- Sum of what went on.
    cast(sum(books.amount_quarantined) as decimal(38, 12)) as quarantined_amount, -- Sum of what was quarantined, where amounts can be read.
    cast(sum(books.amount_excluded) as decimal(38, 12)) as excluded_amount, -- Sum of what was left out.
    cast(sum(books.amount_superseded) as decimal(38, 12)) as superseded_amount, -- Sum of what a later delivery replaced.
    cast(sum(books.amount_counted_elsewhere) as decimal(38, 12)) as elsewhere_amount, -- Sum of what another record already counts.
    cast(sum(books.amount_rounding) as decimal(38, 12)) as rounding_amount, -- What rounding to the smallest unit took away.
    cast(sum(books.difference) as decimal(38, 12)) as difference_amount -- What is not accounted for; 0 unless arithmetic lost something.
from audit.books as books
where books.currency is not null
group by books.step, books.currency
order by array_position(['deliver', 'stage', 'convert', 'allocate'], books.step), books.currency
