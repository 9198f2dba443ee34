-- What one capability cost for one priority in one month, beside what its tools did to people: tickets, incidents and
-- downtime, work that waited or was done by hand, and security incidents. Money is split over priorities and adds up to the ledger; money without a priority has rows with no
-- priority, money without a capability rows with neither. Tickets and hours are not split: a ticket counts in each
-- capability and priority its tool serves, so they must not be added up over rows.
-- grain: priority_id, capability_id, month

with served as (
    select distinct mapping.tool_id, mapping.capability_id, link.priority_id
    from core.tool_capability as mapping
    left join core.priority_capability as link on mapping.capability_id = link.capability_id
),

measure as (
    select
        priority_id,
        capability_id,
        month,
        billed_amount,
        effective_amount,
        0 as ticket_count,
        0 as incident_count,
        0 as security_incident_count,
        0 as workaround_count,
        0 as late_count,
        0 as waiting_minutes,
        cast(0 as decimal(18, 10)) as downtime_hours,
        ledger_row_count,
        unconverted_count
    from marts.ledger_month
    union all
    select
        served.priority_id,
        served.capability_id,
        ticket.month,
        0 as billed_amount,
        0 as effective_amount,
        1 as ticket_count,
        cast(coalesce(ticket.kind, '') = 'incident' as bigint) as incident_count,
        cast(ticket.is_security as bigint) as security_incident_count,
        cast(ticket.is_workaround as bigint) as workaround_count,
        cast(coalesce(not ticket.is_sla_met, false) as bigint) as late_count,
        coalesce(ticket.resolution_minutes, 0) as waiting_minutes,
        0 as downtime_hours,
        0 as ledger_row_count,
        0 as unconverted_count
    from core.ticket as ticket
    cross join settings.run as run
    left join served on ticket.tool_id = served.tool_id
    where ticket.month <= run.month
    union all
    select
        served.priority_id,
        served.capability_id,
        downtime.month,
        0 as billed_amount,
        0 as effective_amount,
        0 as ticket_count,
        0 as incident_count,
        0 as security_incident_count,
        0 as workaround_count,
        0 as late_count,
        0 as waiting_minutes,
        downtime.downtime_hours,
        0 as ledger_row_count,
        0 as unconverted_count
    from core.downtime as downtime
    cross join settings.run as run
    left join served on downtime.tool_id = served.tool_id
    where downtime.month <= run.month
),

known as (
    select
        (select count(*) from core.ticket) > 0 as has_tickets,
        (select count(*) from core.outage) > 0 as has_outages,
        (select count(*) from raw.ticket where is_workaround is not null) > 0 as has_workarounds,
        (select count(*) from core.ticket where is_sla_met is not null) > 0 as has_terms
)

select
    measure.priority_id, -- The priority; null for money and tickets that reach none.
    priority.priority_name,
    measure.capability_id, -- The capability; null where none is known.
    capability.capability_name,
    measure.month, -- First of the month: of posting for billed money, of use for effective money, of opening for tickets.
    cast(sum(measure.billed_amount) as decimal(18, 4)) as billed_amount, -- Posted in the month.
    cast(sum(measure.effective_amount) as decimal(18, 4)) as effective_amount, -- The same money, spread over the days of service; prepaid service reaches into months after the refreshed one.
    cast(case when known.has_tickets then sum(measure.ticket_count) end as bigint) as ticket_count, -- Tickets opened about tools of the capability; null where no source of tickets is known.
    cast(case when known.has_tickets then sum(measure.incident_count) end as bigint) as incident_count, -- Incidents among them.
    cast(case when known.has_tickets then sum(measure.security_incident_count) end as bigint) as security_incident_count, -- Those that the source calls security incidents.
    cast(case when known.has_workarounds then sum(measure.workaround_count) end as bigint) as workaround_count, -- Tickets that were worked around by hand; null where no source says so of any ticket.
    cast(case when known.has_terms then sum(measure.late_count) end as bigint) as late_count, -- Tickets solved later than agreed; null where no source tells.
    cast(
        case when known.has_tickets then cast(sum(measure.waiting_minutes) as double) / 60 end as decimal(18, 10)
    ) as waiting_hours, -- Hours from opening to solution, added over the tickets that are solved.
    cast(case when known.has_outages then sum(measure.downtime_hours) end as decimal(18, 10)) as downtime_hours, -- Hours in which tools of the capability did not work unplanned, added over the tools; null where no source of outages is known.
    cast(sum(measure.ledger_row_count) as bigint) as ledger_row_count, -- Ledger rows posted in the month.
    cast(sum(measure.unconverted_count) as bigint) as unconverted_count -- Ledger rows without an exchange rate, which the amounts lack.
from measure
cross join known
left join core.priority as priority on measure.priority_id = priority.priority_id
left join core.capability as capability on measure.capability_id = capability.capability_id
group by
    measure.priority_id,
    priority.priority_name,
    measure.capability_id,
    capability.capability_name,
    measure.month,
    known.has_tickets,
    known.has_outages,
    known.has_workarounds,
    known.has_terms
order by measure.month, measure.priority_id nulls last, measure.capability_id nulls last
