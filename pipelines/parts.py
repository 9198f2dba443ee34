"""From recognised files to the part of their stream: landed, shaped, and counted against what the reader saw.

Files of one layout are shaped by one statement. Planning it costs DuckDB some 0.1 s, much of it for compiling the
patterns of numbers and dates, and two years of monthly files would pay that a hundred times.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from connectors.profile import Profile, Source
from connectors.reading.header import normalise
from models import Table
from pipelines.casting import condition_sql, quoted
from pipelines.errors import DataRejected
from pipelines.landing import Landed, copy_relation
from pipelines.recognition import Found
from pipelines.shaping import Cells, looks, positions, shape

LARGE = 200_000
"""Records from which a file is shaped alone, its lines following from the order of its rows."""

Lookups = Mapping[str, tuple[str, Mapping[str, int]]]
"""Profile name -> the table of its rows as text cells, oldest first, and its headers' positions."""


@dataclass(frozen=True)
class Taken:
    """A landed file with its number in audit.delivery and the sources of its columns."""

    file: Found
    landed: Landed
    columns: Mapping[str, Source]
    number: int

    @property
    def layout(self) -> tuple[object, ...]:
        """What files must share to be shaped together; a large file shares with none."""
        alone = self.number if self.landed.record_count >= LARGE else 0
        return self.landed.header, repr(sorted(self.columns.items())), alone


def part_name(source: str, profile: Profile) -> str:
    """The table of one source's records of one stream: deliveries replace each other only within it."""
    return f'parts."{source}__{profile.stream or profile.profile}"'


def lookups_of(profile: Profile, made: Lookups) -> dict[str, tuple[str, Mapping[str, int]]]:
    """The lookups that a profile names and this source has, by the profile's own names for them."""
    return {name: made[lookup.profile] for name, lookup in profile.lookups.items() if lookup.profile in made}


def create(connection: duckdb.DuckDBPyConnection, part: str, table: Table) -> None:
    """Make an empty part of a contract."""
    own = [f'"{column.name}" {column.kind.duckdb}' for column in table.columns]
    state = ["line bigint", "delivery_no integer", "record_rule varchar", "record_problem varchar", "record_status varchar"]
    connection.execute(f"create table {part} ({', '.join([*own, *state])})")


def together(taken: Sequence[Taken]) -> Iterator[list[Taken]]:
    """The files in their order, those of one layout that follow each other in one list."""
    group: list[Taken] = []
    for item in taken:
        if group and group[-1].layout != item.layout:
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def fill(connection: duckdb.DuckDBPyConnection, part: str, table: Table, group: Sequence[Taken], made: Lookups, currencies: Sequence[str]) -> None:
    """Insert files of one layout into their part; every record that the reader counted must arrive. Raises DataRejected."""
    profile, header = group[0].file.profile, group[0].landed.header
    lookups = lookups_of(profile, made)
    large = len(group) == 1 and group[0].landed.record_count >= LARGE and not lookups
    cells = Cells(positions(header), {name: placed for name, (_, placed) in lookups.items()}, profile.empty, large and group[0].landed.is_trimmed)
    used = sorted({place for name in profile.headers if (place := cells.positions.get(normalise(name))) is not None}) or [0]

    together = gathered(group)

    def selected(in_order: bool) -> str:
        relation = numbered_together(group, together, used) if together else " union all ".join(numbered(item, used, in_order) for item in group)
        source = joined(profile, f"({relation})", lookups, cells)
        return shape(profile, table, group[0].columns, cells, source, currencies, () if large else usual(connection, looks(table, group[0].columns, cells), source))

    select = selected(in_order=large)
    if large and not keeps_order(connection, select):
        select = selected(in_order=False)
    connection.execute(f"insert into {part} by name {select}")
    numbers = ", ".join(str(item.number) for item in group)
    arrived = dict(connection.execute(f"select delivery_no, count(*) from {part} where delivery_no in ({numbers}) group by 1").fetchall())
    for item in group:
        if arrived.get(item.number, 0) != item.landed.record_count:
            raise DataRejected(
                f"{item.file.name}: {item.landed.record_count} records were read and {arrived.get(item.number, 0)} arrived. Nothing was published. "
                f"This is a fault of Plumbline, or of the lookups of profile {profile.profile}."
            )


def usual(connection: duckdb.DuckDBPyConnection, asked: Mapping[str, str], relation: str) -> set[str]:
    """The columns of a small file whose texts all have the look that a short way is enough for."""
    if not asked:
        return set()
    answers = connection.execute(f"select {', '.join(asked.values())} from {relation}").fetchone() or ()
    return {name for name, is_usual in zip(asked, answers, strict=True) if is_usual is not False}  # No rows, no text that has another.


def keeps_order(connection: duckdb.DuckDBPyConnection, select: str) -> bool:
    """Whether rows stay in the order of the file: a plan of scans and projections keeps it, a join does not."""
    plan = "\n".join(row[1] for row in connection.execute(f"explain {select}").fetchall()).lower()
    return "join" not in plan and "aggregate" not in plan and "union" not in plan


def gathered(group: Sequence[Taken]) -> Path | None:
    """Several copies of the strict reader as one file: to DuckDB twenty-four of them are as many readers to plan, and six times the work."""
    copies = [item.landed.copy for item in group if item.landed.copy]
    if len(copies) < 2 or len(copies) < len(group):
        return None
    path = copies[0].with_suffix(".group.csv")
    with path.open("wb") as file:
        for copy in copies:
            file.write(copy.read_bytes())
    return path


def numbered_together(group: Sequence[Taken], path: Path, used: Sequence[int]) -> str:
    """The cells of files in one copy, with the number and the lines of each."""
    numbers = " ".join(f"when {item.landed.copy.stem} then {item.number}" for item in group if item.landed.copy)
    cells = ", ".join(f"c{n}" for n in used)
    return f"select line, cast(case file {numbers} end as integer) as delivery_no, {cells} from {copy_relation(path, len(group[0].landed.header))}"


def numbered(item: Taken, used: Sequence[int], in_order: bool) -> str:
    """The cells of one file with its number and their lines, which may be left to follow from the order of the rows."""
    if item.landed.has_line:
        line = "line"
    else:
        line = "cast(null as bigint)" if in_order else f"row_number() over () + {item.landed.first_line - 1}"
    return f"select {line} as line, cast({item.number} as integer) as delivery_no, {', '.join(f'c{n}' for n in used)} from {item.landed.relation}"


def joined(profile: Profile, relation: str, lookups: Lookups, cells: Cells) -> str:
    """The cells with those of the lookups: of rows there that share a key, the last one of the newest file counts."""
    joins = [f"{relation} as t"]
    for name, (table, placed) in lookups.items():
        lookup = profile.lookups[name]
        keys = [f"c{placed[normalise(there)]}" for there in lookup.on.values()]
        there = Cells(placed, {}, profile.empty)
        live = f"where {condition_sql(lookup.when, there.text)}" if lookup.when is not None else ""
        newest = (
            f"(select *, true as is_found from {table} as t {live} "
            f"qualify row_number() over (partition by {', '.join(f'trim({key})' for key in keys)} order by t.rowid desc) = 1)"
        )
        match = " and ".join(f"{cells.text(here)} = nullif(trim(\"{name}\".{key}), '')" for here, key in zip(lookup.on, keys, strict=True))
        joins.append(f'left join {newest} as "{name}" on {match}')
    return " ".join(joins)


def listed(names: Sequence[str]) -> str:
    """Names as SQL texts, parted by commas."""
    return ", ".join(quoted(name) for name in sorted(names))
