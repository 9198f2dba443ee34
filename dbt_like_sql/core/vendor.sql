-- One vendor, whatever its spellings.
-- grain: vendor_id

with written as (
    select
        vendor_id,
        vendor_name_raw,
        origin,
        list_position(['master', 'decision', 'contract', 'register', 'licence', 'spend'], origin) as place,
        method = 'alias' as is_alias,
        line_count,
        parent
    from staging.vendor_name
    where origin is not null
),

reseller as (
    select distinct staging.vendor_name.vendor_id
    from raw.vendor
    inner join staging.vendor_name on staging.vendor_name.vendor_name_raw = raw.vendor.name
    where raw.vendor.is_reseller
)

select
    written.vendor_id,
    min_by(
        written.vendor_name_raw, (written.is_alias, written.place, -written.line_count, written.vendor_name_raw)
    ) as vendor_name, -- The name shown: of the vendor master, else of a decision, else the spelling used most.
    bool_or(reseller.vendor_id is not null) as is_reseller, -- Sells what others make.
    max(written.parent) as parent, -- Who owns the vendor, which stays a vendor of its own; null where nobody known does.
    min_by(written.origin, written.place) as source -- The most telling kind of input that names it: master, decision, contract, register, licence or spend.
from written
left join reseller using (vendor_id)
group by written.vendor_id
