"""The workbook: every formula reckoned again from its own ledger gives the value it was written with, and foreign text stays text."""

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fnmatch import translate
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.utils import range_boundaries
from reported import FACTS

from pipelines.refresh import Refreshed
from pipelines.report import rows
from pipelines.report.cells import keys
from pipelines.report.page import Reading, read
from pipelines.report.workbook import book

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
HOSTILE = [
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "{=1+1}", "<script>alert(1)</script>", "</script>", "\u202egnp.exe", "http://x.example", "0650", "*", "<>", "_x0041_",
    "'=1", "internal:'Ledger'!A1", "a" * 40_000, "\u0001\u0008 bell", "=HYPERLINK(\"http://x\")",
]  # fmt: skip
SHEETS = [
    "Summary", "Budget", "Priorities", "Capabilities", "Overlaps", "Renewals", "Forecast", "Change", "Questions", "Decisions", "Unaligned", "Outcomes", "Vendors", "Savings", "Roadmap", "Risks",
    "Ledger", "Checks", "SQL",
]  # fmt: skip


@pytest.fixture(scope="module")
def content(reading: Reading) -> bytes:
    return book(reading)


class Book:
    """A workbook with a reckoner of its own for the few functions that it uses, which reads criteria as Excel does."""

    def __init__(self, content: bytes) -> None:
        self.formulas = openpyxl.load_workbook(BytesIO(content))
        self.values = openpyxl.load_workbook(BytesIO(content), data_only=True)
        self.columns: dict[str, list[Any]] = {}
        for sheet in self.formulas:
            for table in sheet.tables.values():
                left, top, right, bottom = range_boundaries(table.ref)
                for at in range(left, right + 1):
                    told = [self.values[sheet.title].cell(row, at).value for row in range(top + 1, bottom + 1)]
                    self.columns[f"{table.name}[{sheet.cell(top, at).value}]"] = told
        self.known: dict[tuple[str, str], Any] = {}

    def all(self) -> Iterator[tuple[str, str, str]]:
        for sheet in self.formulas:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        yield sheet.title, cell.coordinate, str(cell.value)

    def cell(self, sheet: str, at: str) -> Any:
        at = at.replace("$", "")
        if (sheet, at) not in self.known:
            value = self.formulas[sheet][at].value
            is_formula = self.formulas[sheet][at].data_type == "f"
            self.known[sheet, at] = self.reckoned(sheet, value) if is_formula else number(value)
        return self.known[sheet, at]

    def reckoned(self, sheet: str, formula: str) -> Any:
        """The value of a formula: it is rewritten as Python, in which ranges and columns are lists."""
        names: dict[str, Any] = {"SUM": total, "SUMIFS": sumifs, "COUNTIF": lambda of, asked: len([1 for v in of if matches(v, asked)]), "ROUND": round, "IF": lambda c, a, b: a if c else b}

        def named(found: re.Match[str]) -> str:
            if found["text"]:
                return found["text"]
            name = f"v{len(names)}"
            if found["column"]:
                names[name] = self.columns[found["column"]]
            else:
                home = found["sheet"] or sheet
                first, last = found["first"], found["last"]
                names[name] = [self.cell(home, c.coordinate) for row in self.formulas[home][f"{first}:{last}".replace("$", "")] for c in row] if last else self.cell(home, first)
            return name

        pattern = r'(?P<text>"[^"]*")|(?P<column>tbl\w+\[[^\]]+\])|(?:(?P<sheet>\w+)!)?(?P<first>\$?[A-Z]{1,2}\$?\d+)(?::(?P<last>\$?[A-Z]{1,2}\$?\d+))?'
        text = re.sub(pattern, named, formula.removeprefix("="))
        text = re.sub(r'("[^"]*")&(v\d+)', r"joined(\1,\2)", text).replace("=0,", "==0,")
        return eval(text, {"__builtins__": {}, "joined": lambda a, b: f"{a}{b}"}, names)


def number(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return Decimal((value.date() if isinstance(value, datetime) else value).toordinal() - date(1899, 12, 30).toordinal())
    return Decimal(repr(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def total(of: list[Any]) -> Decimal:
    return sum((n for v in of if isinstance(n := number(v), Decimal)), Decimal(0))


def sumifs(of: list[Any], *pairs: Any) -> Decimal:
    kept = range(len(of))
    for column, criterion in zip(pairs[::2], pairs[1::2], strict=True):
        ok = {value: matches(value, criterion) for value in {*column}}
        kept = [at for at in kept if ok[column[at]]]
    return total([of[at] for at in kept])


@cache
def matches(value: Any, criterion: Any) -> bool:
    """Excel's rule: an operator in front, then numbers as numbers, even those written as text, and else a pattern without regard to capitals."""
    value = number(value)
    sign, rest = re.fullmatch(r"(<=|>=|<>|<|>|=|)(.*)", str(criterion), re.DOTALL).groups()  # type: ignore[union-attr]
    try:
        wanted, told = Decimal(rest), Decimal(value) if value not in (None, "") else None
    except (ArithmeticError, ValueError, TypeError):
        is_same = value is not None and re.fullmatch(translate(rest.casefold()), str(value).casefold()) is not None
        return not is_same if sign == "<>" else is_same
    if told is None:
        return sign == "<>"
    return {"": told == wanted, "=": told == wanted, "<>": told != wanted, "<": told < wanted, ">": told > wanted, "<=": told <= wanted, ">=": told >= wanted}[sign]


def assert_reckoned(content: bytes) -> int:
    """Every formula's value is what its own workbook reckons; how many formulas there are."""
    made = Book(content)
    found = list(made.all())
    wrong = []
    for sheet, at, _formula in found:
        cached, reckoned = number(made.values[sheet][at].value), made.cell(sheet, at)
        same = abs(cached - reckoned) < Decimal("1e-6") if isinstance(cached, Decimal) else cached == reckoned
        if not same:
            wrong.append((sheet, at, _formula, cached, reckoned))
    assert wrong == []
    return len(found)


def test_every_formula_has_the_value_that_the_ledger_gives(content: bytes, reading: Reading) -> None:
    assert assert_reckoned(content) > 150
    made = Book(content)
    assert made.formulas.sheetnames == SHEETS
    values = [made.values["Checks"].cell(row, 4).value for row in range(5, 10)]
    assert values == ["Pass"] * 5
    assert total(made.columns["tblLedger[Billed amount]"]) == reading.spend["spend_12m_amount"]
    assert len(made.columns["tblLedger[Row]"]) == reading.sets["ledger"].count
    assert set(made.columns["tblLedger[Provenance]"]) == {"invoiced"}
    assert {"tblLedger", "tblBudget"} == {name for sheet in made.formulas for name in sheet.tables}
    assert len(made.formulas["Budget"]._charts) == 1


def test_one_changed_cent_is_caught(content: bytes) -> None:
    made = Book(content)
    column = made.columns["tblLedger[Billed amount]"]
    column[7] = float(number(column[7]) + Decimal("0.01"))
    wrong = [(sheet, at) for sheet, at, _ in made.all() if isinstance(number(made.values[sheet][at].value), Decimal) and abs(number(made.values[sheet][at].value) - made.cell(sheet, at)) > Decimal("0.009")]
    assert ("Summary", "B11") in wrong
    assert "Fail" in {made.cell("Checks", f"D{row}") for row in range(5, 16)}


def test_the_same_reading_gives_the_same_bytes(content: bytes, reading: Reading, sample: Refreshed) -> None:
    assert book(reading) == content
    facts = replace(FACTS, run_id=sample.run_id, incomplete=tuple(sample.incomplete))
    assert (sample.folder / "report" / "it-spend.xlsx").read_bytes() == book(replace(reading, facts=facts))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert b"2026-10-31T00:00:00Z" in archive.read("docProps/core.xml")


def hostile(sample_warehouse: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    """The sample with hostile texts for every name, account and capability that a sheet shows or asks for."""
    copy = folder / "hostile.duckdb"
    shutil.copyfile(sample_warehouse, copy)
    copy.chmod(0o600)
    connection = duckdb.connect(str(copy))
    connection.execute("create table strings as select unnest(?) as text, unnest(range(?)) as place", [HOSTILE, len(HOSTILE)])
    query = (
        "select schema_name, table_name, column_name from duckdb_columns() where data_type = 'VARCHAR' and schema_name in ('report', 'core', 'marts') and "
        "regexp_matches(column_name, '(_name|_name_raw|^subject|detail|reason|kpis|^unit|hole|cost_center|source_file)$') and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables())"
    )
    for schema, table, column in connection.execute(query).fetchall():
        connection.execute(
            f'update {schema}.{table} as t set "{column}" = s.text from strings as s where t."{column}" is not null and s.place = (t.rowid + length(t."{column}")) % {len(HOSTILE)}'
        )
    accounts = {"6837": "=1+1", "6835": "*", "6840": "650", "6420": "Mar-20", "6400": "<>", "6815": "6?15", "6450": "acc", "1610": "ACC"}
    for column, changed in (("gl_account", accounts), ("capability_id", {"BC-600.50": "*", "BC-520.40": "<1", "BC-820.20": "1", "BC-500.30": "01", "BC-720.30": "none"}), ("priority_id", {"on-time": "?", "no-stop": "=0"})):
        for schema, table in connection.execute("select schema_name, table_name from duckdb_columns() where column_name = ? and schema_name in ('report', 'core') and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables())", [column]).fetchall():
            for old, new in changed.items():
                connection.execute(f"update {schema}.{table} set {column} = ? where {column} = ?", [new, old])
    return connection


def test_hostile_names_stay_text_and_change_no_sum(sample_warehouse: Path, tmp_path: Path, content: bytes) -> None:
    with hostile(sample_warehouse, tmp_path) as connection:
        found = book(read(connection, replace(FACTS, company=HOSTILE[0], incomplete=(HOSTILE[1],))))
    assert assert_reckoned(found) == assert_reckoned(content)
    ledger = openpyxl.load_workbook(BytesIO(found))["Ledger"]
    cells = [cell for row in ledger.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert {cell.hyperlink for cell in cells} == {None}
    risky = [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert len(risky) > 1000
    assert {bool(cell.quotePrefix) for cell in risky} == {True}
    with zipfile.ZipFile(BytesIO(found)) as archive:
        told = b"".join(archive.read(name) for name in archive.namelist())
        assert b"<script" not in told
        assert b"Target=\"http://x" not in told
        assert b"<f>" not in archive.read(f"xl/worksheets/sheet{SHEETS.index('Ledger') + 1}.xml")


def test_naughty_strings_stay_text(reading: Reading, shared: Path) -> None:
    import json

    (blns,) = sorted((shared / "data" / "badinput" / "naughty-strings").rglob("blns.json"))
    strings = [text for text in json.loads(blns.read_text(encoding="utf-8")) if text]
    ledger = reading.lines
    at = ledger.columns.index("vendor")
    values = [(*row[:at], strings[place % len(strings)], *row[at + 1 :]) for place, row in enumerate(ledger.values[:2000])]
    found = book(replace(reading, lines=replace(ledger, values=values)))
    made = openpyxl.load_workbook(BytesIO(found))["Ledger"]
    assert {cell.data_type for row in made.iter_rows() for cell in row} <= {"s", "n", "d"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a", None], {None: "x:none", "a": "x:a"}),
        (["none"], {None: "x:none", "none": "x:#0"}),
        (["*", "A", "a", "6?1"], {None: "x:none", "*": "x:#0", "6?1": "x:#1", "A": "x:A", "a": "x:#3"}),
        (["0650", "650"], {None: "x:none", "0650": "x:0650", "650": "x:650"}),
    ],
)
def test_a_key_means_one_value(values: list[str | None], expected: Mapping[str | None, str]) -> None:
    assert keys("x", values) == expected


def test_more_rows_than_a_sheet_holds_are_added_up(sample_warehouse: Path, reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "EMBEDDED", 3000)
    with duckdb.connect(str(sample_warehouse), read_only=True) as connection:
        grouped = read(connection, FACTS)
    assert len(grouped.lines.values) <= 3000
    found = book(grouped)
    assert assert_reckoned(found) > 150
    sheet = openpyxl.load_workbook(BytesIO(found), data_only=True)["Ledger"]
    assert sheet["A1"].value.startswith("6,538 ledger rows are too many for a sheet") or f"{reading.sets['ledger'].count:,}" in sheet["A1"].value
    assert sum(Book(found).columns["tblLedger[Lines]"]) == reading.sets["ledger"].count


def test_an_empty_month_has_a_workbook(tmp_path: Path) -> None:
    import small

    from pipelines.refresh import refresh

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.refresh.start_worker", small.unasked)
        bare = refresh(small.company(tmp_path / "company", {}), "2026-01")
    content = (bare.folder / "report" / "it-spend.xlsx").read_bytes()
    assert_reckoned(content)
    assert openpyxl.load_workbook(BytesIO(content), data_only=True)["Summary"]["B8"].value == "–"


def test_libreoffice_reckons_the_same(content: bytes, tmp_path: Path) -> None:
    """Each value is overwritten first, so that what is compared can only have been reckoned anew."""
    office = shutil.which("soffice")
    if not office:
        pytest.skip("LibreOffice is not here: install libreoffice-calc to have the workbook recalculated")
    source, profile = tmp_path / "poisoned.xlsx", tmp_path / "profile" / "user"
    with zipfile.ZipFile(BytesIO(content)) as archive, zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as poisoned:
        for name in archive.namelist():
            told = archive.read(name)
            poisoned.writestr(name, re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1<v>77777</v>", told) if name.startswith("xl/worksheets/") else told)
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">'
        '<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>'
    )
    command = [office, f"-env:UserInstallation={profile.parent.as_uri()}", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    again = openpyxl.load_workbook(tmp_path / "out" / source.name, data_only=True)
    made = Book(content)
    wrong = []
    for sheet, at, formula in made.all():
        cached, value = number(made.values[sheet][at].value), number(again[sheet][at].value)
        if not (abs(cached - value) < Decimal("0.006") if isinstance(cached, Decimal) and isinstance(value, Decimal) else cached == value):
            wrong.append((sheet, at, formula, cached, value))
    assert wrong == []
