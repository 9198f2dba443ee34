"""Where reports are found: reports/MONTH points to the report of the month's published run, reports/index.html shows them all.

The link goes through the run's own `current`, so a new version appears with the publishing itself and never half.
"""

import os
from pathlib import Path

import duckdb

from pipelines.errors import ConfigError
from pipelines.lock import workspace_lock
from pipelines.publish import CURRENT, RUNS, Run, months
from pipelines.report import landing
from pipelines.report.pack import FOLDER, PAGE, begin, write
from pipelines.report.page import facts_of

SHELF = "reports"


def point(workspace: Path, month: str) -> Path:
    """Make `reports/MONTH` point to the report of the month's published run, and tell of it on the shelf's first page; the report as a reader finds it there."""
    link, target = workspace / SHELF / month, Path("..") / RUNS / month / CURRENT / FOLDER
    if not (link.is_symlink() and os.readlink(link) == str(target)):
        link.parent.mkdir(exist_ok=True)
        aside = link.with_name(f".{month}.new")
        aside.unlink(missing_ok=True)
        aside.symlink_to(target)
        aside.replace(link)
    landing.write(workspace / SHELF, [known for known in months(workspace) if (workspace / SHELF / known).exists()])
    return link / PAGE


def report(workspace: Path, run: Run, company: str, pdf: bool = False, deck: bool = False, logo: Path | None = None) -> Path:
    """Write the report of a published run again, as this program writes it, with `pdf` for paper too and with `deck` as slides that bear the logo; the page.

    Raises ConfigError where the run was published without figures of a report, a PDF can't be made here, or the logo is
    no PNG; Busy while a refresh runs.
    """
    with workspace_lock(workspace):
        try:
            with duckdb.connect(str(run.warehouse), read_only=True) as connection:
                write(connection, run.folder, begin(connection, facts_of(company, run.manifest)), pdf, deck, logo)
        except duckdb.CatalogException as error:
            raise ConfigError(
                f"{run.month} was published by another version of Plumbline, without the figures of this report ({str(error).splitlines()[0]}). "
                f"Refresh it again: plumbline refresh --month {run.month}"
            ) from error
        return point(workspace, run.month)
