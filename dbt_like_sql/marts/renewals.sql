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

named as (
    select contract_id, 'renewal-' || left(md5('renewal|' || contract_id || '|' || coalesce(cast(end_on as varchar), '')), 8) as finding_id
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
    cast(spend.amount as decimal(18, 4)) as spend_12m_amount, -- Money posted under the contract in the 12 months that end with the refreshed month; null where no line names the contract.
    coalesce(spend.row_count, 0) as ledger_row_count, -- Ledger rows behind that money.
    cast(paid.amount as decimal(18, 4)) as tool_spend_12m_amount, -- Money posted for the contract's tool in those months, whatever contract the lines name; null where there is none.
    coalesce(contract.seats, tool_use.seats_purchased) as seats, -- Seats contracted, else bought by the licences of the tool.
    tool_use.seats_active,
    coalesce(named.finding_id in (select dismissal.finding_id from raw.dismissal as dismissal), false) as is_dismissed, -- Somebody set it aside.
    contract.source,
    contract.source_file,
    contract.source_row
from core.contract as contract
inner join named on contract.contract_id = named.contract_id
cross join day
left join core.vendor as vendor on contract.vendor_id = vendor.vendor_id
left join core.tool as tool on contract.tool_id = tool.tool_id
left join marts.tool_use as tool_use on contract.tool_id = tool_use.tool_id
left join spend on contract.contract_id = spend.contract_id
left join paid on contract.tool_id = paid.tool_id
order by contract.notice_on nulls last, contract.end_on nulls last, contract.contract_id
