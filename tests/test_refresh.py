"""A refresh: a published month, the same one again, or nothing at all; whatever happens on the way."""

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest
import requests
from small import NOON, ROOT, add_rows, company, lines, put, python, without_expectations  # noqa: F401 - a fixture

from pipelines import refresh as refreshing
from pipelines.deliveries import deliver
from pipelines.errors import ConfigError, UsageError
from pipelines.lock import Busy, workspace_lock
from pipelines.publish import published, versions
from pipelines.refresh import ChecksFailed, Refreshed, last_full_month, refresh
from pipelines.workspace import Workspace

MONTH = "2026-01"
BILLS = lines("d1,1,2026-01-05,Acme,100.00,EUR", "d2,1,2026-01-06,Beta,7.50,EUR", "d3,1,2026-02-01,Beta,1,EUR")
MAPPING = ("vendor", "Acme", "c1", "p.lang", "2026-01-31")
STRATEGY = {
    "strategy/capabilities.csv": "capability_id,name\nc1,Billing\n",
    "decisions/mapping.csv": "subject_kind,subject,capability_id,author,decided_on\n" + ",".join(MAPPING) + "\n",
}


def small(tmp_path: Path, files: Mapping[str, str | bytes] | None = None, settings: str = "") -> Path:
    """A company with three bills, one of them of a later month, and one decision; all of it delivered on one day."""
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS, **STRATEGY, **(files or {})}, settings)
    deliver(Workspace(folder), NOON)
    return folder


def ask(result: Refreshed, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(result.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def bytes_of(folder: Path) -> dict[str, str]:
    """A hash of every file that is published."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((folder / "runs").rglob("*")) if path.is_file()}


def leftovers(folder: Path) -> list[str]:
    return [str(path) for path in (folder / "runs").rglob("*") if path.name.startswith(".")]


# ------------------------------------------------------------------------------------------------ what is published


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, without_expectations: None) -> Refreshed:  # noqa: F811
    return refresh(small(tmp_path_factory.mktemp("once")), MONTH)


def test_a_run_folder_holds_warehouse_and_manifest_and_current_points_to_it(once: Refreshed) -> None:
    folder = once.folder.parents[2]
    assert (once.exit_code, once.is_unchanged, list(once.incomplete)) == (0, False, [])
    assert once.folder.name == f"0001-{once.run_id[:12]}"
    assert sorted(path.name for path in once.folder.iterdir()) == ["manifest.json", "report", "warehouse.duckdb"]
    assert stat.S_IMODE(once.warehouse.stat().st_mode) == 0o444
    assert (folder / "current").resolve() == once.folder
    assert leftovers(folder) == []


def test_the_manifest_says_what_the_month_was_made_of(once: Refreshed) -> None:
    manifest = json.loads((once.folder / "manifest.json").read_text())
    assert (manifest["month"], manifest["run_id"], manifest["table_hash"]) == (MONTH, once.run_id, once.table_hash)
    kept = {path.name for path in (once.folder.parents[2] / "deliveries").glob("*/*")}
    assert set(manifest["deliveries"]) == kept
    assert manifest["row_counts"]["core.spend_line"] == 2
    assert set(manifest["tables"]) >= {"core.ledger", "marts.overlap", "audit.books", "settings.run"}
    words = once.folder.joinpath("manifest.json").read_text()
    assert str(os.getpid()) not in words.split()
    assert "2026-02-03T12" not in words, "the time of a delivery is in its own manifest"


def test_what_is_published_is_the_money_of_the_month(once: Refreshed) -> None:
    assert ask(once, "select vendor_name_raw, billed_amount::varchar, alignment from core.ledger order by 1") == [("Acme", "100.0000", "misaligned"), ("Beta", "7.5000", "unmapped")]
    assert ask(once, "select step, amount_loaded::double, difference::double from audit.books where month = '2026-01-01' order by step") == [
        ("allocate", 107.5, 0), ("convert", 107.5, 0), ("deliver", 107.5, 0), ("stage", 107.5, 0),
    ]  # fmt: skip
    ((described,),) = ask(once, "select count(*) from duckdb_columns() where schema_name = 'core' and comment is null and not internal")
    assert described == 0
    assert {c.name for c in once.checks} >= {"books_close", "mapping_capability_exists"}


def test_the_file_opens_in_older_programs(once: Refreshed) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{once.warehouse}' as m (read_only)")
        ((tags,),) = connection.execute("select tags::varchar from duckdb_databases() where database_name = 'm'").fetchall()
    assert "v1." in tags


def test_the_summary_is_json_for_programs(once: Refreshed) -> None:
    summary = json.loads(json.dumps(once.summary()))
    assert (summary["month"], summary["status"], summary["exit_code"]) == (MONTH, "published", 0)
    assert summary["row_counts"]["core.ledger"] == 2


# ------------------------------------------------------------------------------------------------ again


@pytest.mark.usefixtures("without_expectations")
def test_again_and_again(tmp_path: Path) -> None:
    """One workspace over time: the same inputs, a file twice, a new file, an older month, a check that fails."""
    folder = small(tmp_path)
    first = refresh(folder, MONTH)

    same = refresh(folder, MONTH)
    assert (same.is_unchanged, same.table_hash, same.folder) == (True, first.table_hash, first.folder)
    assert len(versions(folder, MONTH)) == 1

    put(folder, "exports/erp/copy of bills.csv", BILLS)
    doubled = refresh(folder, MONTH)
    assert (doubled.is_unchanged, doubled.deliveries) == (False, 1)
    assert ask(doubled, "select sum(billed_amount)::double from core.ledger") == [(107.5,)]

    put(folder, "exports/erp/more.csv", lines("d9,1,2026-01-30,Gamma,2.25,EUR"))
    more = refresh(folder, MONTH)
    assert more.run_id != first.run_id
    assert ask(more, "select sum(billed_amount)::double from core.ledger") == [(109.75,)]
    assert ask(first, "select sum(billed_amount)::double from core.ledger") == [(107.5,)], "the earlier version stays"
    assert [path.name[:4] for path in versions(folder, MONTH)] == ["0001", "0002", "0003"]

    older = refresh(folder, "2025-12")
    assert (folder / "current").resolve() == more.folder
    assert published(folder, "2025-12").folder == older.folder

    newer = refresh(folder, "2026-02")
    assert (folder / "current").resolve() == newer.folder
    assert ask(newer, "select sum(billed_amount)::double from core.ledger") == [(110.75,)]

    before, pointing = bytes_of(folder), (folder / "current").readlink()
    add_rows(folder / "decisions/mapping.csv", ("vendor", "Acne", "c1", "p.lang", "2026-01-31"))
    with pytest.raises(ChecksFailed) as failed:
        refresh(folder, "2026-02")
    assert failed.value.exit_code == 7
    assert "Nothing was published" in str(failed.value)
    assert "mapping_subject_exists: 1 rows break" in str(failed.value)
    assert "decisions/mapping.csv" in str(failed.value)
    assert (bytes_of(folder), (folder / "current").readlink(), leftovers(folder)) == (before, pointing, [])


@pytest.mark.usefixtures("without_expectations")
def test_one_refused_file_makes_the_month_incomplete_and_good_data_are_published(tmp_path: Path) -> None:
    settings = "sources: {erp: {cadence: monthly}, card: {cadence: monthly, lateness_days: 5}}\n"
    result = refresh(small(tmp_path, {"exports/erp/odd.csv": "Wann,Wieviel\n1,2\n"}, settings), MONTH)
    assert result.exit_code == 6
    refused, missing = result.incomplete
    assert refused.startswith("erp: exports/erp/odd.csv, line 1: no profile knows its header")
    assert missing.startswith("card: ")
    assert ask(result, "select sum(billed_amount)::double from core.ledger") == [(107.5,)]
    assert ask(result, "select source, state from audit.completeness order by 1") == [("card", missing.split()[1]), ("erp", "complete")]


# ------------------------------------------------------------------------------------------------ killed, busy, cut off

REFRESH = """
import sys
from pathlib import Path
sys.path.append("tests")
from small import unasked
from pipelines import basis, refresh
refresh.start_worker, basis.program = unasked, lambda: "1.0+0123456789ab"
refresh.refresh(Path(sys.argv[1]), sys.argv[2])
"""


@pytest.mark.parametrize("point", ["refresh:ingested", "refresh:built", "publish:renamed"])
def test_killed_at_a_step_the_rerun_gives_what_an_undisturbed_run_gives(tmp_path: Path, once: Refreshed, point: str) -> None:
    folder = small(tmp_path)
    killed = python(REFRESH, folder, MONTH, PLUMBLINE_CRASH_AT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    rerun = refresh(folder, MONTH)
    assert rerun.table_hash == once.table_hash
    assert published(folder, MONTH).folder == published(folder).folder == rerun.folder
    assert len(versions(folder, MONTH)) == 1
    assert rerun.is_unchanged == (point == "publish:renamed"), "what was committed is recognised"
    assert leftovers(folder) == []


def test_a_second_run_is_refused_at_once_and_changes_nothing(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS})
    with workspace_lock(folder), pytest.raises(Busy, match=f"another run is at work in .*process {os.getpid()}") as busy:
        refresh(folder, MONTH)
    assert busy.value.exit_code == 8
    assert not (folder / "deliveries").exists()


CUT = """
import socket, sys
def refused(self, address, *_):
    if self.family != socket.AF_UNIX:
        open({log!r}, "a").write(f"{{sys.argv}} {{address}}\\n")
        raise OSError("the network is cut")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refused
socket.getaddrinfo = lambda *address, **_: refused(socket.socket(), address)
"""


def test_a_refresh_needs_no_network_and_tries_none(tmp_path: Path) -> None:
    """The whole program as a person runs it, Dagster and great-expectations included."""
    folder, log = small(tmp_path), tmp_path / "attempts"
    put(tmp_path, "cut/sitecustomize.py", CUT.format(log=str(log)))
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "cut"), "HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, ROOT / "plumbline.py", "refresh", "-C", folder, "--month", MONTH, "--json"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "published"
    assert not log.exists(), log.read_text()
    checks = json.loads(published(folder).folder.joinpath("manifest.json").read_text())["checks"]
    assert any(check["kind"] == "great_expectations" for check in checks)


# ------------------------------------------------------------------------------------------------ a pure function


def test_two_folders_with_the_same_deliveries_hold_the_same_tables(tmp_path: Path, once: Refreshed) -> None:
    other = refresh(small(tmp_path / "elsewhere"), MONTH)
    assert other.warehouse != once.warehouse
    assert (other.run_id, other.table_hash) == (once.run_id, once.table_hash)


@pytest.mark.usefixtures("without_expectations")
@pytest.mark.parametrize("threads", ["many", "0", "-1"])
def test_threads_are_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: str) -> None:
    monkeypatch.setenv("PLUMBLINE_THREADS", threads)
    with pytest.raises(ConfigError, match=f"PLUMBLINE_THREADS is '{threads}'"):
        refresh(company(tmp_path / "w", {}), MONTH)


def test_other_tables_from_the_same_inputs_are_our_fault_and_never_published(tmp_path: Path, once: Refreshed, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = small(tmp_path)
    refresh(folder, MONTH)
    before = bytes_of(folder)
    monkeypatch.setattr(refreshing, "counted", lambda connection, _: connection.cursor().execute("update core.spend_line set description = 'x'") and {})
    with pytest.raises(refreshing.PlumblineError, match=r"The same inputs gave other tables than before: core.spend_line\..*fault of Plumbline"):
        refresh(folder, MONTH)
    assert bytes_of(folder) == before


def test_a_month_to_come_is_not_published(tmp_path: Path) -> None:
    folder = small(tmp_path)
    with pytest.raises(UsageError, match=r"9998-01 has not begun: it is \d{4}-\d\d, and the newest record is of 2026-02\. Nothing was published"):
        refresh(folder, "9998-01")
    assert published(folder, "9998-01") is None


@pytest.mark.parametrize(
    ("zone", "now", "month"),
    [("UTC", NOON, "2026-01"), ("Pacific/Auckland", NOON.replace(day=28, hour=12), "2026-02"), ("UTC", NOON.replace(month=1), "2025-12")],
)
def test_the_last_full_month_is_that_of_the_company(zone: str, now: object, month: str) -> None:
    assert last_full_month(zone, now) == month


# ------------------------------------------------------------------------------------------------ settings, rates, own SQL


@pytest.mark.usefixtures("without_expectations")
def test_variables_in_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOOK_SECRET", raising=False)
    folder = small(tmp_path)
    settings = folder / "plumbline.yml"
    settings.write_text(settings.read_text().replace("currency: EUR", "currency: ${REPORTED_IN:-EUR}") + "on_success: {command: [echo, '${HOOK_SECRET}']}\n")
    with pytest.raises(ConfigError, match=r"on_success.command: the variable HOOK_SECRET is not set"):
        refresh(folder, MONTH)
    monkeypatch.setenv("HOOK_SECRET", "s3cr3t-word")
    result = refresh(folder, MONTH)
    assert ask(result, "select reporting_currency from settings.run") == [("EUR",)]
    assert [path for path in folder.rglob("*") if path.is_file() and b"s3cr3t-word" in path.read_bytes()] == []


@pytest.mark.usefixtures("without_expectations")
def test_rates_that_can_be_fetched_are_delivered_and_others_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = small(tmp_path, settings="fx_download: true\n")

    def unreachable() -> bytes:
        raise requests.ConnectionError

    monkeypatch.setattr(refreshing.ecb, "fetch", unreachable)
    cut = refresh(folder, MONTH)
    assert (cut.exit_code, list(cut.incomplete)) == (6, ["ecb: the rates could not be fetched (ConnectionError); those of earlier deliveries are used"])
    monkeypatch.setattr(refreshing.ecb, "FILE", "eurofxref-hist.csv")
    monkeypatch.setattr(refreshing.ecb, "fetch", lambda: b"Date,USD,JPY,GBP,HRK,\n2026-01-06,1.08,158.2,0.84,N/A,\n")
    fetched = refresh(folder, MONTH)
    assert (fetched.exit_code, fetched.deliveries) == (0, 1)
    assert ask(fetched, "select currency, source from raw.fx_rate order by 1") == [("GBP", "ecb"), ("JPY", "ecb"), ("USD", "ecb")]


OWN = "-- One vendor and what it cost.\n-- grain: vendor_id\nselect vendor_id, sum(billed_amount) as spend_amount -- Its cost.\nfrom core.spend_line group by vendor_id\n"


@pytest.mark.usefixtures("without_expectations")
def test_own_sql_is_built_checked_and_never_replaces_a_shipped_table(tmp_path: Path) -> None:
    folder = small(tmp_path, {"extensions/sql/own/vendor_spend.sql": OWN})
    put(folder, "extensions/checks/no_vendor_above.sql", "-- No vendor costs more than 50.\nselect vendor_id from own.vendor_spend where spend_amount > 50\n")
    with pytest.raises(ChecksFailed, match=r"no_vendor_above: 1 rows break «No vendor costs more than 50.»"):
        refresh(folder, MONTH)

    put(folder, "extensions/checks/no_vendor_above.sql", "-- No vendor costs more than 500.\nselect vendor_id from own.vendor_spend where spend_amount > 500\n")
    result = refresh(folder, MONTH)
    assert result.exit_code == 0, "an edited file counts at once, in a process that lives on too"
    assert ask(result, "select spend_amount::double from own.vendor_spend order by 1") == [(7.5,), (100,)]
    assert ask(result, "select comment from duckdb_columns() where table_name = 'vendor_spend' and column_name = 'spend_amount'") == [("Its cost.",)]

    put(folder, "extensions/sql/own/broken.sql", "select from nothing")
    with pytest.raises(ConfigError, match=r"extensions/sql/own/broken\.sql"):
        refresh(folder, MONTH)
    (folder / "extensions/sql/own/broken.sql").unlink()
    put(folder, "extensions/sql/core/ledger.sql", OWN)
    with pytest.raises(ConfigError, match=r"core\.ledger is made by .*choose another name"):
        refresh(folder, MONTH)
