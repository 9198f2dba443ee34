"""What `plumbline map` proposes, asks, shows and saves; and what it says when a header changed."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from test_casting import COLUMNS, row

from connectors.amounts import amount_question
from connectors.mapping import diff, questions, to_yaml
from connectors.preview import Cells, ControlTotals, control_totals, preview, value_of
from connectors.profile import Profile, Source, shipped
from connectors.suggest import renamed, suggest
from models import Column, tables
from pipelines.casting import column_sql

BILLS = ("Supplier", "Bill Date", "Net Amount", "VAT", "Currency", "Cost Centre")
ROWS = [
    ["Acme", "13/04/2026", "1.234,50", "246,90", "EUR", "100"],
    ["Globex", "01/05/2026", "80,00", "16,00", "EUR", "100"],
    ["Initech", "02/05/2026", "-20,00", "", "USD", ""],
]
ASKED = ("Vendor", "Date", "Amount")
AMBIGUOUS = [["Acme", "03/04/2026", "1.234"], ["Globex", "05/06/2026", "2.345"]]


def best(header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Any:
    return suggest(header, rows, tables().values())[0]


def save(header: Sequence[str], rows: Sequence[Sequence[str | None]], answers: Mapping[str, str]) -> Profile:
    text = to_yaml(best(header, rows), answers, header, rows, profile="bills", system="Bills", description="Bills.")
    return Profile.model_validate(yaml.safe_load(text))


def test_names_and_values_tell_contract_and_columns() -> None:
    found = best(BILLS, ROWS)
    assert found.table == "spend_line"
    assert {match.column: match.header for match in found.matches} == {
        "posted_on": "Bill Date",
        "vendor_name": "Supplier",
        "amount": "Net Amount",
        "tax_amount": "VAT",
        "currency": "Currency",
        "cost_center": "Cost Centre",
    }
    assert found.missing == ()
    assert all(0.5 <= match.confidence <= 1 and match.reason for match in found.matches)
    assert found["amount"].samples == ("1.234,50", "80,00", "-20,00")


@pytest.mark.parametrize(
    ("header", "rows", "table"),
    [
        (("Number", "Short description", "State", "Opened"), [["INC1", "Mail is down", "New", "2026-03-04 10:00"]], "ticket"),
        (("Application", "User email", "Last login"), [["Slack", "a@b.co", "2026-03-04"]], "usage"),
        (("SKU", "Product title", "Total licenses", "Assigned licenses"), [["E3", "Office", "10", "8"]], "licence"),
        (("Contract no", "Vendor", "Start date", "Renewal date", "Annual cost"),
         [["C-1", "Acme", "2026-01-01", "2026-12-31", "1200.00"]], "contract"),
    ],
)  # fmt: skip
def test_each_kind_of_export_is_known_by_its_columns(header: Sequence[str], rows: list[list[str]], table: str) -> None:
    assert best(header, rows).table == table


def test_a_name_alone_does_not_make_an_amount() -> None:
    found = suggest(("Vendor", "Date", "Amount"), [["Acme", "2026-03-04", "see invoice"]], [tables()["spend_line"]])[0]
    assert "amount" in found.missing


def test_currency_is_known_by_its_values_alone() -> None:
    rows = [["Acme", "2026-03-04", "5.00", "EUR"], ["Globex", "2026-03-05", "6.00", "USD"]]
    assert best(("Vendor", "Date", "Amount", "Waers"), rows)["currency"].header == "Waers"


def test_nothing_is_asked_that_the_file_tells() -> None:
    assert questions(best(BILLS, ROWS), BILLS, ROWS) == []


def test_what_is_ambiguous_is_asked_with_its_options() -> None:
    asked = {question.key: question for question in questions(best(ASKED, AMBIGUOUS), ASKED, AMBIGUOUS)}
    assert list(asked) == ["posted_on.date", "amount.decimal", "currency", "tax"]
    assert asked["posted_on.date"].options == ("dmy", "mdy")
    assert asked["amount.decimal"].options == (".", ",")
    assert "«1.234», «2.345»" in asked["amount.decimal"].text
    assert asked["currency"].default is None


@pytest.mark.parametrize(
    ("header", "rows", "key", "options", "default"),
    [
        (ASKED, [["A", "2026-03-04", "-5.00"], ["B", "2026-03-05", "-6.00"], ["C", "2026-03-06", "1.00"]],
         "sign", ("cost", "credit"), None),
        (ASKED, [["A", "2026-03-04", "€ 5.00"]], "currency", (), "EUR"),
        (ASKED, [["A", "2026-03-04", "$5.00"]], "currency", (), None),
        (("Vendor", "Date", "Gross amount", "VAT"), [["A", "2026-03-04", "11.90", "1.90"]], "tax", ("net", "gross"), "gross"),
        (("Vendor", "Date", "Amount (k€)"), [["A", "2026-03-04", "12.5"]], "scale", ("one", "thousand", "million", "minor"), "thousand"),
        (("Vendor", "Date", "Betrag in TEUR"), [["A", "2026-03-04", "12,5"]], "scale", ("one", "thousand", "million", "minor"), "thousand"),
        (("Vendor", "Date", "amount_cents"), [["A", "2026-03-04", "1250"]], "scale", ("one", "thousand", "million", "minor"), "minor"),
        (("Vendor", "Date", "Amount USD"), [["A", "2026-03-04", "12.5"]], "currency", (), "USD"),
        (("Vendor", "Date", "Amount", "Currency", "Exchange rate"), [["A", "2026-03-04", "12.5", "USD", "0.92"]], "rate", ("yes", "no"), None),
        (("Vendor", "Date", "Amount", "S/H"), [["A", "2026-03-04", "12.5", "S"], ["A", "2026-03-05", "2.5", "H"]], "credit", ("yes", "no"), None),
        (("Details", "Date", "Net amount", "Type"), [["A", "2026-03-04", "12.5", "PI"], ["A", "2026-03-05", "2.5", "PC"]], "credit", ("yes", "no"), None),
        (("Details", "Date", "Net amount", "Type"), [["A", "2026-03-04", "12.5", "PI"], ["A", "2026-03-05", "2.5", "PP"]], "exclude", ("yes", "no"), None),
        (("Description", "Date", "Amount"), [["ZOOM", "2026-03-04", "12.5"], ["PAYMENT RECEIVED - THANK YOU", "2026-03-05", "-9.5"]], "exclude", ("yes", "no"), None),
        (("Ticket id", "Created"), [["1", "2026-03-04 10:00"]], "zone", (), "UTC"),
    ],
)  # fmt: skip
def test_questions_of_meaning(
    header: Sequence[str], rows: list[list[str]], key: str, options: tuple[str, ...], default: str | None
) -> None:
    asked = {question.key: question for question in questions(best(header, rows), header, rows)}
    assert (asked[key].options, asked[key].default) == (options, default)


@pytest.mark.parametrize(
    ("header", "rows", "options", "default"),
    [
        (("Vendor", "Date", "Invoice amount", "Line amount"), [["A", "2026-03-04", "11.90", "5.00"]], ("Line amount", "Invoice amount"), "Line amount"),
        (("Vendor", "Date", "Amount EUR", "Amount USD"), [["A", "2026-03-04", "11.90", ""], ["B", "2026-03-05", "", "5.00"]], ("Amount EUR", "Amount USD"), None),
        (("Bill ID", "Date", "Vendor", "Item total", "Total"), [["1", "2026-03-04", "A", "5.00", "9.00"], ["1", "2026-03-04", "A", "4.00", "9.00"]], ("Total", "Item total"), None),
        (("Date", "Account name", "GoodsValue", "TaxValue", "Currency"), [["2026-03-04", "A", "5.00", "1.00", "GBP"]], None, None),
        (("Date", "Vendor", "Debit", "Credit"), [["2026-03-04", "A", "5.00", ""], ["2026-03-04", "A", "", "1.00"]], None, None),
    ],
)
def test_of_several_columns_of_money_the_amount_of_a_line_is_asked_first(header: Sequence[str], rows: list[list[str]], options: tuple[str, ...] | None, default: str | None) -> None:
    question = amount_question(best(header, rows), header, rows)
    assert (question and question.options, question and question.default) == (options, default)


def test_tax_is_never_taken_for_the_amount() -> None:
    assert best(("Date", "Account name", "GoodsValue", "TaxValue"), [["2026-03-04", "A", "5.00", "1.00"]])["amount"].header == "GoodsValue"


def test_unit_marks_and_headings_become_words_of_the_profile() -> None:
    header = ("Datum", "Lieferant", "Betrag in TEUR", "Steuer", "S/H")
    rows = [["Acme AG", "", "", "", ""], ["04.03.2026", "A", "12,5", "2,5", "S"], ["15.03.2026", "A", "1,5", "0,5", "H"], ["16.03.2026", "B", "1,0", "", "S"]]
    answers = {"tax": "net", "credit": "yes", "tax_amount.from": "Steuer"}
    profile = save(header, rows, answers)
    seen = preview(profile, header, rows)
    assert [row.left_out_by for row in seen] == ["group headings", None, None, None]
    assert [(row.values["amount"], row.values["tax_amount"]) for row in seen[1:]] == [(12500, Decimal("2.5")), (-1500, Decimal("-0.5")), (1000, None)]
    assert control_totals(profile, header, rows) == ControlTotals(4, 0, 1, {"EUR": Decimal(12000)})


def test_an_open_question_saves_nothing() -> None:
    with pytest.raises(ValueError, match=r"posted_on\.date is not answered: In which order"):
        save(ASKED, AMBIGUOUS, {})


def test_answers_and_proven_forms_are_saved() -> None:
    profile = save(BILLS, ROWS, {})
    assert profile.header == BILLS
    assert (profile.columns["amount"].decimal, profile.columns["posted_on"].date) == (",", "dmy")
    answers = {"posted_on.date": "mdy", "amount.decimal": ".", "currency": "eur", "tax": "net"}
    profile = save(ASKED, AMBIGUOUS, answers)
    assert (profile.columns["amount"].decimal, profile.columns["posted_on"].date) == (".", "mdy")
    assert profile.columns["currency"].value == "EUR"


def test_what_the_values_do_not_prove_stays_open_for_later_files() -> None:
    profile = save(ASKED, [["Acme", "05/05/2026", "12"]], {"currency": "EUR", "tax": "net"})
    assert (profile.columns["amount"].decimal, profile.columns["posted_on"].date) == ("auto", "auto")


def test_sign_and_tax_become_words_of_the_profile() -> None:
    header, rows = ("Vendor", "Date", "Gross amount", "VAT"), [["A", "2026-03-04", "-11.90", "-1.90"]]
    profile = save(header, rows, {"currency": "EUR", "tax": "gross", "sign": "cost"})
    assert preview(profile, header, rows)[0].values["amount"] == Decimal("10.00")


def test_rows_are_shown_as_the_contract_sees_them_with_control_totals() -> None:
    rows = [*ROWS, ["Hooli", "soon", "5,00", "", "USD", ""]]
    profile = save(BILLS, ROWS, {})
    seen = preview(profile, BILLS, rows, limit=5)
    assert seen[0].values == {
        "posted_on": date(2026, 4, 13),
        "vendor_name": "Acme",
        "amount": Decimal("1234.5"),
        "tax_amount": Decimal("246.9"),
        "currency": "EUR",
        "cost_center": "100",
    }
    assert seen[3].unread == {"posted_on": "soon"}
    totals = control_totals(profile, BILLS, rows)
    assert (totals.records, totals.unread) == (4, 1)
    assert totals.sums == {"EUR": Decimal("1314.5"), "USD": Decimal(-15)}


@pytest.mark.parametrize(("source", "column", "cells", "value"), COLUMNS)
def test_the_preview_reads_as_the_sql_does(
    source: Mapping[str, Any], column: Column, cells: Mapping[str, str], value: Any
) -> None:
    found = Source.model_validate(source)
    seen = value_of(found, column, Cells(list(cells), list(cells.values())))
    assert seen == value == row(column_sql(found, column, str), cells)


HEADER_CHANGES = [
    (("A date", "Amount"), ("A date", "Amount", "Extra"), []),
    (("Expenditure Category", "Amount"), ("Amount", "Expenditure Catergory"),
     ["`Expenditure Catergory` was `Expenditure Category`"]),
    (("Body Name", "Amount"), ("Amount", "Client"), ["`Body Name` is missing", "`Client` is new"]),
    (("Type", "Amount"), ("Amount", "Type of Expenditure"), ["`Type of Expenditure` was `Type`"]),
    (("invoice_number", "Amount"), ("AMOUNT", "Invoice Number"), []),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "lines"), HEADER_CHANGES)
def test_a_changed_header_is_told_as_a_difference(before: tuple[str, ...], after: tuple[str, ...], lines: list[str]) -> None:
    profile = Profile.model_validate({"profile": "p", "system": "s", "description": "d", "header": before})
    assert diff(profile, after) == lines


def test_names_are_paired_once_and_nearest_first() -> None:
    assert renamed(["Net amount", "Net amounts paid"], ["Net amuont"]) == {"Net amuont": "Net amount"}
    assert renamed(["Vendor"], ["Cost centre"]) == {}


def test_no_shipped_profile_differs_from_itself() -> None:
    assert [name for name, profile in shipped().items() if diff(profile, (*profile.header, *profile.headers))] == []


def test_two_quarters_of_one_council(shared: Path) -> None:
    """One real source whose header changed between quarters: mapped, tied to its sum, and told apart."""
    header: dict[str, list[str]] = {}
    for quarter in ("apr-jun-2015", "jan-mar-2018"):
        path = shared / "data" / "oxford_2quarters" / f"expenditure-over-500-{quarter}.csv"
        with path.open(encoding="cp1252", newline="") as file:
            header[quarter], *rows = csv.reader(file)
        found = best(header[quarter], rows)
        assert (found.table, found["amount"].header, found["posted_on"].header) == ("spend_line", "Amount", "Paid Date")
        assert [q.key for q in questions(found, header[quarter], rows)] == ["currency", "tax"]
        profile = save(header[quarter], rows, {"currency": "GBP", "tax": "net"})
        totals = control_totals(profile, header[quarter], rows)
        query = f"select sum(Amount::DECIMAL(18,4)) from read_csv('{path}', all_varchar=true, encoding='latin-1')"
        with duckdb.connect() as connection:
            (expected,) = connection.execute(query).fetchone() or (None,)
        assert (totals.unread, totals.sums) == (0, {"GBP": expected})
    earlier = Profile.model_validate(
        {"profile": "oxford", "system": "s", "description": "d", "header": header["apr-jun-2015"]}
    )
    assert diff(earlier, header["jan-mar-2018"]) == [
        "`Expenditure Catergory` was `Expenditure Category`",
        "`Type of Expenditure` was `Type`",
        "`Body Name` is missing",
        "`Organisatonal Unit` is missing",
        "`Client` is new",
        "`Service Area` is new",
    ]
