"""Workbooks: what a cell's text is, and which workbooks and cells are refused by name. Built by hand, part by part."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from connectors.reading import Dialect, Reading, Refused, open_tables, workbook

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES = (
    f'<styleSheet {MAIN}><numFmts count="1"><numFmt numFmtId="164" formatCode="00000"/></numFmts>'
    '<fonts count="1"><font/></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="164"/><xf numFmtId="46"/></cellXfs></styleSheet>'
)
DATE, ZEROS, DURATION = 1, 2, 3


def text(reference: str, value: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{value}</t></is></c>'


def number(reference: str, value: str, style: int = 0, formula: str = "") -> str:
    return f'<c r="{reference}" s="{style}">{formula}<v>{value}</v></c>'


HEADER = '<row r="1">' + text("A1", "vendor") + text("B1", "amount") + text("C1", "on") + "</row>"


def row(n: int, *cells: str, extra: str = "") -> str:
    return f'<row r="{n}" {extra}>{"".join(cells)}</row>'


def book(
    path: Path, sheets: dict[str, str], states: dict[str, str] | None = None, strings: str = "", more: str = ""
) -> Path:
    """A workbook of sheets given as the inside of sheetData; `more` comes behind sheetData in each."""
    names = list(sheets)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="a/b"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPE}.sharedStrings+xml"/></Types>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
        + "".join(
            f'<sheet name="{name}" sheetId="{i}" r:id="r{i}" state="{(states or {}).get(name, "visible")}"/>'
            for i, name in enumerate(names, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="r{i}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(1, len(names) + 1)
        )
        + "</Relationships>",
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": strings or f"<sst {MAIN}><si><t>shared</t></si></sst>",
    }
    for i, name in enumerate(names, 1):
        parts[f"xl/worksheets/sheet{i}.xml"] = (
            f"<worksheet {MAIN}><sheetData>{sheets[name]}</sheetData>{more}</worksheet>"
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def one(folder: Path, inside: str, more: str = "", **declared: object) -> Reading:
    (reading,) = open_tables(book(folder / "f.xlsx", {"S": HEADER + inside}, more=more), Dialect(**declared))
    return reading


def test_what_a_cell_says(tmp_path: Path) -> None:
    """All kinds of cells in one workbook, because each workbook costs a process."""
    cells = {
        number("B2", "123"): "123",
        number("B3", "0.1"): "0.1",
        number("B4", "0.10000000000000001"): "0.1",
        number("B5", "1.5E-3"): "0.0015",
        number("B6", "-2.50"): "-2.5",
        number("B7", "1E5"): "100000",
        number("B8", "45292", DATE): "2024-01-01",
        number("B9", "45292.5", DATE): "2024-01-01T12:00:00",
        number("B10", "123", ZEROS): "00123",
        number("B11", "1.1041666667", DURATION): "26:30:00",
        number("B12", "3", formula="<f>1+2</f>"): "3",
        '<c r="B13" t="b"><v>1</v></c>': "TRUE",
        '<c r="B14" t="s"><v>0</v></c>': "shared",
        '<c r="B15" t="str"><f>A1</f><v></v></c>': "",
        text("B16", " NA _x000D_"): " NA \r",
        '<c r="B17" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh><t>x</t></rPh></is></c>': "ab",
        number("B18", "33.333333333333336"): "33.333333333333336",
    }
    rows = "".join(row(n, text(f"A{n}", "v"), cell) for n, cell in enumerate(cells, 2))
    reading = one(tmp_path, rows)
    assert [record.values[1] for record in reading.records()] == list(cells.values())
    assert any("leading zeros" in note for note in reading.layout.notes)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('<c r="B2" t="e"><v>#REF!</v></c>', "line 2, column B: the cell holds the error #REF!"),
        ('<c r="B2"><f>1+2</f></c>', "formula with no stored result"),
        (number("B2", "12345678901234567"), "more than 15 digits"),
        (number("B2", "1E300"), "too large"),
        (number("B2", "59", DATE), "before 1 March 1900"),
        (number("B2", "99999999", DATE), "outside Excel's calendar"),
        (number("B2", "1") + number("B2", "2"), "comes twice"),
        (number("C2", "1") + number("B2", "2"), "out of order"),
        (number("B9", "1"), "stands in row 2"),
        (number("B2", "x"), "damaged"),
        (number("ZZZ2", "1"), "2,000 columns"),
        (number("D2", "1"), "has 4 fields|no name but holds"),
    ],
)
def test_cells_that_are_refused(tmp_path: Path, cell: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        list(one(tmp_path, row(2, text("A2", "v"), cell)).records())


def test_bad_cells_can_be_quarantined(tmp_path: Path) -> None:
    inside = row(2, text("A2", "v"), '<c r="B2" t="e"><v>#DIV/0!</v></c>') + row(3, text("A3", "w"), number("B3", "1"))
    reading = one(tmp_path, inside, ragged="quarantine")
    assert [record.values for record in reading.records()] == [("w", "1", "")]
    assert [(item.line, item.rule) for item in reading.set_aside] == [(2, "ragged")]
    assert "#DIV/0!" in reading.set_aside[0].text


@pytest.mark.parametrize(
    ("inside", "more", "words"),
    [
        (row(2, text("A2", "v")) * 2, "", "comes twice"),
        (row(5, text("A5", "v")) + row(2, text("A2", "v")), "", "after row 5"),
        (row(2, text("A2", "v")), '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>', "A2:A3 are merged"),
    ],
)
def test_sheets_that_are_refused(tmp_path: Path, inside: str, more: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        one(tmp_path, inside, more)


def test_banners_blanks_and_totals_as_in_text_files(tmp_path: Path) -> None:
    inside = (
        row(1, text("A1", "Report"))
        + row(3, text("A3", "vendor"), text("B3", "amount"), text("C3", "note"))
        + row(4, text("A4", "Acme"), number("B4", "10"), text("C4", "x"))
        + row(5, text("A5", "Globex"), number("B5", "20.5"), extra='hidden="1"')
        + row(6)
        + row(7, number("B7", "30.5"))
    )
    more = '<mergeCells><mergeCell ref="A1:C1"/></mergeCells>'
    (reading,) = open_tables(book(tmp_path / "f.xlsx", {"S": inside}, more=more))
    assert (reading.layout.sheet, reading.layout.header_row) == ("S", 3)
    assert list(reading.records()) == [(4, ("Acme", "10", "x")), (5, ("Globex", "20.5", ""))]
    assert [(item.line, item.rule) for item in reading.set_aside] == [(1, "banner"), (6, "blank"), (7, "total")]
    assert reading.layout.notes == ("hidden rows, read like the others: 1",)


def test_a_reading_for_each_sheet_hidden_ones_by_name_only(tmp_path: Path) -> None:
    inside = HEADER + row(2, text("A2", "v"))
    sheets = {"One": inside, "Empty": "", "Two": inside, "Secret": inside}
    path = book(tmp_path / "f.xlsx", sheets, {"Secret": "hidden"})
    readings = open_tables(path)
    assert [reading.layout.sheet for reading in readings] == ["One", "Two"]
    assert "«Secret» was not read" in readings[0].layout.notes[0]
    both = [reading.records() for reading in readings]
    assert [next(records).values[0] for records in both] == ["v", "v"]
    assert [r.layout.sheet for r in open_tables(path, Dialect(sheet="Secret"))] == ["Secret"]
    with pytest.raises(Refused, match=r"no sheet «Three».*«One»"):
        open_tables(path, Dialect(sheet="Three"))


@pytest.mark.parametrize(
    "strings",
    [
        f'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/hostname">]><sst {MAIN}><si><t>&x;</t></si></sst>',
        f'<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><sst {MAIN}><si><t>&b;</t></si></sst>',
    ],
)
def test_entities_are_refused(tmp_path: Path, strings: str) -> None:
    with pytest.raises(Refused, match="XML entities"):
        open_tables(book(tmp_path / "f.xlsx", {"S": HEADER}, strings=strings))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("f.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file .* or an encrypted one"),
        ("f.xlsx", b"<html><table></table></html>", "really a web page"),
        ("f.xlsx", b"a,b\n1,2\n", "not a workbook"),
        ("f.xlsx", b"PK\x03\x04 and nothing", "not a whole workbook"),
        ("f.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "«.xls» .* are not read"),
    ],
)
def test_what_is_no_workbook_is_named(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused, match=words):
        open_tables(tmp_path / name)


def test_bombs_do_not_reach_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_child(*_: object, **__: object) -> None:
        raise AssertionError("the child was started")

    monkeypatch.setattr(subprocess, "Popen", no_child)
    path = book(tmp_path / "f.xlsx", {"S": HEADER + row(2, text("A2", "x" * 30_000_000))})
    with pytest.raises(Refused, match="over 200 times"):
        open_tables(path)


def test_a_slow_child_is_ended_and_the_parent_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "SECONDS", 0.01)
    with pytest.raises(Refused, match="could not be read within"):
        open_tables(book(tmp_path / "f.xlsx", {"S": HEADER}))


def test_a_child_without_memory_says_so(tmp_path: Path) -> None:
    program = "from connectors.reading import workbook_child as child; child.MAX_MEMORY = 1 << 20; child.main()"
    letters = "".join(map(chr, range(97, 123)))
    path = book(tmp_path / "f.xlsx", {"S": HEADER + row(2, text("A2", letters * 1_000_000))})
    root = Path(workbook.__file__).parents[2]
    with path.open("rb") as stream:
        done = subprocess.run([sys.executable, "-c", program], stdin=stream, capture_output=True, cwd=root, check=False, env={**os.environ, "OPENPYXL_LXML": "False"})
    assert b"more than 1 GB of memory" in done.stdout
