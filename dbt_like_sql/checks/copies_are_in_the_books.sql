-- Every purchase that was found twice stands in the books as counted elsewhere, and nothing else is there under its rule: line for line, and to the cent.

with told as (
    select
        copy_source as source,
        copy_file as source_file,
        cast(date_trunc('month', copy_posted_on) as date) as month,
        upper(currency) as currency,
        count(*) as record_count,
        sum(copy_amount) as amount
    from settings.purchase_match
    where match_state = 'matched'
    group by all
),

booked as (
    select source, source_file, month, upper(currency) as currency, sum(record_count) as record_count, sum(amount) as amount
    from audit.record
    where status = 'counted_elsewhere' and starts_with(rule, 'the same purchase in ')
    group by all
)

select
    coalesce(told.source, booked.source) as source,
    coalesce(told.source_file, booked.source_file) as source_file,
    coalesce(told.month, booked.month) as month,
    coalesce(told.currency, booked.currency) as currency,
    told.amount as matched_amount,
    booked.amount as booked_amount,
    coalesce(told.source_file, booked.source_file) || ': ' || coalesce(told.record_count, 0) || ' lines were matched with another source, '
    || coalesce(booked.record_count, 0) || ' are booked as counted elsewhere' as message -- What is wrong, for people.
from told
full join booked using (source, source_file, month, currency)
where told.record_count is distinct from booked.record_count or told.amount is distinct from booked.amount
