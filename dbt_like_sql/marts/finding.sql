-- The life of a finding of any kind: what was found, what it is worth, how firm it is, and what became of it since the newest
-- published month before. A finding that is no longer found stays as resolved. Its money counts as changed when it has moved by
-- more than a tenth since it last did, so that a year that rolls on by a month is no news.
-- grain: finding_id

with found as (
    select
        finding_id,
        'overlap' as kind,
        coalesce(capability_name, capability_id) as subject,
        'overlap' as condition,
        extra_cost_amount as money_amount,
        'booked' as firmness,
        inputs_key,
        is_dismissed
    from marts.overlap
    union all
    select pair.finding_id, 'overlap_pair', pair.tool_name || ' and ' || pair.other_tool_name, pair.kind, saving.counted_amount, pair.firmness, pair.inputs_key, pair.is_dismissed
    from marts.overlap_pair as pair
    left join marts.saving as saving on saving.finding_id = pair.finding_id
    where pair.kind <> 'not_an_overlap'
    union all
    select finding_id, 'vendor_overlap', coalesce(capability_name, capability_id), 'vendor_overlap', beside_largest_amount, 'booked', inputs_key, is_dismissed
    from marts.vendor_overlap
    union all
    select
        finding_id,
        'gap',
        coalesce(capability_name, capability_id) || ' for ' || coalesce(priority_name, priority_id),
        state,
        cast(null as decimal(18, 4)),
        firmness,
        inputs_key,
        is_dismissed
    from marts.gap
    where state <> 'covered'
    union all
    select finding_id, kind, subject, kind, spend_12m_amount, if(unconverted_count > 0, 'partly_booked', 'booked'), inputs_key, is_dismissed
    from marts.misalignment
    union all
    select finding_id, 'renewal', coalesce(contract_name, contract_id), state, annual_amount, 'contracted', inputs_key, is_dismissed
    from marts.renewals
    where state not in ('cancelled', 'no_end_date', 'ended', 'later')
    union all
    select finding_id, kind, subject, kind, spend_12m_amount, 'judged', inputs_key, is_dismissed
    from marts.ownership_hole
    union all
    select finding_id, kind, subject, kind, amount, 'judged', inputs_key, is_dismissed
    from marts.security_finding
    union all
    select finding_id, 'initiative_slip', initiative_name, state, cost_slip_amount, 'booked', inputs_key, is_dismissed
    from marts.initiative_slip
    where reason is not null
    union all
    select finding_id, 'phase', initiative_name, phase_state, planned_amount, 'judged', inputs_key, is_dismissed
    from marts.initiative_score
    where finding_id is not null
),

current_finding as (
    select
        finding_id,
        min(kind) as kind,
        min(subject) as subject,
        min(condition) as condition,
        cast(max(money_amount) as decimal(18, 4)) as money_amount,
        min(firmness) as firmness,
        min(inputs_key) as inputs_key,
        bool_or(is_dismissed) as is_dismissed
    from found
    group by finding_id
),

earlier as (
    select
        finding_id,
        kind,
        subject,
        finding_state,
        condition,
        cast(money_amount as decimal(18, 4)) as money_amount,
        cast(reference_amount as decimal(18, 4)) as reference_amount,
        first_seen_month,
        last_changed_month
    from audit.earlier_finding
),

run as (
    select settings.run.month, if(audit.earlier_month.has_findings, audit.earlier_month.earlier_month, null) as compared_month
    from settings.run
    left join audit.earlier_month on true
),

judged as (
    select
        coalesce(current_finding.finding_id, earlier.finding_id) as finding_id,
        coalesce(current_finding.kind, earlier.kind) as kind,
        coalesce(current_finding.subject, earlier.subject) as subject,
        coalesce(current_finding.condition, earlier.condition) as condition,
        case when current_finding.finding_id is not null then current_finding.money_amount else earlier.money_amount end as money_amount,
        current_finding.firmness,
        current_finding.inputs_key,
        current_finding.is_dismissed,
        case
            when current_finding.finding_id is null then 'resolved'
            when current_finding.is_dismissed then 'accepted'
            when run.compared_month is null then 'open'
            when earlier.finding_id is null then 'new'
            when earlier.finding_state = 'resolved' then 'returned'
            when earlier.finding_state = 'accepted' or earlier.condition is distinct from current_finding.condition then 'changed'
            when (earlier.reference_amount is null) <> (current_finding.money_amount is null) then 'changed'
            when abs(current_finding.money_amount - earlier.reference_amount) * 10 > abs(earlier.reference_amount) then 'changed'
            else 'open'
        end as finding_state,
        earlier.finding_state as earlier_state,
        earlier.money_amount as earlier_amount,
        earlier.reference_amount,
        earlier.first_seen_month,
        earlier.last_changed_month,
        run.month,
        run.compared_month
    from current_finding
    full join earlier on earlier.finding_id = current_finding.finding_id
    cross join run
),

dated as (
    select
        *,
        finding_state in ('new', 'changed', 'returned') or earlier_state is null or (finding_state in ('accepted', 'resolved') and finding_state <> earlier_state) as is_news
    from judged
),

stage as (
    select
        finding_id,
        min_by(stage, list_position(['agreed', 'contracted', 'partly_seen', 'seen'], stage)) as stage,
        sum(annual_amount) as annual_amount,
        sum(seen_amount) as seen_amount
    from marts.saving_seen
    group by finding_id
)

select
    dated.finding_id, -- The finding.
    dated.kind, -- overlap | overlap_pair | vendor_overlap | gap | unmapped_money | misaligned_money | underfunded_priority | renewal | initiative_slip | phase, and the kinds of ownership_hole and security_finding
    dated.subject, -- What it is about, in words.
    dated.condition, -- What was found, in one word of its own table; of a resolved one what it was.
    dated.money_amount, -- Its money in 12 months, of a pair what ending one of them saves; of a resolved one what it last was. Null where it has none of its own. Findings share money: it is not to be added up.
    dated.firmness, -- How firm it is, as its own table says; else booked | partly_booked: some lines lack an exchange rate | contracted | judged: rests on people's judgement. Null where resolved.
    dated.finding_state, -- new | changed | returned: it was resolved before | accepted: somebody set it aside | resolved: no longer found | open: as it was, or nothing to compare with
    coalesce(dated.first_seen_month, dated.month) as first_seen_month, -- First month in which it was seen, as far as published months tell.
    if(dated.is_news, dated.month, dated.last_changed_month) as last_changed_month, -- Month in which its state, condition or money last changed.
    dated.earlier_amount, -- Its money in the month compared with; null where it was not there.
    if(dated.is_news, dated.money_amount, dated.reference_amount) as reference_amount, -- Its money when it last counted as changed.
    coalesce(stage.stage, if(dated.kind in ('overlap', 'overlap_pair', 'vendor_overlap', 'misaligned_money') and dated.money_amount > 0 and dated.finding_state <> 'resolved', 'identified', null)) as saving_stage, -- identified: it has money and nobody has decided | agreed | contracted | partly_seen | seen: in the ledger; null where there is nothing to save
    cast(stage.annual_amount as decimal(18, 4)) as saving_annual_amount, -- What was agreed to save in a year; null where nothing was.
    cast(stage.seen_amount as decimal(18, 4)) as saving_seen_amount, -- What the ledger shows of it so far.
    dated.inputs_key, -- Key of what it rests on; a dismissal that quotes it ends when that changes. Null where resolved.
    dismissal.reason as dismissal_reason, -- Why somebody set it aside, whether that still holds or not; null where nobody did.
    coalesce(dismissal.finding_id is not null and not dated.is_dismissed, false) as is_expired, -- Somebody had set it aside, and what it rests on has changed since: it is back.
    dated.compared_month -- The published month that it is compared with; null where there is none, and then nothing can be new.
from dated
left join staging.dismissal as dismissal on dismissal.finding_id = dated.finding_id
left join stage on stage.finding_id = dated.finding_id
order by dated.money_amount desc nulls last, dated.finding_id
