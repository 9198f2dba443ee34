"""The rows of one read, written as they come: NDJSON, one record a line, as the server wrote it."""

import json
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from connectors.api.clients import Sieve
from connectors.api.errors import Incomplete
from connectors.api.nouns import Json, has, pluck
from connectors.api.slicing import added

GONE = "_plumbline_deleted"
"""Member that marks a record as deleted; profiles exclude by it."""


def key_of(record: Json, places: tuple[str, ...]) -> str:
    """The key of a record as one text. Raises Incomplete where a part of it is missing."""
    if len(places) == 1:
        value = record.get(places[0]) if "." not in places[0] and isinstance(record, dict) else pluck(record, places[0])
        if value is None or value == "":
            raise Incomplete(f"a record has no {places[0]}, which identifies it: the server's answers have changed, or access to this field is missing")
        return str(value)
    return "\x1f".join(key_of(record, (place,)) for place in places)


class Spool:
    """A file of records under their keys. Memory holds one number a record, whatever its size. Without a path keys are counted only.

    `missing` is what no record had of the columns that are expected. With a sieve, other clients' records are counted
    and never written; `refused` says why, by the hash of the key.
    """

    def __init__(self, path: Path | None, key: tuple[str, ...], expected: Iterable[str] = (), sieve: Sieve | None = None) -> None:
        self.path, self.key, self.missing, self.sieve = path, key, set(expected), sieve
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self.file = path.open("w", encoding="utf-8", newline="") if path else None
        self.refused: dict[int, str] = {}
        self.seen: set[int] = set()
        self.again: set[str] = set()
        self.before: dict[str, str] = {}
        self.merged = 0

    def add(self, texts: Iterable[str], records: Iterable[Json]) -> int:
        """Write records; how many of them were not there yet."""
        new, lines, page = 0, [], {}
        for text, record in zip(texts, records, strict=True):
            key = key_of(record, self.key)
            page[key] = text
            if self.before.get(key) == text:
                continue  # pages that begin with the last row of the one before repeat it
            mark = hash(key)
            if mark in self.seen:
                self.again.add(key)
            else:
                self.seen.add(mark)
                new += 1
            if self.missing:
                self.missing -= {name for name in self.missing if has(record, name)}
            if self.is_kept(record, mark):
                lines.append(text)
        self.before = page
        if lines and self.file:
            self.file.write("\n".join(lines) + "\n")
        return new

    def is_kept(self, record: Json, mark: int) -> bool:
        """Whether a record is ours, by its newest copy."""
        why = self.sieve.refuses(record) if self.sieve else ""
        if why:
            self.refused[mark] = why
        elif self.refused:
            self.refused.pop(mark, None)
        return not why

    def close(self) -> int:
        """Finish the file: of a record that came more than once, changed while it was read, the newest copy stays. The number of rows."""
        if self.file and self.path:
            self.file.close()
            if self.again:
                self.merge(self.path)
            with self.path.open("rb") as written:
                os.fsync(written.fileno())
        return len(self.seen) - len(self.refused)

    def merge(self, path: Path) -> None:
        counts = dict.fromkeys(self.again, 0)
        for _, key in self.lines(path):
            if key in counts:
                counts[key] += 1
        aside = path.with_suffix(".merged")
        with aside.open("w", encoding="utf-8", newline="") as out:
            for line, key in self.lines(path):
                if counts.get(key, 1) > 1 or hash(key) in self.refused:
                    counts[key] -= 1
                    self.merged += 1
                    continue
                out.write(line)
        aside.replace(path)

    def lines(self, path: Path) -> Iterator[tuple[str, str]]:
        with path.open(encoding="utf-8", newline="") as file:
            for line in file:
                yield line, key_of(json.loads(line), self.key)


def kept_keys(files: Iterable[Path], key: tuple[str, ...]) -> dict[int, int]:
    """Hash of the key of every living record of kept files, oldest first -> number of the file that holds its newest copy."""
    found: dict[int, int] = {}
    for number, path in enumerate(files):
        with path.open(encoding="utf-8", newline="") as file:
            for line in file:
                record = json.loads(line)
                mark = hash(key_of(record, key))
                if record.get(GONE):
                    found.pop(mark, None)
                else:
                    found[mark] = number
    return found


def tombstones(files: Iterable[Path], key: tuple[str, ...], living: Collection[int], kept: dict[int, int]) -> Iterator[tuple[str, Json]]:
    """The newest copy of each kept record that is no longer living, marked as deleted."""
    gone = {mark: number for mark, number in kept.items() if mark not in living}
    for number, path in enumerate(files):
        if number not in gone.values():
            continue
        with path.open(encoding="utf-8", newline="") as file:
            for line in file:
                record = json.loads(line)
                mark = hash(key_of(record, key))
                if gone.get(mark) == number:
                    del gone[mark]
                    yield added(line.strip(), {GONE: True}), record
