"""The commands that read what was published: query, explain, report, export, docs."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_app import AsJson, Folder, Month, app, chosen, published_run, say
from pipelines.errors import UsageError


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
def explain(id_: Annotated[str, typer.Argument(metavar="ID", help="A finding, spend line, ledger row, figure of the report, any other id, or table.")], folder: Folder = None, month: Month = None,
            json_: AsJson = False) -> None:  # fmt: skip
    """Show what a finding, a line or a table rests on: rows, files, lines and SQL."""
    from pipelines.explain import explain as told
    from pipelines.explain import to_text

    found = told(published_run(chosen(folder), month), id_)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1, default=str) if json_ else to_text(found))


@app.command()
def report(folder: Folder = None, month: Month = None, pdf: Annotated[bool, typer.Option("--pdf", help="Write a PDF too; it needs the extra [pdf].")] = False,
           deck: Annotated[bool, typer.Option("--deck", help="Write six slides too, for PowerPoint.")] = False,
           json_: AsJson = False) -> None:  # fmt: skip
    """Write the report of a published month again: HTML in which every figure shows its rows, Excel, and PDF and slides if wanted."""
    from pipelines.report.shelf import report as write_report
    from pipelines.workspace import Workspace

    home = chosen(folder).resolve()
    run = published_run(home, month)
    settings = Workspace(home).settings
    path = write_report(home, run, settings.name, pdf, deck, home / settings.logo if settings.logo else None)
    files = sorted(str(path.with_name(file.name)) for file in path.parent.iterdir() if not file.name.startswith("."))
    typer.echo(json.dumps({"month": run.month, "run_id": run.manifest["run_id"], "report": str(path), "files": files}, ensure_ascii=False, indent=1) if json_ else str(path))


@app.command()
def export(directory: Annotated[Path, typer.Argument(help="Where to write; an empty folder, or one that an export wrote.")], folder: Folder = None, month: Month = None,
           parquet: Annotated[bool, typer.Option("--parquet", help="Every table as Parquet.")] = False,
           csv_: Annotated[bool, typer.Option("--csv", help="Every table as CSV.")] = False,
           focus: Annotated[bool, typer.Option("--focus", help="The ledger in the columns of FOCUS 1.2.")] = False,
           share: Annotated[bool, typer.Option("--share", help="Without what came in, staging and personal data.")] = False, json_: AsJson = False) -> None:  # fmt: skip
    """Write the published tables in open formats, with a data dictionary beside them."""
    from pipelines.export import FORMATS
    from pipelines.export import export as write_export

    wanted = [form for form, is_wanted in zip(FORMATS, (parquet, csv_, focus), strict=True) if is_wanted]
    if len(wanted) != 1:
        raise UsageError("Say which format: one of --parquet, --csv and --focus.")
    home = chosen(folder).resolve()
    done = write_export(home, published_run(home, month), directory, wanted[0], share)
    if json_:
        typer.echo(json.dumps(done.summary(), ensure_ascii=False, indent=1))
    else:
        say(f"{len(done.rows)} files with {sum(done.rows.values()):,} rows" + (f"; {len(done.left_out)} columns and tables left out" if share else ""))
        typer.echo(str(done.folder))


@app.command()
def docs(table: Annotated[str | None, typer.Argument(help="One table; all where none is named.")] = None, folder: Folder = None, json_: AsJson = False) -> None:
    """The data dictionary: every table and column, with meaning, grain and origin."""
    from pipelines.docs import dictionary, to_markdown

    found = dictionary(chosen(folder).resolve(), table)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1) if json_ else to_markdown(found))
