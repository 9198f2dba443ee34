-- One spelling of a vendor found in any input, with the key that spellings of one vendor share: small letters, accents
-- folded, punctuation and the legal form at the end left out. A decision in vendor_alias wins, then a number of the
-- vendor master.
-- grain: vendor_name_raw

with used as (
    select vendor_name as vendor_name_raw, 5 as place, count(*) as uses from raw.spend_line group by all
    union all
    select name, 1, 0 from raw.vendor
    union all
    select vendor_id, 7, 0 from raw.vendor
    union all
    select vendor_name, 2, 0 from raw.contract
    union all
    select vendor_name, 3, 0 from raw.tool
    union all
    select vendor_name, 4, 0 from raw.licence
    union all
    select alias, 7, 0 from raw.vendor_alias
    union all
    select vendor_name, 6, 0 from raw.vendor_alias
    union all
    select subject, 7, 0 from raw.exclusion where subject_kind = 'vendor'
    union all
    select subject, 7, 0 from raw.mapping where subject_kind = 'vendor'
),

spelling as (
    select vendor_name_raw, min(place) as place, cast(sum(uses) as bigint) as line_count
    from used
    where vendor_name_raw is not null
    group by vendor_name_raw
),

word as (
    select
        vendor_name_raw,
        place,
        line_count,
        trim(
            regexp_replace(
                regexp_replace(lower(strip_accents(vendor_name_raw)), '[.''’`]', '', 'g'),
                '[^\p{L}\p{N}+#]+', ' ', 'g'
            )
        ) as plain
    from spelling
),

keyed as (
    select
        vendor_name_raw,
        place,
        line_count,
        coalesce(
            nullif(
                regexp_replace(
                    plain,
                    '^(.+?)( (inc|incorporated|corp|corporation|co|company|llc|llp|lp|pllc|ltd|limited|plc|gmbh|mbh|ag|kg|kgaa|ohg|ug|ev|se|sa|sas|sarl|sasu|eurl|bv|nv|cv|vof|ab|as|asa|aps|oy|oyj|srl|spa|sl|slu|sau|lda|ltda|sro|doo|kft|zrt|nyrt|ooo|pty|pte|pvt|pt|kk|bhd|sdn|sp z oo|spzoo|und co|and co))+$',
                    '\1'
                ),
                ''
            ),
            lower(vendor_name_raw)
        ) as own_key
    from word
),

alias as (
    select found.own_key as alias_key, max_by(meant.own_key, (raw.vendor_alias.decided_on, meant.own_key)) as vendor_key
    from raw.vendor_alias
    inner join keyed as found on found.vendor_name_raw = raw.vendor_alias.alias
    inner join keyed as meant on meant.vendor_name_raw = raw.vendor_alias.vendor_name
    group by found.own_key
),

number as (
    select raw.vendor.vendor_id as vendor_name_raw, min(keyed.own_key) as vendor_key
    from raw.vendor
    inner join keyed on keyed.vendor_name_raw = raw.vendor.name
    group by raw.vendor.vendor_id
),

resolved as (
    select
        keyed.vendor_name_raw,
        coalesce(alias.vendor_key, if(keyed.place = 7, number.vendor_key, null), keyed.own_key) as vendor_key,
        case
            when alias.vendor_key is not null then 'alias'
            when keyed.place = 7 and number.vendor_key is not null then 'number'
            else 'name'
        end as method,
        keyed.place,
        keyed.line_count
    from keyed
    left join alias on alias.alias_key = keyed.own_key
    left join number on number.vendor_name_raw = keyed.vendor_name_raw
)

select
    vendor_name_raw, -- The vendor as written in the input.
    vendor_key, -- What the spellings of one vendor have in common.
    'v-' || left(md5(vendor_key), 12) as vendor_id, -- The vendor; made from its key.
    method, -- How the spelling was told: alias (a decision), number (of the vendor master) or name.
    ['master', 'contract', 'register', 'licence', 'spend', 'decision', null][place] as origin, -- The most telling kind of input that names it; null where it is only looked for.
    line_count -- Spend lines that carry the spelling.
from resolved
