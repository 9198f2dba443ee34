-- The books of one source's month and currency at one step: what came in, and where it went. deliver: from the files to the
-- raw records. stage: from there to the spend lines that count. convert: into the reporting currency, a row an original
-- currency. allocate: to the ledger. Amounts of the first two steps are in the original currency, of the others in the
-- reporting currency; the two sides of a step are summed from different tables.
-- grain: month, source, currency, step

with delivered as (
    select
        month,
        source,
        upper(currency) as currency,
        sum(record_count) as records_in,
        sum(record_count) filter (where status = 'loaded' and table_name <> 'spend_line') as records_other,
        sum(record_count) filter (where status = 'quarantined') as records_quarantined,
        sum(record_count) filter (where status in ('excluded', 'counted_elsewhere')) as records_excluded,
        sum(record_count) filter (where status = 'superseded') as records_superseded,
        sum(amount_unknown_count) as records_amount_unknown,
        sum(amount) filter (where table_name = 'spend_line') as amount_in,
        sum(amount) filter (where table_name = 'spend_line' and status = 'quarantined') as amount_quarantined,
        sum(amount) filter (where table_name = 'spend_line' and status = 'excluded') as amount_excluded,
        sum(amount) filter (where table_name = 'spend_line' and status = 'superseded') as amount_superseded,
        sum(amount) filter (where table_name = 'spend_line' and status = 'counted_elsewhere') as amount_counted_elsewhere
    from audit.record
    group by all
),

arrived as (
    select
        cast(date_trunc('month', posted_on) as date) as month,
        source,
        upper(currency) as currency,
        count(*) as records_loaded,
        sum(amount) as amount_loaded
    from raw.spend_line
    group by all
),

left_out as (
    select
        month,
        source,
        original_currency as currency,
        count(*) filter (where left_out_by is not null) as records_excluded,
        sum(original_amount) filter (where left_out_by is not null) as amount_excluded,
        count(*) filter (where left_out_by is null) as records_in,
        count(*) filter (where left_out_by is null and billed_amount is null) as records_amount_unknown,
        cast(sum(try(original_amount * fx_rate)) filter (where left_out_by is null and billed_amount is not null) as decimal(38, 12)) as amount_in
    from staging.spend_line
    group by all
),

counted as (
    select
        month,
        source,
        original_currency as currency,
        count(*) filter (where line_kind = 'line') as records_loaded,
        count(*) as records_allocated,
        count(*) filter (where line_kind = 'line' and billed_amount is not null) as records_converted,
        count(*) filter (where billed_amount is null) as records_amount_unknown,
        sum(original_amount) filter (where line_kind = 'line') as amount_loaded,
        cast(sum(try(original_amount * fx_rate)) filter (where billed_amount is not null) as decimal(38, 12)) as amount_exact,
        cast(sum(billed_amount) as decimal(38, 12)) as amount_converted
    from core.spend_line
    group by all
),

ledger as (
    select month, source, cast(floor(sum(share)) as bigint) as records_loaded, cast(sum(billed_amount) as decimal(38, 12)) as amount_loaded
    from core.ledger
    group by all
),

allocated as (
    select
        month,
        source,
        sum(records_allocated) as records_in,
        sum(records_amount_unknown) as records_amount_unknown,
        sum(amount_converted) as amount_in
    from counted
    group by all
),

step as (
    select
        coalesce(delivered.month, arrived.month) as month,
        coalesce(delivered.source, arrived.source) as source,
        coalesce(delivered.currency, arrived.currency) as currency,
        'deliver' as step,
        delivered.records_in,
        coalesce(arrived.records_loaded, 0) + coalesce(delivered.records_other, 0) as records_loaded,
        delivered.records_quarantined,
        delivered.records_excluded,
        delivered.records_superseded,
        delivered.records_amount_unknown,
        delivered.amount_in,
        arrived.amount_loaded,
        delivered.amount_quarantined,
        delivered.amount_excluded,
        delivered.amount_superseded,
        delivered.amount_counted_elsewhere,
        cast(0 as decimal(38, 12)) as amount_rounding
    from delivered
    full join arrived
        on arrived.month is not distinct from delivered.month
        and arrived.source = delivered.source
        and arrived.currency is not distinct from delivered.currency
    union all by name
    select
        coalesce(arrived.month, counted.month) as month,
        coalesce(arrived.source, counted.source) as source,
        coalesce(arrived.currency, counted.currency) as currency,
        'stage' as step,
        arrived.records_loaded as records_in,
        counted.records_loaded,
        left_out.records_excluded,
        arrived.amount_loaded as amount_in,
        counted.amount_loaded,
        left_out.amount_excluded
    from arrived
    full join counted
        on counted.month = arrived.month and counted.source = arrived.source and counted.currency = arrived.currency
    left join left_out
        on left_out.month = arrived.month and left_out.source = arrived.source and left_out.currency = arrived.currency
    union all by name
    select
        coalesce(left_out.month, counted.month) as month,
        coalesce(left_out.source, counted.source) as source,
        coalesce(left_out.currency, counted.currency) as currency,
        'convert' as step,
        left_out.records_in,
        counted.records_converted as records_loaded,
        left_out.records_amount_unknown,
        left_out.amount_in,
        counted.amount_converted as amount_loaded,
        coalesce(counted.amount_exact, 0) - coalesce(counted.amount_converted, 0) as amount_rounding
    from left_out
    full join counted
        on counted.month = left_out.month and counted.source = left_out.source and counted.currency = left_out.currency
    where left_out.records_in > 0 or counted.records_allocated > 0
    union all by name
    select
        coalesce(allocated.month, ledger.month) as month,
        coalesce(allocated.source, ledger.source) as source,
        upper(settings.run.reporting_currency) as currency,
        'allocate' as step,
        allocated.records_in,
        ledger.records_loaded,
        allocated.records_amount_unknown,
        allocated.amount_in,
        ledger.amount_loaded
    from allocated
    full join ledger on ledger.month = allocated.month and ledger.source = allocated.source
    cross join settings.run
),

filled as (
    select
        month,
        source,
        currency,
        step,
        cast(coalesce(records_in, 0) as bigint) as records_in,
        cast(coalesce(records_loaded, 0) as bigint) as records_loaded,
        cast(coalesce(records_quarantined, 0) as bigint) as records_quarantined,
        cast(coalesce(records_excluded, 0) as bigint) as records_excluded,
        cast(coalesce(records_superseded, 0) as bigint) as records_superseded,
        cast(coalesce(records_amount_unknown, 0) as bigint) as records_amount_unknown,
        cast(coalesce(amount_in, 0) as decimal(38, 12)) as amount_in,
        cast(coalesce(amount_loaded, 0) as decimal(38, 12)) as amount_loaded,
        cast(coalesce(amount_quarantined, 0) as decimal(38, 12)) as amount_quarantined,
        cast(coalesce(amount_excluded, 0) as decimal(38, 12)) as amount_excluded,
        cast(coalesce(amount_superseded, 0) as decimal(38, 12)) as amount_superseded,
        cast(coalesce(amount_counted_elsewhere, 0) as decimal(38, 12)) as amount_counted_elsewhere,
        cast(coalesce(amount_rounding, 0) as decimal(38, 12)) as amount_rounding
    from step
)

select
    month, -- Posting month; null for what is not spend, or where it cannot be read.
    source, -- The source.
    currency, -- ISO 4217 code; at allocate the reporting currency. Null for what is not spend, or where it cannot be read.
    step, -- deliver, stage, convert or allocate.
    records_in, -- Records that came to the step.
    records_loaded, -- Records that went on.
    records_quarantined, -- Records that could not be taken as they are.
    records_excluded, -- Records left out: by a declared rule, a decision, as counted elsewhere, or of a later month.
    records_superseded, -- Records that a later delivery replaces.
    records_amount_unknown, -- Records among those that came without an amount that can be read, or converted.
    amount_in, -- Sum of what came to the step.
    amount_loaded, -- Sum of what went on.
    amount_quarantined, -- Sum of what was quarantined, where amounts can be read.
    amount_excluded, -- Sum of what was left out.
    amount_superseded, -- Sum of what was replaced.
    amount_counted_elsewhere, -- Sum of what another record already counts, such as amortised cost beside its bill.
    amount_rounding, -- What rounding to the currency's smallest unit took away.
    amount_in - amount_loaded - amount_quarantined - amount_excluded - amount_superseded - amount_counted_elsewhere
    - amount_rounding as difference -- What is not accounted for; 0 unless arithmetic lost something.
from filled
