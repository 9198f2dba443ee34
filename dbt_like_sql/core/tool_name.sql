-- One name under which a tool is found, and the tool meant.
-- grain: tool_name_raw

select
    tool_name_raw,
    tool_id,
    method,
    evidence,
    cast(case method when 'product' then 0.95 when 'edition' then 0.85 else 1 end as decimal(18, 10)) as confidence -- How sure the match is, 0 to 1; equal keys and decisions are certain.
from staging.tool_name
