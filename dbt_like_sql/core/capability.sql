-- One thing the business must be able to do.
-- grain: capability_id

select
    capability_id,
    min_by(name, source) as capability_name, -- The capability's name.
    min_by(parent_id, source) as parent_id, -- The wider capability it is part of.
    coalesce(min_by(is_critical, source), false) as is_critical, -- The business stops without it.
    min_by(business_owner_id, source) as business_owner_id, -- Who in the business answers for it.
    min_by(it_owner_id, source) as it_owner_id, -- Who in IT answers for it.
    min_by(rto_hours, source) as rto_hours, -- Hours after which it must work again, at the latest.
    min_by(rpo_hours, source) as rpo_hours -- Hours of work that may be lost at most.
from raw.capability
group by capability_id
