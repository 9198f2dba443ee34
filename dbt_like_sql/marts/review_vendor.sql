-- One pair of vendors that may be one: a question for a person, the one that moves most money first. A row in
-- vendor_alias answers it; «alias, the same name again» keeps a spelling apart.
-- grain: left_vendor_id, right_vendor_id

with pair as (
    select
        least(one.vendor_id, other.vendor_id) as left_vendor_id,
        greatest(one.vendor_id, other.vendor_id) as right_vendor_id,
        max_by(found.match_method, (found.match_confidence, found.match_evidence)) as method,
        max(found.match_confidence) as confidence,
        max_by(found.match_evidence, (found.match_confidence, found.match_evidence)) as evidence
    from settings.vendor_candidate as found
    inner join staging.vendor_name as one on found.left_key = one.vendor_key and one.origin is not null and one.method <> 'alias'
    inner join staging.vendor_name as other on found.right_key = other.vendor_key and other.origin is not null and other.method <> 'alias'
    where one.vendor_id <> other.vendor_id
    group by all
),

spent as (
    select vendor_id, sum(billed_amount) as billed_amount
    from core.spend_line
    group by vendor_id
)

select
    pair.left_vendor_id, -- One of the two.
    pair.right_vendor_id, -- The other.
    one.vendor_name as left_vendor_name, -- The name of one.
    other.vendor_name as right_vendor_name, -- The name of the other.
    pair.method, -- The rule that found them.
    cast(pair.confidence as decimal(18, 10)) as confidence, -- How likely they are one, 0 to 1.
    pair.evidence, -- What speaks for it, in words.
    least(coalesce(left_spent.billed_amount, 0), coalesce(right_spent.billed_amount, 0)) as money_at_stake_amount -- Spend of the smaller of the two: what would move to the other.
from pair
inner join core.vendor as one on pair.left_vendor_id = one.vendor_id
inner join core.vendor as other on pair.right_vendor_id = other.vendor_id
left join spent as left_spent on pair.left_vendor_id = left_spent.vendor_id
left join spent as right_spent on pair.right_vendor_id = right_spent.vendor_id
