"""One refresh: kept deliveries in, a published month out, or nothing at all."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import requests

from connectors import ecb
from pipelines import audit, close, earlier, findings, loops
from pipelines.basis import Basis, as_kept, basis_of
from pipelines.build import Checked, build, check, columns_of, sql_files
from pipelines.deliveries import EXPORTS, deliver
from pipelines.errors import ConfigError, DataRejected, PlumblineError, UsageError
from pipelines.expectations.run import CheckResult
from pipelines.expectations.worker import Worker, start_worker
from pipelines.fetch import fetch
from pipelines.fingerprint import Fingerprint, fingerprint
from pipelines.functions import register
from pipelines.ingest import ingest
from pipelines.lock import workspace_lock
from pipelines.publish import crash_point, new_run_folder, prune, publish, published, write_manifest
from pipelines.purchases import match_purchases
from pipelines.report import pack, page, shelf
from pipelines.vendors import match_vendors
from pipelines.workspace import Workspace, month_of

MEMORY = "1200MB"
BESIDE = "300MB"
"""For what reads the finished tables: unbounded, its cache of ten million lines was a gigabyte above what building them had taken."""
STORAGE = "v1.4.0"
"""DuckDB 1.4 and later read the published file: the tools that people open it with are not all on 2.x."""
KEPT_RUNS = 5
"""Runs of a month that stay beside the published one. Older ones can be rebuilt from the deliveries; closed ones always stay."""
SCHEMAS = ("parts", "settings", "staging", "core", "marts", "audit", "report")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Refreshed:
    """A published month. `exit_code` is 0, or 6 where a source was refused, late or missing."""

    month: str
    folder: Path
    run_id: str
    table_hash: str
    row_counts: Mapping[str, int]
    checks: Sequence[Checked]
    incomplete: Sequence[str]
    findings: Sequence[str]
    is_unchanged: bool = False
    deliveries: int = 0

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    @property
    def exit_code(self) -> int:
        return 6 if self.incomplete else 0

    def summary(self) -> dict[str, object]:
        """What `--json` prints and hooks are given."""
        return {
            "month": self.month, "status": "incomplete" if self.incomplete else "published", "exit_code": self.exit_code,
            "run_id": self.run_id, "table_hash": self.table_hash, "warehouse": str(self.warehouse), "is_unchanged": self.is_unchanged,
            "new_deliveries": self.deliveries, "incomplete": list(self.incomplete), "findings": list(self.findings),
            "warnings": [f"{c.name}: {c.violation_count} ({c.description})" for c in self.checks if not c.passed],
            "row_counts": dict(self.row_counts),
        }  # fmt: skip


class ChecksFailed(DataRejected):
    """Blocking checks found rows that break them; nothing was published."""

    def __init__(self, checks: Sequence[Checked]) -> None:
        self.checks = checks
        failed = [c for c in checks if c.blocks]
        lines = "\n".join(f"  {c.table}, {c.name}: {c.violation_count} rows break «{c.description}»; the first: {c.sample[:400]}" for c in failed)
        super().__init__(f"{len(failed)} checks failed. Nothing was published.\n{lines}")


def today(zone: str, now: datetime | None = None) -> date:
    """The day that it now is in the company's time zone."""
    return (now or datetime.now(UTC)).astimezone(ZoneInfo(zone)).date()


def last_full_month(zone: str, now: datetime | None = None) -> str:
    """The month before the one that it now is in the company's time zone."""
    return f"{today(zone, now).replace(day=1) - timedelta(days=1):%Y-%m}"


def refresh(folder: Path, month: str | None = None, as_known_on: date | None = None, progress: Progress = lambda _: None) -> Refreshed:
    """Build and publish a month of a workspace; the last full one where none is named.

    A closed month is built from exactly what it was closed on, and must come out the same. Raises PlumblineError, and
    then nothing was published: Busy while another run works here, ConfigError for files people edit, DataRejected for the rest.
    """
    folder = folder.resolve()
    workspace = Workspace(folder)
    zone = workspace.settings.timezone  # Read before anything is written: a folder without settings is no workspace.
    chosen = month_of(month) if month else last_full_month(zone)
    with workspace_lock(folder), start_worker() as worker:
        progress("deliver")
        notes = [*(download_rates(workspace, progress) if workspace.settings.fx_download else []), *fetch(workspace, chosen, as_known_on, progress)]
        made = deliver(workspace)
        basis = basis_of(folder, chosen, as_known_on)
        building = new_run_folder(folder, chosen, basis.run_id)
        try:
            return run(as_kept(workspace, basis, building), basis, building, worker, len(made), progress, notes)
        finally:
            shutil.rmtree(building, ignore_errors=True)


def must_have_begun(connection: duckdb.DuckDBPyConnection, month: str, zone: str) -> None:
    """Raise UsageError for a month to come of which nothing was delivered: published, it would stand before all real ones."""
    this = f"{today(zone):%Y-%m}"
    (newest,) = connection.execute("select coalesce(strftime(max(month), '%Y-%m'), '') from audit.record where status = 'loaded'").fetchone() or ("",)
    if month > max(this, newest):
        raise UsageError(f"{month} has not begun: it is {this}, and {f'the newest record is of {newest}' if newest else 'nothing was delivered'}. Nothing was published. `plumbline refresh` alone takes the last full month.")


def download_rates(workspace: Workspace, progress: Progress) -> list[str]:
    """Fetch the ECB's rates, to be delivered as any export is; where that fails, what to say of it."""
    progress("rates")
    path = workspace.folder / EXPORTS / "ecb" / ecb.FILE
    try:
        content = ecb.fetch()
    except (requests.RequestException, ValueError) as error:
        return [f"ecb: the rates could not be fetched ({type(error).__name__}); those of earlier deliveries are used"]
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}")
    aside.write_bytes(content)
    aside.replace(path)
    return []


def run(workspace: Workspace, basis: Basis, building: Path, worker: Worker, made: int, progress: Progress, notes: Sequence[str]) -> Refreshed:
    """Everything between the deliveries and the published folder."""
    warehouse = building / "warehouse.duckdb"
    files = sql_files(workspace.extensions)
    scratch = building / "scratch"
    scratch.mkdir()
    with closing(opened(warehouse, building)) as connection:
        progress("ingest")
        work = ingest(connection, workspace, basis.deliveries, date.fromisoformat(f"{basis.month}-01"), basis.as_known_on, scratch)
        match_vendors(connection)
        match_purchases(connection, work.parts.get("spend_line", ()), files)
        crash_point("refresh:ingested")
        must_have_begun(connection, basis.month, workspace.settings.timezone)
        loops.refuse(connection)
        earlier.bring(connection, workspace.folder, basis.month, basis.before, basis.compared_with)
        build(connection, files, columns_of(workspace.extensions), progress)
        close.late_postings(connection, workspace.folder, basis.compared_with)
        progress("check")
        results = check(connection, files)
        crash_point("refresh:built")
        loaded = dict(connection.execute("select table_name, sum(record_count)::bigint from audit.record where status = 'loaded' group by 1 order by 1").fetchall())
        row_counts = counted(connection, loaded)
        incomplete = [*notes, *(f"{source}: {message}" for source, message in work.refused), *findings.incomplete(connection)]
    shutil.rmtree(scratch)
    progress("expectations")
    grains = {name: file.grain for name, file in files.items() if file.grain and not file.is_check}
    with ThreadPoolExecutor(max_workers=1) as beside:
        proving = beside.submit(worker.result, warehouse, grains, loaded, {"memory_limit": MEMORY})
        with closing(duckdb.connect(str(warehouse), read_only=True, config={"memory_limit": BESIDE})) as connection:
            prints = fingerprint(connection, SCHEMAS)
            begun = pack.begin(connection, page.Facts(workspace.settings.name, basis.month, basis.run_id, tuple(incomplete)))
        results += [from_expectation(r) for r in proving.result()]
    if any(c.blocks for c in results):
        raise ChecksFailed(results)
    with closing(opened(warehouse, building)) as connection:
        write_checks(connection, results)
        row_counts["audit.checks"] = len(results)
        found = [*findings.without_rate(connection), *findings.headlines(connection)]
        prints = with_checks(prints, results)
        progress("report")
        pack.write(connection, building, begun)
        connection.execute("checkpoint")
    progress("publish")
    return finish(workspace, basis, building, prints, row_counts, results, incomplete, found, made)


def finish(workspace: Workspace, basis: Basis, building: Path, prints: Fingerprint, row_counts: Mapping[str, int], results: Sequence[Checked],
           incomplete: Sequence[str], found: Sequence[str], made: int) -> Refreshed:  # fmt: skip
    """Publish what was built; a closed month, or the same inputs again, must have come out the same."""
    close.must_agree(basis.closed, prints, basis.program)
    facts = {
        "month": basis.month, "run_id": basis.run_id, "table_hash": prints.total, "tables": dict(prints.tables), "program": basis.program,
        "duckdb": duckdb.__version__, "as_known_on": str(basis.as_known_on) if basis.as_known_on else None,
        "deliveries": [d.delivery_id for d in basis.deliveries], "compared_with": dict(basis.compared_with),
        "earlier": basis.before.facts() if basis.before else None, "incomplete": list(incomplete), "row_counts": dict(row_counts), "findings": list(found), "checks": [asdict(c) for c in results],
    }  # fmt: skip
    write_manifest(building, facts)
    shutil.rmtree(building / "tmp", ignore_errors=True)
    if basis.as_known_on:
        folder = building.parent / f"known-{basis.as_known_on}-{basis.run_id[:12]}"
        shutil.rmtree(folder, ignore_errors=True)
        building.rename(folder)
        return Refreshed(basis.month, folder, basis.run_id, prints.total, row_counts, results, incomplete, found, deliveries=made)
    before = published(workspace.folder, basis.month)
    if before and before.manifest["run_id"] == basis.run_id:
        if before.manifest["table_hash"] != prints.total:
            raise PlumblineError(
                f"The same inputs gave other tables than before: {close.differing(before.manifest['tables'], prints.tables)}. The published month stays. This is a fault of Plumbline."
            )
        return Refreshed(basis.month, before.folder, basis.run_id, prints.total, row_counts, results, incomplete, found, is_unchanged=True, deliveries=made)
    folder = publish(workspace.folder, basis.month, building)
    shelf.point(workspace.folder, basis.month)
    prune(workspace.folder, KEPT_RUNS, close.closed_runs(workspace.folder))
    return Refreshed(basis.month, folder, basis.run_id, prints.total, row_counts, results, incomplete, found, deliveries=made)


def opened(warehouse: Path, building: Path) -> duckdb.DuckDBPyConnection:
    """The month's DuckDB file, offline and with bounded memory; PLUMBLINE_THREADS bounds its threads, which change no result."""
    # What is being built is thrown away when the machine stops, and synced as a whole before it is published.
    config = {"storage_compatibility_version": STORAGE, "fsync_mode": "NONE", "memory_limit": MEMORY, "temp_directory": str(building / "tmp"),
              "autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}  # fmt: skip
    if threads := os.environ.get("PLUMBLINE_THREADS"):
        if not (threads.isdecimal() and int(threads)):
            raise ConfigError(f"PLUMBLINE_THREADS is {threads!r}. Give a number of threads, or unset it: DuckDB then takes one for each processor.")
        config["threads"] = threads
    connection = duckdb.connect(str(warehouse), config=config)
    connection.execute("set global timezone = 'UTC'")  # Global: tables are made on cursors, and a session's setting is not handed on.
    register(connection)
    return connection


def counted(connection: duckdb.DuckDBPyConnection, loaded: Mapping[str, int]) -> dict[str, int]:
    """Rows of every table and view. Raw views hold what was loaded: counted once, when it was."""
    found = connection.execute(
        "select schema_name, table_name from duckdb_tables() where schema_name <> 'parts' union all select schema_name, view_name from duckdb_views() where not internal"
    ).fetchall()
    names = sorted(f"{schema}.{name}" for schema, name in found if schema != "raw")
    counts = connection.execute(" union all ".join(f"select '{name}', (select count(*) from {name})" for name in names)).fetchall()
    return dict(sorted([*counts, *((f"raw.{name}", loaded.get(name, 0)) for schema, name in found if schema == "raw")]))


def from_expectation(result: CheckResult) -> Checked:
    sample = json.dumps(list(result.sample), ensure_ascii=False)
    return Checked(result.table, result.name, "great_expectations", result.severity, result.description, 0 if result.passed else max(result.violations, 1), sample)


def with_checks(prints: Fingerprint, results: Sequence[Checked]) -> Fingerprint:
    """The fingerprint with the outcome of the checks, which are written after the tables were hashed."""
    told = hashlib.sha256(json.dumps([asdict(r) for r in results], sort_keys=True).encode()).hexdigest()
    tables = {**prints.tables, "audit.checks": told}
    return Fingerprint(tables, hashlib.sha256(f"{prints.total} {told}".encode()).hexdigest())


def write_checks(connection: duckdb.DuckDBPyConnection, results: Sequence[Checked]) -> None:
    """audit.checks: the outcome of every check, as published."""
    rows = [(c.table, c.name, c.kind, c.severity, c.passed, c.violation_count, c.description, c.sample) for c in results]
    audit.write(connection, "audit.checks", rows)
