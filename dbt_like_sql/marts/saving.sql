-- What a year costs less once one tool of a double licence or parallel silo is given up, from the earliest day its contracts
-- can end: run-rate of the tool that goes - seats the other tool needs more - cost of switching - seats given up already.
-- The run-rate is what its running contracts cost a year, else its recurring money of 12 months; what is paid once is sunk.
-- Each euro is used once: a tool goes once, for the tool that needs the fewest seats more; none stays that itself goes;
-- spare seats are given out once. The other findings of a tool stand beside with a counted amount of 0.
-- grain: finding_id

with day as (
    select month, last_day(month) as month_end
    from settings.run
),

found as (
    select
        finding_id,
        kind,
        firmness,
        kept_tool_id,
        if(kept_tool_id = tool_id, other_tool_id, tool_id) as tool_id,
        if(kept_tool_id = tool_id, other_contained_share, contained_share) as contained_share,
        if(kept_tool_id = tool_id, other_user_count, user_count) as user_count,
        shared_user_count,
        is_dismissed
    from marts.overlap_pair
    where kind in ('double_licensing', 'parallel_silo')
),

involved as (
    select tool_id from found
    union
    select kept_tool_id as tool_id from found
),

running as (
    select
        renewal.tool_id,
        list(renewal.contract_id order by renewal.contract_id) as contract_ids,
        bool_or(renewal.annual_amount is null) as is_price_missing,
        sum(renewal.annual_amount) filter (where coalesce(contract.billing_frequency, '') <> 'once') as amount,
        case when count(renewal.exit_on) = count(*) then max(renewal.exit_on) end as exit_on,
        max_by(renewal.exit_basis, (renewal.exit_on, renewal.contract_id)) as exit_basis,
        max(contract.unit_price) as unit_price
    from marts.renewals as renewal
    inner join core.contract as contract on renewal.contract_id = contract.contract_id
    inner join involved on renewal.tool_id = involved.tool_id
    cross join day
    where coalesce(renewal.status, 'active') = 'active' and (renewal.exit_on is null or renewal.exit_on > day.month_end)
    group by renewal.tool_id
),

posted as (
    select ledger.tool_id, ledger.provenance, sum(ledger.billed_amount) as amount, count(*) as row_count, max(ledger.service_end_on) as paid_until_on
    from core.ledger as ledger
    inner join involved on ledger.tool_id = involved.tool_id
    cross join day
    where
        ledger.month > day.month - interval 12 months
        and ledger.month <= day.month
        and not coalesce(ledger.one_time, false)
        and coalesce(ledger.capex_opex, 'opex') <> 'capex'
    group by ledger.tool_id, ledger.provenance
),

spent as (
    select
        tool_id,
        sum(amount) as amount,
        sum(row_count) as row_count,
        max(paid_until_on) as paid_until_on,
        string_agg(provenance || ' ' || round(100 * cast(amount as double) / nullif(cast(total as double), 0), 1) || '%', ', ' order by amount desc, provenance) as provenance_mix
    from (select *, sum(amount) over (partition by tool_id) as total from posted)
    group by tool_id
),

priced as (
    select tool_id, max(annual_unit_price) as unit_price
    from core.licence
    group by tool_id
),

rate as (
    select
        involved.tool_id,
        running.contract_ids,
        case
            when not running.is_price_missing then greatest(coalesce(running.amount, 0), 0)
            when spent.amount is not null then greatest(spent.amount, 0)
        end as amount,
        coalesce(running.is_price_missing, true) as is_invoiced,
        case
            when running.tool_id is not null then running.exit_on
            else cast(greatest(day.month_end, coalesce(spent.paid_until_on, day.month_end)) as date)
        end as exit_on,
        case when running.tool_id is not null then running.exit_basis else 'no contract known, ends with what is paid' end as exit_basis,
        spent.row_count,
        if(coalesce(running.is_price_missing, true), spent.provenance_mix, 'contracted 100.0%') as provenance_mix,
        coalesce(
            case when running.unit_price >= 0 then running.unit_price end,
            case when priced.unit_price >= 0 then priced.unit_price end,
            cast(round(
                cast(case when running.is_price_missing is false then running.amount when spent.amount > 0 then spent.amount end as double)
                / nullif(tool_use.seats_purchased, 0),
                2
            ) as decimal(18, 4))
        ) as seat_price, -- A credit larger than the bills tells no price.
        greatest(tool_use.seats_purchased - coalesce(tool_use.seats_assigned, tool_use.seats_active, tool_use.seats_purchased), 0) as spare_seats,
        coalesce(tool_use.seats_active, tool_use.seats_assigned, tool_use.seats_purchased) as seats_used
    from involved
    cross join day
    left join running on involved.tool_id = running.tool_id
    left join spent on involved.tool_id = spent.tool_id
    left join priced on involved.tool_id = priced.tool_id
    left join marts.tool_use as tool_use on involved.tool_id = tool_use.tool_id
),

replacement as (
    select
        gone.tool_id,
        stays.tool_id as kept_tool_id,
        max(raw.replacement.switching_amount) as switching_cost,
        max(raw.replacement.seats_reclaimed) as seats_reclaimed
    from raw.replacement
    inner join staging.tool_name as gone on lower(raw.replacement.tool_name) = lower(gone.tool_name_raw)
    inner join staging.tool_name as stays on lower(raw.replacement.by_tool_name) = lower(stays.tool_name_raw)
    group by gone.tool_id, stays.tool_id
),

threshold as (
    select max(value) filter (where name = 'overlap_containment_share') as containment_share
    from settings.threshold
),

reckoned as (
    select
        found.*,
        goes.amount as run_rate,
        goes.contract_ids,
        goes.exit_on,
        goes.exit_basis,
        goes.is_invoiced,
        goes.row_count,
        goes.provenance_mix,
        goes.seat_price as own_seat_price,
        stays.seat_price,
        coalesce(stays.spare_seats, 0) as spare_seats,
        coalesce(found.user_count - found.shared_user_count, goes.seats_used) as seats_needed,
        coalesce(replacement.switching_cost, 0) as switching_cost,
        coalesce(replacement.seats_reclaimed, 0) as seats_reclaimed,
        found.contained_share >= threshold.containment_share as is_replaceable
    from found
    cross join threshold
    inner join rate as goes on found.tool_id = goes.tool_id
    inner join rate as stays on found.kept_tool_id = stays.tool_id
    left join replacement on found.tool_id = replacement.tool_id and found.kept_tool_id = replacement.kept_tool_id
),

going as (
    select distinct tool_id
    from reckoned
    where is_replaceable and not is_dismissed
),

standing as (
    select
        reckoned.*,
        case
            when reckoned.is_dismissed then 'dismissed'
            when not reckoned.is_replaceable then 'does_more'
            when going.tool_id is not null then 'other_goes_too'
            when reckoned.run_rate is null or reckoned.seats_needed is null or (reckoned.seats_needed > 0 and reckoned.seat_price is null)
                or (reckoned.seats_reclaimed > 0 and reckoned.own_seat_price is null) or reckoned.exit_on is null then 'not_known'
        end as hindrance
    from reckoned
    left join going on reckoned.kept_tool_id = going.tool_id
),

placed as (
    select
        *,
        row_number() over (
            partition by tool_id
            order by (hindrance is null) desc, seats_needed * coalesce(seat_price, 0) + switching_cost + seats_reclaimed * coalesce(own_seat_price, 0), finding_id
        ) as place
    from standing
),

seated as (
    select
        *,
        hindrance is null and place = 1 as is_chosen,
        sum(if(hindrance is null and place = 1, seats_needed, 0)) over (
            partition by kept_tool_id order by finding_id rows between unbounded preceding and current row
        ) as seats_so_far
    from placed
),

netted as (
    select
        *,
        case
            when is_chosen then greatest(seats_so_far - spare_seats, 0) - greatest(seats_so_far - seats_needed - spare_seats, 0)
            else greatest(seats_needed - spare_seats, 0)
        end as seats_more
    from seated
),

summed as (
    select
        *,
        cast(if(seats_more = 0, 0, seats_more * seat_price) as decimal(18, 4)) as uplift,
        cast(if(seats_reclaimed = 0, 0, seats_reclaimed * own_seat_price) as decimal(18, 4)) as reclaimed
    from netted
),

settled as (
    select *, case when run_rate is not null and exit_on is not null then cast(run_rate - uplift - switching_cost - reclaimed as decimal(18, 4)) end as net
    from summed
)

select
    settled.finding_id, -- The finding, as in marts.overlap_pair.
    settled.kind, -- double_licensing | parallel_silo
    settled.tool_id, -- The tool that goes.
    tool.tool_name,
    settled.kept_tool_id, -- The tool that stays.
    kept.tool_name as kept_tool_name, -- Its name.
    case
        when settled.hindrance is not null then settled.hindrance
        when not settled.is_chosen then 'counted_elsewhere'
        when settled.net <= 0 then 'no_saving'
        else 'counted'
    end as state, -- counted | no_saving: it costs as much as it saves | counted_elsewhere: the tool goes for another tool | other_goes_too: the tool that would stay goes itself | does_more: the tool that stays does not do all of its work | not_known: run-rate, exit, seats or their price | dismissed
    cast(settled.run_rate as decimal(18, 4)) as run_rate_amount, -- What a year of the tool that goes costs and ending it would avoid; null where nothing tells.
    settled.contract_ids, -- Its running contracts, sorted; null where none is known.
    settled.exit_on, -- Earliest day on which it can be left: the last of its contracts, else what is paid.
    settled.exit_basis, -- Why that day.
    cast(case when settled.exit_on is not null then round(cast(settled.run_rate as double) * greatest(365 - date_diff('day', day.month_end, settled.exit_on), 0) / 365, 2) end as decimal(18, 4)) as run_rate_12m_amount, -- Part of the run-rate that falls after that day into the 12 months to come.
    cast(settled.seats_more as bigint) as seat_count, -- Seats the tool that stays needs more: people not yet active in it, less its spare seats.
    cast(settled.uplift as decimal(18, 4)) as uplift_amount, -- Those seats at their yearly price: of the contract, else of the licence, else cost by seats bought. Null where the price is not known.
    cast(settled.switching_cost as decimal(18, 4)) as switching_amount, -- One-time cost as given in decisions/replacements.csv; 0 where nothing is given.
    settled.reclaimed as reclaimed_amount, -- Seats given up already, at their yearly price.
    settled.net as net_saving_amount, -- Run-rate less the three, in the first year after that day; null where a part is not known.
    cast(case when settled.hindrance is null and settled.is_chosen and settled.net > 0 then settled.net else 0 end as decimal(18, 4)) as counted_amount, -- The part that may be added up over findings: each euro is in one of them.
    settled.firmness, -- How firm the finding is, as in marts.overlap_pair.
    cast(coalesce(settled.row_count, 0) as bigint) as ledger_row_count, -- Recurring ledger rows of the tool that goes in 12 months.
    settled.provenance_mix -- How the run-rate came to be known: contracted where contracts tell it, else shares of its recurring money.
from settled
cross join day
left join core.tool as tool on settled.tool_id = tool.tool_id
left join core.tool as kept on settled.kept_tool_id = kept.tool_id
order by counted_amount desc, net_saving_amount desc nulls last, settled.finding_id
