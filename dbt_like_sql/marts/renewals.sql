-- One contract and how much time is left to give notice, counted from the last day of the refreshed month.
-- grain: contract_id

with day as (
    select last_day(run.month) as month_end, threshold.value as window_days
    from settings.run as run
    left join settings.threshold as threshold on threshold.name = 'renewal_window_days'
),

spend as (
    select ledger.contract_id, sum(ledger.billed_amount) as amount, count(*) as row_count
    from core.ledger as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month and ledger.contract_id is not null
    group by ledger.contract_id
),

paid as (
    select ledger.tool_id, sum(ledger.billed_amount) as amount
    from marts.ledger_month as ledger
    cross join settings.run as run
    where
        ledger.month > run.month - interval 12 months
        and ledger.month <= run.month
        and ledger.ledger_row_count > 0
        and ledger.tool_id is not null
    group by ledger.tool_id
),

-- A contract that renews by itself is taken to renew for its term again, a year at most, as most do; where no period of
-- notice is known it is taken to be 90 days.
term as (
    select
        contract.contract_id,
        coalesce(contract.auto_renew, true) as is_renewing,
        contract.notice_days is null as is_assumed,
        cast(contract.end_on - cast(coalesce(contract.notice_days, 90) as integer) as date) as notice_on,
        least(12, greatest(1, coalesce(date_diff('month', contract.start_on, contract.end_on + 1), 12))) as step_months
    from core.contract as contract
),

-- The first term whose last day for notice is still ahead: as many renewals as months need, or one more.
passed as (
    select
        term.*,
        case when term.notice_on < day.month_end then date_diff('month', term.notice_on, day.month_end) // term.step_months else 0 end as least_renewals
    from term
    cross join day
),

renewed as (
    select
        passed.*,
        passed.least_renewals
        + if(passed.notice_on + to_months(cast(passed.least_renewals * passed.step_months as integer)) < day.month_end, 1, 0) as renewals
    from passed
    cross join day
),

leaving as (
    select
        contract.contract_id,
        renewed.step_months,
        case
            when contract.status = 'draft' then null
            when contract.status in ('cancelled', 'expired') or not renewed.is_renewing then contract.end_on
            when contract.end_on is null then cast(day.month_end + cast(contract.notice_days as integer) as date)
            else cast(contract.end_on + to_months(cast(renewed.renewals * renewed.step_months as integer)) as date)
        end as exit_on,
        case
            when contract.status = 'draft' then null
            when contract.status in ('cancelled', 'expired') then 'ends anyway'
            when not renewed.is_renewing and contract.end_on is not null then 'term ends'
            when contract.end_on is null and contract.notice_days is not null then 'notice at any time'
            when contract.end_on is null then null
            when renewed.is_assumed then 'notice period not known, 90 days taken'
            when renewed.renewals = 0 then 'notice in time'
            else 'notice missed, renews first'
        end as exit_basis,
        case
            when renewed.is_renewing and renewed.renewals > 0 and not renewed.is_assumed and coalesce(contract.status, 'active') = 'active'
                then cast(renewed.notice_on + to_months(cast((renewed.renewals - 1) * renewed.step_months as integer)) as date)
        end as missed_notice_on
    from core.contract as contract
    inner join renewed on contract.contract_id = renewed.contract_id
    cross join day
),

named as (
    select
        contract_id,
        'renewal-' || left(md5('renewal|' || contract_id || '|' || coalesce(cast(end_on as varchar), '')), 8) as finding_id,
        left(md5(cast((start_on, notice_days, auto_renew, uplift_cap_share, annual_amount, seats, status) as varchar)), 8) as inputs_key
    from core.contract
)

select
    contract.contract_id,
    contract.contract_number,
    contract.contract_name,
    contract.vendor_id,
    vendor.vendor_name,
    contract.tool_id,
    tool.tool_name,
    named.finding_id, -- The finding; the next term of the contract is another one.
    case
        when contract.status = 'cancelled' then 'cancelled'
        when contract.end_on is null then 'no_end_date'
        when contract.end_on < day.month_end and contract.auto_renew and coalesce(contract.status, 'active') = 'active' then 'renewed_unseen'
        when contract.end_on < day.month_end then 'ended'
        when not contract.auto_renew and date_diff('day', day.month_end, contract.end_on) <= day.window_days then 'expires'
        when not contract.auto_renew then 'later'
        when contract.notice_on is null and date_diff('day', day.month_end, contract.end_on) <= day.window_days then 'notice_unknown'
        when contract.notice_on < day.month_end then 'notice_passed'
        when date_diff('day', day.month_end, contract.notice_on) <= day.window_days then 'notice_due'
        else 'later'
    end as state, -- cancelled | no_end_date | renewed_unseen: the term is over, it renews by itself and no new end is known | ended | expires: ends within the window and does not renew by itself, so needs no notice | notice_unknown: ends within the window and nobody knows the notice period | notice_passed | notice_due: within renewal_window_days | later
    contract.status,
    contract.start_on,
    contract.end_on,
    contract.notice_on,
    date_diff('day', day.month_end, contract.notice_on) as days_to_notice, -- Days from the end of the refreshed month to the last day for notice; negative when it has passed, null where not known.
    contract.auto_renew,
    contract.uplift_cap_share,
    contract.annual_amount,
    cast(round(contract.annual_amount * contract.uplift_cap_share, 2) as decimal(18, 4)) as uplift_amount, -- Most that a year may cost more after a renewal; null where no cap is known, so that nothing bounds it.
    leaving.missed_notice_on, -- Last day for notice that has passed unused in the term that runs or is renewed; null where none has, or none is known.
    cast(case when leaving.missed_notice_on is not null then round(contract.annual_amount * leaving.step_months * 0.083333333333, 2) end as decimal(18, 4)) as missed_notice_amount, -- Money of the term that the missed notice renews, at today's price.
    leaving.exit_on, -- Earliest day on which the contract can end when notice is given now; null where nothing tells.
    leaving.exit_basis, -- Why that day: ends anyway | term ends | notice in time | notice missed, renews first | notice at any time | notice period not known, 90 days taken
    cast(case when leaving.exit_on is not null then round(cast(contract.annual_amount as double) * greatest(date_diff('day', day.month_end, leaving.exit_on), 0) / 365, 2) end as decimal(18, 4)) as committed_amount, -- Money bound until that day, at today's price; null where price or day is not known.
    cast(spend.amount as decimal(18, 4)) as spend_12m_amount, -- Money posted under the contract in the 12 months that end with the refreshed month; null where no line names the contract.
    coalesce(spend.row_count, 0) as ledger_row_count, -- Ledger rows behind that money.
    cast(paid.amount as decimal(18, 4)) as tool_spend_12m_amount, -- Money posted for the contract's tool in those months, whatever contract the lines name; null where there is none.
    coalesce(contract.seats, tool_use.seats_purchased) as seats, -- Seats contracted, else bought by the licences of the tool.
    tool_use.seats_active,
    named.inputs_key, -- Key of the contract's terms: notice, price, cap, seats, status; a dismissal that quotes it ends when they change.
    dismissal.finding_id is not null and not coalesce(dismissal.inputs_key <> named.inputs_key, false) as is_dismissed, -- Somebody set it aside, and nothing it rests on has changed since.
    contract.source,
    contract.source_file,
    contract.source_row
from core.contract as contract
inner join named on contract.contract_id = named.contract_id
inner join leaving on contract.contract_id = leaving.contract_id
cross join day
left join core.vendor as vendor on contract.vendor_id = vendor.vendor_id
left join core.tool as tool on contract.tool_id = tool.tool_id
left join marts.tool_use as tool_use on contract.tool_id = tool_use.tool_id
left join staging.dismissal as dismissal on named.finding_id = dismissal.finding_id
left join spend on contract.contract_id = spend.contract_id
left join paid on contract.tool_id = paid.tool_id
order by contract.notice_on nulls last, contract.end_on nulls last, contract.contract_id
