-- Budget, actual and forecast of the fiscal year that the refreshed month is in, for one priority, capability or account; the row
-- without subject holds what names none, so that the rows of each kind add up to all the money. Budget rows of an initiative
-- count for its priority, and for its capability where it improves only one. The forecast is what is posted, plus what running
-- contracts still bill this year, shared out as their tool's money of 12 months was, plus for all other money the mean month of
-- those 12 months for each month left; what is marked as paid once does not come again.
-- grain: subject_kind, subject_id

with year as (
    select
        month,
        last_day(month) as month_end,
        make_date(cast(year(month) - if(month(month) < fiscal_year_start_month, 1, 0) as integer), cast(fiscal_year_start_month as integer), 1) as year_start
    from settings.run
),

span as (
    select
        month,
        month_end,
        year_start,
        cast(year_start + interval 12 months as date) - 1 as year_end,
        11 - date_diff('month', year_start, month) as months_left
    from year
),

line as (
    select
        ledger.month >= span.year_start as is_this_year,
        ledger.month > span.month - interval 12 months as is_recent,
        coalesce(ledger.one_time, false) as is_once,
        ledger.month,
        ledger.priority_id,
        ledger.capability_id,
        ledger.gl_account,
        ledger.tool_id,
        ledger.provenance,
        sum(ledger.billed_amount) as amount,
        count(*) as row_count
    from core.ledger as ledger
    cross join span
    where ledger.month <= span.month and (ledger.month > span.month - interval 12 months or ledger.month >= span.year_start)
    group by all
),

known as (
    select greatest(least(coalesce(date_diff('month', min(line.month), span.month) + 1, 12), 12), 1) as months_known
    from line
    cross join span
    group by span.month
),

-- A contract is billed every so many months from its first one on; one that renews by itself runs on, another ends on its day.
billed as (
    select
        contract.contract_id,
        contract.tool_id,
        contract.annual_amount,
        contract.end_on,
        coalesce(contract.auto_renew, true) as is_renewing,
        case contract.billing_frequency when 'quarterly' then 3 when 'half_yearly' then 6 when 'yearly' then 12 else 1 end as step_months,
        cast(date_trunc('month', coalesce(contract.start_on, contract.end_on + 1, span.month)) as date) as first_month
    from core.contract as contract
    cross join span
    where
        coalesce(contract.status, 'active') = 'active'
        and contract.annual_amount is not null
        and contract.tool_id is not null
        and coalesce(contract.billing_frequency, '') <> 'once'
        and coalesce(contract.end_on >= span.month_end or contract.auto_renew, true)
),

coming as (
    select cast(span.month + to_months(cast(unnest(range(1, span.months_left + 1)) as integer)) as date) as month
    from span
),

contracted as (
    select
        billed.tool_id,
        coalesce(
            list_sum(list(cast(billed.annual_amount as double) * billed.step_months / 12 order by billed.contract_id, coming.month) filter (where coming.month is not null)),
            0
        ) as rest
    from billed
    left join coming
        on date_diff('month', billed.first_month, coming.month) >= 0
        and date_diff('month', billed.first_month, coming.month) % billed.step_months = 0
        and (billed.is_renewing or coming.month <= billed.end_on)
    group by billed.tool_id
),

spent as (
    select tool_id, sum(amount) as amount
    from line
    where is_recent and not is_once and tool_id is not null
    group by tool_id
    having sum(amount) > 0
),

paced as (
    select contracted.tool_id, contracted.rest, spent.amount as recent, contracted.rest / cast(spent.amount as double) as pace
    from contracted
    left join spent on contracted.tool_id = spent.tool_id
),

cell as (
    select
        line.priority_id,
        line.capability_id,
        line.gl_account,
        line.provenance,
        sum(line.amount) filter (where line.is_this_year) as actual,
        sum(line.row_count) filter (where line.is_this_year) as row_count,
        list_sum(list(cast(line.amount as double) * paced.pace order by line.tool_id, line.month, line.amount) filter (where line.is_recent and not line.is_once and paced.pace is not null)) as committed,
        sum(line.amount) filter (where line.is_recent and not line.is_once and paced.pace is null) as recent
    from line
    left join paced on line.tool_id = paced.tool_id
    group by line.priority_id, line.capability_id, line.gl_account, line.provenance
),

improved as (
    select initiative_id, min(capability_id) as capability_id
    from core.initiative_capability
    group by initiative_id
    having count(*) = 1
),

planned as (
    select
        coalesce(budget.priority_id, initiative.priority_id) as priority_id,
        coalesce(budget.capability_id, improved.capability_id) as capability_id,
        budget.gl_account,
        budget.month <= span.month as is_to_date,
        budget.budget_amount as amount
    from core.budget as budget
    cross join span
    left join core.initiative as initiative on budget.initiative_id = initiative.initiative_id
    left join improved on budget.initiative_id = improved.initiative_id
    where coalesce(budget.kind, 'budget') = 'budget' and budget.month >= span.year_start and budget.month <= span.year_end
    qualify dense_rank() over (order by budget.version desc) = 1
),

part as (
    select 'priority' as subject_kind, priority_id as subject_id, provenance, actual, row_count, committed, recent, null as budget_to_date, null as budget_year, 0 as budget_rows
    from cell
    union all
    select 'capability', capability_id, provenance, actual, row_count, committed, recent, null, null, 0
    from cell
    union all
    select 'gl_account', gl_account, provenance, actual, row_count, committed, recent, null, null, 0
    from cell
    union all
    select 'priority', priority_id, null, null, 0, null, null, case when is_to_date then amount end, amount, 1
    from planned
    union all
    select 'capability', capability_id, null, null, 0, null, null, case when is_to_date then amount end, amount, 1
    from planned
    union all
    select 'gl_account', gl_account, null, null, 0, null, null, case when is_to_date then amount end, amount, 1
    from planned
    union all
    select subject_kind, null, null, null, 0, rest, null, null, null, 0
    from paced
    cross join (select unnest(['priority', 'capability', 'gl_account']) as subject_kind)
    where recent is null
),

known_as as (
    select
        subject_kind,
        subject_id,
        provenance,
        coalesce(sum(actual), 0) as actual,
        sum(row_count) as row_count,
        coalesce(list_sum(list(committed order by committed)), 0) as committed,
        coalesce(sum(recent), 0) as recent,
        sum(budget_to_date) as budget_to_date,
        sum(budget_year) as budget_year,
        sum(budget_rows) as budget_rows
    from part
    group by subject_kind, subject_id, provenance
),

summed as (
    select
        subject_kind,
        subject_id,
        sum(actual) as actual,
        sum(row_count) as row_count,
        cast(round(list_sum(list(committed order by provenance)), 2) as decimal(18, 4)) as committed,
        sum(recent) as recent,
        sum(budget_to_date) as budget_to_date,
        sum(budget_year) as budget_year,
        sum(budget_rows) as budget_rows,
        string_agg(provenance || ' ' || round(100 * cast(actual as double) / nullif(cast(total as double), 0), 1) || '%', ', ' order by actual desc, provenance)
            filter (where actual <> 0) as provenance_mix
    from (select *, sum(actual) over (partition by subject_kind, subject_id) as total from known_as)
    group by subject_kind, subject_id
),

paced_out as (
    select
        summed.*,
        cast(round(cast(summed.recent as double) * span.months_left / known.months_known, 2) as decimal(18, 4)) as run_rate,
        span.months_left
    from summed
    cross join span
    cross join known
)

select
    paced_out.subject_kind, -- priority | capability | gl_account
    paced_out.subject_id, -- Its id or number; null for money and budget that name none.
    coalesce(priority.priority_name, capability.capability_name, paced_out.subject_id) as subject, -- Its name.
    cast(paced_out.actual as decimal(18, 4)) as spend_amount, -- Posted in the fiscal year up to the refreshed month.
    cast(paced_out.budget_to_date as decimal(18, 4)) as budget_amount, -- Planned for the same months, in the newest budget of the year; null where nothing is planned.
    cast(paced_out.actual - paced_out.budget_to_date as decimal(18, 4)) as variance_amount, -- Posted less planned: above 0 more was spent.
    cast(paced_out.committed as decimal(18, 4)) as contracted_amount, -- What running contracts still bill in the year.
    paced_out.run_rate as run_rate_amount, -- The mean month of other money, for each month left.
    cast(paced_out.actual + paced_out.committed + paced_out.run_rate as decimal(18, 4)) as forecast_amount, -- Posted, contracted and run-rate: the year as a whole.
    cast(paced_out.budget_year as decimal(18, 4)) as budget_year_amount, -- Planned for the whole year; null where nothing is planned.
    cast(paced_out.actual + paced_out.committed + paced_out.run_rate - paced_out.budget_year as decimal(18, 4)) as forecast_variance_amount, -- Forecast less the year's budget.
    case
        when paced_out.months_left = 0 then 'posted only, the year is over'
        when paced_out.committed <> 0 and paced_out.run_rate <> 0 then 'contracts and run-rate'
        when paced_out.committed <> 0 then 'contracts'
        when paced_out.run_rate <> 0 then 'run-rate'
        else 'posted only'
    end as method, -- What the forecast of the months left rests on: contracts and run-rate | contracts | run-rate | posted only
    cast(coalesce(paced_out.row_count, 0) as bigint) as ledger_row_count, -- Ledger rows posted in the fiscal year.
    cast(paced_out.budget_rows as bigint) as budget_row_count, -- Rows of the budget.
    paced_out.provenance_mix -- Shares of the posted money by how it came to be known; null where there is none.
from paced_out
left join core.priority as priority on paced_out.subject_kind = 'priority' and paced_out.subject_id = priority.priority_id
left join core.capability as capability on paced_out.subject_kind = 'capability' and paced_out.subject_id = capability.capability_id
order by paced_out.subject_kind, abs(coalesce(forecast_variance_amount, 0)) desc, paced_out.subject_id nulls last
