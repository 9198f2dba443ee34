"""What has changed since: the cursor of a stream, in which zone and how finely its clock counts, and windows of time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.api.errors import Incomplete
from connectors.api.nouns import Json, pluck

ACCOUNT = "account"
"""The zone of the account or user, which `Connector.zone` asks for."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cursor:
    """A field that tells when a record last changed, and the parameter that asks for what changed since.

    `clause` is put into the `{since}` of the stream's parameters, its `{}` being the instant; `until` likewise into
    `{until}`. `wire` is how records write it and `query` how it is asked: `iso`, `epoch`, or a strftime format; texts
    without an offset are in `zone`, `query_zone`. The true maximum is kept; `lookback` is subtracted when asking only,
    and the question is inclusive, floored to `granularity`: rows of the same second or minute come again and are merged.
    """

    field: str
    clause: str = "{}"
    until: str = "{}"
    wire: str = "iso"
    query: str = "%Y-%m-%dT%H:%M:%SZ"
    zone: str = "UTC"
    query_zone: str = "UTC"
    granularity: timedelta = timedelta(seconds=1)
    lookback: timedelta = timedelta(minutes=5)
    start: datetime | None = None
    """Asked from here where nothing was read yet; None: everything is asked for."""
    is_checked: bool = True
    """Every row must be within what was asked: servers ignore filters they do not understand, and give everything."""
    step: timedelta | None = None
    """Read in windows of this length, each kept by itself; the server must take `until`, which is exclusive."""
    cap: int | None = None
    """Rows beyond which the server stops without a word: a window that reaches them is halved."""

    def moment(self, record: Json, zone: str) -> datetime | None:
        """The instant of a record; None where it has none. Raises Incomplete for a text of another form."""
        text = pluck(record, self.field)
        if text is None or text == "":
            return None
        try:
            if self.wire == "epoch":
                return EPOCH + timedelta(seconds=float(text))
            found = datetime.fromisoformat(str(text)) if self.wire == "iso" else datetime.strptime(str(text), self.wire)
        except (ValueError, OverflowError):
            raise Incomplete(f"the field {self.field} holds {str(text)[:40]!r}, which is not a time as this server writes it ({self.wire})") from None
        return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone if self.zone == ACCOUNT else self.zone))

    def floor(self, moment: datetime) -> datetime:
        """The start of the second, minute or day that the moment lies in."""
        grain = self.granularity // timedelta(microseconds=1)
        return EPOCH + timedelta(microseconds=(moment - EPOCH) // timedelta(microseconds=1) // grain * grain)

    def ask(self, moment: datetime, zone: str) -> str:
        """The instant as the server is asked for it, never later than the instant itself.

        A local time that occurs twice or never, when clocks change, is asked an hour earlier.
        """
        moment = self.floor(moment)
        if self.query == "epoch":
            return str(int(moment.timestamp()))
        there = ZoneInfo(zone if self.query_zone == ACCOUNT else self.query_zone)
        local = moment.astimezone(there)
        if local.utcoffset() != (moment - timedelta(hours=1)).astimezone(there).utcoffset() or local.fold:
            local = (moment - timedelta(hours=2)).astimezone(there)
        elif local.utcoffset() != (moment + timedelta(hours=1)).astimezone(there).utcoffset():
            local = (moment - timedelta(hours=1)).astimezone(there)
        return local.isoformat() if self.query == "iso" else local.strftime(self.query)

    def check(self, moment: datetime | None, since: datetime | None, until: datetime | None) -> None:
        """Raise Incomplete for a row outside of what was asked; a day's slack for zones is no loss, only more rows."""
        if not self.is_checked or moment is None:
            return
        slack = self.granularity + (timedelta(hours=2) if self.query_zone != "UTC" else timedelta(0))
        if (since and moment < self.floor(since) - slack) or (until and moment > until + slack):
            raise Incomplete(
                f"the server ignored the filter: asked for changes since {since or 'ever'}, it gave a record of {moment}. "
                "Its rows can't be trusted to be what was asked for; nothing of this stream was kept"
            )


@dataclass(frozen=True)
class Bookmark:
    """A cursor that only the server understands: the text at `place` of the last page is kept and given back in `param`.

    The first time `start_param` is asked with `start`.
    """

    place: str
    param: str
    start_param: str = ""
    start: str = "0"


@dataclass(frozen=True)
class Window:
    """A span of time to ask for: from `since`, included, to `until`, excluded; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    def halves(self, cursor: Cursor) -> tuple["Window", "Window"]:
        """The window in two. Raises Incomplete where it can't be halved any more."""
        if self.since is None or self.until is None or self.until - self.since <= cursor.granularity:
            raise Incomplete(f"the server gives at most {cursor.cap:,} rows, and there are more between {self.since} and {self.until}: they can't all be read")
        middle = cursor.floor(self.since + (self.until - self.since) / 2)
        if middle <= self.since:
            middle = self.since + cursor.granularity
        return Window(self.since, middle), Window(middle, self.until)


def windows(cursor: Cursor | None, state: Mapping[str, Json], since: datetime | None, now: datetime) -> Iterator[Window]:
    """What to ask for, oldest first: everything where there is no cursor, else what changed since the state, in steps where the cursor has them."""
    if cursor is None:
        yield Window()
        return
    reached = datetime.fromisoformat(state["cursor"]) if state.get("cursor") else None
    begin = reached - cursor.lookback if reached else since or cursor.start
    if cursor.step is None:
        yield Window(begin)
        return
    begin = cursor.floor(begin or EPOCH)
    while begin < now:
        end = min(begin + cursor.step, cursor.floor(now) + cursor.granularity)
        yield Window(begin, end)
        begin = end
