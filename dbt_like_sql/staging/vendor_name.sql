-- One spelling of a vendor found in any input, with the key that spellings of one vendor share. A decision in
-- vendor_alias wins, for the spelling and for those that differ from it only in case, accents, punctuation and legal
-- form; one that calls a spelling by its own name keeps it apart. Then a number of the vendor master, then the match.
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

matched as (
    select
        keyed.vendor_name_raw,
        keyed.own_key,
        coalesce(settings.vendor_match.vendor_key, keyed.own_key) as vendor_key,
        keyed.place,
        keyed.line_count,
        coalesce(settings.vendor_match.match_method, 'name') as match_method,
        coalesce(settings.vendor_match.match_confidence, 1) as match_confidence,
        settings.vendor_match.match_evidence,
        settings.vendor_match.maker,
        settings.vendor_match.invoice_issuer,
        settings.vendor_match.parent
    from keyed
    left join settings.vendor_match on settings.vendor_match.vendor_name_raw = keyed.vendor_name_raw
),

alias as (
    select
        found.own_key as alias_key,
        max_by(
            if(raw.vendor_alias.alias = raw.vendor_alias.vendor_name, meant.own_key, meant.vendor_key),
            (raw.vendor_alias.decided_on, meant.own_key)
        ) as vendor_key,
        max_by(
            raw.vendor_alias.alias || ' is ' || raw.vendor_alias.vendor_name, (raw.vendor_alias.decided_on, meant.own_key)
        ) as decision
    from raw.vendor_alias
    inner join matched as found on found.vendor_name_raw = raw.vendor_alias.alias
    inner join matched as meant on meant.vendor_name_raw = raw.vendor_alias.vendor_name
    group by found.own_key
),

number as (
    select raw.vendor.vendor_id as vendor_name_raw, min(matched.vendor_key) as vendor_key
    from raw.vendor
    inner join matched on matched.vendor_name_raw = raw.vendor.name
    group by raw.vendor.vendor_id
),

resolved as (
    select
        matched.vendor_name_raw,
        coalesce(alias.vendor_key, if(matched.place = 7, number.vendor_key, null), matched.vendor_key) as vendor_key,
        case
            when alias.vendor_key is not null then 'alias'
            when matched.place = 7 and number.vendor_key is not null then 'number'
            else matched.match_method
        end as method,
        case
            when alias.vendor_key is not null then 'decided: ' || alias.decision
            when matched.place = 7 and number.vendor_key is not null then 'number of the vendor master'
            else matched.match_evidence
        end as evidence,
        if(
            alias.vendor_key is not null or (matched.place = 7 and number.vendor_key is not null), 1, matched.match_confidence
        ) as confidence,
        matched.maker,
        matched.invoice_issuer,
        if(alias.vendor_key is null, matched.parent, null) as parent,
        matched.place,
        matched.line_count
    from matched
    left join alias on alias.alias_key = matched.own_key
    left join number on number.vendor_name_raw = matched.vendor_name_raw
)

select
    vendor_name_raw, -- The vendor as written in the input.
    vendor_key, -- What the spellings of one vendor have in common.
    'v-' || left(md5(vendor_key), 12) as vendor_id, -- The vendor; made from its key.
    method, -- How the spelling was told: alias (a decision), number (of the vendor master), or the rule that matched it.
    evidence, -- What speaks for the match, in words.
    cast(confidence as decimal(18, 10)) as confidence, -- How sure the match is, 0 to 1; decisions are certain.
    maker, -- Who made what this vendor sold, where the spelling says so.
    invoice_issuer, -- Who sent the invoice on behalf of the maker, where the spelling says so.
    parent, -- Who owns the vendor, which stays a vendor of its own; null where nobody known does.
    ['master', 'contract', 'register', 'licence', 'spend', 'decision', null][place] as origin, -- The most telling kind of input that names it; null where it is only looked for.
    line_count -- Spend lines that carry the spelling.
from resolved
