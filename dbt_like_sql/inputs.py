"""The tables that exist before any SQL file runs: raw records, settings, and what the ingest counted."""

from collections.abc import Mapping
from functools import cache

from models import PROVENANCE, Column, Kind, Privacy, Table, tables

RUN = Table(
    "run",
    "What this refresh is of: one row.",
    (),
    (
        Column("month", Kind.MONTH, "The refreshed month."),
        Column("reporting_currency", Kind.TEXT, "ISO 4217 code of the currency that everything is reported in."),
        Column("fiscal_year_start_month", Kind.COUNT, "Month of the year, 1 to 12, in which the fiscal year starts."),
        Column("as_known_on", Kind.DAY, "Day whose knowledge is used; null: everything known."),
        Column("delivered_on", Kind.DAY, "Day of the newest delivery; null: there is none."),
    ),
)

CURRENCY = Table(
    "currency",
    "One currency of ISO 4217.",
    ("currency",),
    (
        Column("currency", Kind.TEXT, "ISO 4217 code."),
        Column("minor_digits", Kind.COUNT, "Decimals of its smallest unit of account."),
    ),
)

THRESHOLD = Table(
    "threshold",
    "One number that somebody chose, above or below which something counts as a finding.",
    ("name",),
    (
        Column("name", Kind.TEXT, "The threshold's name, as in plumbline.yml."),
        Column("value", Kind.RATE, "Its value."),
    ),
)

SOURCE = Table(
    "source",
    "One table of one source that is known, from plumbline.yml or from its folder.",
    ("source", "table_name"),
    (
        PROVENANCE[0],
        Column("table_name", Kind.TEXT, "The contract that its records follow."),
        Column("profile", Kind.TEXT, "The profile that reads it."),
        Column("system", Kind.TEXT, "The system that it comes from."),
        Column("cadence", Kind.TEXT, "How often it comes: monthly, quarterly, yearly, once or none."),
        Column("lateness_days", Kind.COUNT, "Days after a period's end within which it may still come."),
        Column("is_expected", Kind.YES_NO, "Whether a period without it is incomplete."),
    ),
)

RECORD = Table(
    "record",
    "Physical records of a file that went the same way, counted.",
    ("source", "table_name", "delivery_id", "source_file", "month", "currency", "status", "rule"),
    (
        PROVENANCE[0],
        Column("table_name", Kind.TEXT, "The contract that the records follow."),
        PROVENANCE[1],
        PROVENANCE[2],
        Column("month", Kind.MONTH, "Posting month of spend; null where it is not spend or cannot be read."),
        Column("currency", Kind.TEXT, "ISO 4217 code of spend; null where it is not spend or cannot be read."),
        Column("status", Kind.TEXT, "Where they went: loaded, quarantined, excluded, superseded or counted_elsewhere."),
        Column("rule", Kind.TEXT, "The rule that sent them there; null where loaded."),
        Column("record_count", Kind.COUNT, "How many records."),
        Column("amount", Kind.MONEY, "Sum of their amounts, in the original currency."),
        Column("amount_unknown_count", Kind.COUNT, "How many of them have no readable amount."),
    ),
)

QUARANTINE = Table(
    "quarantine",
    "One record that could not be taken as it is.",
    ("source", "table_name", "delivery_id", "source_file", "source_row", "column_name"),
    (
        PROVENANCE[0],
        Column("table_name", Kind.TEXT, "The contract that it should follow."),
        *PROVENANCE[1:],
        Column("column_name", Kind.TEXT, "The column at fault."),
        Column("value", Kind.TEXT, "What stands there."),
        Column("rule", Kind.TEXT, "The rule it breaks."),
        Column("amount", Kind.MONEY, "The record's amount, where it can be read."),
        Column("currency", Kind.TEXT, "The amount's currency, where it can be read."),
        Column("month", Kind.MONTH, "The record's month, where it can be read."),
    ),
)

END_OF_SUPPORT = Table(
    "end_of_support",
    "One release of a product that companies run themselves, and until when its maker supports it: the table in connectors/end_of_support.",
    ("product", "cycle"),
    (
        Column("product", Kind.TEXT, "The product's name."),
        Column("also_known_as", Kind.TEXT, "Other names of the product, with semicolons between; null: none."),
        Column("cycle", Kind.TEXT, "The release: a version or year, in small letters."),
        Column("end_of_support_on", Kind.DAY, "Last day on which its maker supports the release."),
        Column("support_source", Kind.TEXT, "Where the day was read."),
        Column("looked_up_on", Kind.DAY, "When it was read."),
    ),
)

VENDOR_MATCH = Table(
    "vendor_match",
    "One spelling of a vendor, matched with the other spellings in this refresh by the rules of connectors/resolution.",
    ("vendor_name_raw",),
    (
        Column("vendor_name_raw", Kind.TEXT, "The vendor as written in the input."),
        Column("vendor_key", Kind.TEXT, "What the spellings of one vendor have in common."),
        Column("match_method", Kind.TEXT, "The rule that told: name, words, brand, head, glued, known, seller, typo, spacing, said or acronym."),
        Column("match_confidence", Kind.RATE, "How sure the match is, 0 to 1."),
        Column("match_evidence", Kind.TEXT, "What speaks for it, in words."),
        Column("maker", Kind.TEXT, "Who made what this vendor sold, as the spelling says: its key; null where it names none."),
        Column("invoice_issuer", Kind.TEXT, "Who sent the invoice on behalf of the maker, as the spelling says; null where it names none."),
        Column("parent", Kind.TEXT, "Who owns the vendor, which stays a vendor of its own; null where nobody known does."),
    ),
)

VENDOR_CANDIDATE = Table(
    "vendor_candidate",
    "Two vendors that may be one: too likely to forget, too unsure to merge.",
    ("left_key", "right_key"),
    (
        Column("left_key", Kind.TEXT, "The key of one."),
        Column("right_key", Kind.TEXT, "The key of the other."),
        Column("match_method", Kind.TEXT, "The rule that found them: typo, spacing, brand, acronym or said."),
        Column("match_confidence", Kind.RATE, "How likely it is, 0 to 1."),
        Column("match_evidence", Kind.TEXT, "What speaks for it, in words."),
    ),
)

PURCHASE_MATCH = Table(
    "purchase_match",
    "One spend line that is the same purchase as a line of another source, or may be: the copy, and the line that counts.",
    ("match_id", "copy_delivery_id", "copy_file", "copy_row"),
    (
        Column("match_id", Kind.TEXT, "The pair's name, by which a decision in purchase_matches finds it."),
        Column("match_state", Kind.TEXT, "matched: the copy is counted elsewhere. asked: both count until somebody decides."),
        Column("match_rule", Kind.TEXT, "The rule that found it: number (of the invoice), vendor, either with _total where a document's total was found, or decision."),
        Column("match_confidence", Kind.RATE, "How sure the match is, 0 to 1."),
        Column("match_evidence", Kind.TEXT, "What speaks for it, in words."),
        Column("decided_by", Kind.TEXT, "Who decided; null where a rule did.", privacy=Privacy.PERSONAL),
        Column("copy_source", Kind.TEXT, "Source of the copy."),
        Column("copy_delivery_id", Kind.TEXT, "The delivery that holds it."),
        Column("copy_file", Kind.TEXT, "Its file."),
        Column("copy_row", Kind.COUNT, "Its row there."),
        Column("copy_document_id", Kind.TEXT, "Its document, else invoice number."),
        Column("copy_vendor_name", Kind.TEXT, "Its vendor as written."),
        Column("copy_posted_on", Kind.DAY, "Day on which it was posted."),
        Column("copy_gl_account", Kind.TEXT, "Account on which it was posted; null where its source has none."),
        Column("copy_amount", Kind.MONEY, "Its net amount."),
        Column("counted_source", Kind.TEXT, "Source of the line that counts."),
        Column("counted_delivery_id", Kind.TEXT, "The delivery that holds it."),
        Column("counted_file", Kind.TEXT, "Its file."),
        Column("counted_row", Kind.COUNT, "Its row there; the first of a document whose total was found."),
        Column("counted_document_id", Kind.TEXT, "Its document, else invoice number."),
        Column("counted_vendor_name", Kind.TEXT, "Its vendor as written."),
        Column("counted_posted_on", Kind.DAY, "Day on which it was posted."),
        Column("counted_amount", Kind.MONEY, "Its net amount, or the document's."),
        Column("currency", Kind.TEXT, "ISO 4217 code of the amounts."),
        Column("variance", Kind.MONEY, "What the copy, or its document, has beyond the line that counts: the tax, where one is with and one without."),
    ),
)

PRODUCT_NAME = Table(
    "product_name",
    "One name of a product that is widely sold: the table in connectors/resolution.",
    ("product_name",),
    (
        Column("product_name", Kind.TEXT, "The name."),
        Column("product", Kind.TEXT, "The product that it means; an edition means itself."),
        Column("family", Kind.TEXT, "The line of editions that it belongs to."),
        Column("maker", Kind.TEXT, "Who makes it."),
    ),
)

PRODUCT_BUNDLE = Table(
    "product_bundle",
    "One product whose price includes another: the table in connectors/resolution.",
    ("bundle", "part"),
    (
        Column("bundle", Kind.TEXT, "The product that is paid; where a family is named, every edition of it."),
        Column("part", Kind.TEXT, "The product that comes with it."),
    ),
)

EARLIER_MONTH = Table(
    "earlier_month",
    "The newest published month before the refreshed one, which it is held against: one row, or none where nothing was published.",
    ("earlier_month",),
    (
        Column("earlier_month", Kind.MONTH, "The month."),
        Column("earlier_state", Kind.TEXT, "closed, or published where it is still open."),
        Column("earlier_run", Kind.TEXT, "The run folder that was looked at."),
        Column("newest_delivery_id", Kind.TEXT, "The newest delivery that it was made of; later ones have larger ids."),
        Column("has_findings", Kind.YES_NO, "It lists its findings; a version by an older program does not."),
    ),
)

EARLIER_LINE = Table(
    "earlier_line",
    "One spend line, capability and priority of the earlier month, as that month was published.",
    ("ledger_id",),
    (
        Column("ledger_id", Kind.TEXT, "The row; made from line, capability and priority."),
        Column("spend_line_id", Kind.TEXT, "The spend line."),
        Column("capability_id", Kind.TEXT, "The capability its money went to then; null where to none."),
        Column("priority_id", Kind.TEXT, "The priority its money went to then; null where to none."),
        Column("tool_id", Kind.TEXT, "The tool it paid for."),
        Column("vendor_id", Kind.TEXT, "The vendor."),
        Column("gl_account", Kind.TEXT, "Number of the general-ledger account."),
        Column("line_share", Kind.SHARE, "Share of the line, 0 to 1."),
        Column("published_amount", Kind.MONEY, "The row's part of the line's net amount, in the reporting currency."),
        Column("published_original_amount", Kind.MONEY, "The same in the original currency."),
        Column("original_currency", Kind.TEXT, "ISO 4217 code of that currency."),
        Column("fx_rate", Kind.RATE, "Units of the reporting currency for one unit of the original one."),
        *PROVENANCE,
    ),
)

EARLIER_FINDING = Table(
    "earlier_finding",
    "One finding as the newest published month before held it.",
    ("finding_id",),
    (
        Column("finding_id", Kind.TEXT, "The finding."),
        Column("kind", Kind.TEXT, "What kind it is."),
        Column("subject", Kind.TEXT, "What it is about."),
        Column("finding_state", Kind.TEXT, "Where it stood: new, open, changed, accepted, returned or resolved."),
        Column("condition", Kind.TEXT, "What was found, in one word."),
        Column("money_amount", Kind.MONEY, "Its money."),
        Column("reference_amount", Kind.MONEY, "Its money when it last counted as changed."),
        Column("first_seen_month", Kind.MONTH, "Month in which it was first seen."),
        Column("last_changed_month", Kind.MONTH, "Month in which it last changed."),
    ),
)

CLOSING = Table(
    "closing",
    "The first closing of a month before the refreshed one, for months that are closed.",
    ("closed_month",),
    (
        Column("closed_month", Kind.MONTH, "The month."),
        Column("closed_on", Kind.DAY, "Day on which it was first closed, by UTC; a later correction does not move it."),
    ),
)

GIVEN: Mapping[str, Table] = {
    **{f"settings.{table.name}": table for table in (RUN, CURRENCY, THRESHOLD, SOURCE, END_OF_SUPPORT, VENDOR_MATCH, VENDOR_CANDIDATE, PURCHASE_MATCH, PRODUCT_NAME, PRODUCT_BUNDLE)},
    **{f"audit.{table.name}": table for table in (RECORD, QUARANTINE, EARLIER_MONTH, EARLIER_LINE, EARLIER_FINDING, CLOSING)},
}
"""Those of the tables that are no contracts, by schema-qualified name."""


@cache
def inputs() -> Mapping[str, tuple[Column, ...]]:
    """The columns of every table that the ingest gives, by schema-qualified name; all exist even with no rows."""
    given = {f"raw.{name}": (*table.columns, *PROVENANCE) for name, table in tables().items()}
    return given | {name: table.columns for name, table in GIVEN.items()}
