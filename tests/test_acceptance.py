"""Exports with the dirt of real systems, and files of people who use a spreadsheet: taken right, or refused with what to do."""

import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from small import SPEND, company, lines, put, rows, taken_in

from connectors.reading import Refused, open_tables
from pipelines.errors import ConfigError, DataRejected, UsageError
from pipelines.mapping import run_map
from pipelines.settings import load_settings

QUICKBOOKS = """\
"Acme Consulting LLC"
"Transaction List by Vendor"
"March 1-31, 2026"

,Date,Transaction Type,Num,Posting,Name,Memo/Description,Account,Split,Amount,Currency
Adobe Inc.,,,,,,,,,,
,03/03/2026,Bill,INV-1,Yes,Adobe Inc.,Creative Cloud,Accounts Payable (A/P),Software,"1,234.56",USD
,03/17/2026,Vendor Credit,CR-1,Yes,Adobe Inc.,Refund,Accounts Payable (A/P),Software,-100.00,USD
Total for Adobe Inc.,,,,,,,,,"$1,134.56",
TOTAL,,,,,,,,,"$1,134.56",

"Saturday, Apr 04, 2026 09:30:12 AM GMT-7"
"""
COUNCIL = """\
COUNCIL SPENDING OVER £500 - MARCH 2026,,,,,,,
,,,,,,,
Supplier,Payment Date,Service,Description,Net Amount (£),Payment Ref,,
XMA LTD,31-Mar-26,ICT,Laptops," 45,000.00 ",2,,
MICROSOFT,05-Mar-26,ICT,Licence," -1,500.00 ",3,,
Total,,,," 43,500.00 ",,,
"""
SAVED_SEARCH = """\
"Internal ID","Date","Type","Document Number","Name","Amount (Net)","Currency"
"1001","3/4/2026","Bill","B100","Amazon Web Services","2500.10","USD"
"1002","3/14/2026","Bill","B101","Atlassian","(30.00)","USD"
"Overall Total","","","","","2470.10",""
"""
XERO = """\
*ContactName,*InvoiceNumber,*InvoiceDate,*DueDate,Total,Description,*AccountCode,TaxAmount,Currency
Slack,B-1,14/03/2026,28/03/2026,1200.00,Seats,429,200.00,GBP
Slack,B-2,15/03/2026,29/03/2026,120.00,Seats,429,20.00,GBP
"""
JOURNAL = """\
Date,Account,Vendor,Debit,Credit,Currency
2026-03-05,6100,Acme,100.00,,EUR
2026-03-06,6100,Acme,,30.00,EUR
"""
STATES = """\
Supplier,Invoice date,Invoice no,Net amount,Currency,State
Acme,2026-03-05,A-1,100.00,EUR,Posted
Acme,2026-03-06,A-2,40.00,EUR,Voided
Beta,2026-03-07,B-1,7.00,EUR,Draft
"""
CARD = """\
Transaction Date,Description,Type,Amount,Currency
01/13/2026,FIGMA,Sale,(45.00),USD
01/17/2026,NOTION LABS INC,Sale,(96.00),USD
01/20/2026,NOTION LABS INC,Return,12.00,USD
01/31/2026,PAYMENT THANK YOU,Payment,141.00,USD
"""
KINDS = """\
Invoice Date,Vendor,Doc Type,Doc No,Amount,Curr
01/13/2026,Contoso,INV,1,"$1,200.00",USD
01/14/2026,Contoso,CRN,2,$200.00,USD
01/15/2026,Fabrikam,PMT,3,"$1,200.00",USD
"""
POSTINGS = """\
Buchungsdatum;Belegdatum;Kreditor;Netto;Währung;Konto
03.03.2026;01.03.2026;Müller & Söhne;1.234,56;EUR;0647000
14.03.2026;01.03.2026;SAP SE;1.000,00-;EUR;0647000
;;;234,56;;
"""


def spend(folder: Path, tmp_path: Path) -> list[tuple[object, ...]]:
    with taken_in(folder, tmp_path / "scratch") as (connection, work):
        assert work.refused == []
        return rows(connection, "select posted_on, vendor_name, amount, currency from raw.spend_line order by all")


def test_a_quickbooks_report_has_groups_totals_and_a_time_stamp(tmp_path: Path) -> None:
    assert spend(company(tmp_path / "w", {"exports/qb/list.csv": QUICKBOOKS}), tmp_path) == [
        (date(2026, 3, 3), "Adobe Inc.", Decimal("1234.56"), "USD"),
        (date(2026, 3, 17), "Adobe Inc.", Decimal("-100.00"), "USD"),
    ]


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        (COUNCIL, {"currency": "GBP"}, [("2026-03-05", "-1500"), ("2026-03-31", "45000")]),
        (SAVED_SEARCH, {}, [("2026-03-04", "2500.10"), ("2026-03-14", "-30")]),
        (XERO, {"tax": "gross"}, [("2026-03-14", "1000"), ("2026-03-15", "100")]),
        (JOURNAL, {"tax": "net"}, [("2026-03-05", "100"), ("2026-03-06", "-30")]),
        (POSTINGS, {}, [("2026-03-03", "1234.56"), ("2026-03-14", "-1000")]),
        (STATES, {"exclude": "yes"}, [("2026-03-05", "100")]),
        (STATES, {"exclude": "no"}, [("2026-03-05", "100"), ("2026-03-06", "40"), ("2026-03-07", "7")]),
        (CARD, {"exclude": "yes", "vendor": "yes", "sign": "cost", "tax": "not recoverable"}, [("2026-01-13", "45"), ("2026-01-17", "96"), ("2026-01-20", "-12")]),
        (KINDS, {"exclude": "yes", "credit": "yes", "tax": "net"}, [("2026-01-13", "1200"), ("2026-01-14", "-200")]),
    ],
    ids=["columns without names", "a total with a word before it", "due dates are not posting days", "debit and credit", "another column settles the order of days", "documents not booked left out", "and kept, where somebody says so", "payments of a card", "credits without a sign"],
)
def test_what_is_mapped_is_then_taken(tmp_path: Path, text: str, answers: Mapping[str, str], expected: list[tuple[str, str]]) -> None:
    folder = company(tmp_path / "w", {})
    run_map(folder, put(folder, "exports/erp/bills.csv", text.encode("cp1252")), None, answers, None)
    assert [(row[0], row[2]) for row in spend(folder, tmp_path)] == [(date.fromisoformat(day), Decimal(amount)) for day, amount in expected]


def test_an_answer_that_the_table_has_no_column_for_is_left(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"tools.csv": "Application,Vendor\nZoom,Zoom Inc\nSlack,Slack Inc\n"})
    assert run_map(folder, folder / "tools.csv", None, {"table": "tool", "tool_id.from": "Application", "currency": "EUR"}, None).profile.table == "tool"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,amount\n1,$100.00\n2,$250.50\n", r"Which table is it\? «amount» looks like money, and \w+ would not read it\.\n +--answer table=spend_line\|"),
        ("id,desc,amt\n1,monitor,100.00\n2,desk,200.00\n", r"Which table is it\?.*\n +--answer table="),
        ("id,colour\n1,red\n2,blue\n", r"Which table is it\? \w+ would read nothing but «id»"),
    ],
)
def test_no_table_is_chosen_that_would_pass_over_the_money_or_most_of_a_file(tmp_path: Path, text: str, told: str) -> None:
    folder = company(tmp_path / "w", {"some.csv": text})
    with pytest.raises(UsageError, match=told):
        run_map(folder, folder / "some.csv", None, {}, None)
    assert not list((folder / "profiles").glob("*.yml"))


def test_documents_that_are_not_booked_are_asked_about(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"bills.csv": STATES})
    with pytest.raises(UsageError, match=r"left out whose «State» is Draft or Voided\?.*\n +--answer exclude=yes\|no"):
        run_map(folder, folder / "bills.csv", None, {}, None)


def test_kinds_of_documents_and_vendors_in_a_description_are_asked_about(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"card.csv": CARD, "kinds.csv": KINDS})
    with pytest.raises(UsageError, match=r"«Type» is Payment\?[\s\S]*«Description» name the vendor \(«FIGMA», «NOTION LABS INC», «PAYMENT THANK YOU»\)"):
        run_map(folder, folder / "card.csv", None, {}, None)
    with pytest.raises(UsageError, match=r"«Doc Type» is PMT\?[\s\S]*«Doc Type» is CRN have amounts of the same sign as all others"):
        run_map(folder, folder / "kinds.csv", None, {}, None)


def test_what_was_answered_stands_in_what_is_shown(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"card.csv": CARD})
    mapped = run_map(folder, folder / "card.csv", None, {"exclude": "yes", "sign": "cost", "tax": "net", "vendor_name.from": "Description"}, None)
    assert any(line.split() == ["vendor_name", "Description", "as", "you", "said"] for line in mapped.text().splitlines())


def test_two_tables_that_fit_a_file_alike_are_asked_about(tmp_path: Path) -> None:
    users = "id,status,created,firstName,email,department,title\n00u1,ACTIVE,2024-02-01T09:00:00.000Z,Ana,ana@example.com,IT,\n00u2,ACTIVE,2024-02-01T09:00:00.000Z,Ben,ben@example.com,IT,\n"
    folder = company(tmp_path / "w", {"users.csv": users})
    with pytest.raises(UsageError, match=r"Which table is it\? (person|ticket) fits as well as (ticket|person), or nearly"):
        run_map(folder, folder / "users.csv", None, {}, None)


def test_what_is_not_read_of_a_file_is_said(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"tools.csv": "Application,Vendor,Colour\nZoom,Zoom Inc,blue\nSlack,Slack Inc,red\n"})
    mapped = run_map(folder, folder / "tools.csv", None, {"table": "tool", "tool_id.from": "Application"}, None)
    assert mapped.unread == ["Colour"]
    assert "not read: «Colour»" in mapped.text()
    assert mapped.summary()["not_read"] == ["Colour"]


def test_a_person_is_asked_which_table_it_is(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"some.csv": "id,amount,Date,Vendor name\n1,$100.00,2026-03-04,Acme\n"})
    assert run_map(folder, folder / "some.csv", None, {"tax": "net", "currency": "USD"}, lambda _: "spend_line").profile.table == "spend_line"


def test_an_answer_to_no_question_is_an_error(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"bills.csv": JOURNAL})
    with pytest.raises(UsageError, match=r"Nothing is asked under 'curency'\. Did you mean currency"):
        run_map(folder, folder / "bills.csv", None, {"tax": "net", "curency": "GBP"}, None)


OK = {
    "strategy/priorities.csv": "priority_id,name,theme,weight\nP1,Grow,growth,1\n",
    "strategy/capabilities.csv": "capability_id,name\nC1,CRM\n",
}
LINK, STEP, RATE = "strategy/priority_capabilities.csv", "strategy/initiatives.csv", "strategy/fx_rates.csv"


@pytest.mark.parametrize(
    ("file", "text", "sql", "expected"),
    [
        (LINK, "priority_id;capability_id;required_level;weight\nP1;C1;0,8;1,5\n", "select required_level, weight from raw.priority_capability", (Decimal("0.8"), Decimal("1.5"))),
        (STEP, "initiative_id;name;phase;start_on;end_on\nI1;Move;innovate;01.04.2026;31.12.2026\n", "select start_on, end_on from raw.initiative",
         (date(2026, 4, 1), date(2026, 12, 31))),
        (STEP, "initiative_id,name,phase,start_on\nI1,Move,innovate,3/31/2026\n", "select start_on, name from raw.initiative", (date(2026, 3, 31), "Move")),
        (STEP, "initiative_id;name;phase;;\nI1;Move;innovate;;\n", "select name, phase from raw.initiative", ("Move", "innovate")),
    ],
    ids=["decimal commas", "days of one file are written alike", "days of the United States", "blank columns"],
)  # fmt: skip
def test_a_file_that_a_spreadsheet_saved_is_read(tmp_path: Path, file: str, text: str, sql: str, expected: tuple[object, ...]) -> None:
    folder = company(tmp_path / "w", OK | {file: text})
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, sql) == [expected]


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        (LINK, "priority_id,capability_id,required_level,weight\nP9,C1,0.8,1\n", "line 2, priority_id: priorities.csv has no 'P9'"),
        (LINK, "priority_id,capability_id,required_level,weight\np1,C1,0.8,1\n", "Did you mean P1?"),
        (STEP, "initiative_id,name,phase,start_on\nI1,Move,innovate,03/04/2026\n", "line 2, start_on: '03/04/2026' is not a date; write it as 2026-03-31"),
        (STEP, "initiative_id,name,phase\nI1,Move, and sort,innovate\n", "strategy/initiatives.csv, line 2: the record has 4 fields"),
        (STEP, "initiative_id,name,phase,end_on,end on\nI1,Move,innovate,2026-01-01,2026-02-01\n", "the column end_on stands there more than once"),
        (RATE, "rate_on,currency,rate\n2026-03-01,USD,0\n", "line 2, rate: '0' is not above 0"),
        (RATE, "rate_on;currency;rate\n2026-03-01;USD;1,084\n", "'1,084' can be read in more than one way"),
        (RATE, "rate_on,currency,rate\n2026-03-01,USD,1.1\n2026-03-01,USD,1.2\n", "line 3: key occurs twice: another line has the same rate_on and currency"),
    ],
)
def test_a_wrong_cell_is_told_with_its_place(tmp_path: Path, file: str, text: str, told: str) -> None:
    folder = company(tmp_path / "w", OK | {file: text})
    with pytest.raises(ConfigError) as caught, taken_in(folder, tmp_path / "scratch"):
        pass
    assert file in str(caught.value)
    assert told in str(caught.value)


@pytest.mark.parametrize("amount", ["99999999999999999999999999.12", '"10,000,000,000,000.00"'])
def test_an_amount_that_no_sum_could_hold_is_quarantined(tmp_path: Path, amount: str) -> None:
    bills = lines(f"1,1,2026-03-05,Acme,{amount},EUR", "2,1,2026-03-05,Acme,9999999999999.99,EUR", "3,1,2026-03-05,Acme,1,EUR")
    with pytest.raises(DataRejected, match=r"amount: .* is too large"), taken_in(company(tmp_path / "w", {"exports/erp/bills.csv": bills}), tmp_path / "s"):
        pass


PROFILE = """\
profile: gl
system: X
description: A list without numbers of documents.
table: spend_line
header: [Datum, Betrag]
columns: {posted_on: {from: Datum, date: dmy}, amount: {from: Betrag, decimal: ","}, currency: {value: EUR}}
"""
YEAR_TO_DATE = {
    "profiles/gl.yml": PROFILE, "exports/gl/1.csv": lines("05.01.2026;1,00", header="Datum;Betrag"),
    "exports/gl/2.csv": lines("05.01.2026;1,00", "05.02.2026;2,00", header="Datum;Betrag"),
}  # fmt: skip


def test_a_year_to_date_file_without_keys_counts_once(tmp_path: Path) -> None:
    with pytest.raises(DataRejected) as caught:
        spend(company(tmp_path / "undeclared", YEAR_TO_DATE), tmp_path)
    assert "{mode: period}} (a file replaces its months), snapshot (a file replaces all before it) or append (both count)" in str(caught.value)
    for mode in ("period", "snapshot"):
        folder = company(tmp_path / mode, YEAR_TO_DATE, f"sources: {{gl: {{mode: {mode}}}}}\n")
        assert [row[2] for row in spend(folder, tmp_path / mode)] == [1, 2]
    with pytest.raises(ConfigError, match="mode keyed needs document_id"):
        spend(company(tmp_path / "keyed", YEAR_TO_DATE, "sources: {gl: {mode: keyed}}\n"), tmp_path / "keyed")


def workbook(amount: object) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Bills"
    sheet.append(["Acme GmbH: bills of March"])
    sheet.merge_cells("A1:F1")
    sheet.append([])
    sheet.append(SPEND.split(","))
    sheet.append(["1", 1, date(2026, 3, 5), "Acme", amount, "EUR"])
    sheet.append(["2", 1, date(2026, 3, 6), "Acme", 0.1 + 0.2, "EUR"])
    book.create_sheet("Notes").append(["Prepared by Finance"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_sheet_of_text_beside_a_table_does_not_hold_it_up(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.xlsx": workbook(100), "exports/erp/Thumbs.db": b"\0"})
    assert [row[2] for row in spend(folder, tmp_path)] == [Decimal(100), Decimal("0.3")]


def test_a_formula_without_a_result_is_no_empty_cell(tmp_path: Path) -> None:
    path = put(tmp_path, "bills.xlsx", workbook("=50+50"))
    with pytest.raises(Refused, match="a formula with no stored result"):
        list(open_tables(path)[0].records())


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("sources:\n  bills: {cadense: monthly}\n", "sources.bills.cadense: there is no such key. Did you mean cadence?"),
        ("unknown: 1\n", "unknown: there is no such key. There are name, currency"),
        ("sources: {a: {mode: keyed}}\nsources: {b: {mode: keyed}}\n", "the key 'sources' stands there twice"),
        ("thresholds: {quarantine_share: 1.5}\n", "quarantine_share is 1.5; give a share from 0 to 1"),
        ("thresholds: {active_days: -5}\n", "active_days is -5; give a number of days"),
    ],
)
def test_settings_are_held_to_what_they_mean(tmp_path: Path, settings: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(company(tmp_path / "w", {}, settings))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("0 6 3 * *", None), ("*/5 6-8,10 1-15/2 jan-mar mon", None), ("@monthly", None), ("every day", "'every' is no minute"),
        ("61 6 3 * *", "'61' is no minute"), ("0 6 3 *", "is no cron line. Write minute, hour, day, month, weekday"), ("0 6 3 13 *", "'13' is no month"),
    ],
)  # fmt: skip
def test_a_schedule_is_a_cron_line(tmp_path: Path, cron: str, told: str | None) -> None:
    folder = company(tmp_path / "w", {})
    file = folder / "plumbline.yml"
    file.write_text(file.read_text().replace("0 6 3 * *", cron))
    if told is None:
        assert load_settings(folder).schedule.cron == cron
        return
    with pytest.raises(ConfigError, match=r"schedule\.cron") as caught:
        load_settings(folder)
    assert told in str(caught.value)


def test_settings_in_another_encoding_are_no_fault_of_the_program(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"plumbline.yml": "name: Müller\ncurrency: EUR\n".encode("cp1252")})
    with pytest.raises(ConfigError, match="byte 8 is not UTF-8"):
        load_settings(folder)
