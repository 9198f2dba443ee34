"""Which profile reads a delivered file, and in which formats its numbers and dates are written."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from connectors.preview import NUMERIC
from connectors.profile import Profile, recognise, template
from connectors.reading import Dialect, Reading, Refused, open_tables
from connectors.reading.header import nameless, normalise
from connectors.turning import turned
from models import Home, Kind, Table, tables
from pipelines.deliveries import Delivery
from pipelines.errors import ConfigError
from pipelines.workspace import Workspace


@dataclass(frozen=True)
class Found:
    """One table of one delivered file, and the profile that reads it."""

    delivery: Delivery
    path: Path
    reading: Reading
    profile: Profile

    @property
    def name(self) -> str:
        """The file as people know it, with its member and sheet where it has several."""
        layout = self.reading.layout
        return "#".join(part for part in (self.delivery.file, layout.member, layout.sheet) if part)


def find(workspace: Workspace, delivery: Delivery) -> list[Found]:
    """The tables of a delivery with their profiles. Raises Refused, or ConfigError for a file that people edit."""
    path = delivery.path(workspace.folder)
    if delivery.home in (Home.STRATEGY, Home.DECISIONS):
        return [found_template(delivery, path, tables()[delivery.source])]
    settings = workspace.source_settings(delivery.source)
    pinned = settings.profile if settings else None
    if pinned and pinned not in workspace.profiles:
        raise ConfigError(f"plumbline.yml: sources.{delivery.source}.profile: there is no profile {pinned}.{near(pinned, workspace.profiles)}")
    candidates = [workspace.profiles[pinned]] if pinned else list(workspace.profiles.values())
    found = []
    readings = open_tables(path, declared(candidates[0]) if pinned else Dialect())
    for reading in readings:
        if reading.layout.format == "parquet":
            reading.layout = replace(reading.layout, header=parquet_header(delivery, reading.path))
        fits = recognise(reading.layout.header, candidates, f"{delivery.file} {reading.layout.member or ''}")
        if len(fits) > 1 and reading.layout.format != "parquet" and next(iter(reading.records()), None) is None:
            fits = fits[:1]  # a file without records is «no data», whichever of them it is
        if len(fits) > 1:
            names = " or ".join(sorted(profile.profile for profile in fits))
            raise Refused(
                delivery.file,
                f"its header fits several profiles: {names}",
                f"Say which in plumbline.yml: sources: {{{delivery.source}: {{profile: {fits[0].profile}}}}}",
                line=reading.layout.header_row,
            )
        if not fits and reading.layout.sheet and len(readings) > 1 and len(reading.layout.header) == 1:
            fits = [BESIDE]
        if not fits:
            raise unknown(workspace, delivery, reading, pinned)
        found.append(Found(delivery, path, as_declared(delivery, path, reading, fits[0], bool(pinned)), fits[0]))
    return found


BESIDE = Profile(profile="text_beside_tables", system="Excel", description="A sheet of text beside the tables: known and not read.", header=("*",))
"""What a sheet of one column is where a workbook has others: a cover, notes, a legend."""


def parquet_header(delivery: Delivery, path: Path) -> tuple[str, ...]:
    """The names in a Parquet file's own schema. Raises Refused."""
    try:
        with duckdb.connect() as connection:
            return tuple(str(row[0]) for row in connection.execute("describe select * from read_parquet(?)", [str(path)]).fetchall())
    except duckdb.Error as error:
        raise Refused(delivery.file, f"can't be read as Parquet ({str(error).splitlines()[0]})", "Export it again.") from None


def as_declared(delivery: Delivery, path: Path, reading: Reading, profile: Profile, is_pinned: bool) -> Reading:
    """The reading under what its profile declares of the file. Raises Refused where a number stands under a header that repeats."""
    names = Counter(normalise(name) for name in reading.layout.header)
    odd = any(count > 1 for count in names.values()) or any(re.fullmatch(r"column \d+", name) for name in names)
    dialect = declared(profile, profile.header if odd else None)
    if dialect != Dialect() and not (is_pinned and not odd) and reading.layout.format != "parquet":
        place = (reading.layout.member, reading.layout.sheet)
        reading = next(again for again in open_tables(path, dialect) if (again.layout.member, again.layout.sheet) == place)
    table = profile.contract
    for column, source in profile.columns.items():
        for header in source.headers:
            if table and table[column].kind is not Kind.TEXT and names[normalise(header)] > 1:
                why = f"there are {names[normalise(header)]} columns of this name, and {column} could be any of them"
                raise Refused(delivery.file, why, "Rename them in the file, or export it without the others.", line=reading.layout.header_row, column=header)
    return turned(reading, profile.unpivot) if profile.unpivot else reading


def declared(profile: Profile, header: tuple[str, ...] | None = None) -> Dialect:
    """What a profile says of its file's text, as the readers take it; with `header`, columns without or of equal names pass."""
    given = profile.dialect
    return Dialect(encoding=given.encoding, delimiter=given.delimiter, header=header or None, header_row=given.header_row, sheet=given.sheet,
                   records_path=given.records_path, quotes=given.quotes, ragged=given.ragged)  # fmt: skip


def found_template(delivery: Delivery, path: Path, table: Table) -> Found:
    """A file people edit, read by its contract; every wrong column is an error that names the nearest right one."""
    profile = template(table)
    try:
        (reading,) = edited(path, profile)
    except Refused as refused:
        raise ConfigError(str(placed(refused, delivery))) from None
    if reading.layout.delimiter != ",":  # saved by a spreadsheet of a country whose decimal mark may be a comma
        columns = {name: source.model_copy(update={"decimal": "auto"} if table[name].kind in NUMERIC else None) for name, source in profile.columns.items()}
        profile = profile.model_copy(update={"columns": columns})
    known = {normalise(name) for source in profile.columns.values() for name in source.from_ or ()}
    for number, name in enumerate(reading.layout.header, 1):
        if normalise(name) not in known and name != nameless(number):
            raise ConfigError(f"{delivery.file}, line {reading.layout.header_row}: there is no column {name!r}.{near(name, table.names)} It has {', '.join(table.names)}.")
    header = Counter(normalise(name) for name in reading.layout.header)
    for column in table.columns:
        given = [name for name in profile.columns[column.name].from_ or () if header[normalise(name)]]
        if len(given) > 1 or any(header[normalise(name)] > 1 for name in given):
            raise ConfigError(f"{delivery.file}, line {reading.layout.header_row}: the column {column.name} stands there more than once ({', '.join(given)}). Keep one of them.")
        if column.required and not given:
            raise ConfigError(f"{delivery.file}, line {reading.layout.header_row}: the column {column.name} is missing: {column.description}")
    return Found(delivery, path, reading, profile)


def edited(path: Path, profile: Profile) -> list[Reading]:
    """A file people edit, its delimiter and header row told by its columns: a comma too many is then a wrong line. Raises Refused."""
    try:
        (found,) = open_tables(path, Dialect(header=profile.header))
    except Refused:
        return open_tables(path)
    return open_tables(path, Dialect(delimiter=found.layout.delimiter, header_row=found.layout.header_row))


def placed(refused: Refused, delivery: Delivery) -> Refused:
    """The refusal with the file's path in the workspace: the readers know the name of the kept copy only."""
    name = Path(delivery.file).name
    if not refused.file.startswith(name):
        return refused
    return Refused(delivery.file.removesuffix(name) + refused.file, refused.why, refused.fix, line=refused.line, column=refused.column)


def near(name: str, known: Iterable[str]) -> str:
    """« Did you mean …?», or nothing."""
    spelt = {one.casefold(): one for one in known}
    close = difflib.get_close_matches(name.casefold(), list(spelt), n=1)
    return f" Did you mean {spelt[close[0]]}?" if close else ""


def unknown(workspace: Workspace, delivery: Delivery, reading: Reading, pinned: str | None) -> Refused:
    """What to say of a header that no profile knows: what changed, or how to make a profile."""
    from connectors.mapping import diff  # brings pandas, which a refresh without such a file need not wait for

    header = reading.layout.header
    near_ones = [workspace.profiles[pinned]] if pinned else sorted(
        (p for p in workspace.profiles.values() if p.table and share(p, header) >= 0.6), key=lambda p: (-share(p, header), p.profile)
    )  # fmt: skip
    if near_ones:
        changes = "; ".join(diff(near_ones[0], header))
        why = f"its header is not that of profile {near_ones[0].profile}: {changes}"
    else:
        why = f"no profile knows its header ({', '.join(header[:8])}{', ...' if len(header) > 8 else ''})"
    place = "#".join(part for part in (delivery.file, reading.layout.member, reading.layout.sheet) if part)
    return Refused(place, why, f"Run `plumbline map {delivery.file}` and refresh again.", line=reading.layout.header_row)


def share(profile: Profile, header: Sequence[str]) -> float:
    """Share of the profile's own headers that a file has."""
    wanted = {normalise(name) for name in profile.header}
    return len(wanted & {normalise(name) for name in header}) / len(wanted) if wanted else 0.0
