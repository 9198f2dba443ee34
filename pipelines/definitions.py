"""What Dagster loads: every table as an asset, the monthly refresh as a job, its schedule.

One multi-asset builds all tables on one DuckDB connection, since DuckDB lets one process write and a process an asset
costs thirty times as long. Materialisations are emitted when the month is published: a failed run leaves no green asset.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import dagster as dg

from pipelines.build import Checked, columns_of, input_descriptions, is_check, sql_files
from pipelines.errors import PlumblineError
from pipelines.hooks import tell
from pipelines.publish import months
from pipelines.refresh import ChecksFailed, Progress, Refreshed, last_full_month, refresh
from pipelines.workspace import Workspace

JOB = "refresh"
AS_KNOWN_ON = "plumbline/as_known_on"


@dataclass
class Outcome:
    """What the job's one step leaves for the process that runs it: Dagster itself only keeps events."""

    refreshed: Refreshed | None = None
    error: BaseException | None = None
    notes: list[str] = field(default_factory=list)


def key(table: str) -> dg.AssetKey:
    return dg.AssetKey(table.split("."))


def specs(own: Path | None, with_lineage: bool) -> list[dg.AssetSpec]:
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
        if file and with_lineage:
            metadata["dagster/column_lineage"] = dg.TableColumnLineage(
                {c: [dg.TableColumnDep(key(t), s) for t, s in found.sources] for c, found in file.lineage(columns).items()}
            )
        specified.append(
            dg.AssetSpec(
                key(name), deps=[key(t) for t in sorted(file.reads)] if file else [], description=file.description if file else told.get(name),
                group_name=name.partition(".")[0], kinds={"duckdb", "sql"} if file else {"duckdb", "python"}, metadata=metadata, skippable=True,
            )  # fmt: skip
        )
    return specified


def check_specs(own: Path | None) -> list[dg.AssetCheckSpec]:
    """A blocking check for every SQL check, and one a table for its expectations."""
    files = sql_files(own)
    order = list(files)
    found = []
    for file in (f for f in files.values() if is_check(f)):
        of = max((name for name in file.reads if name in files), key=order.index, default=min(file.reads, default=""))
        found.append(dg.AssetCheckSpec(file.path.stem, asset=key(of), description=file.description, blocking=file.severity == "error"))
    for name in columns_of(own):
        if not name.startswith(("checks.", "settings.")) and name != "audit.checks":
            found.append(dg.AssetCheckSpec("expectations", asset=key(name), description="The contract of the table, checked by great-expectations.", blocking=True))
    return found


def check_results(results: Sequence[Checked], known: set[tuple[str, str]]) -> Iterator[dg.AssetCheckResult]:
    """The outcomes as Dagster takes them; a table's expectations are one outcome with a line each."""
    expectations: dict[str, list[Checked]] = {}
    for result in results:
        if result.kind == "great_expectations":
            expectations.setdefault(result.table, []).append(result)
        elif (result.table, result.name) in known:
            severity = dg.AssetCheckSeverity.ERROR if result.severity == "error" else dg.AssetCheckSeverity.WARN
            yield dg.AssetCheckResult(
                passed=result.passed, check_name=result.name, asset_key=key(result.table), severity=severity,
                metadata={"violations": result.violation_count, "first": dg.MetadataValue.json(json.loads(result.sample))},
            )  # fmt: skip
    for table, group in expectations.items():
        if (table, "expectations") in known:
            blocking = any(r.blocks for r in group)
            yield dg.AssetCheckResult(
                passed=all(r.passed for r in group), check_name="expectations", asset_key=key(table),
                severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
                metadata={r.name: f"{r.violation_count} violations" for r in group} | {"expectations": len(group)},
            )  # fmt: skip


def definitions(folder: Path, progress: Progress = lambda _: None, outcome: Outcome | None = None, with_lineage: bool = True,
                month: str | None = None) -> dg.Definitions:  # fmt: skip
    """The code location of one workspace. `month` widens the partitions where it lies outside of them."""
    workspace = Workspace(folder.resolve())
    settings = workspace.settings
    own = workspace.extensions
    first = min(settings.first_month, month) if month else settings.first_month
    ahead = max(0, months_between(last_full_month("UTC"), month)) if month else 0
    partitions = dg.MonthlyPartitionsDefinition(start_date=f"{first}-01", end_offset=ahead)
    checks = check_specs(own)
    known = {(".".join(c.asset_key.path), c.name) for c in checks}
    left = outcome if outcome is not None else Outcome()

    @dg.multi_asset(specs=specs(own, with_lineage), check_specs=checks, partitions_def=partitions, name="month", can_subset=False,
                    pool="plumbline", description="Builds, checks and publishes every table of a month. All tables belong together: none can be made alone.")  # fmt: skip
    def build_month(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        chosen = context.partition_key[:7]
        known_on = context.run.tags.get(AS_KNOWN_ON)
        try:
            done = refresh(workspace.folder, chosen, date.fromisoformat(known_on) if known_on else None, progress)
        except Exception as error:  # a busy workspace or a fault of ours too: nobody who is told of failures may miss one
            left.error = error
            exit_code = getattr(error, "exit_code", PlumblineError.exit_code)
            left.notes += tell(settings.on_failure, {"month": chosen, "status": "failed", "exit_code": exit_code, "error": str(error)})
            if isinstance(error, ChecksFailed):
                yield from check_results(error.checks, known)
            raise dg.Failure(str(error)) from None
        left.refreshed = done
        left.notes += tell(settings.on_success, done.summary())
        for table in columns_of(own):  # Dagster wants outputs after what they are made of, which is the order of the files
            if table in done.row_counts:
                facts = {"dagster/row_count": done.row_counts[table], "warehouse": str(done.warehouse), "run_id": done.run_id}
                yield dg.MaterializeResult(asset_key=key(table), metadata=facts)
        yield from check_results(done.checks, known)

    job = dg.define_asset_job(JOB, selection=[build_month], partitions_def=partitions, description="One month, from the exports to the findings.")

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


def run_job(folder: Path, month: str | None, as_known_on: date | None, progress: Progress) -> Outcome:
    """Run the job in this process, without a server; what it left. The error, if any, is in it and not raised."""
    workspace = Workspace(folder.resolve())
    chosen = month or last_full_month(workspace.settings.timezone)
    outcome = Outcome()
    found = definitions(folder, progress, outcome, with_lineage=False, month=chosen)
    with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
        tags = {AS_KNOWN_ON: str(as_known_on)} if as_known_on else {}
        try:
            found.resolve_job_def(JOB).execute_in_process(
                instance=instance, partition_key=f"{chosen}-01", tags=tags, raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )  # fmt: skip
        except KeyboardInterrupt:
            raise
        except Exception as error:
            outcome.error = outcome.error or error
    return outcome


def record_published(instance: dg.DagsterInstance, run_folder: Path, month: str, row_counts: Mapping[str, int], run_id: str) -> None:
    """Show in Dagster what the command line published."""
    for table, rows in row_counts.items():
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                key(table), partition=f"{month}-01", metadata={"dagster/row_count": rows, "warehouse": str(run_folder / "warehouse.duckdb"), "run_id": run_id}
            )
        )
