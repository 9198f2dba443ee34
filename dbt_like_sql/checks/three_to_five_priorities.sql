-- Three to five priorities can be acted on.
-- severity: warning

select
    count(*) as priority_count, -- Priorities given.
    case
        when count(*) = 0 then 'no priorities are given, so no money can be aligned: write three to five into strategy/priorities.csv'
        when count(*) < 3 then 'only ' || count(*) || ' priorities are given: what the others are is left to guessing; name three to five'
        else count(*) || ' priorities are given: where everything matters nothing does; keep the three to five that matter most'
    end as message -- What is wrong, for people.
from core.priority
having count(*) not between 3 and 5
