-- One incident, request, change or problem, opened up to the refreshed month's end.
-- grain: ticket_id

select
    ticket.source || ':' || ticket.ticket_id as ticket_id, -- The ticket: its source and its number there.
    ticket.kind,
    staging.tool_name.tool_id, -- The tool concerned; null where the ticket names none that is known.
    unit.org_unit_id, -- The unit that asked; null where the ticket names none that is known.
    cast(date_trunc('month', ticket.opened_at) as date) as month, -- Month in which it was opened: the first of it.
    ticket.opened_at,
    coalesce(ticket.resolved_at, ticket.closed_at) as resolved_at, -- When it was solved, else closed.
    case
        when coalesce(ticket.resolved_at, ticket.closed_at) >= ticket.opened_at
            then date_sub('minute', ticket.opened_at, coalesce(ticket.resolved_at, ticket.closed_at))
    end as resolution_minutes, -- Whole minutes from opening to solution; null while open.
    ticket.priority,
    coalesce(ticket.is_security, false) as is_security, -- A security incident, as far as the source says.
    ticket.is_sla_met,
    coalesce(ticket.is_workaround, false) as is_workaround, -- Worked around by hand, as far as the source says.
    ticket.source,
    ticket.source_file,
    ticket.source_row
from raw.ticket as ticket
cross join settings.run as run
left join staging.tool_name on staging.tool_name.tool_name_raw = ticket.tool_name
left join staging.org_unit_name as unit on unit.name_kind = 'unit' and unit.org_unit_name_raw = lower(ticket.org_unit)
where date_trunc('month', ticket.opened_at) <= run.month
