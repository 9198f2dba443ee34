"""What stands behind a finding can be shown, adds up to it, and reads like a sentence."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines.errors import UsageError
from pipelines.explain import EVIDENCE, explain, shown, text_of, to_text
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
