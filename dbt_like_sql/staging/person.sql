-- One way in which an input names a person - id or e-mail address, in small letters - with the pseudonym that stands for the
-- person from here on. People whom only a usage export knows have one too.
-- grain: person_raw

with named as (
    select lower(person_id) as person_raw, lower(person_id) as person, org_unit, cost_center, 1 as place, source from raw.person
    union all
    select lower(email), lower(person_id), org_unit, cost_center, 2, source from raw.person where email is not null
    union all
    select lower(person), lower(person), null, null, 3, source from raw.usage
)

select
    person_raw, -- The id or address.
    md5(min_by(person, (place, person, source))) as person_key, -- Pseudonym of the person.
    min_by(org_unit, (place, person, source)) as org_unit_raw, -- The person's unit as the staff list writes it.
    min_by(cost_center, (place, person, source)) as cost_center -- The person's cost centre.
from named
where person_raw is not null
group by person_raw
