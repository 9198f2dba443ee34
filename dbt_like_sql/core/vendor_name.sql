-- One spelling of a vendor, and the vendor meant.
-- grain: vendor_name_raw

select
    vendor_name_raw,
    vendor_id,
    method,
    evidence,
    confidence,
    maker,
    invoice_issuer
from staging.vendor_name
