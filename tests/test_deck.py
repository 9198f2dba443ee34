"""Six slides: the figures of the page and no others, native charts, inert names, and the same bytes at every build."""

import re
import struct
import zipfile
import zlib
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from shutil import copyfile
from typing import Any

import duckdb
import openpyxl
import pytest
import small
from reported import FACTS
from small import without_expectations  # noqa: F401 - a fixture

from dbt_like_sql import HOME, REPORT
from pipelines.cli import run
from pipelines.errors import ConfigError
from pipelines.refresh import Refreshed, refresh
from pipelines.report import slides
from pipelines.report.deck import BUILT, deck
from pipelines.report.marks import off_by
from pipelines.report.page import Facts, Reading, read
from pipelines.report.summary import plain

pptx = pytest.importorskip("pptx")

HOSTILE = ["=HYPERLINK(\"http://x\")", "<a:t>&amp;</a:t>", "{=1+1}", "http://example.test/x", "x\u202e\x0b\x00y", "]]><b>", "@SUM(A1)", "internal:Sheet1!A1"]


@pytest.fixture(scope="module")
def content(reading: Reading) -> bytes:
    return deck(reading)[0]


def opened(content: bytes) -> Any:
    return pptx.Presentation(BytesIO(content))


def texts(slide: Any) -> list[str]:
    """Every text of a slide, cells too."""
    found = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    return found + [cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells]


def charts(slide: Any) -> dict[str, Any]:
    return {shape.name: shape.chart for shape in slide.shapes if shape.has_chart}


def png(width: int = 40, height: int = 10) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress((b"\0" + b"\x55" * width) * height)) + chunk(b"IEND", b"")


def test_there_are_six_slides_each_with_a_message(content: bytes) -> None:
    made = opened(content).slides
    assert len(made) == len(BUILT) == 6
    for place, slide in enumerate(made, 1):
        assert slide.shapes.title.text
        assert f"{place} of 6" in texts(slide)
        assert any("Tarnbeck Pumps" in text for text in texts(slide))


def test_notes_name_the_figures_and_their_sql(content: bytes) -> None:
    for slide, (_, names) in zip(opened(content).slides, BUILT, strict=True):
        told = slide.notes_slide.notes_text_frame.text
        for name in names:
            assert (HOME / REPORT / f"{name}.sql").is_file()
            assert f"report.{name}" in told
        assert told.count("select") >= len(names)


def test_every_number_is_proved_by_its_rows(reading: Reading, content: bytes) -> None:
    again, marks = deck(reading)
    assert again == content
    assert len(marks) > 80
    for mark in marks:
        off = off_by(mark, reading.sets)
        assert off is not None, mark
        assert abs(off) < Decimal("1e-20"), mark


def test_numbers_of_tables_are_marks(reading: Reading, content: bytes) -> None:
    from pptx.enum.text import PP_ALIGN

    shown = {mark.shown for mark in deck(reading)[1]} | {"–"}
    found = [
        row.cells[at].text for slide in opened(content).slides for shape in slide.shapes if shape.has_table
        for row in list(shape.table.rows)[1:] for at in range(len(row.cells)) if row.cells[at].text_frame.paragraphs[0].alignment == PP_ALIGN.RIGHT
    ]  # fmt: skip
    assert len(found) > 30
    assert set(found) <= shown


def test_charts_hold_the_figures(reading: Reading, content: bytes) -> None:
    made = opened(content).slides
    months = charts(made[2])["Spend by month against budget"]
    for series, column in zip(months.plots[0].series, ("spend_amount", "budget_amount"), strict=True):
        assert [None if v is None else Decimal(str(v)) for v in series.values] == [row[column] for row in reading.figures["monthly"]]
    outlook = charts(made[2])["Forecast of the fiscal year against its budget"]
    forecast = sum(Decimal(str(v)) for series in list(outlook.plots[0].series)[:3] for v in series.values if v is not None)
    assert forecast == sum(row["forecast_amount"] for row in reading.figures["forecast"])
    purpose = charts(made[3])["Money of 12 months by priority"].plots[0].series[0]
    assert sum(Decimal(str(v)) for v in purpose.values) == reading.spend["spend_12m_amount"]
    assert Decimal(str(list(purpose.values)[-1])) == reading.spend["unmapped_12m_amount"]


def test_the_first_slide_says_what_the_page_says(reading: Reading, content: bytes, sample_warehouse: Path) -> None:
    from pipelines.report.page import written

    html = written(reading, printed=True).html
    told = texts(opened(content).slides[0])
    headline = re.search(r"<h1>(.*?)</h1>", html, re.DOTALL)
    assert headline
    assert told[0] == plain(headline[1])
    for name, value in re.findall(r'<div><dt>(.*?)</dt><dd class="v">(.*?)</dd>', html, re.DOTALL):
        assert plain(name) in told
        assert plain(value) in told


def test_nothing_in_the_file_bears_the_hour(content: bytes) -> None:
    with zipfile.ZipFile(BytesIO(content)) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in file.namelist() if "thumbnail" in name]
        books = [file.read(name) for name in file.namelist() if name.endswith(".xlsx")]
    assert len(books) == 3
    for book in books:
        assert openpyxl.load_workbook(BytesIO(book)).properties.created == datetime(2026, 10, 31)
    assert opened(content).core_properties.modified == datetime(2026, 10, 31)


def test_shapes_stay_on_the_slide(content: bytes) -> None:
    made = opened(content)
    for slide in made.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= made.slide_width
            assert shape.top + shape.height <= made.slide_height


def test_hostile_names_stay_text(sample_warehouse: Path, tmp_path: Path) -> None:
    copyfile(sample_warehouse, tmp_path / "hostile.duckdb")
    with duckdb.connect(str(tmp_path / "hostile.duckdb")) as connection:
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'report' and data_type = 'VARCHAR' and (regexp_matches(column_name, '_name$') or column_name in ('subject', 'detail', 'kpis', 'hole')) "
            "and table_name in (select table_name from duckdb_tables() where schema_name = 'report')"
        ).fetchall():  # fmt: skip
            connection.execute(f"update report.{table} set {column} = list_extract(?, 1 + (rowid % {len(HOSTILE)})::int) where {column} is not null", [HOSTILE])
        found = read(connection, replace(FACTS, company=HOSTILE[1], incomplete=(HOSTILE[0], HOSTILE[4])))
    made = deck(found, png())[0]
    told = " ".join(text for slide in opened(made).slides for text in texts(slide))
    assert "<a:t>&amp;</a:t>" in told
    assert "\\u202e\\x0b\\x00y" in told
    with zipfile.ZipFile(BytesIO(made)) as file:
        for name in file.namelist():
            if name.endswith((".xml", ".rels")):
                assert b"hlinkClick" not in file.read(name)
                assert b'TargetMode="External"' not in file.read(name)
            if name.endswith(".xlsx"):
                sheet = openpyxl.load_workbook(BytesIO(file.read(name)))["Sheet1"]
                cells = [cell for row in sheet.iter_rows() for cell in row]
                assert {cell.data_type for cell in cells} <= {"s", "n"}
                assert not [cell for cell in cells if cell.hyperlink]


@pytest.mark.usefixtures("without_expectations")
@pytest.mark.parametrize(
    ("bills", "expected"),
    [([], ["No spend is known yet for the 12 months to January 2026", "No spend.", "No priority is stated.", "No overlap is known.", "Nothing waits for a decision."]),
     (["1,1,2026-01-05,Acme,100.00,EUR"], ["IT cost €100 this fiscal year, and no priority is stated yet that it could support", "No contract is due.", "No initiative is planned.", "€100"])],
    ids=["empty", "bills only"],
)  # fmt: skip
def test_a_company_without_much_has_six_slides_that_say_so(bills: list[str], expected: list[str], tmp_path: Path) -> None:
    folder = small.company(tmp_path / "company", {"exports/bills/bills.csv": small.lines(*bills)} if bills else {})
    done = refresh(folder, "2026-01")
    with duckdb.connect(str(done.warehouse), read_only=True) as connection:
        found = read(connection, Facts("Small", "2026-01", "0123456789abcdef", ()))
    content, marks = deck(found)
    assert [mark for mark in marks if off_by(mark, found.sets)] == []
    told = [text for slide in opened(content).slides for text in texts(slide)]
    assert len(opened(content).slides) == 6
    for text in expected:
        assert any(text in one for one in told), text


def test_the_logo_stands_on_every_slide(reading: Reading) -> None:
    for slide in opened(deck(reading, png())[0]).slides:
        (logo,) = [shape for shape in slide.shapes if shape.name == "Logo"]
        assert logo.image.blob == png()
        assert logo.width <= slides.emu(1.8)


@pytest.mark.parametrize(("name", "content", "message"), [("logo.svg", b"<svg onload=alert(1)/>", "is no PNG"), ("absent.png", None, "can't be read"), ("big.png", png() + b"\0" * 2_000_000, "at most 2 MB")])
def test_another_logo_is_refused(name: str, content: bytes | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        slides.logo(tmp_path / name)


@pytest.mark.usefixtures("without_expectations")
@pytest.mark.parametrize(("path", "code"), [("../logo.png", 3), ("/logo.png", 3), ("strategy/logo.png", 0)])
def test_the_command_takes_the_logo_of_the_workspace(path: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = small.company(tmp_path / "company", {"strategy/logo.png": png()})
    refresh(folder, "2026-01")
    with (folder / "plumbline.yml").open("a") as file:
        file.write(f"logo: {path}\n")
    assert run(["report", "--deck", "-C", str(folder)]) == code
    made = folder / "reports" / "2026-01" / "slides.pptx"
    assert made.exists() == (code == 0)
    assert code == 0 or "not a path inside the workspace" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("names", "most", "expected"),
    [([], 10, "–"), (["Alpha"], 3, "Alpha"), (["A", "B", "A", None], 10, "A, B"), (["Alpha", "Beta", "Gamma"], 11, "Alpha, Beta and 1 more")],
)
def test_names_that_do_not_fit_are_counted(names: list[str | None], most: int, expected: str) -> None:
    assert slides.listed(names, most) == expected


def test_a_refresh_makes_no_slides(sample: Refreshed) -> None:
    assert not (sample.warehouse.parent / "report" / "slides.pptx").exists()
