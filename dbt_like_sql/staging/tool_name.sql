-- One name under which a tool is found in any input, with the tool meant: by a decision in tool_alias, by its own name, by
-- its number in the register, or, where no tool of the register has the name, as another name or edition of the one
-- registered tool that the table of products says it is. Two registered editions of a product stay two tools. A name makes a tool where something is had, paid or used under it; a name that only a
-- ticket, a mapping or a control gives does not, and is left out unless a tool has it.
-- grain: tool_name_raw

with used as (
    select name as tool_name_raw, 1 as place from raw.tool
    union all
    select tool_name, 2 from raw.tool_alias
    union all
    select tool_name, 3 from raw.contract
    union all
    select tool_name, 4 from raw.licence
    union all
    select tool_name, 5 from raw.usage
    union all
    select distinct tool_name, 6 from raw.spend_line
    union all
    select tool_name, 7 from raw.outage
    union all
    select tool_id, 8 from raw.tool
    union all
    select alias, 8 from raw.tool_alias
    union all
    select tool_name, 8 from raw.ticket
    union all
    select subject, 8 from raw.mapping where subject_kind = 'tool'
    union all
    select tool_name, 8 from raw.control
    union all
    select tool_name, 8 from raw.operation
    union all
    select bundle_name, 8 from raw.bundle
    union all
    select tool_name, 8 from raw.bundle
),

keyed as (
    select
        tool_name_raw,
        coalesce(
            nullif(trim(regexp_replace(lower(strip_accents(tool_name_raw)), '[^\p{L}\p{N}+#]+', ' ', 'g')), ''),
            lower(tool_name_raw)
        ) as own_key,
        min(place) as place,
        list_sort(list(distinct place)) as places
    from used
    where tool_name_raw is not null
    group by tool_name_raw
),

alias as (
    select found.own_key as alias_key, max_by(meant.own_key, (raw.tool_alias.decided_on, meant.own_key)) as tool_key
    from raw.tool_alias
    inner join keyed as found on found.tool_name_raw = raw.tool_alias.alias
    inner join keyed as meant on meant.tool_name_raw = raw.tool_alias.tool_name
    group by found.own_key
),

known as (
    select
        trim(regexp_replace(lower(strip_accents(product_name)), '[^\p{L}\p{N}+#]+', ' ', 'g')) as own_key,
        trim(regexp_replace(lower(strip_accents(product)), '[^\p{L}\p{N}+#]+', ' ', 'g')) as product_key,
        trim(regexp_replace(lower(strip_accents(family)), '[^\p{L}\p{N}+#]+', ' ', 'g')) as family_key,
        product,
        family
    from settings.product_name
),

registered as (
    select distinct coalesce(alias.tool_key, keyed.own_key) as tool_key, known.product_key, known.family_key
    from keyed
    left join alias on alias.alias_key = keyed.own_key
    left join known on known.own_key = coalesce(alias.tool_key, keyed.own_key)
    where keyed.place = 1
),

of_product as (
    select product_key, min(tool_key) as tool_key from registered group by product_key having count(*) = 1
),

of_family as (
    select family_key, min(tool_key) as tool_key from registered group by family_key having count(*) = 1
),

in_family as (
    select family_key from registered group by family_key
),

kin as (
    select
        known.own_key,
        coalesce(of_product.tool_key, of_family.tool_key, known.product_key) as tool_key,
        if(of_product.tool_key is null and of_family.tool_key is not null, 'edition', 'product') as method,
        if(of_product.tool_key is null and of_family.tool_key is not null, known.family, known.product) as meant
    from known
    left join of_product on of_product.product_key = known.product_key
    left join of_family on of_family.family_key = known.family_key
    left join in_family on in_family.family_key = known.family_key
    where
        known.own_key not in (select tool_key from registered)
        and (of_product.tool_key is not null or of_family.tool_key is not null or in_family.family_key is null)
        and known.own_key is distinct from coalesce(of_product.tool_key, of_family.tool_key, known.product_key)
),

named as (
    select distinct coalesce(alias.tool_key, kin.tool_key, keyed.own_key) as tool_key
    from keyed
    left join alias on alias.alias_key = keyed.own_key
    left join kin on kin.own_key = keyed.own_key
    where keyed.place < 8
),

number as (
    select raw.tool.tool_id as tool_name_raw, min(coalesce(alias.tool_key, keyed.own_key)) as tool_key
    from raw.tool
    inner join keyed on keyed.tool_name_raw = raw.tool.name
    left join alias on alias.alias_key = keyed.own_key
    group by raw.tool.tool_id
    having count(distinct keyed.own_key) = 1
),

resolved as (
    select
        keyed.tool_name_raw,
        case
            when alias.tool_key is not null then alias.tool_key
            when related.tool_key is not null then kin.tool_key
            when named.tool_key is not null and (keyed.place < 8 or number.tool_key is null) then keyed.own_key
            else number.tool_key
        end as tool_key,
        case
            when alias.tool_key is not null then 'alias'
            when related.tool_key is not null then kin.method
            when named.tool_key is not null and (keyed.place < 8 or number.tool_key is null) then 'name'
            else 'number'
        end as method,
        if(alias.tool_key is null and related.tool_key is not null, kin.meant, null) as meant,
        keyed.place,
        keyed.places
    from keyed
    left join alias on alias.alias_key = keyed.own_key
    left join kin on kin.own_key = keyed.own_key
    left join named as related on related.tool_key = kin.tool_key
    left join named on named.tool_key = keyed.own_key
    left join number on number.tool_name_raw = keyed.tool_name_raw
)

select
    tool_name_raw, -- The tool as written in the input.
    tool_key, -- What the names of one tool have in common: small letters, accents folded, punctuation left out.
    't-' || left(md5(tool_key), 12) as tool_id, -- The tool; made from its key.
    method, -- How the name was told: alias (a decision), name, number (of the register), product (another name of it), or edition (of the same family).
    case method
        when 'alias' then 'decided in tool_alias'
        when 'product' then 'another name of ' || meant
        when 'edition' then 'an edition of ' || meant || ', of which the register has one'
        when 'number' then 'number in the register'
        else 'the same name'
    end as evidence, -- What speaks for it, in words.
    place, -- The first kind of input that gives the name: 1 register, 2 decision, 3 contract, 4 licence, 5 usage, 6 spend, 7 outage, 8 one that makes no tool.
    places -- All kinds of input that give it.
from resolved
where tool_key is not null
