-- What a year of one risk may cost, as things stand, and what the controls against it bring: the mean exactly, percentiles
-- from 100,000 simulated years with a fixed seed. One more row, without an id, is a year of all risks together, as if none
-- brought another. A risk without chance or losses is not assessed, which is not zero.
-- grain: risk_id

with risk as (
    select
        *,
        coalesce(annual_frequency, annual_probability) is not null and loss_low_amount > 0 and loss_high_amount >= loss_low_amount as is_assessed,
        list_distinct(list_filter(string_split_regex(trim(coalesce(control_ids, '')), '[\s,;]+'), lambda id: id <> '')) as controls
    from raw.risk
    qualify row_number() over (partition by risk_id order by source, source_file, source_row) = 1
),

given as (
    select
        list(
            {
                'risk_id': risk_id,
                'probability': cast(annual_probability as double),
                'frequency': cast(annual_frequency as double),
                'low': cast(loss_low_amount as double),
                'high': cast(loss_high_amount as double)
            }
            order by risk_id
        ) filter (where is_assessed) as risks
    from risk
),

simulated as materialized (
    select unnest(annual_loss(risks)) as told from given where risks is not null
),

loss as (
    select
        told.risk_id as risk_id,
        told.mean_loss as mean_loss,
        told.expected as expected,
        told.p50 as p50,
        told.p90 as p90,
        told.p95 as p95,
        told.p99 as p99
    from simulated
),

-- Without the controls: what is not said is as it is with them. Mean of a lognormal from its 5th and 95th percentile.
inherent as (
    select
        risk_id,
        coalesce(inherent_frequency, inherent_probability, annual_frequency, annual_probability) as often,
        ln(cast(coalesce(inherent_loss_low_amount, loss_low_amount) as double)) as low,
        ln(cast(coalesce(inherent_loss_high_amount, loss_high_amount) as double)) as high,
        coalesce(inherent_frequency, inherent_probability, inherent_loss_low_amount, inherent_loss_high_amount) is not null as is_said
    from risk
    where is_assessed and coalesce(inherent_loss_low_amount, loss_low_amount) > 0
),

before as (
    select
        risk_id,
        cast(often as double) * exp((low + high) / 2 + ((high - low) / 3.289707253902945) ** 2 / 2) as expected
    from inherent
    where is_said and high >= low
),

-- A control against several risks is paid once: its cost is shared alike by them.
against as (
    select risk_id, unnest(controls) as control_id from risk
),

shared as (
    select
        against.risk_id,
        control.control_id,
        control.is_working,
        (control.spend_12m_amount + coalesce(control.typed_amount, 0)) * 100 as cents,
        count(*) over (partition by control.control_id) as sharers,
        row_number() over (partition by control.control_id order by against.risk_id) as place
    from against
    inner join marts.control_cost as control on against.control_id = control.control_id
),

cost as (
    select
        risk_id,
        cast(sum(cast(cents as bigint) // sharers + if(place <= cast(cents as bigint) % sharers, 1, 0)) * 0.01 as decimal(18, 4)) as amount,
        count(*) filter (where is_working) as working_count
    from shared
    group by risk_id
),

-- Controls not in place yet: each takes its share from what the others leave, and its cost is shared likewise.
coming as (
    select
        against.risk_id,
        control.control_id,
        cast((1 - coalesce(control.chance_reduction_share, 0)) as double) * cast((1 - coalesce(control.loss_reduction_share, 0)) as double) as left_share,
        cast(control.planned_amount * 100 as bigint) as cents,
        count(*) over (partition by control.control_id) as sharers,
        row_number() over (partition by control.control_id order by against.risk_id) as place
    from against
    inner join marts.control_cost as control on against.control_id = control.control_id
    where control.chance_reduction_share is not null or control.loss_reduction_share is not null
),

planned as (
    select
        risk_id,
        count(*) as control_count,
        product(left_share order by control_id) as left_share,
        case when bool_and(cents is not null) then cast(sum(cents // sharers + if(place <= cents % sharers, 1, 0)) * 0.01 as decimal(18, 4)) end as amount
    from coming
    group by risk_id
),

named as (
    select
        risk.risk_id,
        risk.name as risk_name,
        risk.capability_id,
        risk.treatment,
        risk.owner_id,
        len(risk.controls) as control_count,
        coalesce(cost.working_count, 0) as working_count,
        cost.amount as cost_amount,
        cast(round(before.expected, 2) as decimal(18, 4)) as inherent_amount,
        coalesce(planned.control_count, 0) as planned_count,
        planned.amount as planned_cost,
        cast(round(loss.expected * planned.left_share, 2) as decimal(18, 4)) as planned_loss,
        nullif(concat_ws(
            '; ',
            case when coalesce(risk.annual_frequency, risk.annual_probability) is null then 'nobody has said how often' end,
            case when risk.loss_low_amount is null or risk.loss_high_amount is null then 'nobody has said what it may cost' end,
            case when risk.loss_low_amount <= 0 then 'the low loss must be above 0' end,
            case when risk.loss_high_amount < risk.loss_low_amount then 'the high loss is below the low one' end
        ), '') as missing
    from risk
    left join cost on risk.risk_id = cost.risk_id
    left join before on risk.risk_id = before.risk_id
    left join planned on risk.risk_id = planned.risk_id
    left join loss on risk.risk_id = loss.risk_id
    union all
    select
        null, 'All risks together', null, null, null, null, null, (select sum(amount) from cost), null, null,
        (select case when bool_and(amount is not null) then sum(amount) end from planned),
        (
            select cast(sum(round(loss.expected * coalesce(planned.left_share, 1), 2)) as decimal(18, 4))
            from loss
            left join planned on loss.risk_id = planned.risk_id
            where loss.risk_id is not null
            having count(planned.risk_id) > 0
        ),
        null
    where exists (select 1 from loss)
)

select
    named.risk_id, -- The risk; null for all of them together.
    named.risk_name, -- What may happen.
    named.capability_id,
    capability.capability_name,
    if(loss.expected is null, 'not_assessed', 'assessed') as state, -- assessed | not_assessed
    named.missing, -- What nobody has said, or said wrongly, so that nothing can be told.
    cast(round(loss.mean_loss, 2) as decimal(18, 4)) as mean_loss_amount, -- What it costs on average when it happens.
    cast(
        if(named.risk_id is null, (select sum(round(expected, 2)) from loss where risk_id is not null), round(loss.expected, 2)) as decimal(18, 4)
    ) as annual_loss_amount, -- What a year costs on average; the row of all together is the sum of the others.
    cast(round(loss.p50, 0) as decimal(18, 4)) as p50_amount, -- Half of all years cost more; simulated, whole units.
    cast(round(loss.p90, 0) as decimal(18, 4)) as p90_amount, -- One year in 10 costs more.
    cast(round(loss.p95, 0) as decimal(18, 4)) as p95_amount, -- One year in 20 costs more.
    cast(round(loss.p99, 0) as decimal(18, 4)) as p99_amount, -- One year in 100 costs more.
    named.inherent_amount, -- What a year would cost on average without the controls; null where nobody says.
    cast(named.cost_amount as decimal(18, 4)) as control_cost_amount, -- What the controls cost in 12 months: ledger money and what people say; a control against several risks is shared. Null without controls.
    case
        when named.cost_amount > 0 and named.inherent_amount is not null and loss.expected is not null
            then cast(round((cast(named.inherent_amount as double) - loss.expected - cast(named.cost_amount as double)) / cast(named.cost_amount as double), 4) as decimal(18, 4))
    end as control_return, -- (Loss without controls - loss as it is - their cost) / their cost: 0.5 brings back its cost and half as much; below 0 they cost more than they save. Null where a part is not known.
    cast(named.control_count as bigint) as control_count, -- Controls named against it.
    cast(named.working_count as bigint) as working_control_count, -- Those in place, at least in part.
    cast(named.planned_count as bigint) as planned_control_count, -- Controls named against it that are not in place and of which somebody has said what they would take away; null for all together.
    cast(named.planned_loss as decimal(18, 4)) as planned_loss_amount, -- What a year would cost on average with those in place too; null without them.
    cast(named.planned_cost as decimal(18, 4)) as planned_cost_amount, -- What they would cost in their first year, with what their initiatives are planned to cost; a control against several risks is shared. Null without them, and where nobody has said it of one.
    case
        when named.planned_cost > 0 and named.planned_loss is not null
            then cast(
                round(
                    (
                        cast(if(named.risk_id is null, (select sum(round(expected, 2)) from loss where risk_id is not null), round(loss.expected, 2)) as decimal(18, 4))
                        - named.planned_loss - named.planned_cost
                    ) / cast(named.planned_cost as double), 4
                ) as decimal(18, 4)
            )
    end as planned_return, -- (Loss as it is - loss with them - their cost) / their cost, in the first year: 0.5 brings back the cost and half as much; below 0 they cost more than they save by then.
    named.treatment,
    owner.owner_name as risk_owner_name, -- Who answers for it.
    if(loss.expected is null, null, 'estimated') as provenance -- How the amounts came to be known.
from named
left join loss on named.risk_id is not distinct from loss.risk_id
left join core.capability as capability on named.capability_id = capability.capability_id
left join core.owner as owner on named.owner_id = owner.owner_id
order by loss.expected desc nulls last, named.risk_id nulls first
