"""Read one workbook from standard input and write its cells as NDJSON: a program of its own, because hostile workbooks
take all memory or abort the process, and must take only this one with them.

Output, a line each: {"sheet": name, "state": "visible"}, then [row, hidden, cells] (a cell is text, null, or [text of
what is wrong]), then {"end": true, "merged": [...], "notes": [...]}; or, at any point, {"refused": why, "fix": ...}.

openpyxl reads the parts around the cells (sheets, strings, number formats). The cells themselves are read here from the
sheet's XML: no library shows at once a formula and its stored value, repeated cells, and a number's own digits.
"""

import json
import re
import resource
import sys
import warnings
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any
from xml.etree.ElementTree import iterparse
from xml.parsers import expat

import openpyxl
import openpyxl.xml
from defusedxml.common import DefusedXmlException
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel
from openpyxl.utils.escape import unescape

MAX_MEMORY = 1 << 30
MAX_OUTPUT = 1 << 30
MAX_COLUMNS = 2_000
MAX_CELLS = 20_000_000
MAX_DIGITS = 15
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


class Refuse(Exception):
    """The workbook cannot be read surely: why, and what to do."""

    def __init__(self, why: str, fix: str = "Open it in Excel, save it again, and export once more.") -> None:
        super().__init__(why)
        self.why, self.fix = why, fix


class Sheet:
    """One sheet's cells in the order of the file, with what a reader must know beside them."""

    def __init__(self, book: Any, sheet: Any) -> None:
        self.book, self.sheet = book, sheet
        self.notes: list[str] = []
        self.merged: list[str] = []
        self.hidden_rows = self.hidden_columns = self.padded = self.cells = 0

    def rows(self) -> Iterator[tuple[int, bool, list[Any]]]:
        with self.book._archive.open(self.sheet._worksheet_path) as stream:
            _refuse_dtd(stream)
        with self.book._archive.open(self.sheet._worksheet_path) as stream:
            yield from self._rows(stream)
        if self.hidden_rows:
            self.notes.append(f"hidden rows, read like the others: {self.hidden_rows:,}")
        if self.hidden_columns:
            self.notes.append(f"hidden columns, read like the others: {self.hidden_columns:,}")
        if self.padded:
            self.notes.append(f"numbers delivered with the leading zeros that their format shows: {self.padded:,}")

    def _rows(self, stream: IO[bytes]) -> Iterator[tuple[int, bool, list[Any]]]:
        number, data = 0, None
        for event, element in iterparse(stream, ("start", "end")):
            tag = element.tag.removeprefix(_MAIN).removeprefix(_STRICT)
            if event == "start":
                data = element if tag == "sheetData" else data
            elif tag == "row":
                given = int(element.get("r", number + 1))
                if given <= number:
                    raise Refuse(f"row {given} of sheet «{self.sheet.title}» comes twice or after row {number}")
                number = given
                hidden = element.get("hidden") in ("1", "true")
                cells = self._cells(element, number)
                self.hidden_rows += hidden and any(cells)
                yield number, hidden, cells
                if data is not None:
                    data.clear()
            elif tag == "mergeCell":
                self.merged.append(element.get("ref", ""))
            elif tag == "col" and element.get("hidden") in ("1", "true"):
                last = min(int(element.get("max", 1)), MAX_COLUMNS)
                self.hidden_columns += max(last - int(element.get("min", 1)) + 1, 0)

    def _cells(self, row: Any, number: int) -> list[Any]:
        cells: list[Any] = []
        for cell in row:
            column = len(cells) + 1
            if reference := cell.get("r"):
                match = _REFERENCE.fullmatch(reference)
                if match is None or int(match[2]) != number:
                    raise Refuse(f"cell «{reference}» stands in row {number} of sheet «{self.sheet.title}»")
                column = column_index_from_string(match[1])
                if column <= len(cells):
                    raise Refuse(f"cell {reference} of sheet «{self.sheet.title}» comes twice or out of order")
            value = self._value(cell)
            if value is None:
                continue
            if column > MAX_COLUMNS:
                raise Refuse(f"sheet «{self.sheet.title}» has more than {MAX_COLUMNS:,} columns", "Export fewer columns.")
            cells += [None] * (column - len(cells) - 1)
            cells.append(value)
        self.cells += len(cells)
        if self.cells > MAX_CELLS:
            raise Refuse(f"sheet «{self.sheet.title}» has more than {MAX_CELLS:,} cells", "Export it in parts, or as CSV.")
        return cells

    def _value(self, cell: Any) -> Any:
        """A cell's text, None if it is empty, or [what is wrong]."""
        kind, style = cell.get("t", "n"), int(cell.get("s", 0))
        stored = formula = inline = None
        for part in cell:
            match part.tag.removeprefix(_MAIN).removeprefix(_STRICT):
                case "v":
                    stored = part.text or ""
                case "f":
                    formula = part.text or ""
                case "is":
                    inline = part
        if kind == "inlineStr":
            return _clean(_inline(inline)) if inline is not None else None
        if stored is None:
            if formula is not None:
                return ["a formula with no stored result: open and save it in Excel, or export CSV"]
            return None
        match kind:
            case "s":
                return _clean(self.sheet._shared_strings[int(stored)])
            case "str":
                return _clean(stored)
            case "d":
                return stored
            case "b":
                return {"0": "FALSE", "1": "TRUE"}[stored]
            case "e":
                return [f"the error {stored}"]
        return self._number(stored, style) if stored.strip() else None

    def _number(self, stored: str, style: int) -> Any:
        value = Decimal(stored.strip())
        if not value.is_finite():
            return [f"the number {stored}"]
        if style in self.book._timedelta_formats:
            return _duration(from_excel(float(value), timedelta=True))
        if style in self.book._date_formats:
            return self._date(value)
        digits = stored.strip().upper().partition("E")[0].replace(".", "").strip("+-").strip("0")
        if len(digits) > MAX_DIGITS:
            # Excel stores up to 17 digits of the binary fraction it calculates with; 15 are what it shows and keeps.
            if value == value.to_integral_value() and abs(value) >= 10**MAX_DIGITS:
                return [f"{stored} has more than {MAX_DIGITS} digits, which Excel does not keep"]
            value = Decimal(repr(float(value)))
        elif abs(value) >= 10**MAX_DIGITS:
            return [f"{stored} is too large for a number that Excel keeps exactly"]
        text = f"{value:f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        width = _zeros(self.book, style)
        if width and text.isdigit() and len(text) < width:
            self.padded += 1
            return text.zfill(width)
        return "0" if text in ("-0", "") else text

    def _date(self, value: Decimal) -> Any:
        if 0 <= value < 1:
            found = from_excel(float(value), self.book.epoch)
        elif value < 61 and self.book.epoch == WINDOWS_EPOCH:
            return [f"the date serial {value} lies before 1 March 1900, where Excel's calendar is wrong"]
        elif not 0 <= value < 2_958_466:
            return [f"the date serial {value} lies outside Excel's calendar"]
        else:
            found = from_excel(float(value), self.book.epoch)
        if isinstance(found, datetime) and found.time() == time():
            return found.date().isoformat()
        return found.isoformat()


def _refuse_dtd(stream: IO[bytes]) -> None:
    """Entities can be defined only before the root element. defusedxml shows the same, but parses in Python, 10x slower."""

    def doctype(*_: Any) -> None:
        raise Refuse("it defines XML entities, as attacks do and Excel never does", "Ask its sender.")

    started: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = lambda name, _: started.append(name)
    while not started and (block := stream.read(4096)):
        parser.Parse(block)


def _zeros(book: Any, style: int) -> int:
    """How many digits a format like 00000 shows at least; 0 for every other format."""
    if style >= len(book._cell_styles):
        return 0
    code = book._number_formats[n - 164] if (n := book._cell_styles[style].numFmtId) >= 164 else ""
    return len(code) if re.fullmatch("0{2,}", code) else 0


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    hours, rest = divmod(abs(seconds), 3600)
    return f"{sign}{hours:02}:{rest // 60:02}:{rest % 60:02}"


def _inline(element: Any) -> str:
    """The text of an inline string: its own, or its runs joined; phonetic hints are not text."""
    texts = []
    for part in element:
        tag = part.tag.removeprefix(_MAIN).removeprefix(_STRICT)
        if tag == "t":
            texts.append(part.text or "")
        elif tag == "r":
            texts += [t.text or "" for t in part if t.tag.endswith("}t")]
    return "".join(texts)


def _clean(text: str) -> Any:
    """Decode `_x000D_` (ECMA-376, ST_Xstring); a NUL in a cell is damage."""
    text = unescape(text)
    return ["a NUL character"] if "\0" in text else text or None


def emit(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=True), file=sys.stdout)


def read(stream: IO[bytes], wanted: str | None) -> None:
    """Write the wanted sheet, or all visible ones, of the workbook in a seekable stream."""
    if not openpyxl.xml.DEFUSEDXML or openpyxl.xml.LXML:
        raise Refuse("this installation would read workbooks without protection", "Install defusedxml.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    names = set(book._archive.namelist())
    notes = ["macros in it were ignored"] if any(name.endswith("vbaProject.bin") for name in names) else []
    notes += ["links to other workbooks were ignored"] if any("externalLinks/" in name for name in names) else []
    if wanted is not None and wanted not in book.sheetnames:
        there = ", ".join(f"«{name}»" for name in book.sheetnames)
        raise Refuse(f"there is no sheet «{wanted}» (sheets: {there})", "Correct the sheet in the profile.")
    sheets = [sheet for sheet in book.worksheets if wanted is None or sheet.title == wanted]
    hidden = [sheet.title for sheet in sheets if wanted is None and sheet.sheet_state != "visible"]
    notes += [f"the hidden sheet «{name}» was not read" for name in hidden]
    for found in sheets:
        if found.title in hidden:
            continue
        sheet = Sheet(book, found)
        emit({"sheet": found.title})
        for row in sheet.rows():
            emit(row)
        emit({"end": True, "merged": sheet.merged, "notes": notes + sheet.notes})


def main() -> None:
    """Limit this process, read, and say in words what went wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_OUTPUT, MAX_OUTPUT))
    try:
        read(sys.stdin.buffer, sys.argv[1] if len(sys.argv) > 1 else None)
    except Refuse as error:
        emit({"refused": error.why, "fix": error.fix})
    except MemoryError:
        emit({"refused": "it needs more than 1 GB of memory", "fix": "Export it in parts, or as CSV."})
    except Exception as error:  # noqa: BLE001 - damage has as many faces as the libraries have lines
        emit(_explained(error))


def _explained(error: BaseException) -> dict[str, str]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, DefusedXmlException):
            return {"refused": "it defines XML entities, as attacks do and Excel never does", "fix": "Ask its sender."}
        cause = cause.__cause__ or cause.__context__
    what = f"{type(error).__name__}: {str(error).splitlines()[0][:120] if str(error) else ''}"
    fix = "Download it again; else open it in Excel, save it, and export once more."
    return {"refused": f"it is damaged or not written by the rules ({what})", "fix": fix}


if __name__ == "__main__":
    main()
