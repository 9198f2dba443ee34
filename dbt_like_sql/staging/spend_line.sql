-- One spend line as delivered: cleaned, with its vendor, its amount in the reporting currency, and why it is left out, if so.
-- It is known by document and line where the source numbers them, else by its content; equal lines are counted up.
-- grain: spend_line_id

with reporting as (
    select
        upper(settings.run.reporting_currency) as reporting_currency,
        settings.run.month as last_month,
        coalesce(settings.currency.minor_digits, 2) as minor_digits
    from settings.run
    left join settings.currency on settings.currency.currency = upper(settings.run.reporting_currency)
),

line as not materialized (
    select
        *,
        document_id is not null and line_id is not null as is_numbered,
        if(
            document_id is not null and line_id is not null,
            hash(source, document_id, line_id),
            hash(source, document_id, line_id, posted_on, vendor_name, description, amount, gl_account, cost_center)
        ) as mark
    from raw.spend_line
),

-- Equal lines are rare, and to number them takes a sort: only lines that may have an equal go through it.
twice as materialized (
    select mark from line group by mark having count(*) > 1
),

named as not materialized (
    select
        *,
        if(
            is_numbered,
            concat_ws(chr(31), source, document_id, line_id),
            concat_ws(
                chr(31),
                source,
                coalesce(document_id, chr(30)),
                coalesce(line_id, chr(30)),
                coalesce(cast(posted_on as varchar), chr(30)),
                coalesce(cast(invoiced_on as varchar), chr(30)),
                coalesce(vendor_name, chr(30)),
                coalesce(description, chr(30)),
                coalesce(tool_name, chr(30)),
                coalesce(contract_number, chr(30)),
                coalesce(cast(amount as varchar), chr(30)),
                coalesce(cast(tax_amount as varchar), chr(30)),
                coalesce(upper(currency), chr(30)),
                coalesce(cast(service_start_on as varchar), chr(30)),
                coalesce(cast(service_end_on as varchar), chr(30)),
                coalesce(gl_account, chr(30)),
                coalesce(cost_center, chr(30)),
                coalesce(org_unit, chr(30)),
                coalesce(billing_account_id, chr(30)),
                coalesce(invoice_number, chr(30)),
                coalesce(po_number, chr(30))
            )
        ) as identity
    from line
),

numbered as (
    select *, 1 as ordinal from named where mark not in (select mark from twice)
    union all
    select
        *,
        row_number() over (
            partition by identity
            order by
                posted_on,
                amount,
                vendor_name,
                description,
                gl_account,
                cost_center,
                tax_amount,
                delivery_id,
                source_file,
                source_row
        )
    from named
    where mark in (select mark from twice)
),

rated as (
    select
        numbered.*,
        staging.vendor_name.vendor_id,
        staging.vendor_name.vendor_key,
        reporting.minor_digits,
        reporting.last_month,
        case
            when upper(numbered.currency) = reporting.reporting_currency then 1
            else coalesce(staging.conversion.fx_rate, numbered.booked_fx_rate)
        end as fx_rate,
        staging.conversion.fx_rate_on,
        case
            when upper(numbered.currency) = reporting.reporting_currency then 'same_currency'
            when staging.conversion.fx_rate is not null then staging.conversion.fx_source
            when numbered.booked_fx_rate is not null then 'booked'
        end as fx_source
    from numbered
    cross join reporting
    left join staging.vendor_name on staging.vendor_name.vendor_name_raw = numbered.vendor_name
    left join staging.conversion
        on staging.conversion.converted_on = coalesce(numbered.invoiced_on, numbered.posted_on)
        and staging.conversion.original_currency = upper(numbered.currency)
),

excluded_vendor as (
    select distinct staging.vendor_name.vendor_id
    from raw.exclusion
    inner join staging.vendor_name on staging.vendor_name.vendor_name_raw = raw.exclusion.subject
    where raw.exclusion.subject_kind = 'vendor'
)

select
    md5(identity || chr(31) || cast(ordinal as varchar)) as spend_line_id, -- The line, in any delivery and file; made from its number or content.
    cast(date_trunc('month', posted_on) as date) as month, -- Posting period: the first of its month.
    source,
    delivery_id,
    source_file,
    source_row,
    document_id,
    document_type,
    billing_account_id,
    posted_on,
    vendor_id, -- The vendor.
    vendor_name as vendor_name_raw, -- The vendor as written in the source.
    description,
    tool_name as tool_name_raw, -- The tool as written in the source.
    contract_number,
    initiative_id,
    org_unit as org_unit_raw, -- The unit as written in the source.
    amount as original_amount, -- Net amount in the original currency: cost positive, credit negative, without recoverable tax.
    upper(currency) as original_currency, -- ISO 4217 code of the original amount.
    cast(fx_rate as decimal(18, 10)) as fx_rate, -- Units of the reporting currency for one unit of the original one; null where no rate is known.
    fx_rate_on, -- Day on which the rate was published.
    fx_source, -- Who published the rate; same_currency, or booked: the source's own.
    case minor_digits
        when 2 then try(cast(round(amount * cast(fx_rate as decimal(18, 10)), 2) as decimal(18, 4)))
        when 0 then try(cast(round(amount * cast(fx_rate as decimal(18, 10)), 0) as decimal(18, 4)))
        when 3 then try(cast(round(amount * cast(fx_rate as decimal(18, 10)), 3) as decimal(18, 4)))
        else try(cast(round(amount * cast(fx_rate as decimal(18, 10)), 4) as decimal(18, 4)))
    end as billed_amount, -- Net amount in the reporting currency, rounded once to its smallest unit, half away from zero; null where no rate is known.
    case minor_digits
        when 2 then try(cast(round(tax_amount * cast(fx_rate as decimal(18, 10)), 2) as decimal(18, 4)))
        when 0 then try(cast(round(tax_amount * cast(fx_rate as decimal(18, 10)), 0) as decimal(18, 4)))
        when 3 then try(cast(round(tax_amount * cast(fx_rate as decimal(18, 10)), 3) as decimal(18, 4)))
        else try(cast(round(tax_amount * cast(fx_rate as decimal(18, 10)), 4) as decimal(18, 4)))
    end as tax_amount, -- Recoverable tax beside the amount, in the reporting currency.
    service_start_on,
    service_end_on,
    run_grow_transform,
    capex_opex,
    is_one_time as one_time, -- Paid once, so that ending the tool saves nothing of it.
    cost_pool,
    gl_account,
    cost_center,
    coalesce(provenance, if(cost_basis = 'effective', 'allocated', 'invoiced')) as provenance, -- How the amount came to be known: measured, invoiced, contracted, allocated, estimated or typed.
    case
        when date_trunc('month', posted_on) > last_month then 'later_month'
        when vendor_id in (select vendor_id from excluded_vendor) then 'vendor'
        when lower(gl_account) in (select lower(subject) from raw.exclusion where subject_kind = 'gl_account') then 'gl_account'
        when lower(cost_center) in (select lower(subject) from raw.exclusion where subject_kind = 'cost_center') then 'cost_center'
    end as left_out_by -- Why the line does not count: a decision about its vendor, gl_account or cost_center, or later_month; null where it counts.
from rated
