-- One capability and priority to which a subject sends money: a tool, vendor, account or cost centre that a decision maps, for
-- a unit or for all, or an initiative by its own capabilities. A capability's part is shared out over the priorities it serves;
-- an initiative's money is for the initiative's own priority, where it names one.
-- grain: subject_number, nth

with improved as (
    select
        initiative_id,
        capability_id,
        10000000000 // count(*) over initiative as units,
        10000000000 % count(*) over initiative as left_over,
        row_number() over (partition by initiative_id order by capability_id) as place
    from core.initiative_capability
    window initiative as (partition by initiative_id)
),

target as (
    select
        'initiative' as subject_kind,
        improved.initiative_id as subject_id,
        cast(null as varchar) as org_unit_id,
        improved.capability_id,
        coalesce(core.initiative.priority_id, link.priority_id) as priority_id,
        cast(improved.units + if(improved.place <= improved.left_over, 1, 0) as hugeint)
        * cast(coalesce(link.priority_share, 1) * 10000000000 as hugeint) as part
    from improved
    inner join core.initiative using (initiative_id)
    left join core.priority_capability as link
        on core.initiative.priority_id is null and link.capability_id = improved.capability_id
    union all
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
    subject_kind, -- What the subject is: initiative, tool, vendor, gl_account or cost_center.
    subject_id, -- Its id or number.
    org_unit_id, -- Unit for which this holds; null: all units without a decision of their own.
    capability_id, -- The capability that the money is for.
    priority_id, -- The priority that the capability, or the initiative, serves; null where none.
    cast(part // 10000000000 + if(place <= left_over, 1, 0) as bigint) as unit -- Share of the subject's money, in units of the 10th decimal; the units of a subject add up to 10,000,000,000.
from divided
