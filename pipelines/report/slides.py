"""Parts of slides that can do no harm and are the same bytes at every build: text, tables, native charts, notes.

Foreign text is a run of text and never a link or a formula. What a chart shows stands in a small workbook inside the
file, which this program writes itself: the library's own would take a name such as «=1+1» for a formula, and stamps
the hour.
"""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from pipelines.errors import ConfigError
from pipelines.report import words
from pipelines.report.cells import FAVOURABLE, INK, MUTED, RULE, SAFE

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.55
"""A slide in inches, 16 to 9."""
EPOCH = (1980, 1, 1, 0, 0, 0)
LIGHT = "#7fb0de"
PLAIN_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The table style without fills and grid, by the name that the format gives it."""
LOGO_LIMIT = 2_000_000


@dataclass(frozen=True)
class Cell:
    """A text of a table; `is_number` stands to the right, `tone` is a colour."""

    text: str
    is_number: bool = False
    tone: str = INK


def clean(text: object) -> str:
    """Text in which nothing but letters is left: what controls, or reverses the direction, is shown as its code."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in str(text))


def short(text: object, width: float, size: float) -> str:
    """As much of a text as one line of so many inches holds at so many points."""
    told, most = clean(text), max(int(width * 72 / (size * 0.52)), 4)
    return told if len(told) <= most else f"{told[: most - 1].rstrip()}…"


class Deck:
    """A presentation in memory. Places and sizes are in inches, letters in points."""

    def __init__(self, title: str, run_id: str, on: date) -> None:
        from pptx import Presentation
        from pptx.util import Inches

        self.on = datetime(on.year, on.month, on.day)
        self.deck = Presentation()
        self.deck.slide_width, self.deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
        about = self.deck.core_properties
        about.title, about.author, about.last_modified_by, about.subject = clean(title)[:255], "Plumbline", "Plumbline", f"run {run_id}"
        about.created = about.modified = about.last_printed = self.on
        about.revision = 1

    def slide(self, title: str, size: float = 24) -> Any:
        """A new slide with its message as title."""
        from pptx.enum.text import MSO_ANCHOR

        slide = self.deck.slides.add_slide(self.deck.slide_layouts[5])
        place(slide.shapes.title, MARGIN, 0.62, WIDTH - 2 * MARGIN, 0.95)
        slide.shapes.title.text_frame.vertical_anchor = MSO_ANCHOR.TOP
        write(slide.shapes.title.text_frame, [(title, INK, True)], size if len(title) < 150 else size - 4)
        return slide

    def text(self, slide: Any, box: tuple[float, float, float, float], runs: Sequence[tuple[str, str, bool]], size: float, gap: float = 0) -> None:
        """Lines of text, each with its colour and whether it is bold. `box`: from left, from top, width, height."""
        shape = slide.shapes.add_textbox(*map(emu, box))
        write(shape.text_frame, runs, size, gap)

    def line(self, slide: Any, x: float, y: float, width: float, colour: str = INK, points: float = 1.5) -> None:
        from pptx.util import Pt

        rule = slide.shapes.add_connector(1, emu(x), emu(y), emu(x + width), emu(y))
        rule.line.color.rgb, rule.line.width = rgb(colour), Pt(points)

    def table(self, slide: Any, x: float, y: float, widths: Sequence[float], heads: Sequence[Cell], rows: Sequence[Sequence[Cell]], size: float = 10.5, height: float = 0.29) -> None:
        """A table of one line a row; what does not fit ends with «…»."""
        frame = slide.shapes.add_table(len(rows) + 1, len(widths), emu(x), emu(y), emu(sum(widths)), emu(height * (len(rows) + 1)))
        frame._element.graphic.graphicData.tbl.tblPr.find("{*}tableStyleId").text = PLAIN_TABLE
        grid = frame.table
        grid.horz_banding = False
        for at, width in enumerate(widths):
            grid.columns[at].width = emu(width)
        for down, row in enumerate([heads, *rows]):
            grid.rows[down].height = emu(height)
            for at, cell in enumerate(row):
                fill(grid.cell(down, at), cell, widths[at], size, is_head=down == 0)

    def chart(self, slide: Any, box: tuple[float, float, float, float], kind: str, names: Sequence[str], series: Sequence[tuple[str, Sequence[Decimal | None], str]], number: str, title: str) -> None:
        """A native chart, `columns`, `stacked` or `bars`: names along the axis, and series with their values and colours."""
        from pptx.chart.data import CategoryChartData
        from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION
        from pptx.util import Pt

        kinds = {"columns": XL_CHART_TYPE.COLUMN_CLUSTERED, "stacked": XL_CHART_TYPE.COLUMN_STACKED, "bars": XL_CHART_TYPE.BAR_CLUSTERED}
        data = CategoryChartData(number_format=number)
        data.categories = [clean(name) for name in names]
        for name, values, _ in series:
            data.add_series(clean(name), values)
        shape = slide.shapes.add_chart(kinds[kind], *map(emu, box), data)
        shape.name = title
        shape._element.nvGraphicFramePr.cNvPr.set("descr", title)
        chart = shape.chart
        chart.part.chart_workbook.update_from_xlsx_blob(data_sheet(names, series, self.on))
        chart.has_title = False
        chart.font.size, chart.font.color.rgb = Pt(10), rgb(MUTED)
        chart.has_legend = len(series) > 1
        if chart.has_legend:
            chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
        plot = chart.plots[0]
        plot.gap_width, plot.overlap = (45, 100) if kind == "stacked" else (40, -5 if len(series) > 1 else 0)
        chart.value_axis.visible, chart.value_axis.has_major_gridlines = False, False
        chart.category_axis.format.line.color.rgb = rgb(INK)
        chart.category_axis.has_major_gridlines = False
        if kind == "bars":
            chart.category_axis.reverse_order = True
        for drawn, (_, _, colour) in zip(plot.series, series, strict=True):
            drawn.invert_if_negative = False
            drawn.format.fill.solid()
            drawn.format.fill.fore_color.rgb = rgb(colour or "#ffffff")
            drawn.format.line.color.rgb = rgb(colour or INK)
            told = drawn.data_labels
            told.show_value, told.number_format, told.number_format_is_linked = True, number, False
            told.position = XL_LABEL_POSITION.CENTER if kind == "stacked" else XL_LABEL_POSITION.OUTSIDE_END
            told.font.size, told.font.color.rgb = Pt(9), rgb("#ffffff" if kind == "stacked" and colour in (INK, FAVOURABLE) else INK)

    def picture(self, slide: Any, content: bytes, right: float, top: float, height: float, widest: float) -> None:
        """A PNG, its right upper corner there, as high as said and no wider."""
        shape = slide.shapes.add_picture(BytesIO(content), 0, 0)
        scale = min(emu(height) / shape.height, emu(widest) / shape.width)
        shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
        shape.left, shape.top = emu(right) - shape.width, emu(top)
        shape.name = "Logo"
        shape._element.nvPicPr.cNvPr.set("descr", "Logo")

    def notes(self, slide: Any, told: str) -> None:
        slide.notes_slide.notes_text_frame.text = "\n".join(map(clean, told.split("\n")))

    def bytes(self) -> bytes:
        """The file; every build of the same slides gives the same bytes."""
        content = BytesIO()
        self.deck.save(content)
        return dated(content.getvalue())


def heads(*names: str) -> list[Cell]:
    """Headings; one that begins with > stands over numbers."""
    return [Cell(name.lstrip(">"), name.startswith(">")) for name in names]


def joined(names: Any) -> str:
    """Names once each, in their order; an en dash where there are none."""
    return ", ".join(dict.fromkeys(str(name) for name in names if name)) or words.NONE


def listed(names: Any, most: int) -> str:
    """As many names as so many letters hold, once each, and how many more there are."""
    told = list(dict.fromkeys(str(name) for name in names if name))
    shown = told[:1]
    while len(shown) < len(told) and len(", ".join(told[: len(shown) + 1])) <= most:
        shown = told[: len(shown) + 1]
    return (", ".join(shown) + (f" and {len(told) - len(shown)} more" if len(shown) < len(told) else "")) or words.NONE


def words_short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def month_of(day: date | None) -> str:
    return f"{day:%b %Y}" if day else words.NONE


def emu(inches: float) -> int:
    """English metric units, in which the format counts."""
    return round(inches * 914_400)


def rgb(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(colour.lstrip("#").upper())


def place(shape: Any, x: float, y: float, width: float, height: float) -> None:
    shape.left, shape.top, shape.width, shape.height = emu(x), emu(y), emu(width), emu(height)


def write(frame: Any, runs: Sequence[tuple[str, str, bool]], size: float, gap: float = 0) -> None:
    """Fill a frame with lines: text, colour, bold."""
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Pt

    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for at, (text, colour, bold) in enumerate(runs):
        line = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        line.alignment, line.space_after = PP_ALIGN.LEFT, Pt(gap)
        run = line.add_run()
        run.text = clean(text)
        run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, rgb(colour)


def fill(cell: Any, told: Cell, width: float, size: float, is_head: bool) -> None:
    """Write one cell of a table, with a line under it."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    cell.margin_left, cell.margin_right, cell.margin_top, cell.margin_bottom = 0, emu(0.16 if told.is_number else 0.09), emu(0.02), emu(0.02)
    cell.vertical_anchor = MSO_ANCHOR.BOTTOM if is_head else MSO_ANCHOR.MIDDLE
    frame = cell.text_frame
    frame.word_wrap = False
    line = frame.paragraphs[0]
    line.alignment = PP_ALIGN.RIGHT if told.is_number else PP_ALIGN.LEFT
    run = line.add_run()
    run.text = short(told.text, width - 0.09, size)
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), is_head, rgb(told.tone)
    about = cell._tc.get_or_add_tcPr()
    edge = about.makeelement("{http://schemas.openxmlformats.org/drawingml/2006/main}lnB", {"w": "15875" if is_head else "6350"})
    solid = edge.makeelement("{http://schemas.openxmlformats.org/drawingml/2006/main}solidFill", {})
    solid.append(solid.makeelement("{http://schemas.openxmlformats.org/drawingml/2006/main}srgbClr", {"val": (INK if is_head else RULE).lstrip("#")}))
    edge.append(solid)
    about.insert(0, edge)


def data_sheet(names: Sequence[str], series: Sequence[tuple[str, Sequence[Decimal | None], str]], on: datetime) -> bytes:
    """The workbook that a chart opens for its data: names below each other, a column for each series."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content, SAFE)
    book.set_properties({"author": "Plumbline", "created": on})
    sheet = book.add_worksheet("Sheet1")
    for down, name in enumerate(names, 1):
        sheet.write_string(down, 0, clean(name))
    for at, (name, values, _) in enumerate(series, 1):
        sheet.write_string(0, at, clean(name))
        for down, value in enumerate(values, 1):
            if value is not None:
                sheet.write_number(down, at, value)
    book.close()
    return content.getvalue()


def dated(content: bytes) -> bytes:
    """A zip file in which every entry bears the same day."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name in given.namelist():
            if not name.endswith("thumbnail.jpeg"):
                file.writestr(zipfile.ZipInfo(name, EPOCH), without_thumbnail(name, given.read(name)), zipfile.ZIP_DEFLATED, 6)
    return made.getvalue()


def without_thumbnail(name: str, content: bytes) -> bytes:
    """The list of parts without the picture of somebody's empty slide that the library's template brings."""
    return re.sub(rb'<Relationship [^>]*thumbnail[^>]*/>', b"", content) if name == "_rels/.rels" else content


def logo(path: Path | None) -> bytes | None:
    """The picture that plumbline.yml names; None where it names none. Raises ConfigError for one that is no small PNG."""
    if path is None:
        return None
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"plumbline.yml names the logo {path}, which can't be read: {error.strerror}. Put a PNG there, or leave `logo` out.") from None
    if not content.startswith(b"\x89PNG\r\n\x1a\n") or len(content) > LOGO_LIMIT:
        raise ConfigError(f"{path} is no PNG of at most {LOGO_LIMIT // 1_000_000} MB. Save the logo as PNG.")
    return content
