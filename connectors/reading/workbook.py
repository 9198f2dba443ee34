"""XLSX and XLSM: cells come from a child process that may die; what they mean is judged like any table."""

import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from connectors.reading.archive import MAX_WORKBOOK, Source, check_zip
from connectors.reading.header import Header, declared_header, find_header, name_columns
from connectors.reading.nouns import Dialect, Layout, Reading, Record, Refused, Row, SetAside
from connectors.reading.settling import Table, settle

SECONDS = 60
_SAVE = "Open it in Excel and save it as .xlsx or CSV."


@dataclass(frozen=True)
class _Sheet:
    """Where a sheet's rows lie in the child's output, and what was said at its end."""

    name: str
    start: int
    merged: tuple[str, ...]
    notes: tuple[str, ...]


def tables(path: Path, source: Source, dialect: Dialect, head: bytes, really: str | None) -> list[Reading]:
    """A reading for each sheet with content (hidden ones only if the dialect names them). Raises `Refused`.

    Dates arrive as ISO text, numbers as their shortest exact decimal, booleans as TRUE and FALSE, empty cells as "".
    """
    if not head.startswith(b"PK"):
        what = really or "not a workbook"
        fix = "Save it without a password, as .xlsx." if "old Excel" in what else _SAVE
        raise Refused(source.shown, f"is really {what}" if really else f"is {what}", fix)
    _check(source)
    output = _child(source, dialect.sheet)
    readings = []
    for sheet in _sheets(output, source):
        shown = f"{source.shown} [{sheet.name}]"
        if (reading := _reading(path, source, sheet, output, shown, dialect)) is not None:
            readings.append(reading)
    if not readings:
        raise Refused(source.shown, "no sheet in it has content", "Export it again.")
    return readings


def _check(source: Source) -> None:
    with source.open() as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                names = {entry.filename for entry in check_zip(archive, source.shown, MAX_WORKBOOK)}
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise Refused(source.shown, f"is not a whole workbook ({error})", "Download or export it again.") from error
    if "[Content_Types].xml" not in names:
        raise Refused(source.shown, "is a zip archive but not a workbook", _SAVE)


def _child(source: Source, sheet: str | None) -> IO[bytes]:
    """The child's output in a temporary file. The child gets the bytes and no part of our environment."""
    output = tempfile.TemporaryFile(prefix="plumbline-")  # noqa: SIM115 - it lives as long as the readings that use it
    root = str(Path(__file__).resolve().parents[2])
    environment = {"PYTHONPATH": root, "OPENBLAS_NUM_THREADS": "1", "OPENPYXL_LXML": "False", "PATH": os.defpath}
    command = [sys.executable, "-P", "-m", "connectors.reading.workbook_child", *([sheet] if sheet is not None else [])]
    with source.open() as stream, tempfile.TemporaryFile() as complaints:
        child = subprocess.Popen(command, stdin=stream, stdout=output, stderr=complaints, env=environment)
        try:
            code = child.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            raise Refused(source.shown, f"could not be read within {SECONDS} seconds", "Export it as CSV.") from error
        finally:
            child.kill()
            child.wait()
        complaints.seek(0)
        last = complaints.read()[-300:].decode(errors="replace").strip().rpartition("\n")[2]
    if code != 0:
        why = "reading it needed more memory than allowed, or crashed" if code < 0 or "MemoryError" in last else last
        raise Refused(source.shown, f"could not be read ({why})", "Export it as CSV.")
    return output


def _sheets(output: IO[bytes], source: Source) -> list[_Sheet]:
    sheets: list[_Sheet] = []
    name, start, place = "", 0, 0
    output.seek(0)
    for line in output:
        place += len(line)
        if not line.startswith(b"{"):
            continue
        said: dict[str, Any] = json.loads(line)
        if "refused" in said:
            raise Refused(source.shown, said["refused"], said["fix"])
        if "sheet" in said:
            name, start = said["sheet"], place
        else:
            sheets.append(_Sheet(name, start, tuple(said["merged"]), tuple(said["notes"])))
    return sheets


def _cells(output: IO[bytes], start: int) -> Iterator[tuple[int, list[Any]]]:
    """Rows of one sheet. Several readings share the file, so each keeps its own place."""
    place = start
    while True:
        output.seek(place)
        block = output.readlines(1 << 20)
        if not block:
            return
        for line in block:
            if line.startswith(b"{"):
                return
            number, _, cells = json.loads(line)
            yield number, cells
        place += sum(map(len, block))


def _reading(
    path: Path, source: Source, sheet: _Sheet, output: IO[bytes], shown: str, dialect: Dialect
) -> Reading | None:
    sample: list[tuple[int, list[Any]]] = []
    for row in _cells(output, sheet.start):
        sample.append(row)
        if len(sample) == 200:
            break
    width = max((len(cells) for _, cells in sample), default=0)
    if not width:
        return None
    rows = [_row(number, cells, width) for number, cells in sample]
    header = _header(rows, width, shown, dialect)
    header_row, cells, _ = rows[header.index]
    _refuse_bad(sample[header.index][1], header_row, shown)
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    _refuse_merged(sheet.merged, header_row, shown)
    layout = Layout(
        format="xlsx",
        member=source.member,
        sheet=sheet.name,
        header_row=header_row,
        header=name_columns(cells),
        notes=sheet.notes,
    )
    table = Table(
        file=shown,
        header_row=header_row,
        header_cells=tuple(cells),
        quarantine_ragged=dialect.ragged == "quarantine",
        names_are_declared=dialect.header is not None,
        blanks_may_be_values=False,
    )
    return Reading(path, layout, lambda aside: _records(table, output, sheet.start, aside))


def _header(rows: list[Row], width: int, shown: str, dialect: Dialect) -> Header:
    if dialect.header_row:
        found = next((i for i, row in enumerate(rows) if row[0] == dialect.header_row), None)
    elif dialect.header:
        found = declared_header(rows, dialect.header)
    else:
        header = find_header(rows, width)
        if header is not None and header.doubt is None:
            return header
        why = header.doubt if header and header.doubt else "no row among the first could be the header"
        fix = "Put one row of column names above the data, or declare sheet, header_row or header in the profile."
        raise Refused(shown, why, fix, line=header.doubt_line if header else None)
    if found is None or (dialect.header and declared_header([rows[found]], dialect.header) is None):
        wanted = ", ".join(dialect.header or ()) or f"row {dialect.header_row}"
        raise Refused(shown, f"the expected header is not there ({wanted})", "Adapt the profile, or name the sheet.")
    return Header(found)


def _row(number: int, cells: list[Any], width: int) -> Row:
    texts = [cell[0] if isinstance(cell, list) else cell or "" for cell in cells]
    return number, texts + [""] * (width - len(texts)), "\t".join(texts)


def _records(table: Table, output: IO[bytes], start: int, aside: list[SetAside]) -> Iterator[Record]:
    listed: set[int] = set()

    def rows() -> Iterator[Row]:
        for number, cells in _cells(output, start):
            if number > table.header_row and any(isinstance(cell, list) for cell in cells):
                if not table.quarantine_ragged:
                    _refuse_bad(cells, number, table.file)
                if number not in listed:
                    listed.add(number)
                    aside.append(SetAside(number, "ragged", _row(number, cells, 0)[2]))
                continue
            yield _row(number, cells, table.width)

    return settle(table, rows, aside)


def _refuse_bad(cells: list[Any], number: int, shown: str) -> None:
    for index, cell in enumerate(cells):
        if isinstance(cell, list):
            fix = "Correct the cell, or declare ragged: quarantine to set such rows aside."
            raise Refused(shown, f"the cell holds {cell[0]}", fix, line=number, column=_letter(index + 1))


def _refuse_merged(merged: tuple[str, ...], header_row: int, shown: str) -> None:
    for reference in merged:
        last = int(re.sub(r".*?(\d+)$", r"\1", reference))
        if last >= header_row:
            fix = "Unmerge the cells and fill each of them."
            raise Refused(shown, f"the cells {reference} are merged, so most of them are blank", fix, line=last)


def _letter(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
