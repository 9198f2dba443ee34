-- One point on which two of finance, register, contracts, licences and sign-ins contradict each other about a tool or
-- contract: vendor, seats, owner, dates or price; with what each side says, where, and the money that hangs on it.
-- grain: disagreement_id

with register as (
    select
        known.*,
        min_by(raw.tool.source_file, (raw.tool.source, raw.tool.tool_id)) as source_file,
        min_by(raw.tool.source_row, (raw.tool.source, raw.tool.tool_id)) as source_row
    from core.tool as known
    inner join staging.tool_name on staging.tool_name.tool_id = known.tool_id
    inner join raw.tool on raw.tool.name = staging.tool_name.tool_name_raw
    group by all
),

contract as (
    select * from core.contract where coalesce(status, 'active') in ('active', 'expired')
),

agreed as (
    select
        tool_id,
        sum(seats) as seats,
        max(unit_price) as unit_price,
        sum(annual_amount) as annual_amount,
        min(source_file) as source_file,
        min(source_row) as source_row,
        count(*) as row_count
    from contract
    where tool_id is not null and status is distinct from 'expired'
    group by tool_id
),

bought as (
    select
        tool_id,
        cast(sum(seats_purchased) as bigint) as seats_purchased,
        cast(sum(seats_assigned) as bigint) as seats_assigned,
        max(annual_unit_price) as unit_price,
        min(source_file) as source_file,
        min(source_row) as source_row,
        count(*) as row_count
    from core.licence
    where tool_id is not null
    group by tool_id
),

signed as (
    select
        staging.tool_name.tool_id,
        count(distinct lower(raw.usage.person)) as person_count,
        count(*) as row_count,
        min(raw.usage.source_file) as source_file,
        min_by(raw.usage.source_row, (raw.usage.source_file, raw.usage.source_row)) as source_row
    from raw.usage
    inner join staging.tool_name on staging.tool_name.tool_name_raw = raw.usage.tool_name
    group by staging.tool_name.tool_id
),

line as (
    select posted.*
    from core.spend_line as posted
    cross join settings.run
    where posted.month > settings.run.month - interval 12 month and posted.line_kind = 'line'
),

paid as (
    select
        tool_id,
        vendor_id,
        sum(billed_amount) as billed_amount,
        max(month) as last_month,
        count(*) as row_count,
        min_by(source_file, (posted.month, posted.spend_line_id)) as source_file,
        min_by(source_row, (posted.month, posted.spend_line_id)) as source_row
    from line as posted
    where tool_id is not null and tool_method in ('tool_name', 'contract')
    group by tool_id, vendor_id
),

-- A reseller, or a company of the same group, sells what another makes: that is no contradiction.
related as (
    select one.vendor_id, other.vendor_id as other_id
    from core.vendor as one
    inner join core.vendor as other on one.vendor_id <> other.vendor_id
    where
        one.is_reseller
        or other.is_reseller
        or lower(one.parent) = lower(other.vendor_name)
        or lower(other.parent) = lower(one.vendor_name)
        or lower(one.parent) = lower(other.parent)
),

seller as (
    select
        'contracts' as right_side,
        tool_id,
        vendor_id,
        sum(annual_amount) as money_amount,
        min(source_file) as source_file,
        min(source_row) as source_row,
        count(*) as row_count
    from contract
    where tool_id is not null and status is distinct from 'expired'
    group by tool_id, vendor_id
    union all
    select 'finance', tool_id, vendor_id, billed_amount, source_file, source_row, row_count from paid
),

found as (
    select
        'vendor' as kind,
        register.tool_id,
        cast(null as varchar) as contract_id,
        'register' as left_side,
        of_register.vendor_name as left_value,
        register.source_file as left_file,
        register.source_row as left_row,
        1 as left_count,
        seller.right_side,
        of_seller.vendor_name as right_value,
        seller.source_file as right_file,
        seller.source_row as right_row,
        seller.row_count as right_count,
        cast(seller.money_amount as decimal(18, 4)) as money_amount
    from register
    inner join seller using (tool_id)
    inner join core.vendor as of_register on of_register.vendor_id = register.vendor_id
    inner join core.vendor as of_seller on of_seller.vendor_id = seller.vendor_id
    where
        register.vendor_id <> seller.vendor_id
        and not exists (select 1 from related where related.vendor_id = register.vendor_id and related.other_id = seller.vendor_id)
    union all by name
    select
        'seats' as kind,
        agreed.tool_id,
        'contracts' as left_side,
        cast(agreed.seats as varchar) as left_value,
        agreed.source_file as left_file,
        agreed.source_row as left_row,
        agreed.row_count as left_count,
        'licences' as right_side,
        cast(bought.seats_purchased as varchar) as right_value,
        bought.source_file as right_file,
        bought.source_row as right_row,
        bought.row_count as right_count,
        cast(abs(agreed.seats - bought.seats_purchased) * coalesce(agreed.unit_price, bought.unit_price) as decimal(18, 4)) as money_amount
    from agreed
    inner join bought using (tool_id)
    where agreed.seats <> bought.seats_purchased
    union all by name
    select
        'seats' as kind,
        bought.tool_id,
        'licences' as left_side,
        cast(bought.seats_assigned as varchar) as left_value,
        bought.source_file as left_file,
        bought.source_row as left_row,
        bought.row_count as left_count,
        'sign-ins' as right_side,
        cast(signed.person_count as varchar) as right_value,
        signed.source_file as right_file,
        signed.source_row as right_row,
        signed.row_count as right_count,
        cast(abs(bought.seats_assigned - signed.person_count) * coalesce(agreed.unit_price, bought.unit_price) as decimal(18, 4)) as money_amount
    from bought
    inner join signed using (tool_id)
    left join agreed using (tool_id)
    where bought.seats_assigned <> signed.person_count
    union all by name
    select
        'owner' as kind,
        register.tool_id,
        contract.contract_id,
        'register' as left_side,
        register.business_owner as left_value,
        register.source_file as left_file,
        register.source_row as left_row,
        1 as left_count,
        'contracts' as right_side,
        contract.owner as right_value,
        contract.source_file as right_file,
        contract.source_row as right_row,
        1 as right_count,
        contract.annual_amount as money_amount
    from register
    inner join contract using (tool_id)
    where
        trim(lower(strip_accents(register.business_owner))) <> trim(lower(strip_accents(contract.owner)))
        and trim(lower(strip_accents(coalesce(register.it_owner, '')))) <> trim(lower(strip_accents(contract.owner)))
    union all by name
    select
        'dates' as kind,
        contract.tool_id,
        contract.contract_id,
        'contracts' as left_side,
        'ended ' || contract.end_on as left_value,
        contract.source_file as left_file,
        contract.source_row as left_row,
        1 as left_count,
        'finance' as right_side,
        'billed in ' || strftime(max(line.month), '%Y-%m') as right_value,
        max_by(line.source_file, (line.month, line.spend_line_id)) as right_file,
        max_by(line.source_row, (line.month, line.spend_line_id)) as right_row,
        count(*) as right_count,
        cast(sum(line.billed_amount) as decimal(18, 4)) as money_amount
    from contract
    inner join line on line.contract_id = contract.contract_id
    where
        line.month > contract.end_on
        and (line.service_start_on is null or line.service_start_on > contract.end_on)
        and (contract.status = 'expired' or not coalesce(contract.auto_renew, false))
    group by contract.tool_id, contract.contract_id, contract.end_on, contract.source_file, contract.source_row
    union all by name
    select
        'dates' as kind,
        register.tool_id,
        'register' as left_side,
        'end of life' || coalesce(' ' || register.end_of_life_on, '') as left_value,
        register.source_file as left_file,
        register.source_row as left_row,
        1 as left_count,
        'finance' as right_side,
        'billed in ' || strftime(max(paid.last_month), '%Y-%m') as right_value,
        min(paid.source_file) as right_file,
        min(paid.source_row) as right_row,
        cast(sum(paid.row_count) as bigint) as right_count,
        cast(sum(paid.billed_amount) as decimal(18, 4)) as money_amount
    from register
    cross join settings.run
    inner join paid using (tool_id)
    where
        (register.lifecycle = 'end_of_life' or register.end_of_life_on < settings.run.month)
        and paid.last_month > coalesce(register.end_of_life_on, date '0001-01-01')
    group by register.tool_id, register.end_of_life_on, register.source_file, register.source_row
    union all by name
    select
        'price' as kind,
        agreed.tool_id,
        'contracts' as left_side,
        rtrim(rtrim(cast(agreed.unit_price as varchar), '0'), '.') || ' a seat and year' as left_value,
        agreed.source_file as left_file,
        agreed.source_row as left_row,
        agreed.row_count as left_count,
        'licences' as right_side,
        rtrim(rtrim(cast(bought.unit_price as varchar), '0'), '.') || ' a seat and year' as right_value,
        bought.source_file as right_file,
        bought.source_row as right_row,
        bought.row_count as right_count,
        cast(abs(agreed.unit_price - bought.unit_price) * coalesce(agreed.seats, bought.seats_purchased) as decimal(18, 4)) as money_amount
    from agreed
    inner join bought using (tool_id)
    where abs(agreed.unit_price - bought.unit_price) > 0.01 * agreed.unit_price
    union all by name
    select
        'price' as kind,
        variance.tool_id,
        variance.contract_id,
        'contracts' as left_side,
        rtrim(rtrim(cast(contract.annual_amount as varchar), '0'), '.') || ' a year' as left_value,
        contract.source_file as left_file,
        contract.source_row as left_row,
        1 as left_count,
        'finance' as right_side,
        rtrim(rtrim(cast(sum(variance.effective_amount) as varchar), '0'), '.') || ' in 12 months' as right_value,
        min_by(variance.invoice_file, variance.month) as right_file,
        cast(null as bigint) as right_row,
        cast(sum(variance.invoice_line_count) as bigint) as right_count,
        cast(abs(sum(variance.effective_amount) - contract.annual_amount) as decimal(18, 4)) as money_amount
    from marts.contract_variance as variance
    cross join settings.run
    inner join contract using (contract_id)
    where variance.month > settings.run.month - interval 12 month
    group by variance.tool_id, variance.contract_id, contract.annual_amount, contract.source_file, contract.source_row
    having
        count(*) = 12
        and sum(variance.effective_amount) > 0
        and abs(sum(variance.effective_amount) - contract.annual_amount) > 0.01 * contract.annual_amount
)

select
    'disagreement-'
    || left(md5(concat_ws('|', found.kind, found.left_side, found.right_side, found.tool_id, found.contract_id, if(found.kind = 'vendor', found.right_value, null))), 8)
        as disagreement_id, -- Short id; made from the kind, the sides, and the tool and contract.
    found.kind, -- What they contradict each other on: vendor, seats, owner, dates or price.
    found.tool_id,
    core.tool.tool_name,
    found.contract_id, -- The contract that it is about; null where it is about the tool as a whole.
    found.left_side, -- One side: register, contracts or licences.
    found.left_value, -- What it says.
    found.left_file, -- A file that says so.
    found.left_row, -- Its row there; the first of several.
    found.left_count, -- How many rows say so.
    found.right_side, -- The other side: contracts, licences, sign-ins or finance.
    found.right_value, -- What that says.
    found.right_file, -- A file that says so.
    found.right_row, -- Its row there; the first of several, null where they stand in several files.
    found.right_count, -- How many rows say so.
    found.money_amount -- What hangs on it, in the reporting currency: the difference where both sides give an amount, else a year's cost; null where no price is known.
from found
left join core.tool on core.tool.tool_id = found.tool_id
order by found.money_amount desc nulls last, disagreement_id
