"""Cells of a workbook that can do no harm: foreign text is text for ever, and a formula is only what this program writes.

A sheet never guesses: strings go through `write_string`, and one that a spreadsheet would take for a formula when
somebody edits the cell carries Excel's own mark for text. SUMIFS reads its criteria as patterns («<b>», «*», «0650» equals
«650»), so sums are asked for by keys which no pattern can mean, and never by names.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipelines.report.words import NONE

Value = str | int | bool | Decimal | date | None
LONGEST = 32_000
"""Excel holds 32,767 characters in a cell."""
EPOCH = date(1899, 12, 30).toordinal()
"""Excel counts days from here."""
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
PLAIN = re.compile(r"[\w .-]{1,100}")
INK, MUTED, ADVERSE, FAVOURABLE, RULE = "#1c2127", "#566069", "#b93f0e", "#0b5cad", "#d5dae0"
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}


@dataclass(frozen=True)
class Heading:
    """A column: its heading, its width in characters and the style of its cells."""

    name: str
    width: int = 14
    style: str = "text"

    @property
    def is_number(self) -> bool:
        return self.style not in {"text", "wrapped", "muted", "day", "month"}


class Book:
    """A workbook in memory, and its styles by name. The same calls give the same bytes: its date is that of the month."""

    def __init__(self, title: str, run_id: str, on: date, digits: int) -> None:
        self.content = BytesIO()
        self.workbook = xlsxwriter.Workbook(self.content, SAFE)
        self.workbook.set_properties({"title": title[:255], "author": "Plumbline", "comments": f"run {run_id}", "created": datetime(on.year, on.month, on.day)})
        self.run_id = run_id
        cents = f"#,##0.{'0' * digits}" if digits else "#,##0"
        number = {"align": "right"}
        self.styles = {name: self.workbook.add_format({"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "top", **given}) for name, given in {
            "text": {}, "wrapped": {"text_wrap": True}, "muted": {"font_color": MUTED}, "foreign": {"quote_prefix": True}, "none": {**number, "font_color": MUTED},
            "title": {"bold": True, "font_size": 17}, "part": {"bold": True, "font_size": 13}, "link": {"font_color": FAVOURABLE, "underline": 1},
            "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}, "head_number": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom", **number},
            "total": {"bold": True, "top": 1}, "total_money": {"bold": True, "top": 1, "num_format": "#,##0;−#,##0;0"}, "total_variance": {"bold": True, "top": 1, "num_format": "+#,##0;−#,##0;±0"},
            "money": {"num_format": "#,##0;−#,##0;0"}, "cents": {"num_format": f"{cents};−{cents};{'0' if not digits else '0.' + '0' * digits}"}, "variance": {"num_format": "+#,##0;−#,##0;±0"},
            "share": {"num_format": "0.0%"}, "count": {"num_format": "#,##0"}, "plain": {"num_format": "0"}, "exact": {"num_format": "#,##0.00##;−#,##0.00##;0.00"},
            "day": {"num_format": "d mmm yyyy", "align": "left"}, "month": {"num_format": "mmm yyyy", "align": "left"},
            "big_money": {"bold": True, "font_size": 14, "num_format": "#,##0;−#,##0;0", "align": "right"}, "big_share": {"bold": True, "font_size": 14, "num_format": "0.0%", "align": "right"},
            "big_count": {"bold": True, "font_size": 14, "num_format": "#,##0", "align": "right"}, "result": {"bold": True, "font_color": FAVOURABLE},
        }.items()}  # fmt: skip
        self.adverse = self.workbook.add_format({"font_color": ADVERSE, "bold": True})

    def bytes(self) -> bytes:
        self.workbook.close()
        return self.content.getvalue()


class Sheet:
    """One sheet, written from the top; rows and columns count from 0."""

    def __init__(self, book: Book, name: str, title: str, note: str = "", widths: Sequence[int] = ()) -> None:
        self.book, self.name, self.at = book, name, 0
        self.ws: Worksheet = book.workbook.add_worksheet(name)
        self.ws.hide_gridlines(2)
        self.ws.set_landscape()
        self.ws.set_paper(9)
        self.ws.fit_to_pages(1, 0)
        self.ws.set_footer(f"&L&8run {book.run_id}&R&8&A, page &P of &N")
        for place, width in enumerate(widths):
            self.ws.set_column(place, place, width)
        if title:
            self.ws.set_row(0, 28)
            self.put(0, 0, title, "title")
            self.put(1, 0, note, "muted")
            self.at = 3

    def put(self, row: int, column: int, value: Value, style: str = "text") -> None:
        """A value in its style; what is not known is an en dash, never a zero."""
        styles = self.book.styles
        if value is None:
            self.ws.write_string(row, column, NONE, styles["none" if style not in {"text", "wrapped", "muted"} else "muted"])
        elif isinstance(value, str):
            self.ws.write_string(row, column, *self.text(value, style))
        elif isinstance(value, bool):
            self.ws.write_string(row, column, "yes" if value else "no", styles["text"])
        elif isinstance(value, date):
            self.ws.write_number(row, column, value.toordinal() - EPOCH, styles[style])
        else:
            self.ws.write_number(row, column, float(value), styles[style])

    def text(self, value: str, style: str) -> tuple[str, Format]:
        """A text as a cell holds it, and the look that keeps it one."""
        text = value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
        return text, self.book.styles["foreign" if text.startswith(DANGEROUS) else style]

    def formula(self, row: int, column: int, formula: str, value: str | int | Decimal, style: str) -> None:
        """A formula with the value that it has, so that a reader which does not reckon shows it too."""
        self.ws.write_formula(row, column, f"={formula}", self.book.styles[style], value if isinstance(value, str) else float(value))

    def heads(self, heads: Sequence[Heading]) -> int:
        """A row of headings; the row below it."""
        for place, head in enumerate(heads):
            self.put(self.at, place, head.name, "head_number" if head.is_number else "head")
        self.at += 1
        return self.at

    def part(self, title: str, note: str = "") -> None:
        """A heading within the sheet."""
        self.at += 1
        self.put(self.at, 0, title, "part")
        self.put(self.at + 1, 0, note, "muted")
        self.at += 2

    def link(self, row: int, column: int, sheet: str, text: str) -> None:
        self.ws.write_url(row, column, f"internal:'{sheet}'!A1", self.book.styles["link"], text)

    def table(self, name: str, heads: Sequence[Heading], rows: Iterable[Sequence[Value]]) -> int:
        """A named Excel table of values; the row below it. Without rows it has one empty row, as Excel wants it."""
        first, row, write = self.at, self.at, self.ws.write_string
        texts: dict[tuple[str, str], tuple[str, Format]] = {}
        for row, values in enumerate(rows, first + 1):
            for place, (head, value) in enumerate(zip(heads, values, strict=True)):
                if type(value) is str:
                    known = texts.get((value, head.style)) or texts.setdefault((value, head.style), self.text(value, head.style))
                    write(row, place, *known)
                elif value is not None:
                    self.put(row, place, value, head.style)
        last = max(row, first + 1)
        columns = [{"header": head.name, "header_format": self.book.styles["head_number" if head.is_number else "head"]} for head in heads]
        self.ws.add_table(first, 0, last, len(heads) - 1, {"name": name, "style": "Table Style Light 1", "banded_rows": False, "columns": columns})
        self.at = last + 1
        return self.at


def keys(prefix: str, values: Iterable[str | None]) -> Mapping[str | None, str]:
    """For each value a text that SUMIFS takes for itself only: no pattern, no number, no day, and no two alike but for capitals."""
    found: dict[str | None, str] = {None: f"{prefix}:none"}
    taken = {found[None].casefold()}
    for place, value in enumerate(sorted({v for v in values if v is not None})):
        key = f"{prefix}:{value}"
        if not PLAIN.fullmatch(value) or key.casefold() in taken:
            key = f"{prefix}:#{place}"
        taken.add(key.casefold())
        found[value] = key
    return found
