"""Dagster's web server and daemon for one workspace, on this machine only."""

import json
import os
import subprocess
import sys
from pathlib import Path

from pipelines.publish import published
from pipelines.workspace import Workspace

HOST = "127.0.0.1"
HOME = ".dagster"
CONFIGURATION = """\
telemetry:
  enabled: false
nux:
  enabled: false
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
  config:
    max_concurrent_runs: 1
run_monitoring:
  enabled: true
  max_runtime_seconds: 7200
"""


def home(workspace: Path) -> Path:
    """The folder of Dagster's own state, with telemetry off and one run at a time; only its owner may read it."""
    folder = workspace / HOME
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "dagster.yaml").write_text(CONFIGURATION, encoding="utf-8")
    return folder


def environment(workspace: Path) -> dict[str, str]:
    """Variables for Dagster's processes."""
    return os.environ | {
        "DAGSTER_HOME": str(home(workspace)), "PLUMBLINE_WORKSPACE": str(workspace), "DAGSTER_DISABLE_TELEMETRY": "1", "GX_ANALYTICS_ENABLED": "false",
    }  # fmt: skip


def show_published(workspace: Path) -> None:
    """Tell Dagster of the newest month, where the command line published it since."""
    run = published(workspace)
    mark = home(workspace) / "shown.json"
    if run is None or (mark.exists() and json.loads(mark.read_text(encoding="utf-8")) == run.manifest["run_id"]):
        return
    os.environ |= environment(workspace)
    import dagster as dg

    from pipelines.build import columns_of
    from pipelines.definitions import record_published

    known = columns_of(Workspace(workspace).extensions)
    rows = {table: count for table, count in run.manifest["row_counts"].items() if table in known}
    with dg.DagsterInstance.get() as instance:
        record_published(instance, run.folder, run.manifest["month"], rows, run.manifest["run_id"])
    mark.write_text(json.dumps(run.manifest["run_id"]), encoding="utf-8")


def serve(folder: Path, port: int = 3000) -> int:
    """Run until interrupted; the exit code of Dagster. Raises ConfigError where the folder is no workspace."""
    workspace = Workspace(folder.resolve())
    assert workspace.settings
    show_published(workspace.folder)
    command = [sys.executable, "-m", "dagster", "dev", "-h", HOST, "-p", str(port), "-m", "pipelines.code_location", "-d", str(workspace.folder)]
    return subprocess.run(command, env=environment(workspace.folder), check=False).returncode
