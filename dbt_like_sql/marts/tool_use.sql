-- Seats and people of one tool, as far as any source tells of them; a tool that is missing here is not unused, nobody
-- knows. Licences of a tool are added up.
-- grain: tool_id

with seat as (
    select
        tool_id,
        cast(sum(seats_purchased) as bigint) as seats_purchased,
        cast(sum(seats_assigned) as bigint) as seats_assigned,
        cast(sum(seats_active) as bigint) as seats_active
    from core.licence
    where tool_id is not null
    group by tool_id
),

person as (
    select
        tool_id,
        count(distinct person_key) as person_count,
        count(distinct person_key) filter (where is_active) as active_person_count
    from core.usage
    where tool_id is not null
    group by tool_id
)

select
    tool_id,
    tool.tool_name,
    seat.seats_purchased, -- Seats bought; null where no licence says.
    coalesce(seat.seats_assigned, person.person_count) as seats_assigned, -- Seats given to somebody, else people who have access; null where neither is known.
    coalesce(person.active_person_count, seat.seats_active) as seats_active, -- People seen in the last 90 days, else the active seats that the licences report; null where neither is known.
    person.active_person_count is not null as is_by_person -- The people behind the active seats are known one by one.
from seat
full join person using (tool_id)
left join core.tool as tool using (tool_id)
order by tool.tool_name, tool_id
