"""Following a chain of pages to its end, with everything that shows that a server lost, repeated or ignored something."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from connectors.api.connector import Stream
from connectors.api.cursor import Bookmark, Cursor, Window
from connectors.api.errors import Incomplete
from connectors.api.nouns import Json, Page, Request, pluck
from connectors.api.paging import Offset, PageNumber, Progress, Rising, counted
from connectors.api.reports import Report
from connectors.api.spool import Spool, key_of

if TYPE_CHECKING:
    from connectors.api.engine import Source

REREADS = 3
"""How often a list that shifts while it is read is read anew before that is a failure."""


class Shifted(Exception):
    """The list is not what it was a page ago, or shorter than the server says: rows may have slipped past. The text says why."""


class Following:
    """One chain of pages. `newest` is the latest instant seen, `asked_from` that of the question, `bookmark` the server's own mark after the last page."""

    def __init__(self, source: "Source", stream: Stream, window: Window, spool: Spool, report: Report, max_pages: int) -> None:
        self.source, self.stream, self.window, self.spool, self.report, self.max_pages = source, stream, window, spool, report, max_pages
        self.cursor = stream.cursor if isinstance(stream.cursor, Cursor) else None
        self.newest: datetime | None = None
        self.asked_from: datetime | None = None
        self.bookmark: Json = None
        self.is_capped = False

    def run(self, first: Request, parent: Mapping[str, Json]) -> None:
        """Follow from the first request to the end, rows going to the spool. Raises ApiError."""
        why = ""
        # What slips past in a first read is missing in the list of keys that this is held against; among changes it would be an old copy, which no list tells.
        is_held = bool(self.stream.listing and self.cursor and self.window.since == self.cursor.start and not self.spool.sieve)
        for attempt in range(REREADS):
            try:
                new, pages = self.chain(first, parent, attempt)
                if self.is_capped or pages == 1 or is_held or not getattr(self.stream.paging, "shifts", False) or (attempt and not new):
                    return
                why = "the list changed"
            except Shifted as shifted:
                self.report.rereads, why = attempt + 1, str(shifted)
        raise Incomplete(f"{why}, each of the {REREADS} times it was read: rows would be missing")

    def chain(self, first: Request, parent: Mapping[str, Json], attempt: int) -> tuple[int, int]:
        """Follow once. How many records were not there yet, and the number of pages."""
        request: Request | None = first
        seen: set[str] = set()
        contents: Counter[int] = Counter()
        progress = Progress()
        self.asked_from = self.cursor.floor(self.window.since) if self.cursor and self.window.since else None
        page: Page | None = None
        count = self.source.count(self.stream, first)
        totals = [] if count is None else [count]
        new, reread = 0, set[int]()
        while request is not None:
            filled = self.source.filled(request)
            if filled.fingerprint in seen:
                raise Incomplete("the server leads back to a page that was read already: it would go round for ever")
            if len(seen) >= self.max_pages:
                raise Incomplete(f"there are more than {self.max_pages:,} pages")
            seen.add(filled.fingerprint)
            before, page = page, self.source.page(self.stream, filled, parent)
            self.report.pages += 1
            if isinstance(self.stream.paging, Offset):
                self.joined(page, before, int(request.params[self.stream.paging.param]), progress)
            if isinstance(self.stream.paging, PageNumber) and self.stream.paging.is_probed and before and before.records:
                again = self.source.page(self.stream, self.source.filled(self.stream.paging.probe(request, progress.received)), parent)
                self.same(again, before)
            self.look(page, before, contents)
            if (total := counted(self.stream.paging.total, page)) is not None:
                if totals and total < totals[-1] and isinstance(self.stream.paging, Offset | PageNumber):
                    raise Shifted("rows were deleted while the list was read")
                totals.append(total)
            new += self.spool.add(page.texts, page.records)
            if attempt:
                reread |= {hash(key_of(record, self.stream.key)) for record in page.records}
            self.advance(progress, page, request)
            if self.cursor and self.cursor.cap and (progress.received >= self.cursor.cap or max(totals, default=0) >= self.cursor.cap):
                self.is_capped = True
                return new, len(seen)
            request = self.stream.paging.after(request, page, progress)
        if isinstance(self.stream.cursor, Bookmark) and page:
            self.bookmark = pluck(page.envelope, self.stream.cursor.place)
        self.reconcile(totals, len(reread) if attempt else new)
        return new, len(seen)

    def look(self, page: Page, before: Page | None, contents: Counter[int]) -> None:
        """Raise Incomplete for a page that was there before, is not sorted, or holds what was not asked for."""
        if page.records:
            mark = hash(tuple(page.texts))
            contents[mark] += 1
            # Asked anew from its last instant, a list whose rows all share it gives the same page once more, and again where the server reaches back.
            if contents[mark] > (3 if isinstance(self.stream.paging, Rising) else 1):
                raise Incomplete("the server gives the same page again: it ignores where to go on, and rows are missing")
        if self.cursor:
            latest: datetime | None = None
            for record in page.records:
                moment = self.cursor.moment(record, self.source.zone)
                if moment is None:
                    continue
                self.cursor.check(moment, self.window.since, self.window.until)
                if isinstance(self.stream.paging, Rising) and latest and moment < latest:
                    raise Incomplete(f"the server does not sort by {self.cursor.field}: rows would slip past between pages")
                latest = moment
                if self.newest is None or moment > self.newest:
                    self.newest = moment
        if place := self.stream.sorted_by:
            values = [pluck(record, place) for record in (*(before.records[-1:] if before else ()), *page.records)]
            if any(falls(*pair) for pair in pairwise(values)):
                raise Incomplete(f"the server does not sort by {place}: rows would slip past between pages")

    def joined(self, page: Page, before: Page | None, at: int, progress: Progress) -> None:
        """Raise Shifted where a page that must begin with the last row of the one before does not."""
        if before and before.records and at < progress.reached:
            self.same(page, before)
        progress.reached = at + len(page.records)

    def same(self, page: Page, before: Page) -> None:
        """Raise Shifted where a page does not begin with the last row of another."""
        if not page.records or key_of(page.records[0], self.stream.key) != key_of(before.records[-1], self.stream.key):
            raise Shifted("rows were deleted or moved while the list was read")

    def advance(self, progress: Progress, page: Page, request: Request) -> None:
        progress.asked += 1
        progress.received += len(page.records)
        progress.since = request.params.get("{since}", "")
        if page.records:
            progress.last = page.records[-1]
            if self.cursor and (moment := self.cursor.moment(progress.last, self.source.zone)):
                # Redmine takes «since» a second earlier than it is said: a page of many rows may end before it, and going on from there would go round.
                goes_on = self.asked_from is None or self.cursor.floor(moment) > self.asked_from
                self.asked_from = self.cursor.floor(moment) if goes_on else self.asked_from
                progress.moment = self.cursor.clause.format(self.cursor.ask(moment, self.source.zone)) if goes_on else progress.since

    def reconcile(self, totals: list[int], new: int) -> None:
        """Hold what was received against the server's own count."""
        if not totals:
            return
        total = totals[-1] if isinstance(self.stream.paging, Offset | PageNumber) else totals[0]
        self.report.total = (self.report.total or 0) + total
        if new >= total:
            return
        if total - new <= total * self.stream.unsure_total:
            self.report.warnings.append(f"the server counts {total:,} records and shows {new:,}: this user may not see the others, or its count is old")
            return
        raise Shifted(f"the server counts {total:,} records and gave {new:,}")


def falls(earlier: Json, later: Json) -> bool:
    """Whether a value is less than the one before it; texts and numbers are compared as what they are, and texts of digits as numbers."""
    if isinstance(earlier, str) and isinstance(later, str) and earlier.isdecimal() and later.isdecimal():
        return int(later) < int(earlier)
    if type(earlier) is not type(later) or not isinstance(later, int | str):
        return str(later) < str(earlier)
    return bool(later < earlier)
