"""The commands about systems that are asked through their APIs: connect and discover."""

import json
import sys
import webbrowser
from typing import Annotated

import typer

from pipelines.cli_app import AsJson, Folder, app, chosen, say
from pipelines.errors import UsageError

connect = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Connect a system whose data a refresh fetches: add, list, test, auth.")
app.add_typer(connect, name="connect")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The source, as named in plumbline.yml.")]


@connect.command("add")
def add_(name: Annotated[str, typer.Argument(metavar="NAME", help="What to call the source; a system's name, or any with --system.")], folder: Folder = None,
         system: Annotated[str | None, typer.Option(help="The system; see `plumbline connect list`.")] = None,
         option: Annotated[list[str] | None, typer.Option(help="An option given beforehand, as name=value; never a secret.")] = None,
         no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing.")] = False) -> None:  # fmt: skip
    """Write a source with a connector into plumbline.yml, and say how to get the credentials."""
    from pipelines.connecting import add

    if wrong := [pair for pair in option or [] if "=" not in pair]:
        raise UsageError(f"{wrong[0]!r}: write an option as name=value.")
    given = dict(pair.split("=", 1) for pair in option or [])
    say(add(chosen(folder).resolve(), name, system, given, None if no_input or not sys.stdin.isatty() else typer.prompt))


@connect.command("list")
def list_(folder: Folder = None, json_: AsJson = False,
          verbose: Annotated[bool, typer.Option("--verbose", help="The page of each system: credentials, permissions, what is loaded, limits.")] = False,
          system: Annotated[str, typer.Option(help="Only this system.")] = "") -> None:  # fmt: skip
    """The systems that can be connected, and the sources that use them."""
    from connectors.api.registry import connectors
    from pipelines.connecting import listed, page_of
    from pipelines.workspace import Workspace

    workspace = Workspace(chosen(folder).resolve())
    found = [one for one in listed(workspace) if system in ("", one["connector"])]
    if json_:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    elif verbose:
        typer.echo("\n".join(page_of(connectors(workspace.folder)[one["connector"]]) for one in found))
    else:
        width = max((len(one["connector"]) for one in found), default=0) + 2
        for one in found:
            used = f"  [{', '.join(one['sources'])}]" if one["sources"] else ""
            typer.echo(f"{one['connector']:<{width}}{one['title']}: {', '.join(one['streams'])}{used}")


@connect.command("test")
def try_(name: Name, folder: Folder = None, json_: AsJson = False) -> None:
    """Try the credentials of a source, and read the first page of every stream."""
    from pipelines.connecting import tried
    from pipelines.workspace import Workspace

    probes = tried(Workspace(chosen(folder).resolve()), name)
    if json_:
        typer.echo(json.dumps([probe.__dict__ for probe in probes], ensure_ascii=False, indent=1))
    else:
        for probe in probes:
            typer.echo(f"{'ok  ' if probe.ok else 'FAIL'} {probe.name}: {probe.detail}")
    raise typer.Exit(max((probe.exit_code for probe in probes[:1] if not probe.ok), default=6 if any(not probe.ok for probe in probes) else 0))


def opened(address: str) -> None:
    """Show an address, and open it where there is a browser."""
    say(f"Sign in here:\n{address}")
    webbrowser.open(address)


@connect.command("auth")
def auth_(name: Name, folder: Folder = None,
          in_browser: Annotated[bool, typer.Option("--sign-in", help="Let a person consent in a browser first, where a system wants that.")] = False,
          port: Annotated[int, typer.Option(min=1024, max=65535, help="Port of this machine to which the browser comes back; register http://localhost:PORT/callback with the app.")] = 8975,
          redirect: Annotated[str, typer.Option(help="Another registered address to come back to; you are asked to paste what it led to.")] = "") -> None:  # fmt: skip
    """Obtain a token with the credentials of a source, after signing in where that is asked for, and keep what rotates."""
    from pipelines.connecting import sign_in
    from pipelines.fetch import connection
    from pipelines.workspace import Workspace

    one = connection(Workspace(chosen(folder).resolve()), name)
    if in_browser:
        sign_in(one, port, redirect, opened, lambda: typer.prompt("The whole address that the browser was led to", err=True))
    one.open().check()
    say(f"{name}: the credentials are good. {'The refresh token is kept in ' + str(one.store.path) + '.' if one.store.path.is_file() else 'Nothing needs to be kept.'}")


@app.command()
def discover(name: Name, folder: Folder = None, sample: Annotated[int, typer.Option(min=0, max=100, help="Records to show of each stream.")] = 5, json_: AsJson = False) -> None:
    """Show what each stream of a connected source gives: availability, key, columns and some records."""
    from pipelines.connecting import discover as look
    from pipelines.workspace import Workspace

    found = look(Workspace(chosen(folder).resolve()), name, sample)
    if json_:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for one in found:
        typer.echo(f"{one['stream']}: {one['about']}; feeds {one['feeds'] or 'no contract'}; {one['available']}{f' ({detail})' if (detail := one['detail']) else ''}")
        typer.echo(f"  key {', '.join(one['key'])}; cursor {one['cursor'] or 'none'}; deletions: {one['deletions']}")
        typer.echo(f"  columns {', '.join(one['columns'])}")
        for record in one["records"]:
            typer.echo(f"  {json.dumps(record, ensure_ascii=False)}")
