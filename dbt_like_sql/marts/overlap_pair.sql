-- Two tools that serve the same leaf capability, on three axes that are never blended: what they do, who uses them, which
-- units they serve. What they do: weighted Jaccard = sum of the smaller weights / sum of the larger ones over leaf
-- capabilities, weight = share of the tool that serves the capability; containment = share of a tool's weight that lies in
-- capabilities the other serves too. A mapping to a wider capability is spread evenly over its leaves. Nothing here compares
-- a pair with another, so an unrelated tool changes no row.
-- grain: tool_id, other_tool_id

with recursive below as (
    select capability_id as ancestor_id, capability_id
    from core.capability
    union
    select below.ancestor_id, child.capability_id
    from below
    inner join core.capability as child on below.capability_id = child.parent_id
),

leaf as (
    select below.ancestor_id, below.capability_id, count(*) over (partition by below.ancestor_id) as leaf_count
    from below
    where not exists (select 1 from core.capability as child where below.capability_id = child.parent_id)
),

served as (
    select
        mapping.tool_id,
        mapping.org_unit_id,
        coalesce(leaf.capability_id, mapping.capability_id) as capability_id,
        sum(cast(mapping.weight_share / coalesce(leaf.leaf_count, 1) as decimal(18, 10))) as weight,
        bool_and(coalesce(mapping.role, '') = 'supporting') as is_supporting,
        bool_or(coalesce(mapping.role, '') = 'leading') as is_leading,
        max(mapping.decided_on) as decided_on,
        bool_or(coalesce(mapping.is_stale, false)) as is_stale,
        count(*) as mapping_count
    from core.tool_capability as mapping
    left join leaf on mapping.capability_id = leaf.ancestor_id
    group by all
),

-- A tool that is mapped for several units counts with its largest weight.
weighed as (
    select
        tool_id,
        capability_id,
        max(weight) as weight,
        bool_and(is_supporting) as is_supporting,
        bool_or(is_leading) as is_leading,
        bool_and(org_unit_id is not null) as is_by_unit,
        max(decided_on) as decided_on,
        bool_or(is_stale) as is_stale,
        sum(mapping_count) as mapping_count
    from served
    group by tool_id, capability_id
),

whole as (
    select tool_id, sum(weight) as weight, bool_and(is_by_unit) as is_by_unit
    from weighed
    group by tool_id
),

shared as (
    select
        one.tool_id,
        other.tool_id as other_tool_id,
        list(one.capability_id order by one.capability_id) as capability_ids,
        sum(least(one.weight, other.weight)) as common_weight,
        sum(one.weight) as inner_weight,
        sum(other.weight) as other_inner_weight,
        bool_and(one.is_supporting) as is_supporting,
        bool_and(other.is_supporting) as is_other_supporting,
        bool_or(one.is_leading) as is_leading,
        bool_or(other.is_leading) as is_other_leading,
        max(greatest(one.decided_on, other.decided_on)) as decided_on,
        bool_or(one.is_stale or other.is_stale) as is_stale,
        sum(one.mapping_count + other.mapping_count) as mapping_count
    from weighed as one
    inner join weighed as other on one.capability_id = other.capability_id and one.tool_id < other.tool_id
    group by one.tool_id, other.tool_id
),

paired as (
    select distinct tool_id from shared
    union
    select distinct other_tool_id as tool_id from shared
),

active as (
    select usage.tool_id, usage.person_key, usage.org_unit_id
    from core.usage as usage
    inner join paired on usage.tool_id = paired.tool_id
    where usage.is_active
),

people as (
    select
        usage.tool_id,
        count(*) as usage_count,
        count(*) filter (where usage.is_active) as active_count
    from core.usage as usage
    inner join paired on usage.tool_id = paired.tool_id
    group by usage.tool_id
),

person as (
    select shared.tool_id, shared.other_tool_id, count(*) as user_count
    from shared
    inner join active as one on shared.tool_id = one.tool_id
    inner join active as other on shared.other_tool_id = other.tool_id and one.person_key = other.person_key
    group by shared.tool_id, shared.other_tool_id
),

-- The units of a tool: those it is mapped for, or, when it is mapped for all, those of the people active in it.
unit as (
    select mapping.tool_id, mapping.org_unit_id
    from core.tool_capability as mapping
    inner join whole on mapping.tool_id = whole.tool_id
    where whole.is_by_unit
    union
    select active.tool_id, active.org_unit_id
    from active
    inner join whole on active.tool_id = whole.tool_id
    where not whole.is_by_unit and active.org_unit_id is not null
),

unit_count as (
    select tool_id, count(*) as units
    from unit
    group by tool_id
),

place as (
    select shared.tool_id, shared.other_tool_id, count(*) as units
    from shared
    inner join unit as one on shared.tool_id = one.tool_id
    inner join unit as other on shared.other_tool_id = other.tool_id and one.org_unit_id = other.org_unit_id
    group by shared.tool_id, shared.other_tool_id
),

posted as (
    select ledger.tool_id, ledger.provenance, sum(ledger.billed_amount) as amount, sum(ledger.ledger_row_count) as row_count
    from marts.ledger_month as ledger
    inner join paired on ledger.tool_id = paired.tool_id
    cross join settings.run as run
    where ledger.month > run.month - interval 12 months and ledger.month <= run.month and ledger.ledger_row_count > 0
    group by ledger.tool_id, ledger.provenance
),

spend as (
    select tool_id, sum(amount) as amount, sum(row_count) as row_count
    from posted
    group by tool_id
),

pair_money as (
    select shared.tool_id, shared.other_tool_id, posted.provenance, sum(posted.amount) as amount
    from shared
    inner join posted on shared.tool_id = posted.tool_id or shared.other_tool_id = posted.tool_id
    group by shared.tool_id, shared.other_tool_id, posted.provenance
),

mix as (
    select
        tool_id,
        other_tool_id,
        string_agg(provenance || ' ' || round(100 * cast(amount as double) / cast(total as double), 1) || '%', ', ' order by amount desc, provenance) as provenance_mix
    from (select *, sum(amount) over (partition by tool_id, other_tool_id) as total from pair_money)
    where total <> 0
    group by tool_id, other_tool_id
),

measured as (
    select
        shared.*,
        tool.tool_name,
        other.tool_name as other_tool_name,
        'pair-' || left(md5('pair|' || shared.tool_id || '|' || shared.other_tool_id), 8) as finding_id,
        cast(round(cast(shared.common_weight as double) / cast(one.weight + two.weight - shared.common_weight as double), 10) as decimal(18, 10)) as capability_jaccard,
        cast(round(cast(shared.inner_weight as double) / cast(one.weight as double), 10) as decimal(18, 10)) as contained_share,
        cast(round(cast(shared.other_inner_weight as double) / cast(two.weight as double), 10) as decimal(18, 10)) as other_contained_share,
        one_people.active_count as user_count,
        two_people.active_count as other_user_count,
        case when one_people.tool_id is not null and two_people.tool_id is not null then coalesce(person.user_count, 0) end as shared_user_count,
        case when one_unit.units > 0 and two_unit.units > 0 then coalesce(place.units, 0) end as shared_unit_count,
        coalesce(one_unit.units + two_unit.units - coalesce(place.units, 0), 0) as either_unit_count,
        least(one_unit.units, two_unit.units) as smaller_unit_count,
        coalesce(one_people.usage_count, 0) + coalesce(two_people.usage_count, 0) as usage_count,
        coalesce(spend.amount, 0) as amount,
        coalesce(other_spend.amount, 0) as other_amount,
        coalesce(spend.row_count, 0) + coalesce(other_spend.row_count, 0) as ledger_row_count,
        tool_use.seats_active,
        other_use.seats_active as other_seats_active,
        coalesce(tool.lifecycle, '') = 'plan' as is_planned,
        coalesce(other.lifecycle, '') = 'plan' as is_other_planned
    from shared
    inner join core.tool as tool on shared.tool_id = tool.tool_id
    inner join core.tool as other on shared.other_tool_id = other.tool_id
    inner join whole as one on shared.tool_id = one.tool_id
    inner join whole as two on shared.other_tool_id = two.tool_id
    left join people as one_people on shared.tool_id = one_people.tool_id
    left join people as two_people on shared.other_tool_id = two_people.tool_id
    left join person on shared.tool_id = person.tool_id and shared.other_tool_id = person.other_tool_id
    left join unit_count as one_unit on shared.tool_id = one_unit.tool_id
    left join unit_count as two_unit on shared.other_tool_id = two_unit.tool_id
    left join place on shared.tool_id = place.tool_id and shared.other_tool_id = place.other_tool_id
    left join spend on shared.tool_id = spend.tool_id
    left join spend as other_spend on shared.other_tool_id = other_spend.tool_id
    left join marts.tool_use as tool_use on shared.tool_id = tool_use.tool_id
    left join marts.tool_use as other_use on shared.other_tool_id = other_use.tool_id
),

axis as (
    select
        *,
        cast(round(cast(shared_user_count as double) / nullif(user_count + other_user_count - shared_user_count, 0), 10) as decimal(18, 10)) as user_jaccard,
        cast(round(cast(shared_user_count as double) / nullif(least(user_count, other_user_count), 0), 10) as decimal(18, 10)) as user_containment,
        cast(round(cast(shared_unit_count as double) / nullif(either_unit_count, 0), 10) as decimal(18, 10)) as unit_jaccard,
        cast(round(cast(shared_unit_count as double) / nullif(smaller_unit_count, 0), 10) as decimal(18, 10)) as unit_containment,
        amount > 0 or coalesce(seats_active, 0) > 0 as is_used,
        other_amount > 0 or coalesce(other_seats_active, 0) > 0 as is_other_used
    from measured
),

threshold as (
    select
        max(value) filter (where name = 'overlap_capability_share') as capability_share,
        max(value) filter (where name = 'overlap_containment_share') as containment_share,
        max(value) filter (where name = 'overlap_user_share') as user_share
    from settings.threshold
),

weighed_up as (
    select
        axis.*,
        threshold.capability_share,
        threshold.containment_share,
        threshold.user_share,
        axis.capability_jaccard >= threshold.capability_share
        or least(axis.contained_share, axis.other_contained_share) >= threshold.containment_share as is_same_work,
        greatest(axis.contained_share, axis.other_contained_share) >= threshold.containment_share as is_contained
    from axis
    cross join threshold
),

judged as (
    select
        *,
        case
            when is_planned or is_other_planned then 'not_an_overlap'
            when is_supporting <> is_other_supporting then 'add_on'
            when not is_same_work and is_contained then 'add_on'
            when not is_same_work then 'not_an_overlap'
            when not (is_used and is_other_used) then 'cannot_tell'
            when shared_user_count is not null and least(user_count, other_user_count) = 0 then 'double_licensing'
            when user_containment >= user_share then 'double_licensing'
            when user_containment < user_share then 'parallel_silo'
            when shared_unit_count = 0 then 'parallel_silo'
            else 'cannot_tell'
        end as kind,
        case
            when is_planned or is_other_planned then 'only planned: ' || concat_ws(', ', case when is_planned then tool_name end, case when is_other_planned then other_tool_name end)
            when is_supporting <> is_other_supporting then if(is_supporting, tool_name, other_tool_name) || ' only supports ' || if(is_supporting, other_tool_name, tool_name)
            when not is_same_work and is_contained and contained_share >= other_contained_share then other_tool_name || ' does what ' || tool_name || ' does, and more'
            when not is_same_work and is_contained then tool_name || ' does what ' || other_tool_name || ' does, and more'
            when not is_same_work then 'they share ' || len(capability_ids) || if(len(capability_ids) = 1, ' capability', ' capabilities') || ' and do little else alike'
            when not (is_used and is_other_used) then 'use is not known: neither money nor active people of ' || concat_ws(' and ', case when not is_used then tool_name end, case when not is_other_used then other_tool_name end)
            when shared_user_count is not null and least(user_count, other_user_count) = 0
                then 'nobody is active in ' || concat_ws(' and ', case when user_count = 0 then tool_name end, case when other_user_count = 0 then other_tool_name end)
            when shared_user_count is not null then shared_user_count || ' of the ' || least(user_count, other_user_count) || ' people active in ' || if(user_count <= other_user_count, tool_name, other_tool_name) || ' use both'
            when shared_unit_count = 0 then 'no unit has both; who uses them is not known'
            else 'users are not known of ' || concat_ws(' and ', case when user_count is null then tool_name end, case when other_user_count is null then other_tool_name end)
                || if(shared_unit_count is null, '; units are not known', '; they share ' || shared_unit_count || ' units')
        end as reason,
        case
            when is_planned or is_other_planned or is_supporting <> is_other_supporting then false
            when abs(capability_jaccard - capability_share) < 0.1 then true
            when is_same_work then coalesce(abs(user_containment - user_share) < 0.1, false)
            else abs(greatest(contained_share, other_contained_share) - containment_share) < 0.1
        end as is_near
    from weighed_up
),

replacement as (
    select gone.tool_id, stays.tool_id as kept_tool_id, max(raw.replacement.decided_on) as decided_on
    from raw.replacement
    inner join staging.tool_name as gone on lower(raw.replacement.tool_name) = lower(gone.tool_name_raw)
    inner join staging.tool_name as stays on lower(raw.replacement.by_tool_name) = lower(stays.tool_name_raw)
    group by gone.tool_id, stays.tool_id
),

kept as (
    select
        judged.*,
        left(md5(concat_ws('|', judged.kind, judged.capability_jaccard, judged.contained_share, judged.other_contained_share)), 8) as inputs_key,
        case
            when other_goes.tool_id is not null and (one_goes.tool_id is null or other_goes.decided_on >= one_goes.decided_on) then true
            when one_goes.tool_id is not null then false
            when (judged.contained_share >= judged.containment_share) <> (judged.other_contained_share >= judged.containment_share)
                then judged.other_contained_share >= judged.containment_share
            when judged.is_leading <> judged.is_other_leading then judged.is_leading
            when coalesce(judged.seats_active, -1) <> coalesce(judged.other_seats_active, -1) then coalesce(judged.seats_active, -1) > coalesce(judged.other_seats_active, -1)
            else judged.amount >= judged.other_amount
        end as is_first_kept
    from judged
    left join replacement as one_goes on judged.tool_id = one_goes.tool_id and judged.other_tool_id = one_goes.kept_tool_id
    left join replacement as other_goes on judged.other_tool_id = other_goes.tool_id and judged.tool_id = other_goes.kept_tool_id
)

select
    kept.tool_id, -- One tool: the one with the smaller id.
    kept.tool_name,
    kept.other_tool_id, -- The other tool.
    kept.other_tool_name, -- Its name.
    kept.finding_id, -- The finding; it stays the same while its figures move.
    kept.kind, -- double_licensing: the same work for the same people | parallel_silo: the same work for others | add_on: one supports or is contained in the other | not_an_overlap: little in common | cannot_tell
    kept.reason, -- Why it is of that kind, in words; of cannot_tell, which axis is not known.
    case
        when kept.kind = 'cannot_tell' then 'not_known'
        when kept.is_stale then 'stale_mapping'
        when kept.is_near then 'near_threshold'
        else 'firm'
    end as firmness, -- firm | near_threshold: a figure that decides lies within 0.1 of its threshold | stale_mapping: a mapping it rests on is old | not_known
    kept.capability_ids, -- Leaf capabilities that both serve, sorted.
    kept.capability_jaccard, -- Weighted Jaccard over leaf capabilities, 0 to 1.
    kept.contained_share, -- Share of the tool's own weight in capabilities that the other serves too.
    kept.other_contained_share, -- Share of the other tool's weight in capabilities that the tool serves too.
    kept.user_count, -- People active in the tool in the last 90 days; null where its users are not known one by one.
    kept.other_user_count, -- People active in the other tool.
    kept.shared_user_count, -- People active in both; null where the users of one are not known.
    kept.user_jaccard, -- People active in both by people active in either; null where not known or nobody is.
    kept.user_containment, -- People active in both by those of the tool with fewer; null where not known or nobody is.
    kept.shared_unit_count, -- Units that both serve; null where those of one are not known.
    kept.unit_jaccard, -- Units of both by units of either; null where not known.
    kept.unit_containment, -- Units of both by those of the tool with fewer; null where not known.
    if(kept.is_first_kept, kept.tool_id, kept.other_tool_id) as kept_tool_id, -- The tool that stays in the reckoning: as decided, else the one that does all of the other's work, a leading one, the one with more active people, more money, the smaller id.
    if(kept.is_first_kept, kept.tool_name, kept.other_tool_name) as kept_tool_name, -- Its name.
    cast(kept.amount as decimal(18, 4)) as tool_spend_12m_amount, -- Money of the tool, for whatever capability, in the 12 months that end with the refreshed month.
    cast(kept.other_amount as decimal(18, 4)) as other_spend_12m_amount, -- Money of the other tool in the same months.
    cast(kept.ledger_row_count as bigint) as ledger_row_count, -- Ledger rows behind the money of both.
    mix.provenance_mix, -- Shares of the money of both by how it came to be known; null where there is none.
    cast(kept.mapping_count as bigint) as mapping_count, -- Decisions that say that the tools serve the shared capabilities.
    cast(kept.usage_count as bigint) as usage_count, -- Records of access behind the users.
    kept.inputs_key, -- Key of kind and weights; a dismissal that quotes it ends when they change.
    dismissal.finding_id is not null and not coalesce(dismissal.decided_on < kept.decided_on or dismissal.inputs_key <> kept.inputs_key, false) as is_dismissed, -- Somebody set it aside, and nothing it rests on has changed since.
    coalesce(dismissal.decided_on < kept.decided_on or dismissal.inputs_key <> kept.inputs_key, false) as is_expired, -- Somebody had set it aside, and its mapping or its kind has changed since: it is back.
    dismissal.reason as dismissal_reason -- Why it was set aside.
from kept
left join mix on kept.tool_id = mix.tool_id and kept.other_tool_id = mix.other_tool_id
left join staging.dismissal as dismissal on kept.finding_id = dismissal.finding_id
order by kept.kind, kept.amount + kept.other_amount desc, kept.tool_id, kept.other_tool_id
