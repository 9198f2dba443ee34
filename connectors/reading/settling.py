"""From physical records to records: what is above, between and under the table is set aside by a named rule."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from connectors.reading import totals
from connectors.reading.header import filled, repeated_names
from connectors.reading.nouns import Record, Refused, Row, SetAside
from connectors.reading.shapes import looks_cut

TAIL = 20
"""So many records are held back: only when the end is seen can a row be known as a total, or as cut off."""


@dataclass(frozen=True)
class Table:
    """What settling must know of a table: where its header is and what may be forgiven."""

    file: str
    header_row: int
    header_cells: tuple[str, ...]
    quarantine_ragged: bool = False
    complete: bool = True
    """The file ends with a line end; else its last cell is looked at."""
    names_are_declared: bool = False
    """A profile has said which columns it needs: names that occur twice are then addressed by position."""
    blanks_may_be_values: bool = True
    """True for text files, where a blank line in a one-column table may be an empty value."""

    @property
    def width(self) -> int:
        return len(self.header_cells)


def settle(table: Table, rows: Callable[[], Iterator[Row]], aside: list[SetAside]) -> Iterator[Record]:
    """Yield the records of `rows()` (the whole file, header included); append every other record to `aside`.

    Together with the header these are all physical records. Raises `Refused` for a record of a wrong width, text
    under the table that is no known notice, a name that occurs twice, values in a nameless column, a labelled total
    that does not add up.
    """
    check_names(table)
    held: deque[Row] = deque()
    for row in _judged(table, rows, aside):
        held.append(row)
        if len(held) > TAIL:
            line, cells, _ = held.popleft()
            yield Record(line, tuple(cells))
    for line, cells, _ in _without_totals(table, list(held), rows, aside):
        yield Record(line, tuple(cells))


def check_names(table: Table) -> None:
    """Refuse a name that occurs twice where no profile says which of the columns are needed."""
    repeated = repeated_names([cell.strip() for cell in table.header_cells if cell.strip()])
    if repeated and not table.names_are_declared:
        fix = "Rename one of them, or use a profile that declares its header."
        column = f"«{repeated[0]}»"
        raise Refused(table.file, "two columns have the same name", fix, line=table.header_row, column=column)


def check_tail(table: Table, tail: Sequence[Row]) -> None:
    """Refuse a last record that was visibly cut off; `tail` are the last records, at most `TAIL`."""
    if table.complete or not tail or tail[-1][2].endswith('"'):
        return
    cells = tail[-1][1]
    if looks_cut(cells[-1], [row[1][-1] for row in tail[:-1]]):
        why = f"the file ends in the middle of a cell: «{cells[-1]}» is shorter than the cells above it"
        column = table.header_cells[-1].strip()
        raise Refused(table.file, why, "Download or export it again.", line=tail[-1][0], column=column)


def _judged(table: Table, again: Callable[[], Iterator[Row]], aside: list[SetAside]) -> Iterator[Row]:
    rows = again()
    header, width, single = list(table.header_cells), table.width, table.width == 1 and table.blanks_may_be_values
    nameless = [] if table.names_are_declared else [i for i, cell in enumerate(header) if not cell.strip()]
    beginnings, blank_line, ended = totals.BEGINNINGS, 0, 0
    for row in rows:
        if row[0] >= table.header_row:
            break
        aside.append(SetAside(row[0], "banner" if filled(row[1]) else "blank", row[2]))
    for row in rows:
        line, cells, raw = row
        if len(cells) == width:
            if cells == header:
                aside.append(SetAside(line, "repeated_header", raw))
                continue
            first = cells[0]
            if first[:3].lower() in beginnings or not first or first[0].isspace():
                if not (raw.strip() if single else any(cells)):
                    blank_line = blank_line or line
                    aside.append(SetAside(line, "blank", raw))
                    continue
                if totals.is_total(cells, width) or _proved_total(table, row, again, aside):
                    aside.append(SetAside(line, "total", raw))
                    continue
            if ended:
                raise _under(table, ended)
            if single and blank_line:
                why = "a blank line in a one-column file may be an empty value or nothing"
                raise Refused(table.file, why, 'Write an empty value as "", or delete the line.', line=blank_line)
            for i in nameless:
                if cells[i].strip():
                    why = f"the column has no name but holds «{cells[i]}»"
                    fix = "Give it a name in the first row, or declare the header in the profile."
                    raise Refused(table.file, why, fix, line=line, column=f"number {i + 1}")
            yield row
        elif not raw.strip():
            aside.append(SetAside(line, "blank", raw))
        elif totals.is_total(cells, width) and len(cells) < width:
            aside.append(SetAside(line, "total", raw))
        elif totals.is_notice(cells):
            ended = ended or line
            aside.append(SetAside(line, "footer", raw))
        elif table.quarantine_ragged:
            aside.append(SetAside(line, "ragged", raw))
        else:
            raise _ragged(table, line, cells)


def _without_totals(
    table: Table, tail: list[Row], again: Callable[[], Iterator[Row]], aside: list[SetAside]
) -> list[Row]:
    """The last records without notices, and without rows that are the sum of the records above them."""
    check_tail(table, tail)
    while table.width > 1 and tail and filled(tail[-1][1]) == 1 and totals.is_notice(tail[-1][1]):
        line, _, raw = tail.pop()
        aside.append(SetAside(line, "footer", raw))
    start = len(tail)
    while start and totals.unlabelled(tail[start - 1][1]):
        start -= 1
    kept = tail[:start]
    for row in tail[start:]:
        if _adds_up(table, row, again, aside):
            aside.append(SetAside(row[0], "total", row[2]))
        else:
            kept.append(row)
    return kept


def _proved_total(table: Table, row: Row, again: Callable[[], Iterator[Row]], aside: list[SetAside]) -> bool:
    if totals.doubtful(row[1]):
        why = "it may be a subtotal, or a record of somebody called so"
        raise Refused(table.file, why, "Take the line out, or fill its blank cells.", line=row[0])
    if not totals.labelled(row[1]):
        return False
    if not _adds_up(table, row, again, aside):
        why = "it is labelled as a total but is not the sum of the rows above it"
        raise Refused(table.file, why, "Export the file again, or take the line out.", line=row[0])
    return True


def _adds_up(table: Table, row: Row, again: Callable[[], Iterator[Row]], aside: list[SetAside]) -> bool:
    known = {item.line for item in aside}
    above = (r for r in again() if r[0] > table.header_row and r[0] not in known and len(r[1]) == table.width)
    return totals.adds_up(row[1], above, row[0])


def _ragged(table: Table, line: int, cells: Sequence[str]) -> Refused:
    texts = filled(cells)
    why = f"the record has {len(cells)} fields, the header has {table.width}"
    if texts == 1 and len(cells) == 1 and table.width > 1:
        why += f"; it looks like a note under the table («{next(c for c in cells if c.strip()).strip()[:60]}»)"
        return Refused(table.file, why, "Take the line out of the file.", line=line)
    if len(cells) < table.width and not table.complete:
        why += "; if it is the last line, the download was cut off"
    fix = "Correct the line (a value that holds the delimiter must be quoted), or declare ragged: quarantine."
    return Refused(table.file, why, fix, line=line)


def _under(table: Table, line: int) -> Refused:
    return Refused(table.file, "a notice stands here, yet records follow", "Split the file into its tables.", line=line)
