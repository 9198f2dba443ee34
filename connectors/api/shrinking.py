"""Deleted records: found by what a complete list lacks, and believed only where they are few."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.api.connector import Deleted, Stream
from connectors.api.cursor import Window
from connectors.api.errors import Shrunk
from connectors.api.following import Following
from connectors.api.reports import Asked, Report, State
from connectors.api.spool import Spool, kept_keys, tombstones

if TYPE_CHECKING:
    from connectors.api.engine import Source

SHARE, FEW = 0.2, 10
"""Beyond this share, and more than so many records, a deletion must be confirmed."""


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


def reconciled(source: "Source", stream: Stream, changed: set[int], path: Path, kept: Sequence[Path], asked: Asked, report: Report) -> int:
    """List all keys, and mark what is kept and no longer listed as deleted, at the end of the file of changed rows; how many."""
    listing = stream.listing
    if listing is None:
        return 0
    whole = replace(
        stream, path=listing.path or stream.path, params=listing.params, paging=listing.paging or stream.paging, cursor=None, deleted=Deleted.NEVER,
        records=stream.records if listing.records is None else listing.records, body=stream.body if listing.body is None else listing.body,
    )  # fmt: skip
    spool, told = Spool(None, stream.key), Report(stream.name)
    Following(source, whole, Window(), spool, told, asked.max_pages).run(source.request(whole, Window(), {}), {})
    report.pages += told.pages
    report.warnings += told.warnings
    before = kept_keys(kept, stream.key)
    living = spool.seen | changed
    believe(stream.name, sum(1 for one in before if one not in living), len(before), not living, asked)
    return mark(stream, path, kept, living)


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
