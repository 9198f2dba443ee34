"""What `plumbline connect` and `discover` do: a source added to plumbline.yml, a connection tried, streams looked at."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import islice
from pathlib import Path

from connectors import profile as profiles
from connectors.api.auth import Setting
from connectors.api.connector import Connector, Stream
from connectors.api.consent import CALLBACK, asking, finish, waited_for, way_of
from connectors.api.cursor import Cursor, windows
from connectors.api.engine import Source
from connectors.api.errors import ApiError, NoPermission
from connectors.api.nouns import Json, Page
from connectors.api.paging import counted
from connectors.api.registry import connectors
from connectors.api.waiting import Clock
from pipelines.errors import ConfigError, UsageError
from pipelines.fetch import Connection, connection, files_of, history, state_of
from pipelines.recognition import near
from pipelines.settings import FILE, load_settings
from pipelines.workspace import Workspace, slug


@dataclass(frozen=True)
class Probe:
    """One thing tried of a connection. `exit_code` is that of its failure."""

    name: str
    ok: bool
    detail: str
    exit_code: int = 0


def page_of(connector: Connector) -> str:
    """The page of a system in Markdown: how to get credentials, what is loaded, with what permission, and the limits."""
    lines = [f"# {connector.title}", "", connector.about, "", "## Credentials", "", *(f"{n}. {step}" for n, step in enumerate(connector.credentials, 1)), ""]
    lines += ["| option | meaning |", "| --- | --- |"]
    for option in connector.options:
        extra = " A secret: give it as ${NAME}." if option.secret else f" Such as `{option.example}`." if option.example else ""
        lines.append(f"| `{option.name}` | {option.about}{'' if option.required else ' Optional.'}{extra} |")
    lines += ["", "## What is loaded", "", "| stream | holds | feeds | permission | read | deletions |", "| --- | --- | --- | --- | --- | --- |"]
    known = profiles.shipped()
    for stream in connector.streams:
        feeds = known[stream.profile].table if stream.profile in known else None
        read = "whole, each time" if stream.is_complete else "what changed since the last read"
        lines.append(f"| `{stream.name}` | {stream.about} | {f'`{feeds}`' if feeds else 'names for the others'} | {stream.permission} | {read} | {DELETIONS[stream.deleted]} |")
        if stream.leave_out:
            lines[-1] = lines[-1].removesuffix(" |") + f"; not kept: {', '.join(sorted(stream.leave_out))} |"
    return "\n".join([*lines, "", "## Limits", "", connector.limits, "", "## Proof", "", proof_of(connector), ""])


def proof_of(connector: Connector) -> str:
    """What a connector was run against, in a sentence."""
    if connector.proved:
        return f"Run against {connector.proved}, which nobody of this project wrote, and against a server that plays its description."
    return "Run only against a server that plays its description, never against the system itself."


DELETIONS = {
    "status": "records say so themselves", "snapshot": "what a read lacks is gone", "reconcile": "found by listing all keys each few reads", "never": "none",
}  # fmt: skip


def add(folder: Path, name: str, system: str | None, given: dict[str, str], ask: Callable[[str], str] | None) -> str:
    """Write a source into plumbline.yml; the lines written. Secrets become ${NAME}, and what to put into .env is said."""
    known = connectors(folder)
    system = system or name
    if system not in known:
        raise UsageError(f"There is no connector {system}.{near(system, known)} There are {', '.join(known)}.")
    if name in load_settings(folder).sources:
        raise ConfigError(f"{FILE}: there is a source {name} already. Change it there.")
    connector, lines, variables = known[system], [f"  {slug(name)}:", f"    connector: {system}", "    cadence: monthly", "    options:"], []
    for option in connector.options:
        if option.secret:
            variable = f"{slug(name)}_{option.name}".upper()
            if option.required:
                lines.append(f"      {option.name}: ${{{variable}}}")
                variables.append(variable)
            continue
        value = given.get(option.name) or (ask(f"{option.about}{f' Such as {option.example}.' if option.example else ''}") if ask and option.required else "")
        if value or option.required:
            lines.append(f"      {option.name}: {json.dumps(value)}")
    if unknown := sorted(given.keys() - {option.name for option in connector.options if not option.secret}):
        raise UsageError(f"{connector.title} takes no {unknown[0]} here. It takes {', '.join(o.name for o in connector.options if not o.secret)}; secrets go into .env.")
    path = folder / FILE
    text = path.read_text(encoding="utf-8-sig")
    block = "\n".join(lines)
    own = [n for n, line in enumerate(text.splitlines()) if line.rstrip() == "sources:"]
    if own:
        rows = text.splitlines()
        text = "\n".join([*rows[: own[0] + 1], block, *rows[own[0] + 1 :]]) + "\n"
    elif any(line.startswith("sources:") for line in text.splitlines()):
        raise ConfigError(f"{FILE}: `sources:` is written in one line. Write it in block form, then add:\n{block}")
    else:
        text = text.rstrip("\n") + f"\nsources:\n{block}\n"
    path.write_text(text, encoding="utf-8")
    steps = "\n".join(f"  {n}. {step}" for n, step in enumerate(connector.credentials, 1))
    secrets = f"Put into {folder / '.env'} (mode 600): {', '.join(f'{v}=...' for v in variables)}\n" if variables else ""
    return f"Added to {path}:\n{block}\nTo get the credentials:\n{steps}\n{secrets}Then run: plumbline connect test {slug(name)} -C {folder}"


def listed(workspace: Workspace) -> list[dict[str, Json]]:
    """Every connector there is, and the sources that use it."""
    sources = workspace.settings.sources.items() if (workspace.folder / FILE).is_file() else ()
    return [
        {"connector": c.name, "title": c.title, "about": c.about, "streams": [s.name for s in c.streams], "sources": [n for n, g in sources if g.connector == c.name],
         "options": [o.name for o in c.options], "proof": proof_of(c)}
        for c in connectors(workspace.folder).values()
    ]  # fmt: skip


def tried(workspace: Workspace, name: str, clock: Clock = Clock()) -> list[Probe]:  # noqa: B008 - frozen
    """Try the credentials and read the first page of every stream. Raises ConfigError."""
    one = connection(workspace, name)
    try:
        source = one.open(clock)
        source.check()
    except ApiError as error:
        return [Probe("credentials", False, str(error), error.exit_code)]
    probes = [Probe("credentials", True, f"accepted by {one.connector.title}; times there are in {source.zone}")]
    skew = abs((source.now() - clock.now()).total_seconds())
    probes.append(Probe("clock", skew < 300, f"{skew:.0f} s beside the server's", 0 if skew < 300 else 6))
    for stream in one.streams:
        try:
            page = first_page(one, source, stream)
        except ApiError as error:
            probes.append(Probe(stream.name, False, f"{error}{f'. It needs: {stream.permission}' if isinstance(error, NoPermission) else ''}", error.exit_code))
            continue
        total = counted(stream.paging.total, page) if page else None
        probes.append(Probe(stream.name, True, f"{len(page.records) if page else 0} records on the first page{f' of {total:,}' if total is not None else ''}"))
    return probes


def sign_in(one: Connection, port: int, redirect: str, show: Callable[[str], None], paste: Callable[[], str], clock: Clock = Clock()) -> None:  # noqa: B008 - frozen
    """Let a person consent in a browser, and keep the refresh token that this gives.

    The browser's way back leads to this machine; where `redirect` names an address elsewhere, since a system takes no
    other, the person pastes what it led to. Raises UsageError where nobody can sign in, and ApiError.
    """
    way = way_of(one.connector.auth)
    if way is None:
        raise UsageError(f"{one.connector.title} is not signed in to by a person: its credentials stand in {FILE} and .env. Leave --sign-in out.")
    client = one.open(clock).client
    setting = Setting(one.options, client.post, one.store, clock, client.clean.learn)
    asked = asking(way, setting, redirect or f"http://localhost:{port}{CALLBACK}")
    if redirect:
        show(asked.address)
        returned = paste()
    else:
        returned = waited_for(port, asked.state, lambda: show(asked.address))
    finish(way, setting, asked, returned)


def first_page(one: Connection, source: Source, stream: Stream) -> Page | None:
    """The first page of a stream; of one that belongs to another's records, for the first of those, None where there is none."""
    parent: dict[str, Json] = {}
    if stream.parent:
        above = first_page(one, source, one.connector.stream(stream.parent))
        if above is None or not above.records:
            return None
        parent = above.records[0]
    window = next(windows(stream.cursor if isinstance(stream.cursor, Cursor) else None, {}, None, source.now()))
    return source.page(stream, source.filled(source.request(stream, window, {}, parent)), parent)


def discover(workspace: Workspace, name: str, sample: int, clock: Clock = Clock()) -> list[dict[str, Json]]:  # noqa: B008 - frozen
    """What each stream of a source gives: availability, key, columns, and some records. Raises ConfigError, ApiError for the connection itself."""
    one = connection(workspace, name)
    source = one.open(clock)
    source.check()
    known, found = profiles.shipped() | workspace.profiles, []
    for stream in one.streams:
        profile = known.get(stream.profile)
        facts: dict[str, Json] = {"stream": stream.name, "about": stream.about, "feeds": profile.table if profile else None, "key": list(stream.key),
                                  "cursor": getattr(stream.cursor, "field", getattr(stream.cursor, "place", None)), "deletions": DELETIONS[stream.deleted]}  # fmt: skip
        try:
            page = first_page(one, source, stream)
        except ApiError as error:
            found.append(facts | {"available": "no_permission" if isinstance(error, NoPermission) else "failed", "detail": str(error), "columns": [], "records": []})
            continue
        records = list(islice((json.loads(text) for text, record in zip(page.texts, page.records, strict=True) if is_ours(one, stream, record)), sample)) if page else []
        columns = sorted({name for record in records for name in dotted(record)})
        found.append(facts | {"available": "available", "detail": "", "columns": columns, "records": records})
    return found


def is_ours(one: Connection, stream: Stream, record: Json) -> bool:
    """Whether a record may be shown: in a system of many clients only one that tells it is of these."""
    try:
        sieve = one.clients.sieve(stream) if one.clients else None
    except ApiError:
        return False
    return sieve is None or not sieve.refuses(record)


def dotted(record: Json, before: str = "") -> Iterator[str]:
    """The dotted names of a record's columns, as profiles write them."""
    for name, value in record.items():
        if isinstance(value, dict) and value:
            yield from dotted(value, f"{before}{name}.")
        else:
            yield before + name


def plan(workspace: Workspace, full: bool, now: datetime | None = None) -> list[str]:
    """What a refresh would ask, a line a stream: the request, the window, and how many requests that takes, as far as can be told. Nothing is asked."""
    lines = []
    for name, given in workspace.settings.sources.items():
        if not given.connector:
            continue
        one = connection(workspace, name)
        found = history(workspace.folder, name)
        since = datetime.combine(given.since, time(), UTC) if given.since else None
        for stream in one.streams:
            state = {} if full else state_of(found, stream.name)
            cursor = stream.cursor if isinstance(stream.cursor, Cursor) else None
            asked = list(windows(cursor, state, since, now or datetime.now(UTC)))
            begin = str(asked[0].since)[:16] if asked and asked[0].since else f"bookmark {str(state['cursor'])[:12]}" if state.get("cursor") and not cursor else "the beginning"
            last = next((f.report for f in reversed(found) if f.stream == stream.name), None)
            size = max(1, getattr(stream.paging, "size", 100))
            calls = max(len(asked), -(-int(last["rows"] if last else 0) // size))
            about = f"about {calls}" if last else f"at least {calls}"
            if stream.parent:
                above = files_of(workspace.folder, found, one.connector.stream(stream.parent))
                about = f"one for each of the {stream.parent}" + ("" if above else ", not read yet")
            what = "everything" if stream.is_complete else f"changes since {begin}"
            lines.append(f"{name} {stream.name}: {stream.method} /{stream.path.lstrip('/')}, {what}, {about} requests")
    return lines
