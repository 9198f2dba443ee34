-- One tool or application: in the register, or found because something is paid, licensed or used under its name. Where
-- several registers know it, each field is of the first that fills it, in order of source and number.
-- grain: tool_id

with registered as (
    select
        staging.tool_name.tool_id,
        min_by(raw.tool.name, (raw.tool.source, raw.tool.tool_id)) as tool_name,
        min_by(staging.vendor_name.vendor_id, (raw.tool.source, raw.tool.tool_id)) as vendor_id,
        min_by(raw.tool.category, (raw.tool.source, raw.tool.tool_id)) as category,
        min_by(raw.tool.description, (raw.tool.source, raw.tool.tool_id)) as description,
        min_by(raw.tool.kind, (raw.tool.source, raw.tool.tool_id)) as kind,
        min_by(raw.tool.lifecycle, (raw.tool.source, raw.tool.tool_id)) as lifecycle,
        min_by(raw.tool.business_owner, (raw.tool.source, raw.tool.tool_id)) as business_owner,
        min_by(raw.tool.it_owner, (raw.tool.source, raw.tool.tool_id)) as it_owner,
        min_by(raw.tool.criticality, (raw.tool.source, raw.tool.tool_id)) as criticality,
        min_by(raw.tool.functional_fit, (raw.tool.source, raw.tool.tool_id)) as functional_fit,
        min_by(raw.tool.technical_fit, (raw.tool.source, raw.tool.tool_id)) as technical_fit,
        min_by(raw.tool.end_of_life_on, (raw.tool.source, raw.tool.tool_id)) as end_of_life_on
    from raw.tool
    inner join staging.tool_name on staging.tool_name.tool_name_raw = raw.tool.name
    left join staging.vendor_name on staging.vendor_name.vendor_name_raw = raw.tool.vendor_name
    group by staging.tool_name.tool_id
),

sold as (
    select tool_name, vendor_name from raw.contract
    union all
    select tool_name, vendor_name from raw.licence
    union all
    select distinct tool_name, vendor_name from raw.spend_line where tool_name is not null
),

seller as (
    select staging.tool_name.tool_id, min(staging.vendor_name.vendor_id) as vendor_id
    from sold
    inner join staging.tool_name on staging.tool_name.tool_name_raw = sold.tool_name
    inner join staging.vendor_name on staging.vendor_name.vendor_name_raw = sold.vendor_name
    group by staging.tool_name.tool_id
    having count(distinct staging.vendor_name.vendor_id) = 1
),

named as (
    select
        tool_id,
        min_by(tool_name_raw, (method = 'alias', place, tool_name_raw)) as tool_name,
        list_sort(
            list_transform(
                list_filter(list_distinct(flatten(list(places))), lambda kind: kind < 8),
                lambda kind: ['register', 'decision', 'contract', 'licence', 'usage', 'spend', 'outage'][kind]
            )
        ) as sources
    from staging.tool_name
    group by tool_id
    having min(place) < 8
)

select
    named.tool_id,
    coalesce(registered.tool_name, named.tool_name) as tool_name, -- The name shown: of the register, else of a decision, else as first found.
    coalesce(registered.vendor_id, seller.vendor_id) as vendor_id, -- Its vendor: of the register, else the only one that sells it.
    registered.category, -- Product category as the register names it.
    registered.description, -- What it is for.
    registered.kind, -- How it is had: saas, on_prem, service, custom or ai.
    registered.lifecycle, -- Phase of its life: plan, phase_in, active, phase_out or end_of_life.
    registered.business_owner, -- Who in the business answers for it.
    registered.it_owner, -- Who in IT answers for it.
    registered.criticality, -- How much the business depends on it: low, medium, high or critical.
    registered.functional_fit, -- How well it does its job, 0 to 1; null where not assessed.
    registered.technical_fit, -- How sound it is technically, 0 to 1; null where not assessed.
    registered.end_of_life_on, -- Day after which its maker no longer supports it.
    registered.tool_id is not null as is_registered, -- Whether a register of tools knows it.
    named.sources -- Kinds of input that name it.
from named
left join registered using (tool_id)
left join seller using (tool_id)
