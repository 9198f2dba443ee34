"""From a file's bytes to text cells that DuckDB can select from.

Two ways lead there. Where `prove` has shown that a plain reader must see the same records as the strict one, DuckDB
reads the file itself, in parallel. Otherwise, and where a file is so small that the proof costs more than it saves, the
strict reader reads it, and its records are handed over as a CSV in which every cell is quoted. Both ways give the same
cells; a test holds them to it.
"""

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from connectors.reading import Layout, Reading, SetAside, prove
from pipelines.casting import quoted

FIELD_LIMIT = 8 << 20
SMALL = 1 << 20
"""Bytes up to which a file is read strictly without asking for a proof: it takes some 30 ms, and many such files go to DuckDB as one."""


@dataclass(frozen=True)
class Landed:
    """Text cells to select from: `relation` has columns c0, c1, ... and, where `has_line`, the physical line.

    Without lines the n-th record stands on line `first_line` + n, as the proof showed. `is_trimmed`: no cell begins or
    ends with a blank, and an empty one is null. `copy` is the strict reader's, named by a number that each of its rows begins with.
    """

    relation: str
    header: tuple[str, ...]
    has_line: bool
    first_line: int
    record_count: int
    set_aside: tuple[SetAside, ...]
    reader: str
    is_trimmed: bool = False
    copy: Path | None = None


def land(
    connection: duckdb.DuckDBPyConnection, path: Path, reading: Reading, used: Collection[int], scratch: Path, is_plain: bool = True
) -> Landed:
    """Make a table of a file selectable; only the columns at the positions `used` are read by DuckDB's reader.

    `scratch` is a path for the strict reader's copy, its name a number. `is_plain`: the reading is the file itself, not turned. Raises `connectors.reading.Refused`.
    """
    if reading.layout.format == "parquet":
        return land_parquet(connection, reading)
    is_large = path.stat().st_size > SMALL
    proof = prove(path, reading.layout) if is_plain and is_large and reading.layout.format == "csv" else None
    if proof is None:
        return land_strictly(reading, scratch)
    relation = csv_relation(path, reading.layout, proof.header_row, sorted(used))
    return Landed(relation, reading.layout.header, False, proof.header_row + 1, proof.records, above(reading, proof.header_row), "duckdb", proof.trimmed)


def above(reading: Reading, header_row: int) -> tuple[SetAside, ...]:
    """What the strict reader sets aside above the header, such as a report's title: the proof speaks of the lines below it."""
    if header_row > 1:
        next(reading.records(), None)
    return tuple(item for item in reading.set_aside if item.line < header_row)


def csv_relation(path: Path, layout: Layout, header_row: int, used: Sequence[int]) -> str:
    """DuckDB's own reader with everything declared: nothing is left to its sniffer."""
    columns = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(len(layout.header)))
    quote = "'\"'" if layout.quotes else "''"
    selected = ", ".join(f"c{n}" for n in used) or "c0"
    # A larger buffer costs memory for each thread: only a file whose one line may need it gets it.
    limit = f", max_line_size = {FIELD_LIMIT}" if path.stat().st_size < 2 * FIELD_LIMIT else ""
    return (
        f"(select {selected} from read_csv({quoted(str(path))}, columns = {{{columns}}}, auto_detect = false, header = false, "
        f"skip = {header_row}, delim = {quoted(layout.delimiter or ',')}, quote = {quote}, escape = {quote}, "
        f"strict_mode = true, null_padding = false{limit}))"
    )


def land_strictly(reading: Reading, scratch: Path) -> Landed:
    """Every record through the strict reader, then over to DuckDB with all cells quoted."""
    count, number = 0, scratch.stem
    with scratch.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for record in reading.records():
            writer.writerow((number, record.line, *record.values))  # None is written as "" too.
            count += 1
    width = len(reading.layout.header)
    relation = copy_relation(scratch, width)
    if count == 0:
        empty = ", ".join(["null::bigint as line", *(f"null::varchar as c{n}" for n in range(width))])
        relation = f"(select {empty} where false)"
    return Landed(relation, reading.layout.header, True, 0, count, tuple(reading.set_aside), "strict", copy=scratch)


def copy_relation(path: Path, width: int) -> str:
    """Copies of the strict reader, one or several of one width after another: `file`, `line` and the cells."""
    columns = ", ".join(["'file': 'INTEGER'", "'line': 'BIGINT'", *(f"'c{n}': 'VARCHAR'" for n in range(width))])
    return (
        f"read_csv({quoted(str(path))}, columns = {{{columns}}}, auto_detect = false, header = false, delim = ',', "
        f"quote = '\"', escape = '\"', parallel = false, strict_mode = true, max_line_size = {2 * FIELD_LIMIT})"
    )


def land_parquet(connection: duckdb.DuckDBPyConnection, reading: Reading) -> Landed:
    """A Parquet file, its values as text: it is typed by its writer, so there is nothing to misread."""
    path, header = reading.path, reading.layout.header
    cells = ", ".join(f'cast("{name.replace(chr(34), chr(34) * 2)}" as varchar) as c{n}' for n, name in enumerate(header))
    relation = f"(select file_row_number + 1 as line, {cells} from read_parquet({quoted(str(path))}, file_row_number = true))"
    (count,) = connection.execute(f"select count(*) from read_parquet({quoted(str(path))})").fetchone() or (0,)
    return Landed(relation, header, True, 0, count, (), "duckdb")
