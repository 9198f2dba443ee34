-- One spend line, capability and priority: the fact table. The rows of a line add up to the line; what no decision maps is one
-- row without capability, what serves no priority a row without priority.
-- grain: ledger_id

with target as (
    select
        staging.mapping.subject_kind,
        staging.mapping.subject_id,
        staging.mapping.org_unit_id,
        staging.mapping.capability_id,
        core.priority_capability.priority_id,
        cast(staging.mapping.weight_share * 10000000000 as hugeint)
        * cast(coalesce(core.priority_capability.priority_share, 1) * 10000000000 as hugeint) as part
    from staging.mapping
    left join core.priority_capability using (capability_id)
),

-- The product of two shares of 10 decimals has 20: the shares of a subject are rounded to 10 so that they still add up to 1.
divided as (
    select
        *,
        10000000000 - sum(part // 10000000000) over subject as left_over,
        row_number() over (
            partition by subject_kind, subject_id, org_unit_id order by part % 10000000000 desc, capability_id, priority_id
        ) as place
    from target
    window subject as (partition by subject_kind, subject_id, org_unit_id)
),

subject as (
    select
        subject_kind,
        subject_id,
        org_unit_id,
        row_number() over (order by subject_kind, subject_id, org_unit_id) as subject_number,
        count(*) as target_count,
        list(capability_id order by capability_id, priority_id) as capability_ids,
        list(priority_id order by capability_id, priority_id) as priority_ids,
        list(
            cast(part // 10000000000 + if(place <= left_over, 1, 0) as bigint) order by capability_id, priority_id
        ) as units
    from divided
    group by subject_kind, subject_id, org_unit_id
),

of_unit as (
    select subject_kind, subject_id, org_unit_id, subject_number from subject where org_unit_id is not null
),

of_all as (
    select subject_kind, subject_id, subject_number from subject where org_unit_id is null
),

numbered as not materialized (
    select
        line.*,
        coalesce(
            tool_unit.subject_number,
            tool.subject_number,
            vendor_unit.subject_number,
            vendor.subject_number,
            account_unit.subject_number,
            account.subject_number,
            center_unit.subject_number,
            center.subject_number
        ) as subject_number
    from core.spend_line as line
    left join of_unit as tool_unit
        on tool_unit.subject_kind = 'tool' and tool_unit.subject_id = line.tool_id and tool_unit.org_unit_id = line.org_unit_id
    left join of_all as tool on tool.subject_kind = 'tool' and tool.subject_id = line.tool_id
    left join of_unit as vendor_unit
        on vendor_unit.subject_kind = 'vendor' and vendor_unit.subject_id = line.vendor_id and vendor_unit.org_unit_id = line.org_unit_id
    left join of_all as vendor on vendor.subject_kind = 'vendor' and vendor.subject_id = line.vendor_id
    left join of_unit as account_unit
        on account_unit.subject_kind = 'gl_account' and account_unit.subject_id = lower(line.gl_account) and account_unit.org_unit_id = line.org_unit_id
    left join of_all as account on account.subject_kind = 'gl_account' and account.subject_id = lower(line.gl_account)
    left join of_unit as center_unit
        on center_unit.subject_kind = 'cost_center' and center_unit.subject_id = lower(line.cost_center) and center_unit.org_unit_id = line.org_unit_id
    left join of_all as center on center.subject_kind = 'cost_center' and center.subject_id = lower(line.cost_center)
),

mapped as not materialized (
    select
        numbered.*,
        subject.subject_kind,
        coalesce(subject.target_count, 1) as target_count,
        subject.capability_ids,
        subject.priority_ids,
        subject.units
    from numbered
    left join subject using (subject_number)
),

whole as (
    select
        spend_line_id,
        capability_ids[1] as capability_id,
        priority_ids[1] as priority_id,
        10000000000 as unit,
        billed_amount as billed_part,
        tax_amount as tax_part,
        original_amount as original_part,
        * exclude (spend_line_id, subject_number, target_count, capability_ids, priority_ids, units)
    from mapped
    where target_count = 1
),

digits as (
    select coalesce(settings.currency.minor_digits, 2) as reporting_digits
    from settings.run
    left join settings.currency on settings.currency.currency = upper(settings.run.reporting_currency)
),

-- Amounts as whole numbers without sign: in the smallest unit of their currency, or in 12th decimals where a bill has them.
measured as (
    select
        mapped.*,
        [10000, 1000, 100, 10, 1][digits.reporting_digits + 1] as billed_step,
        abs(cast(cast(mapped.billed_amount as decimal(38, 4)) * 10000 as hugeint)) as billed_whole,
        abs(cast(cast(mapped.tax_amount as decimal(38, 4)) * 10000 as hugeint)) as tax_whole,
        case
            when mapped.original_amount = mapped.billed_amount then 0
            when mapped.original_amount = case settings.currency.minor_digits
                when 0 then round(mapped.original_amount, 0)
                when 3 then round(mapped.original_amount, 3)
                when 4 then round(mapped.original_amount, 4)
                else round(mapped.original_amount, 2)
            end
                then [1000000000000, 100000000000, 10000000000, 1000000000, 100000000][coalesce(settings.currency.minor_digits, 2) + 1]
            else 1
        end as original_step,
        try(abs(cast(mapped.original_amount * 1000000000000 as hugeint))) as original_whole
    from mapped
    cross join digits
    left join settings.currency on settings.currency.currency = mapped.original_currency
    where mapped.target_count > 1
),

-- Largest remainder: every target gets the floor, and the units left over go one each to the largest remainders. A code holds
-- remainder and place of a target in one number, so that a short list is sorted and not all lines.
coded as (
    select
        *,
        list_transform(
            units, lambda unit, nth: (billed_whole // billed_step * unit) % 10000000000 * 1048576 + 1048576 - nth
        ) as billed_codes,
        if(
            tax_whole > 0,
            list_transform(
                units, lambda unit, nth: (tax_whole // billed_step * unit) % 10000000000 * 1048576 + 1048576 - nth
            ),
            null
        ) as tax_codes,
        if(
            original_step > 0,
            list_transform(
                units, lambda unit, nth: (original_whole // original_step * unit) % 10000000000 * 1048576 + 1048576 - nth
            ),
            null
        ) as original_codes
    from measured
),

barred as (
    select
        *,
        list_reverse_sort(billed_codes)[
            cast(list_sum(list_transform(billed_codes, lambda code: code // 1048576)) // 10000000000 as bigint)
        ] as billed_bar,
        list_reverse_sort(tax_codes)[
            cast(list_sum(list_transform(tax_codes, lambda code: code // 1048576)) // 10000000000 as bigint)
        ] as tax_bar,
        list_reverse_sort(original_codes)[
            cast(list_sum(list_transform(original_codes, lambda code: code // 1048576)) // 10000000000 as bigint)
        ] as original_bar
    from coded
),

opened as (
    select
        * exclude (subject_number, target_count, capability_ids, priority_ids, units, billed_codes, tax_codes, original_codes),
        unnest(capability_ids) as capability_id,
        unnest(priority_ids) as priority_id,
        unnest(units) as unit,
        unnest(billed_codes) as billed_code,
        unnest(tax_codes) as tax_code,
        unnest(original_codes) as original_code
    from barred
),

parted as (
    select
        *,
        cast(
            cast(
                (billed_whole // billed_step * unit // 10000000000 + if(billed_code >= billed_bar, 1, 0))
                * billed_step * sign(billed_amount) as decimal(38, 0)
            ) * 0.0001 as decimal(18, 4)
        ) as billed_part,
        if(
            tax_whole = 0,
            0,
            cast(
                cast(
                    (tax_whole // billed_step * unit // 10000000000 + if(tax_code >= tax_bar, 1, 0))
                    * billed_step * sign(tax_amount) as decimal(38, 0)
                ) * 0.0001 as decimal(18, 4)
            )
        ) as tax_part
    from opened
),

shared as (
    select
        * exclude (
            billed_step, billed_whole, billed_code, billed_bar, tax_whole, tax_code, tax_bar, original_step, original_whole,
            original_code, original_bar
        ),
        if(
            original_step = 0,
            billed_part,
            cast(
                cast(
                    (original_whole // original_step * unit // 10000000000 + if(original_code >= original_bar, 1, 0))
                    * original_step * sign(original_amount) as decimal(38, 0)
                ) * 0.000000000001 as decimal(38, 12)
            )
        ) as original_part
    from parted
),

opened_or_whole as (
    select * from whole
    union all by name
    select * from shared
)

select
    md5(concat_ws(chr(31), spend_line_id, coalesce(capability_id, chr(30)), coalesce(priority_id, chr(30)))) as ledger_id, -- The row; made from line, capability and priority.
    spend_line_id,
    month,
    source,
    delivery_id,
    source_file,
    source_row,
    vendor_id,
    vendor_name_raw,
    tool_id,
    contract_id,
    initiative_id,
    org_unit_id,
    capability_id, -- The capability the money serves; null where no decision says.
    priority_id, -- The priority that needs the capability; null where none does.
    cast(cast(unit as decimal(38, 0)) * 0.0000000001 as decimal(18, 10)) as share, -- Share of the line, 0 to 1; the shares of a line add up to 1.
    cast(billed_part as decimal(18, 4)) as billed_amount, -- The row's part of the line's net amount, in the reporting currency; null where no rate is known.
    cast(tax_part as decimal(18, 4)) as tax_amount, -- The row's part of the recoverable tax, in the reporting currency.
    service_start_on,
    service_end_on,
    cast(original_part as decimal(38, 12)) as original_amount, -- The row's part of the line's net amount, in the original currency.
    original_currency,
    fx_rate,
    fx_rate_on,
    fx_source,
    run_grow_transform,
    capex_opex,
    one_time,
    cost_pool,
    gl_account,
    cost_center,
    provenance,
    case
        when capability_id is null then 'unmapped'
        when priority_id is null then 'misaligned'
        else 'aligned'
    end as alignment, -- aligned: a capability that serves a priority. misaligned: a capability that serves none. unmapped: no capability.
    subject_kind as mapping_method, -- What the decision is about that maps the line: tool, vendor, gl_account or cost_center; null where unmapped.
    cast(if(subject_kind is null, null, 1) as decimal(18, 10)) as mapping_confidence -- How sure the mapping is, 0 to 1; a decision is certain.
from opened_or_whole
