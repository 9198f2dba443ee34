"""Where reports are found: reports/MONTH points to the report of the month's published run.

The link goes through the run's own `current`, so a new version appears with the publishing itself and never half.
"""

import os
from pathlib import Path

import duckdb

from pipelines.errors import ConfigError
from pipelines.lock import workspace_lock
from pipelines.publish import CURRENT, RUNS, Run
from pipelines.report.page import FILE, FOLDER, facts_of, write

SHELF = "reports"


def point(workspace: Path, month: str) -> Path:
    """Make `reports/MONTH` point to the report of the month's published run; the page as a reader finds it there."""
    link, target = workspace / SHELF / month, Path("..") / RUNS / month / CURRENT / FOLDER
    if not (link.is_symlink() and os.readlink(link) == str(target)):
        link.parent.mkdir(exist_ok=True)
        aside = link.with_name(f".{month}.new")
        aside.unlink(missing_ok=True)
        aside.symlink_to(target)
        aside.replace(link)
    return link / FILE


def report(workspace: Path, run: Run, company: str) -> Path:
    """Write the page of a published run again, as this program writes it; the page.

    Raises ConfigError where the run was published without figures of a report, Busy while a refresh runs.
    """
    with workspace_lock(workspace):
        try:
            with duckdb.connect(str(run.warehouse), read_only=True) as connection:
                write(connection, run.folder, facts_of(company, run.manifest))
        except duckdb.CatalogException as error:
            raise ConfigError(
                f"{run.month} was published by another version of Plumbline, without the figures of this report ({str(error).splitlines()[0]}). "
                f"Refresh it again: plumbline refresh --month {run.month}"
            ) from error
        return point(workspace, run.month)
