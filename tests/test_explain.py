"""What stands behind a finding can be shown, adds up to it, and reads like a sentence."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines.errors import UsageError
from pipelines.evidence import EVIDENCE, finding_tables
from pipelines.evidence import told as told_of
from pipelines.explain import explain, shown, text_of, to_text
from pipelines.findings import sentence
from pipelines.publish import Run

if TYPE_CHECKING:
    from pipelines.refresh import Refreshed


@pytest.fixture(scope="module")
def run(sample: "Refreshed") -> Run:
    return Run(sample.folder, sample.month, sample.warehouse, {})


def asked(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("table", EVIDENCE)
def test_every_finding_rests_on_rows_that_come_to_its_money(table: str, run: Run) -> None:
    amount = "null" if table == "marts.renewals" else "spend_12m_amount"
    found = asked(run.warehouse, f"select finding_id, {amount} from {table}")
    assert found
    for finding_id, money in found:
        told = explain(run, finding_id)
        assert (told["table"], told["id"]) == (table, finding_id)
        assert told["finding"] in to_text(told)
        if "evidence_sum" in told:
            assert told["evidence_sum"] == money
        assert len(asked(run.warehouse, told["evidence_sql"])) == told["evidence_count"]


def test_every_kind_of_finding_is_explained_by_the_table_that_found_it(run: Run) -> None:
    kinds = asked(run.warehouse, "select kind, min(finding_id) from marts.finding where finding_state <> 'resolved' group by kind order by kind")
    assert len(kinds) > 15
    for kind, finding_id in kinds:
        told = explain(run, finding_id)
        assert told["row"]["finding_id"] == finding_id
        assert told["table"] != "marts.finding"
        assert {"marts.finding"} <= {other["table"] for other in told["also"]}
        text = to_text(told)
        assert told["finding"] in text
        assert told["evidence_sql"] in text, kind
        assert len(asked(run.warehouse, told["evidence_sql"])) == told["evidence_count"]


@pytest.mark.parametrize(
    ("query", "column"),
    [("select finding_id, tool_spend_12m_amount + other_spend_12m_amount from marts.overlap_pair", "pair"), ("select finding_id, spend_amount from marts.initiative_slip", "initiative"),
     ("select finding_id, spend_12m_amount from marts.ownership_hole where subject_kind in ('capability', 'tool')", "hole")],
)  # fmt: skip
def test_what_a_finding_rests_on_comes_to_its_money(query: str, column: str, run: Run) -> None:
    found = asked(run.warehouse, query)
    assert found, column
    for finding_id, money in found[:4]:
        assert explain(run, finding_id)["evidence_sum"] == (money or 0)


def test_a_saving_is_told_beside_its_pair(run: Run) -> None:
    [(finding_id, net)] = asked(run.warehouse, "select finding_id, net_saving_amount from marts.saving where state = 'counted' order by 1 limit 1")
    told = {other["table"]: other["row"] for other in explain(run, finding_id)["also"]}
    assert told["marts.saving"]["net_saving_amount"] == net


def test_tables_of_findings_come_from_the_catalogue() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create table marts.finding (finding_id text); create table marts.brand_new (finding_id text, reason text); create table marts.other (id text)")
        assert finding_tables(connection) == ["marts.brand_new", "marts.finding"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({"marts.new": {"finding_id": "n-1", "kind": "odd_thing", "subject": "Fleet", "reason": "nobody looks"}}, "Odd thing: Fleet; nobody looks."),
        ({"marts.new": {"finding_id": "n-1", "tool_name": "A", "other_tool_name": "B"}, "marts.finding": {"kind": "overlap_pair", "condition": "add_on", "money_amount": Decimal(5)}},
         "Overlap pair, add on: A and B, EUR 5.00."),
        ({"marts.new": {"finding_id": "n-1"}}, "New: n-1."),
    ],
)  # fmt: skip
def test_a_finding_without_words_of_its_own_is_told_from_its_rows(rows: dict[str, dict[str, Any]], expected: str) -> None:
    assert told_of("marts.new", rows, "EUR") == expected


@pytest.mark.parametrize(("table", "column"), [("marts.risk_money", "risk_id"), ("core.kpi", "kpi_id"), ("core.initiative", "initiative_id"), ("core.tool", "tool_id"), ("marts.control_cost", "control_id")])
def test_an_id_is_explained_with_what_marts_say_of_it(table: str, column: str, run: Run) -> None:
    source = "marts.exploited_in_use" if column == "tool_id" else "marts.outcome_effect" if column in ("kpi_id", "initiative_id") else table
    [(wanted,)] = asked(run.warehouse, f"select min({column}) from {source} where {column} is not null")
    told = explain(run, wanted)
    assert (told["table"], told["row"][column]) == (table, wanted)
    assert source == table or source in {other["table"] for other in told["also"]}
    for other in told["also"]:
        assert len(asked(run.warehouse, other["sql"])) == other["count"]


def test_a_figure_prints_what_the_dialog_says(run: Run) -> None:
    told = explain(run, "spend")
    assert told == explain(run, "report.spend") | {"id": "spend"}
    [(to_date,)] = asked(run.warehouse, "select spend_to_date_amount from report.spend")
    number = next(n for n in told["numbers"] if n["label"] == "Spend of the fiscal year to date")
    assert number["value"] == to_date
    assert number["proof"] == f"{number['row_count']:,} rows, together {to_date:,.2f}. Equals the figure, difference 0.00."
    assert sum(row[0] for row in asked(run.warehouse, f"select billed_amount from ({number['sql']})")) == to_date
    text = to_text(told)
    assert number["proof"] in text
    assert "is_year_to_date is not distinct from true" in text
    assert "Differs" not in text


def test_a_line_is_shown_as_it_stands_in_the_kept_original(run: Run) -> None:
    [(line_id, vendor)] = asked(run.warehouse, "select spend_line_id, vendor_name_raw from core.spend_line where vendor_name_raw like '%È%' order by 1 limit 1")
    told = explain(run, line_id)
    assert f";{vendor};" in told["original"]
    assert told["original"] in to_text(told)


def test_an_unknown_id_is_refused(run: Run) -> None:
    with pytest.raises(UsageError, match="Nothing here is named overlap-00000000"):
        explain(run, "overlap-00000000")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("1234567.8900"), "1,234,567.89"), (Decimal("-0.0000"), "-0.00"), (Decimal("0.0051739405"), "0.0051739405"), (Decimal(4), "4.00"),
        (None, ""), (["a", Decimal("1.5")], "a, 1.50"), ("a\nb", "a\\nb"), (True, "True"), (7, "7"),
    ],
)  # fmt: skip
def test_values_are_shown_for_people(value: object, expected: str) -> None:
    assert shown(value) == expected


@pytest.mark.parametrize(("line", "expected"), [(b"\xef\xbb\xbfDate", "Date"), ("Büro".encode(), "Büro"), ("Büro".encode("cp1252"), "Büro")])
def test_a_line_is_read_in_its_encoding(line: bytes, expected: str) -> None:
    assert text_of(line) == expected


GAP = {"priority_name": "Close fast", "capability_name": "Close", "required_level": Decimal("0.9"), "covered_level": Decimal("0.3"), "reason": "weak fit",
       "tools": ["Ledger"], "state": "gap"}  # fmt: skip
MONEY = {"spend_12m_amount": Decimal("1500.5000"), "share_of_total": Decimal("0.0540"), "subject": "Fleet", "tools": None, "reason": "no money reaches it"}
CONTRACT = {"contract_name": "Zoom", "vendor_name": "Zoom Inc", "annual_amount": Decimal(1200), "end_on": "2026-12-31", "notice_on": "2026-11-30",
            "days_to_notice": 30}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "row", "expected"),
    [
        ("marts.gap", GAP, "Gap: «Close fast» needs Close at 90%; it is covered at 30% by Ledger (weak fit)."),
        ("marts.gap", GAP | {"state": "no_tool", "tools": []}, "Gap: «Close fast» needs Close at 90%; no tool serves it."),
        ("marts.gap", GAP | {"state": "no_tool"}, "Gap: «Close fast» needs Close at 90%; no tool serves it yet, Ledger is only planned."),
        ("marts.gap", GAP | {"state": "not_assessed", "covered_level": None},
         "Not assessed: «Close fast» needs Close at 90%; Ledger serves it, and nobody has said how well."),
        ("marts.misalignment", MONEY | {"kind": "misaligned_money", "tools": ["Webfleet"]},
         "Misalignment: EUR 1,500.50 in 12 months, 5.4% of all money, went to Fleet (Webfleet), which no priority needs."),
        ("marts.misalignment", MONEY | {"kind": "unmapped_money"},
         "Misalignment: EUR 1,500.50 in 12 months, 5.4% of all money, went to Fleet, and no decision says what it is for."),
        ("marts.misalignment", MONEY | {"kind": "underfunded_priority"},
         "Misalignment: «Fleet» got EUR 1,500.50 in 12 months, 5.4% of all money; no money reaches it."),
        ("marts.renewals", CONTRACT | {"state": "notice_due"},
         "Renewal: Zoom (Zoom Inc, EUR 1,200.00 a year) ends on 2026-12-31; the last day for notice is 2026-11-30, in 30 days."),
        ("marts.renewals", CONTRACT | {"state": "expires", "annual_amount": None}, "Renewal: Zoom (Zoom Inc) ends on 2026-12-31; it does not renew by itself."),
    ],
)  # fmt: skip
def test_a_finding_is_told_in_a_sentence(table: str, row: dict[str, Any], expected: str) -> None:
    assert sentence(table, row, "EUR") == expected
