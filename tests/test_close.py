"""Closing: a closed month stays as it was, what came later is shown beside it, and opening it again leaves a trace."""

import json
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from small import NOON, company, lines, put, without_expectations  # noqa: F401 - a fixture

from pipelines import refresh as refreshing
from pipelines.close import close_month, closed, closed_months, reopen_month, versions
from pipelines.deliveries import deliver
from pipelines.errors import ConfigError, DataRejected, UsageError
from pipelines.lock import Busy, workspace_lock
from pipelines.publish import published
from pipelines.refresh import Refreshed, refresh
from pipelines.workspace import Workspace

pytestmark = pytest.mark.usefixtures("without_expectations")

JANUARY, FEBRUARY = "2026-01", "2026-02"
HEADER = "no;line;day;sum;cur"
PROFILE = """
profile: small
system: Test
description: Five columns.
table: spend_line
header: [no, line, day, sum, cur]
mode: keyed
columns: {document_id: no, line_id: line, posted_on: {from: day, date: iso}, amount: {from: sum, decimal: "."}, currency: cur}
"""
OWN = "-- One document.\n-- grain: document_id\nselect document_id, sum(amount) as spend_amount -- Its cost.\nfrom raw.spend_line group by document_id\n"
JANUARYS = lines("d1;1;2026-01-05;100.00;EUR", "d2;1;2026-01-06;7.50;EUR", "d3;1;2026-01-07;20;EUR", header=HEADER)


def small(tmp_path: Path, settings: str = "") -> Path:
    return company(tmp_path / "w", {"profiles/p.yml": PROFILE, "extensions/sql/own/document.sql": OWN, "exports/erp/january.csv": JANUARYS}, settings)


def ask(result: Refreshed, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(result.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def total(result: Refreshed) -> object:
    return ask(result, "select sum(billed_amount)::double from core.ledger")[0][0]


def test_the_life_of_a_closed_month(tmp_path: Path) -> None:
    folder = small(tmp_path)
    with pytest.raises(UsageError, match=r"2026-01 is not published yet. Run `plumbline refresh --month 2026-01` first"):
        close_month(folder, JANUARY)
    first = refresh(folder, JANUARY)
    record = close_month(folder, JANUARY, now=NOON)
    assert (record["version"], record["action"], record["at"]) == (1, "close", "2026-02-03T12:00:00+00:00")
    assert (record["run"], record["table_hash"]) == (first.folder.name, first.table_hash)
    assert set(record["deliveries"]) == {path.name for path in (folder / "deliveries").glob("*/*")}
    assert closed_months(folder) == [JANUARY]
    with pytest.raises(UsageError, match="2026-01 is closed already"):
        close_month(folder, JANUARY)

    # All that a refresh reads changes: bills, strategy, settings, the profile, own SQL.
    late = lines("d1;1;2026-01-05;90.00;EUR", "d9;1;2026-01-31;5;EUR", "f1;1;2026-02-01;1;EUR", "d3;1;2026-02-07;20;EUR", header=HEADER)
    put(folder, "exports/erp/late.csv", late)
    put(folder, "exports/erp/again.csv", JANUARYS)
    put(folder, "strategy/capabilities.csv", "capability_id,name\nc1,Billing\n")
    put(folder, "profiles/p.yml", PROFILE.replace('decimal: "."', 'decimal: ".", negate: true'))
    put(folder, "extensions/sql/own/document.sql", OWN.replace("sum(amount)", "max(amount)"))
    with (folder / "plumbline.yml").open("a") as file:
        file.write("thresholds: {renewal_window_days: 30}\n")
    again = refresh(folder, JANUARY)
    assert (again.is_unchanged, again.table_hash, again.deliveries) == (True, first.table_hash, 6)
    assert (folder / "current").resolve() == first.folder

    put(folder, "profiles/p.yml", PROFILE)
    next_month = refresh(folder, FEBRUARY)
    assert ask(next_month, "select closed_month::varchar, change, closed_amount::double, current_amount::double, source_file, source_row from audit.late_posting order by 2") == [
        ("2026-01-01", "added", None, 5, "exports/erp/late.csv", 3), ("2026-01-01", "changed", 100, 90, "exports/erp/late.csv", 2),
        ("2026-01-01", "removed", 20, None, "exports/erp/january.csv", 4),
    ]  # fmt: skip
    assert refresh(folder, FEBRUARY).is_unchanged

    with pytest.raises(UsageError, match="2026-02 is not closed"):
        reopen_month(folder, FEBRUARY, "a typo")
    reopened = reopen_month(folder, JANUARY, "a late bill", now=NOON + timedelta(days=1))
    assert (reopened["version"], reopened["action"], reopened["reason"]) == (2, "reopen", "a late bill")
    assert closed(folder, JANUARY) is None
    corrected = refresh(folder, JANUARY)
    assert (total(first), total(corrected)) == (127.5, 102.5)
    assert close_month(folder, JANUARY)["version"] == 3
    assert [(r["version"], r["action"]) for r in versions(folder, JANUARY)] == [(1, "close"), (2, "reopen"), (3, "close")]
    assert ask(first, "select count(*) from core.ledger") == [(3,)], "the closed version stays"

    settled = refresh(folder, FEBRUARY)
    assert not settled.is_unchanged, "what it is compared with is part of what it is made of"
    assert ask(settled, "select count(*) from audit.late_posting") == [(0,)]


def test_a_closed_month_is_held_against_what_it_was_held_against(tmp_path: Path) -> None:
    """February was closed while January was; that January is opened later does not change it."""
    folder = small(tmp_path)
    refresh(folder, JANUARY)
    close_month(folder, JANUARY)
    put(folder, "exports/erp/late.csv", lines("d9;1;2026-01-31;5;EUR", header=HEADER))
    february = refresh(folder, FEBRUARY)
    assert close_month(folder, FEBRUARY)["compared_with"] == {JANUARY: 1}
    reopen_month(folder, JANUARY, "a late bill")
    assert refresh(folder, FEBRUARY).table_hash == february.table_hash


def test_another_result_stops_and_says_what_differs_and_that_the_program_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = small(tmp_path)
    first = refresh(folder, JANUARY)
    close_month(folder, JANUARY)
    monkeypatch.setattr("pipelines.basis.program", lambda: "2.0+fedcba987654")
    assert refresh(folder, JANUARY).table_hash == first.table_hash, "another program with the same result is welcome"
    monkeypatch.setattr(refreshing, "counted", lambda connection, _: connection.cursor().execute("update core.spend_line set description = 'new'") and {})
    before = published(folder, JANUARY).folder
    with pytest.raises(DataRejected) as stopped:
        refresh(folder, JANUARY)
    told = str(stopped.value)
    assert "2026-01 is closed, and rebuilding it from what it was closed on gives other tables: core.spend_line." in told
    assert "The program changed since: 1.0+0123456789ab then, 2.0+fedcba987654 now." in told
    assert "plumbline reopen 2026-01 --reason" in told
    assert published(folder, JANUARY).folder == before


def test_an_incomplete_month_is_closed_only_with_a_reason(tmp_path: Path) -> None:
    folder = small(tmp_path, "sources: {card: {cadence: monthly}}\n")
    assert refresh(folder, JANUARY).exit_code == 6
    with pytest.raises(DataRejected, match=r"2026-01 is incomplete and stays open:\n  card: .*\n.*--accept-missing SOURCE --reason") as stopped:
        close_month(folder, JANUARY)
    assert stopped.value.exit_code == 7
    with pytest.raises(UsageError, match=r"cart is not missing in 2026-01\. Did you mean card\?"):
        close_month(folder, JANUARY, {"cart": "the bank is late"})
    assert closed_months(folder) == []
    assert close_month(folder, JANUARY, {"card": "the bank is late"})["accepted_missing"] == {"card": "the bank is late"}


def test_money_without_a_rate_is_shown_and_keeps_the_month_open(tmp_path: Path) -> None:
    folder = small(tmp_path)
    put(folder, "exports/erp/dollars.csv", lines("u1;1;2026-01-05;50;USD", "u2;1;2026-01-05;50;USD", "y1;1;2026-01-05;9;JPY", header=HEADER))
    shown = refresh(folder, JANUARY)
    assert ask(shown, "select original_amount::double, billed_amount from core.spend_line where original_currency = 'JPY'") == [(9, None)]
    assert [line.partition(". A rate")[0] for line in shown.findings if "no exchange rate" in line] == [
        f"erp: {count} lines of 2026-01, {amount} in all, are in no sum: they have no exchange rate" for count, amount in ((1, "9 JPY"), (2, "100 USD"))
    ]
    assert "erp (money without a rate)" in (shown.folder / "report" / "report.html").read_text(encoding="utf-8")
    with pytest.raises(DataRejected, match=r"no exchange rate for 1 lines in JPY, 2 lines in USD\. Add the rates to strategy/fx_rates\.csv"):
        close_month(folder, JANUARY)
    put(folder, "strategy/fx_rates.csv", "rate_on,currency,rate\n2026-01-02,USD,1.25\n2026-01-02,JPY,150\n")
    assert total(refresh(folder, JANUARY)) == pytest.approx(127.5 + 80 + 0.06)
    assert close_month(folder, JANUARY)["version"] == 1


def test_what_was_known_on_a_day_is_built_beside(tmp_path: Path) -> None:
    folder = small(tmp_path)
    deliver(Workspace(folder), NOON)
    put(folder, "exports/erp/late.csv", lines("d9;1;2026-01-31;5;EUR", header=HEADER))
    put(folder, "profiles/p.yml", PROFILE.replace('decimal: "."', 'decimal: ".", negate: true'))
    deliver(Workspace(folder), NOON + timedelta(days=7))
    now = refresh(folder, JANUARY)
    assert total(now) == -132.5
    for step in ("open", "closed"):
        then = refresh(folder, JANUARY, NOON.date())
        assert total(then) == 127.5, step
        assert then.folder.name.startswith("known-2026-02-03-")
        assert ask(then, "select as_known_on from settings.run") == [(date(2026, 2, 3),)]
        assert published(folder, JANUARY).folder == (folder / "current").resolve() == now.folder
        if step == "open":
            close_month(folder, JANUARY)


def test_nothing_is_closed_while_a_refresh_runs_or_outside_of_a_workspace(tmp_path: Path) -> None:
    folder = small(tmp_path)
    refresh(folder, JANUARY)
    with workspace_lock(folder), pytest.raises(Busy):
        close_month(folder, JANUARY)
    with pytest.raises(ConfigError, match=r"plumbline\.yml is not there"):
        close_month(tmp_path, JANUARY)
    put(folder, f"closes/{JANUARY}/.0001.json", '{"version": ')
    assert closed(folder, JANUARY) is None, "a record that was never finished is none"
    close_month(folder, JANUARY)
    assert json.loads((folder / "closes" / JANUARY / "0001.json").read_text())["month"] == JANUARY


def test_a_closed_version_that_is_gone_is_named(tmp_path: Path) -> None:
    folder = small(tmp_path)
    gone = refresh(folder, JANUARY).warehouse
    close_month(folder, JANUARY)
    gone.unlink()
    with pytest.raises(DataRejected, match=r"The closed version of 2026-01 is gone: .*warehouse\.duckdb\. Restore it from a backup"):
        refresh(folder, FEBRUARY)
