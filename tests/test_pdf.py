"""The report on paper: few pages, tagged, with its own fonts, and the same bytes whatever the screen shows."""

import re
import sys
from io import BytesIO

import pypdf
import pytest

from pipelines.cli import run
from pipelines.errors import ConfigError
from pipelines.refresh import Refreshed
from pipelines.report import page, pdf, words
from pipelines.report.page import Reading, source


@pytest.fixture(scope="module")
def content(reading: Reading) -> bytes:
    try:
        pdf.engine()
    except ConfigError as error:
        pytest.skip(str(error))
    return pdf.printed(reading)


@pytest.fixture(scope="module")
def document(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(BytesIO(content))


def text_of(document: pypdf.PdfReader) -> str:
    return re.sub(r"\s+", " ", " ".join(sheet.extract_text() for sheet in document.pages))


def test_it_has_few_pages_each_with_its_number(document: pypdf.PdfReader) -> None:
    count = len(document.pages)
    assert 4 <= count <= 8
    for place, sheet in enumerate(document.pages, 1):
        told = sheet.extract_text()
        assert f"Page {place} of {count}" in told
        assert "Tarnbeck Pumps" in told
        assert len(told) > 400


def test_headline_and_totals_can_be_copied(document: pypdf.PdfReader, reading: Reading) -> None:
    told, spend, money = text_of(document), reading.spend, reading.money
    html = page.written(reading, printed=True).html
    headline = re.search(r"<h1>(.*?)</h1>", html, re.DOTALL)
    assert headline
    assert re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", headline[1])).strip().replace("&#39;", "'") in told
    for amount in (spend["spend_to_date_amount"], spend["budget_to_date_amount"], spend["unmapped_12m_amount"]):
        assert money.headline(amount) in told
    for row in reading.figures["account"]:
        assert money.cell(row["spend_amount"]) in told
    for row in reading.figures["capability"]:
        assert row["capability_name"] in told
    assert words.plain(sum(row["difference_amount"] for row in reading.figures["reconciliation"]), 2) in told


def test_it_is_tagged_and_carries_its_fonts(document: pypdf.PdfReader) -> None:
    root = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en"
    assert "/StructTreeRoot" in root
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    assert document.metadata is not None
    assert document.metadata.title == "Technology and priorities, October 2026 – Tarnbeck Pumps"
    fonts = {name: font.get_object() for sheet in document.pages for name, font in sheet["/Resources"]["/Font"].items()}
    assert fonts
    for font in fonts.values():
        described = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & described.keys()


def test_a_dark_screen_prints_the_same_bytes(content: bytes, reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    light = re.sub(r"@media screen(?: and \(prefers-color-scheme:dark\))?\{(?:[^{}]*\{[^{}]*\})+\s*\}", "", source("page.css"))
    assert "#12161b" in source("page.css")
    assert "#12161b" not in light
    monkeypatch.setattr(page, "source", lambda name: light if name == "page.css" else source(name))
    assert pdf.printed(reading) == content


def test_paper_has_nothing_to_click(reading: Reading) -> None:
    html = page.written(reading, printed=True).html
    assert not re.search(r"<(button|script|dialog|nav|a)[ >]", html)
    assert "<table class=\"map\">" in html
    assert html.count("<svg class=\"chart\"") == 4


def test_drawings_know_only_the_light_palette() -> None:
    told = "".join(rule for _, rule in pdf.for_drawings(source("page.css")))
    assert "var(" not in told
    assert "#12161b" not in told
    assert ".ac{fill:#2f3640}" in told
    assert pdf.used(pdf.for_drawings(source("page.css")), '<rect class="ac"/>') == ".ac{fill:#2f3640}"


@pytest.mark.parametrize("reason", ["missing", "no pango"])
def test_without_weasyprint_the_way_out_is_told(sample: Refreshed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], reason: str) -> None:
    if reason == "missing":
        monkeypatch.setitem(sys.modules, "weasyprint", None)
    else:
        def broken() -> None:
            raise ConfigError(f"A PDF can't be made on this machine: cannot load library 'libpango-1.0-0'. For PDF: {pdf.INSTALL}")

        monkeypatch.setattr(pdf, "engine", broken)
    before = {path.name: path.read_bytes() for path in (sample.folder / "report").iterdir()}
    assert run(["report", "--pdf", "-C", str(sample.folder.parents[2])]) == 3
    told = capsys.readouterr().err
    assert "pip install 'plumbline[pdf]'" in told
    assert "libpango" in told
    assert {path.name: path.read_bytes() for path in (sample.folder / "report").iterdir()} == before
