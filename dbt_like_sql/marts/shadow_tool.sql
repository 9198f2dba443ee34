-- One tool that is paid or signed in to and stands in no register; or a vendor known to make software, paid for no tool of
-- the register. With the rows it rests on: 12 months of spend, and everybody who has access. Without any register delivered
-- nothing is a shadow, and the state says so.
-- grain: subject_kind, subject_id

with delivered as (
    select
        exists (select 1 from raw.tool) as has_register,
        exists (select 1 from raw.usage) as has_usage
),

line as (
    select
        core.spend_line.tool_id,
        core.spend_line.vendor_id,
        core.spend_line.billed_amount,
        core.spend_line.month,
        core.spend_line.source_file
    from core.spend_line
    cross join settings.run
    where core.spend_line.month > settings.run.month - interval 12 month and core.spend_line.line_kind = 'line'
),

unregistered as (
    select tool_id, tool_name, vendor_id from core.tool where not is_registered
),

paid as (
    select
        'tool' as subject_kind,
        line.tool_id as subject_id,
        line.*
    from line
    semi join unregistered using (tool_id)
    union all
    select 'vendor', line.vendor_id, line.*
    from line
    where
        line.tool_id is null
        and line.vendor_id in (
            select staging.vendor_name.vendor_id
            from staging.vendor_name
            inner join settings.product_name
                on trim(regexp_replace(lower(strip_accents(settings.product_name.maker)), '[^\p{L}\p{N}+#]+', ' ', 'g')) = staging.vendor_name.vendor_key
        )
        and line.vendor_id not in (select vendor_id from core.tool where is_registered and vendor_id is not null)
),

spend as (
    select
        subject_kind,
        subject_id,
        count(*) as spend_line_count,
        sum(billed_amount) as billed_amount,
        min(month) as first_spend_month,
        max(month) as last_spend_month,
        list_sort(list(distinct source_file)) as spend_files
    from paid
    group by all
),

access as (
    select
        core.usage.tool_id,
        count(*) as person_count,
        count(*) filter (where core.usage.is_active) as active_person_count,
        max(core.usage.last_active_on) as last_active_on
    from core.usage
    semi join unregistered using (tool_id)
    group by core.usage.tool_id
),

signed as (
    select staging.tool_name.tool_id, list_sort(list(distinct raw.usage.source_file)) as usage_files
    from raw.usage
    inner join staging.tool_name on staging.tool_name.tool_name_raw = raw.usage.tool_name
    semi join unregistered using (tool_id)
    group by staging.tool_name.tool_id
),

asked as (
    select tool_id, count(*) as ticket_count from core.ticket where tool_id is not null group by tool_id
),

bundled as (
    select staging.tool_part.tool_id, min(core.tool.tool_name) as bundle_name
    from staging.tool_part
    inner join core.tool on core.tool.tool_id = staging.tool_part.bundle_tool_id and core.tool.is_registered
    group by staging.tool_part.tool_id
),

found as (
    select
        coalesce(spend.subject_kind, 'tool') as subject_kind,
        coalesce(spend.subject_id, access.tool_id) as subject_id,
        spend.* exclude (subject_kind, subject_id),
        access.* exclude (tool_id)
    from spend
    full join access on spend.subject_kind = 'tool' and spend.subject_id = access.tool_id
)

select
    found.subject_kind, -- tool, or vendor where the lines name no tool.
    found.subject_id, -- Its id.
    coalesce(unregistered.tool_name, core.vendor.vendor_name) as subject_name, -- Its name.
    coalesce(unregistered.vendor_id, if(found.subject_kind = 'vendor', found.subject_id, null)) as vendor_id, -- The vendor; null where nobody says who sells it.
    case
        when not delivered.has_register then 'cannot_tell'
        when bundled.bundle_name is not null then 'in_bundle'
        else 'shadow'
    end as state, -- shadow; in_bundle: it comes with a registered tool; cannot_tell: no register was delivered.
    bundled.bundle_name, -- The registered tool that it comes with; null: none known.
    coalesce(found.spend_line_count, 0) as spend_line_count, -- Spend lines of the 12 months.
    cast(coalesce(found.billed_amount, 0) as decimal(18, 4)) as billed_amount, -- Their money, in the reporting currency.
    found.first_spend_month, -- Month of the first of them.
    found.last_spend_month, -- Month of the last.
    found.spend_files, -- Files that hold them.
    if(delivered.has_usage and found.subject_kind = 'tool', coalesce(found.person_count, 0), null) as person_count, -- People who have access; null where no sign-ins were delivered, and for vendors.
    if(delivered.has_usage and found.subject_kind = 'tool', coalesce(found.active_person_count, 0), null) as active_person_count, -- Those who used it in the last 90 days.
    found.last_active_on, -- Day of the last use known.
    signed.usage_files, -- Files that hold the sign-ins.
    coalesce(asked.ticket_count, 0) as ticket_count -- Tickets about it.
from found
cross join delivered
left join unregistered on found.subject_kind = 'tool' and unregistered.tool_id = found.subject_id
left join core.vendor on found.subject_kind = 'vendor' and core.vendor.vendor_id = found.subject_id
left join signed on found.subject_kind = 'tool' and signed.tool_id = found.subject_id
left join asked on found.subject_kind = 'tool' and asked.tool_id = found.subject_id
left join bundled on found.subject_kind = 'tool' and bundled.tool_id = found.subject_id
order by billed_amount desc, person_count desc, subject_name, found.subject_id
