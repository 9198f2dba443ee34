"""One purchase counted once: what is joined, what is asked, what stays apart, and that no cent goes without a row that says so."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from small import company, lines, taken_in

import dbt_like_sql
from pipelines.pairing import Member, Unit, purchases
from pipelines.purchases import match_purchases
from pipelines.vendors import match_vendors

if TYPE_CHECKING:
    from pipelines.refresh import Refreshed

FIRST = date(2026, 3, 10)


def units(amount: Decimal) -> int:
    return int(amount * 10_000)


def line(name: str, source: str = "erp", kind: str | None = "bill", day: int = 0, amount: str = "100.00", tax: str = "0", vendor: str | None = "zoom",
         number: str = "", currency: str = "USD") -> Unit:  # fmt: skip
    """A spend line; `name` is its id, its document and its row."""
    net = Decimal(amount)
    member = Member((source, int(name)), net, f"d-{source}", f"{source}.csv", int(name))
    return Unit(name, source, kind, FIRST + timedelta(days=day), vendor, vendor, name, currency, units(net), units(net + Decimal(tax)), number, (member,))


def card(name: str, **other: Any) -> Unit:
    return line(name, **{"source": "card", "kind": "card", **other})


def document(name: str, *parts: Unit) -> Unit:
    """The lines as one document by its total."""
    total = sum(unit.net for unit in parts)
    return replace(parts[0], unit_id=name, net=total, gross=total, members=tuple(m for unit in parts for m in unit.members), is_document=True)


def joined(units: Sequence[Unit], declared: Mapping[str, int] | None = None, decided: Mapping[str, tuple[str, str]] | None = None) -> tuple[list[str], list[str]]:
    """The purchases of several units and the pairs that are asked about, as texts."""
    found, asked = purchases(units, declared or {}, decided or {})
    return sorted("+".join(sorted(unit.unit_id for unit in group.values())) for group in found.groups()), sorted(pair.match_id for pair in asked)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param([line("1"), card("2", day=2)], (["1+2"], []), id="the card pays a bill"),
        pytest.param([line("1"), card("2", day=7)], (["1+2"], []), id="within a week"),
        pytest.param([line("1"), card("2", day=8)], ([], ["1-2"]), id="after a week it is asked"),
        pytest.param([line("1"), card("2", day=15)], ([], []), id="weeks apart it is another purchase"),
        pytest.param([line("1"), card("2", amount="100.01")], ([], []), id="a cent apart"),
        pytest.param([line("1"), card("2", currency="EUR")], ([], []), id="another currency"),
        pytest.param([line("1"), card("2", vendor="zoho")], ([], []), id="another vendor"),
        pytest.param([line("1", vendor=None), card("2", vendor=None)], ([], []), id="no vendor and no number tell nothing"),
        pytest.param([line("1"), line("2")], ([], []), id="never within a source"),
        pytest.param([line("1"), card("2"), card("3")], (["1+2"], []), id="of two equal charges on a day one stays"),
        pytest.param([line("1"), line("2"), card("3"), card("4")], (["1+3", "2+4"], []), id="two and two are two"),
        pytest.param([line("1", day=3), card("2", day=-2), card("3", day=3)], (["1+3"], []), id="the nearest is the copy"),
        pytest.param([line("1"), line("2", source="us")], ([], ["1-2"]), id="two ledgers may have bought twice"),
        pytest.param([line("1", number="12345"), line("2", source="us", number="12345", day=40)], (["1+2"], []), id="one invoice number tells, weeks apart too"),
        pytest.param([line("1", number="12345"), line("2", source="us", number="12346")], ([], []), id="two numbers are two invoices"),
        pytest.param([line("1", number="123"), line("2", source="us", number="123", vendor="zoho")], ([], []), id="a short number tells nothing"),
        pytest.param([line("1", number="12345"), card("2", number="12345", vendor=None)], (["1+2"], []), id="the number stands for the vendor"),
        pytest.param([line("1", number="12345"), card("2", number="12345", vendor="softchoice")], ([], ["1-2"]), id="a number under two vendors is asked"),
        pytest.param([line("1", tax="19.00"), card("2", amount="119.00")], (["1+2"], []), id="the card pays with the tax"),
        pytest.param([line("1", amount="-5"), card("2", amount="-5")], (["1+2"], []), id="a credit"),
        pytest.param([line("1"), line("2", source="gl", kind="journal", day=1), card("3", day=2)], (["1+2+3"], []), id="bill, ledger and card"),
        pytest.param([line("1"), line("2", source="x", kind=None)], (["1+2"], []), id="an unknown kind within a week"),
        pytest.param([line("1", kind=None), line("2", source="x", kind=None)], ([], ["1-2"]), id="two unknown kinds are asked"),
    ],
)  # fmt: skip
def test_pairs(given: list[Unit], expected: tuple[list[str], list[str]]) -> None:
    assert joined(given) == expected
    assert joined(given[::-1]) == expected


def test_a_document_is_found_by_its_total() -> None:
    parts = [line("1", amount="60"), line("2", amount="40")]
    assert joined([*parts, document("9", *parts), card("3")]) == (["3+9"], [])
    assert joined([*parts, document("9", *parts), card("3"), card("4", amount="60")]) == (["1+4"], []), "a line of it that is a purchase already is not in two"


def test_a_month_s_cloud_bill_is_the_ledger_s_invoice() -> None:
    usage = [line("1", source="aws", kind="usage", amount="60.123456"), line("2", source="aws", kind="usage", amount="40.25")]
    bill = replace(document("9", *usage), net=1_003_700, gross=1_003_700)
    assert joined([*usage, bill, line("3", day=34, amount="100.37")]) == (["3+9"], [])


def test_a_declared_order_says_that_sources_hold_the_same_purchases() -> None:
    assert joined([line("1"), line("2", source="us")], declared={"erp": 1, "us": 2}) == (["1+2"], [])
    assert joined([line("1"), line("2", source="us")], declared={"erp": 1, "us": 1}) == ([], ["1-2"]), "sources of one place stand side by side"


def test_decisions_win() -> None:
    units = [line("1"), card("2"), card("3", day=10)]
    assert joined(units, decided={"1-3": ("same", "kim")}) == (["1+3"], [])
    assert joined(units, decided={"1-2": ("different", "kim")}) == ([], ["1-3"])
    assert joined(units, decided={"1-2": ("different", "kim"), "1-3": ("different", "kim")}) == ([], [])


def test_the_order_of_rows_changes_nothing() -> None:
    chance = Random(7)
    units = [line(str(n), day=chance.randrange(9), amount=chance.choice(("10", "20"))) for n in range(60)]
    units += [card(str(n), day=chance.randrange(12), amount=chance.choice(("10", "20"))) for n in range(60, 130)]
    expected = joined(units)
    for _ in range(3):
        chance.shuffle(units)
        assert joined(units) == expected
    sizes = Counter(len(group.split("+")) for group in expected[0])
    assert sizes[2] == sum(sizes.values()) > 50


# Small companies, taken in up to the SQL.

HEADER = "document_id,line_id,document_type,posted_on,vendor_name,amount,tax_amount,currency,invoice_number"
BOOKS = lines("B1,1,bill,2026-01-05,Zoom Inc.,60,,EUR,", "B1,2,bill,2026-01-05,Zoom Inc.,40,,EUR,", "B2,1,bill,2026-01-09,Asana,25,,EUR,", "B3,1,bill,2026-01-30,Miro,7,,EUR,",
              header=HEADER)  # fmt: skip
CARD = lines("T1,1,card,2026-01-06,ZOOM,100,,EUR,", "T2,1,card,2026-01-20,Asana,25,,EUR,", "T3,1,card,2026-02-02,Miro,7,,EUR,", header=HEADER)


def matches(folder: Path, decisions: Mapping[str, str] | None = None) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The matches of a company whose card and books hold some purchases twice, and its spend records, for January."""
    files = {"exports/books/books.csv": BOOKS, "exports/card/card.csv": CARD, **{f"decisions/{name}.csv": text for name, text in (decisions or {}).items()}}
    with taken_in(company(folder / "company", files), folder / "scratch") as (connection, work):
        match_vendors(connection)
        match_purchases(connection, work.parts["spend_line"], dbt_like_sql.read())
        found = connection.execute(
            "select match_state, match_rule, copy_document_id, counted_document_id, copy_amount, counted_amount, match_id from settings.purchase_match order by all"
        ).fetchall()
        records = connection.execute(
            "select source, status, sum(record_count)::int, sum(amount) from audit.record where table_name = 'spend_line' group by all order by all"
        ).fetchall()
        counted = connection.execute("select source, 'loaded', count(*)::int, sum(amount) from raw.spend_line group by all order by all").fetchall()
    assert [row for row in records if row[1] == "loaded"] == counted
    return found, records


def test_books_and_card_are_counted_once(tmp_path: Path) -> None:
    found, records = matches(tmp_path)
    assert [row[:6] for row in found] == [("asked", "vendor", "T2", "B2", 25, 25), ("matched", "vendor_total", "T1", "B1", 100, 100)]
    assert records == [("books", "loaded", 4, 132), ("card", "counted_elsewhere", 1, 100), ("card", "loaded", 2, 32)]


def test_people_decide_what_counts(tmp_path: Path) -> None:
    asked = matches(tmp_path / "before")[0][0][-1]
    decisions = {
        "purchase_matches": lines(f"{asked},same,kim,2026-02-01", header="match_id,verdict,author,decided_on"),
        "source_order": lines("card,1,kim,2026-02-01", "books,2,kim,2026-02-01", header="source_name,place,author,decided_on"),
    }
    found, records = matches(tmp_path / "after", decisions)
    assert [row[:5] for row in found] == [
        ("matched", "decision", "B2", "T2", 25), ("matched", "vendor_total", "B1", "T1", 40), ("matched", "vendor_total", "B1", "T1", 60),
    ]  # fmt: skip
    assert records == [("books", "counted_elsewhere", 3, 125), ("books", "loaded", 1, 7), ("card", "loaded", 3, 132)]


# The sample company: 170 charges on the card that are invoices of a ledger again, and some that only look so.


@pytest.fixture(scope="module")
def truth(sample: "Refreshed") -> list[dict[str, Any]]:
    told: Path = sample.folder.parents[2] / "truth.json"
    return json.loads(told.read_text(encoding="utf-8"))["bought_twice"]


@pytest.fixture(scope="module")
def matched(sample_warehouse: Path) -> set[tuple[str, str]]:
    with duckdb.connect(str(sample_warehouse), read_only=True) as connection:
        rows = connection.execute("select copy_document_id, counted_source || ' ' || counted_document_id from settings.purchase_match where match_state = 'matched'").fetchall()
    return {(copy, counted.replace("1000-", "").replace("B-", "")) for copy, counted in rows}


def test_planted_copies_are_found(truth: list[dict[str, Any]], matched: set[tuple[str, str]]) -> None:
    planted = {(row["document"], f"{row['counted_source']} {row['counted_document']}") for row in truth}
    assert len(planted) > 150
    assert len(planted & matched) / len(planted) >= 0.95
    assert len(planted & matched) / len(matched) >= 0.99


def test_no_copy_vanishes(truth: list[dict[str, Any]], sample_warehouse: Path) -> None:
    with duckdb.connect(str(sample_warehouse), read_only=True) as connection:
        books = connection.execute("select currency, sum(amount_counted_elsewhere) from audit.books group by 1 having sum(amount_counted_elsewhere) <> 0").fetchall()
        lines = connection.execute(
            "select count(*) from settings.purchase_match as m join raw.spend_line as r on r.source = m.copy_source and r.delivery_id = m.copy_delivery_id "
            "and r.source_file = m.copy_file and r.source_row = m.copy_row where m.match_state = 'matched'"
        ).fetchone()
        counted = connection.execute(
            "select count(*) from settings.purchase_match as m join core.spend_line as r on r.source = m.counted_source and r.delivery_id = m.counted_delivery_id "
            "and r.source_file = m.counted_file and r.source_row = m.counted_row where m.match_state = 'matched'"
        ).fetchone()
    money: Counter[str] = Counter()
    for row in truth:
        money[row["currency"]] += Decimal(row["amount"])
    assert dict(books) == dict(money)
    assert lines == (0,)
    assert counted == (len(truth),)
