"""The commands that read what was published: query, explain, report, docs."""

import json
import sys
from typing import Annotated

import typer

from pipelines.cli_app import AsJson, Folder, Month, app, chosen, published_run, say


@app.command()
def query(sql: Annotated[str | None, typer.Argument(help="One SELECT; standard input where it is `-`.")] = None, folder: Folder = None, month: Month = None,
          json_: AsJson = False, csv_: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False) -> None:  # fmt: skip
    """Ask the published month in SQL: read-only, in a process of its own."""
    from pipelines.query import run_query, to_csv, to_json, to_table

    text = sys.stdin.read() if sql in (None, "-") else str(sql)
    result = run_query(published_run(chosen(folder), month).warehouse, text)
    typer.echo(to_json(result) if json_ else to_csv(result) if csv_ else to_table(result), nl=not csv_)
    if result.truncated:
        say(f"Only the first {len(result.rows)} rows are shown.")


@app.command()
def explain(id_: Annotated[str, typer.Argument(metavar="ID", help="A finding, spend line, ledger row, or table.")], folder: Folder = None, month: Month = None,
            json_: AsJson = False) -> None:  # fmt: skip
    """Show what a finding, a line or a table rests on: rows, files, lines and SQL."""
    from pipelines.explain import explain as told
    from pipelines.explain import to_text

    found = told(published_run(chosen(folder), month), id_)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1, default=str) if json_ else to_text(found))


@app.command()
def report(folder: Folder = None, month: Month = None, json_: AsJson = False) -> None:
    """Write the report of a published month again: one HTML file in which every figure shows its rows."""
    from pipelines.report.shelf import report as write_report
    from pipelines.workspace import Workspace

    home = chosen(folder).resolve()
    run = published_run(home, month)
    path = write_report(home, run, Workspace(home).settings.name)
    typer.echo(json.dumps({"month": run.month, "run_id": run.manifest["run_id"], "report": str(path)}, ensure_ascii=False, indent=1) if json_ else str(path))


@app.command()
def docs(table: Annotated[str | None, typer.Argument(help="One table; all where none is named.")] = None, folder: Folder = None, json_: AsJson = False) -> None:
    """The data dictionary: every table and column, with meaning, grain and origin."""
    from pipelines.docs import dictionary, to_markdown

    found = dictionary(chosen(folder).resolve(), table)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1) if json_ else to_markdown(found))
