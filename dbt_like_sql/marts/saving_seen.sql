-- A saving that was agreed or contracted, and how much of it the ledger shows: what the tool, vendor or account cost in the 12
-- months before it took effect, for as many months as have passed, less what it cost since. Cost is spread over the months of
-- service, so that a yearly invoice saves nothing in the months without one.
-- grain: finding_id, subject_kind, subject_id

with named as (
    select 'tool' as subject_kind, lower(tool_name_raw) as subject, min(tool_id) as subject_id
    from staging.tool_name
    group by lower(tool_name_raw)
    union all
    select 'vendor', lower(vendor_name_raw), min(vendor_id)
    from staging.vendor_name
    group by lower(vendor_name_raw)
),

decided as (
    select
        saving.finding_id,
        saving.subject_kind,
        coalesce(named.subject_id, lower(saving.subject)) as subject_id,
        min(saving.subject) as subject,
        max(saving.stage) as stage,
        sum(saving.annual_amount) as annual_amount,
        min(date_trunc('month', saving.effective_on)) as effective_month,
        max(saving.decided_on) as decided_on,
        min(saving.note) as note
    from raw.saving as saving
    left join named on named.subject_kind = saving.subject_kind and named.subject = lower(saving.subject)
    group by saving.finding_id, saving.subject_kind, coalesce(named.subject_id, lower(saving.subject))
),

cost as (
    select 'tool' as subject_kind, tool_id as subject_id, month, sum(effective_amount) as amount
    from marts.ledger_month
    where tool_id is not null
    group by tool_id, month
    union all
    select 'vendor', vendor_id, month, sum(effective_amount)
    from marts.ledger_month
    where vendor_id is not null
    group by vendor_id, month
    union all
    select 'gl_account', lower(gl_account), month, sum(effective_amount)
    from marts.ledger_month
    where gl_account is not null
    group by lower(gl_account), month
),

measured as (
    select
        decided.finding_id,
        decided.subject_kind,
        decided.subject_id,
        least(greatest(date_diff('month', decided.effective_month, any_value(run.month)) + 1, 0), 12) as month_count,
        coalesce(sum(cost.amount) filter (where cost.month < decided.effective_month and cost.month >= decided.effective_month - interval 12 months), 0) as before_amount,
        coalesce(sum(cost.amount) filter (
            where cost.month >= decided.effective_month and cost.month <= run.month and cost.month < decided.effective_month + interval 12 months
        ), 0) as since_amount
    from decided
    cross join settings.run as run
    left join cost on cost.subject_kind = decided.subject_kind and cost.subject_id = decided.subject_id
    group by decided.finding_id, decided.subject_kind, decided.subject_id, decided.effective_month
),

-- Twelfths of whole cents; // cuts, so that no fraction of a cent is claimed.
reckoned as (
    select
        decided.*,
        measured.month_count,
        cast(cast(cast(decided.annual_amount * 100 as hugeint) * measured.month_count // 12 as decimal(18, 0)) * 0.01 as decimal(18, 4)) as expected_amount,
        cast(
            cast(cast(measured.before_amount * 100 as hugeint) * measured.month_count // 12 as decimal(18, 0)) * 0.01
            - if(measured.month_count > 0, measured.since_amount, 0) as decimal(18, 4)
        ) as seen_amount
    from decided
    inner join measured
        on measured.finding_id = decided.finding_id and measured.subject_kind = decided.subject_kind and measured.subject_id = decided.subject_id
)

select
    finding_id,
    subject_kind,
    subject_id, -- Id of what costs less.
    subject, -- Its name, as the decision writes it.
    case
        when month_count > 0 and seen_amount >= expected_amount then 'seen'
        when month_count > 0 and seen_amount > 0 then 'partly_seen'
        else stage
    end as stage, -- agreed | contracted | partly_seen: the ledger shows some of it | seen: the ledger shows all of it so far
    cast(annual_amount as decimal(18, 4)) as annual_amount, -- What is to be saved in a year.
    cast(effective_month as date) as effective_month, -- First month in which less is paid.
    month_count, -- Months since then, up to 12.
    expected_amount, -- What those months should save.
    seen_amount, -- What they saved by the ledger; negative where it costs more than before.
    decided_on, -- When it was last decided.
    note -- Why.
from reckoned
