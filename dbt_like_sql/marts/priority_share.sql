-- One priority: its share of the money that reaches priorities beside its share of the weights, and how well the capabilities
-- it needs are covered. The alignment index says how far money follows the weights: the sum over all priorities of the
-- smaller of the two shares, which is 1 less half the sum of their differences; 1 where money is divided as the weights are, 0
-- where all of it goes to priorities without weight. Money that reaches no priority is no part of it, see
-- marts.alignment_month for that. Every priority has a row, also without money.
-- grain: priority_id

with posted as (
    select ledger.priority_id, ledger.provenance, sum(ledger.billed_amount) as amount, sum(ledger.ledger_row_count) as row_count
    from marts.ledger_month as ledger
    cross join settings.run as run
    where
        ledger.month > run.month - interval 12 months
        and ledger.month <= run.month
        and ledger.ledger_row_count > 0
        and ledger.priority_id is not null
    group by ledger.priority_id, ledger.provenance
),

reached as (
    select
        priority_id,
        sum(amount) as amount,
        sum(row_count) as row_count,
        string_agg(provenance || ' ' || round(100 * cast(amount as double) / nullif(cast(total as double), 0), 1) || '%', ', ' order by amount desc, provenance) as provenance_mix
    from (select *, sum(amount) over (partition by priority_id) as total from posted)
    group by priority_id
),

need as (
    select
        priority_id,
        count(*) as capability_count,
        count(*) filter (where state in ('gap', 'no_tool')) as gap_count,
        count(*) filter (where state = 'not_assessed') as not_assessed_count,
        min(covered_level) as lowest_level,
        list_sum(list(cast(covered_level as double) order by capability_id)) / count(covered_level) as mean_level,
        round(cast(count(*) filter (where state in ('gap', 'no_tool')) as double) / nullif(count(covered_level), 0), 10) as below_share
    from marts.gap
    group by priority_id
),

-- A credit larger than the bills of a year is no share below zero.
shared as (
    select
        priority.priority_id,
        priority.priority_name,
        priority.theme,
        priority.weight_share,
        coalesce(reached.amount, 0) as amount,
        coalesce(reached.row_count, 0) as row_count,
        reached.provenance_mix,
        cast(greatest(coalesce(reached.amount, 0), 0) as double) / nullif(cast(sum(greatest(coalesce(reached.amount, 0), 0)) over () as double), 0) as money_share
    from core.priority as priority
    left join reached on priority.priority_id = reached.priority_id
)

select
    shared.priority_id,
    shared.priority_name,
    shared.theme,
    cast(shared.amount as decimal(18, 4)) as spend_12m_amount, -- Money that reaches the priority in the 12 months that end with the refreshed month.
    cast(round(shared.money_share, 10) as decimal(18, 10)) as money_share, -- Of the money that reaches any priority; null where none does.
    shared.weight_share, -- The priority's weight as a share of all weights.
    cast(round(shared.money_share - cast(shared.weight_share as double), 10) as decimal(18, 10)) as difference_share, -- Money less weight: above 0 it gets more than its weight says.
    cast(round(
        (select list_sum(list(least(other.money_share, cast(other.weight_share as double)) order by other.priority_id)) from shared as other where other.money_share is not null),
        10
    ) as decimal(18, 10)) as alignment_index_share, -- The alignment index, 0 to 1: the same on every row; null where no money reaches a priority.
    coalesce(need.capability_count, 0) as capability_count, -- Capabilities it needs.
    coalesce(need.gap_count, 0) as gap_count, -- Those covered below what is required, or by no tool.
    coalesce(need.not_assessed_count, 0) as not_assessed_count, -- Those whose cover nobody has assessed; they are no part of the next three.
    need.lowest_level, -- Cover of the weakest capability, 0 to 1; null where none is assessed.
    cast(round(need.mean_level, 10) as decimal(18, 10)) as mean_level, -- Mean cover.
    cast(need.below_share as decimal(18, 10)) as below_share, -- Share of the assessed capabilities that are covered below what is required.
    cast(shared.row_count as bigint) as ledger_row_count, -- Ledger rows behind the money.
    shared.provenance_mix -- Shares of the money by how it came to be known; null where there is none.
from shared
left join need on shared.priority_id = need.priority_id
order by shared.weight_share desc nulls last, shared.priority_id
