-- One pair of spend lines of different sources that may be one purchase: a question for a person, the one that moves most
-- money first. Until a row in decisions/purchase_matches.csv answers it, both lines count.
-- grain: match_id

select
    asked.match_id,
    asked.match_rule,
    any_value(asked.match_confidence) as match_confidence, -- How likely they are one purchase, 0 to 1.
    any_value(asked.match_evidence) as match_evidence, -- What speaks for it, in words.
    asked.copy_source,
    min(asked.copy_document_id) as copy_document_id, -- Document of the line that would be counted elsewhere, else its invoice number.
    min(asked.copy_vendor_name) as copy_vendor_name, -- Its vendor as written.
    min(asked.copy_posted_on) as copy_posted_on, -- Day on which it was posted.
    min(asked.copy_file) as copy_file, -- Its file.
    min(asked.copy_row) as copy_row, -- Its row there; the first of a document.
    cast(sum(asked.copy_amount) as decimal(38, 12)) as copy_amount, -- Its net amount; a document's in all.
    asked.counted_source,
    min(asked.counted_document_id) as counted_document_id, -- Document of the line that would count, else its invoice number.
    min(asked.counted_vendor_name) as counted_vendor_name, -- Its vendor as written.
    min(asked.counted_posted_on) as counted_posted_on, -- Day on which it was posted.
    min(asked.counted_file) as counted_file, -- Its file.
    min(asked.counted_row) as counted_row, -- Its row there; the first of a document.
    any_value(asked.counted_amount) as counted_amount, -- Its net amount, or the document's.
    min(asked.currency) as currency, -- ISO 4217 code of both amounts.
    cast(coalesce(sum(abs(line.billed_amount)), 0) as decimal(18, 4)) as money_at_stake_amount -- What would be counted once instead of twice, in the reporting currency; lines that a decision leaves out move nothing.
from settings.purchase_match as asked
left join core.spend_line as line
    on line.source = asked.copy_source
    and line.delivery_id = asked.copy_delivery_id
    and line.source_file = asked.copy_file
    and line.source_row = asked.copy_row
where asked.match_state = 'asked'
group by asked.match_id, asked.match_rule, asked.copy_source, asked.counted_source
order by money_at_stake_amount desc, asked.match_id
