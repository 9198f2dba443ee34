-- One tool of the register for which 12 months show no spend, no user and no ticket; with what was looked at, and what
-- there was before. Where a kind of evidence was not delivered at all, nobody can tell, and the state says so.
-- grain: tool_id

with delivered as (
    select
        exists (select 1 from raw.spend_line) as has_spend,
        exists (select 1 from raw.usage) or exists (select 1 from raw.licence where seats_active is not null) as has_usage,
        exists (select 1 from raw.ticket) as has_tickets,
        cast(settings.run.month - interval 11 month as date) as since_month
    from settings.run
),

entry as (
    select
        staging.tool_name.tool_id,
        bool_and(raw.tool.sso) as sso,
        min_by(raw.tool.source_file, (raw.tool.source, raw.tool.tool_id)) as source_file,
        min_by(raw.tool.source_row, (raw.tool.source, raw.tool.tool_id)) as source_row
    from raw.tool
    inner join staging.tool_name on staging.tool_name.tool_name_raw = raw.tool.name
    group by staging.tool_name.tool_id
),

spend as (
    select
        tool_id,
        max(month) as last_spend_month,
        cast(sum(billed_amount) as decimal(18, 4)) as earlier_amount
    from core.spend_line
    where tool_id is not null
    group by tool_id
),

people as (
    select tool_id, count(*) as person_count, max(last_active_on) as last_active_on
    from core.usage
    group by tool_id
),

seat as (
    select tool_id, sum(seats_purchased) as seats_purchased, sum(seats_active) as seats_active
    from core.licence
    where tool_id is not null
    group by tool_id
),

asked as (
    select tool_id, max(month) as last_ticket_month from core.ticket where tool_id is not null group by tool_id
),

agreed as (
    select tool_id, count(*) as contract_count, sum(annual_amount) as contracted_amount
    from core.contract
    where tool_id is not null and coalesce(status, 'active') = 'active'
    group by tool_id
),

bundled as (
    select staging.tool_part.tool_id, min(core.tool.tool_name) as bundle_name
    from staging.tool_part
    inner join core.tool on core.tool.tool_id = staging.tool_part.bundle_tool_id
    group by staging.tool_part.tool_id
),

looked_at as (
    select
        core.tool.tool_id,
        core.tool.tool_name,
        core.tool.lifecycle,
        core.tool.business_owner,
        entry.source_file,
        entry.source_row,
        delivered.since_month,
        spend.last_spend_month,
        spend.earlier_amount,
        people.person_count,
        people.last_active_on,
        cast(seat.seats_purchased as bigint) as seats_purchased,
        asked.last_ticket_month,
        coalesce(agreed.contract_count, 0) as contract_count,
        cast(agreed.contracted_amount as decimal(18, 4)) as contracted_amount,
        bundled.bundle_name,
        coalesce(spend.last_spend_month >= delivered.since_month, false) as is_paid,
        coalesce(people.last_active_on >= delivered.since_month, false) or coalesce(seat.seats_active, 0) > 0 as is_used,
        coalesce(asked.last_ticket_month >= delivered.since_month, false) as has_ticket,
        list_filter(
            [
                if(delivered.has_spend, null, 'spend'),
                if(delivered.has_usage and coalesce(entry.sso, true), null, 'users'),
                if(delivered.has_tickets, null, 'tickets')
            ],
            lambda kind: kind is not null
        ) as unknown
    from core.tool
    inner join entry using (tool_id)
    cross join delivered
    left join spend using (tool_id)
    left join people using (tool_id)
    left join seat using (tool_id)
    left join asked using (tool_id)
    left join agreed using (tool_id)
    left join bundled using (tool_id)
)

select
    tool_id,
    tool_name,
    case
        when bundle_name is not null then 'in_bundle'
        when len(unknown) > 0 then 'cannot_tell'
        else 'ghost'
    end as state, -- ghost; in_bundle: it comes with another tool, so that no spend of its own means little; cannot_tell: a kind of evidence is missing.
    nullif(array_to_string(unknown, ', '), '') as not_known, -- Kinds of evidence that nobody delivered, or that a tool outside single sign-on can't give: spend, users, tickets; null: none.
    bundle_name, -- The tool that it comes with; null: none known.
    lifecycle,
    business_owner,
    since_month, -- First month that was looked at.
    last_spend_month, -- Month of the last spend before; null: none ever.
    earlier_amount, -- All that was spent on it, in the reporting currency; null: nothing ever.
    person_count, -- People who have access, none of whom used it; null: none known.
    last_active_on, -- Day of the last use before; null: none known.
    seats_purchased, -- Seats bought, as the licences say.
    last_ticket_month, -- Month of the last ticket before; null: none ever.
    contract_count, -- Active contracts for it.
    contracted_amount, -- What they cost in a year, in the reporting currency.
    source_file, -- File of the register that holds it.
    source_row -- Its row there.
from looked_at
where not is_paid and not is_used and not has_ticket
order by contracted_amount desc nulls last, tool_name, tool_id
