"""What all commands share: the application, the options that many have, and how a line is said to people."""

import sys
from collections.abc import Callable
from contextvars import ContextVar
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.errors import ConfigError

app = typer.Typer(
    name="plumbline", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Ties technology spend to business priorities: monthly, from your own exports, with the books closed to the cent.",
)  # fmt: skip

Folder = Annotated[Path | None, typer.Option("-C", "--workspace", help="The workspace; the current folder where none is named.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Month = Annotated[str | None, typer.Option("--month", help="YYYY-MM; the last full month where none is named.", show_default=False)]


BEFORE: ContextVar[Path | None] = ContextVar("workspace", default=None)
"""The workspace named before the command: `plumbline -C DIR refresh`."""


def chosen(folder: Path | None) -> Path:
    """The workspace of a command: its own -C, that before the command's name, or the current folder."""
    return folder or BEFORE.get() or Path()


def say(text: str) -> None:
    """A line for people."""
    typer.echo(text, err=True)


def progress() -> Callable[[str], None]:
    """Shows the step a refresh is at: in place on a terminal, a line for each main step otherwise."""
    if sys.stderr.isatty():
        from rich.console import Console

        status = Console(stderr=True).status("starting")
        status.start()
        return lambda step: status.update(step) if step != "done" else status.stop()
    return lambda step: say(step) if "." not in step and step != "done" else None


def show_version(wanted: bool) -> None:
    """Print the program's version and end."""
    if wanted:
        typer.echo(f"plumbline {version('plumbline')}")
        raise typer.Exit


@app.callback()
def root(folder: Folder = None, _: Annotated[bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version.")] = False) -> None:
    """Options before the command hold for it."""
    BEFORE.set(folder)


def published_run(folder: Path, month: str | None) -> Any:
    """The published month that a reader opens."""
    from pipelines.publish import published
    from pipelines.workspace import month_of

    run = published(folder.resolve(), month_of(month) if month else None)
    if run is None:
        missing, option = (f"{month} is not", f" --month {month}") if month else ("Nothing is", "")
        raise ConfigError(f"{missing} published here yet. Run `plumbline refresh{option}` first.")
    return run
