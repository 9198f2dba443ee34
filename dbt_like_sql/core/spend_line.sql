-- One spend line that counts, up to the refreshed month; or the rounding of a document: where amounts have more decimals
-- than their currency, one line more makes the document's total its exact sum, rounded once.
-- grain: spend_line_id

with reporting as (
    select coalesce(settings.currency.minor_digits, 2) as minor_digits
    from settings.run
    left join settings.currency on settings.currency.currency = upper(settings.run.reporting_currency)
),

-- Every branch of a CASE over money is cast: of two wide decimals DuckDB keeps the scale of the narrower one.
fine_grained as (
    select distinct
        line.source,
        coalesce(line.document_id, line.billing_account_id, '') as document,
        line.month,
        line.original_currency
    from staging.spend_line as line
    left join settings.currency on settings.currency.currency = line.original_currency
    where
        line.left_out_by is null
        and line.billed_amount is not null
        and line.original_amount <> case settings.currency.minor_digits
            when 0 then cast(round(line.original_amount, 0) as decimal(38, 12))
            when 3 then cast(round(line.original_amount, 3) as decimal(38, 12))
            when 4 then cast(round(line.original_amount, 4) as decimal(38, 12))
            else cast(round(line.original_amount, 2) as decimal(38, 12))
        end
),

document as (
    select
        line.source,
        coalesce(line.document_id, line.billing_account_id, '') as document,
        line.month,
        line.original_currency,
        min(line.delivery_id) as delivery_id,
        min(line.source_file) as source_file,
        if(min(line.vendor_id) = max(line.vendor_id), min(line.vendor_id), null) as vendor_id,
        if(min(line.vendor_id) = max(line.vendor_id), min(line.vendor_name_raw), null) as vendor_name_raw,
        if(min(line.tool_name_raw) = max(line.tool_name_raw), min(line.tool_name_raw), null) as tool_name_raw,
        if(min(line.contract_number) = max(line.contract_number), min(line.contract_number), null) as contract_number,
        if(min(line.org_unit_raw) = max(line.org_unit_raw), min(line.org_unit_raw), null) as org_unit_raw,
        if(min(line.gl_account) = max(line.gl_account), min(line.gl_account), null) as gl_account,
        if(min(line.cost_center) = max(line.cost_center), min(line.cost_center), null) as cost_center,
        if(min(line.provenance) = max(line.provenance), min(line.provenance), 'allocated') as provenance,
        sum(try(line.original_amount * line.fx_rate)) as exact_amount,
        sum(line.billed_amount) as rounded_amount
    from staging.spend_line as line
    semi join fine_grained
        on fine_grained.source = line.source
        and fine_grained.document = coalesce(line.document_id, line.billing_account_id, '')
        and fine_grained.month = line.month
        and fine_grained.original_currency = line.original_currency
    where line.left_out_by is null and line.billed_amount is not null
    group by all
),

rounding as (
    select
        document.* exclude (exact_amount, rounded_amount),
        cast(
            case reporting.minor_digits
                when 2 then cast(round(document.exact_amount, 2) as decimal(38, 4))
                when 0 then cast(round(document.exact_amount, 0) as decimal(38, 4))
                when 3 then cast(round(document.exact_amount, 3) as decimal(38, 4))
                else cast(round(document.exact_amount, 4) as decimal(38, 4))
            end - document.rounded_amount as decimal(18, 4)
        ) as billed_amount
    from document
    cross join reporting
),

line as not materialized (
    select * exclude (left_out_by), 'line' as line_kind from staging.spend_line where left_out_by is null
    union all by name
    select
        md5(concat_ws(chr(31), 'rounding', source, document, cast(month as varchar), original_currency)) as spend_line_id,
        * exclude (document),
        cast(0 as decimal(38, 12)) as original_amount,
        'rounding' as line_kind
    from rounding
    where billed_amount <> 0
),

-- A number printed on several terms means the newest one.
numbered as (
    select lower(contract_number) as number, contract_id, tool_id, coalesce(start_on, date '0001-01-01') as start_on, 2 as place
    from core.contract
    where contract_number is not null
    union all
    select lower(substr(contract_id, length(source) + 2)), contract_id, tool_id, coalesce(start_on, date '0001-01-01'), 1
    from core.contract
),

term as (
    select number, max_by(contract_id, (place, start_on, contract_id)) as contract_id from numbered group by number
),

phrase as (
    select
        staging.tool_name.tool_id,
        core.tool.vendor_id,
        staging.tool_name.method,
        trim(regexp_replace(lower(strip_accents(staging.tool_name.tool_name_raw)), '[^\p{L}\p{N}+#]+', ' ', 'g')) as words
    from staging.tool_name
    inner join core.tool using (tool_id)
    where staging.tool_name.method = 'alias' or staging.tool_name.place = 1
),

sought as (
    select distinct tool_id, vendor_id, method, words, split_part(words, ' ', 1) as word
    from phrase
    where length(replace(words, ' ', '')) >= 4
),

text as (
    select
        vendor_id,
        description,
        trim(regexp_replace(lower(strip_accents(description)), '[^\p{L}\p{N}+#]+', ' ', 'g')) as words
    from (
        select distinct vendor_id, description
        from staging.spend_line
        where left_out_by is null and description is not null and tool_name_raw is null
    )
),

-- Only texts that hold the first word of a phrase are compared with the phrase: every text with every phrase would not end.
worded as (
    select vendor_id, description, words, unnest(string_split(words, ' ')) as word from text
),

described as (
    select
        worded.vendor_id,
        worded.description,
        min_by(sought.tool_id, (-length(sought.words), sought.method, sought.tool_id)) as tool_id
    from worded
    inner join sought using (word)
    left join core.vendor on core.vendor.vendor_id = worded.vendor_id
    where
        contains(' ' || worded.words || ' ', ' ' || sought.words || ' ')
        and (
            sought.vendor_id is null
            or worded.vendor_id is null
            or worded.vendor_id = sought.vendor_id
            or core.vendor.is_reseller
        )
    group by worded.vendor_id, worded.description
),

only_tool as (
    select vendor_id, min(tool_id) as tool_id
    from core.tool
    where is_registered and vendor_id is not null
    group by vendor_id
    having count(*) = 1
)

select
    line.spend_line_id, -- The line, in any delivery and file; made from its number or content.
    line.month, -- Posting period: the first of its month.
    line.source,
    line.delivery_id,
    line.source_file,
    line.source_row,
    line.vendor_id, -- The vendor; null where the line names none.
    line.vendor_name_raw, -- The vendor as written in the source.
    coalesce(staging.tool_name.tool_id, core.contract.tool_id, described.tool_id, only_tool.tool_id) as tool_id, -- The tool the line pays for; null where nothing tells it.
    case
        when staging.tool_name.tool_id is not null then 'tool_name'
        when core.contract.tool_id is not null then 'contract'
        when described.tool_id is not null then 'description'
        when only_tool.tool_id is not null then 'vendor'
    end as tool_method, -- What told the tool: its name, the contract, words in the description, or that the vendor has only one tool.
    core.contract.contract_id, -- The contract the line is billed under.
    line.initiative_id,
    coalesce(unit.org_unit_id, payer.org_unit_id) as org_unit_id, -- The unit that bears the cost: as named, else by its cost centre.
    line.description,
    line.original_amount,
    line.original_currency,
    line.fx_rate,
    line.fx_rate_on,
    line.fx_source,
    line.billed_amount,
    line.tax_amount,
    line.service_start_on,
    line.service_end_on,
    line.run_grow_transform,
    line.capex_opex,
    line.one_time,
    line.cost_pool,
    line.gl_account,
    line.cost_center,
    line.provenance,
    line.line_kind -- line, or rounding: what rounding its lines takes from a document's total.
from line
left join staging.tool_name on staging.tool_name.tool_name_raw = line.tool_name_raw
left join term on term.number = lower(line.contract_number)
left join core.contract on core.contract.contract_id = term.contract_id
left join described
    on described.description = line.description and described.vendor_id is not distinct from line.vendor_id
left join only_tool on only_tool.vendor_id = line.vendor_id
left join staging.org_unit_name as unit
    on unit.name_kind = 'unit' and unit.org_unit_name_raw = lower(line.org_unit_raw)
left join staging.org_unit_name as payer
    on payer.name_kind = 'cost_center' and payer.org_unit_name_raw = lower(line.cost_center)
