"""The tables that Python writes: what was delivered, what became of it, and what was checked.

Those that SQL files read stand in `dbt_like_sql.inputs`; the others here. Both are described as contracts are, and
made from that description.
"""

from collections.abc import Mapping, Sequence

import duckdb

import dbt_like_sql
from models import PROVENANCE, Column, Kind, Table

ROWS = 100

NUMBER = Column("delivery_no", Kind.COUNT, "Number of the file within the run.")

DELIVERY = Table(
    "delivery",
    "One file that this refresh read, or did not, and why.",
    ("delivery_no",),
    (
        NUMBER,
        PROVENANCE[1],
        Column("home", Kind.TEXT, "exports, strategy or decisions."),
        PROVENANCE[0],
        PROVENANCE[2],
        Column("sha256", Kind.TEXT, "Hash of its bytes."),
        Column("byte_count", Kind.COUNT, "Its size in bytes."),
        Column("received_on", Kind.DAY, "Day it was first seen."),
        Column("profile", Kind.TEXT, "The profile that reads it."),
        Column("table_name", Kind.TEXT, "The contract that its records follow."),
        Column("state", Kind.TEXT, "loaded, empty, reference (read by other files), duplicate or refused."),
        Column("record_count", Kind.COUNT, "Physical records that the reader counted."),
        Column("reader", Kind.TEXT, "Which reader read it: duckdb, after a proof that it reads right, or strict."),
        Column("message", Kind.TEXT, "Why it was refused, or does not count."),
        Column("part", Kind.TEXT, "The table that holds its records."),
        Column("first_row_id", Kind.COUNT, "Row id of its first record there."),
        Column("first_line", Kind.COUNT, "Line of its first record, where all stand one below the other."),
    ),
)

SET_ASIDE = Table(
    "set_aside",
    "A record that was read right and yet does not count: a newer delivery replaces it, or it is the same thing again.",
    ("part", "row_id"),
    (
        Column("part", Kind.TEXT, "The table that holds the record."),
        Column("row_id", Kind.COUNT, "Its row id there."),
        Column("record_status", Kind.TEXT, "superseded, excluded, quarantined or counted_elsewhere."),
        Column("record_rule", Kind.TEXT, "Why."),
    ),
)

LEFT_OUT = Table(
    "left_out",
    "A line of a file that is no record.",
    ("delivery_no", "source_row"),
    (
        NUMBER,
        PROVENANCE[2],
        PROVENANCE[3],
        Column("rule", Kind.TEXT, "What it is: blank, banner, total, repeated_header, footer or ragged."),
        Column("line_text", Kind.TEXT, "The line."),
    ),
)

LATE_POSTING = Table(
    "late_posting",
    "Spend of a closed month that came, changed or went after it was closed.",
    ("closed_month", "spend_line_id"),
    (
        Column("closed_month", Kind.MONTH, "The closed month."),
        Column("spend_line_id", Kind.TEXT, "The spend line."),
        Column("change", Kind.TEXT, "added, removed or changed."),
        Column("closed_amount", Kind.MONEY, "Its amount when the month was closed, in the reporting currency."),
        Column("current_amount", Kind.MONEY, "Its amount now, in the reporting currency."),
        PROVENANCE[2],
        PROVENANCE[3],
    ),
)

CHECKS = Table(
    "checks",
    "The outcome of one check of this run.",
    ("table_name", "check_name"),
    (
        Column("table_name", Kind.TEXT, "The table it is of."),
        Column("check_name", Kind.TEXT, "Its name."),
        Column("kind", Kind.TEXT, "sql or great_expectations."),
        Column("severity", Kind.TEXT, "error blocks publishing, warning is shown."),
        Column("is_passed", Kind.YES_NO, "Nothing breaks it."),
        Column("violation_count", Kind.COUNT, "Rows that break it."),
        Column("description", Kind.TEXT, "What must hold."),
        Column("sample", Kind.TEXT, "The first rows that break it, as JSON."),
    ),
)

OWN: Mapping[str, Table] = {f"audit.{t.name}": t for t in (DELIVERY, SET_ASIDE, LEFT_OUT, LATE_POSTING, CHECKS)}


def columns() -> Mapping[str, Sequence[Column]]:
    """Every table that no SQL file makes, with its columns."""
    return {**dbt_like_sql.inputs(), **{name: table.columns for name, table in OWN.items()}}


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the schemas of the ingest, and every one of these tables empty; raw tables are views made later."""
    for schema in ("parts", "raw", "settings", "audit"):
        connection.execute(f"create schema {schema}")
    for name, described in columns().items():
        if not name.startswith("raw."):
            connection.execute(f"create table {name} ({', '.join(f'{c.name} {c.kind.duckdb}' for c in described)})")


def write(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Append rows to one of these tables; a hundred a statement, since each statement on its own costs a sync to disk."""
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        marks = ", ".join(f"({', '.join('?' * len(row))})" for row in some)
        connection.execute(f"insert into {table} values {marks}", [value for row in some for value in row])
