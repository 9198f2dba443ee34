-- Each link of a priority and a capability has one owner in the business and one in IT; else nobody owns the connection.
-- severity: warning

select
    source_file,
    source_row,
    priority_id,
    capability_id,
    'nobody ' || concat_ws(' and nobody ', case when business_owner_id is null then 'in the business' end, case when it_owner_id is null then 'in IT' end)
    || ' answers for the capability "' || capability_id || '" in the priority "' || priority_id || '"' as message -- What is wrong, for people.
from raw.priority_capability
where business_owner_id is null or it_owner_id is null
