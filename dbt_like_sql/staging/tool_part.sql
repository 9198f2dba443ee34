-- One tool that comes with another: by a decision in bundles, else by the table of products.
-- grain: bundle_tool_id, tool_id
-- materialized: view

with known as (
    select
        trim(regexp_replace(lower(strip_accents(product_name)), '[^\p{L}\p{N}+#]+', ' ', 'g')) as own_key,
        product,
        family
    from settings.product_name
),

called as (
    select staging.tool_name.tool_id, unnest(list_distinct([known.product, known.family])) as name
    from staging.tool_name
    inner join known
        on known.own_key = trim(regexp_replace(lower(strip_accents(staging.tool_name.tool_name_raw)), '[^\p{L}\p{N}+#]+', ' ', 'g'))
    where staging.tool_name.method <> 'alias' and staging.tool_name.place < 8
),

part as (
    select paid.tool_id as bundle_tool_id, having_it.tool_id, 1 as place
    from raw.bundle
    inner join staging.tool_name as paid on paid.tool_name_raw = raw.bundle.bundle_name
    inner join staging.tool_name as having_it on having_it.tool_name_raw = raw.bundle.tool_name
    union all
    select bundle.tool_id, coming.tool_id, 2
    from settings.product_bundle
    inner join called as bundle on bundle.name = settings.product_bundle.bundle
    inner join called as coming on coming.name = settings.product_bundle.part
)

select
    bundle_tool_id, -- The tool that is paid.
    tool_id, -- The tool that comes with it.
    if(min(place) = 1, 'decision', 'product table') as told_by -- Who says so.
from part
where bundle_tool_id <> tool_id
group by all
