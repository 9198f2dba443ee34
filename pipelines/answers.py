"""Decision files as `plumbline review` reads and writes them: rows are appended or replaced, every other byte stays."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from connectors.reading import Layout, Refused, normalise, open_tables
from models import Table
from pipelines.capabilities import replace, unmarked
from pipelines.errors import ConfigError
from pipelines.workspace import csv_template

Row = Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """Rows of one file that people edit. `instead_of`: cells of the rows that these take the place of; None: they are added."""

    table: Table
    rows: tuple[Row, ...]
    instead_of: Row | None = None


def path_of(folder: Path, table: Table) -> Path:
    """The file that a refresh reads: by its usual name, else by the table's bare one where only that is there."""
    usual, bare = (folder / table.home / name for name in (table.file_name, f"{table.name}.csv"))
    return bare if bare.exists() and not usual.exists() else usual


def held(folder: Path, table: Table) -> tuple[Layout, list[tuple[int, Row]]]:
    """How the file is written, and its rows with the line on which each begins. Raises ConfigError where it can't be read."""
    path = path_of(folder, table)
    if not path.exists() or not path.read_bytes().strip():
        return Layout("csv", encoding="utf-8", delimiter=",", line_end="\n", header=table.names, header_row=1), []
    own = {normalise(name): name for name in table.names}
    try:
        (reading,) = open_tables(path)
        names = [own.get(normalise(name), "") for name in reading.layout.header]
        return reading.layout, [(record.line, dict(zip(names, (v or "" for v in record.values), strict=True))) for record in reading.records()]
    except Refused as refused:
        raise ConfigError(f"{refused} Nothing was written.") from None


def write(folder: Path, change: Change) -> Path:
    """Write one change to its file, whole or not at all; the file. Raises ConfigError where it can't hold the rows."""
    path, (layout, rows) = path_of(folder, change.table), held(folder, change.table)
    before = path.read_bytes() if path.exists() else b""
    encoding = unmarked(layout.encoding or "utf-8", before)  # a byte order mark stays a letter of the text, and so where it was
    text = before.decode(encoding) if before.strip() else csv_template(change.table)
    end, delimiter = layout.line_end if layout.line_end in ("\r\n", "\r") else "\n", layout.delimiter or ","
    own = {normalise(name): name for name in change.table.names}
    columns = [own.get(normalise(name), "") for name in layout.header]
    starts = [line for line, _ in rows]
    lacking = [name for name in change.table.names if name not in columns and any(row.get(name) for row in change.rows)]
    if lacking:  # a file that an older version of the program laid out
        text, columns = widened(text, layout.header_row, starts, delimiter, lacking), columns + lacking
    gone = change.instead_of
    if gone is not None:
        text = without(text, starts, [line for line, row in rows if all(row.get(k, "").casefold() == v.casefold() for k, v in gone.items())])
    added = as_csv(change.rows, columns, delimiter, end)
    try:
        replace(path, (text + ("" if text.endswith(end) else end) + added).encode(encoding))
    except UnicodeEncodeError as error:
        raise ConfigError(f"{path} is written in {encoding}, which has no {error.object[error.start]!r}. Save it as UTF-8, then run this again. Nothing was written.") from None
    return path


def without(text: str, starts: Sequence[int], gone: Iterable[int]) -> str:
    """The text without the records that begin on these lines; a record reaches to the next one's first line."""
    lines = io.StringIO(text, newline="").readlines()
    dropped = set[int]()
    for line in gone:
        after = min((start for start in starts if start > line), default=len(lines) + 1)
        dropped.update(range(line, after))
    return "".join(line for number, line in enumerate(lines, 1) if number not in dropped)


def widened(text: str, header: int, starts: Sequence[int], delimiter: str, names: Sequence[str]) -> str:
    """The text with columns more: named in the header, empty in every record, each of which ends on its last line that is not blank."""
    lines = io.StringIO(text, newline="").readlines()
    bounds = [*starts, len(lines) + 1]
    ends = {header: delimiter + delimiter.join(names)}
    for start, after in pairwise(bounds):
        last = max((number for number in range(start, after) if lines[number - 1].strip()), default=start)
        ends[last] = delimiter * len(names)
    whole = [(line.rstrip("\r\n"), line[len(line.rstrip("\r\n")) :]) for line in lines]
    return "".join(line + ends.get(number, "") + end for number, (line, end) in enumerate(whole, 1))


def as_csv(rows: Iterable[Row], columns: Sequence[str], delimiter: str, end: str) -> str:
    """Rows as lines of a CSV file; a column that a row lacks is empty."""
    text = io.StringIO()
    csv.DictWriter(text, columns, restval="", extrasaction="ignore", delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue()
