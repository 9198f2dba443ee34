"""The ingest: every physical record becomes a typed row, or is listed with the reason why not; nothing is guessed."""

import io
import json
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from small import SPEND, company, lines, put, rows, taken_in

from models import PROVENANCE, Kind, tables
from pipelines.errors import ConfigError, DataRejected

LENIENT = "thresholds: {quarantine_share: 1}\n"
BILLS = lines("d1,1,2026-01-05,Acme,100.00,EUR", "d2,1,2026-01-06,Beta,7.50,USD")

# ------------------------------------------------------------------------------------------------ two readers

PLAIN = {
    "plain": (BILLS, "duckdb"),
    "quoted commas and quotes": (lines('d1,1,2026-01-05,"Acme, Inc.",100,EUR', 'd2,1,2026-01-06,"the ""real"" Beta",7.5,USD'), "duckdb"),
    "CRLF": (BILLS.replace("\n", "\r\n"), "duckdb"),
    "a byte order mark": ("\ufeff" + BILLS, "duckdb"),
    "umlauts": (BILLS.replace("Acme", "Müller & Söhne"), "duckdb"),
    "semicolons": (BILLS.replace(",", ";"), "duckdb"),
    "blanks around cells": (BILLS.replace(",Acme,", ", Acme ,"), "duckdb"),
    "a cell that cannot be read": (BILLS.replace("7.50", "n/a"), "duckdb"),
    "a line end in quotes": (lines('d1,1,2026-01-05,"Acme\nBerlin",100,EUR', "d2,1,2026-01-06,Beta,7.5,USD"), "strict"),
    "a blank line": (BILLS.replace("d2,", "\nd2,"), "strict"),
    "a total below": (BILLS + "Total,,,,107.50,\n", "strict"),
    "a banner above": ("Bills of January\n\n" + BILLS, "duckdb"),
}


def everything(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """All that an ingest says of the records of a file, but for which reader read it."""
    return {
        "raw": rows(connection, "select * from raw.spend_line order by source_row"),
        "record": rows(connection, "select * from audit.record order by all"),
        "quarantine": rows(connection, "select * from audit.quarantine order by all"),
    }


@pytest.mark.parametrize(("content", "reader"), PLAIN.values(), ids=PLAIN)
def test_both_readers_give_the_same_records_on_the_same_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, reader: str) -> None:
    monkeypatch.setattr("pipelines.landing.SMALL", 0)
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": content}, LENIENT)
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select distinct reader from audit.delivery where home = 'exports'") == [(reader,)]
        found = everything(connection)
    with monkeypatch.context() as patch:
        patch.setattr("pipelines.parts.LARGE", 1)
        with taken_in(folder, tmp_path / "scratch") as (connection, _):
            assert everything(connection) == found, "as one of many rows, which is shaped alone"
    monkeypatch.setattr("pipelines.landing.prove", lambda *_: None)
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select distinct reader from audit.delivery where home = 'exports'") == [("strict",)]
        assert everything(connection) == found
    starts = [n for n, line in enumerate(content.removeprefix("\ufeff").splitlines(), 1) if line.startswith(("d1", "d2"))]
    listed = [row[-1] for row in found["raw"]] + [row[4] for row in found["quarantine"]]
    assert sorted(listed) == starts


def test_lines_of_a_large_file_follow_from_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A join in its statement would lose the order: its lines would have to be numbered, on one core and at twice the time."""
    spend = tables()["spend_line"]
    cells = {"document_type": "invoice", "currency": "EUR", "capex_opex": "opex", "is_one_time": "no", "amount": "1.50", "posted_on": "2026-01-05"}
    header = [column.name for column in spend.columns if column.kind is Kind.TEXT or column.name in cells]
    cells |= {column.name: column.among[0] for column in spend.columns if column.among}
    content = "\n".join([",".join(header), ",".join(cells.get(name, f"{name} 1") for name in header), ""])
    monkeypatch.setattr("pipelines.landing.SMALL", 0)
    monkeypatch.setattr("pipelines.parts.LARGE", 1)
    with taken_in(company(tmp_path / "w", {"exports/erp/bills.csv": content}), tmp_path / "scratch") as (connection, _):
        (part,) = {name for (name,) in rows(connection, "select part from audit.delivery where table_name = 'spend_line'")}
        assert rows(connection, f"select line, record_status from {part}") == [(None, "loaded")]


@pytest.mark.parametrize("small", [0, 1 << 20], ids=["each by DuckDB", "together by the strict reader"])
def test_several_files_of_one_layout_keep_their_own_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int) -> None:
    monkeypatch.setattr("pipelines.landing.SMALL", small)
    files = {f"exports/erp/{n}.csv": lines(*(f"d{n}-{k},1,2026-01-05,Acme,{n}{k},EUR" for k in range(1, 4))) for n in range(1, 4)}
    with taken_in(company(tmp_path / "w", files), tmp_path / "scratch") as (connection, _):
        found = rows(connection, "select source_file, source_row, amount::int from raw.spend_line order by all")
    assert found == [(f"exports/erp/{n}.csv", k + 1, 10 * n + k) for n in range(1, 4) for k in range(1, 4)]


# ------------------------------------------------------------------------------------------------ quarantine

GOOD = [f"d{n},1,2026-01-05,Acme,10.00,EUR" for n in range(1, 400)]
BAD = {
    "not a number": ("x1,1,2026-01-05,Acme,ten,EUR", [("amount", "ten", "not a number")]),
    "not a date": ("x1,1,2026-02-30,Acme,10,EUR", [("posted_on", "2026-02-30", "not a date")]),
    "an amount in another currency than its row": ("x1,1,2026-01-05,Acme,USD 10.00,EUR", [("amount", "USD 10.00", "names another currency than its row")]),
    "dollars in a row of euros": ("x1,1,2026-01-05,Acme,$10.00,EUR", [("amount", "$10.00", "names another currency than its row")]),
    "a code that is no currency": ("x1,1,2026-01-05,Acme,10,XQZ", [("currency", "XQZ", "unknown currency")]),
    "missing": ("x1,1,2026-01-05,Acme,,EUR", [("amount", "", "missing")]),
    "two faults": ("x1,1,soon,Acme,ten,EUR", [("amount", "ten", "not a number"), ("posted_on", "soon", "not a date")]),
    "an id that Excel spoilt": ("1.23457E+11,1,2026-01-05,Acme,10,EUR", [("document_id", "1.23457E+11", "cut off by a spreadsheet")]),
}


@pytest.mark.parametrize(("record", "faults"), BAD.values(), ids=BAD)
def test_a_bad_record_is_listed_with_file_row_column_value_and_rule(tmp_path: Path, record: str, faults: list[tuple[str, str, str]]) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": lines(*GOOD[:200], record, *GOOD[200:])})
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        found = rows(connection, "select source, table_name, source_file, source_row, column_name, value, rule from audit.quarantine order by all")
        assert found == [("erp", "spend_line", "exports/erp/bills.csv", 202, *fault) for fault in faults]
        assert rows(connection, "select status, sum(record_count)::int from audit.record group by all order by all") == [("loaded", 399), ("quarantined", 1)]
        assert rows(connection, "select count(*) from raw.spend_line") == [(399,)]


THRESHOLDS = {
    "one record of a hundred": ([*GOOD[:99], "x1,1,2026-01-05,Acme,ten,EUR"], "", True),
    "two of a hundred": ([*GOOD[:98], *["x1,1,2026-01-05,Acme,ten,EUR"] * 2], "", False),
    "two of a hundred, where two per cent may be": ([*GOOD[:98], *["x1,1,2026-01-05,Acme,ten,EUR"] * 2], "thresholds: {quarantine_share: 0.02}\n", True),
    "one record with more than its share of money": ([*GOOD[:99], "x1,1,soon,Acme,500.00,EUR"], "", False),
    "credits do not hide the money of what is bad": ([*GOOD[:198], "x1,1,soon,Acme,900,EUR", "x2,1,soon,Acme,-900,EUR"], "", False),
    "nor do they make little of what is good": ([*(f"{r.replace('10.00', '-10.00' if n % 2 else '10.00')}" for n, r in enumerate(GOOD[:198])), "x1,1,soon,Acme,10,EUR"], "", True),
}


@pytest.mark.parametrize(("records", "settings", "is_taken"), THRESHOLDS.values(), ids=THRESHOLDS)
def test_quarantine_has_a_threshold_of_records_and_of_money(tmp_path: Path, records: list[str], settings: str, is_taken: bool) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": lines(*records)}, settings)
    if is_taken:
        with taken_in(folder, tmp_path / "scratch") as (connection, _):
            assert rows(connection, "select count(*) > 0 from audit.quarantine") == [(True,)]
        return
    with pytest.raises(DataRejected, match=r"Source erp: . of \d+ records are quarantined") as stopped, taken_in(folder, tmp_path / "scratch"):
        pass
    assert "exports/erp/bills.csv, row " in str(stopped.value)
    assert "quarantine_share" in str(stopped.value)
    assert stopped.value.exit_code == 7


def test_a_ragged_record_is_quarantined_where_the_profile_says_so(tmp_path: Path) -> None:
    profile = SMALL_PROFILE.replace("columns:", "dialect: {ragged: quarantine}\ncolumns:")
    folder = company(tmp_path / "w", {"profiles/p.yml": profile, "exports/erp/bills.csv": lines(*(f"{n};2026-01-05;1;EUR" for n in range(120)), "x;2026", header="no;day;sum;cur")})
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select source_row, value, rule, table_name from audit.quarantine") == [(122, "x;2026", "ragged", "spend_line")]
        assert rows(connection, "select status, sum(record_count)::int from audit.record group by all order by all") == [("loaded", 120), ("quarantined", 1)]


def test_a_total_is_no_record_and_is_listed(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS + "Total,,,,107.50,\n"})
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select sum(amount)::varchar from raw.spend_line") == [("107.500000000000",)]
        assert rows(connection, "select source_row, rule, line_text from audit.left_out") == [(4, "total", "Total,,,,107.50,")]
        assert rows(connection, "select status, rule, record_count from audit.record where status <> 'loaded'") == [("excluded", "total", 1)]


def test_bad_cells_of_files_people_edit_are_an_error_that_names_them(tmp_path: Path) -> None:
    files = {
        "strategy/priorities.csv": "priority_id,name,theme,weight\np1,Grow,growing,1\np1,Save,cost,0.5\np1,Keep,risk,1\n",
        "decisions/mapping.csv": "subject_kind,subject,capability_id,author,decided_on\ntool,Jira,c1,,2026-01-01\n",
    }
    with pytest.raises(ConfigError) as stopped, taken_in(company(tmp_path / "w", files), tmp_path / "scratch"):
        pass
    told = str(stopped.value)
    assert "strategy/priorities.csv, line 2, theme: 'growing' is not one of growth, efficiency, risk, compliance, cost" in told
    assert "strategy/priorities.csv, line 4: key occurs twice" in told
    assert "decisions/mapping.csv, line 2, author: must not be empty" in told


# ------------------------------------------------------------------------------------------------ refusals

SMALL_PROFILE = """
profile: small
system: Test
description: Four columns.
table: spend_line
header: [no, day, sum, cur]
mode: keyed
columns: {document_id: no, posted_on: {from: day, date: auto}, amount: {from: sum, decimal: auto}, currency: cur}
"""
HEADER = "no;day;sum;cur"


def refusal(tmp_path: Path, files: dict[str, str | bytes], settings: str = "") -> str:
    """What is said of the one file that is refused; the other ones are taken."""
    folder = company(tmp_path / "w", {f"exports/{name}" if "/" not in name or name.startswith("erp/") else name: content for name, content in files.items()}, settings)
    with taken_in(folder, tmp_path / "scratch") as (connection, work):
        ((source, message),) = work.refused
        assert rows(connection, "select source, message from audit.delivery where state = 'refused'") == [(source, message)]
        assert rows(connection, "select distinct source from settings.source") == [(source,)]
        return message


def test_an_unknown_header_is_refused_and_names_the_way_on(tmp_path: Path) -> None:
    told = refusal(tmp_path, {"erp/odd.csv": "Wann,Wieviel\n2026-01-05,10\n"})
    assert told == "exports/erp/odd.csv, line 1: no profile knows its header (Wann, Wieviel). Run `plumbline map exports/erp/odd.csv` and refresh again."


def test_a_header_that_changed_is_told_as_a_difference(tmp_path: Path) -> None:
    told = refusal(tmp_path, {"profiles/p.yml": SMALL_PROFILE, "erp/bills.csv": lines("1;2026-01-05;10;EUR", header="no;day;total;cur")}, "sources: {erp: {profile: small}}\n")
    assert "its header is not that of profile small" in told
    assert "sum" in told
    assert "total" in told
    assert "plumbline map" in told


AMBIGUOUS = {
    "a number": (["1;2026-01-05;1.234;EUR"], "sum", "'1.234'", 'amount: {from: sum, decimal: "."} or amount: {from: sum, decimal: ","}'),
    "a date": (["1;03/04/2026;10,00;EUR", "2;05/06/2026;10,00;EUR"], "day", "'03/04/2026'", "posted_on: {from: day, date: dmy} or posted_on: {from: day, date: mdy}"),
}


@pytest.mark.parametrize(("records", "column", "example", "line"), AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_can_be_read_two_ways_is_refused_with_the_line_that_settles_it(tmp_path: Path, records: list[str], column: str, example: str, line: str) -> None:
    told = refusal(tmp_path, {"profiles/p.yml": SMALL_PROFILE, "erp/bills.csv": lines(*records, header=HEADER)})
    assert told.startswith(f"exports/erp/bills.csv, column {column}: {example}")
    assert "can be read in more than one way" in told
    assert line in told


def test_a_column_written_in_two_ways_is_refused(tmp_path: Path) -> None:
    told = refusal(tmp_path, {"profiles/p.yml": SMALL_PROFILE, "erp/bills.csv": lines("1;2026-01-05;1.234,50;EUR", "2;2026-01-05;1,234.50;EUR", header=HEADER)})
    assert "is written in two ways: '1.234,50', '1,234.50'" in told or "is written in two ways: '1,234.50', '1.234,50'" in told


SETTLED = {
    "by another value": ([["1;03/04/2026;1.234;EUR", "2;13/04/2026;0,5;EUR"]], [(4, Decimal(1234)), (4, Decimal("0.5"))]),
    "by the file beside it": ([["1;03/04/2026;1.234;EUR"], ["2;25/12/2025;99,50;EUR"]], [(4, Decimal(1234)), (12, Decimal("99.5"))]),
    "by a value far below": (
        [[*(f"{n};03/04/2026;1.234;EUR" for n in range(2_500)), "x;13/04/2026;0,5;EUR"]],
        [*[(4, Decimal(1234))] * 2_500, (4, Decimal("0.5"))],
    ),
    "by a value far below empty ones": (
        [[*(f"{n};2026-01-31;;EUR" for n in range(2_500)), "x;2026-01-31;1.234,50;EUR"]], [(1, Decimal("1234.5"))],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), SETTLED.values(), ids=SETTLED)
def test_it_is_settled_by_any_value_of_the_column_or_of_files_beside_it(tmp_path: Path, files: list[list[str]], expected: list[tuple[int, Decimal]]) -> None:
    given = {f"exports/erp/{n}.csv": lines(*records, header=HEADER) for n, records in enumerate(files)}
    folder = company(tmp_path / "w", {"profiles/p.yml": SMALL_PROFILE, **given}, LENIENT)
    with taken_in(folder, tmp_path / "scratch") as (connection, work):
        assert work.refused == []
        assert rows(connection, "select month(posted_on), amount from raw.spend_line order by source_file, source_row") == expected


def test_two_profiles_that_fit_are_a_question(tmp_path: Path) -> None:
    twin = SMALL_PROFILE.replace("profile: small", "profile: other")
    files = {"profiles/p.yml": f"{SMALL_PROFILE}---{twin}", "erp/bills.csv": lines("1;2026-01-05;10,5;EUR", header=HEADER)}
    told = refusal(tmp_path, files)
    assert "its header fits several profiles: other or small" in told
    assert "plumbline.yml: sources: {erp: {profile: " in told
    folder = company(tmp_path / "settled", {n if n.startswith("profiles") else f"exports/{n}": c for n, c in files.items()}, "sources: {erp: {profile: other}}\n")
    with taken_in(folder, tmp_path / "scratch") as (connection, work):
        assert work.refused == []
        assert rows(connection, "select profile from audit.delivery where home = 'exports'") == [("other",)]


def test_one_refused_file_does_not_hold_up_the_others(tmp_path: Path) -> None:
    told = refusal(tmp_path, {"profiles/p.yml": SMALL_PROFILE, "erp/bills.csv": BILLS, "erp/half.csv": lines("1;2026-01-05;10,5;EUR", "2;2026-01-06;", header=HEADER)})
    assert told.startswith("exports/erp/half.csv, line 3")
    with taken_in(tmp_path / "w", tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select count(*) from raw.spend_line") == [(2,)]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("sources: {erp: {profile: smal}}\n", "there is no profile smal. Did you mean small?"),
        ("sources: {erp: {mode: sometimes}}\n", "sources.erp.mode"),
    ],
)
def test_settings_that_cannot_be_are_errors(tmp_path: Path, settings: str, told: str) -> None:
    folder = company(tmp_path / "w", {"profiles/p.yml": SMALL_PROFILE, "exports/erp/bills.csv": BILLS}, settings)
    with pytest.raises(ConfigError, match=told), taken_in(folder, tmp_path / "scratch"):
        pass


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("p.yml", SMALL_PROFILE.replace("document_id: no", "document: no"), "p.yml: .*spend_line has no column document"),
        ("p.yml", SMALL_PROFILE.replace("profile: small", "profile: card_statement"), "p.yml: the profile card_statement is there already"),
        ("p.yaml", SMALL_PROFILE, r"p\.yaml: a profile's file ends in \.yml"),
        ("p.yml", "profile: [", "p.yml: this is not YAML"),
    ],
)
def test_a_profile_that_cannot_be_is_an_error_before_anything_is_kept(tmp_path: Path, name: str, content: str, told: str) -> None:
    folder = company(tmp_path / "w", {f"profiles/{name}": content, "exports/erp/bills.csv": BILLS})
    with pytest.raises(ConfigError, match=told), taken_in(folder, tmp_path / "scratch"):
        pass
    assert not list((folder / "deliveries").glob("erp/*"))


# ------------------------------------------------------------------------------------------------ profiles at work

JOINED = """
profile: bill_line
system: Test
description: Lines that need their bill.
table: spend_line
header: [line, bill_id, net]
mode: keyed
lookups: {bill: {profile: bill, "on": {bill_id: id}, required: true}, vendor: {profile: vendor, "on": {bill.vendor: code}}}
columns:
  document_id: bill_id
  line_id: line
  posted_on: {from: bill.day, date: iso}
  vendor_name: vendor.title
  amount: {from: net, decimal: "."}
  currency: {value: EUR}
---
profile: bill
system: Test
description: Bills, for their lines.
header: [id, day, vendor]
---
profile: vendor
system: Test
description: Vendors' names.
header: [code, title]
"""


def test_lookups_join_rows_of_other_files_and_a_missing_one_is_quarantined(tmp_path: Path) -> None:
    files = {
        "profiles/p.yml": JOINED,
        "exports/erp/lines.csv": "line,bill_id,net\n1,b1,10\n2,b1,20\n1,b2,5\n1,b9,7\n",
        "exports/erp/bills_1.csv": "id,day,vendor\nb1,2026-01-05,v1\nb2,2026-01-06,v1\n",
        "exports/erp/bills_2.csv": "day,id,vendor,note\n2026-02-06,b2,v7,corrected\n2026-02-06,b2 ,v2,corrected once more\n",
        "exports/erp/vendors.csv": "code,title\nv1,Acme\n",
    }
    with taken_in(company(tmp_path / "w", files, LENIENT), tmp_path / "scratch") as (connection, _):
        found = rows(connection, "select document_id, line_id, posted_on::varchar, vendor_name, amount::int from raw.spend_line order by all")
        assert found == [("b1", "1", "2026-01-05", "Acme", 10), ("b1", "2", "2026-01-05", "Acme", 20), ("b2", "1", "2026-02-06", None, 5)]
        listed = rows(connection, "select source_row, column_name, value, rule from audit.quarantine order by all")
        assert listed == [(5, "bill", "b9", "no bill"), (5, "posted_on", "", "missing")]
        states = rows(connection, "select source_file, state from audit.delivery where home = 'exports' order by all")
        assert [state for _, state in states] == ["reference", "reference", "loaded", "reference"]


def test_a_lookup_file_that_cannot_be_read_is_refused_alone(tmp_path: Path) -> None:
    files = {
        "profiles/p.yml": JOINED, "exports/erp/lines.csv": "line,bill_id,net\n1,b1,10\n", "exports/erp/bills.csv": "id,day,vendor\nb1,2026-01-05,v1\n",
        "exports/erp/vendors.csv": "code,title\nv1\n",
    }  # fmt: skip
    with taken_in(company(tmp_path / "w", files), tmp_path / "scratch") as (connection, work):
        assert [source for source, _ in work.refused] == ["erp"]
        assert rows(connection, "select vendor_name, amount::int from raw.spend_line") == [(None, 10)]


def test_a_column_a_currency_becomes_a_row_a_rate(tmp_path: Path) -> None:
    content = "Date,USD,JPY,GBP,BGN,\n2026-01-06,1.08,158.2,0.84,N/A,\n2026-01-05,1.07,N/A,0.83,1.9558,\n"
    with taken_in(company(tmp_path / "w", {"exports/ecb/eurofxref-hist.csv": content}), tmp_path / "scratch") as (connection, work):
        assert work.refused == []
        found = rows(connection, "select rate_on::varchar, currency, rate::varchar, rate_source, source_row from raw.fx_rate order by 1, 2")
    assert found == [
        ("2026-01-05", "BGN", "1.9558000000", "ECB", 3), ("2026-01-05", "GBP", "0.8300000000", "ECB", 3), ("2026-01-05", "USD", "1.0700000000", "ECB", 3),
        ("2026-01-06", "GBP", "0.8400000000", "ECB", 2), ("2026-01-06", "JPY", "158.2000000000", "ECB", 2), ("2026-01-06", "USD", "1.0800000000", "ECB", 2),
    ]  # fmt: skip


AZURE = "BillingAccountId,BillingPeriodStartDate,Date,MeterCategory,ChargeType,PricingModel,ResourceId,CostInBillingCurrency,BillingCurrencyCode"


def azure(*records: tuple[str, str, int]) -> str:
    return lines(*(f"{account},{month}/01/2026,{month}/03/2026,VM,Usage,OnDemand,r,{cost},EUR" for account, month, cost in records), header=AZURE)


def test_amortised_lines_are_counted_elsewhere_only_where_the_bill_is_there(tmp_path: Path) -> None:
    files = {
        "exports/actual/a.csv": azure(("acc1", "01", 100), ("acc2", "01", 5)),
        "exports/amortised/b.csv": azure(("acc1", "01", 60), ("acc1", "02", 40), ("acc3", "01", 7)),
    }
    pinned = "sources: {actual: {profile: azure_cost_actual}, amortised: {profile: azure_cost_amortized}}\n"
    folder = company(tmp_path / "w", files, pinned)
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select source, sum(amount)::int from raw.spend_line group by all order by all") == [("actual", 105), ("amortised", 47)]
        assert rows(connection, "select source, amount::int from audit.record where status = 'counted_elsewhere'") == [("amortised", 60)]
    # The corrected bill of January has acc1 no longer: its amortised lines are all there is.
    put(folder, "exports/actual/a.csv", azure(("acc2", "01", 5)))
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select source, sum(amount)::int from raw.spend_line group by all order by all") == [("actual", 5), ("amortised", 107)]


# ------------------------------------------------------------------------------------------------ other forms

ROWS = [{"document_id": "d1", "line_id": "1", "posted_on": "2026-01-05", "vendor_name": "Müller, Inc", "amount": "100.25", "currency": "EUR"},
        {"document_id": "d2", "line_id": "1", "posted_on": "2026-01-06", "vendor_name": None, "amount": "7.5", "currency": "USD"}]  # fmt: skip


def parquet(tmp_path: Path) -> bytes:
    path = tmp_path / "made.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"""copy (select * from (values ('d1', 1, date '2026-01-05', 'Müller, Inc', 100.25::decimal(18, 2), 'EUR'), ('d2', 1, date '2026-01-06', null, 7.5, 'USD'))
            as t({SPEND})) to '{path}' (format parquet)"""
        )
    return path.read_bytes()


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


CSV = lines('d1,1,2026-01-05,"Müller, Inc",100.25,EUR', "d2,1,2026-01-06,,7.5,USD")
FORMS = {
    "bills.csv": lambda _: CSV.encode(),
    "bills.tsv": lambda _: lines("d1\t1\t2026-01-05\tMüller, Inc\t100.25\tEUR", "d2\t1\t2026-01-06\t\t7.5\tUSD", header=SPEND.replace(",", "\t")).encode(),
    "bills.json": lambda _: json.dumps(ROWS).encode(),
    "bills.ndjson": lambda _: "\n".join(json.dumps(row) for row in ROWS).encode() + b"\n",
    "bills.parquet": parquet,
    "bills.csv.zip": lambda _: zipped({"in/bills.csv": CSV.encode()}),
    "bills.parquet.zip": lambda tmp_path: zipped({"bills.parquet": parquet(tmp_path)}),
    "utf16.csv": lambda _: CSV.encode("utf-16"),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    folder = company(tmp_path / "w", {f"exports/erp/{name}": FORMS[name](tmp_path)})
    with taken_in(folder, tmp_path / "scratch") as (connection, work):
        assert work.refused == []
        found = rows(connection, "select document_id, line_id, posted_on::varchar, vendor_name, amount, currency from raw.spend_line order by source_row")
        assert rows(connection, "select profile, record_count from audit.delivery where home = 'exports'") == [("plumbline_spend_line", 2)]
    assert found == [("d1", "1", "2026-01-05", "Müller, Inc", Decimal("100.25"), "EUR"), ("d2", "1", "2026-01-06", None, Decimal("7.5"), "USD")]


@pytest.mark.parametrize(("content", "told"), [(b"PAR1 and no more PAR1", "Parquet"), (b"PAR1 and no end", "not a whole Parquet file")])
def test_a_broken_parquet_file_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    assert told in refusal(tmp_path, {"erp/bills.parquet": content})


def test_every_contract_has_its_table_even_when_nothing_fills_it(tmp_path: Path) -> None:
    with taken_in(company(tmp_path / "w", {}), tmp_path / "scratch") as (connection, _):
        for table in tables().values():
            described = rows(connection, f"describe raw.{table.name}")
            assert [row[0] for row in described] == [*table.names, *(column.name for column in PROVENANCE)]
        assert rows(connection, "select * from settings.run") == [(date(2026, 1, 1), "EUR", 1, None, date(2026, 2, 3))]


# ------------------------------------------------------------------------------------------------ what is expected

EXPECTED = "sources:\n  erp: {cadence: monthly, lateness_days: 10}\n  Card Bank: {cadence: quarterly, profile: card_statement}\n  odds: {}\n"


def test_an_expected_source_is_known_even_if_it_never_delivered(tmp_path: Path) -> None:
    with taken_in(company(tmp_path / "w", {"exports/erp/bills.csv": BILLS}, EXPECTED), tmp_path / "scratch") as (connection, _):
        found = rows(connection, "select source, table_name, profile, cadence, lateness_days, is_expected from settings.source order by all")
    assert found == [
        ("card_bank", "spend_line", "card_statement", "quarterly", 15, True),
        ("erp", "spend_line", "plumbline_spend_line", "monthly", 10, True),
    ]


def test_a_file_with_a_header_only_is_empty_and_not_refused(tmp_path: Path) -> None:
    with taken_in(company(tmp_path / "w", {"exports/erp/bills.csv": SPEND + "\n"}), tmp_path / "scratch") as (connection, work):
        assert work.refused == []
        assert rows(connection, "select state, record_count from audit.delivery where home = 'exports'") == [("empty", 0)]
