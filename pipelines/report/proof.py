"""What the report's dialog says of a figure, for those who ask at the command line: each printed number, its rows, their sum and the SQL."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb

from dbt_like_sql import HOME, REPORT
from pipelines.report import page, rows
from pipelines.report.marks import Mark, measured, off_by

LISTED = 20
CLOSE = Decimal("1e-9")
"""A ratio has as many digits as Python's decimals; beyond this it equals."""


def is_figure(name: str) -> bool:
    """Whether the report has a figure of this name."""
    return name.isidentifier() and (HOME / REPORT / f"{name}.sql").is_file()


def proved(connection: duckdb.DuckDBPyConnection, month: str, name: str) -> list[dict[str, Any]]:
    """Every number that the page prints of a figure: what it is, as printed, in full, its proof in words, its first rows, and the SQL that gives all of them."""
    made = page.written(page.read(connection, page.Facts("", month, "", ())))
    return [shown(mark, made.sets) for mark in made.marks if mark.figure == name]


def shown(mark: Mark, sets: Mapping[str, rows.RowSet]) -> dict[str, Any]:
    behind: list[dict[str, Any]] = []
    for part in mark.parts:
        kept = sets[part.rows]
        behind += [dict(zip(kept.columns, row, strict=True)) for row in kept.chosen(part.where)]
    return {
        "label": mark.label, "printed": mark.shown, "value": mark.value, "proof": sentence(mark, sets), "row_count": len(behind), "rows": behind[:LISTED],
        "parts": [{"rows": part.rows, "added_up": part.column, "where": rows.sql(part.rows, part.where).removeprefix(rows.sql(part.rows, {})).strip(), "sign": part.sign} for part in mark.parts],
        "sql": ";\n\n".join(rows.sql(part.rows, part.where) for part in mark.parts),
    }  # fmt: skip


def sentence(mark: Mark, sets: Mapping[str, rows.RowSet]) -> str:
    """How the rows prove a number, in the words of the page's dialog."""
    if any(sets[part.rows].is_left_out for part in mark.parts):
        return "There are too many rows to show them here. The SQL below shows them."
    off = off_by(mark, sets)
    if mark.kind == "record":
        return "One record says so." if off == 0 else "The record says something else."
    sums, count = [measured(part, sets) for part in mark.parts], counted(sum(sets[part.rows].number(part.where) for part in mark.parts))
    equal = "Equals the figure." if off is not None and abs(off) < CLOSE else "Differs from the figure."
    if mark.kind == "ratio":
        return f"{sums[0]:,.2f} of {sums[1]:,.2f}, from {count}. {equal}"
    if mark.kind == "count":
        return f"{count}. {equal}"
    return f"{count}, together {sum(sums, Decimal(0)):,.2f}. {'Equals the figure, difference 0.00.' if off == 0 else f'Differs from the figure by {-(off or 0):,.2f}.'}"


def counted(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def lines(numbers: Sequence[Mapping[str, Any]]) -> list[str]:
    """The proofs as text: each number with what chooses its rows, and once each SELECT that they share."""
    told: list[str] = []
    used: dict[str, None] = {}
    for number in numbers:
        told += [f"  {number['label']}: {number['printed']}", f"    {number['proof']}"]
        for part in number["parts"]:
            used[part["rows"]] = None
            what = f"{'less ' if part['sign'] < 0 else ''}{part['added_up'] or 'rows'} of {part['rows']}"
            told.append(f"    {what}{' ' + part['where'] if part['where'] else ''}")
    for name in used:
        told += ["", f"{name}:", f"  {rows.ROWS[name]}"]
    return ["".join(letter if letter.isprintable() or letter == "\n" else repr(letter)[1:-1] for letter in line) for line in told]
