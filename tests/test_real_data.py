"""Exports of real systems, refreshed as a user would, against an independent count of the same files.

The data are not part of the project (see `shared` in conftest.py). The sandbox tables are samples that join poorly:
a bill line whose bill is not among them is quarantined, and the share that may be is raised where that is so.
"""

import csv
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest
import recount
from companies import assert_books, billed, query, workspace
from recount import Count

from connectors.profile import recognise, shipped
from pipelines.refresh import Refreshed, refresh

UNKNOWN: Mapping[str, Mapping[str, str]] = {
    "fivetran_jira": {
        "field_option": "id and name: any list has them",
        "status_category": "id and name: any list has them",
    },
    "fivetran_quickbooks": {"customer_type_data": "id, name and state: any list has them"},
    "cloud_bills_raw": dict.fromkeys(
        (
            "aws-cur",
            "aws",
            "azure",
            "gcp",
            "oci",
            "aws_category_mapping",
            "azure_category_mapping",
            "gcp_category_mapping",
        ),
        "describes how columns are converted; no bill",
    ),
    "azure_finops_toolkit": dict.fromkeys(
        ("PricingUnits", "Regions", "ResourceTypes", "Services"), "a list of names; no bill"
    ),
}
"""Files that no profile reads, each with the reason."""
FOLDERS = (
    *("fivetran_xero", "fivetran_quickbooks", "fivetran_netsuite", "fivetran_zendesk", "fivetran_jira"),
    *("fivetran_servicenow", "cloud_bills_raw", "azure_finops_toolkit", "oxford_2quarters", "redmine_live_export"),
)
SAME_TABLE = {"fivetran_servicenow_task": 2, "azure_cost_actual": 2, "oxford_expenditure": 2}
"""Profiles that read more than one file of a folder: the same table twice, or two periods."""
ALIKE = {"azure_cost_actual", "azure_cost_amortized"}
"""Two views of one bill under the same header: the file's name tells, or plumbline.yml."""


def header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_has_one_profile_or_a_reason(shared: Path, folder: str) -> None:
    claimed: Counter[str] = Counter()
    unknown = set()
    for path in sorted((shared / "data" / folder).glob("*.csv")):
        fits = {profile.profile for profile in recognise(header(path), shipped().values(), path.name)}
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
    pinned = "sources: {azure: {profile: azure_cost_actual}}\n"
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
    assert (
        dict(query(refreshed, "select currency, sum(amount) from raw.spend_line where source = 'xero' group by all"))
        == due
    )


def test_lines_without_their_document_or_account_are_named(refreshed: Refreshed) -> None:
    sql = "select source, rule, count(*) from audit.quarantine where rule like 'no %' group by all order by all"
    assert query(refreshed, sql) == [
        ("netsuite2", "no account", 2),
        ("netsuite2", "no transaction", 2),
        ("quickbooks", "no account", 8),
        ("quickbooks", "no document", 9),
    ]


def test_amounts_that_are_not_there_are_counted(refreshed: Refreshed) -> None:
    ((unknown,),) = query(
        refreshed, "select sum(amount_unknown_count)::bigint from audit.record where source = 'netsuite2'"
    )
    assert unknown == 5


def test_aws_tax_stands_beside_the_cost(shared: Path, refreshed: Refreshed) -> None:
    tax = recount.aws_tax(shared / "data" / "cloud_bills_raw")
    assert query(refreshed, "select sum(tax_amount) from raw.spend_line where source = 'aws'") == [(tax,)]


@pytest.mark.parametrize(("source", "total"), [("aws", "1.60"), ("oci", "2.52")])
def test_many_decimals_make_one_rounding_line(refreshed: Refreshed, source: str, total: str) -> None:
    assert billed(refreshed, source) == (Decimal(total), 1)


def test_export_without_rows_is_no_data(refreshed: Refreshed) -> None:
    assert query(refreshed, "select state, record_count from audit.delivery where source = 'azure_empty'") == [
        ("empty", 0)
    ]
    assert query(refreshed, "select count(*) from core.spend_line where source = 'azure_empty'") == [(0,)]


def test_oxford_two_headers_of_one_source(refreshed: Refreshed) -> None:
    months = query(
        refreshed,
        "select distinct strftime(month, '%Y-%m') as m from core.spend_line where source = 'oxford' order by m",
    )
    assert months == [("2015-04",), ("2015-05",), ("2015-06",), ("2018-01",)]
    kinds = query(
        refreshed,
        "select capex_opex, currency, count(*) from raw.spend_line where source = 'oxford' group by all order by all",
    )
    assert kinds == [("capex", "GBP", 528), ("opex", "GBP", 4685)]


# ------------------------------------------------------------------------------------------------ one bill seen twice


def azure(shared: Path, *names: str) -> list[Path]:
    return [shared / "data" / "azure_finops_toolkit" / f"EA_{name}.csv" for name in names]


PINNED = """sources:
  first: {files: "a.csv", profile: azure_cost_actual}
  second: {files: "b.csv", profile: azure_cost_amortized}
"""


@pytest.mark.parametrize("are_named", [True, False], ids=["named", "pinned"])
def test_actual_and_amortised_count_once(shared: Path, tmp_path: Path, are_named: bool) -> None:
    actual, amortized = azure(shared, "ActualCost_Small", "AmortizedCost_Small")
    files = [actual, amortized]
    if not are_named:
        files = [shutil.copyfile(path, tmp_path / name) for path, name in zip(files, ("a.csv", "b.csv"), strict=True)]
    result = refresh(workspace(tmp_path, "USD", {"azure": files}, "" if are_named else PINNED), "2023-09")
    if are_named:
        both = recount.azure(actual)
        for bucket, records in recount.azure(amortized, "counted_elsewhere").records.items():
            both.records[bucket] = records
            both.amounts[bucket] = recount.azure(amortized, "counted_elsewhere").amounts[bucket]
        assert_books(result, "azure", both)
    else:
        assert_books(result, "first", recount.azure(actual))
        assert_books(result, "second", recount.azure(amortized, "counted_elsewhere"))
    assert query(result, "select distinct provenance from core.spend_line where line_kind = 'line'") == [("invoiced",)]


def test_amortised_alone_counts_as_allocated(shared: Path, tmp_path: Path) -> None:
    (amortized,) = azure(shared, "AmortizedCost_Small")
    result = refresh(workspace(tmp_path, "USD", {"azure": [amortized]}), "2023-09")
    assert_books(result, "azure", recount.azure(amortized))
    assert query(result, "select distinct provenance from core.spend_line where line_kind = 'line'") == [("allocated",)]


def test_a_bill_again_under_another_name_and_an_empty_one_change_nothing(shared: Path, tmp_path: Path) -> None:
    actual, empty = azure(shared, "ActualCost_Small", "NoRows")
    folder = workspace(tmp_path, "USD", {"azure": [actual, empty]})
    shutil.copyfile(actual, folder / "exports" / "azure" / "the bill again.csv")
    result = refresh(folder, "2023-09")
    assert_books(result, "azure", recount.azure(actual))
    states = query(result, "select source_file, state from audit.delivery where source = 'azure' order by all")
    assert [(Path(file).name, state) for file, state in states] == [
        ("EA_ActualCost_Small.csv", "loaded"), ("EA_NoRows.csv", "empty"), ("the bill again.csv", "duplicate"),
    ]  # fmt: skip


def test_a_bill_whose_view_nobody_tells_is_refused(shared: Path, tmp_path: Path) -> None:
    (actual,) = azure(shared, "ActualCost_Small")
    result = refresh(workspace(tmp_path, "USD", {"azure": [shutil.copyfile(actual, tmp_path / "bill.csv")]}), "2023-09")
    assert result.exit_code == 6
    ((message,),) = query(result, "select message from audit.delivery where source = 'azure' and state = 'refused'")
    assert "azure_cost_actual or azure_cost_amortized" in message


# ------------------------------------------------------------------------------------------------ tickets


def assert_tickets(result: Refreshed, source: str, expected: Mapping[str, str]) -> None:
    """Ticket id -> the rule that leaves it out, or an empty text."""
    found = query(
        result,
        """select status, coalesce(rule, ''), sum(record_count)::bigint from audit.record
        where table_name = 'ticket' and source = ? and status <> 'superseded' group by all""",
        source,
    )
    assert {(status, rule): count for status, rule, count in found} == Counter(
        ("excluded" if rule else "loaded", rule) for rule in expected.values()
    )
    ids = query(result, "select ticket_id from raw.ticket where source = ?", source)
    assert {ticket_id for (ticket_id,) in ids} == {name for name, rule in expected.items() if not rule}


def test_zendesk_tickets_have_the_name_of_their_group(shared: Path, refreshed: Refreshed) -> None:
    data = shared / "data" / "fivetran_zendesk"
    tickets = recount.rows(data / "ticket_data.csv")
    assert_tickets(
        refreshed, "zendesk", {t["id"]: "deleted_in_source" if t["status"] == "deleted" else "" for t in tickets}
    )
    groups = {row["id"]: row["name"] for row in recount.rows(data / "group_data.csv")}
    named = {t["id"]: groups.get(t["group_id"]) for t in tickets if t["status"] != "deleted"}
    assert (
        dict(query(refreshed, "select ticket_id, assignment_group from raw.ticket where source = 'zendesk'")) == named
    )


def test_jira_issues_have_names_for_their_ids(shared: Path, refreshed: Refreshed) -> None:
    data = shared / "data" / "fivetran_jira"
    issues = recount.rows(data / "issue.csv")
    assert_tickets(refreshed, "jira", {issue["key"]: "" for issue in issues})
    names = {
        table: {row["id"]: row["name"] for row in recount.rows(data / f"{table}.csv")}
        for table in ("status", "priority", "project")
    }
    named = {(i["key"], *(names[table].get(i[table], i[table]) for table in names)) for i in issues}
    assert (
        set(query(refreshed, "select ticket_id, status, priority, category from raw.ticket where source = 'jira'"))
        == named
    )


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
    assert query(refreshed, f"select count(*) from raw.ticket where source = 'redmine' and {minute}") == [
        (len(listed | page),)
    ]
