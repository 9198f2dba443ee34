"""What Dagster loads: every table as an asset, the monthly refresh as a job, its schedule.

One multi-asset builds all tables on one DuckDB connection, since DuckDB lets one process write and a process an asset
costs thirty times as long. Materialisations are emitted when the month is published: a failed run leaves no green asset.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import dagster as dg

from pipelines.build import Checked, columns_of, input_descriptions, sql_files
from pipelines.errors import PlumblineError
from pipelines.hooks import refresh_and_tell
from pipelines.publish import months
from pipelines.refresh import ChecksFailed, last_full_month
from pipelines.report import preview
from pipelines.workspace import Workspace

JOB = "refresh"
REPORT = dg.AssetKey(["reports", "report"])
AS_KNOWN_ON = "plumbline/as_known_on"


def key(table: str) -> dg.AssetKey:
    return dg.AssetKey(table.split("."))


def specs(own: Path | None) -> list[dg.AssetSpec]:
    """An asset for every table: what it is, what it reads, its columns and where each comes from."""
    files, columns = sql_files(own), columns_of(own)
    told = input_descriptions()
    specified = []
    for name, described in columns.items():
        if name.startswith("checks."):
            continue
        file = files.get(name)
        metadata: dict[str, object] = {
            "dagster/column_schema": dg.TableSchema([dg.TableColumn(c, description=d or None) for c, d in described.items()])
        }
        if file:
            metadata["dagster/column_lineage"] = dg.TableColumnLineage(
                {c: [dg.TableColumnDep(key(t), s) for t, s in found.sources] for c, found in file.lineage(columns).items()}
            )
        specified.append(
            dg.AssetSpec(
                key(name), deps=[key(t) for t in sorted(file.reads)] if file else [], description=file.description if file else told.get(name),
                group_name=name.partition(".")[0], kinds={"duckdb", "sql"} if file else {"duckdb", "python"}, metadata=metadata, skippable=True,
            )
        )  # fmt: skip
    figures = [key(name) for name in files if name.startswith("report.")]
    told_of = "The month for people: a page in which every figure shows its rows, and the same as a workbook; PDF and slides where they are asked for."
    specified.append(dg.AssetSpec(REPORT, deps=figures, description=told_of, group_name="reports", kinds={"html", "excel"}, skippable=True))
    return specified


def report_facts(run_folder: Path) -> dict[str, dg.MetadataValue]:
    """The report's files as links, and what it says; nothing where the run has none."""
    found = preview.files(run_folder)
    links = {title: dg.MetadataValue.url(path.as_uri()) for title, path in found.items()}
    return links | {"folder": dg.MetadataValue.path(str(run_folder / "report")), "preview": dg.MetadataValue.md(preview.markdown(run_folder))} if found else {}


def check_specs(own: Path | None) -> list[dg.AssetCheckSpec]:
    """A blocking check for every SQL check, and one a table for its expectations."""
    files = sql_files(own)
    order = list(files)
    found = []
    for file in (f for f in files.values() if f.is_check):
        of = max((name for name in file.reads if name in files), key=order.index, default=min(file.reads, default=""))
        found.append(dg.AssetCheckSpec(file.path.stem, asset=key(of), description=file.description, blocking=file.severity == "error"))
    for name in columns_of(own):
        if name.startswith("raw.") or (name in files and files[name].grain and not files[name].is_check):
            found.append(dg.AssetCheckSpec("expectations", asset=key(name), description="The contract of the table, checked by great-expectations.", blocking=True))
    return found


def check_results(results: Sequence[Checked], known: set[tuple[str, str]]) -> Iterator[dg.AssetCheckResult]:
    """The outcomes as Dagster takes them; a table's expectations are one outcome with a line each."""
    expectations: dict[str, list[Checked]] = {table: [] for table, name in sorted(known) if name == "expectations"}
    for result in results:
        if result.kind == "great_expectations":
            if result.table in expectations:
                expectations[result.table].append(result)
        elif (result.table, result.name) in known:
            severity = dg.AssetCheckSeverity.ERROR if result.severity == "error" else dg.AssetCheckSeverity.WARN
            yield dg.AssetCheckResult(
                passed=result.passed, check_name=result.name, asset_key=key(result.table), severity=severity,
                metadata={"violations": result.violation_count, "first": dg.MetadataValue.json(json.loads(result.sample))},
            )  # fmt: skip
    for table, group in expectations.items():
        blocking = any(r.blocks for r in group)
        yield dg.AssetCheckResult(
            passed=all(r.passed for r in group), check_name="expectations", asset_key=key(table),
            severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
            metadata={r.name: f"{r.violation_count} violations" for r in group} | {"expectations": len(group)},
        )  # fmt: skip


def definitions(folder: Path) -> dg.Definitions:
    """The code location of one workspace."""
    workspace = Workspace(folder.resolve())
    settings = workspace.settings
    own = workspace.extensions
    partitions = dg.MonthlyPartitionsDefinition(start_date=f"{settings.first_month}-01")
    checks = check_specs(own)
    known = {(".".join(c.asset_key.path), c.name) for c in checks}

    @dg.multi_asset(specs=specs(own), check_specs=checks, partitions_def=partitions, name="month", can_subset=False,
                    pool="plumbline", description="Builds, checks and publishes every table of a month. All tables belong together: none can be made alone.")  # fmt: skip
    def build_month(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        chosen = context.partition_key[:7]
        known_on = context.run.tags.get(AS_KNOWN_ON)
        try:
            done, notes = refresh_and_tell(workspace.folder, chosen, date.fromisoformat(known_on) if known_on else None)
        except ChecksFailed as failed:
            yield from check_results(failed.checks, known)
            raise dg.Failure(str(failed)) from None
        except PlumblineError as error:
            raise dg.Failure(str(error)) from None
        for note in notes:
            context.log.warning(note)
        for table in columns_of(own):  # Dagster wants outputs after what they are made of, which is the order of the files
            if table in done.row_counts:
                facts = {"dagster/row_count": done.row_counts[table], "warehouse": str(done.warehouse), "run_id": done.run_id}
                yield dg.MaterializeResult(asset_key=key(table), metadata=facts)
        if told := report_facts(done.folder):
            yield dg.MaterializeResult(asset_key=REPORT, metadata=told | {"run_id": dg.MetadataValue.text(done.run_id)})
        yield from check_results(done.checks, known)

    job = dg.define_asset_job(JOB, selection=[build_month], description="One month, from the exports to the findings.")

    @dg.schedule(job=job, cron_schedule=settings.schedule.cron, execution_timezone=settings.schedule.timezone,
                 default_status=dg.DefaultScheduleStatus.RUNNING, description="The last full month, after those that were missed, oldest first.")  # fmt: skip
    def monthly(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        due = last_full_month(settings.schedule.timezone, context.scheduled_execution_time)
        return [dg.RunRequest(run_key=m, partition_key=f"{m}-01") for m in missing_months(months(workspace.folder), due)]

    return dg.Definitions(assets=[build_month], jobs=[job], schedules=[monthly], executor=dg.in_process_executor)


def months_between(first: str, last: str) -> int:
    """Whole months from one to the other."""
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:])


def missing_months(there: Sequence[str], due: str) -> list[str]:
    """The months after the newest published one, up to the one that is due."""
    newest = max((m for m in there if m <= due), default=None)
    if newest is None or newest == due:
        return [due]
    year, month = int(newest[:4]), int(newest[5:])
    count = months_between(newest, due)
    return [f"{year + (month + n - 1) // 12:04d}-{(month + n - 1) % 12 + 1:02d}" for n in range(1, count + 1)]


def record_published(instance: dg.DagsterInstance, run_folder: Path, month: str, row_counts: Mapping[str, int], run_id: str) -> None:
    """Show in Dagster what the command line published."""
    for table, rows in row_counts.items():
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                key(table), partition=f"{month}-01", metadata={"dagster/row_count": rows, "warehouse": str(run_folder / "warehouse.duckdb"), "run_id": run_id}
            )
        )
    if told := report_facts(run_folder):
        instance.report_runless_asset_event(dg.AssetMaterialization(REPORT, partition=f"{month}-01", metadata=told | {"run_id": dg.MetadataValue.text(run_id)}))
