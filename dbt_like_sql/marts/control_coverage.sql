-- One cell of the defence: a function of NIST CSF 2.0 and a class of what is to be protected, with the controls in place
-- there. All 30 cells have a row; without any control in control.csv a cell is not assessed. Method: Cyber Defense Matrix.
-- grain: csf_function, asset_class

with cell as (
    select csf_function, asset_class, function_place, class_place
    from (select unnest(['govern', 'identify', 'protect', 'detect', 'respond', 'recover']) as csf_function, unnest(range(6)) as function_place)
    cross join (select unnest(['devices', 'applications', 'networks', 'data', 'users']) as asset_class, unnest(range(5)) as class_place)
),

counted as (
    select
        csf_function,
        asset_class,
        count(*) filter (where is_working) as control_count,
        count(*) filter (where is_working and kind in ('technical', 'physical')) as technical_count,
        count(*) filter (where is_working and kind in ('policy', 'process')) as procedure_count,
        count(*) filter (where not is_working) as wanted_count,
        count(distinct tool_name) filter (where is_working) as tool_count,
        list_sort(list(distinct tool_name) filter (where is_working and tool_name is not null)) as tools,
        list_sort(list(distinct control_owner_name) filter (where is_working and control_owner_name is not null)) as owners,
        count(*) filter (where is_working and (owner_id is null or is_owner_gone)) as without_owner_count,
        count(*) filter (where evidence in ('old', 'none')) as without_evidence_count,
        sum(spend_12m_amount) as spend,
        sum(typed_amount) as typed
    from marts.control_cost
    where csf_function is not null and asset_class is not null
    group by csf_function, asset_class
),

known as (
    select count(*) > 0 as has_controls from marts.control_cost
)

select
    cell.csf_function, -- govern | identify | protect | detect | respond | recover
    cell.asset_class, -- devices | applications | networks | data | users
    case
        when not known.has_controls then 'not_assessed'
        when coalesce(counted.control_count, 0) = 0 then 'none'
        when counted.control_count = 1 then 'one'
        else 'many'
    end as state, -- none | one | many controls in place, at least in part; not_assessed: no control is listed at all
    coalesce(counted.tool_count > 1 or (counted.tool_count = 1 and counted.procedure_count = 0) or counted.without_owner_count > 0, false) as is_fragmented, -- Several tools, a tool without policy or process beside it, or a control nobody answers for.
    coalesce(counted.control_count, 0) as control_count, -- Controls in place, at least in part.
    coalesce(counted.technical_count, 0) as technical_count, -- Technical and physical ones among them.
    coalesce(counted.procedure_count, 0) as procedure_count, -- Policies and processes among them.
    coalesce(counted.wanted_count, 0) as wanted_count, -- Controls that are listed and not in place.
    coalesce(counted.tool_count, 0) as tool_count, -- Tools that carry the controls.
    counted.tools, -- Their names, sorted; null where none.
    cast(coalesce(counted.spend, 0) as decimal(18, 4)) as spend_12m_amount, -- Ledger money of the controls in the 12 months; the cells add up.
    cast(counted.typed as decimal(18, 4)) as typed_amount, -- Yearly cost beside the tools, as people say; null where nobody does.
    counted.owners, -- Names of those who answer for the controls, sorted; null where none.
    coalesce(counted.without_owner_count, 0) as without_owner_count, -- Controls in place for which nobody who still works here answers.
    coalesce(counted.without_evidence_count, 0) as without_evidence_count -- Controls in place without evidence of the last 12 months.
from cell
cross join known
left join counted on cell.csf_function = counted.csf_function and cell.asset_class = counted.asset_class
order by cell.function_place, cell.class_place
