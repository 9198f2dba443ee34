-- A capability that a priority needs, with the share of the capability's money that counts for the priority.
-- grain: priority_id, capability_id

with link as (
    select
        priority_id,
        capability_id,
        min_by(required_level, source) as required_level,
        min_by(weight, source) as weight,
        min_by(business_owner_id, source) as business_owner_id,
        min_by(it_owner_id, source) as it_owner_id
    from raw.priority_capability
    group by all
),

-- A capability whose weights are all 0 serves its priorities alike.
weighed as (
    select
        *,
        cast(
            if(sum(weight) over capability > 0, least(weight, 1000000000000000), 1) * 1000000 as hugeint
        ) as part
    from link
    window capability as (partition by capability_id)
),

divided as (
    select
        *,
        part * 10000000000 // sum(part) over capability as units,
        part * 10000000000 % sum(part) over capability as rest
    from weighed
    window capability as (partition by capability_id)
),

ranked as (
    select
        *,
        10000000000 - sum(units) over (partition by capability_id) as left_over,
        row_number() over (partition by capability_id order by rest desc, priority_id) as place
    from divided
)

select
    priority_id,
    capability_id,
    required_level, -- How well it must be covered, 0 to 1.
    weight, -- How much of the capability serves this priority, beside its others.
    cast(
        cast(units + if(place <= left_over, 1, 0) as decimal(38, 0)) * 0.0000000001 as decimal(18, 10)
    ) as priority_share, -- Share of the capability's money that counts for the priority; the shares of a capability add up to 1.
    business_owner_id, -- Who in the business answers for the link.
    it_owner_id -- Who in IT answers for the link.
from ranked
