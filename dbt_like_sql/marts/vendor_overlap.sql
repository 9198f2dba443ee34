-- A capability for which two or more vendors were paid in the 12 months that end with the refreshed month: tools and services,
-- whatever told what the money is for. Vendors beside the largest are not a saving by themselves; marts.saving reckons that.
-- grain: capability_id

with posted as (
    select ledger.capability_id, ledger.vendor_id, ledger.provenance, sum(ledger.billed_amount) as amount, sum(ledger.ledger_row_count) as row_count
    from marts.ledger_month as ledger
    cross join settings.run as run
    where
        ledger.month > run.month - interval 12 months
        and ledger.month <= run.month
        and ledger.ledger_row_count > 0
        and ledger.capability_id is not null
        and ledger.vendor_id is not null
    group by ledger.capability_id, ledger.vendor_id, ledger.provenance
),

paid as (
    select capability_id, vendor_id, sum(amount) as amount, sum(row_count) as row_count
    from posted
    group by capability_id, vendor_id
    having sum(amount) > 0
),

together as (
    select
        paid.capability_id,
        count(*) as vendor_count,
        count(*) filter (where vendor.is_reseller) as reseller_count,
        list(vendor.vendor_name order by paid.amount desc, paid.vendor_id) as vendors,
        list(cast(paid.amount as decimal(18, 4)) order by paid.amount desc, paid.vendor_id) as vendor_amounts,
        list_sort(list(paid.vendor_id)) as vendor_ids,
        sum(paid.amount) as amount,
        sum(paid.amount) - max(paid.amount) as other_amount,
        max(paid.amount) as largest,
        sum(paid.row_count) as row_count,
        list_sum(list(cast(paid.amount as double) * cast(paid.amount as double) order by paid.amount, paid.vendor_id)) as squares
    from paid
    inner join core.vendor as vendor on paid.vendor_id = vendor.vendor_id
    group by paid.capability_id
    having count(*) > 1
),

tool as (
    select mapping.capability_id, count(distinct mapping.tool_id) as tool_count
    from core.tool_capability as mapping
    group by mapping.capability_id
),

mix as (
    select
        capability_id,
        string_agg(provenance || ' ' || round(100 * cast(amount as double) / cast(total as double), 1) || '%', ', ' order by amount desc, provenance) as provenance_mix
    from (
        select posted.capability_id, posted.provenance, sum(posted.amount) as amount, sum(sum(posted.amount)) over (partition by posted.capability_id) as total
        from posted
        inner join paid on posted.capability_id = paid.capability_id and posted.vendor_id = paid.vendor_id
        group by posted.capability_id, posted.provenance
    )
    where total <> 0
    group by capability_id
),

decided as (
    select
        capability_id,
        max(decided_on) as decided_on,
        string_agg(concat_ws('|', subject_kind, subject_id, org_unit_id, weight_share), '; ' order by subject_kind, subject_id, org_unit_id nulls last) as inputs
    from staging.mapping
    group by capability_id
),

named as (
    select capability_id, 'vendors-' || left(md5('vendors|' || capability_id || '|' || array_to_string(vendor_ids, '|')), 8) as finding_id
    from together
)

select
    together.capability_id,
    capability.capability_name,
    named.finding_id, -- The finding; another vendor coming in or one going makes it another finding.
    together.vendor_count, -- Vendors with money.
    together.reseller_count, -- Those among them that sell what others make.
    together.vendors, -- Their names, most money first.
    together.vendor_amounts, -- Money of each for this capability in 12 months, in the same order.
    cast(round(cast(together.amount as double) * cast(together.amount as double) / together.squares, 10) as decimal(18, 10)) as effective_vendor_number, -- 1 / sum of squared shares of the money: 2.0 means as spread as over two equal vendors.
    coalesce(tool.tool_count, 0) as tool_count, -- Tools mapped to the capability.
    cast(together.amount as decimal(18, 4)) as spend_12m_amount, -- Money of all of them for this capability in 12 months.
    cast(together.other_amount as decimal(18, 4)) as beside_largest_amount, -- Money of all but the one paid most.
    cast(together.row_count as bigint) as ledger_row_count, -- Ledger rows behind the money.
    mix.provenance_mix, -- Shares of the money by how it came to be known.
    left(md5(concat_ws('|', together.capability_id, decided.inputs)), 8) as inputs_key, -- Key of the decisions that send money there; a dismissal that quotes it ends when they change.
    dismissal.finding_id is not null and not coalesce(dismissal.decided_on < decided.decided_on or dismissal.inputs_key <> left(md5(concat_ws('|', together.capability_id, decided.inputs)), 8), false) as is_dismissed -- Somebody set it aside, and nothing it rests on has changed since.
from together
inner join named on together.capability_id = named.capability_id
left join core.capability as capability on together.capability_id = capability.capability_id
left join tool on together.capability_id = tool.capability_id
left join decided on together.capability_id = decided.capability_id
left join staging.dismissal as dismissal on named.finding_id = dismissal.finding_id
left join mix on together.capability_id = mix.capability_id
order by beside_largest_amount desc, together.capability_id
