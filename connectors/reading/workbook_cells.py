"""The cells of a workbook, each as text or with the reason why it has none. Used only in the limited child process.

openpyxl reads the parts around the cells (sheets, number formats, which formats are dates). The cells themselves are
read here from the sheet's XML: no library shows at once a formula and its stored value, repeated cells, and a number's
own digits.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any
from xml.etree.ElementTree import iterparse
from xml.parsers import expat

import openpyxl.xml
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel
from openpyxl.utils.escape import unescape
from openpyxl.xml.constants import SHARED_STRINGS

MAX_COLUMNS = 2_000
MAX_CELLS = 20_000_000
MAX_DIGITS = 15
_SHORTEST = re.compile(r"(?:-?[1-9]\d*|-?(?:0|[1-9]\d*)\.\d*[1-9]|0)")
"""Numbers that are already written as we deliver them."""
_LETTERS = ["", *map(get_column_letter, range(1, MAX_COLUMNS + 1))]
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


class Refuse(Exception):
    """The workbook cannot be read surely: why, and what to do."""

    def __init__(self, why: str, fix: str = "Open it in Excel, save it again, and export once more.") -> None:
        super().__init__(why)
        self.why, self.fix = why, fix


@dataclass
class Book:
    """The parts of a workbook that its cells refer to."""

    archive: zipfile.ZipFile
    strings: list[str]
    epoch: datetime
    dates: set[int]
    durations: set[int]
    zeros: dict[int, int]
    """Style -> how many digits its format (00000) shows at least."""
    special: set[int]
    """Styles of dates, durations and shown zeros: their numbers are not delivered as they are stored."""
    sheets: list[tuple[str, str, str]]
    """Name, state (visible, hidden, veryHidden) and path of each sheet that has cells."""


class Sheet:
    """One sheet's cells in the order of the file, with what a reader must know beside them."""

    def __init__(self, book: Book, title: str, part: str) -> None:
        self.book, self.title, self.part = book, title, part
        self.notes: list[str] = []
        self.merged: list[str] = []
        self.hidden_rows = self.hidden_columns = self.padded = self.cells = 0

    def rows(self) -> Iterator[tuple[int, bool, list[Any]]]:
        yield from self._rows()
        if self.hidden_rows:
            self.notes.append(f"hidden rows, read like the others: {self.hidden_rows:,}")
        if self.hidden_columns:
            self.notes.append(f"hidden columns, read like the others: {self.hidden_columns:,}")
        if self.padded:
            self.notes.append(f"numbers delivered with the leading zeros that their format shows: {self.padded:,}")

    def _rows(self) -> Iterator[tuple[int, bool, list[Any]]]:
        number = 0
        for element in _elements(self.book.archive, self.part):
            tag = element.tag
            if tag[-2:] in ("}c", "}v", "}f", "}t"):
                continue
            if tag.endswith("}row"):
                given = int(element.get("r", number + 1))
                if given <= number:
                    raise Refuse(f"row {given} of sheet «{self.title}» comes twice or after row {number}")
                number = given
                hidden = element.get("hidden") in ("1", "true")
                cells = self._cells(element, number)
                self.hidden_rows += hidden and any(cells)
                yield number, hidden, cells
                element.clear()
            elif tag.endswith("}mergeCell"):
                self.merged.append(element.get("ref", ""))
            elif tag.endswith("}col") and element.get("hidden") in ("1", "true"):
                last = min(int(element.get("max", 1)), MAX_COLUMNS)
                self.hidden_columns += max(last - int(element.get("min", 1)) + 1, 0)

    def _cells(self, row: Any, number: int) -> list[Any]:
        cells: list[Any] = []
        column = 0
        for cell in row:
            column += 1
            reference = cell.get("r")
            if reference and (column > MAX_COLUMNS or reference != f"{_LETTERS[column]}{number}"):
                match = _REFERENCE.fullmatch(reference)
                if match is None or int(match[2]) != number:
                    raise Refuse(f"cell «{reference}» stands in row {number} of sheet «{self.title}»")
                if column_index_from_string(match[1]) < column:
                    raise Refuse(f"cell {reference} of sheet «{self.title}» comes twice or out of order")
                column = column_index_from_string(match[1])
            value = self._value(cell)
            if value is None:
                continue
            if column > MAX_COLUMNS:
                raise Refuse(f"sheet «{self.title}» has more than {MAX_COLUMNS:,} columns", "Export fewer columns.")
            cells += [None] * (column - len(cells) - 1)
            cells.append(value)
        self.cells += len(cells)
        if self.cells > MAX_CELLS:
            raise Refuse(f"sheet «{self.title}» has more than {MAX_CELLS:,} cells", "Export it in parts, or as CSV.")
        return cells

    def _value(self, cell: Any) -> Any:
        """A cell's text, None if it is empty, or [what is wrong]."""
        kind, style = cell.get("t", "n"), int(cell.get("s", 0))
        stored = formula = inline = None
        for part in cell:
            match part.tag[-2:]:
                case "}v":
                    stored = part.text or ""
                case "}f":
                    formula = part.text or ""
                case "is":
                    inline = part
        if kind == "inlineStr":
            return _clean(_inline(inline)) if inline is not None else None
        if stored is None or (kind == "n" and not stored.strip()):
            if formula is not None:
                return ["a formula with no stored result: open and save it in Excel, or export CSV"]
            return None
        match kind:
            case "s":
                return _clean(self.book.strings[int(stored)])
            case "str":
                return _clean(stored)
            case "d":
                return stored
            case "b":
                return {"0": "FALSE", "1": "TRUE"}[stored]
            case "e":
                return [f"the error {stored}"]
        return self._number(stored, style)

    def _number(self, stored: str, style: int) -> Any:
        plain = style not in self.book.special
        if plain and len(stored) <= MAX_DIGITS and _SHORTEST.fullmatch(stored):
            return stored
        value = Decimal(stored.strip())
        if not value.is_finite():
            return [f"the number {stored}"]
        if style in self.book.durations:
            return _duration(from_excel(float(value), timedelta=True))
        if style in self.book.dates:
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
        width = self.book.zeros.get(style, 0)
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


def _elements(archive: zipfile.ZipFile, part: str) -> Iterator[Any]:
    """The elements of a part that defines no entities, each when it is complete.

    Entities can be defined only before the root element. defusedxml shows the same but parses in Python, ten times
    slower; openpyxl uses it for the small parts.
    """

    def doctype(*_: Any) -> None:
        raise Refuse("it defines XML entities, as attacks do and Excel never does", "Ask its sender.")

    started: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = lambda name, _: started.append(name)
    with archive.open(part) as stream:
        while not started and (block := stream.read(4096)):
            parser.Parse(block)
    with archive.open(part) as stream:
        for _, element in iterparse(stream):
            yield element


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    hours, rest = divmod(abs(seconds), 3600)
    return f"{sign}{hours:02}:{rest // 60:02}:{rest % 60:02}"


def _inline(element: Any) -> str:
    """The text of an inline string: its own, or its runs joined; phonetic hints are not text."""
    texts = []
    for part in element:
        if part.tag.endswith("}t"):
            texts.append(part.text or "")
        elif part.tag.endswith("}r"):
            texts += [t.text or "" for t in part if t.tag.endswith("}t")]
    return "".join(texts)


def _clean(text: str) -> Any:
    """Decode `_x000D_` (ECMA-376, ST_Xstring); a NUL in a cell is damage."""
    text = unescape(text)
    return ["a NUL character"] if "\0" in text else text or None


def open_book(stream: IO[bytes]) -> Book:
    """Everything but the cells, read by openpyxl; only the strings here, since a hundred thousand of them are usual."""
    if not openpyxl.xml.DEFUSEDXML or openpyxl.xml.LXML:
        raise Refuse("this installation would read workbooks without protection", "Install defusedxml.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = ExcelReader(stream, read_only=True, data_only=True, keep_links=False)
        reader.read_manifest()
        reader.read_workbook()
        apply_stylesheet(reader.archive, reader.wb)
        found = [(sheet.name, sheet.state, rel) for sheet, rel in reader.parser.find_sheets()]
    sheets = [(name, state, rel.target) for name, state, rel in found if rel.Type.endswith("/worksheet")]
    strings: list[str] = []
    if part := reader.package.find(SHARED_STRINGS):
        for element in _elements(reader.archive, part.PartName[1:]):
            if element.tag.endswith("}si"):
                strings.append(_inline(element))
                element.clear()
    book = reader.wb
    zeros = {}
    for style, cell in enumerate(book._cell_styles):
        code = book._number_formats[cell.numFmtId - 164] if cell.numFmtId >= 164 else ""
        if re.fullmatch("0{2,}", code):
            zeros[style] = len(code)
    dates, durations = set(book._date_formats), set(book._timedelta_formats)
    special = dates | durations | zeros.keys()
    return Book(reader.archive, strings, book.epoch, dates, durations, zeros, special, sheets)
