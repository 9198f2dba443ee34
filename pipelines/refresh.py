"""One refresh: kept deliveries in, a published month out, or nothing at all."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import requests

from connectors import ecb
from pipelines import audit, close, findings
from pipelines.build import Checked, build, check, columns_of, comment, is_check, sql_files
from pipelines.deliveries import EXPORTS, EXTENSIONS, PROFILES, SETTINGS, Delivery, deliver, inputs, kept
from pipelines.errors import ConfigError, DataRejected, PlumblineError
from pipelines.expectations.run import CheckResult
from pipelines.expectations.worker import Worker, start_worker
from pipelines.fingerprint import Fingerprint, fingerprint
from pipelines.functions import register
from pipelines.ingest import ingest
from pipelines.lock import workspace_lock
from pipelines.publish import crash_point, new_run_folder, prune, publish, published, write_manifest
from pipelines.report import page, shelf
from pipelines.settings import Forgiving, environment, parse_settings
from pipelines.vendors import match_vendors
from pipelines.workspace import Workspace, month_of, read_profiles

MEMORY = "1200MB"
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


@dataclass(frozen=True)
class Plan:
    """What a refresh is a function of."""

    month: str
    deliveries: Sequence[Delivery]
    as_known_on: date | None
    compared_with: Mapping[str, int]
    closed: Mapping[str, Any] | None = None
    run_id: str = field(default="", compare=False)


def last_full_month(zone: str, now: datetime | None = None) -> str:
    """The month before the one that it now is in the company's time zone."""
    today = (now or datetime.now(UTC)).astimezone(ZoneInfo(zone)).date()
    return f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"


def refresh(folder: Path, month: str | None = None, as_known_on: date | None = None, progress: Progress = lambda _: None) -> Refreshed:
    """Build and publish a month of a workspace; the last full one where none is named.

    A closed month is built from exactly what it was closed on, and must come out the same. Raises PlumblineError, and
    then nothing was published: Busy while another run works here, ConfigError for files people edit, DataRejected for the rest.
    """
    folder = folder.resolve()
    workspace = Workspace(folder)
    chosen = month_of(month) if month else last_full_month(workspace.settings.timezone)
    with workspace_lock(folder), start_worker() as worker:
        progress("deliver")
        notes = download_rates(workspace, progress) if workspace.settings.fx_download else []
        made = deliver(workspace)
        plan = planned(folder, chosen, as_known_on)
        building = new_run_folder(folder, chosen, plan.run_id)
        try:
            return run(as_kept(workspace, plan, building), plan, building, worker, len(made), progress, notes)
        finally:
            shutil.rmtree(building, ignore_errors=True)


def planned(folder: Path, month: str, as_known_on: date | None) -> Plan:
    """The inputs of a refresh, with the hash that names them. What was known on a day is asked of all that was kept, closed or not."""
    closed = None if as_known_on else close.closed(folder, month)
    deliveries = [d for d in kept(folder) if not (as_known_on and d.received_on > as_known_on)]
    if closed:
        wanted = set(closed["deliveries"])
        deliveries = [d for d in deliveries if d.delivery_id in wanted]
    compared_with = close.comparable(folder, month, closed)
    used = [d for group in inputs(deliveries).values() for d in group] + [d for d in deliveries if d.duplicate_of]
    content = [month, str(as_known_on), program(), duckdb.__version__, *(f"{d.delivery_id} {d.source} {d.file} {d.sha256}" for d in used)]
    content += [f"closed {m} {version}" for m, version in compared_with.items()]
    return Plan(month, deliveries, as_known_on, compared_with, closed, hashlib.sha256("\n".join(content).encode()).hexdigest())


def as_kept(workspace: Workspace, plan: Plan, building: Path) -> Workspace:
    """The workspace with settings, profiles and extensions as they were kept, so that a past month is rebuilt under its own.

    Kept extensions are laid out in the folder of the run; those of an open month are read where people edit them.
    """
    given, fixed = inputs(list(plan.deliveries)), Workspace(workspace.folder)
    if settings := given.get((SETTINGS, SETTINGS)):
        path = settings[-1].path(workspace.folder)
        vars(fixed)["settings"] = parse_settings(path.read_text(encoding="utf-8"), str(path), Forgiving(environment(workspace.folder)))
    vars(fixed)["own_profiles"] = read_profiles(d.path(workspace.folder) for d in given.get((SETTINGS, PROFILES), ()))
    if plan.closed or plan.as_known_on:
        extensions = given.get((SETTINGS, EXTENSIONS), ())
        for delivery in extensions:
            (building / delivery.file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(delivery.path(workspace.folder), building / delivery.file)
        vars(fixed)["extensions"] = building if extensions else None
    return fixed


def program() -> str:
    """Version of the program with a hash of its own files: a changed SQL file is another program."""
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parents[1]
    for package in ("models", "connectors", "dbt_like_sql", "pipelines"):
        for path in sorted((root / package).rglob("*")):
            if path.suffix in {".py", ".sql", ".yml", ".csv", ".j2", ".css", ".js"}:
                digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return f"{version('plumbline')}+{digest.hexdigest()[:12]}"


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


def run(workspace: Workspace, plan: Plan, building: Path, worker: Worker, made: int, progress: Progress, notes: Sequence[str]) -> Refreshed:
    """Everything between the deliveries and the published folder."""
    warehouse = building / "warehouse.duckdb"
    files, columns = sql_files(workspace.extensions), columns_of(workspace.extensions)
    scratch = building / "scratch"
    scratch.mkdir()
    with closing(opened(warehouse, building)) as connection:
        progress("ingest")
        work = ingest(connection, workspace, plan.deliveries, date.fromisoformat(f"{plan.month}-01"), plan.as_known_on, scratch)
        match_vendors(connection)
        crash_point("refresh:ingested")
        build(connection, files, progress)
        close.late_postings(connection, workspace.folder, plan.compared_with)
        comment(connection, files, columns)
        progress("check")
        results = check(connection, files)
        crash_point("refresh:built")
        row_counts = counted(connection)
        loaded = dict(connection.execute("select table_name, sum(record_count)::bigint from audit.record where status = 'loaded' group by 1 order by 1").fetchall())
        incomplete = [*notes, *(f"{source}: {message}" for source, message in work.refused), *findings.incomplete(connection)]
    shutil.rmtree(scratch)
    progress("expectations")
    grains = {name: file.grain for name, file in files.items() if file.grain and not is_check(file)}
    with ThreadPoolExecutor(max_workers=1) as beside:
        proving = beside.submit(worker.result, warehouse, grains, loaded, {"memory_limit": MEMORY})
        with closing(duckdb.connect(str(warehouse), read_only=True)) as connection:
            prints = fingerprint(connection, [s for s in SCHEMAS if s in schemas(connection)])
        results += [from_expectation(r) for r in proving.result()]
    if any(c.blocks for c in results):
        raise ChecksFailed(results)
    with closing(opened(warehouse, building)) as connection:
        write_checks(connection, results)
        row_counts["audit.checks"] = len(results)
        found = findings.headlines(connection)
        prints = with_checks(prints, results)
        progress("report")
        page.write(connection, building, page.Facts(workspace.settings.name, plan.month, plan.run_id, tuple(incomplete)))
        connection.execute("checkpoint")
    progress("publish")
    return finish(workspace, plan, building, prints, row_counts, results, incomplete, found, made)


def finish(workspace: Workspace, plan: Plan, building: Path, prints: Fingerprint, row_counts: Mapping[str, int], results: Sequence[Checked],
           incomplete: Sequence[str], found: Sequence[str], made: int) -> Refreshed:  # fmt: skip
    """Publish what was built; a closed month, or the same inputs again, must have come out the same."""
    close.must_agree(plan.closed, prints, program())
    facts = {
        "month": plan.month, "run_id": plan.run_id, "table_hash": prints.total, "tables": dict(prints.tables), "program": program(),
        "duckdb": duckdb.__version__, "as_known_on": str(plan.as_known_on) if plan.as_known_on else None,
        "deliveries": [d.delivery_id for d in plan.deliveries], "compared_with": dict(plan.compared_with), "incomplete": list(incomplete), "row_counts": dict(row_counts),
        "findings": list(found), "checks": [asdict(c) for c in results],
    }  # fmt: skip
    write_manifest(building, facts)
    shutil.rmtree(building / "tmp", ignore_errors=True)
    if plan.as_known_on:
        folder = building.parent / f"known-{plan.as_known_on}-{plan.run_id[:12]}"
        shutil.rmtree(folder, ignore_errors=True)
        building.rename(folder)
        return Refreshed(plan.month, folder, plan.run_id, prints.total, row_counts, results, incomplete, found, deliveries=made)
    before = published(workspace.folder, plan.month)
    if before and before.manifest["run_id"] == plan.run_id:
        if before.manifest["table_hash"] != prints.total:
            raise PlumblineError(
                f"The same inputs gave other tables than before: {differing(before.manifest['tables'], prints.tables)}. The published month stays. This is a fault of Plumbline."
            )
        return Refreshed(plan.month, before.folder, plan.run_id, prints.total, row_counts, results, incomplete, found, is_unchanged=True, deliveries=made)
    folder = publish(workspace.folder, plan.month, building)
    shelf.point(workspace.folder, plan.month)
    prune(workspace.folder, KEPT_RUNS, close.closed_runs(workspace.folder))
    return Refreshed(plan.month, folder, plan.run_id, prints.total, row_counts, results, incomplete, found, deliveries=made)


def differing(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """The names of tables whose hashes are not the same."""
    return ", ".join(sorted(name for name in {*before, *now} if before.get(name) != now.get(name)))


def opened(warehouse: Path, building: Path) -> duckdb.DuckDBPyConnection:
    """The month's DuckDB file, offline and with bounded memory; PLUMBLINE_THREADS bounds its threads, which change no result."""
    config = {"storage_compatibility_version": STORAGE, "memory_limit": MEMORY, "temp_directory": str(building / "tmp"),
              "autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}  # fmt: skip
    if threads := os.environ.get("PLUMBLINE_THREADS"):
        if not (threads.isdecimal() and int(threads)):
            raise ConfigError(f"PLUMBLINE_THREADS is {threads!r}. Give a number of threads, or unset it: DuckDB then takes one for each processor.")
        config["threads"] = threads
    connection = duckdb.connect(str(warehouse), config=config)
    connection.execute("set timezone = 'UTC'")
    register(connection)
    return connection


def schemas(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {row[0] for row in connection.execute("select distinct schema_name from duckdb_tables()").fetchall()}


def counted(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of every table and view."""
    names = [row[0] for row in connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where schema_name <> 'parts' union all "
        "select schema_name || '.' || view_name from duckdb_views() where not internal order by 1"
    ).fetchall()]  # fmt: skip
    counts = connection.execute(" union all ".join(f"select '{name}', (select count(*) from {name})" for name in names)).fetchall()
    return dict(sorted(counts))


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
