"""What Dagster shows and runs: every table an asset, one refresh a run, the schedule's months."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dagster as dg
import pytest

from pipelines.build import columns_of, sql_files
from pipelines.definitions import definitions, missing_months
from pipelines.workspace import init_workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dagster") / "acme"
    init_workspace(folder, "Acme", "EUR")
    return folder


def run(workspace: Path, month: str) -> dg.ExecuteInProcessResult:
    job = definitions(workspace).resolve_job_def("refresh")
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
        return job.execute_in_process(instance=instance, partition_key=f"{month}-01", raise_on_error=False, run_config=quiet)


def materialized(result: dg.ExecuteInProcessResult) -> set[str]:
    return {".".join(e.asset_key.path) for e in result.get_asset_materialization_events() if e.asset_key}


def test_a_run_publishes_and_shows_every_table(workspace: Path) -> None:
    result = run(workspace, "2026-01")
    assert result.success
    assert materialized(result) == {name for name in columns_of() if not name.startswith("checks.")} | {"reports.report"}
    (told,) = [e.step_materialization_data.materialization.metadata for e in result.get_asset_materialization_events() if e.asset_key == dg.AssetKey(["reports", "report"])]
    assert {"report", "workbook", "data quality", "folder", "preview", "run_id"} == set(told)
    assert Path(unquote(urlsplit(told["report"].value).path)).is_file()
    assert "No spend is known yet for the 12 months to January 2026" in told["preview"].value
    assert told["preview"].value.count("\n| ") == 8
    assert (workspace / "current" / "warehouse.duckdb").is_file()


def test_a_run_that_fails_leaves_no_green_asset(workspace: Path) -> None:
    mapping = workspace / "decisions" / "mapping.csv"
    header = mapping.read_text(encoding="utf-8")
    mapping.write_text(header + "tool,No such tool,BC-0,1,,,,p.lang,2026-01-31,,,\n", encoding="utf-8")
    try:
        result = run(workspace, "2026-02")
    finally:
        mapping.write_text(header, encoding="utf-8")
    assert not result.success
    assert materialized(result) == set()
    failed = [e.check_name for e in result.get_asset_check_evaluations() if not e.passed and e.severity == dg.AssetCheckSeverity.ERROR]
    assert "mapping_subject_exists" in failed


def test_every_asset_tells_its_columns_what_it_reads_and_where_columns_come_from(workspace: Path) -> None:
    specs = {".".join(spec.key.path): spec for spec in definitions(workspace).resolve_all_asset_specs()}
    for name, file in sql_files().items():
        if name.startswith("checks."):
            continue
        spec = specs[name]
        assert {".".join(dep.asset_key.path) for dep in spec.deps} == file.reads
        assert [c.name for c in spec.metadata["dagster/column_schema"].columns] == list(columns_of()[name])
        assert set(spec.metadata["dagster/column_lineage"].deps_by_column) <= set(columns_of()[name])
        assert spec.description == file.description


def test_every_sql_check_is_a_check_of_the_last_table_it_reads(workspace: Path) -> None:
    (assets,) = definitions(workspace).assets or ()
    named = {spec.name for spec in assets.check_specs}
    assert {file.path.stem for file in sql_files().values() if file.is_check} <= named


@pytest.mark.parametrize(
    ("there", "due", "expected"),
    [
        ([], "2026-10", ["2026-10"]),
        (["2026-10"], "2026-10", ["2026-10"]),
        (["2026-09"], "2026-10", ["2026-10"]),
        (["2025-11"], "2026-02", ["2025-12", "2026-01", "2026-02"]),
        (["2026-12"], "2026-10", ["2026-10"]),
    ],
)
def test_after_downtime_the_oldest_missing_month_comes_first(there: list[str], due: str, expected: list[str]) -> None:
    assert missing_months(there, due) == expected


def test_the_schedule_asks_for_the_last_full_month(workspace: Path) -> None:
    location = definitions(workspace)
    schedule = location.resolve_schedule_def("monthly")
    tick = datetime(2026, 3, 3, 6, tzinfo=UTC)
    with dg.build_schedule_context(scheduled_execution_time=tick, repository_def=location.get_repository_def()) as context:
        requests = schedule.evaluate_tick(context).run_requests or []
    assert [request.partition_key for request in requests] == ["2026-02-01"]
