"""Which row is the header, and when two header names are the same name."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from connectors.reading.nouns import Row
from connectors.reading.shapes import kind

LOOKED_AT = 30
"""A header is searched in so many rows; banners longer than this are unknown."""


@lru_cache(maxsize=10_000)
def normalise(name: str) -> str:
    """The form in which header names are compared: «*Invoice_Number [Required]» and «invoice number» are one name.

    NFKC, casefold, without `*` and `[Required]`; every run of blanks, underscores and punctuation is one blank. A name
    of punctuation only («#») stays itself.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    words = re.sub(r"[\W_]+", " ", re.sub(r"\*|\[required\]", " ", folded)).strip()
    return words or folded.strip()


@dataclass(frozen=True)
class Header:
    """A header row among the rows looked at: its index there, and the doubt that forbids taking it, if any."""

    index: int
    doubt: str | None = None
    doubt_line: int | None = None


def filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def declared_header(rows: Sequence[Row], names: Sequence[str]) -> int | None:
    """Index of the first row that holds all declared names, else None."""
    wanted = {normalise(name) for name in names}
    return next((i for i, (_, cells, _) in enumerate(rows) if wanted <= {normalise(cell) for cell in cells}), None)


def find_header(rows: Sequence[Row], width: int) -> Header | None:
    """The first row of the table's width that is more than half filled; None when there is none in 30 rows.

    Earlier rows must be banners: at most half as many cells filled as the table is wide. Everything that could make
    this the wrong row is a doubt: a row above that could itself be the header, a header that looks like data, or a
    banner above rows that nothing tells from a header.
    """
    index = next((i for i, (_, c, _) in enumerate(rows[:LOOKED_AT]) if len(c) == width and filled(c) * 2 > width), None)
    if index is None:
        return None
    above = [(line, cells) for line, cells, _ in rows[:index] if filled(cells)]
    for line, cells in above:
        if filled(cells) * 2 > width:
            doubt = f"it may be the header, but has {len(cells)} fields where the rows below have {width}"
            return Header(index, doubt, line)
    line, cells, _ = rows[index]
    below = [row for _, row, _ in rows[index + 1 :] if len(row) == width]
    if (column := _headerless(cells, below)) is not None:
        return Header(index, f"the first row looks like data («{cells[column].strip()}»), not like column names", line)
    if above and below and not _told_apart(cells, below):
        return Header(index, "there is text above the table and nothing tells its header from its rows", line)
    return Header(index)


def name_columns(cells: Sequence[str]) -> tuple[str, ...]:
    """Header cells with outer blanks stripped; a nameless one is called by its position."""
    return tuple(cell.strip() or nameless(number) for number, cell in enumerate(cells, 1))


def nameless(number: int) -> str:
    """What a column without a name is called; `number` counts from 1."""
    return f"column {number}"


def repeated_names(header: Sequence[str]) -> list[str]:
    return [name for name, count in Counter(header).items() if count > 1]


def _headerless(cells: Sequence[str], below: Sequence[Sequence[str]]) -> int | None:
    """The column that betrays a file without a header: a value above values of its own kind."""
    whole = [int(cell) for cell in cells if re.fullmatch(r"\s*\d{1,4}\s*", cell)]
    series = len(whole) > 1 and whole == list(range(whole[0], whole[0] + len(whole)))
    for i, cell in enumerate(cells):
        own = kind(cell)
        if own not in ("number", "date") or _is_year(cell) or (series and re.fullmatch(r"\s*\d{1,4}\s*", cell)):
            continue
        kinds = {kind(row[i]) for row in below} - {"blank"}
        if kinds == {own} or not below:
            return i
    return None


def _is_year(cell: str) -> bool:
    return bool(re.fullmatch(r"\s*(?:19[89]|20\d)\d\s*", cell))


def _told_apart(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    return any(
        kind(cell) == "text" and {kind(row[i]) for row in below} - {"blank", "text"} for i, cell in enumerate(cells)
    )
