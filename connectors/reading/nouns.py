"""The nouns of reading: what may be declared about a file, what was found in it, and what it gave."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

Row = tuple[int, list[str], str]
"""A physical record before it is judged: 1-based line where it starts, its cells, its text as in the file."""


@dataclass(frozen=True)
class Dialect:
    """What a profile or a person declares about a file; None means «find out».

    `header` names columns that must be found (compared by `header.normalise`): they settle where the header row is
    and which delimiter is meant. `header_row` is the header's physical line, 1-based. `records_path` is the dotted
    path to the list of records in a JSON file. `quotes=False` makes '"' an ordinary letter. `ragged="quarantine"`
    sets records of a wrong width aside instead of refusing the file.
    """

    encoding: str | None = None
    delimiter: str | None = None
    header: tuple[str, ...] | None = None
    header_row: int | None = None
    sheet: str | None = None
    records_path: str | None = None
    quotes: bool = True
    ragged: str = "refuse"

    def __post_init__(self) -> None:
        if self.ragged not in ("refuse", "quarantine"):
            raise ValueError(f"ragged is «refuse» or «quarantine», not «{self.ragged}»")


@dataclass(frozen=True)
class Layout:
    """What was found. `header` is as in the file, outer blanks stripped; a column without a name is «column 3».

    `header_row` is 1-based (0 where there is none: JSON, Parquet). `line_end` is "\\n", "\\r\\n", "\\r" or "mixed".
    `notes` are facts that a person should see. For Parquet `header` is empty: the file's own schema is the authority,
    and the pipeline asks DuckDB for it.
    """

    format: str
    member: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quotes: bool = True
    line_end: str | None = None
    header_row: int = 0
    header: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Record(NamedTuple):
    """One record: the physical line (1-based; XLSX: row; JSON: ordinal) where it starts, and a text for each column."""

    line: int
    values: tuple[str | None, ...]


@dataclass(frozen=True)
class SetAside:
    """A physical record that was not delivered.

    `rule` is blank, banner, repeated_header, total or footer (excluded), or ragged (quarantined: it may be data).
    `text` is the record as it stands in the file.
    """

    line: int
    rule: str
    text: str


class Refused(Exception):
    """A file, or a place in it, that cannot be read surely. `str()` is one paragraph for people."""

    def __init__(self, file: str, why: str, fix: str, *, line: int | None = None, column: str | None = None) -> None:
        self.file, self.line, self.column, self.why, self.fix = file, line, column, why, fix
        place = "".join([f", line {line}" if line else "", f", column {column}" if column else ""])
        super().__init__(f"{file}{place}: {why}. {fix}")

    def __reduce__(self) -> tuple[Callable[..., "Refused"], tuple[object, ...]]:
        return _refused, (self.file, self.why, self.fix, self.line, self.column)


def _refused(file: str, why: str, fix: str, line: int | None, column: str | None) -> Refused:
    return Refused(file, why, fix, line=line, column=column)


@dataclass
class Reading:
    """One table of one file. Its records and what was set aside are, with the header, all physical records."""

    path: Path
    layout: Layout
    produce: Callable[[list[SetAside]], Iterator[Record]] = field(repr=False)
    set_aside: list[SetAside] = field(default_factory=list, repr=False)

    def records(self) -> Iterator[Record]:
        """The records, streamed from the file; each call reads it anew.

        `set_aside` is complete when they are exhausted. Raises `Refused` midway where the file proves unreadable:
        the caller then discards what it got.
        """
        self.set_aside = []
        return self.produce(self.set_aside)
