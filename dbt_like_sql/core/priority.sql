-- One thing the business wants most.
-- grain: priority_id

with priority as (
    select
        priority_id,
        min_by(name, source) as priority_name,
        min_by(theme, source) as theme,
        min_by(weight, source) as weight,
        min_by(horizon_on, source) as horizon_on,
        min_by(owner_id, source) as owner_id
    from raw.priority
    group by priority_id
)

select
    priority_id,
    priority_name, -- The priority in the words of the business.
    theme, -- What it is about: growth, efficiency, risk, compliance or cost.
    weight, -- How much it matters beside the others.
    case
        when sum(weight) over () > 0
            then cast(cast(weight as double) / cast(sum(weight) over () as double) as decimal(18, 10))
    end as weight_share, -- Its weight as a share of all priorities' weights.
    horizon_on, -- By when.
    owner_id -- Who answers for it.
from priority
