"""Scores are absolute: what has nothing to do with a finding does not move it.

A small company goes through every SQL file from the raw records to the marts, is changed in a way that should not
matter, and goes through again.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import md5
from random import Random

import duckdb
import pytest
import sqlcase

Row = dict[str, str | None]
Raw = dict[str, list[Row]]
Found = list[dict[str, object]]

def rows(header: str, *lines: str) -> list[Row]:
    """Rows as one can read them: cells between bars, `-` for an empty one."""
    names = header.split()
    cells = ([cell.strip() for cell in line.split("|")] for line in lines)
    return [{n: None if c == "-" else c for n, c in zip(names, row, strict=True)} for row in cells]


def company() -> Raw:
    """Two overlaps, a gap, an assessed and an unassessed need, unmapped, misaligned and foreign money, an outage."""
    return {
        "owner": rows("owner_id name side", "cfo | Petra Lang | business", "cio | Karl Moser | it"),
        "priority": rows(
            "priority_id name theme weight owner_id",
            "fast | Close fast | efficiency | 3 | cfo",
            "meet | Meet clients anywhere | growth | 2 | cfo",
            "safe | Keep data safe | risk | 1 | cio",
            "lone | Open in Spain | growth | 1 | cfo",
        ),
        "capability": rows("capability_id name", "close | Close", "talk | Talk", "guard | Guard", "fleet | Car fleet"),
        "priority_capability": rows(
            "priority_id capability_id required_level weight business_owner_id it_owner_id",
            "fast | close | 0.8 | 1 | cfo | cio",
            "meet | talk | 0.6 | 2 | cfo | -",
            "safe | talk | 0.5 | 1 | cfo | cio",
            "safe | guard | 0.9 | 1 | - | cio",
        ),
        "initiative": rows(
            "initiative_id name phase status priority_id start_on end_on owner_id",
            "auto | Automate matching | optimize_integrate | running | fast | 2026-01-01 | 2026-06-30 | cfo",
        ),
        "initiative_capability": rows("initiative_id capability_id", "auto | close"),
        "kpi": rows(
            "kpi_id name unit direction baseline target priority_id capability_id owner_id",
            "days | Days to close | days | minimize | 8 | 3 | fast | - | cfo",
            "calls | Calls that work | share | maximize | 0.5 | 0.9 | - | talk | cio",
        ),
        "kpi_observation": rows("kpi_id month value", "days | 2026-02-01 | 6", "calls | 2026-03-01 | 0.6"),
        "tool": rows(
            "tool_id name vendor_name lifecycle",
            "A1 | Ledger | Sage GmbH | active",
            "A2 | Zoom | Zoom Video Inc | active",
            "A3 | Webex | Cisco | active",
            "A4 | Blackline | Blackline | active",
            "A5 | FleetBoard | Daimler | active",
        )
        + rows("tool_id name lifecycle end_of_life_on", "A6 | Fax | end_of_life | 2026-02-28"),
        "mapping": rows(
            "subject_kind subject capability_id weight role fit author decided_on",
            "tool | Ledger | close | 1 | leading | 0.5 | pl | 2026-01-01",
            "tool | Blackline | close | 1 | - | 0.4 | pl | 2026-01-01",
            "tool | Zoom | talk | 3 | leading | 0.9 | pl | 2026-01-01",
            "tool | Zoom | close | 1 | supporting | - | pl | 2026-01-01",
            "tool | Webex | talk | 1 | - | - | pl | 2026-01-01",
            "tool | FleetBoard | fleet | 1 | leading | - | pl | 2026-01-01",
        ),
        "budget": rows(
            "version kind month priority_id gl_account amount currency",
            "2026 | budget | 2026-02-01 | fast | - | 300.00 | EUR",
            "2026 | budget | 2026-03-01 | - | 6400 | 90.00 | EUR",
        ),
        "contract": rows(
            "contract_id vendor_name tool_name status start_on end_on notice_days auto_renew annual_amount currency",
            "c1 | Zoom Video Inc | Zoom | active | 2025-07-01 | 2026-06-30 | 30 | true | 1200.00 | EUR",
        ),
        "licence": rows(
            "licence_id tool_name vendor_name as_of_on seats_purchased seats_assigned seats_active",
            "z1 | Zoom | Zoom Video Inc | 2026-03-31 | 40 | 30 | 12",
        ),
        "usage": rows(
            "tool_name person org_unit last_active_at",
            "Zoom | ann@example.com | - | 2026-03-20 09:00:00",
            "Webex | ann@example.com | - | 2026-03-21 09:00:00",
            "Webex | bob@example.com | - | 2025-03-21 09:00:00",
        ),
        "ticket": rows(
            "ticket_id kind tool_name opened_at",
            "i1 | incident | Zoom | 2026-03-02 10:00:00",
            "i2 | request | Ledger | 2026-02-02 10:00:00",
        ),
        "outage": rows(
            "outage_id tool_name started_at ended_at is_planned",
            "o1 | Zoom | 2026-03-02 10:00:00 | 2026-03-02 11:30:00 | false",
        ),
        "operation": rows(
            "operation_id name tool_name people_count affected_share hourly_cost_amount",
            "hotline | Hotline | Zoom | 10 | 0.5 | 40.00",
        ),
        "time_saving": rows("initiative_id name people_count monthly_hours hourly_cost_amount", "auto | Matching | 10 | 4 | 50.00"),
        "control": rows("control_id name kind csf_function asset_class tool_name status", "mute | Calls are closed | technical | protect | data | Zoom | in_place"),
        "risk": rows(
            "risk_id name capability_id annual_probability loss_low_amount loss_high_amount control_ids owner_id",
            "leak | A call is overheard | talk | 0.1 | 1000.00 | 9000.00 | mute | cio",
        ),
        "restore_test": rows("capability_id tested_on restored_hours lost_hours is_passed", "close | 2026-01-10 | 5 | 1 | true"),
        "known_exploited": rows("cve_id vendor product added_on", "CVE-1 | Zoom | Zoom | 2026-01-10"),
        "fx_rate": rows(
            "rate_on currency rate rate_source",
            "2026-03-05 | USD | 1.25 | ECB",
            "2026-02-05 | USD | 1.20 | ECB",
        ),
        "saving": rows(
            "finding_id stage subject_kind subject annual_amount effective_on author decided_on",
            "overlap-1 | agreed | tool | Webex | 60 | 2026-03-01 | pl | 2026-02-20",
        ),
        "spend_line": rows(
            "document_id line_id posted_on vendor_name tool_name amount currency service_start_on service_end_on",
            "b1 | 1 | 2026-03-05 | Zoom Video Inc | Zoom | 300.01 | EUR | 2026-01-01 | 2026-12-31",
            "b2 | 1 | 2026-03-05 | Cisco | Webex | 75.00 | USD | - | -",
            "b3 | 1 | 2026-02-05 | Sage GmbH | Ledger | 400.00 | EUR | - | -",
            "b3 | 2 | 2026-02-05 | Sage GmbH | Ledger | -20.00 | EUR | - | -",
            "b4 | 1 | 2026-02-05 | Blackline | Blackline | 90.00 | EUR | - | -",
            "b6 | 1 | 2026-02-05 | Miro BV | Miro | 12.00 | EUR | - | -",
            "b5 | 1 | 2026-02-05 | Daimler | FleetBoard | 60.00 | EUR | - | -",
            "- | - | 2026-02-05 | Zoom Video Inc | - | 15.00 | EUR | - | -",
            "- | - | 2026-02-05 | Amazon | - | 8.50 | EUR | - | -",
            "- | - | 2026-02-05 | Amazon | - | 8.50 | EUR | - | -",
            "- | - | 2026-02-05 | Zoom Video Inc | - | 15.00 | EUR | - | -",
        ),
    }


@contextmanager
def warehouse(raw: Raw) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every table made from the raw rows; each stands on its own row of its table's file."""
    with duckdb.connect(config={"threads": 2}) as connection:
        sqlcase.create_inputs(connection)
        connection.execute(sqlcase.SETTINGS)
        connection.execute(
            "insert into settings.purchase_match (match_id, match_state, match_rule, match_confidence, copy_source, copy_document_id, counted_source, currency, copy_amount)"
            " values ('m1', 'asked', 'vendor', 0.7, 'card', 'c1', 'erp', 'EUR', 60)"
        )
        connection.execute("insert into settings.vendor_candidate values ('amazon', 'daimler', 'typo', 0.8, 'as the resolution may ask')")
        for table, given in raw.items():
            place = {"source": "test", "delivery_id": "d1", "source_file": f"{table}.csv"}
            for at, row in enumerate(given, 2):
                full = {**row, **place, "source_row": str(at)}
                marks = ", ".join("?" * len(full))
                connection.execute(f"insert into raw.{table} ({', '.join(full)}) values ({marks})", list(full.values()))
        sqlcase.create_files(connection)
        yield connection


def refreshed(raw: Raw) -> dict[str, Found]:
    """Every mart, made from the raw rows."""
    with warehouse(raw) as connection:
        return {name: found(connection, name) for name in sqlcase.files() if name.startswith("marts.")}


def found(connection: duckdb.DuckDBPyConnection, table: str) -> Found:
    cursor = connection.execute(f"select * from {table}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def without(marts: Mapping[str, Found], *columns: str) -> dict[str, list[str]]:
    """The rows of each mart as text, without some columns, in an order of their own."""
    return {
        mart: sorted(str({name: str(value) for name, value in row.items() if name not in columns}) for row in found)
        for mart, found in marts.items()
    }


@pytest.fixture(scope="module")
def before() -> dict[str, Found]:
    return refreshed(company())


def test_the_company_has_something_of_everything(before: Mapping[str, Found]) -> None:
    """A test of what does not move is worth nothing on empty tables."""
    assert [mart for mart, found in before.items() if not found] == []
    assert {row["capability_id"] for row in before["marts.overlap"]} == {"close", "talk"}
    assert {row["state"] for row in before["marts.gap"]} == {"gap", "covered", "no_tool"}
    kinds = {row["kind"] for row in before["marts.misalignment"]}
    assert kinds == {"unmapped_money", "misaligned_money", "underfunded_priority"}


def test_the_company_breaks_no_check_that_blocks() -> None:
    """All identities hold on it; the books alone need the counts of an ingest, which hand-made rows do not have."""
    checks = [name for name, file in sqlcase.files().items() if file.is_check and file.severity == "error"]
    with warehouse(company()) as connection:
        broken = {check: found(connection, check) for check in checks if check != "checks.books_close"}
    assert {check: rows for check, rows in broken.items() if rows} == {}


def with_an_unrelated_tool(raw: Raw) -> Raw:
    """A tool with money, people and tickets, for a capability that nothing else serves."""
    raw["capability"] += rows("capability_id name", "print | Printing")
    raw["tool"] += rows("tool_id name vendor_name lifecycle", "A9 | PaperCut | PaperCut | active")
    raw["mapping"] += rows(
        "subject_kind subject capability_id weight role fit author decided_on",
        "tool | PaperCut | print | 1 | leading | 1 | pl | 2026-01-01",
    )
    raw["usage"] += rows("tool_name person last_active_at", "PaperCut | ann@example.com | 2026-03-20 09:00:00")
    raw["ticket"] += rows("ticket_id kind tool_name opened_at", "i9 | incident | PaperCut | 2026-03-02 10:00:00")
    raw["spend_line"] += rows(
        "document_id line_id posted_on vendor_name tool_name amount currency",
        "b9 | 1 | 2026-03-05 | PaperCut | PaperCut | 333.33 | EUR",
    )
    return raw


def test_an_unrelated_tool_changes_no_other_row(before: Mapping[str, Found]) -> None:
    """All rows but its own stay as they were; only `share_of_total` moves, being a share of a total that grew."""
    after = refreshed(with_an_unrelated_tool(company()))
    marts = {mart: [row for row in found if not is_total(mart, row)] for mart, found in before.items()}
    others = {mart: [row for row in after[mart] if not is_total(mart, row) and not is_of(row, "print", "papercut")] for mart in marts}
    assert without(others, "share_of_total") == without(marts, "share_of_total")


def is_total(mart: str, row: Mapping[str, object]) -> bool:
    """Rows that hold all money, or all that reaches no priority, capability or account: a tool for none of them is in them too."""
    if mart == "marts.alignment_month":
        return True
    return (mart == "marts.spend_driver" and row["theme"] == "none") or (mart == "marts.budget_variance" and row["subject_id"] is None)


def is_of(row: Mapping[str, object], capability_id: str, tool_key: str) -> bool:
    tool_id = f"t-{md5(tool_key.encode(), usedforsecurity=False).hexdigest()[:12]}"
    subjects = {row.get("capability_id"), row.get("tool_id"), row.get("subject_id")}
    return not subjects.isdisjoint({capability_id, tool_id}) or row.get("vendor_name") == "PaperCut" or row.get("subject") in {"Printing", "PaperCut"}


def test_an_unrelated_tool_adds_its_own_money_and_no_other(before: Mapping[str, Found]) -> None:
    after = refreshed(with_an_unrelated_tool(company()))["marts.alignment_month"]
    amounts = ("aligned_amount", "misaligned_amount", "unmapped_amount", "total_amount")
    moved = {
        (f"{new['month']:%Y-%m}", name, str(new[name] - old[name]))
        for new in after
        for old in before["marts.alignment_month"]
        for name in amounts
        if new["month"] == old["month"] and new[name] != old[name]
    }
    assert moved == {("2026-03", "misaligned_amount", "333.3300"), ("2026-03", "total_amount", "333.3300")}


def shuffled(raw: Raw) -> Raw:
    """The same rows elsewhere in the same files."""
    random = Random(7)
    return {table: random.sample(given, len(given)) for table, given in raw.items()}


def turned_round(raw: Raw) -> Raw:
    return {table: given[::-1] for table, given in reversed(raw.items())}


def with_a_vendor_renamed(raw: Raw) -> Raw:
    return {
        table: [{n: "Alpha Conferencing AG" if v == "Zoom Video Inc" else v for n, v in row.items()} for row in given]
        for table, given in raw.items()
    }


def with_a_line_split(raw: Raw) -> Raw:
    """The 400.00 of one line on two lines of the same bill."""
    lines = raw["spend_line"]
    at = next(at for at, line in enumerate(lines) if line["amount"] == "400.00")
    lines[at : at + 1] = [{**lines[at], "amount": "160.00"}, {**lines[at], "line_id": "3", "amount": "240.00"}]
    return raw


@pytest.mark.parametrize(
    ("change", "moving"),
    [
        (shuffled, ("source_row", "left_row", "right_row")),
        (turned_round, ("source_row", "left_row", "right_row")),
        (with_a_vendor_renamed, ("vendor_id", "vendor_name", "vendors", "subject_id", "subject", "finding_id")),
        (with_a_line_split, ("ledger_row_count", "spend_line_count")),
    ],
)
def test_what_does_not_matter_changes_nothing(
    change: Callable[[Raw], Raw], moving: tuple[str, ...], before: Mapping[str, Found]
) -> None:
    """`moving` are the columns that may change: rows within a file, names and ids of the vendor, counts of lines."""
    assert without(refreshed(change(company())), *moving) == without(before, *moving)
