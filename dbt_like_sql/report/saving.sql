-- One saving and how far it has come: identified in the data, agreed or contracted by a decision, seen in the ledger. Money is of
-- one year, and each euro stands in one row.
-- grain: finding_id, subject_kind, subject_id
-- figure: sum

with decided as (
    select finding_id from marts.saving_seen
)

select
    finding_id,
    stage,
    subject_kind,
    subject_id,
    subject,
    null as kept_tool_name,
    cast(annual_amount as decimal(18, 4)) as annual_amount,
    effective_month as effective_on, -- Day from which less is paid.
    cast(expected_amount as decimal(18, 4)) as expected_amount,
    cast(seen_amount as decimal(18, 4)) as seen_amount,
    note,
    'typed' as provenance_mix
from marts.saving_seen
union all
select
    finding_id,
    'identified' as stage, -- identified | agreed | contracted | partly_seen: the ledger shows some of it | seen: the ledger shows all of it so far
    'tool' as subject_kind, -- What costs less: tool, vendor or gl_account.
    tool_id as subject_id, -- Its id.
    tool_name as subject, -- Its name.
    kept_tool_name, -- Of an identified saving the tool that stays.
    counted_amount as annual_amount, -- What a year costs less; null where nobody says.
    exit_on as effective_on,
    null as expected_amount, -- What the months since then should have saved; null where nothing is decided.
    null as seen_amount, -- What they saved by the ledger; negative where it costs more than before.
    null as note, -- Why, as the decision says.
    provenance_mix -- How the amount came to be known; typed where a decision says it.
from marts.saving
where state = 'counted' and finding_id not in (select decided.finding_id from decided)
order by array_position(['identified', 'agreed', 'contracted', 'partly_seen', 'seen'], stage) desc, annual_amount desc nulls last, finding_id, subject_id
