-- One spend line, capability and priority: the fact table. The rows of a line add up to the line; what no decision maps is one
-- row without capability, what serves no priority a row without priority.
-- grain: ledger_id

with subject as (
    select
        subject_number,
        subject_kind,
        subject_id,
        org_unit_id,
        count(*) as target_count,
        min_by(capability_id, nth) as capability_id,
        min_by(priority_id, nth) as priority_id,
        list(unit order by nth) as units
    from staging.target
    group by subject_number, subject_kind, subject_id, org_unit_id
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
            initiative.subject_number,
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
    left join of_all as initiative on initiative.subject_kind = 'initiative' and initiative.subject_id = line.initiative_id
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

whole as (
    select
        numbered.* exclude (subject_number),
        subject.subject_kind,
        subject.capability_id,
        subject.priority_id,
        10000000000 as unit,
        numbered.billed_amount as billed_part,
        numbered.tax_amount as tax_part,
        numbered.original_amount as original_part
    from numbered
    left join subject using (subject_number)
    where coalesce(subject.target_count, 1) = 1
),

digits as (
    select [10000, 1000, 100, 10, 1][coalesce(settings.currency.minor_digits, 2) + 1] as step
    from settings.run
    left join settings.currency on settings.currency.currency = upper(settings.run.reporting_currency)
),

-- Amounts without sign, as whole numbers of the smallest unit of their currency: as a rule 64 bits hold even their product
-- with a share, and 128 bits cost ten times the time. Originals with more decimals than that are counted in 12th decimals.
measured as (
    select
        numbered.*,
        subject.units,
        digits.step,
        cast(abs(cast(numbered.billed_amount as decimal(38, 4))) * 10000 as bigint) // digits.step as billed_whole,
        cast(abs(cast(numbered.tax_amount as decimal(38, 4))) * 10000 as bigint) // digits.step as tax_whole,
        case settings.currency.minor_digits
            when 0 then cast(round(numbered.original_amount, 0) as decimal(38, 12))
            when 3 then cast(round(numbered.original_amount, 3) as decimal(38, 12))
            when 4 then cast(round(numbered.original_amount, 4) as decimal(38, 12))
            else cast(round(numbered.original_amount, 2) as decimal(38, 12))
        end as original_rounded,
        [10000, 1000, 100, 10, 1][coalesce(settings.currency.minor_digits, 2) + 1] as original_step
    from numbered
    inner join subject using (subject_number)
    cross join digits
    left join settings.currency on settings.currency.currency = numbered.original_currency
    where subject.target_count > 1
),
weighed as (
    select
        * exclude (original_rounded, original_step),
        case
            when original_amount = billed_amount then 0
            when original_amount = original_rounded then original_step
            else -1
        end as original_step,
        if(
            original_amount = original_rounded and original_amount is distinct from billed_amount,
            try(cast(cast(abs(original_rounded) as decimal(38, 4)) * 10000 as bigint)) // original_step,
            null
        ) as original_whole,
        if(
            original_amount <> original_rounded and original_amount is distinct from billed_amount,
            try(cast(abs(original_amount) * 1000000000000 as hugeint)),
            null
        ) as original_fine
    from measured
),

-- Largest remainder: every target gets the floor, and the units left over go one each to the largest remainders. A code holds
-- remainder and place of a target in one number, so that a short list is sorted and not all lines.
coded as (
    select
        *,
        list_transform(
            units,
            lambda unit, nth: if(
                billed_whole < 900000000,
                billed_whole * unit % 10000000000,
                cast(cast(billed_whole as hugeint) * unit % 10000000000 as bigint)
            ) * 1048576 + 1048576 - nth
        ) as billed_codes,
        if(tax_whole > 0, list_transform(
            units,
            lambda unit, nth: if(
                tax_whole < 900000000,
                tax_whole * unit % 10000000000,
                cast(cast(tax_whole as hugeint) * unit % 10000000000 as bigint)
            ) * 1048576 + 1048576 - nth
        ), null) as tax_codes,
        if(original_whole > 0, list_transform(
            units,
            lambda unit, nth: if(
                original_whole < 900000000,
                original_whole * unit % 10000000000,
                cast(cast(original_whole as hugeint) * unit % 10000000000 as bigint)
            ) * 1048576 + 1048576 - nth
        ), null) as original_codes,
        if(
            original_fine is not null,
            list_transform(
                units, lambda unit, nth: cast(original_fine * unit % 10000000000 as bigint) * 1048576 + 1048576 - nth
            ),
            null
        ) as fine_codes
    from weighed
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
        list_reverse_sort(coalesce(original_codes, fine_codes))[
            cast(
                list_sum(list_transform(coalesce(original_codes, fine_codes), lambda code: code // 1048576)) // 10000000000
                as bigint
            )
        ] as original_bar
    from coded
),

parted as (
    select
        barred.*,
        target.subject_kind,
        target.capability_id,
        target.priority_id,
        target.unit,
        cast(
            sign(barred.billed_amount) * barred.step * (
                if(
                    barred.billed_whole < 900000000,
                    barred.billed_whole * target.unit // 10000000000,
                    cast(cast(barred.billed_whole as hugeint) * target.unit // 10000000000 as bigint)
                )
                + if(barred.billed_codes[target.nth] >= barred.billed_bar, 1, 0)
            ) as decimal(18, 0)
        ) * 0.0001 as billed_part,
        cast(
            sign(barred.tax_amount) * barred.step * (
                if(
                    barred.tax_whole < 900000000,
                    barred.tax_whole * target.unit // 10000000000,
                    cast(cast(barred.tax_whole as hugeint) * target.unit // 10000000000 as bigint)
                )
                + if(barred.tax_codes[target.nth] >= barred.tax_bar, 1, 0)
            ) as decimal(18, 0)
        ) * 0.0001 as tax_part,
        cast(
            sign(barred.original_amount) * barred.original_step * (
                if(
                    barred.original_whole < 900000000,
                    barred.original_whole * target.unit // 10000000000,
                    cast(cast(barred.original_whole as hugeint) * target.unit // 10000000000 as bigint)
                )
                + if(barred.original_codes[target.nth] >= barred.original_bar, 1, 0)
            ) as decimal(18, 0)
        ) * 0.0001 as original_part,
        cast(
            sign(barred.original_amount) * (
                barred.original_fine * target.unit // 10000000000
                + if(barred.fine_codes[target.nth] >= barred.original_bar, 1, 0)
            ) as decimal(38, 0)
        ) * 0.000000000001 as fine_part
    from barred
    inner join staging.target as target using (subject_number)
),

shared as (
    select
        * exclude (
            subject_number, units, step, billed_whole, tax_whole, original_step, original_whole, original_fine, billed_codes,
            tax_codes, original_codes, fine_codes, billed_bar, tax_bar, original_bar, original_part, fine_part
        ),
        case original_step
            when 0 then cast(billed_part as decimal(38, 12))
            when -1 then cast(fine_part as decimal(38, 12))
            else cast(original_part as decimal(38, 12))
        end as original_part
    from parted
),

opened as (
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
    subject_kind as mapping_method, -- What says what the line is for: the initiative it names, else a decision about its tool, vendor, gl_account or cost_center; null where unmapped.
    cast(if(subject_kind is null, null, 1) as decimal(18, 10)) as mapping_confidence -- How sure the mapping is, 0 to 1; a decision is certain.
from opened
