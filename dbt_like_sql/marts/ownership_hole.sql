-- Something that nobody, or the wrong one, answers for, with the money behind it in the 12 months that end with the refreshed
-- one: the spend, risk or outcome of a capability without an owner, a person who left, one who answers for too much, a link
-- of a priority and a capability with an owner in IT and none in the business, a tool without one in the business, an
-- initiative that is measured by IT's own measures alone. What a leaver held row by row stands in
-- checks.owner_still_works_here. Holes share money, so it must not be added up over rows.
-- grain: kind, subject_id

with month_money as (
    select ledger.priority_id, ledger.capability_id, ledger.tool_id, sum(ledger.billed_amount) as amount
    from marts.ledger_month as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month
    group by ledger.priority_id, ledger.capability_id, ledger.tool_id
),

capability_money as (
    select capability_id, sum(amount) as amount from month_money where capability_id is not null group by capability_id
),

present as (
    select owner.owner_id, owner.owner_name, owner.side
    from core.owner as owner
    cross join settings.run as run
    where owner.left_on is null or owner.left_on > last_day(run.month)
),

risk as (
    select risk_id, capability_id, owner_id
    from raw.risk
    qualify row_number() over (partition by risk_id order by source, source_file, source_row) = 1
),

held as (
    select
        capability.capability_id,
        capability.capability_name,
        capability.is_critical,
        capability.capability_id in (select capability_id from core.priority_capability) as is_needed,
        capability_money.amount,
        spend_owner.owner_name as spend_owner,
        list_sort(list(distinct risk_owner.owner_name) filter (where risk_owner.owner_name is not null)) as risk_owners,
        list_sort(list(distinct kpi_owner.owner_name) filter (where kpi_owner.owner_name is not null)) as outcome_owners,
        count(risk.risk_id) as risk_count,
        count(kpi.kpi_id) as kpi_count
    from core.capability as capability
    left join capability_money on capability.capability_id = capability_money.capability_id
    left join present as spend_owner on capability.business_owner_id = spend_owner.owner_id
    left join risk on capability.capability_id = risk.capability_id
    left join present as risk_owner on risk.owner_id = risk_owner.owner_id
    left join core.kpi as kpi on capability.capability_id = kpi.capability_id
    left join present as kpi_owner on kpi.owner_id = kpi_owner.owner_id
    group by all
),

told as (
    select
        *,
        'spend: ' || coalesce(spend_owner, 'nobody')
        || '; risk: ' || coalesce(array_to_string(risk_owners, ', '), if(risk_count > 0, 'nobody', 'no risk is listed'))
        || '; outcome: ' || coalesce(array_to_string(outcome_owners, ', '), if(kpi_count > 0, 'nobody', 'no KPI is listed')) as reason
    from held
),

side as (
    select owner_id, side, capability_id
    from (
        select business_owner_id as owner_id, 'the business' as side, capability_id from core.capability
        union all
        select it_owner_id, 'IT', capability_id from core.capability
    )
    where owner_id is not null
),

person as (
    select side.owner_id, side.side, count(*) as capability_count, sum(capability_money.amount) as amount
    from side
    left join capability_money on side.capability_id = capability_money.capability_id
    group by side.owner_id, side.side
),

gone as (
    select owner.owner_id, owner.owner_name, owner.left_on
    from core.owner as owner
    cross join settings.run as run
    where owner.left_on <= last_day(run.month)
),

-- A leaver who stood on both sides of a capability left its money behind once.
left_behind as (
    select held.owner_id, count(*) as capability_count, sum(capability_money.amount) as amount
    from (select distinct owner_id, capability_id from side) as held
    left join capability_money on held.capability_id = capability_money.capability_id
    group by held.owner_id
),

measured as (
    select
        initiative.initiative_id,
        initiative.initiative_name,
        count(distinct kpi.kpi_id) as kpi_count,
        bool_and(kpi.is_it_metric or coalesce(owner.side = 'it', false)) as is_it_only
    from core.initiative as initiative
    inner join core.kpi as kpi
        on (kpi.capability_id is null and kpi.priority_id = initiative.priority_id)
        or kpi.capability_id in (
            select improved.capability_id from core.initiative_capability as improved where improved.initiative_id = initiative.initiative_id
        )
    left join core.owner as owner on kpi.owner_id = owner.owner_id
    where coalesce(initiative.status, '') <> 'stopped'
    group by initiative.initiative_id, initiative.initiative_name
),

initiative_money as (
    select ledger.initiative_id, sum(ledger.billed_amount) as amount
    from core.ledger as ledger
    cross join settings.run as run
    where ledger.initiative_id is not null and ledger.month > run.month - interval 12 months and ledger.month <= run.month
    group by ledger.initiative_id
),

hole as (
    select 'no_spend_owner' as kind, 'capability' as subject_kind, capability_id as subject_id, capability_name as subject, null as owner_name, amount, reason
    from told
    where spend_owner is null and (is_needed or is_critical or amount > 0)
    union all
    select 'no_risk_owner', 'capability', capability_id, capability_name, null, amount, reason
    from told
    where risk_owners is null and (is_critical or risk_count > 0)
    union all
    select 'no_outcome_owner', 'capability', capability_id, capability_name, null, amount, reason
    from told
    where outcome_owners is null and is_needed
    union all
    select
        'owner_left', 'owner', gone.owner_id, gone.owner_name, gone.owner_name, left_behind.amount,
        'left on ' || gone.left_on || '; capabilities still held: ' || coalesce(left_behind.capability_count, 0)
    from gone
    left join left_behind on gone.owner_id = left_behind.owner_id
    union all
    select
        'owns_too_much', 'owner', person.owner_id, present.owner_name, present.owner_name, person.amount,
        'answers for ' || person.capability_count || ' capabilities in ' || person.side || '; more than 7 are too many for one'
    from person
    inner join present on person.owner_id = present.owner_id
    where person.capability_count > 7
    qualify row_number() over (partition by person.owner_id order by person.capability_count desc, person.side) = 1
    union all
    select
        'link_without_business_owner', 'link', link.priority_id || '/' || link.capability_id, capability.capability_name, it_owner.owner_name, money.amount,
        'IT answers for it, and nobody in the business says what it is to bring for "' || priority.priority_name || '"'
    from core.priority_capability as link
    inner join present as it_owner on link.it_owner_id = it_owner.owner_id
    left join present as business_owner on link.business_owner_id = business_owner.owner_id
    left join core.capability as capability on link.capability_id = capability.capability_id
    left join core.priority as priority on link.priority_id = priority.priority_id
    left join (select priority_id, capability_id, sum(amount) as amount from month_money group by all) as money
        on link.priority_id = money.priority_id and link.capability_id = money.capability_id
    where business_owner.owner_id is null
    union all
    select
        'tool_without_business_owner', 'tool', tool.tool_id, tool.tool_name, tool.it_owner, money.amount,
        if(tool.it_owner is null, 'nobody answers for it', 'only ' || tool.it_owner || ' in IT answers for it')
    from core.tool as tool
    left join (select tool_id, sum(amount) as amount from month_money group by all) as money on tool.tool_id = money.tool_id
    where tool.is_registered and tool.business_owner is null
    union all
    select
        'it_metrics_only', 'initiative', measured.initiative_id, measured.initiative_name, null, initiative_money.amount,
        if(measured.kpi_count = 1, 'its only KPI measures', 'all its ' || measured.kpi_count || ' KPIs measure') || ' IT or answer to IT, none what the business gets'
    from measured
    left join initiative_money on measured.initiative_id = initiative_money.initiative_id
    where measured.is_it_only
),

named as (
    select
        *,
        kind || '-' || left(md5(kind || '|' || subject_id), 8) as finding_id,
        left(md5(concat_ws('|', coalesce(owner_name, ''), reason)), 8) as inputs_key
    from hole
)

select
    named.kind, -- no_spend_owner | no_risk_owner | no_outcome_owner | owner_left | owns_too_much | link_without_business_owner | tool_without_business_owner | it_metrics_only
    named.subject_kind, -- capability | owner | link | tool | initiative
    named.subject_id, -- Its id; of a link both ids with a stroke between.
    named.subject, -- Its name.
    named.finding_id, -- The finding.
    cast(coalesce(named.amount, 0) as decimal(18, 4)) as spend_12m_amount, -- Ledger money of the capability, link, tool or initiative, of a person that of all capabilities the person answers for.
    named.owner_name, -- Who is concerned: the leaver, the one with too much, or who alone answers; null where nobody.
    named.reason, -- What is wrong, in words; of a capability who owns its spend, risk and outcome.
    named.inputs_key, -- Key of owner and reason; a dismissal that quotes it ends when they change.
    dismissal.finding_id is not null and not coalesce(dismissal.inputs_key <> named.inputs_key, false) as is_dismissed -- Somebody set it aside, and nothing it rests on has changed since.
from named
left join staging.dismissal as dismissal on named.finding_id = dismissal.finding_id
order by spend_12m_amount desc, named.kind, named.subject_id
