-- One spelling of a vendor, and the vendor meant.
-- grain: vendor_name_raw

select
    vendor_name_raw,
    vendor_id,
    method,
    cast(1 as decimal(18, 10)) as confidence -- How sure the match is, 0 to 1; equal keys and decisions are certain.
from staging.vendor_name
