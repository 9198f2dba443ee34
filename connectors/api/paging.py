"""How a server gives its records in pages, as data. What ends a list is the server's own signal, never a short page."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import parse_qs, urljoin, urlsplit

from connectors.api.errors import Incomplete
from connectors.api.nouns import Json, Page, Request, pluck


@dataclass
class Progress:
    """What was received in one chain of pages so far."""

    asked: int = 0
    """Pages."""
    received: int = 0
    """Rows, repeats included."""
    last: Json = None
    """The newest record."""
    moment: str = ""
    """The newest record's cursor as the server is asked for it, where the stream has one."""
    since: str = ""
    """What `{since}` was in the request that gave the newest page."""
    reached: int = 0
    """Offset after the newest page."""


class Paging(Protocol):
    """`first` completes the first request, `after` gives the next one, or None at the end. Both may leave `{since}` and `{after}` to be filled."""

    total: str

    def first(self, request: Request) -> Request: ...

    def after(self, request: Request, page: Page, progress: Progress) -> Request | None: ...


def asking(request: Request, **params: str) -> Request:
    """The request with parameters; empty names are left out."""
    return replace(request, params={**request.params, **{name: value for name, value in params.items() if name}})


def telling(request: Request, values: Mapping[str, Json]) -> Request:
    """The request with members in its body."""
    return replace(request, body={**(request.body or {}), **values})


@dataclass(frozen=True)
class Sized:
    """`size_param` asks for pages of `size` rows. `total` is the place of the server's own count: a number in the body, or `header:NAME`."""

    size_param: str = ""
    size: int = 100
    total: str = ""

    def first(self, request: Request) -> Request:
        return asking(request, **{self.size_param: str(self.size)})

    def after(self, request: Request, page: Page, progress: Progress) -> Request | None:
        return None


@dataclass(frozen=True)
class Single(Sized):
    """Everything in one answer."""


@dataclass(frozen=True)
class LinkHeader(Sized):
    """The Link header with rel=next (RFC 8288) leads on; without it the list is at its end."""

    shifts: bool = False
    """The links count pages, so that a record that goes shifts all after it, one of them out of sight: a list of several pages is read again until that brings nothing new."""

    def after(self, request: Request, page: Page, progress: Progress) -> Request | None:
        return Request(urljoin(request.url, page.links["next"])) if "next" in page.links else None


@dataclass(frozen=True)
class NextUrl(Sized):
    """An address in the body, whole or relative, leads on."""

    place: str = "next"
    more: str = ""
    """Place of a flag that is false on the last page, whatever address stands there."""

    def after(self, request: Request, page: Page, progress: Progress) -> Request | None:
        address = pluck(page.envelope, self.place)
        if self.more:
            address = must_agree(address, pluck(page.envelope, self.more), self.place, self.more)
        return Request(urljoin(request.url, str(address))) if address else None


@dataclass(frozen=True)
class Token(Sized):
    """A token in the body is given back in a parameter, or in the body where `in_body`."""

    place: str = "next"
    param: str = "page_token"
    more: str = ""
    ends: str = ""
    """Place of a flag that is false, or true, on the last page."""
    is_kept: bool = False
    """The last page gives a token too: the place to go on from next time. Otherwise a token beside an end is an error, as is none where there is more."""
    clears: str = ""
    """A parameter of the first request that a token replaces."""
    in_body: bool = False
    shifts: bool = False
    """The token counts rows, as LinkHeader says of its links."""

    def first(self, request: Request) -> Request:
        if self.in_body:
            return telling(request, {self.size_param: self.size} if self.size_param else {})
        return super().first(request)

    def after(self, request: Request, page: Page, progress: Progress) -> Request | None:
        token = pluck(page.envelope, self.place)
        more, ends = (pluck(page.envelope, flag) if flag else None for flag in (self.more, self.ends))
        goes_on = bool(more) if more is not None else not ends if ends is not None else None
        if goes_on is not None and goes_on != bool(token) and not (self.is_kept and token):
            raise Incomplete(f"the server says {self.more or self.ends}: {str(more if more is not None else ends).lower()} and gives {f'a {self.place}' if token else f'no {self.place}'}: pages would be lost")
        if not token or goes_on is False or (goes_on is None and self.is_kept and not page.records):
            return None
        return telling(request, {self.param: token}) if self.in_body else asking(request, **{self.param: str(token), self.clears: ""})


def must_agree(value: Json, more: Json, place: str, flag: str) -> Json:
    """The value where there is more, or where the flag is not there. Raises Incomplete where the flag says so and there is none."""
    if more and not value:
        raise Incomplete(f"the server says {flag}: true and gives no {place}: pages would be lost")
    return value if more or more is None else None


@dataclass(frozen=True)
class Offset(Sized):
    """Rows are passed over by their number; the order must be by a unique key that rises.

    Each page begins with the last row of the page before, so that a row deleted in between, which shifts all after it,
    is seen: the engine then reads anew. With no total, the first page without a new row is the end.
    """

    param: str = "offset"
    overlap: int = 1
    begin: int = 0
    """The number of the first row."""

    def first(self, request: Request) -> Request:
        return asking(super().first(request), **{self.param: str(self.begin)})

    def after(self, request: Request, page: Page, progress: Progress) -> Request | None:
        at = int(request.params[self.param])
        reached = at + len(page.records)
        count = counted(self.total, page)
        if not page.records or (count is not None and reached - self.begin >= count) or (count is None and at > self.begin and len(page.records) <= self.overlap):
            return None
        return asking(request, **{self.param: str(reached - (self.overlap if len(page.records) > self.overlap else 0))})


@dataclass(frozen=True)
class PageNumber(Sized):
    """Pages have numbers from `start`. The end is the number at `last`, the count at `total`, or a page without rows."""

    param: str = "page"
    start: int = 1
    last: str = ""
    is_probed: bool = False
    """The order is by a unique key, and a row that is deleted shifts all after it: after each page, the row before it is asked for once more, alone."""

    def first(self, request: Request) -> Request:
        return asking(super().first(request), **{self.param: str(self.start)})

    def probe(self, request: Request, place: int) -> Request:
        """The request for the one row at a place, counted from 1."""
        return asking(request, **{self.size_param: "1", self.param: str(self.start + place - 1)})

    def after(self, request: Request, page: Page, progress: Progress) -> Request | None:
        number = int(request.params[self.param])
        last, count = pluck(page.envelope, self.last) if self.last else None, counted(self.total, page)
        at_end = number >= int(last) if last is not None else not page.records or (count is not None and progress.received >= count)
        return None if at_end else asking(request, **{self.param: str(number + 1)})


@dataclass(frozen=True)
class Keyset(Sized):
    """Each request asks for keys beyond the last one: `clause` goes into the `{after}` of the parameters, its `{}` being the key.

    With `more_by` = `link`, a Link header with rel=next says that there is more, even after a page without rows: those
    that access rules hid. Such a page has no key to go on from, so the link's own `offset_param` passes over its rows.
    Without the header, which gateways may take away, what follows a page is asked for all the same, unless it is short and its rows are as many as are counted.
    """

    field: str = "id"
    clause: str = "{}"
    offset_param: str = ""
    more_by: str = "rows"

    def after(self, request: Request, page: Page, progress: Progress) -> Request | None:
        at = int(request.params.get(self.offset_param) or 0) if self.offset_param else 0
        if self.more_by == "link" and "next" not in page.links and not self.is_promised(page, at):
            return None
        if page.records:
            return replace(request, params={**request.params, "{after}": self.clause.format(pluck(page.records[-1], self.field)), **({self.offset_param: "0"} if self.offset_param else {})})
        if self.more_by != "link" or not self.offset_param:
            return None
        onward = parse_qs(urlsplit(page.links["next"]).query).get(self.offset_param) if "next" in page.links else [str(at + self.size)]
        return asking(request, **{self.offset_param: onward[0]}) if onward else None

    def is_promised(self, page: Page, at: int) -> bool:
        """Whether there may be more although no link says so: a page is full, or its rows are not as many as are counted."""
        count = counted(self.total, page)
        if page.records:
            return len(page.records) >= self.size or count is None or at + len(page.records) < count
        return count is not None and at + self.size < count


@dataclass(frozen=True)
class Rising(Sized):
    """For servers that only page by offset and can sort by the cursor: the question is put anew from the last instant seen.

    A row that changes in between moves to the end and is read there again; offsets, which such moves shift, are used
    only among rows of the same instant. Needs a stream with a Cursor, sorted by it and then by a unique key.
    """

    param: str = "offset"
    begin: int = 0
    """The number of the first row."""

    def first(self, request: Request) -> Request:
        return asking(super().first(request), **{self.param: str(self.begin)})

    def after(self, request: Request, page: Page, progress: Progress) -> Request | None:
        at, count = int(request.params[self.param]) - self.begin, counted(self.total, page)
        if not page.records and count is not None and at < count:
            raise Incomplete(f"the server counts {count:,} rows and gives none after {at:,}")
        if not page.records or (count is not None and at + len(page.records) >= count):
            return None
        if progress.moment == progress.since:
            return asking(request, **{self.param: str(self.begin + at + len(page.records))})
        return replace(request, params={**request.params, "{since}": progress.moment, self.param: str(self.begin)})


@dataclass(frozen=True)
class PostNext(Sized):
    """The body of the first request is posted again to the address at `place`, as Autotask wants it."""

    place: str = "pageDetails.nextPageUrl"

    def first(self, request: Request) -> Request:
        return telling(replace(request, method="POST"), {self.size_param: self.size} if self.size_param else {})

    def after(self, request: Request, page: Page, progress: Progress) -> Request | None:
        address = pluck(page.envelope, self.place)
        return replace(request, url=urljoin(request.url, str(address))) if address else None


@dataclass(frozen=True)
class BodyCursor(Sized):
    """The posted body tells where to go on: `member` takes the text at `place` of the answer, or of its last record where `of_record`."""

    member: str = "starting_after"
    place: str = "last"
    of_record: bool = False
    more: str = "more"
    fixed: Mapping[str, Json] = field(default_factory=dict)

    def first(self, request: Request) -> Request:
        return telling(replace(request, method="POST"), {**({self.size_param: self.size} if self.size_param else {}), **self.fixed})

    def after(self, request: Request, page: Page, progress: Progress) -> Request | None:
        value = pluck(page.records[-1] if self.of_record and page.records else page.envelope, self.place)
        if self.more:
            value = must_agree(value, pluck(page.envelope, self.more), self.place, self.more)
        return telling(request, {self.member: value}) if value and (page.records or self.more) else None


def counted(place: str, page: Page) -> int | None:
    """The server's own count of rows; None where there is none."""
    found = page.headers.get(place.removeprefix("header:")) if place.startswith("header:") else pluck(page.envelope, place) if place else None
    return int(found) if isinstance(found, int | float) or (isinstance(found, str) and found.isdecimal()) else None
