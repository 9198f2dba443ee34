"""Rows as a page carries them: by column, with a dictionary for texts and whole numbers for money, packed until somebody asks.

A column is `{"w": words, "v": places}` for texts, `{"s": decimals, "v": units}` for money and `{"d": steps}` for whole
numbers. `by` names another column: its place is the row's place here, or the place in `v`. Of many lines the column `of`
says how many follow each other in each sum (`{"r": counts}`), and what they share stands once for the sum.
"""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pipelines.report.rows import ROWS, RowSet, text

Column = dict[str, Any]
FINEST = 4
"""Decimals of the whole units in which lines are read."""
MUCH = 2_000_000
"""Bytes of JSON from which on packing takes less trouble."""


def encoded(rows: RowSet, queries: Mapping[str, str] = ROWS) -> dict[str, Any]:
    """A row set as JSON keeps it."""
    found = dict(zip(rows.columns, zip(*rows.values, strict=True) if rows.values else [()] * len(rows.columns), strict=True))
    if rows.is_left_out:
        return {"n": rows.count, "sql": queries[rows.name], "c": None}
    if rows.lines is None:
        told = {"n": len(rows.values), "sql": queries[rows.name], "c": by_column(found, rows.scales)}
        return told | ({"sums": rows.count} if rows.is_summed else {})
    counts = found.pop("row_count")
    del found["billed_amount"]
    shared = {name: column if "by" in column else {"by": "of", **as_words(column)} for name, column in by_column(found, rows.scales).items()}
    lines = {name: list(values) for name, values in rows.lines.items()}
    units, scale = lines.pop("billed_amount"), FINEST
    while scale and not any(amount % 10 for amount in units):
        units, scale = [amount // 10 for amount in units], scale - 1
    money = {"billed_amount": {"s": scale, "v": [unit(amount) for amount in units]}}
    return {"n": rows.count, "sql": queries[rows.name], "c": {"of": {"r": counts}, **by_column(lines, {}), **shared, **money}}


def as_words(column: Column) -> Column:
    """A column of numbers written as one of words, so that a line finds it by its sum."""
    if "w" in column:
        return column
    numbers, at = [], 0
    for step in column["d"]:
        at += step or 0
        numbers.append(None if step is None else at)
    return {"w": numbers, "v": list(range(len(numbers)))}


def steps(values: Sequence[int | None]) -> list[int | None]:
    """Each number less the one before; what is not known stays so."""
    found: list[int | None] = []
    before = 0
    for value in values:
        found.append(None if value is None else value - before)
        before = before if value is None else value
    return found


def by_column(found: Mapping[str, Sequence[Any]], scales: Mapping[str, int]) -> dict[str, Column]:
    """Columns as JSON keeps them. A text that another column decides, as an id its name, is told once for each text of that one."""
    columns: dict[str, Column] = {}
    deciding: dict[str, Sequence[int]] = {}
    for name, values in found.items():
        if name in scales:
            scale = scales[name]
            columns[name] = {"s": scale, "v": [None if v is None else unit(int(Decimal(v).scaleb(scale))) for v in values]}
            continue
        distinct = {*values}
        if distinct != {None} and all(v is None or type(v) is int for v in distinct):
            columns[name] = {"d": steps(values)}
            continue
        words = {v: text(v) for v in distinct}
        ordered = sorted({*words.values()}, key=lambda v: (v is None, str(v)))
        at = {word: place for place, word in enumerate(ordered)}
        places = [*map({v: at[word] for v, word in words.items()}.__getitem__, values)]
        by = next((other for other, its in deciding.items() if is_decided(its, places)), None)
        if by:
            told = dict(zip(deciding[by], places, strict=True))
            columns[name] = {"by": by, "w": [ordered[told[place]] for place in sorted(told)]}
        else:
            deciding[name] = places
            columns[name] = {"w": ordered, "v": places}
    return columns


def is_decided(by: Sequence[int], places: Sequence[int]) -> bool:
    """Whether each place of one column has one place of the other; the first rows tell mostly that it hasn't."""
    return all(len({*zip(by[:end], places[:end], strict=True)}) == len({*by[:end]}) for end in (500, len(by)))


def unit(number: int) -> int | str:
    """A whole number as JSON keeps it: as a text where a browser would lose digits."""
    return number if abs(number) < 2**53 else str(number)


def packed(sets: Mapping[str, RowSet], marks: Sequence[Sequence[object]] = (), queries: Mapping[str, str] = ROWS) -> str:
    """All row sets, and what proves each mark by its number, as base64 of gzip of JSON, the same bytes for the same rows."""
    return squeezed({"sets": {name: encoded(rows, queries) for name, rows in sets.items()}, "marks": marks})


def squeezed(told: object) -> str:
    """Something as base64 of gzip of JSON, the same bytes for the same thing. Of much the last fortieth of the size would cost four times as long."""
    content = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.b64encode(gzip.compress(content, 9 if len(content) < MUCH else 6, mtime=0)).decode()


def unpacked(content: str) -> Any:
    """What `squeezed` was given."""
    return json.loads(gzip.decompress(base64.b64decode(content)))
