"""Capabilities to begin with: starter sets and single ones of the shipped catalogue, as rows of a company's own file.

A company's strategy/capabilities.csv may hold any ids. Nothing else here or elsewhere looks into the catalogue: a row
that was taken from it is the company's own from then on.
"""

import codecs
import csv
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from connectors import catalogue
from connectors.catalogue import Capability
from connectors.reading import Layout, Refused, normalise, open_tables
from models.strategy import CAPABILITY
from pipelines.errors import ConfigError, UsageError
from pipelines.workspace import csv_template, load_settings

Row = Mapping[str, str | None]


@dataclass(frozen=True)
class Answer:
    """What the command prints: rows of data, the same as text (empty where the notes say all), and notes for people."""

    rows: object
    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """What `write` did: the file, the ids it added, and how many of the list were there before."""

    file: Path
    added: tuple[str, ...]
    present: int


def answer(workspace: Path, name: str = "", words: str = "", industry: str = "", is_written: bool = False) -> Answer:
    """The starter set `name`, or what fits `words`, or without either the names of the sets.

    `is_written` appends the set to the workspace's file instead of printing it. Raises UsageError for options that
    don't go together and for unknown names, ConfigError where the file can't be written.
    """
    if name and words:
        raise UsageError("Give --list or --search, not both.")
    if industry and not words:
        raise UsageError("--industry goes with --search.")
    if is_written and not name:
        raise UsageError(f"Say which set is written: --list and one of {', '.join(catalogue.starters())}.")
    if is_written:
        done = write(workspace, listed(name))
        told = f"{len(done.added)} capabilities were added to {done.file}; {done.present} of the list were there already."
        return Answer({"file": str(done.file), "added": done.added, "present": done.present}, "", (told, catalogue.ATTRIBUTION))
    if name:
        found = listed(name)
        return Answer([row(c) for c in found], to_csv(found), (catalogue.ATTRIBUTION,))
    if words:
        found = matching(words, industry)
        none = () if found else (f"Nothing in the catalogue fits {words!r}. A capability of your own needs no catalogue: write it into the file.",)
        return Answer([to_plain(c) for c in found], to_text(found), (*none, catalogue.ATTRIBUTION))
    sizes = {name: len(catalogue.starter_ids(name)) for name in catalogue.starters()}
    text = "".join(f"{name:<14} {size} capabilities\n" for name, size in sizes.items())
    return Answer([{"list": name, "capabilities": size} for name, size in sizes.items()], text, (catalogue.ATTRIBUTION,))


def listed(name: str) -> tuple[Capability, ...]:
    """The capabilities of a starter set. Raises UsageError, with the nearest name, for one that is not there."""
    wanted = name.strip().casefold()
    if wanted not in catalogue.starters():
        from pipelines.recognition import near  # it takes half a second to come, and only an error needs it

        raise UsageError(f"There is no list {name!r}.{near(wanted, catalogue.starters())} There are {', '.join(catalogue.starters())}.")
    return catalogue.starter(wanted)


def matching(words: str, industry: str = "") -> tuple[Capability, ...]:
    """The capabilities that fit the words best. Raises UsageError for an industry that the catalogue doesn't know."""
    if industry and not any(industry.casefold() in known.casefold() for known in catalogue.industries()):
        raise UsageError(f"The catalogue knows no industry {industry!r}. It knows {', '.join(catalogue.industries())}.")
    return catalogue.search(words, industry or None)


def row(capability: Capability) -> Row:
    """A capability as a row of strategy/capabilities.csv: what only the company knows is left empty."""
    return {name: getattr(capability, name, None) for name in CAPABILITY.names}


def to_csv(capabilities: Iterable[Capability]) -> str:
    """A whole capabilities.csv."""
    return csv_template(CAPABILITY) + lines(map(row, capabilities), CAPABILITY.names)


def to_text(capabilities: Iterable[Capability]) -> str:
    """A line each: id, name, the wider capability it is part of, industry."""
    told = []
    for c in capabilities:
        wider = catalogue.find(c.parent_id) if c.parent_id else None
        told.append(f"{c.capability_id:<14} {c.name} ({f'in {wider.name}, ' if wider else ''}{c.industry})\n")
    return "".join(told)


def to_plain(capability: Capability) -> dict[str, object]:
    """A match with all that the catalogue says of it."""
    return {name: value for name, value in asdict(capability).items() if name != "is_deprecated"}


def write(workspace: Path, capabilities: Iterable[Capability]) -> Written:
    """Append the capabilities that the workspace's file doesn't hold, by id; every byte that is there stays.

    New rows take the file's own columns, delimiter, encoding and line ends. The file is replaced in one step.
    Raises ConfigError where there is no workspace, or where the file can't be read or can't hold a name.
    """
    load_settings(workspace)
    file = own_file(workspace)
    before = file.read_bytes() if file.exists() else b""
    if not before.strip():
        before = csv_template(CAPABILITY).encode()
        layout, present = Layout("csv", encoding="utf-8", delimiter=",", line_end="\n", header=CAPABILITY.names), frozenset[str]()
    else:
        layout, present = held(file)
    wanted = tuple(capabilities)
    new = [c for c in wanted if c.capability_id not in present]
    if new:
        replace(file, before + encoded(file, layout, before, new))
    return Written(file, tuple(c.capability_id for c in new), len(wanted) - len(new))


def own_file(workspace: Path) -> Path:
    """The file that a refresh reads: by its usual name, else by the table's bare one where only that is there."""
    usual, bare = (workspace / CAPABILITY.home / name for name in (CAPABILITY.file_name, f"{CAPABILITY.name}.csv"))
    return bare if bare.exists() and not usual.exists() else usual


def held(file: Path) -> tuple[Layout, frozenset[str]]:
    """How a file is written, and the ids in it."""
    try:
        (reading,) = open_tables(file)
        columns = [normalise(name) for name in reading.layout.header]
        for name in (column.name for column in CAPABILITY.columns if column.required):
            if normalise(name) not in columns:
                raise ConfigError(f"{file}, line {reading.layout.header_row}: the column {name} is missing. Nothing was written.")
        place = columns.index(normalise("capability_id"))
        return reading.layout, frozenset((record.values[place] or "").strip() for record in reading.records())
    except Refused as refused:
        raise ConfigError(f"{refused} Nothing was written.") from None


def encoded(file: Path, layout: Layout, before: bytes, new: Iterable[Capability]) -> bytes:
    """The new rows as bytes that follow those of the file."""
    by_header = {normalise(name): name for name in CAPABILITY.names}
    columns = [by_header.get(normalise(name), "") for name in layout.header]
    line_end = layout.line_end if layout.line_end in ("\r\n", "\r") else "\n"
    text = lines(map(row, new), columns, layout.delimiter or ",", line_end)
    encoding = unmarked(layout.encoding or "utf-8", before)
    ends = line_end.encode(encoding)
    try:
        return (b"" if before.endswith(ends) else ends) + text.encode(encoding)
    except UnicodeEncodeError as error:
        letter = text[error.start]
        raise ConfigError(f"{file} is written in {encoding}, which has no {letter!r}. Save it as UTF-8, then run this again. Nothing was written.") from None


def unmarked(encoding: str, before: bytes) -> str:
    """The encoding without the byte order mark that Python would put before each text."""
    if encoding == "utf-16":
        return "utf-16-be" if before.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    return encoding.removesuffix("-sig")


def lines(rows: Iterable[Row], columns: Iterable[str], delimiter: str = ",", line_end: str = "\n") -> str:
    """Rows as CSV text without a header; a column that a row lacks is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), restval="", extrasaction="ignore", delimiter=delimiter, lineterminator=line_end)
    writer.writerows(rows)
    return text.getvalue()


def replace(file: Path, content: bytes) -> None:
    """Put the content in the file's place, whole or not at all; a link stays one."""
    file = file.resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    with beside.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    if file.exists():
        beside.chmod(file.stat().st_mode)
    beside.replace(file)
