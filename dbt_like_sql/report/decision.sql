-- One thing to decide, with the money it is about: a contract, the cost of tools that double another, or a need that is not
-- covered. Money of different rows may be the same money and is never added up.
-- grain: finding_id
-- figure: record

with decision as (
    select
        'renewal' as kind,
        finding_id,
        coalesce(contract_name, contract_number, contract_id) as subject,
        state,
        annual_amount as decision_amount,
        'contracted' as provenances,
        decide_on,
        vendor_name as detail,
        null as owner_name
    from report.renewal
    where is_open
    union all
    select
        'overlap' as kind,
        finding_id,
        max(capability_name) as subject,
        'overlap' as state,
        max(extra_cost_amount) as decision_amount,
        max(provenances) filter (where is_extra) as provenances,
        null as decide_on,
        string_agg(tool_name, ', ' order by tool_name) filter (where not is_kept) as detail,
        max(owner_name) as owner_name
    from report.overlap
    group by finding_id
    union all
    select
        'gap' as kind,
        finding_id,
        capability_name as subject,
        state,
        spend_12m_amount as decision_amount,
        null as provenances,
        null as decide_on,
        priority_name as detail,
        business_owner_name as owner_name
    from report.gap
    where state in ('gap', 'no_tool')
)

select
    kind, -- renewal, overlap or gap.
    finding_id, -- The finding.
    subject, -- The contract or the capability.
    state, -- The contract's state, overlap, or the gap's state.
    cast(decision_amount as decimal(18, 4)) as decision_amount, -- Of a renewal its annual cost, of an overlap what the tools beside the kept one cost in 12 months, of a gap what was spent on it; null where not known.
    provenances, -- How that money is known; null for a gap.
    cast(decide_on as date) as decide_on, -- Day by which to decide; null where no contract gives one.
    detail, -- The vendor, the tools beside the kept one, or the priority that needs it.
    owner_name -- Who in the business answers for it; null where nobody does, or a contract does not say.
from decision
order by decide_on nulls last, kind desc, decision_amount desc nulls last, finding_id
