-- A priority says what the business wants. Work on technology is how to get there and belongs into the initiatives.
-- severity: warning

with phrased as (
    select
        source_file,
        source_row,
        priority_id,
        name,
        coalesce(
            nullif(regexp_extract(name, '(?i)\b(migrat(?:e|es|ing|ion|ions))\b', 1), ''),
            nullif(regexp_extract(name, '(?i)^\W*(?:to )?((?:re-?implement|implement|upgrad|roll[ -]?out|go[ -]live|re-?platform|virtuali[sz]|containeri[sz])\w*)\b', 1), ''),
            nullif(regexp_extract(
                name,
                '(?i)^\W*(?:to )?((?:deploy|install|patch|replac|introduc|build|consolidat|moderni[sz]|retir|renew|integrat|refresh|switch|mov|buy|set[ -]up|adopt)\w*)\b.*\b'
                || '(?:systems?|software|platforms?|tools?|applications?|apps?|erp|crm|hris|itsm|siem|cloud|saas|servers?|databases?|data ?(?:warehouse|cent(?:er|re)s?|lake)|networks?|windows|'
                || 'infrastructure|laptops?|firewalls?|vpn|apis?|azure|aws|sap|s/4 ?hana|salesforce|servicenow|microsoft 365|office 365|sharepoint|kubernetes)\b',
                1
            ), '')
        ) as verb
    from raw.priority
)

select
    source_file,
    source_row,
    priority_id,
    name,
    verb, -- The word that gives it away.
    'the priority "' || name || '" says what IT does ("' || lower(verb) || '"), not what the business gets; name the result, such as what becomes faster, '
    || 'cheaper, safer or possible, and make this an initiative of it' as message -- What is wrong, for people.
from phrased
where verb is not null
