-- One tool whose maker's support ends or has ended: as the register says, or as the shipped table of end-of-support days says of
-- the release that the tool's version, or one of the names it has in any source, tells. The earliest day counts. A tool whose
-- release nothing tells is missing here; that does not mean that it is supported.
-- grain: tool_id

with named as (
    select tool_id, tool_name_raw as written, cast(null as varchar) as version
    from core.tool_name
    union
    select staging.tool_name.tool_id, raw.tool.name as written, raw.tool.version
    from raw.tool
    inner join staging.tool_name on raw.tool.name = staging.tool_name.tool_name_raw
    where raw.tool.version is not null
),

worded as (
    select distinct
        tool_id,
        written,
        trim(regexp_replace(regexp_replace(lower(strip_accents(written)), '[^a-z0-9.+#]+', ' ', 'g'), '\b(pro|home|professional|standard|datacenter|lts|version|release) ?', '', 'g')) as words,
        regexp_replace(trim(regexp_replace(lower(version), '[^a-z0-9.]+', ' ', 'g')), '^(?:v|version|release) ?([0-9])', '\1') as version
    from named
),

product as (
    select distinct
        product,
        trim(regexp_replace(lower(strip_accents(unnest(list_append(string_split(coalesce(also_known_as, product), ';'), product)))), '[^a-z0-9.+#]+', ' ', 'g')) as words
    from settings.end_of_support
),

-- Only names that hold the first word of a product are compared with it.
opened as (
    select tool_id, written, words, version, unnest(list_distinct(string_split(words, ' '))) as word
    from worded
),

matched as (
    select
        opened.tool_id,
        opened.written,
        product.product,
        opened.version,
        trim(substr(' ' || opened.words || ' ', strpos(' ' || opened.words || ' ', ' ' || product.words || ' ') + length(product.words) + 1)) as rest
    from opened
    inner join product on opened.word = split_part(product.words, ' ', 1)
    where contains(' ' || opened.words || ' ', ' ' || product.words || ' ')
    qualify row_number() over (partition by opened.tool_id, opened.written, opened.version order by length(product.words) desc, product.product) = 1
),

told as (
    select tool_id, written, product, regexp_replace(unnest([version, rest]), '^v([0-9])', '\1') as release
    from matched
),

dated as (
    select
        told.tool_id,
        told.written,
        told.product || ' ' || support.cycle as release,
        support.end_of_support_on,
        support.support_source,
        support.looked_up_on
    from told
    inner join settings.end_of_support as support
        on told.product = support.product
        and (told.release = support.cycle or starts_with(told.release, support.cycle || ' ') or starts_with(told.release, support.cycle || '.'))
    qualify row_number() over (partition by told.tool_id, told.written, told.release order by length(support.cycle) desc, support.cycle) = 1
),

known as (
    select tool_id, written, release, end_of_support_on, support_source, looked_up_on, 2 as place
    from dated
    union all
    select tool_id, tool_name as written, null as release, end_of_life_on as end_of_support_on, 'register' as support_source, null as looked_up_on, 1 as place
    from core.tool
    where end_of_life_on is not null or lifecycle = 'end_of_life'
),

first as (
    select known.*, count(*) over (partition by known.tool_id) as statement_count
    from known
    qualify row_number() over (partition by known.tool_id order by known.end_of_support_on nulls last, known.place, known.release, known.written) = 1
)

select
    first.tool_id,
    tool.tool_name,
    case
        when first.end_of_support_on is null or first.end_of_support_on <= last_day(run.month) then 'ended'
        when first.end_of_support_on <= last_day(run.month) + interval 12 months then 'within_a_year'
        else 'later'
    end as state, -- ended | within_a_year | later
    first.end_of_support_on, -- Last day of support; null where the register only says that it is over.
    date_diff('day', last_day(run.month), first.end_of_support_on) as days_left, -- Days from the end of the refreshed month to that day; negative when it has passed.
    first.release, -- The release that is in use; null where the register tells the day.
    first.written as matched_name, -- The name, as some source writes it, that told product and release.
    first.support_source, -- register, else where the day was read.
    first.looked_up_on, -- When it was read; null for the register.
    first.statement_count -- Names and registers that tell a day; the earliest counts.
from first
cross join settings.run as run
left join core.tool as tool on first.tool_id = tool.tool_id
order by first.end_of_support_on nulls first, first.tool_id
