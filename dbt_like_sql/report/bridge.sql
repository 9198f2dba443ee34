-- From the money of the month before to that of this month: where it began, one cause with what it added, or where it ended.
-- grain: cause
-- figure: sum

with by_subject as (
    select changed_by, cause, subject, sum(change_amount) as amount, count(*) as item_count
    from marts.bridge_item
    group by changed_by, cause, subject
),

told as (
    select
        changed_by,
        cause,
        sum(amount) as amount,
        sum(item_count) as item_count,
        array_to_string(list(subject order by abs(amount) desc, subject)[:3], ', ') as largest
    from by_subject
    group by changed_by, cause
    union all
    select unnest(['opening', 'closing']), unnest(['opening', 'closing']), unnest([sum(opening_amount), sum(closing_amount)]), count(*), null
    from marts.month_bridge
    having count(*) > 0
),

ends as (
    select any_value(before_month) as before_month, any_value(basis) as basis
    from marts.month_bridge
)

select
    told.changed_by, -- opening: the month before. world: what is bought changed. books: what is known of the month before changed. ours: how it is counted changed. closing: this month.
    told.cause, -- The cause, as in marts.bridge_item; opening and closing are the two months.
    cast(told.amount as decimal(18, 4)) as change_amount, -- What the cause adds; of opening and closing the month's money.
    cast(told.item_count as bigint) as item_count, -- Tools, vendors or accounts with their capability and priority behind it.
    told.largest, -- Those that moved most, up to three.
    ends.before_month, -- The month before.
    ends.basis -- closed | published: the state of the version that the month before is taken from. recomputed: nothing was published of it, so that only the world's changes can be told.
from told
cross join ends
order by array_position(['opening', 'world', 'books', 'ours', 'closing'], told.changed_by), abs(told.amount) desc, told.cause
