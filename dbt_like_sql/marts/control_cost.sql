-- One security or continuity control: how far it is, what carries it, who answers, and what it cost in 12 months. The tool's
-- ledger money is shared out over its controls, so that no amount counts twice: a control with a share of its own has that,
-- the others what is left, alike.
-- grain: control_id

with control as (
    select
        given.*,
        staging.tool_name.tool_id,
        coalesce(given.status in ('partial', 'in_place'), false) as is_working
    from raw.control as given
    left join staging.tool_name on staging.tool_name.tool_name_raw = given.tool_name
    qualify row_number() over (partition by control_id order by source, source_file, source_row) = 1
),

spend as (
    select ledger.tool_id, cast(greatest(sum(ledger.billed_amount), 0) * 100 as hugeint) as cents
    from marts.ledger_month as ledger
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month and ledger.tool_id in (select tool_id from control)
    group by ledger.tool_id
),

taken as (
    select
        control.control_id,
        control.tool_id,
        control.cost_share,
        coalesce(spend.cents, 0) as cents,
        case when control.cost_share is not null then cast(floor(coalesce(spend.cents, 0) * control.cost_share) as hugeint) end as own_cents
    from control
    left join spend on control.tool_id = spend.tool_id
    where control.is_working and control.tool_id is not null
),

left_over as (
    select
        control_id,
        own_cents,
        cost_share,
        greatest(0, cents - coalesce(sum(own_cents) over (partition by tool_id), 0)) as rest,
        count(*) over (partition by tool_id, cost_share is null) as sharers,
        row_number() over (partition by tool_id, cost_share is null order by control_id) as place
    from taken
),

shared as (
    select
        control_id,
        coalesce(own_cents, rest // sharers + if(place <= rest % sharers, 1, 0)) as cents
    from left_over
),

-- The plan of an initiative that is to bring several controls is shared alike by them, to the cent.
coming as (
    select
        control.control_id,
        cast((coalesce(initiative.capex_amount, 0) + coalesce(initiative.opex_amount, 0)) * 100 as bigint) as cents,
        count(*) over (partition by initiative.initiative_id) as sharers,
        row_number() over (partition by initiative.initiative_id order by control.control_id) as place
    from control
    inner join core.initiative as initiative on control.initiative_id = initiative.initiative_id
    where
        not control.is_working
        and coalesce(initiative.status, '') <> 'stopped'
        and (initiative.capex_amount is not null or initiative.opex_amount is not null)
)

select
    control.control_id,
    control.name as control_name, -- What it is.
    control.kind, -- policy | process | technical | physical; null where nobody says.
    control.csf_function,
    control.asset_class,
    control.status,
    control.is_working, -- It is in place, at least in part.
    control.tool_id, -- The tool that carries it; null where none does.
    coalesce(tool.tool_name, control.tool_name) as tool_name, -- Its name; of a tool that nothing else knows as written there.
    control.initiative_id,
    control.procedure_ref,
    control.evidence_on,
    case
        when not control.is_working then 'not_working'
        when control.evidence_on is null then 'none'
        when control.evidence_on < last_day(run.month) - interval 12 months then 'old'
        else 'fresh'
    end as evidence, -- fresh | old: more than 12 months | none | not_working: not in place, so nothing to prove
    cast(coalesce(shared.cents, 0) * 0.01 as decimal(18, 4)) as spend_12m_amount, -- Its part of the tool's ledger money in the 12 months that end with the refreshed one; 0 while it does not work.
    cast(if(control.is_working, control.annual_amount, null) as decimal(18, 4)) as typed_amount, -- Yearly cost beside the tool, as somebody says; null where nobody does.
    cast(
        case
            when not control.is_working and (control.annual_amount is not null or coming.control_id is not null)
                then coalesce(control.annual_amount, 0) + coalesce(coming.cents // coming.sharers + if(coming.place <= coming.cents % coming.sharers, 1, 0), 0) * 0.01
        end as decimal(18, 4)
    ) as planned_amount, -- What the first year of a control that is not in place would cost: its yearly cost and its part of what its initiative is planned to cost; null where nobody says, and of one in place.
    if(control.is_working, null, control.chance_reduction_share) as chance_reduction_share, -- Share by which it would lower how often its risks happen; null where nobody says, and of one in place.
    if(control.is_working, null, control.loss_reduction_share) as loss_reduction_share, -- Share by which it would lower what they then cost; null likewise.
    owner.owner_id,
    owner.owner_name as control_owner_name, -- Who answers for it; null where nobody known does.
    coalesce(owner.left_on <= last_day(run.month), false) as is_owner_gone, -- That person has left.
    control.source_file,
    control.source_row
from control
cross join settings.run as run
left join coming on control.control_id = coming.control_id
left join shared on control.control_id = shared.control_id
left join core.tool as tool on control.tool_id = tool.tool_id
left join core.owner as owner on control.owner_id = owner.owner_id
order by control.control_id
