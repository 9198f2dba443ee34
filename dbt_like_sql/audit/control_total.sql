-- One control total that finance gave, or one source's month without one, beside what the spend lines say. All that the
-- source delivered counts here, lines left out by a decision as well, since finance's ledger has them too. A total in the
-- reporting currency is held against all lines, one in another currency against the lines in that currency.
-- grain: month, source, gl_account, currency

with line as (
    select
        staging.spend_line.month,
        staging.spend_line.source,
        staging.spend_line.gl_account,
        staging.spend_line.original_currency,
        count(*) as line_count,
        sum(staging.spend_line.original_amount) as original_amount,
        sum(staging.spend_line.billed_amount) as billed_amount,
        count(*) filter (where staging.spend_line.billed_amount is null) as unrated_count
    from staging.spend_line
    where staging.spend_line.left_out_by is distinct from 'later_month'
    group by all
    union all
    select month, source, gl_account, original_currency, 0, 0, sum(billed_amount), 0
    from core.spend_line
    where line_kind = 'rounding'
    group by all
    union all
    -- A copy of what another source counts is in the books of finance all the same.
    select
        cast(date_trunc('month', copy.copy_posted_on) as date),
        copy.copy_source,
        copy.copy_gl_account,
        copy.currency,
        count(*),
        sum(copy.copy_amount),
        sum(copy.copy_amount) filter (where copy.currency = upper(run.reporting_currency)),
        count(*) filter (where copy.currency <> upper(run.reporting_currency))
    from settings.purchase_match as copy
    cross join settings.run as run
    where copy.match_state = 'matched'
    group by all
),

control as (
    select
        control_total.month,
        control_total.source_name as source,
        control_total.gl_account,
        upper(control_total.currency) as currency,
        upper(control_total.currency) = upper(run.reporting_currency) as is_reporting,
        sum(control_total.amount) as control_amount
    from raw.control_total as control_total
    cross join settings.run as run
    where control_total.month <= run.month
    group by all
),

held as (
    select
        control.month,
        control.source,
        control.gl_account,
        control.currency,
        any_value(control.control_amount) as control_amount,
        coalesce(sum(line.line_count), 0) as line_count,
        coalesce(
            sum(
                case
                    when control.is_reporting then cast(line.billed_amount as decimal(38, 12))
                    when line.original_currency = control.currency then line.original_amount
                end
            ),
            0
        ) as counted_amount,
        coalesce(sum(line.unrated_count) filter (where control.is_reporting), 0) as unrated_count
    from control
    left join line
        on line.month = control.month
        and (control.source is null or line.source = control.source)
        and (control.gl_account is null or line.gl_account = control.gl_account)
        and (control.is_reporting or line.original_currency = control.currency)
    group by control.month, control.source, control.gl_account, control.currency
),

uncontrolled as (
    select
        line.month,
        line.source,
        cast(null as varchar) as gl_account,
        upper(run.reporting_currency) as currency,
        cast(null as decimal(38, 12)) as control_amount,
        sum(line.line_count) as line_count,
        coalesce(cast(sum(line.billed_amount) as decimal(38, 12)), 0) as counted_amount,
        sum(line.unrated_count) as unrated_count
    from line
    cross join settings.run as run
    where not exists (
        select 1
        from control
        where control.month = line.month and control.gl_account is null and (control.source is null or control.source = line.source)
    )
    group by line.month, line.source, run.reporting_currency
),

all_of_them as (
    select * from held
    union all by name
    select * from uncontrolled
)

select
    month, -- The month.
    source, -- The source; null: all sources.
    gl_account, -- The account; null: all accounts.
    currency, -- ISO 4217 code of the amounts.
    cast(control_amount as decimal(38, 12)) as control_amount, -- The total that finance gave; null where it gave none.
    cast(counted_amount as decimal(38, 12)) as counted_amount, -- What the spend lines add up to.
    cast(control_amount - counted_amount as decimal(38, 12)) as difference, -- What finance has beyond the spend lines; null without control.
    cast(unrated_count as bigint) as unrated_count, -- Lines that the sum lacks because no rate is known.
    case
        when control_amount is null then 'without_control'
        when line_count = 0 then 'not_delivered'
        when control_amount = counted_amount then 'tied'
        else 'not_tied'
    end as state -- tied, not_tied, without_control or not_delivered.
from all_of_them
