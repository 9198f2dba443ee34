-- One decision of what a tool, vendor, account or cost centre is for, with the share of its money; expired ones are left out.
-- Decisions for a unit stand beside, not on top of, those for all units.
-- grain: subject_kind, subject_id, org_unit_id, capability_id

with decision as (
    select
        raw.mapping.subject_kind,
        case raw.mapping.subject_kind
            when 'tool' then staging.tool_name.tool_id
            when 'vendor' then staging.vendor_name.vendor_id
            else lower(raw.mapping.subject)
        end as subject_id,
        raw.mapping.org_unit_id,
        raw.mapping.capability_id,
        min_by(
            struct_pack(
                weight := raw.mapping.weight,
                role := raw.mapping.role,
                fit := raw.mapping.fit,
                author := raw.mapping.author,
                decided_on := raw.mapping.decided_on,
                expires_on := raw.mapping.expires_on
            ),
            (raw.mapping.source, raw.mapping.subject)
        ) as chosen
    from raw.mapping
    cross join settings.run
    left join staging.tool_name
        on raw.mapping.subject_kind = 'tool' and staging.tool_name.tool_name_raw = raw.mapping.subject
    left join staging.vendor_name
        on raw.mapping.subject_kind = 'vendor' and staging.vendor_name.vendor_name_raw = raw.mapping.subject
    where raw.mapping.expires_on is null or raw.mapping.expires_on >= settings.run.month
    group by all
),

-- An empty weight counts as 1; a subject whose weights are all 0 is shared out alike.
weighed as (
    select
        *,
        cast(
            if(
                sum(coalesce(chosen.weight, 1)) over subject > 0,
                least(coalesce(chosen.weight, 1), 1000000000000000),
                1
            ) * 1000000 as hugeint
        ) as part
    from decision
    where subject_id is not null
    window subject as (partition by subject_kind, subject_id, org_unit_id)
),

divided as (
    select
        *,
        part * 10000000000 // sum(part) over subject as units,
        part * 10000000000 % sum(part) over subject as rest
    from weighed
    window subject as (partition by subject_kind, subject_id, org_unit_id)
),

ranked as (
    select
        *,
        10000000000 - sum(units) over (partition by subject_kind, subject_id, org_unit_id) as left_over,
        row_number() over (
            partition by subject_kind, subject_id, org_unit_id order by rest desc, capability_id
        ) as place
    from divided
)

select
    subject_kind,
    subject_id, -- What is mapped: a tool's or vendor's id, an account or a cost centre.
    org_unit_id, -- Unit for which this holds; null: all units without a decision of their own.
    capability_id,
    cast(
        cast(units + if(place <= left_over, 1, 0) as decimal(38, 0)) * 0.0000000001 as decimal(18, 10)
    ) as weight_share, -- Share of the subject's money that goes to the capability; the shares of a subject and unit add up to 1.
    chosen.role as role, -- Leading or supporting.
    chosen.fit as fit, -- How well it serves the capability, 0 to 1; null where not assessed.
    chosen.author as author, -- Who decided.
    chosen.decided_on as decided_on, -- When.
    chosen.expires_on as expires_on -- Day after which somebody must look again.
from ranked
