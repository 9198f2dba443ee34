-- Why the money of the refreshed month is not that of the month before: one tool, vendor or account, capability, priority and
-- cause. First the month before as it was published becomes the month before as it is known now (late_posting, re_mapped,
-- re_allocated, own_rules); then that becomes the refreshed month (new, ended, timing, price, volume, price_or_volume);
-- currency belongs to both steps. Where nothing was published of the month before, only the second step can be told.
-- grain: cause, subject_kind, subject_id, capability_id, priority_id

with run as (
    select
        settings.run.month,
        cast(settings.run.month - interval 1 month as date) as before_month,
        [10000, 1000, 100, 10, 1][coalesce(settings.currency.minor_digits, 2) + 1] as step,
        if(audit.earlier_month.earlier_month = settings.run.month - interval 1 month, audit.earlier_month.earlier_state, 'recomputed') as basis,
        audit.earlier_month.newest_delivery_id
    from settings.run
    left join settings.currency on settings.currency.currency = upper(settings.run.reporting_currency)
    left join audit.earlier_month on true
),

known as (
    select
        ledger.ledger_id,
        ledger.spend_line_id,
        ledger.month,
        case when ledger.tool_id is not null then 'tool' when ledger.vendor_id is not null then 'vendor' when ledger.gl_account is not null then 'gl_account' else 'none' end as subject_kind,
        coalesce(ledger.tool_id, ledger.vendor_id, ledger.gl_account, 'none') as subject_id,
        ledger.capability_id,
        ledger.priority_id,
        ledger.share as line_share,
        cast(coalesce(ledger.billed_amount, 0) as decimal(18, 4)) as amount,
        try_cast(ledger.original_amount as decimal(18, 4)) as original_amount,
        ledger.original_currency,
        ledger.fx_rate,
        ledger.source,
        ledger.delivery_id,
        ledger.service_end_on,
        run.month as this_month,
        run.step
    from core.ledger as ledger
    cross join run
    where ledger.month = run.month or ledger.month = run.before_month
),

published as (
    select
        line.ledger_id,
        line.spend_line_id,
        case when line.tool_id is not null then 'tool' when line.vendor_id is not null then 'vendor' when line.gl_account is not null then 'gl_account' else 'none' end as subject_kind,
        coalesce(line.tool_id, line.vendor_id, line.gl_account, 'none') as subject_id,
        line.capability_id,
        line.priority_id,
        line.line_share,
        cast(coalesce(line.published_amount, 0) as decimal(18, 4)) as amount,
        try_cast(line.published_original_amount as decimal(18, 4)) as original_amount,
        line.original_currency,
        line.fx_rate,
        line.source,
        line.delivery_id
    from audit.earlier_line as line
),

-- Step 1: lines of the month before that are not what was published.
moved as (
    select distinct coalesce(latest.spend_line_id, was.spend_line_id) as spend_line_id
    from published as was
    full join (select ledger_id, spend_line_id, amount from known where month < this_month) as latest on latest.ledger_id = was.ledger_id
    cross join run
    where run.basis <> 'recomputed' and was.amount is distinct from latest.amount
),

was_line as (
    select
        spend_line_id,
        sum(amount) as amount,
        sum(original_amount) as original_amount,
        min(original_currency) as original_currency,
        min(fx_rate) as fx_rate,
        min(source) as source,
        list(distinct coalesce(capability_id, '') order by coalesce(capability_id, '')) as capability_ids,
        list(concat_ws('|', ledger_id, line_share) order by ledger_id) as shares
    from published
    semi join moved using (spend_line_id)
    group by spend_line_id
),

now_line as (
    select
        spend_line_id,
        sum(amount) as amount,
        sum(original_amount) as original_amount,
        min(original_currency) as original_currency,
        min(fx_rate) as fx_rate,
        min(delivery_id) as delivery_id,
        list(distinct coalesce(capability_id, '') order by coalesce(capability_id, '')) as capability_ids,
        list(concat_ws('|', ledger_id, line_share) order by ledger_id) as shares
    from known
    semi join moved using (spend_line_id)
    where month < this_month
    group by spend_line_id
),

newer as (
    select distinct record.source
    from audit.record as record
    cross join run
    where record.delivery_id > run.newest_delivery_id
),

-- A line that came, went or has another amount under a delivery that was known then already is our own doing: an exclusion, a
-- setting, a profile or the program.
judged as (
    select
        coalesce(latest.spend_line_id, was.spend_line_id) as spend_line_id,
        latest.amount as now_amount,
        case
            when latest.spend_line_id is null then if(newer.source is null, 'own_rules', 'late_posting')
            when was.spend_line_id is null then if(latest.delivery_id > run.newest_delivery_id, 'late_posting', 'own_rules')
            when latest.amount = was.amount then null
            when latest.original_amount = was.original_amount and latest.original_currency = was.original_currency and latest.fx_rate is distinct from was.fx_rate then 'currency'
            when latest.delivery_id > run.newest_delivery_id then 'late_posting'
            else 'own_rules'
        end as amount_cause,
        case
            when latest.spend_line_id is null or was.spend_line_id is null or latest.shares = was.shares then null
            when latest.capability_ids = was.capability_ids then 're_allocated'
            else 're_mapped'
        end as mapping_cause
    from was_line as was
    full join now_line as latest on latest.spend_line_id = was.spend_line_id
    left join newer on newer.source = was.source
    cross join run
),

-- Where a line has another amount and another mapping, the new amount is first spread as the old mapping would have had it:
-- shares of a line add up to 1, so the rounded running sums end in the whole.
spread as (
    select
        published.*,
        judged.now_amount,
        judged.amount_cause,
        judged.mapping_cause,
        sign(judged.now_amount) * run.step * (
            (cast(abs(judged.now_amount) * 10000 as hugeint) // run.step * cast(sum(published.line_share) over line * 10000000000 as hugeint) + 5000000000) // 10000000000
            - (
                cast(abs(judged.now_amount) * 10000 as hugeint) // run.step
                * cast((sum(published.line_share) over line - published.line_share) * 10000000000 as hugeint) + 5000000000
            ) // 10000000000
        ) as between_units
    from published
    inner join judged on judged.spend_line_id = published.spend_line_id
    cross join run
    window line as (partition by published.spend_line_id order by published.ledger_id rows unbounded preceding)
),

stepped as (
    select
        amount_cause,
        mapping_cause,
        subject_kind,
        subject_id,
        capability_id,
        priority_id,
        -amount as was_amount,
        if(amount_cause is not null and mapping_cause is not null, cast(cast(between_units as decimal(18, 0)) * 0.0001 as decimal(18, 4)), 0) as between_amount,
        0 as now_amount
    from spread
    union all
    select judged.amount_cause, judged.mapping_cause, known.subject_kind, known.subject_id, known.capability_id, known.priority_id, 0, 0, known.amount
    from known
    inner join judged on judged.spend_line_id = known.spend_line_id
    where known.month < known.this_month
),

restated as (
    select
        amount_cause as cause,
        subject_kind,
        subject_id,
        capability_id,
        priority_id,
        cast(was_amount + if(mapping_cause is null, now_amount, between_amount) as decimal(18, 4)) as amount
    from stepped
    where amount_cause is not null
    union all
    select
        mapping_cause,
        subject_kind,
        subject_id,
        capability_id,
        priority_id,
        cast(now_amount + if(amount_cause is null, was_amount, -between_amount) as decimal(18, 4))
    from stepped
    where mapping_cause is not null
),

-- Step 2: what is paid for in the two months.
paid as (
    select
        subject_kind,
        subject_id,
        capability_id,
        priority_id,
        original_currency,
        any_value(step) as step,
        cast(coalesce(sum(amount) filter (where month < this_month), 0) as decimal(18, 4)) as before_amount,
        cast(coalesce(sum(amount) filter (where month = this_month), 0) as decimal(18, 4)) as after_amount,
        cast(coalesce(sum(original_amount) filter (where month < this_month), 0) as decimal(18, 4)) as before_original,
        cast(coalesce(sum(original_amount) filter (where month = this_month), 0) as decimal(18, 4)) as after_original
    from known
    group by subject_kind, subject_id, capability_id, priority_id, original_currency
),

-- Something paid in some months only, or for service that goes on, has neither begun nor ended when its invoice comes or stays out.
billed as (
    select distinct
        case when ledger.tool_id is not null then 'tool' when ledger.vendor_id is not null then 'vendor' when ledger.gl_account is not null then 'gl_account' else 'none' end as subject_kind,
        coalesce(ledger.tool_id, ledger.vendor_id, ledger.gl_account, 'none') as subject_id,
        date_diff('month', ledger.month, run.month) as months_ago
    from marts.ledger_month as ledger
    cross join run
    where ledger.ledger_row_count > 0 and ledger.month <= run.month and ledger.month > run.month - interval 14 months
),

rhythm as (
    select
        subject_kind,
        subject_id,
        bool_or(months_ago = 0) as is_paid_now,
        bool_or(months_ago = 1) as is_paid_before,
        bool_or(months_ago > 1) as is_paid_earlier,
        count(*) filter (where months_ago >= 1) < max(months_ago) as has_pauses
    from billed
    group by subject_kind, subject_id
),

served as (
    select subject_kind, subject_id, max(service_end_on) >= any_value(this_month) as is_served_on
    from known
    where month < this_month
    group by subject_kind, subject_id
),

counted as (
    select
        staging.tool_name.tool_id,
        date_trunc('month', licence.as_of_on) = run.month as is_now,
        max_by(licence.seats_purchased, licence.as_of_on) as seats
    from raw.licence as licence
    cross join run
    inner join staging.tool_name on staging.tool_name.tool_name_raw = licence.tool_name
    where licence.as_of_on >= run.before_month and licence.as_of_on <= last_day(run.month)
    group by staging.tool_name.tool_id, licence.source, licence.licence_id, is_now
),

seats as (
    select
        tool_id,
        cast(sum(seats) filter (where not is_now) as bigint) as before_seats,
        cast(sum(seats) filter (where is_now) as bigint) as after_seats
    from counted
    group by tool_id
),

-- The rate of the month before, applied to the original amounts of this one, tells currency from the rest. Whole units, no floats.
measured as (
    select
        paid.*,
        rhythm.is_paid_now and rhythm.is_paid_before as is_in_both,
        case
            when rhythm.is_paid_before then if(coalesce(served.is_served_on, false) or (rhythm.is_paid_earlier and rhythm.has_pauses), 'timing', 'ended')
            else if(rhythm.is_paid_earlier, 'timing', 'new')
        end as coming_cause,
        if(
            paid.before_original = 0,
            0,
            sign(paid.before_amount) * sign(paid.before_original) * sign(paid.after_original) * (
                2 * cast(abs(paid.before_amount) * 10000 as hugeint) // paid.step * cast(abs(paid.after_original) * 10000 as hugeint)
                + cast(abs(paid.before_original) * 10000 as hugeint)
            ) // (2 * cast(abs(paid.before_original) * 10000 as hugeint))
        ) as constant_units,
        if(
            seats.before_seats > 0 and seats.after_seats is not null,
            sign(paid.before_amount) * sign(seats.after_seats - seats.before_seats) * (
                (2 * cast(abs(paid.before_amount) * 10000 as hugeint) // paid.step * abs(seats.after_seats - seats.before_seats) + seats.before_seats)
                // (2 * seats.before_seats)
            ),
            null
        ) as volume_units
    from paid
    inner join rhythm on rhythm.subject_kind = paid.subject_kind and rhythm.subject_id = paid.subject_id
    left join served on served.subject_kind = paid.subject_kind and served.subject_id = paid.subject_id
    left join seats on paid.subject_kind = 'tool' and seats.tool_id = paid.subject_id
),

split as (
    select
        * exclude (constant_units, volume_units),
        case
            when before_original = 0 or after_original = 0 then 0
            else after_amount - cast(cast(constant_units * step as decimal(18, 0)) * 0.0001 as decimal(18, 4))
        end as currency_amount,
        cast(cast(volume_units * step as decimal(18, 0)) * 0.0001 as decimal(18, 4)) as volume_amount
    from measured
),

item as (
    select cause, subject_kind, subject_id, capability_id, priority_id, amount
    from restated
    union all
    select coming_cause, subject_kind, subject_id, capability_id, priority_id, after_amount - before_amount
    from split
    where not is_in_both
    union all
    select 'currency', subject_kind, subject_id, capability_id, priority_id, currency_amount
    from split
    where is_in_both
    union all
    select 'volume', subject_kind, subject_id, capability_id, priority_id, volume_amount
    from split
    where is_in_both and volume_amount is not null
    union all
    select
        if(volume_amount is null, 'price_or_volume', 'price'),
        subject_kind,
        subject_id,
        capability_id,
        priority_id,
        after_amount - before_amount - currency_amount - coalesce(volume_amount, 0)
    from split
    where is_in_both
),

added as (
    select cause, subject_kind, subject_id, capability_id, priority_id, sum(amount) as amount
    from item
    group by cause, subject_kind, subject_id, capability_id, priority_id
    having sum(amount) <> 0
)

select
    run.month, -- The refreshed month.
    run.before_month, -- The month before.
    added.cause, -- new | ended | timing: an invoice that does not come every month, or is paid for longer service | price | volume: seats at the price of before | price_or_volume: no counts tell which | currency: the rate moved, or was restated | re_mapped: the same line goes to other capabilities | re_allocated: to the same ones in other shares, or for other priorities | late_posting: came or was corrected after publishing | own_rules: an exclusion, setting, profile or the program counts a known record otherwise
    case
        when added.cause in ('re_mapped', 're_allocated', 'own_rules') then 'ours'
        when added.cause = 'late_posting' then 'books'
        else 'world'
    end as changed_by, -- world: what is bought changed. books: what is known of the month before changed. ours: how it is counted changed.
    added.subject_kind, -- tool | vendor | gl_account | none
    added.subject_id, -- Id of what is paid for; none where a line names nothing.
    coalesce(tool.tool_name, vendor.vendor_name, added.subject_id) as subject, -- Its name.
    added.capability_id,
    added.priority_id,
    cast(added.amount as decimal(18, 4)) as change_amount, -- What it adds to the month's money; less is negative.
    run.basis -- closed | published: the state of the version that the month before is taken from. recomputed: nothing was published of it, so that re-mapped money, late postings and the like can't be told.
from added
cross join run
left join core.tool as tool on added.subject_kind = 'tool' and tool.tool_id = added.subject_id
left join core.vendor as vendor on added.subject_kind = 'vendor' and vendor.vendor_id = added.subject_id
order by abs(change_amount) desc, added.cause, added.subject_id, added.capability_id, added.priority_id
