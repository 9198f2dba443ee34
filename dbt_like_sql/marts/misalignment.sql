-- Money of the 12 months that end with the refreshed month that reaches no priority, and priorities that little or no
-- money reaches. unmapped_money: a tool, else vendor, else account whose money has no capability. misaligned_money: a
-- capability that no priority needs. Both together are all the money that is not aligned. underfunded_priority: a
-- priority with no money, or with less of the total than the threshold priority_money_share_low; its amount is aligned
-- money. Amounts are absolute; shares, and so whether money is little, move with the company's total.
-- grain: kind, subject_kind, subject_id

with posted as (
    select
        ledger.alignment,
        ledger.tool_id,
        ledger.vendor_id,
        ledger.gl_account,
        ledger.capability_id,
        ledger.priority_id,
        ledger.billed_amount,
        ledger.ledger_row_count,
        ledger.unconverted_count
    from marts.ledger_month as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month and ledger.ledger_row_count > 0
),

total as (
    select sum(billed_amount) as amount
    from posted
),

unmapped as (
    select
        'unmapped_money' as kind,
        case
            when posted.tool_id is not null then 'tool'
            when posted.vendor_id is not null then 'vendor'
            when posted.gl_account is not null then 'gl_account'
            else 'none'
        end as subject_kind,
        coalesce(posted.tool_id, posted.vendor_id, posted.gl_account, 'none') as subject_id,
        coalesce(tool.tool_name, vendor.vendor_name, posted.gl_account, 'no tool, vendor or account named') as subject,
        sum(posted.billed_amount) as amount,
        sum(posted.ledger_row_count) as ledger_row_count,
        sum(posted.unconverted_count) as unconverted_count,
        concat_ws('|', tool.vendor_id, tool.category) as inputs
    from posted
    left join core.tool as tool on posted.tool_id = tool.tool_id
    left join core.vendor as vendor on posted.tool_id is null and posted.vendor_id = vendor.vendor_id
    where posted.alignment = 'unmapped'
    group by all
),

-- What people said of a capability or priority: a dismissal ends when that changes.
mapped as (
    select
        capability_id,
        max(decided_on) as decided_on,
        string_agg(concat_ws('|', subject_kind, subject_id, org_unit_id, weight_share), '; ' order by subject_kind, subject_id, org_unit_id nulls last) as inputs
    from staging.mapping
    group by capability_id
),

misaligned_tool as (
    select
        capability_id,
        tool_id,
        sum(billed_amount) as amount,
        sum(ledger_row_count) as ledger_row_count,
        sum(unconverted_count) as unconverted_count
    from posted
    where alignment = 'misaligned'
    group by capability_id, tool_id
),

misaligned as (
    select
        'misaligned_money' as kind,
        'capability' as subject_kind,
        paid.capability_id as subject_id,
        coalesce(capability.capability_name, paid.capability_id) as subject,
        list(tool.tool_name order by paid.amount desc nulls last, paid.tool_id) filter (where tool.tool_name is not null) as tools,
        sum(paid.amount) as amount,
        sum(paid.ledger_row_count) as ledger_row_count,
        sum(paid.unconverted_count) as unconverted_count,
        mapped.inputs,
        mapped.decided_on
    from misaligned_tool as paid
    left join mapped on paid.capability_id = mapped.capability_id
    left join core.capability as capability on paid.capability_id = capability.capability_id
    left join core.tool as tool on paid.tool_id = tool.tool_id
    group by paid.capability_id, capability.capability_name, mapped.inputs, mapped.decided_on
),

reached as (
    select
        priority_id,
        sum(billed_amount) as amount,
        sum(ledger_row_count) as ledger_row_count,
        sum(unconverted_count) as unconverted_count
    from posted
    where priority_id is not null
    group by priority_id
),

linked as (
    select
        priority_id,
        count(*) as capability_count,
        string_agg(concat_ws('|', capability_id, priority_share, required_level), '; ' order by capability_id) as inputs
    from core.priority_capability
    group by priority_id
),

-- A share is compared as money: amount < threshold x total needs no division.
underfunded as (
    select
        'underfunded_priority' as kind,
        'priority' as subject_kind,
        priority.priority_id as subject_id,
        priority.priority_name as subject,
        reached.amount,
        coalesce(reached.ledger_row_count, 0) as ledger_row_count,
        coalesce(reached.unconverted_count, 0) as unconverted_count,
        coalesce(linked.capability_count, 0) as capability_count,
        concat_ws('|', priority.weight, linked.inputs) as inputs
    from core.priority as priority
    cross join total
    left join reached on priority.priority_id = reached.priority_id
    left join linked on priority.priority_id = linked.priority_id
    left join settings.threshold as threshold on threshold.name = 'priority_money_share_low'
    where coalesce(reached.amount, 0) <= 0 or reached.amount < threshold.value * total.amount
),

finding as (
    select kind, subject_kind, subject_id, subject, null as tools, amount, ledger_row_count, unconverted_count, 'maps to no capability' as reason, inputs, cast(null as date) as decided_on
    from unmapped
    union all
    select kind, subject_kind, subject_id, subject, tools, amount, ledger_row_count, unconverted_count, 'no priority needs this capability' as reason, inputs, decided_on
    from misaligned
    union all
    select
        kind,
        subject_kind,
        subject_id,
        subject,
        null as tools,
        amount,
        ledger_row_count,
        unconverted_count,
        case
            when capability_count = 0 then 'no capability is linked to it, so no money can reach it'
            when coalesce(amount, 0) <= 0 then 'no money reaches it'
            else 'little of the money reaches it'
        end as reason,
        inputs,
        null as decided_on
    from underfunded
),

named as (
    select
        kind,
        subject_kind,
        subject_id,
        subject,
        tools,
        amount,
        ledger_row_count,
        unconverted_count,
        reason,
        decided_on,
        left(md5(concat_ws('|', kind, inputs)), 8) as inputs_key,
        kind || '-' || left(md5(kind || '|' || subject_kind || '|' || subject_id), 8) as finding_id
    from finding
)

select
    named.kind, -- unmapped_money | misaligned_money | underfunded_priority
    named.subject_kind, -- tool | vendor | gl_account | none | capability | priority
    named.subject_id, -- Id of the subject; none where a line names nothing.
    named.subject, -- Its name.
    named.tools, -- Names of the tools that a capability's money pays for, most money first; null for the other kinds.
    named.finding_id, -- The finding.
    cast(coalesce(named.amount, 0) as decimal(18, 4)) as spend_12m_amount, -- Money of the subject in the 12 months.
    cast(round(cast(coalesce(named.amount, 0) as double) / cast(nullif(total.amount, 0) as double), 10) as decimal(18, 10)) as share_of_total, -- Of all money of the 12 months; null where that is zero.
    named.reason, -- Why it is listed.
    cast(named.ledger_row_count as bigint) as ledger_row_count, -- Ledger rows behind the money.
    cast(named.unconverted_count as bigint) as unconverted_count, -- Those among them without an exchange rate, which the amount lacks.
    named.inputs_key, -- Key of what people said: of unmapped money vendor and category of the tool, of misaligned money the decisions that send it there, of a priority its weight and capabilities; a dismissal that quotes it ends when they change.
    dismissal.finding_id is not null and not coalesce(dismissal.decided_on < named.decided_on or dismissal.inputs_key <> named.inputs_key, false) as is_dismissed -- Somebody set it aside, and nothing it rests on has changed since.
from named
cross join total
left join staging.dismissal as dismissal on named.finding_id = dismissal.finding_id
order by kind, spend_12m_amount desc, named.subject_id
