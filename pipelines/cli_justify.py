"""The command that makes the case for a vendor, a tool or an initiative."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from pipelines.cli_app import AsJson, Folder, Month, app, chosen, published_run, say


class Kind(StrEnum):
    """What a name can be the name of."""

    VENDOR = "vendor"
    TOOL = "tool"
    INITIATIVE = "initiative"


@app.command("justify")
def justify_(name: Annotated[str, typer.Argument(metavar="VENDOR|TOOL|INITIATIVE", help="Its name or id.")], folder: Folder = None, month: Month = None,
             kind: Annotated[Kind | None, typer.Option(help="Which is meant, where one name is two things.", show_default=False)] = None,
             json_: AsJson = False) -> None:  # fmt: skip
    """Make the case for a vendor, a tool or an initiative on one page: cost, purpose, users, outcome, exit, loss, alternatives."""
    from pipelines.justify import justify
    from pipelines.report.justification import lines, summary
    from pipelines.workspace import Workspace

    home = chosen(folder).resolve()
    found, path = justify(home, published_run(home, month), Workspace(home).settings.name, name, kind and kind.value)
    if json_:
        typer.echo(json.dumps({**summary(found), "page": str(path)}, ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(lines(found)))
        say(f"The page: {path}")
