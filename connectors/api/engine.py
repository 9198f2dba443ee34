"""Reading one stream: pages to a file, counted against all that the server says of them.

Nothing here moves state: a unit of rows and the state after it are handed to the caller, who keeps both at once. What
is raised in between leaves no half behind, and the next read begins where the last kept unit ended.
"""

import json
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

from connectors import profile as profiles
from connectors.api.client import Answer, Client
from connectors.api.clients import NOBODYS, OTHERS, Sieve
from connectors.api.connector import Connector, Deleted, Stream
from connectors.api.cursor import Bookmark, Cursor, Window, windows
from connectors.api.errors import ApiError, AuthFailed, BadOptions, BookmarkLost, Incomplete
from connectors.api.family import Kept, parent_fields, parents
from connectors.api.following import Following
from connectors.api.nouns import Json, Outcome, Page, Request, fill, pluck
from connectors.api.reports import Asked, Report, State, Unit
from connectors.api.shrinking import Withheld, guard, is_uncounted, parted, reconciled, withheld
from connectors.api.slicing import NoList, added, renamed, sliced, without
from connectors.api.spool import Spool
from connectors.api.tokens import TokenStore
from connectors.api.waiting import Clock


@dataclass
class Source:
    """An open connection to one system."""

    connector: Connector
    options: Mapping[str, str]
    client: Client
    zone: str = "UTC"
    learned: set[str] = field(default_factory=set)
    """Streams that have asked how this site calls things."""

    def check(self) -> None:
        """Make sure that the credentials are good, and learn the server's zone. Raises ApiError."""
        probe = self.connector.check
        found = self.client.ask(self.filled(Request(self.address(probe.path), dict(probe.params), probe.method, probe.body)), answered)
        if probe.place and pluck(found, probe.place) in (None, "", []):
            raise AuthFailed(f"{probe.method} /{probe.path.lstrip('/')} answered without {probe.place}: the credentials are not those of a user. {probe.hint}")
        if self.connector.zone:
            self.zone = self.connector.zone(self.client)

    def learn(self, stream: Stream) -> None:
        """Ask once how this site calls what the stream needs. Raises ApiError."""
        if stream.learn and stream.name not in self.learned:
            self.options = {**self.options, **stream.learn(self.client, self.options)}
            self.learned.add(stream.name)

    def address(self, path: str, parent: Mapping[str, Json] = {}) -> str:
        given = {**self.options, **{f"parent.{place}": pluck(parent, place) for place in parent_fields(path)}}
        return self.client.address(fill(path, {name: quote(str(value), safe="") for name, value in given.items()}))

    def now(self) -> datetime:
        """The server's own time where it tells it, so that a clock that goes wrong here loses nothing."""
        with suppress(TypeError, ValueError):
            return parsedate_to_datetime(self.client.server_time or "").astimezone(UTC)
        return self.client.clock.now()

    def page(self, stream: Stream, request: Request, parent: Mapping[str, Json] = {}) -> Page:
        """Ask for one page of a stream. Raises ApiError."""
        given = {name: fill(place, self.options) if place.startswith("{") else pluck(parent, place) for name, place in stream.carry.items()}
        names = {fill(there, self.options): here for there, here in stream.renamed.items()}

        def read(answer: Answer) -> Page:
            text = answer.body.decode("utf-8-sig")
            try:
                texts, records, envelope = sliced(stream.tidy(text) if stream.tidy else text, stream.records)
            except NoList as error:
                raise Incomplete(f"{self.client.place(request)}: {error}; the server's answers have changed") from None
            if isinstance(envelope, dict) and envelope.get("error"):
                raise ValueError(f"it tells an error beside the records: {json.dumps(envelope['error'], ensure_ascii=False)[:200]}")
            if any(not isinstance(record, dict) for record in records):
                raise Incomplete(f"{self.client.place(request)}: a record is no object; the server's answers have changed")
            if stream.leave_out:
                texts = [without(one, stream.leave_out) for one in texts]
            if names:
                texts = [renamed(one, names) for one in texts]
                records = [json.loads(one) for one in texts]
            if given:
                texts = [added(one, given) for one in texts]
                records = [{**given, **record} for record in records]
            return Page(texts, records, envelope, answer.links, answer.headers)

        return self.client.ask(request, read, stream.rules)

    def count(self, stream: Stream, first: Request) -> int | None:
        """The server's count of what the first request asks for; None where the stream has none. Raises ApiError."""
        if not stream.count:
            return None
        marks = {name: text for name, text in first.params.items() if name.startswith("{")}
        url = self.address(stream.count.path) if stream.count.path else first.url
        found = pluck(self.client.ask(self.filled(Request(url, {**stream.count.params, **marks})), answered, stream.rules), stream.count.place)
        if not isinstance(found, int) or isinstance(found, bool):
            raise Incomplete(f"the server does not say how many records there are: there is no number at {stream.count.place}")
        return found

    def request(self, stream: Stream, window: Window, state: State, parent: Mapping[str, Json] = {}) -> Request:
        """The first request of a stream, its templates still to be filled by `filled`. Raises ApiError where the stream must ask first how things are called here."""
        self.learn(stream)
        params = {**stream.params} | {"{since}": "", "{until}": "", "{after}": ""}
        if isinstance(stream.cursor, Cursor):
            params["{since}"] = stream.cursor.clause.format(stream.cursor.ask(window.since, self.zone)) if window.since else ""
            params["{until}"] = stream.cursor.until.format(stream.cursor.ask(window.until, self.zone)) if window.until else ""
        elif isinstance(stream.cursor, Bookmark):
            mark = state.get("cursor")
            params |= {stream.cursor.param: str(mark)} if mark else {stream.cursor.start_param: stream.cursor.start} if stream.cursor.start_param else {}
        return stream.paging.first(Request(self.address(stream.path, parent), params, stream.method, stream.body))

    def filled(self, request: Request) -> Request:
        """The request with its templates filled and its empty parameters left out."""
        marks = {name[1:-1]: text for name, text in request.params.items() if name.startswith("{")}
        given = {**self.options, **months(self.now()), **marks}
        said = {name: text for name, template in request.params.items() if not name.startswith("{") and (text := fill(template, given))}
        headers = {name.removeprefix("header:"): text for name, text in said.items() if name.startswith("header:")}
        return replace(request, url=self.client.address(request.url), params={name: text for name, text in said.items() if not name.startswith("header:")}, headers=headers, body=told(request.body, given))


def months(now: datetime) -> dict[str, str]:
    """The marks of whole months: `month.0` is the first day of this one, `month.3` that of three months ago, `month.next` that of the next."""
    count = now.year * 12 + now.month - 1
    firsts = {back: f"{(count - back) // 12:04}-{(count - back) % 12 + 1:02}-01" for back in range(-1, 37)}
    return {f"month.{'next' if back < 0 else back}": day for back, day in firsts.items()}


def told(body: Json, given: Mapping[str, Json]) -> Json:
    """A body with the templates of its texts filled; members that this leaves empty are left out."""
    if isinstance(body, Mapping):
        filled = {name: told(value, given) for name, value in body.items()}
        return {name: value for name, value in filled.items() if value not in ("", {}) or body[name] == value}
    if isinstance(body, list):
        return [told(value, given) for value in body]
    return fill(body, given) if isinstance(body, str) else body


def answered(answer: Answer) -> Json:
    """The JSON of an answer."""
    return json.loads(answer.body.decode("utf-8-sig"))


def connect(connector: Connector, options: Mapping[str, str], store: TokenStore, clock: Clock = Clock(), wait_total: float = 900.0) -> Source:  # noqa: B008 - frozen
    """Open a connection; nothing is asked yet. Raises BadOptions."""
    secrets = [options[option.name] for option in connector.options if option.secret and options.get(option.name)]
    given = {option.name: options.get(option.name, "") for option in connector.options}
    headers = {name: said for name, text in connector.headers.items() if (said := fill(text, given))}
    client = Client(fill(connector.base, given), connector.auth, given, secrets, store, connector.rules, connector.budget, clock, headers, wait_total)
    return Source(connector, given, client)


def read(source: Source, stream: Stream, state: State, folder: Path, kept: Kept, asked: Asked = Asked()) -> Iterator[Unit]:  # noqa: B008 - frozen
    """Read what is new of a stream into files of `folder`, unit by unit, each to be kept before the next is asked for. Raises ApiError."""
    if asked.full:
        state = {name: value for name, value in state.items() if name == "rows"}
    sieve = sieve_of(stream, asked)
    if (sieve.told() if sieve else None) != state.get("clients"):
        state = {name: value for name, value in state.items() if name == "rows"}
    started = source.now()
    cursor = stream.cursor if isinstance(stream.cursor, Cursor) else None
    todo = deque(windows(cursor, state, asked.since, started))
    while todo:
        window = todo.popleft()
        try:
            unit = one(source, stream, window, state, folder, kept, asked, started, is_last=not todo)
        except BookmarkLost:
            if not state.get("cursor"):
                raise
            state = {name: value for name, value in state.items() if name != "cursor"}
            todo.appendleft(window)
            continue
        except Withheld as missed:
            state, asked = {"reads": state.get("reads", 0), "withheld": missed.count}, replace(asked, full=True)
            todo.extend(windows(cursor, state, asked.since, started))
            continue
        if unit is None and cursor:
            todo.extendleft(reversed(window.halves(cursor)))
            continue
        if unit:
            yield unit
            state = unit.state


def one(source: Source, stream: Stream, window: Window, state: State, folder: Path, kept: Kept, asked: Asked, started: datetime, is_last: bool) -> Unit | None:
    """Read one window; None where the server's cap was met, so that it must be halved."""
    client = source.client
    report = Report(stream.name, since=str(window.since or ""), until=str(window.until or ""))
    before = client.pace.calls, client.retries, client.pace.waited, client.bytes
    path = folder / f"{stream.name}.ndjson"
    try:
        profile = profiles.shipped().get(stream.profile)
        sieve = sieve_of(stream, asked)
        spool, following = Spool(path, stream.key, profile.header if profile else (), sieve), None
        for parent in parents(source.connector, stream, kept):
            following = Following(source, stream, window, spool, report, asked.max_pages)
            following.run(source.request(stream, window, state, parent), parent)
            if following.is_capped:
                return None
        report.rows = spool.close()
        report.merged = spool.merged
        heard(report, spool, state)
        if spool.seen and spool.missing:
            lost = ", ".join(sorted(spool.missing))
            raise Incomplete(f"the records no longer have the field {lost}: the server's answers have changed, or the account lost access to it. Nothing was kept")
        after = next_state(stream, state, window, following, started)
        if is_last and stream.deleted is Deleted.SNAPSHOT:
            report.deleted = guard(stream, state, report.rows, path, kept(stream.name), asked)
        elif is_last and stream.deleted is Deleted.RECONCILE and stream.listing:
            after["reads"] = int(state.get("reads", 0)) + 1
            holds_all = not sieve and not asked.since
            if (after["reads"] >= stream.listing.every and kept(stream.name)) or (holds_all and not state.get("cursor") and is_uncounted(stream)):
                report.deleted, unknown, listed = reconciled(source, stream, spool.seen, path, kept(stream.name), asked, report)
                after |= {"reads": 0, "withheld": withheld(source, stream, state, started, unknown, listed, asked, report) if unknown and holds_all else 0}
        if spool.refused and not stream.is_complete:
            report.deleted += parted(stream, path, kept(stream.name), spool.refused, asked)
        if stream.is_complete:
            after["rows"] = report.rows
        if sieve:
            after["clients"] = sieve.told()
    except ApiError as error:
        path.unlink(missing_ok=True)
        if isinstance(error, BookmarkLost) or "\n" in str(error):
            raise
        raise type(error)(client.clean(f"{stream.name}: {error}")) from None
    report.outcome = Outcome.OK if report.rows else Outcome.OK_EMPTY
    report.requests, report.retries = client.pace.calls - before[0], client.retries - before[1]
    report.waited_seconds, report.bytes = round(client.pace.waited - before[2], 1), client.bytes - before[3]
    written = report.rows or report.deleted
    if not written:
        path.unlink(missing_ok=True)
    return Unit(path if written else None, report.rows, after, report)


def sieve_of(stream: Stream, asked: Asked) -> Sieve | None:
    """What tells a stream's records apart, where the system holds those of many clients. Raises BadOptions."""
    try:
        return asked.clients.sieve(stream) if asked.clients else None
    except BadOptions as error:
        raise BadOptions(f"{stream.name}: {error}") from None


def heard(report: Report, spool: Spool, state: State) -> None:
    """Count what is not kept since it is not ours, and warn of what may be a fault of the system or of a key."""
    counts = Counter(spool.refused.values())
    report.other_client, report.no_client = counts[OTHERS], counts[NOBODYS]
    if report.no_client:
        report.warnings.append(f"{report.no_client:,} records tell no client and were not kept; give them one there")
    if report.other_client and not report.rows and "clients" not in state:
        report.warnings.append(f"all of {report.other_client:,} records belong to other clients: see whether clients.ours in plumbline.yml is spelt as the system spells it")


def next_state(stream: Stream, state: State, window: Window, following: Following | None, started: datetime) -> dict[str, Json]:
    """Where the stream stands after a window: never beyond the moment at which the read began, and never further back."""
    after = {name: value for name, value in state.items() if name in ("cursor", "reads", "withheld")}
    if isinstance(stream.cursor, Bookmark):
        mark = following.bookmark if following else None
        if not mark:
            raise Incomplete(f"the last page has no {stream.cursor.place}, from which the next read would go on")
        after["cursor"] = str(mark)
    elif isinstance(stream.cursor, Cursor) and following:
        reached = min(window.until, started) if window.until else min(following.newest, started) if following.newest else None
        before = datetime.fromisoformat(after["cursor"]) if after.get("cursor") else None
        newest = max((m for m in (reached, before) if m), default=None)
        if newest:
            after["cursor"] = newest.astimezone(UTC).isoformat()
    return after
