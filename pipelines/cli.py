"""The command line. Each command is one function; what it prints for people goes to standard error, data to standard output."""

import errno
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command

from pipelines import cli_connect, cli_justify, cli_plan, cli_read, cli_review  # noqa: F401  their commands register themselves
from pipelines.cli_app import AsJson, Folder, Month, app, chosen, progress, say
from pipelines.errors import ConfigError, DataRejected, UsageError


@app.command()
def init(directory: Annotated[Path, typer.Argument(help="The folder to make a workspace of.")],
         name: Annotated[str | None, typer.Option(help="The company's name.")] = None,
         currency: Annotated[str, typer.Option(help="Reporting currency, ISO 4217.")] = "EUR") -> None:  # fmt: skip
    """Make a workspace: settings, and empty files for strategy and decisions. Files that are there stay."""
    from pipelines.settings import known_currency
    from pipelines.workspace import init_workspace

    try:
        code = known_currency(currency)
    except ValueError as error:
        raise UsageError(str(error)) from None
    written = init_workspace(directory, name, code)
    say(f"{len(written)} files written to {directory}.")
    say(f"Next: put exports into {directory / 'exports'}, then run: plumbline refresh -C {directory}")


@app.command()
def demo(directory: Annotated[Path, typer.Argument(help="Where to write the sample company.")] = Path("demo"),
         scale: Annotated[int, typer.Option(min=1, help="How many times as much spend and tickets.")] = 1,
         seed: Annotated[int, typer.Option(help="Another seed is another company.")] = 1, json_: AsJson = False) -> None:  # fmt: skip
    """Write the built-in sample company to a folder and refresh it."""
    from pipelines.sample import MONTH, write_sample

    if directory.exists() and any(directory.iterdir()) and not (directory / "truth.json").exists():
        raise UsageError(f"{directory} holds other files. Name an empty folder.")
    write_sample(directory, scale=scale, seed=seed)
    refreshed(directory, MONTH, None, json_)


@app.command()
def refresh(folder: Folder = None, month: Month = None,
            as_known_on: Annotated[str | None, typer.Option(help="YYYY-MM-DD: use only what was delivered by then; publishes beside, not in place.")] = None,
            full: Annotated[bool, typer.Option("--full", help="Read connected systems anew from the beginning.")] = False,
            allow_shrink: Annotated[bool, typer.Option("--allow-shrink", help="Believe connected systems where many records vanished.")] = False,
            dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what connected systems would be asked, and do nothing.")] = False,
            json_: AsJson = False) -> None:  # fmt: skip
    """Build, check and publish a month from everything delivered."""
    from pipelines.workspace import month_of

    if dry_run:
        from pipelines.connecting import plan
        from pipelines.workspace import Workspace

        say("\n".join(plan(Workspace(chosen(folder).resolve()), full)) or "No source has a connector: nothing would be asked.")
        return
    if full or allow_shrink:
        from connectors.api.reports import Asked
        from pipelines.fetch import ASKED

        ASKED.set(Asked(full=full, allow_shrink=allow_shrink))

    try:
        known_on = date.fromisoformat(as_known_on) if as_known_on else None
    except ValueError:
        raise UsageError(f"{as_known_on!r} is not a day. Write it as YYYY-MM-DD.") from None
    refreshed(chosen(folder), month_of(month) if month else None, known_on, json_)


def refreshed(folder: Path, month: str | None, as_known_on: date | None, as_json: bool) -> None:
    """Refresh, and tell what came of it; exits with the refresh's own code."""
    from pipelines.hooks import refresh_and_tell

    step = progress()
    try:
        done, notes = refresh_and_tell(folder, month, as_known_on, step)
    finally:
        step("done")
    for note in notes:
        say(note)
    if as_json:
        typer.echo(json.dumps(done.summary(), ensure_ascii=False, indent=1))
    for finding in done.findings:
        say(finding)
    for line in done.incomplete:
        say(f"Incomplete: {line}")
    warnings = [c for c in done.checks if not c.passed]
    if warnings:
        told = ", ".join(f"{c.name} ({c.violation_count:,})" for c in sorted(warnings, key=lambda c: c.name))
        say(f"{'1 check warns' if len(warnings) == 1 else f'{len(warnings)} checks warn'}: {told}. See audit.checks.")
    say(f"{done.month} {'is unchanged' if done.is_unchanged else 'is published'}: {done.warehouse}")
    raise typer.Exit(done.exit_code)


@app.command()
def close(month: Annotated[str, typer.Argument(help="YYYY-MM")], folder: Folder = None,
          accept_missing: Annotated[list[str] | None, typer.Option(help="A source that may be missing; give --reason too.")] = None,
          reason: Annotated[str, typer.Option(help="Why it may be missing.")] = "") -> None:  # fmt: skip
    """Close a month: from now on it is rebuilt from exactly what it was made of."""
    from pipelines.close import close_month
    from pipelines.workspace import month_of

    if accept_missing and not reason:
        raise UsageError("Say why a source may be missing: --reason ...")
    record = close_month(chosen(folder).resolve(), month_of(month), dict.fromkeys(accept_missing or [], reason))
    say(f"{month} is closed as version {record['version']}, with {len(record['deliveries'])} deliveries and table hash {record['table_hash'][:12]}.")


@app.command()
def reopen(month: Annotated[str, typer.Argument(help="YYYY-MM")], reason: Annotated[str, typer.Option(help="Why.")], folder: Folder = None) -> None:
    """Open a closed month again; its closed version is kept."""
    from pipelines.close import reopen_month
    from pipelines.workspace import month_of

    reopen_month(chosen(folder).resolve(), month_of(month), reason)
    say(f"{month} is open. The closed version stays in closes/{month}/.")


@app.command()
def status(folder: Folder = None, json_: AsJson = False) -> None:
    """What was delivered, published and closed, and what is missing."""
    from pipelines.status import status_of

    found = status_of(chosen(folder).resolve())
    if json_:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1, default=str))
        return
    typer.echo(f"Workspace  {found['workspace']} ({found['name']}, {found['currency']})")
    typer.echo(f"Published  {', '.join(found['published']) or 'nothing yet'}; current: {found['current'] or 'none'}")
    typer.echo(f"Closed     {', '.join(found['closed']) or 'nothing yet'}")
    typer.echo(f"Waiting    {found['waiting']} files are new or changed since the last refresh")
    for source in found["sources"]:
        others = f"; {source['other_client']:,} records of other clients not taken" if source["other_client"] else ""
        typer.echo(f"Source     {source['source']}: {source['deliveries']} deliveries, newest {source['newest']}{others}")
    for line in found["incomplete"]:
        typer.echo(f"Incomplete {line}")


@app.command()
def serve(folder: Folder = None, port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000) -> None:
    """Run Dagster's web server and daemon on this machine only, with the schedule on."""
    from pipelines.serve import serve as run_server

    raise typer.Exit(run_server(chosen(folder), port))


@app.command("map")
def map_(file: Annotated[Path, typer.Argument(help="An export that no profile knows.")], folder: Folder = None,
         source: Annotated[str | None, typer.Option(help="Name of the source; the file's own where none is given.")] = None,
         no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing: fail with the lines that would settle it.")] = False,
         answer: Annotated[list[str] | None, typer.Option(help="Answers given beforehand, as question=answer.")] = None, json_: AsJson = False) -> None:  # fmt: skip
    """Propose how an export's columns become a contract's, ask what is ambiguous, and save a profile."""
    from pipelines.mapping import run_map

    answers = dict(pair.split("=", 1) for pair in answer or [] if "=" in pair)
    result = run_map(chosen(folder).resolve(), file, source, answers, None if no_input or not sys.stdin.isatty() else typer.prompt)
    if json_:
        typer.echo(json.dumps(result.summary(), ensure_ascii=False, indent=1, default=str))
    else:
        typer.echo(result.text())


@app.command()
def capabilities(folder: Folder = None, list_: Annotated[str, typer.Option("--list", help="Name of the set.")] = "",
                 search: Annotated[str, typer.Option(help="Print what fits these words, best first.")] = "",
                 industry: Annotated[str, typer.Option(help="With --search: only this industry's.")] = "",
                 write: Annotated[bool, typer.Option("--write", help="With --list: append what strategy/capabilities.csv lacks.")] = False, json_: AsJson = False) -> None:  # fmt: skip
    """Print a starter set of capabilities from the shipped catalogue, as rows for strategy/capabilities.csv."""
    from pipelines.capabilities import answer

    found = answer(chosen(folder), list_, search, industry, write)
    say("\n".join(found.notes))
    typer.echo(json.dumps(found.rows, ensure_ascii=False, indent=1) + "\n" if json_ else found.text, nl=False)


@app.command()
def doctor(folder: Folder = None, json_: AsJson = False, offline: Annotated[bool, typer.Option("--offline", help="Ask no connected system.")] = False) -> None:
    """Look whether everything is in order: Python, disk, lock, settings, secrets, files."""
    from pipelines.doctor import examine

    probes = examine(chosen(folder).resolve(), offline)
    if json_:
        typer.echo(json.dumps([probe.__dict__ for probe in probes], ensure_ascii=False, indent=1))
    else:
        for probe in probes:
            typer.echo(f"{'ok  ' if probe.ok else 'FAIL'} {probe.name}: {probe.detail}")
    raise typer.Exit(0 if all(probe.ok for probe in probes) else 3)


def run(arguments: list[str]) -> int:
    """Run a command; its exit code. Every failure is told in one paragraph, an unforeseen one with where its report lies."""
    command = get_command(app)
    try:
        code = command.main(args=arguments, prog_name="plumbline", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except (typer.Abort, KeyboardInterrupt):
        say("Stopped. Nothing was published.")
        return 130
    except BrokenPipeError:
        return 0
    except Exception as error:
        if hasattr(error, "show"):  # a wrong option or argument; the class is typer's own and not public
            error.show()
            return 2
        return told(error)


def told(error: Exception) -> int:
    """Say what went wrong; the exit code that belongs to it."""
    from connectors.profile import ProfileError
    from connectors.reading import Refused

    code = getattr(error, "exit_code", None)
    for note in getattr(error, "__notes__", []):
        say(note)
    if isinstance(code, int):
        say(str(error))
        return code
    if isinstance(error, ProfileError):
        say(str(error))
        return ConfigError.exit_code
    if isinstance(error, Refused):
        say(str(error))
        return DataRejected.exit_code
    full = any(os.strerror(code) in str(error) for code in (errno.ENOSPC, errno.EDQUOT))  # DuckDB tells the words and not the number.
    if full or isinstance(error, PermissionError | NotADirectoryError | IsADirectoryError) or getattr(error, "errno", None) == errno.EROFS:
        say(f"{getattr(error, 'filename', None) or 'The disk'}: {getattr(error, 'strerror', error)}. Nothing was published. Give Plumbline a folder it can write to, with space.")
        return ConfigError.exit_code
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="plumbline-", suffix=".txt", delete=False, encoding="utf-8") as report:
        report.write("".join(traceback.format_exception(error)))
    say(f"Plumbline failed in a way it does not know: {type(error).__name__}: {error}\nThe report for its makers is in {report.name}. Nothing was published.")
    return 70
