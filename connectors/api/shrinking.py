"""Deleted records: found by what a complete list lacks, and believed only where they are few. And the reverse: what it has and nobody gave."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.api.connector import Deleted, Stream
from connectors.api.cursor import Cursor, Window
from connectors.api.errors import Incomplete, Shrunk
from connectors.api.following import Following
from connectors.api.reports import Asked, Report, State
from connectors.api.spool import Spool, kept_keys, tombstones

if TYPE_CHECKING:
    from connectors.api.engine import Source

SHARE, FEW = 0.2, 10
"""Beyond this share, and more than so many records, a deletion must be confirmed, and what is withheld is a failure."""


class Withheld(Exception):
    """Records are listed that were never given as changed: all must be read anew."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


def believe(stream: str, lost: int, before: int, is_all: bool, asked: Asked) -> None:
    """Raise Shrunk where more vanished than is likely."""
    if lost and not asked.allow_shrink and (is_all or (lost > FEW and lost > before * SHARE)):
        raise Shrunk(
            f"{lost:,} of {before:,} records are no longer there. A fault or a lost permission is likelier than that; nothing was changed. "
            "If they were deleted, run `plumbline refresh --allow-shrink`"
        )


def guard(stream: Stream, state: State, rows: int, path: Path, kept: Sequence[Path], asked: Asked) -> int:
    """Look at a complete list beside the last one. An empty one that is believed marks all records as deleted; how many are so marked."""
    before = int(state.get("rows") or 0)
    believe(stream.name, before - rows if rows < before else 0, before, rows == 0, asked)
    return mark(stream, path, kept[-1:], set()) if rows == 0 and before else 0


def reconciled(source: "Source", stream: Stream, changed: set[int], path: Path, kept: Sequence[Path], asked: Asked, report: Report) -> tuple[int, set[int], int]:
    """List all keys, and mark what is kept and no longer listed as deleted, at the end of the file of changed rows; how many, the listed keys that nobody gave yet, and how many are listed."""
    listing = stream.listing
    if listing is None:
        return 0, set(), 0
    whole = replace(
        stream, path=listing.path or stream.path, params=listing.params, paging=listing.paging or stream.paging, cursor=None, deleted=Deleted.NEVER,
        records=stream.records if listing.records is None else listing.records, body=stream.body if listing.body is None else listing.body,
    )  # fmt: skip

    def keys() -> set[int]:
        spool, told = Spool(None, stream.key), Report(stream.name)
        Following(source, whole, Window(), spool, told, asked.max_pages).run(source.request(whole, Window(), {}), {})
        report.pages += told.pages
        report.warnings += [one for one in told.warnings if one not in report.warnings]
        return spool.seen

    before, listed = kept_keys(kept, stream.key), keys()
    if before.keys() - listed - changed:
        listed |= keys()  # a page that came short looks like a deletion: what is gone is missing twice
    living = listed | changed
    believe(stream.name, sum(1 for one in before if one not in living), len(before), not living, asked)
    return mark(stream, path, kept, living), listed - changed - before.keys(), len(listed)


def is_uncounted(stream: Stream) -> bool:
    """Whether the server tells no count, so that even the first read is only held against the list of keys."""
    return not stream.count and not stream.paging.total


def withheld(source: "Source", stream: Stream, state: State, started: datetime, unknown: set[int], listed: int, asked: Asked, report: Report) -> int:
    """How many records are listed and were not given, though all was asked for. Those made since the read began, which come next time, are not counted.

    Raises Withheld where more are missing than when all was last read: they changed without a word, or when they could
    not be seen, or a page was short. Raises Incomplete where many are missing although all was read twice.
    """
    cursor = stream.cursor if isinstance(stream.cursor, Cursor) else None
    spool = Spool(None, stream.key)
    following = Following(source, stream, Window(started - (cursor.lookback if cursor else timedelta(0))), spool, Report(stream.name), asked.max_pages)
    following.run(source.request(stream, following.window, state), {})
    missing = len(unknown - spool.seen)
    if missing > int(state.get("withheld") or 0) and not asked.full:
        raise Withheld(missing)
    if missing > FEW and missing > listed * SHARE:
        raise Incomplete(f"the server lists {listed:,} records, of which it did not give {missing:,}, although all were asked for: rows would be missing")
    if missing:
        report.warnings.append(f"{missing:,} records are listed and were not given, although all were asked for: they are not among the rows")
    return missing


def parted(stream: Stream, path: Path, kept: Sequence[Path], refused: Collection[int], asked: Asked) -> int:
    """Mark what is kept as ours and came now as another client's as deleted; how many. Raises Shrunk where it is so much that a key may be misspelt."""
    before = kept_keys(kept, stream.key)
    gone = before.keys() & set(refused)
    believe(stream.name, len(gone), len(before), len(gone) == len(before), asked)
    return mark(stream, path, kept, before.keys() - gone) if gone else 0


def mark(stream: Stream, path: Path, kept: Sequence[Path], living: Collection[int]) -> int:
    """Append the newest copy of each kept record that is not living, marked as deleted; how many."""
    count = 0
    with path.open("a", encoding="utf-8", newline="") as out:
        for text, _ in tombstones(kept, stream.key, living, kept_keys(kept, stream.key)):
            out.write(text + "\n")
            count += 1
    return count
