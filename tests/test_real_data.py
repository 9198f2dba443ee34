"""Exports of real systems, refreshed as a user would, against an independent count of the same files.

The data are not part of the project (see `shared` in conftest.py). The sandbox tables are samples that join poorly:
a bill line whose bill is not among them is quarantined, and the share that may be is raised where that is so.
"""

import csv
import shutil
import textwrap
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import recount
from recount import Count

from connectors.profile import recognise, shipped
from pipelines.refresh import Refreshed, refresh
from pipelines.workspace import init_workspace

UNKNOWN: Mapping[str, Mapping[str, str]] = {
    "fivetran_jira": {
        "field_option": "id and name: any list has them",
        "status_category": "id and name: any list has them",
        "project_category": "id, name and description: any list has them",
        "resolution": "id, name and description: any list has them",
        "priority": "id, name and description: any list has them",
    },
    "fivetran_quickbooks": {"customer_type_data": "id, name and state: any list has them"},
    "cloud_bills_raw": {
        name: "describes how columns are converted; no bill"
        for name in ("aws-cur", "aws", "azure", "gcp", "oci", "aws_category_mapping", "azure_category_mapping", "gcp_category_mapping")
    },
    "azure_finops_toolkit": {name: "a list of names; no bill" for name in ("PricingUnits", "Regions", "ResourceTypes", "Services")},
}
"""Files that no profile reads, each with the reason."""
FOLDERS = (
    "fivetran_xero", "fivetran_quickbooks", "fivetran_netsuite", "fivetran_zendesk", "fivetran_jira", "fivetran_servicenow",
    "cloud_bills_raw", "azure_finops_toolkit", "oxford_2quarters", "redmine_live_export",
)  # fmt: skip
SAME_TABLE = {"fivetran_servicenow_task": 2, "azure_cost_actual": 3, "oxford_expenditure": 2}
"""Profiles that read more than one file of a folder: the same table twice, or two periods."""
ALIKE = {"azure_cost_actual", "azure_cost_amortized"}
"""Two views of one bill under the same header: plumbline.yml says which a source is."""


def header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_has_one_profile_or_a_reason(shared: Path, folder: str) -> None:
    claimed: Counter[str] = Counter()
    unknown = set()
    for path in sorted((shared / "data" / folder).glob("*.csv")):
        fits = {profile.profile for profile in recognise(header(path), shipped().values())}
        assert len(fits) < 2 or fits == ALIKE, f"{path.name} fits {fits}"
        if fits:
            claimed[min(fits)] += 1
        else:
            unknown.add(path.stem)
    assert unknown == set(UNKNOWN.get(folder, {}))
    twice = {name: n for name, n in claimed.items() if n > SAME_TABLE.get(name, 1) and not name.endswith("_not_read")}
    assert not twice


def test_every_lookup_names_a_profile() -> None:
    missing = {
        (profile.profile, lookup.profile)
        for profile in shipped().values()
        for lookup in profile.lookups.values()
        if lookup.profile not in shipped()
    }
    assert not missing


# ------------------------------------------------------------------------------------------------ a refresh

QUARANTINE_ALLOWED = "thresholds: {quarantine_share: 1}\n"


def workspace(tmp_path: Path, currency: str, exports: Mapping[str, Iterable[Path]], settings: str = "") -> Path:
    """A workspace with copies of files under exports/<source>/."""
    folder = tmp_path / "company"
    init_workspace(folder, name="Real", currency=currency)
    for source, paths in exports.items():
        target = folder / "exports" / source
        target.mkdir(parents=True)
        for path in paths:
            shutil.copyfile(path, target / path.name)
    with (folder / "plumbline.yml").open("a", encoding="utf-8") as file:
        file.write(settings)
    return folder


def query(result: Refreshed, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(result.warehouse), read_only=True) as connection:
        return connection.execute(sql, values).fetchall()


def assert_books(result: Refreshed, source: str, expected: Count) -> None:
    """What was taken in, the books and the spend lines of a source hold what the recount says, to the last decimal."""
    found = Count()
    records = query(
        result,
        "select status, case when status = 'excluded' then rule else '' end, coalesce(currency, ''), sum(record_count)::bigint, sum(amount) "
        "from audit.record where table_name = 'spend_line' and source = ? group by all",
        source,
    )
    for status, rule, currency, record_count, amount in records:
        found.records[status, rule, currency] = record_count
        found.amounts[status, rule, currency] = amount
    assert found.records == expected.records
    assert found.amounts == expected.amounts
    books = query(
        result,
        "select coalesce(currency, ''), sum(records_in)::bigint, sum(records_loaded)::bigint, sum(amount_in), sum(amount_loaded), max(abs(difference)) "
        "from audit.books where source = ? and step = 'deliver' group by all order by all",
        source,
    )
    assert books == [(currency, *totals, Decimal(0)) for currency, totals in sorted(expected.totals().items())]
    lines = query(result, "select original_currency, sum(original_amount) from core.spend_line where source = ? group by all", source)
    assert nonzero(dict(lines)) == nonzero(expected.loaded())


def nonzero(amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {currency: amount for currency, amount in amounts.items() if amount}


def billed(result: Refreshed, source: str) -> tuple[Decimal, int]:
    """Total in reporting currency, and the number of rounding lines in it."""
    sql = "select sum(billed_amount), count(*) filter (where line_kind = 'rounding') from core.spend_line where source = ?"
    (row,) = query(result, sql, source)
    return row[0], row[1]


@pytest.fixture(scope="module")
def refreshed(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """One company that has all these systems, a folder each, refreshed once."""
    data = shared / "data"

    def known(folder: str, pattern: str = "*.csv") -> list[Path]:
        return [path for path in sorted((data / folder).glob(pattern)) if path.stem not in UNKNOWN.get(folder, {})]

    exports = {
        "xero": known("fivetran_xero"),
        "quickbooks": known("fivetran_quickbooks"),
        "netsuite2": known("fivetran_netsuite", "netsuite2_*.csv"),
        "netsuite1": known("fivetran_netsuite", "netsuite_*.csv"),
        "aws": [data / "cloud_bills_raw" / "sample-anonymous-aws-export-dataset.csv"],
        "oci": [data / "cloud_bills_raw" / "reports_cost-csv_0000000030000269.csv"],
        "azure": [data / "cloud_bills_raw" / "sample-anonymous-ea-export-dataset.csv"],
        "azure_empty": [data / "azure_finops_toolkit" / "EA_NoRows.csv"],
        "oxford": known("oxford_2quarters"),
        "tryton": [data / "tryton_live_export" / "account_invoice.json"],
        "zendesk": known("fivetran_zendesk"),
        "jira": known("fivetran_jira"),
        "servicenow": known("fivetran_servicenow"),
        "redmine": [data / "redmine_live_export" / name for name in ("issues.csv", "issues_page1.json")],
    }
    pinned = "sources: {azure: {profile: azure_cost_actual}, azure_empty: {profile: azure_cost_actual}}\n"
    folder = workspace(tmp_path_factory.mktemp("real"), "USD", exports, QUARANTINE_ALLOWED + pinned)
    return refresh(folder, "2026-11")


def test_nothing_is_refused_or_missing(refreshed: Refreshed) -> None:
    assert list(refreshed.incomplete) == []
    assert refreshed.exit_code == 0


def test_books_have_no_difference_at_any_step(refreshed: Refreshed) -> None:
    assert query(refreshed, "select * from audit.books where difference <> 0") == []


# ------------------------------------------------------------------------------------------------ spend

RECOUNTS: Mapping[str, Callable[[Path], Count]] = {
    "xero": lambda data: recount.xero(data / "fivetran_xero"),
    "quickbooks": lambda data: recount.quickbooks(data / "fivetran_quickbooks"),
    "netsuite2": lambda data: recount.netsuite2(data / "fivetran_netsuite"),
    "netsuite1": lambda data: recount.netsuite1(data / "fivetran_netsuite"),
    "aws": lambda data: recount.aws(data / "cloud_bills_raw"),
    "oci": lambda data: recount.oci(data / "cloud_bills_raw"),
    "azure": lambda data: recount.azure(data / "cloud_bills_raw" / "sample-anonymous-ea-export-dataset.csv"),
    "oxford": lambda data: recount.oxford(data / "oxford_2quarters"),
    "tryton": lambda data: recount.tryton(data / "tryton_live_export"),
}


@pytest.mark.parametrize("source", RECOUNTS)
def test_totals_equal_the_recount(shared: Path, refreshed: Refreshed, source: str) -> None:
    assert_books(refreshed, source, RECOUNTS[source](shared / "data"))


def test_xero_lines_add_up_to_the_subtotals_of_its_bills(shared: Path, refreshed: Refreshed) -> None:
    bills = recount.rows(shared / "data" / "fivetran_xero" / "xero_invoice_data.csv")
    due: dict[str, Decimal] = {}
    for bill in bills:
        if bill["type"] == "ACCPAY" and bill["status"] in ("AUTHORISED", "PAID"):
            due[bill["currency_code"]] = due.get(bill["currency_code"], Decimal(0)) + Decimal(bill["sub_total"])
    assert dict(query(refreshed, "select currency, sum(amount) from raw.spend_line where source = 'xero' group by all")) == due


def test_lines_without_their_document_or_account_are_named(refreshed: Refreshed) -> None:
    sql = "select source, rule, count(*) from audit.quarantine where rule like 'no %' group by all order by all"
    assert query(refreshed, sql) == [
        ("netsuite2", "no account", 2),
        ("netsuite2", "no transaction", 2),
        ("quickbooks", "no account", 8),
        ("quickbooks", "no document", 9),
    ]


def test_amounts_that_are_not_there_are_counted(refreshed: Refreshed) -> None:
    ((unknown,),) = query(refreshed, "select sum(amount_unknown_count)::bigint from audit.record where source = 'netsuite2'")
    assert unknown == 5


def test_aws_tax_stands_beside_the_cost(shared: Path, refreshed: Refreshed) -> None:
    tax = recount.aws_tax(shared / "data" / "cloud_bills_raw")
    assert query(refreshed, "select sum(tax_amount) from raw.spend_line where source = 'aws'") == [(tax,)]


@pytest.mark.parametrize(("source", "total"), [("aws", "1.60"), ("oci", "2.52")])
def test_many_decimals_make_one_rounding_line(refreshed: Refreshed, source: str, total: str) -> None:
    assert billed(refreshed, source) == (Decimal(total), 1)


def test_export_without_rows_is_no_data(refreshed: Refreshed) -> None:
    assert query(refreshed, "select state, record_count from audit.delivery where source = 'azure_empty'") == [("empty", 0)]
    assert query(refreshed, "select count(*) from core.spend_line where source = 'azure_empty'") == [(0,)]


def test_oxford_two_headers_of_one_source(refreshed: Refreshed) -> None:
    months = query(refreshed, "select distinct strftime(month, '%Y-%m') as m from core.spend_line where source = 'oxford' order by m")
    assert months == [("2015-04",), ("2015-05",), ("2015-06",), ("2018-01",)]
    kinds = query(refreshed, "select capex_opex, currency, count(*) from raw.spend_line where source = 'oxford' group by all order by all")
    assert kinds == [("capex", "GBP", 528), ("opex", "GBP", 4685)]


# ------------------------------------------------------------------------------------------------ one bill seen twice


def azure(shared: Path, *names: str) -> list[Path]:
    return [shared / "data" / "azure_finops_toolkit" / f"EA_{name}.csv" for name in names]


VIEWS = """sources:
  actual: {files: "*Actual*", profile: azure_cost_actual}
  amortized: {files: "*Amortized*", profile: azure_cost_amortized}
"""


def test_actual_and_amortised_count_once(shared: Path, tmp_path: Path) -> None:
    actual, amortized = azure(shared, "ActualCost_Small", "AmortizedCost_Small")
    result = refresh(workspace(tmp_path, "USD", {"azure": [actual, amortized]}, VIEWS), "2023-09")
    assert_books(result, "actual", recount.azure(actual))
    assert_books(result, "amortized", recount.azure(amortized, "counted_elsewhere"))
    assert query(result, "select distinct provenance from core.spend_line where line_kind = 'line'") == [("invoiced",)]


def test_amortised_alone_counts_as_allocated(shared: Path, tmp_path: Path) -> None:
    (amortized,) = azure(shared, "AmortizedCost_Small")
    result = refresh(workspace(tmp_path, "USD", {"azure": [amortized]}, VIEWS), "2023-09")
    assert_books(result, "amortized", recount.azure(amortized))
    assert query(result, "select distinct provenance from core.spend_line where line_kind = 'line'") == [("allocated",)]


def test_a_bill_again_under_another_name_and_an_empty_one_change_nothing(shared: Path, tmp_path: Path) -> None:
    actual, empty = azure(shared, "ActualCost_Small", "NoRows")
    folder = workspace(tmp_path, "USD", {"azure": [actual, empty]}, "sources: {azure: {profile: azure_cost_actual}}\n")
    shutil.copyfile(actual, folder / "exports" / "azure" / "the bill again.csv")
    result = refresh(folder, "2023-09")
    assert_books(result, "azure", recount.azure(actual))
    states = query(result, "select source_file, state from audit.delivery where source = 'azure' order by all")
    assert [(Path(file).name, state) for file, state in states] == [
        ("EA_ActualCost_Small.csv", "loaded"), ("EA_NoRows.csv", "empty"), ("the bill again.csv", "duplicate"),
    ]  # fmt: skip


def test_a_bill_whose_view_nobody_told_is_refused(shared: Path, tmp_path: Path) -> None:
    result = refresh(workspace(tmp_path, "USD", {"azure": azure(shared, "ActualCost_Small")}), "2023-09")
    assert result.exit_code == 6
    ((message,),) = query(result, "select message from audit.delivery where source = 'azure' and state = 'refused'")
    assert "azure_cost_actual or azure_cost_amortized" in message


# ------------------------------------------------------------------------------------------------ tickets


def assert_tickets(result: Refreshed, source: str, expected: Mapping[str, str]) -> None:
    """Ticket id -> the rule that leaves it out, or an empty text."""
    found = query(
        result,
        "select status, coalesce(rule, ''), sum(record_count)::bigint from audit.record where table_name = 'ticket' and source = ? "
        "and status <> 'superseded' group by all",
        source,
    )
    assert {(status, rule): count for status, rule, count in found} == Counter(("excluded" if rule else "loaded", rule) for rule in expected.values())
    ids = query(result, "select ticket_id from raw.ticket where source = ?", source)
    assert {ticket_id for (ticket_id,) in ids} == {name for name, rule in expected.items() if not rule}


def test_zendesk_tickets_have_the_name_of_their_group(shared: Path, refreshed: Refreshed) -> None:
    data = shared / "data" / "fivetran_zendesk"
    tickets = recount.rows(data / "ticket_data.csv")
    assert_tickets(refreshed, "zendesk", {t["id"]: "deleted_in_source" if t["status"] == "deleted" else "" for t in tickets})
    groups = {row["id"]: row["name"] for row in recount.rows(data / "group_data.csv")}
    named = {t["id"]: groups.get(t["group_id"]) for t in tickets if t["status"] != "deleted"}
    assert dict(query(refreshed, "select ticket_id, assignment_group from raw.ticket where source = 'zendesk'")) == named


def test_jira_issues_have_names_for_their_ids(shared: Path, refreshed: Refreshed) -> None:
    data = shared / "data" / "fivetran_jira"
    issues = recount.rows(data / "issue.csv")
    assert_tickets(refreshed, "jira", {issue["key"]: "" for issue in issues})
    states, projects = recount.by(data / "status.csv", "id"), recount.by(data / "project.csv", "id")
    named = {
        (i["key"], states[i["status"]]["name"] if i["status"] in states else i["status"], projects[i["project"]]["name"]) for i in issues
    }
    assert set(query(refreshed, "select ticket_id, status, category from raw.ticket where source = 'jira'")) == named


def test_servicenow_task_delivered_twice_is_one_ticket(refreshed: Refreshed) -> None:
    assert_tickets(refreshed, "servicenow", {"CHG0000002": ""})
    found = query(refreshed, "select kind, priority, is_sla_met from raw.ticket where source = 'servicenow'")
    assert found == [("change", "4", False)]


def test_redmine_list_and_page_are_the_same_issues(shared: Path, refreshed: Refreshed) -> None:
    data = shared / "data" / "redmine_live_export"
    listed = {row["#"] for row in recount.rows(data / "issues.csv")}
    page = {str(issue["id"]) for issue in recount.documents(data / "issues_page1.json", "issues")}
    assert_tickets(refreshed, "redmine", dict.fromkeys(listed | page, ""))
    minute = "opened_at >= timestamp '2026-11-23 09:41:00' and opened_at < timestamp '2026-11-23 09:42:00'"
    assert query(refreshed, f"select count(*) from raw.ticket where source = 'redmine' and {minute}") == [(len(listed | page),)]


# ------------------------------------------------------------------------------------------------ what the real files lack

SMALL: Mapping[str, str] = {
    "xero/invoice.csv": """
        invoice_id,contact_id,date,currency_code,invoice_number,line_amount_types,status,type
        i1,c1,2026-03-05,NZD,SUP-1,Inclusive,AUTHORISED,ACCPAY
        i2,c1,2026-03-06,NZD,SUP-2,Exclusive,DRAFT,ACCPAY
        i3,c1,2026-03-07,NZD,SUP-3,NoTax,PAID,ACCPAY""",
    "xero/invoice_line_item.csv": """
        line_item_id,invoice_id,line_amount,account_code,tax_amount,description
        l1,i1,115,463,15,Jira
        l2,i2,40,463,6,a draft
        l3,i3,500,600,0,a laptop
        l4,i3,70,820,0,tax paid""",
    "xero/account.csv": """
        account_id,name,code,type,class
        a1,Software,463,EXPENSE,EXPENSE
        a2,Computers,600,FIXED,ASSET
        a3,GST,820,CURRLIAB,LIABILITY""",
    "quickbooks/vendor_credit.csv": """
        id,balance,currency_id,payable_account_id,transaction_date,vendor_id,_fivetran_deleted
        1,0,USD,9,2026-03-02,7,FALSE""",
    "quickbooks/vendor_credit_line.csv": """
        vendor_credit_id,index,amount,account_expense_account_id,item_expense_item_id
        1,0,30,50,""",
    "quickbooks/bill.csv": """
        id,currency_id,due_date,payable_account_id,sales_term_id,transaction_date,vendor_id,_fivetran_deleted
        1,USD,,9,,2026-03-01,7,FALSE""",
    "quickbooks/bill_line.csv": """
        bill_id,index,amount,account_expense_account_id,item_expense_item_id
        1,0,90,50,
        1,1,12,,3""",
    "quickbooks/purchase.csv": """
        id,account_id,credit,currency_id,payment_type,transaction_date,vendor_id,_fivetran_deleted
        1,8,true,USD,CreditCard,2026-03-03,7,FALSE""",
    "quickbooks/purchase_line.csv": """
        purchase_id,index,amount,account_expense_account_id,item_expense_item_id
        1,0,50,50,""",
    "quickbooks/journal_entry.csv": """
        id,adjustment,currency_id,doc_number,transaction_date,_fivetran_deleted
        1,FALSE,USD,J1,2026-03-31,FALSE""",
    "quickbooks/journal_entry_line.csv": """
        journal_entry_id,index,account_id,amount,posting_type
        1,0,50,10,Debit
        1,1,50,4,Credit
        1,2,51,25,Debit
        1,3,9,31,Credit""",
    "quickbooks/account.csv": """
        id,account_number,account_sub_type,account_type,classification,fully_qualified_name
        50,6200,OfficeExpenses,Expense,Expense,Software
        51,6900,Depreciation,Expense,Expense,Depreciation
        8,2100,CreditCard,Credit Card,Liability,Card
        9,2000,AccountsPayable,Accounts Payable,Liability,Payables""",
    "quickbooks/item.csv": """
        id,name,expense_account_id,income_account_id,asset_account_id,purchase_cost
        3,Licence,50,,,12""",
    "netsuite/tran_acct_line.csv": """
        accountingbook,transaction,transactionline,account,amount,posting,_fivetran_deleted
        1,11,1,60,70.00,T,FALSE
        2,11,1,60,70.00,T,FALSE
        1,11,0,20,-70.00,T,FALSE
        1,12,1,60,-15.50,T,FALSE
        1,13,1,60,99.00,T,FALSE""",
    "netsuite/transaction.csv": """
        id,trandate,type,entity,currency,postingperiod,_fivetran_active,_fivetran_deleted
        11,2026-02-27,VendBill,5,1,302,TRUE,FALSE
        11,2025-12-31,VendBill,5,1,299,FALSE,FALSE
        12,2026-03-09,VendCred,5,1,,TRUE,FALSE
        13,2026-03-09,ItemShip,5,1,302,TRUE,FALSE""",
    "netsuite/transaction_line.csv": """
        id,transaction,mainline,taxline,foreignamount,linesequencenumber,subsidiary,memo
        1,11,F,F,70,1,4,Licences
        1,12,F,F,-15.5,1,4,Credit""",
    "netsuite/account.csv": """
        id,acctnumber,accttype,fullname,_fivetran_active
        60,6000,Expense,Software,TRUE
        20,2000,AcctPay,Payables,TRUE""",
    "netsuite/accounting_book.csv": """
        id,basebook,isprimary,isconsolidated,_fivetran_active
        1,,T,F,TRUE
        2,1,F,F,TRUE""",
    "netsuite/accounting_period.csv": """
        id,periodname,startdate,enddate,isposting,_fivetran_active
        302,Mar 2026,2026-03-01 00:00:00,2026-03-31 00:00:00,T,TRUE""",
    "netsuite/subsidiary.csv": """
        id,currency,fiscalcalendar,iselimination,legalname,_fivetran_active
        4,3,1,F,Acme GmbH,TRUE""",
    "netsuite/currency.csv": """
        id,symbol,isbasecurrency,exchangerate,_fivetran_active
        1,USD,T,1,TRUE
        3,EUR,F,1.1,TRUE""",
    "aws/cur.csv": """
        identity/LineItemId,identity/TimeInterval,bill/PayerAccountId,bill/BillingPeriodStartDate,lineItem/LineItemType,lineItem/UnblendedCost,lineItem/CurrencyCode
        x1,t,1,2026-03-01T00:00:00.000Z,Usage,20.25,USD
        x2,t,1,2026-03-01T00:00:00.000Z,Credit,-5.00,USD
        x3,t,1,2026-03-01T00:00:00.000Z,Tax,3.10,USD""",
    "oci/report.csv": """
        lineItem/referenceNo,lineItem/intervalUsageStart,lineItem/isCorrection,lineItem/backreferenceNo,product/service,cost/myCost,cost/currencyCode
        r1,2026-03-01T10:00Z,false,,COMPUTE,10,USD
        r2,2026-03-01T10:00Z,true,r1,COMPUTE,-10,USD
        r3,2026-03-01T10:00Z,true,r1,COMPUTE,8,USD""",
}
"""Exports of the same forms with what the sandboxes have none of: tax inside amounts, refunds, credits, corrections."""

SMALL_LINES = [
    ("aws", None, "2026-03-01", "-5", None, "USD"),
    ("aws", None, "2026-03-01", "0", "3.1", "USD"),
    ("aws", None, "2026-03-01", "20.25", None, "USD"),
    ("netsuite", "11", "2026-03-31", "70", None, "EUR"),
    ("netsuite", "12", "2026-03-09", "-15.5", None, "EUR"),
    ("oci", None, "2026-03-01", "-10", None, "USD"),
    ("oci", None, "2026-03-01", "8", None, "USD"),
    ("oci", None, "2026-03-01", "10", None, "USD"),
    ("quickbooks", "bill 1", "2026-03-01", "12", None, "USD"),
    ("quickbooks", "bill 1", "2026-03-01", "90", None, "USD"),
    ("quickbooks", "journal 1", "2026-03-31", "-4", None, "USD"),
    ("quickbooks", "journal 1", "2026-03-31", "10", None, "USD"),
    ("quickbooks", "purchase 1", "2026-03-03", "-50", None, "USD"),
    ("quickbooks", "vendor credit 1", "2026-03-02", "-30", None, "USD"),
    ("xero", "i1", "2026-03-05", "100", "15", "NZD"),
    ("xero", "i3", "2026-03-07", "500", "0", "NZD"),
]
SMALL_LEFT_OUT = [
    ("netsuite", "not_a_purchase", "99"),
    ("netsuite", "not_an_expense", "-70"),
    ("netsuite", "other_book", "70"),
    ("quickbooks", "depreciation", "25"),
    ("quickbooks", "not_an_expense", "-31"),
    ("xero", "not_an_expense", "70"),
    ("xero", "not_approved", "40"),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    folder = workspace(tmp_path_factory.mktemp("small"), "USD", {})
    for name, text in SMALL.items():
        path = folder / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
    return refresh(folder, "2026-03")


def test_lines_have_the_sign_tax_and_month_of_their_books(small: Refreshed) -> None:
    sql = "select source, document_id, posted_on, amount, tax_amount, currency from raw.spend_line order by source, document_id, amount"
    expected = [(s, d, date.fromisoformat(day), Decimal(a), Decimal(t) if t else None, c) for s, d, day, a, t, c in SMALL_LINES]
    assert query(small, sql) == expected


def test_what_is_left_out_has_its_rule(small: Refreshed) -> None:
    found = query(small, "select source, rule, sum(amount) from audit.record where status = 'excluded' group by all order by all")
    assert found == [(source, rule, Decimal(amount)) for source, rule, amount in SMALL_LEFT_OUT]


def test_fixed_assets_are_capital_expenditure(small: Refreshed) -> None:
    found = query(small, "select capex_opex, sum(amount) from raw.spend_line where source = 'xero' group by all order by all")
    assert found == [("capex", Decimal(500)), ("opex", Decimal(100))]


def test_files_of_one_zip_are_one_delivery(tmp_path: Path) -> None:
    """A big bill comes in parts: the second must not replace the months of the first."""
    head, *records = textwrap.dedent(SMALL["aws/cur.csv"]).strip().splitlines()
    folder = workspace(tmp_path, "USD", {"aws": []})
    with zipfile.ZipFile(folder / "exports" / "aws" / "cur.zip", "w") as bill:
        for number, record in enumerate(records):
            bill.writestr(f"cur-{number:05}.csv", f"{head}\n{record}\n")
    result = refresh(folder, "2026-03")
    assert query(result, "select sum(amount), sum(tax_amount), count(*) from raw.spend_line") == [(Decimal("15.25"), Decimal("3.1"), 3)]
