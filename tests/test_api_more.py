"""What Request Tracker, Tryton, AWS Cost Explorer, NetSuite, Brex and the systems that know projects give becomes rows of contracts; an epic becomes an initiative with its slip."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from api_reader import reader
from requests.structures import CaseInsensitiveDict
from signing import is_signed
from small import company, lines, put, taken_in

import dbt_like_sql
from connectors.api.engine import months
from connectors.api.following import falls
from connectors.api.registry import shipped
from connectors.api.tokens import TokenStore
from connectors.systems.aws_cost_explorer import by_group
from pipelines.fetch import Connection
from pipelines.settings import SourceSettings


def month(start: str, *groups: tuple[str, str, str], estimated: bool = False) -> dict[str, Any]:
    costs = [{"Keys": [account, service], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}} for account, service, amount in groups]
    return {"TimePeriod": {"Start": start, "End": start}, "Total": {}, "Groups": costs, "Estimated": estimated}


def costs(*months: dict[str, Any]) -> list[dict[str, Any]]:
    """A page of Cost Explorer, as the connector keeps it."""
    body = {"ResultsByTime": list(months), "DimensionValueAttributes": [{"Value": "111", "Attributes": {"description": "Production"}}]}
    return list(json.loads(by_group(json.dumps(body)))["Groups"])


def amount(text: str) -> dict[str, str]:
    return {"__class__": "Decimal", "decimal": text}


def invoice(number: int, state: str, *invoiced: tuple[int, str, str], kind: str = "in") -> dict[str, Any]:
    rows = [{"id": n, "type": what, "amount": amount(text), "description": "Video", "product": None, "account": {"id": 9, "code": "6200", "name": "Software"}} for n, what, text in invoiced]
    return {"id": number, "number": None if state == "draft" else f"R{number}", "state": state, "type": kind, "invoice_date": {"__class__": "date", "year": 2026, "month": 1, "day": 7},
            "accounting_date": None, "party": {"id": 4, "name": "Zoom"}, "currency": {"id": 1, "code": "EUR"}, "untaxed_amount": amount("1"), "lines": rows}  # fmt: skip


def suiteql(key: str, text: str, **more: str) -> dict[str, str]:
    return {"uniquekey": key, "transactionid": "9", "type": "VendBill", "trandate": "2026-01-08", "vendor": "Dell", "foreignamount": text, "posting": "T", "status": "Open", "currency": "USD",
            "accttype": "Expense", "acctnumber": "6200", **more}  # fmt: skip


def paid(number: int, kind: str, minor: int, currency: str = "USD", expense: str | None = None) -> dict[str, Any]:
    return {"id": f"p{number}", "description": "ZOOM.US", "amount": {"amount": minor, "currency": currency}, "posted_at_date": "2026-01-09", "type": kind, "expense_id": expense}


def bought(key: str, kind: str, account: str, net: float, tax: float) -> dict[str, Any]:
    return {"id": key, "lineType": kind, "lineObjectNumber": account, "description": "Licence", "amountExcludingTax": net, "netAmount": net, "totalTaxAmount": tax}


def posted(number: str, status: str, bought: Sequence[dict[str, Any]], kind: str = "Invoice", **more: str) -> dict[str, Any]:
    own = {"vendorInvoiceNumber": f"V{number}", "invoiceDate": "2026-01-10"} if kind == "Invoice" else {}
    return {"_currency": "EUR", "id": f"{kind}-{number}", "number": number, "postingDate": "2026-01-12", "vendorNumber": "1", "vendorName": "Fabrikam", "currencyCode": "", "status": status,
            f"purchase{kind}Lines": bought, "lastModifiedDateTime": "2026-01-12T00:00:00Z", **own, **more}  # fmt: skip


NINJA = """Id,Display Name,Role,OS Name,OS Build Number,System Manufacturer,System Model,Serial Number,Last Online,Warranty End Date
7,ACME-DC1,WINDOWS_SERVER,Windows Server 2019,17763,Dell Inc.,PowerEdge R440,S1,2026-01-30 10:00:00,2027-03-31
8,ACME-LT1,WINDOWS_LAPTOP,Windows 11 Pro,22631,Lenovo,T14,S2,2026-01-30 11:00:00,2027-04-30
"""

FILES: Mapping[str, Sequence[Any]] = {
    "aws/costs-1": costs(month("2025-12-01", ("111", "Amazon EC2", "10.123456789")), month("2026-01-01", ("111", "Amazon EC2", "4"), ("222", "Amazon S3", "0.5"), estimated=True)),
    "aws/costs-2": costs(month("2026-01-01", ("111", "Amazon EC2", "12.5"), ("111", "Tax", "2.375"))),
    "brex/transactions": [paid(1, "PURCHASE", 14990, expense="e1"), paid(2, "REFUND", -990), paid(3, "COLLECTION", -14000), paid(4, "PURCHASE", 1200, "JPY"), paid(5, "REWARDS_CREDIT", -5)],
    "brex/expenses": [{"id": "e1", "status": "APPROVED", "category": "SOFTWARE", "purchased_at": "2026-01-08T10:00:00Z", "updated_at": "2026-01-09T10:00:00Z", "memo": "Video", "department": {"name": "IT"}}],
    "netsuite/lines": [suiteql("1", "4120.5"), suiteql("2", "-20.25", type="VendCred"), suiteql("3", "7", posting="F"), suiteql("4", "8", accttype="AcctPay"), suiteql("5", "900", accttype="FixedAsset")],
    "tryton/invoices": [
        invoice(1, "posted", (1, "line", "1200.50"), (2, "title", "0"), (3, "line", "-0.50")), invoice(2, "draft", (4, "line", "77")), invoice(3, "paid", (5, "line", "30")),
        invoice(4, "cancelled", (6, "line", "9")), invoice(5, "posted", (7, "line", "8"), kind="out"), invoice(6, "validated", (8, "line", "3")),
    ],
    "bc/purchase_invoices": [
        posted("1", "Open", [bought("a", "Account", "6200", 1500.25, 300.05), bought("b", "Comment", "", 0, 0), bought("c", "Account", "2910", 9, 0), bought("d", "Fixed Asset", "F1", 2000, 0)]),
        posted("2", "Draft", [bought("e", "Account", "6200", 7, 0)]), posted("3", "Paid", [bought("f", "Account", "6200", 20, 4)], currencyCode="USD"),
    ],
    "bc/purchase_credit_memos": [posted("1", "Open", [bought("g", "Account", "6200", 15, 3)], kind="CreditMemo", creditMemoDate="2026-01-12")],
    "bc/accounts": [
        {"id": number, "number": number, "displayName": name, "category": category, "subCategory": "", "blocked": False, "lastModifiedDateTime": "2026-01-01T00:00:00Z"}
        for number, name, category in (("6200", "Software", "Expense"), ("2910", "Deposits", "Assets"))
    ],
    "rt/tickets": [
        {"id": "7", "type": "ticket", "Subject": "Password", "Status": "open", "Priority": "10", "Queue": {"id": "1", "Name": "General"}, "Created": "2026-01-02T08:11:40Z",
         "Resolved": resolved, "LastUpdated": "2026-01-05T08:11:40Z"} | {"id": number} for number, resolved in (("7", "1970-01-01T00:00:00Z"), ("8", "2026-01-05T08:11:40Z"))
    ],
    "psa/projects": [
        {"id": 3, "name": "Firewall", "manager": {"name": "Petra Lang"}, "status": {"name": "Closed"}, "company": {"name": "Acme"}, "estimatedStart": "2026-01-05T00:00:00Z", "estimatedEnd": "2026-01-20T00:00:00Z",
         "actualStart": "2026-01-06T00:00:00Z", "actualEnd": "2026-01-27T00:00:00Z", "budgetHours": 40, "actualHours": 52.25, "_info": {"lastUpdated": "2026-01-27T00:00:00Z"}},
    ],
    "halo/projects": [
        {"id": 3, "summary": "Telephony", "client_id": 1, "client_name": "Acme", "estimate": 10, "timetaken": 1.5, "projectearlieststart": "2026-01-05T00:00:00", "projectlatestend": "2026-02-20T00:00:00",
         "dateoccurred": "2026-01-01T00:00:00", "lastactiondate": "2026-01-27T00:00:00"} | more for more in ({}, {"id": 4, "dateclosed": "2026-01-30T10:00:00"})
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """All lists, taken in as they would be fetched: what a connected system gives is its newest state, as is said here of costs."""
    folder = company(
        tmp_path_factory.mktemp("more") / "company",
        {"exports/ninja/devices.csv": NINJA} | {f"exports/{name}.ndjson": "".join(json.dumps(one) + "\n" for one in records) for name, records in FILES.items()},
        "sources:\n  aws:\n    mode: period\n",
    )  # fmt: skip
    with taken_in(folder, folder / "scratch") as (connection, taken):
        assert taken.refused == []
        yield connection


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("aws", [("111 Amazon EC2", "2025-12-01", "10.123456789", None, "USD", "Production"), ("111 Amazon EC2", "2026-01-01", "12.5", None, "USD", "Production"), ("111 Tax", "2026-01-01", "0", "2.375", "USD", "Production")]),
        ("brex", [("1", "2026-01-09", "149.9", None, "USD", "Video"), ("1", "2026-01-09", "-9.9", None, "USD", "ZOOM.US"), ("1", "2026-01-09", "1200", None, "JPY", "ZOOM.US")]),
        ("bc", [("g", "2026-01-12", "-15", "-3", "EUR", "Licence"), ("a", "2026-01-12", "1500.25", "300.05", "EUR", "Licence"), ("d", "2026-01-12", "2000", "0", "EUR", "Licence"),
                ("f", "2026-01-12", "20", "4", "USD", "Licence")]),
        ("netsuite", [("1", "2026-01-08", "4120.5", None, "USD", None), ("2", "2026-01-08", "-20.25", None, "USD", None), ("5", "2026-01-08", "900", None, "USD", None)]),
        ("tryton", [("1", "2026-01-07", "1200.5", None, "EUR", "Video"), ("3", "2026-01-07", "-0.5", None, "EUR", "Video"), ("5", "2026-01-07", "30", None, "EUR", "Video")]),
    ],
)
def test_lines_have_day_sign_tax_and_currency(read: duckdb.DuckDBPyConnection, source: str, expected: list[tuple[Any, ...]]) -> None:
    found = read.execute("select line_id, posted_on, amount, tax_amount, currency, description from raw.spend_line where source = ? order by posted_on, document_id, line_id", [source]).fetchall()
    assert found == [(line, date.fromisoformat(day), Decimal(text), Decimal(tax) if tax else None, currency, about) for line, day, text, tax, currency, about in expected]


def test_what_is_left_out_has_its_rule(read: duckdb.DuckDBPyConnection) -> None:
    found = read.execute("select source, rule, sum(record_count)::int from audit.record where status in ('excluded', 'quarantined') and table_name = 'spend_line' group by all order by all").fetchall()
    assert found == [
        ("bc", "draft", 1), ("bc", "not_a_cost_line", 1), ("bc", "not_an_expense", 1), ("brex", "payment_of_the_card", 1), ("brex", "reward", 1), ("netsuite", "not_an_expense", 1), ("netsuite", "not_posting", 1),
        ("tryton", "cancelled", 1), ("tryton", "draft", 2), ("tryton", "not_a_cost_line", 1), ("tryton", "sales_document", 1),
    ]  # fmt: skip


def test_a_card_payment_is_told_by_its_expense(read: duckdb.DuckDBPyConnection) -> None:
    assert read.execute("select gl_account_name, org_unit from raw.spend_line where document_id = 'p1'").fetchall() == [("SOFTWARE", "IT")]


def test_a_line_names_its_account_and_kind_of_cost(read: duckdb.DuckDBPyConnection) -> None:
    found = read.execute("select line_id, gl_account, gl_account_name, capex_opex from raw.spend_line where source = 'bc' and line_id in ('a', 'd') order by line_id").fetchall()
    assert found == [("a", "6200", "Software", None), ("d", None, None, "capex")]


def test_servers_of_an_inventory_are_tools_and_laptops_are_not(read: duckdb.DuckDBPyConnection) -> None:
    found = read.execute("select tool_id, name, vendor_name, category, end_of_life_on from raw.tool where source = 'ninja'").fetchall()
    assert found == [("7", "ACME-DC1", "Dell Inc.", "WINDOWS_SERVER", date(2027, 3, 31))]
    assert read.execute("select rule, record_count from audit.record where source = 'ninja' and status = 'excluded'").fetchall() == [("workplace_device", 1)]


def test_a_day_that_is_not_set_is_none(read: duckdb.DuckDBPyConnection) -> None:
    assert [row[0] is None for row in read.execute("select resolved_at from raw.ticket order by ticket_id").fetchall()] == [True, False]


def test_projects_have_their_plan_and_what_came_of_it(read: duckdb.DuckDBPyConnection) -> None:
    found = read.execute("select project_id, owner, status, start_on, end_on, actual_start_on, actual_end_on, planned_hours, actual_hours from raw.project order by project_id").fetchall()
    assert found == [
        ("connectwise-3", "Petra Lang", "done", date(2026, 1, 5), date(2026, 1, 20), date(2026, 1, 6), date(2026, 1, 27), 40, Decimal("52.25")),
        ("halopsa-3", None, "running", date(2026, 1, 5), date(2026, 2, 20), None, None, 10, Decimal("1.5")),
        ("halopsa-4", None, "done", date(2026, 1, 5), date(2026, 2, 20), None, date(2026, 1, 30), 10, Decimal("1.5")),
    ]


def test_an_epic_that_is_pulled_is_an_initiative_with_its_slip(tmp_path: Path) -> None:
    """`close` is tracked as ITSM-1, planned from February to June and begun nine days late; nobody typed ITSM-2."""
    with reader("jira", tmp_path / "pulled") as pulled:
        pulled.server.put("epics", 2)
        pulled.read("epics")
        epics = pulled.files["epics"][-1].read_text(encoding="utf-8")
    typed = lines("close,Automate reconciliation,optimize_integrate,ITSM-1,2026-12-31", header="initiative_id,name,phase,tracked_as,end_on")
    folder = company(tmp_path / "company", {"exports/jira/epics.ndjson": epics})
    put(folder, "strategy/initiatives.csv", typed)
    files = dbt_like_sql.read()
    with taken_in(folder, folder / "scratch") as (connection, _):
        connection.execute("create schema core; create schema staging; create table core.ledger (initiative_id text, month date, billed_amount decimal(18, 4), provenance text)")
        for name in (name for name in files if name in files["marts.initiative_slip"].reads - {"core.ledger"}):
            connection.execute(f"create table {name} as {files[name].sql}")
        sql = f"select initiative_id, initiative_name, start_slip_days, end_on, state from ({files['marts.initiative_slip'].sql}) order by initiative_id"
        found = connection.execute(sql).fetchall()
    assert found == [
        ("ITSM-2", "Automate reconciliation 2 r1", 9, date(2026, 6, 30), "began_late"),
        ("close", "Automate reconciliation", 9, date(2026, 12, 31), "began_late"),
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-01-31", {"month.next": "2026-02-01", "month.0": "2026-01-01", "month.1": "2025-12-01", "month.12": "2025-01-01", "month.36": "2023-01-01"}),
        ("2026-12-01", {"month.next": "2027-01-01", "month.0": "2026-12-01", "month.11": "2026-01-01"}),
    ],
)
def test_months_are_named_by_how_long_ago_they_were(day: str, expected: dict[str, str]) -> None:
    assert expected.items() <= months(datetime.fromisoformat(day)).items()


@pytest.mark.parametrize(("earlier", "later", "fell"), [("9", "10", False), ("10", "9", True), ("a9", "a10", True), (9, 10, False), ("10", 9, False)])
def test_ids_of_digits_rise_as_numbers(earlier: object, later: object, fell: bool) -> None:
    assert falls(earlier, later) is fell


@pytest.mark.parametrize(("named", "read"), [([], ["issues"]), (["issues", "epics"], ["epics", "issues"]), (["epics"], ["epics"])])
def test_what_not_everybody_wants_is_read_where_it_is_named(named: list[str], read: list[str], tmp_path: Path) -> None:
    one = Connection("jira", SourceSettings(connector="jira", streams=named), shipped()["jira"], {}, TokenStore(tmp_path / "tokens.json"))
    assert sorted(stream.name for stream in one.streams) == read


@pytest.mark.parametrize("body", ["[]", '{"message": "no"}', '{"ResultsByTime": 7}'])
def test_an_answer_without_months_is_left_to_the_engine(body: str) -> None:
    assert by_group(body) == body


@pytest.mark.parametrize("group", [{}, {"Keys": ["111"], "Metrics": {}}, {"Keys": 7, "Metrics": {}}])
def test_a_group_of_costs_of_another_form_is_no_answer(group: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not of the form"):
        by_group(json.dumps({"ResultsByTime": [{"TimePeriod": {}, "Groups": [group]}]}))


@pytest.mark.parametrize(("last", "fits"), [("7", True), ("8", False)])
def test_the_server_s_own_check_of_a_signature_agrees_with_the_published_example(last: str, fits: bool) -> None:
    """AWS's example of a request to IAM, whose signature it prints."""
    how = {"how": "aws4", "key_id": "AKIDEXAMPLE", "secret": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "service": "iam", "region": "us-east-1"}
    signature = f"5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d{last}"
    headers = CaseInsensitiveDict({
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Host": "iam.amazonaws.com", "X-Amz-Date": "20150830T123600Z",
        "Authorization": f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature={signature}",
    })  # fmt: skip
    assert is_signed(how, "GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", headers, b"") is fits
