-- One contract of which something is to be decided: notice is due or its day has passed, it ends, or its terms are not known.
-- grain: contract_id
-- figure: record

select
    renewal.contract_id,
    renewal.contract_number,
    renewal.contract_name,
    renewal.vendor_name,
    renewal.tool_name,
    renewal.finding_id,
    renewal.state,
    renewal.state in ('notice_due', 'notice_unknown', 'expires') as is_open, -- There is still something to decide before the term ends.
    renewal.end_on,
    renewal.notice_on,
    case when renewal.state in ('expires', 'notice_unknown') then renewal.end_on else renewal.notice_on end as decide_on, -- Day by which to decide: the last for notice, or the end where no notice is needed or known.
    date_diff('day', last_day(run.month), case when renewal.state in ('expires', 'notice_unknown') then renewal.end_on else renewal.notice_on end) as left_days, -- Days from the end of the refreshed month to that day; negative when it has passed.
    renewal.auto_renew,
    renewal.annual_amount,
    renewal.tool_spend_12m_amount,
    renewal.seats,
    renewal.seats_active
from marts.renewals as renewal
cross join settings.run as run
where renewal.state in ('notice_due', 'notice_unknown', 'expires', 'notice_passed', 'renewed_unseen') and not renewal.is_dismissed
order by decide_on nulls last, renewal.contract_id
