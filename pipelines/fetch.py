"""Asking the systems that plumbline.yml names, before anything is delivered: what they give becomes deliveries like any file.

A stream's rows and where it stands are kept by one rename: the delivery's folder holds the rows and `fetch.json`. A month
can so be rebuilt without asking anybody. The network is touched only where a source names a connector.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from connectors.api.clients import Clients
from connectors.api.connector import Connector, Stream
from connectors.api.engine import Source, connect, read
from connectors.api.errors import ApiError, NoPermission
from connectors.api.nouns import Json
from connectors.api.registry import connectors
from connectors.api.reports import Asked, Report, State, Unit
from connectors.api.tokens import TokenStore
from connectors.api.waiting import Clock
from pipelines import close
from pipelines.deliveries import EXPORTS, Delivery, commit, emptied, hashed, kept, waiting
from pipelines.errors import ConfigError
from pipelines.recognition import near
from pipelines.settings import FILE, VARIABLE, SourceSettings, environment, resolve
from pipelines.workspace import Workspace, slug

FETCHED = "fetch.json"
TOKENS = ".connections"
ASKED: ContextVar[Asked] = ContextVar("asked", default=Asked())  # noqa: B039 - frozen
"""What the command line asks of a refresh's reads: `--full`, `--allow-shrink`."""


@dataclass(frozen=True)
class Fetched:
    """A kept read of a stream: its delivery, and what `fetch.json` tells of it."""

    delivery: Delivery
    stream: str
    state: State
    report: Mapping[str, Json]


@dataclass(frozen=True)
class Connection:
    """A source of plumbline.yml that has a connector, with its options resolved."""

    name: str
    settings: SourceSettings
    connector: Connector
    options: Mapping[str, str]
    store: TokenStore

    @property
    def streams(self) -> list[Stream]:
        """The streams to read, in the connector's order; the parents of those asked for are read too."""
        wanted = set(self.settings.streams or [s.name for s in self.connector.streams if not s.on_request])
        wanted |= {s.parent for s in self.connector.streams if s.name in wanted and s.parent}
        return [stream for stream in self.connector.streams if stream.name in wanted]

    @property
    def clients(self) -> Clients | None:
        """Whose records may be kept; None: all."""
        given = self.settings.clients
        return Clients(frozenset(given.ours), given.field) if given else None

    def open(self, clock: Clock = Clock()) -> Source:  # noqa: B008 - frozen
        return connect(self.connector, self.options, self.store, clock)


def connection(workspace: Workspace, name: str) -> Connection:
    """The connection of a source. Raises ConfigError that names what is missing or wrong in plumbline.yml."""
    with_one = {source: given for source, given in workspace.settings.sources.items() if given.connector}
    if name not in with_one:
        raise ConfigError(f"{FILE}: no source {name} has a connector.{near(name, with_one)} Those with one: {', '.join(with_one) or 'none'}. Run `plumbline connect add`.")
    given, known = with_one[name], connectors(workspace.folder)
    place = f"{FILE}: sources.{name}"
    if given.connector not in known:
        raise ConfigError(f"{place}.connector: there is no {given.connector}.{near(given.connector or '', known)} There are {', '.join(known)}.")
    connector = known[given.connector]
    streams = [stream.name for stream in connector.streams]
    if wrong := [stream for stream in given.streams if stream not in streams]:
        raise ConfigError(f"{place}.streams: {connector.title} has no {wrong[0]}.{near(wrong[0], streams)} It has {', '.join(streams)}.")
    return Connection(name, given, connector, resolved(connector, given.options, place, workspace.folder), TokenStore(workspace.folder / TOKENS / f"{slug(name)}.json"))


def resolved(connector: Connector, given: Mapping[str, str], place: str, folder: Path) -> dict[str, str]:
    """The options with their variables replaced. Raises ConfigError; secrets may be given by variables only."""
    declared = {option.name: option for option in connector.options}
    if unknown := sorted(given.keys() - declared.keys()):
        raise ConfigError(f"{place}.options: {connector.title} has no {unknown[0]}.{near(unknown[0], declared)} It has {', '.join(declared)}.")
    variables, options = environment(folder), {}
    for option in connector.options:
        where = f"{place}.options.{option.name}"
        text = str(given.get(option.name, ""))
        if option.secret and text and not VARIABLE.fullmatch(text):
            raise ConfigError(f"{where}: a secret must not stand in this file. Write ${{NAME}} here, and NAME=... into .env (mode 600); change the secret, since it was in a file.")
        value = resolve(text, variables, where).strip()
        if not value and option.required:
            raise ConfigError(f"{where} is missing: {option.about}{f' Such as {option.example}.' if option.example else ''}")
        if value and not re.fullmatch(option.pattern, value, re.DOTALL):
            raise ConfigError(f"{where}: {'this' if option.secret else repr(value)} can't be: {option.about}{f' Such as {option.example}.' if option.example else ''}")
        options[option.name] = value
    return options


def history(workspace: Path, source: str, deliveries: Sequence[Delivery] | None = None) -> list[Fetched]:
    """The kept reads of a source, oldest first."""
    found = []
    for delivery in kept(workspace) if deliveries is None else deliveries:
        path = delivery.path(workspace).with_name(FETCHED)
        if delivery.home == EXPORTS and (delivery.kept_under or delivery.source) == slug(source) and path.is_file():
            told = json.loads(path.read_text(encoding="utf-8"))
            found.append(Fetched(delivery, told["stream"], told["state"], told["report"]))
    return found


def left_there(found: Sequence[Fetched]) -> dict[str, int]:
    """How many records of other clients, and of none, the newest read of each stream met and did not keep."""
    newest = {one.stream: one.report for one in found}.values()
    return {name: sum(int(report.get(name, 0)) for report in newest) for name in ("other_client", "no_client")}


def state_of(found: Sequence[Fetched], stream: str) -> State:
    """Where a stream stands: after its newest kept read."""
    return next((one.state for one in reversed(found) if one.stream == stream), {})


def files_of(workspace: Path, found: Sequence[Fetched], stream: Stream) -> list[Path]:
    """The kept files of a stream that count, oldest first: all of them, or the newest where each is complete."""
    files = [one.delivery.path(workspace) for one in found if one.stream == stream.name and not one.delivery.duplicate_of and not one.delivery.is_absent]
    return files[-1:] if stream.is_complete else files


def fetch(workspace: Workspace, month: str, as_known_on: date | None, progress: Callable[[str], None] = lambda _: None, clock: Clock = Clock()) -> list[str]:  # noqa: B008 - frozen
    """Read what is new of every source with a connector, and keep it; what could not be read, in words: the month is then incomplete.

    Nothing is asked for a month that is closed, or as it was known on a day: those are built from what was kept. Raises
    ConfigError, and the ApiError itself where nothing could be read and nothing else is there to build from.
    """
    names = [name for name, given in workspace.settings.sources.items() if given.connector]
    if not names or as_known_on or close.closed(workspace.folder, month):
        return []
    connections = [connection(workspace, name) for name in names]
    notes: list[str] = []
    failures: list[ApiError] = []
    fine = 0
    for one in connections:
        progress(f"fetch {one.name}")
        for stream, result in fetched(workspace, one, clock):
            if isinstance(result, Report):
                fine += 1
                progress(told(one.name, stream, result))
                notes += [f"{one.name}: {stream}: {warning}" for warning in result.warnings]
            else:
                failures.append(result)
                notes.append(failed(workspace.folder, one, stream, result))
    if failures and not fine and not any(d.home == EXPORTS for d in kept(workspace.folder)) and not any(home == EXPORTS for home, _, _ in waiting(workspace)):
        worst = failures[0]
        raise type(worst)("\n".join(notes)) from None
    return notes


def fetched(workspace: Workspace, one: Connection, clock: Clock) -> Iterator[tuple[str, Report | ApiError]]:
    """Each stream of a connection with its report, or with what stopped it."""
    try:
        source = one.open(clock)
        source.check()
    except ApiError as error:
        yield "", error
        return
    for stream in one.streams:
        total = Report(stream.name)
        try:
            for unit in read_kept(workspace, one, source, stream):
                total = summed(total, unit.report)
            yield stream.name, total
        except ApiError as error:
            yield stream.name, error


def read_kept(workspace: Workspace, one: Connection, source: Source, stream: Stream) -> Iterator[Unit]:
    """Read a stream and keep each unit with its state, before the next one is asked for."""
    folder = workspace.folder
    found = history(folder, one.name)
    since = datetime.combine(one.settings.since, time(), UTC) if one.settings.since else None
    incoming = emptied(folder / "deliveries" / ".fetching")

    def files(name: str) -> list[Path]:
        return files_of(folder, history(folder, one.name), one.connector.stream(name))

    try:
        for unit in read(source, stream, state_of(found, stream.name), incoming, files, replace(ASKED.get(), since=since, clients=one.clients)):
            keep(folder, one, stream, unit, incoming, source.client.clock.now())
            yield unit
            emptied(incoming)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def keep(folder: Path, one: Connection, stream: Stream, unit: Unit, incoming: Path, now: datetime) -> Delivery:
    """Make a unit a delivery: rows and state by one rename. The same bytes as the stream's newest are kept once."""
    deliveries = kept(folder)
    before = [f.delivery for f in history(folder, one.name, deliveries) if f.stream == stream.name and not f.delivery.duplicate_of and not f.delivery.is_absent]
    sequence = (deliveries[-1].sequence if deliveries else 0) + 1
    name = f"{EXPORTS}/{one.name}/{stream.name}/{stream.name}-{now:%Y-%m-%dT%H%M%SZ}-{sequence}.ndjson"
    sha256, size, twin = "", 0, None
    if unit.path:
        sha256, size = hashed(unit.path), unit.path.stat().st_size
        twin = before[-1] if before and before[-1].sha256 == sha256 else None
        if twin:
            unit.path.unlink()
        else:
            unit.path.rename(incoming / Path(name).name)
    for stray in incoming.iterdir():
        if stray.name != Path(name).name:
            stray.unlink()
    facts = {"connector": one.connector.name, "stream": stream.name, "state": dict(unit.state), "report": unit.report.facts()}
    (incoming / FETCHED).write_text(json.dumps(facts, indent=1, ensure_ascii=False), encoding="utf-8")
    delivery = Delivery(
        f"{sequence:06d}-{sha256[:12] or 'empty'}", sequence, EXPORTS, slug(one.name), name, sha256, size, now.isoformat(timespec="seconds"),
        duplicate_of=twin.delivery_id if twin else None, is_absent=unit.path is None,
    )  # fmt: skip
    commit(folder, incoming, delivery)
    return delivery


def summed(total: Report, unit: Report) -> Report:
    """The report of a read of several units."""
    return replace(
        unit, since=total.since or unit.since, rows=total.rows + unit.rows, pages=total.pages + unit.pages, requests=total.requests + unit.requests,
        retries=total.retries + unit.retries, waited_seconds=total.waited_seconds + unit.waited_seconds, bytes=total.bytes + unit.bytes,
        merged=total.merged + unit.merged, deleted=total.deleted + unit.deleted, other_client=total.other_client + unit.other_client,
        no_client=total.no_client + unit.no_client, warnings=[*total.warnings, *unit.warnings],
    )  # fmt: skip


def told(source: str, stream: str, report: Report) -> str:
    """One line of progress."""
    more = [f"{report.merged:,} came again" if report.merged else "", f"{report.deleted:,} deleted there" if report.deleted else "",
            f"{report.other_client:,} of other clients left there" if report.other_client else "", f"waited {report.waited_seconds:.0f} s as asked" if report.waited_seconds >= 1 else ""]  # fmt: skip
    return f"{source} {stream}: {report.rows:,} records in {report.requests:,} requests{''.join(f', {one}' for one in more if one)}"


def failed(folder: Path, one: Connection, stream: str, error: ApiError) -> str:
    """What is said of a stream that could not be read: what happened, and what the figures rest on."""
    last = [f for f in history(folder, one.name) if stream in ("", f.stream)]
    kind = "was skipped for want of permission" if isinstance(error, NoPermission) else "could not be read"
    needs = f" It needs: {one.connector.stream(stream).permission}." if stream and isinstance(error, NoPermission) else ""
    rests = f"the last good read is of {last[-1].delivery.received_on}" if last else "there is no earlier read"
    text = str(error).removeprefix(f"{stream}: ")
    return f"{one.name}: {stream or one.connector.title} {kind}: {text}.{needs} Nothing was deleted; {rests}".replace("..", ".")
