-- An initiative that ends before it starts, as planned or as it went, has a wrong date.
-- severity: warning

select
    initiative_id,
    start_on,
    end_on,
    actual_start_on,
    actual_end_on,
    'the initiative ' || coalesce(name, initiative_id) || case
        when end_on < start_on then ' is planned from ' || start_on || ' to ' || end_on
        else ' went from ' || actual_start_on || ' to ' || actual_end_on
    end as message -- What is wrong, for people.
from raw.initiative
where end_on < start_on or actual_end_on < actual_start_on
