-- One thing to mend in the defence, from the controls, their cells, the rehearsals, the flaws known to be exploited and the
-- initiatives. Money is what is spent on it in 12 months, of an initiative what is planned; findings share money, so it must
-- not be added up over rows.
-- grain: kind, subject_id

with procedure as (
    select distinct tool_name from marts.control_cost where is_working and kind in ('policy', 'process') and tool_name is not null
),

risk as (
    select
        capability_id,
        unnest(list_filter(string_split_regex(trim(coalesce(control_ids, '')), '[\s,;]+'), lambda id: id <> '') || ['']) as control_id
    from raw.risk
),

embedded as (
    select
        initiative.initiative_id,
        initiative.initiative_name,
        initiative.owner_id,
        owner.owner_name,
        coalesce(initiative.capex_amount, 0) + coalesce(initiative.opex_amount, 0) as amount,
        exists (select 1 from marts.control_cost as control where control.initiative_id = initiative.initiative_id) as has_control,
        exists (
            select 1
            from risk
            where
                risk.capability_id in (
                    select improved.capability_id from core.initiative_capability as improved where improved.initiative_id = initiative.initiative_id
                )
                or risk.control_id in (
                    select control.control_id from marts.control_cost as control where control.initiative_id = initiative.initiative_id
                )
        ) as has_risk,
        owner.owner_id is not null and coalesce(owner.left_on > last_day(run.month), true) as has_owner
    from core.initiative as initiative
    cross join settings.run as run
    left join core.owner as owner on initiative.owner_id = owner.owner_id
    where coalesce(initiative.status, '') in ('planned', 'running', 'done')
),

finding as (
    select
        'tool_without_procedure' as kind, 'control' as subject_kind, control_id as subject_id, control_name as subject, control_owner_name as owner_name,
        spend_12m_amount as amount,
        tool_name || ' carries it, and no written procedure, policy or process says how' as reason
    from marts.control_cost
    where
        is_working and kind = 'technical' and tool_name is not null and procedure_ref is null
        and tool_name not in (select procedure.tool_name from procedure)
    union all
    select
        'no_evidence', 'control', control_id, control_name, control_owner_name, spend_12m_amount,
        if(evidence = 'none', 'nothing shows that it works', 'the newest evidence is of ' || evidence_on)
    from marts.control_cost
    where evidence in ('none', 'old')
    union all
    select
        'no_control_owner', 'control', control_id, control_name, control_owner_name, spend_12m_amount,
        if(is_owner_gone, control_owner_name || ' answers for it and has left', 'nobody answers for it')
    from marts.control_cost
    where is_working and (owner_id is null or is_owner_gone)
    union all
    select
        'no_control', 'cell', csf_function || '/' || asset_class, csf_function || ' ' || asset_class, null, 0,
        if(wanted_count > 0, 'no control is in place; ' || wanted_count || ' listed', 'no control')
    from marts.control_coverage
    where state = 'none'
    union all
    select
        'many_tools', 'cell', csf_function || '/' || asset_class, csf_function || ' ' || asset_class, array_to_string(owners, ', '), spend_12m_amount,
        tool_count || ' tools do the same job: ' || array_to_string(tools, ', ')
    from marts.control_coverage
    where tool_count > 1
    union all
    select 'recovery_not_proven', 'capability', capability_id, capability_name, coalesce(business_owner_name, it_owner_name), spend_12m_amount, reason
    from marts.resilience
    where is_critical and state <> 'proven'
    union all
    select
        'known_exploited', 'tool', tool_id, min(tool_name), min(it_owner), 0,
        cast(sum(flaw_count) as bigint) || ' flaws of ' || string_agg(exploited_vendor || ' ' || exploited_product, ', ' order by exploited_vendor, exploited_product)
        || ' are known to be exploited, ' || cast(sum(ransomware_count) as bigint) || ' by ransomware; look whether the version in use is mended'
    from marts.exploited_in_use
    where state = 'check_version'
    group by tool_id
    union all
    select
        'not_embedded', 'initiative', initiative_id, initiative_name, owner_name, amount,
        'security is not part of it: ' || concat_ws(', ', case when not has_control then 'no control' end, case when not has_owner then 'no owner' end, case when not has_risk then 'no risk' end)
    from embedded
    where not (has_control and has_owner and has_risk)
),

named as (
    select
        *,
        kind || '-' || left(md5(kind || '|' || subject_id), 8) as finding_id,
        left(md5(concat_ws('|', coalesce(owner_name, ''), reason)), 8) as inputs_key
    from finding
)

select
    named.kind, -- tool_without_procedure | no_evidence | no_control_owner | no_control | many_tools | recovery_not_proven | known_exploited | not_embedded
    named.subject_kind, -- control | cell | capability | tool | initiative
    named.subject_id, -- Its id; of a cell function and asset class with a stroke between.
    named.subject, -- Its name.
    named.finding_id, -- The finding.
    cast(named.amount as decimal(18, 4)) as amount, -- Money behind it, in the reporting currency: of a control or cell its part of the tools' ledger money in 12 months, of a capability that money, of an initiative its planned cost; 0 where none is told.
    named.owner_name, -- Who answers for it; null where nobody known does.
    named.reason, -- What is wrong, in words.
    named.inputs_key, -- Key of owner and reason; a dismissal that quotes it ends when they change.
    dismissal.finding_id is not null and not coalesce(dismissal.inputs_key <> named.inputs_key, false) as is_dismissed -- Somebody set it aside, and nothing it rests on has changed since.
from named
left join staging.dismissal as dismissal on named.finding_id = dismissal.finding_id
order by named.kind, amount desc, named.subject_id
