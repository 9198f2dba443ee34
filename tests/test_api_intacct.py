"""What Sage Intacct and AWS Organizations give becomes lines with their sign and account, and units that costs of the cloud are told by."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from small import company, taken_in

import dbt_like_sql
from connectors.systems.aws_cost_explorer import by_group


def bill(key: int, state: str, amount: str, account: int = 256, **more: Any) -> dict[str, Any]:
    return {"_currency": "USD", "key": str(key), "memo": "Laptops", "txnAmount": amount, "baseAmount": amount, "currency.txnCurrency": "", "currency.baseCurrency": "", "glAccount.key": str(account),
            "glAccount.id": str(account), "glAccount.name": "Software", "dimensions.department.id": "01", "dimensions.department.name": "Accounting", "bill.key": "132", "bill.state": state,
            "bill.postingDate": "2026-01-09", "bill.createdDate": "2026-01-07", "billNumber": "Bill-001", "vendor.name": "Pac bell", **more}  # fmt: skip


def adjusted(key: int, state: str, amount: str, **more: Any) -> dict[str, Any]:
    return {"_currency": "USD", "key": str(key), "memo": "Returned", "txnAmount": amount, "baseAmount": "-318.23", "currency.txnCurrency": "AUD", "currency.baseCurrency": "USD", "glAccount.key": "256",
            "glAccount.id": "256", "glAccount.name": "Software", "apAdjustment.key": "24", "apAdjustment.state": state, "apAdjustment.createdDate": "2026-01-12", "apAdjustment.adjustmentNumber": "credit-1",
            "apAdjustment.vendor.name": "Pac bell", **more}  # fmt: skip


def account(key: int, kind: str, balance: str) -> dict[str, str]:
    return {"key": str(key), "id": str(key), "name": "Software", "accountType": kind, "normalBalance": balance, "status": "active"}


FILES: Mapping[str, Sequence[Any]] = {
    "intacct/bill_lines": [
        bill(1, "posted", "1200.50"), bill(2, "draft", "7"), bill(3, "submitted", "7"), bill(4, "reversed", "9"), bill(5, "reversal", "-9"), bill(6, "posted", "40", 110), bill(7, "posted", "41", 400),
        bill(8, "paid", "30", **{"bill.postingDate": None, "currency.txnCurrency": "EUR"}),
    ],
    "intacct/adjustment_lines": [adjusted(1, "posted", "-210"), adjusted(2, "draft", "-3")],
    "intacct/accounts": [account(256, "incomeStatement", "debit"), account(110, "balanceSheet", "debit"), account(400, "incomeStatement", "credit")],
    "intacct/vendors": [{"key": "9", "id": "20009", "name": "Pac bell", "status": "inactive"}],
    "aws/costs": json.loads(by_group(json.dumps({"ResultsByTime": [
        {"TimePeriod": {"Start": "2026-01-01", "End": "2026-02-01"}, "Total": {}, "Estimated": False,
         "Groups": [{"Keys": ["111", "Amazon EC2"], "Metrics": {"UnblendedCost": {"Amount": "12.5", "Unit": "USD"}}}]},
    ], "DimensionValueAttributes": []})))["Groups"],
    "organisation/accounts": [
        {"Id": "111", "Arn": "arn:1", "Name": "Production", "Status": "ACTIVE", "JoinedMethod": "CREATED", "JoinedTimestamp": 1481835795.536},
        {"Id": "222", "Arn": "arn:2", "Name": "Sandbox", "Status": "SUSPENDED", "JoinedMethod": "INVITED", "JoinedTimestamp": 1481835795.536},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """All lists, taken in as they would be fetched."""
    folder = company(tmp_path_factory.mktemp("intacct") / "company", {f"exports/{name}.ndjson": "".join(json.dumps(one) + "\n" for one in records) for name, records in FILES.items()})
    with taken_in(folder, folder / "scratch") as (connection, taken):
        assert taken.refused == []
        yield connection


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("bill", [("1", "2026-01-09", "1200.5", "USD", "256", "Software", "opex", "Bill-001"), ("8", "2026-01-07", "30", "EUR", "256", "Software", "opex", "Bill-001")]),
        ("credit_note", [("1", "2026-01-12", "-210", "AUD", "256", "Software", "opex", "credit-1")]),
    ],
)
def test_lines_have_day_sign_currency_and_account(read: duckdb.DuckDBPyConnection, kind: str, expected: list[tuple[Any, ...]]) -> None:
    found = read.execute("select line_id, posted_on, amount, currency, gl_account, gl_account_name, capex_opex, invoice_number from raw.spend_line where document_type = ? order by line_id", [kind]).fetchall()
    assert found == [(line, date.fromisoformat(day), Decimal(amount), *rest) for line, day, amount, *rest in expected]


def test_what_is_left_out_has_its_rule(read: duckdb.DuckDBPyConnection) -> None:
    found = read.execute("select rule, sum(record_count)::int from audit.record where status in ('excluded', 'quarantined') group by all order by all").fetchall()
    assert found == [("not_an_expense", 2), ("not_approved", 3), ("reversed", 2)]


def test_a_vendor_that_is_no_longer_used_is_told(read: duckdb.DuckDBPyConnection) -> None:
    assert read.execute("select vendor_id, name, is_active from raw.vendor").fetchall() == [("20009", "Pac bell", False)]


def test_accounts_of_the_cloud_are_units_with_themselves_as_cost_centres(read: duckdb.DuckDBPyConnection) -> None:
    found = read.execute("select org_unit_id, name, cost_center from raw.org_unit order by all").fetchall()
    assert found == [("aws-111", "Production", "111"), ("aws-222", "Sandbox", "222")]


def test_a_cost_of_the_cloud_is_told_by_the_name_of_its_account(read: duckdb.DuckDBPyConnection) -> None:
    """Cost Explorer gives the account as cost centre: that names the unit, which nobody had to type."""
    names = dbt_like_sql.read()["staging.org_unit_name"].sql
    found = read.execute(
        f"select line.vendor_name, unit.name from raw.spend_line line join ({names}) told on told.name_kind = 'cost_center' and told.org_unit_name_raw = lower(line.cost_center) "
        "join raw.org_unit unit using (org_unit_id) where line.source = 'aws'"
    ).fetchall()
    assert found == [("Amazon Web Services", "Production")]
