-- One capability and priority to which a subject of decisions sends money: a tool, vendor, account or cost centre, for a unit
-- or for all. A capability's part is shared out over the priorities it serves.
-- grain: subject_number, nth

with target as (
    select
        staging.mapping.subject_kind,
        staging.mapping.subject_id,
        staging.mapping.org_unit_id,
        staging.mapping.capability_id,
        core.priority_capability.priority_id,
        cast(staging.mapping.weight_share * 10000000000 as hugeint)
        * cast(coalesce(core.priority_capability.priority_share, 1) * 10000000000 as hugeint) as part
    from staging.mapping
    left join core.priority_capability using (capability_id)
),

-- The product of two shares of 10 decimals has 20: the shares of a subject are rounded to 10 so that they still add up to 1.
divided as (
    select
        *,
        10000000000 - sum(part // 10000000000) over subject as left_over,
        row_number() over (
            partition by subject_kind, subject_id, org_unit_id order by part % 10000000000 desc, capability_id, priority_id
        ) as place
    from target
    window subject as (partition by subject_kind, subject_id, org_unit_id)
)

select
    dense_rank() over (order by subject_kind, subject_id, org_unit_id) as subject_number, -- Number of the subject and unit.
    row_number() over (
        partition by subject_kind, subject_id, org_unit_id order by capability_id, priority_id
    ) as nth, -- Place of the target among those of its subject.
    subject_kind,
    subject_id,
    org_unit_id,
    capability_id,
    priority_id,
    cast(part // 10000000000 + if(place <= left_over, 1, 0) as bigint) as unit -- Share of the subject's money, in units of the 10th decimal; the units of a subject add up to 10,000,000,000.
from divided
