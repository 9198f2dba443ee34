"""The tables that exist before any SQL file runs: raw records, settings, and what the ingest counted."""

from collections.abc import Mapping
from functools import cache

from models import PROVENANCE, Column, Kind, Table, tables

RUN = Table(
    "run",
    "What this refresh is of: one row.",
    (),
    (
        Column("month", Kind.MONTH, "The refreshed month."),
        Column("reporting_currency", Kind.TEXT, "ISO 4217 code of the currency that everything is reported in."),
        Column("fiscal_year_start_month", Kind.COUNT, "Month of the year, 1 to 12, in which the fiscal year starts."),
        Column("as_known_on", Kind.DAY, "Day whose knowledge is used; null: everything known."),
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

GIVEN: Mapping[str, Table] = {
    **{f"settings.{table.name}": table for table in (RUN, CURRENCY, THRESHOLD, SOURCE, VENDOR_MATCH, VENDOR_CANDIDATE)},
    **{f"audit.{table.name}": table for table in (RECORD, QUARANTINE)},
}
"""Those of the tables that are no contracts, by schema-qualified name."""


@cache
def inputs() -> Mapping[str, tuple[Column, ...]]:
    """The columns of every table that the ingest gives, by schema-qualified name; all exist even with no rows."""
    given = {f"raw.{name}": (*table.columns, *PROVENANCE) for name, table in tables().items()}
    return given | {name: table.columns for name, table in GIVEN.items()}
