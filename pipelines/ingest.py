"""From kept deliveries to raw tables, with every physical record accounted for.

Each source and contract gets one part, `parts.<source>__<table>`: a row a record, typed, with its status. What another
delivery replaces is listed in `audit.set_aside`. `raw.<table>` is a view of the records that count.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import iso4217

from connectors.profile import Profile, Source
from connectors.reading import Refused
from connectors.reading.header import normalise
from models import Home, Table, tables
from pipelines import audit, modes
from pipelines.casting import condition_sql, quoted
from pipelines.deliveries import EXPORTS, Delivery, inputs
from pipelines.errors import ConfigError, DataRejected
from pipelines.landing import Landed, land
from pipelines.recognition import Found, find, settle
from pipelines.records import check_edited, check_quarantine, raw_view, write_records
from pipelines.settings import THRESHOLDS
from pipelines.shaping import Cells, mapped, positions, shape
from pipelines.workspace import Workspace

Lookups = Mapping[str, tuple[str, Mapping[str, int]]]
"""Profile name -> the table of its newest rows as text cells, and its headers' positions."""


@dataclass
class Ingest:
    """What an ingest has done so far: refusals in words, and the parts of each contract."""

    connection: duckdb.DuckDBPyConnection
    workspace: Workspace
    scratch: Path
    refused: list[tuple[str, str]] = field(default_factory=list)
    parts: dict[str, list[str]] = field(default_factory=dict)
    count: int = 0

    def next_no(self) -> int:
        self.count += 1
        return self.count


def currencies() -> list[tuple[str, int]]:
    """ISO 4217 codes with their number of minor digits."""
    return sorted((c.code, c.exponent) for c in iso4217.Currency if c.exponent is not None)


def ingest(connection: duckdb.DuckDBPyConnection, workspace: Workspace, deliveries: Sequence[Delivery], month: date,
           as_known_on: date | None, scratch: Path) -> Ingest:  # fmt: skip
    """Fill parts, raw, settings and the audit tables of the ingest.

    Raises ConfigError for files people edit, DataRejected where records would be counted twice or too many are bad.
    """
    audit.create(connection)
    work = Ingest(connection, workspace, scratch)
    write_settings(work, month, as_known_on)
    for (home, source), received in inputs(list(deliveries), as_known_on).items():
        if home == EXPORTS or home in (Home.STRATEGY, Home.DECISIONS):
            take_source(work, home, source, received)
    for twin in (d for d in deliveries if d.duplicate_of and not (as_known_on and d.received_on > as_known_on)):
        note(work, twin, None, "duplicate", message=f"the same bytes as {twin.duplicate_of}")
    counted_elsewhere(work)
    for table in tables().values():
        raw_view(connection, table, work.parts.get(table.name, []))
    write_records(connection, work.parts)
    check_edited(connection)
    check_quarantine(connection, workspace.settings.threshold("quarantine_share"))
    return work


def write_settings(work: Ingest, month: date, as_known_on: date | None) -> None:
    """The settings tables, as SQL files read them."""
    settings = work.workspace.settings
    audit.write(work.connection, "settings.run", [(month, settings.currency, settings.fiscal_year_start, as_known_on)])
    audit.write(work.connection, "settings.currency", currencies())
    audit.write(work.connection, "settings.threshold", [(name, settings.threshold(name)) for name in sorted(THRESHOLDS)])


def take_source(work: Ingest, home: str, source: str, deliveries: Sequence[Delivery]) -> None:
    """All files of one source: recognised, their formats settled, landed and shaped, then combined."""
    found: list[Found] = []
    for delivery in deliveries:
        try:
            found += find(work.workspace, delivery)
        except Refused as refused:
            refuse(work, delivery, refused)
    lookups = lookup_tables(work, source, found)
    wanted = [f for f in found if f.profile.table]
    for profile_name in dict.fromkeys(f.profile.profile for f in wanted):
        files = [f for f in wanted if f.profile.profile == profile_name]
        for file, columns in settled_files(work, files, lookups):
            take_file(work, home, source, file, columns, lookups)
    declare_source(work, home, source, wanted)
    for part in dict.fromkeys(part_name(source, f.profile) for f in wanted):
        combine(work, home, source, part, [f.profile for f in wanted if part_name(source, f.profile) == part])


def settled_files(work: Ingest, files: list[Found], lookups: Lookups) -> list[tuple[Found, Mapping[str, Source]]]:
    """The files of one profile with their formats decided; those whose formats can't be are refused."""
    while files:
        headers = {name: header for name, (_, header) in lookups_of(files[0].profile, lookups).items()}
        try:
            return list(zip(files, settle(files, headers), strict=True))
        except Refused as refused:
            culprit = next((f for f in files if f.delivery.file == refused.file), files[0])
            refuse(work, culprit.delivery, refused)
            files = [f for f in files if f is not culprit]
    return []


def part_name(source: str, profile: Profile) -> str:
    """The table of one source's records of one stream: deliveries replace each other only within it."""
    return f'parts."{source}__{profile.stream or profile.profile}"'


def refuse(work: Ingest, delivery: Delivery, refused: Refused) -> None:
    """A file that can't be read surely: shown, and its source's month is incomplete. In a file people edit it is an error."""
    if delivery.home != EXPORTS:
        raise ConfigError(str(refused))
    note(work, delivery, None, "refused", message=str(refused))
    work.refused.append((delivery.source, str(refused)))


def note(work: Ingest, delivery: Delivery, found: Found | None, state: str, landed: Landed | None = None, part: str | None = None,
         first_row_id: int | None = None, message: str | None = None) -> int:  # fmt: skip
    """Write a file into audit.delivery; its number."""
    number = work.next_no()
    audit.write(
        work.connection,
        "audit.delivery",
        [(
            number, delivery.delivery_id, delivery.home, delivery.source, found.name if found else delivery.file, delivery.sha256, delivery.size,
            delivery.received_on, found.profile.profile if found else None, found.profile.table if found else None, state,
            landed.record_count if landed else None, landed.reader if landed else None, message, part, first_row_id,
            landed.first_line if landed else None,
        )],  # fmt: skip
    )
    if landed and landed.set_aside:
        rows = [(number, found.name if found else delivery.file, item.line, item.rule, item.text[:500]) for item in landed.set_aside]
        audit.write(work.connection, "audit.left_out", rows)
    return number


def lookup_tables(work: Ingest, source: str, found: Sequence[Found]) -> dict[str, tuple[str, Mapping[str, int]]]:
    """Files that others join, kept as text: the newest file of each profile. Every file without a contract is noted."""
    asked = {lookup.profile for f in found for lookup in f.profile.lookups.values()}
    newest = {f.profile.profile: f for f in found if f.profile.profile in asked}
    made: dict[str, tuple[str, Mapping[str, int]]] = {}
    for file in found:
        landed = None
        if newest.get(file.profile.profile) is file:
            name = f'parts."{source}__{file.profile.profile}_text"'
            landed = land(work.connection, file.path, file.reading, range(len(file.reading.layout.header)), work.scratch / f"{file.profile.profile}.csv")
            work.connection.execute(f"create table {name} as select * from {landed.relation}")
            made[file.profile.profile] = (name, positions(landed.header))
        if not file.profile.table:
            note(work, file.delivery, file, "reference", landed, message=None if landed else file.profile.description)
    return made


def lookups_of(profile: Profile, made: Lookups) -> dict[str, tuple[str, Mapping[str, int]]]:
    """The lookups that a profile names and this source has, by the profile's own names for them."""
    return {name: made[lookup.profile] for name, lookup in profile.lookups.items() if lookup.profile in made}


def take_file(work: Ingest, home: str, source: str, file: Found, columns: Mapping[str, Source], made: Lookups) -> None:
    """Land and shape one file into its part; records counted by the reader must all be there."""
    table = tables()[file.profile.table or ""]
    part = part_name(source, file.profile)
    lookups = lookups_of(file.profile, made)
    header = file.reading.layout.header
    try:
        used = {place for name in file.profile.headers if (place := positions(header).get(normalise(name))) is not None}
        landed = land(work.connection, file.path, file.reading, used, work.scratch / f"{work.count + 1}.csv", not file.profile.unpivot)
    except Refused as refused:
        refuse(work, file.delivery, refused)
        return
    if landed.record_count == 0:
        note(work, file.delivery, file, "empty", landed)
        return
    cells = Cells(positions(landed.header), {name: placed for name, (_, placed) in lookups.items()}, file.profile.empty)
    if landed.header != header:
        columns = mapped(file.profile, cells)
    relation = joined(file.profile, landed, lookups, cells)
    fresh = part not in work.parts.setdefault(table.name, [])
    (before,) = (0,) if fresh else work.connection.execute(f"select coalesce(max(rowid), -1) + 1 from {part}").fetchone() or (0,)
    number = note(work, file.delivery, file, "loaded", landed, part, before)
    if fresh:
        work.connection.execute(f"create table {part} as select {empty_columns(table)} where false")
        work.parts[table.name].append(part)
    select = shape(file.profile, table, columns, cells, relation, landed.has_line or bool(lookups), number, [c for c, _ in currencies()])
    work.connection.execute(f"insert into {part} by name {select}")
    (after,) = work.connection.execute(f"select count(*) from {part} where delivery_no = {number}").fetchone() or (0,)
    if after != landed.record_count:
        raise DataRejected(
            f"{file.name}: {landed.record_count} records were read and {after} arrived. A lookup of profile {file.profile.profile} "
            "may find several rows for one record. Nothing was published."
        )


def empty_columns(table: Table) -> str:
    """A part's columns, typed."""
    own = [f'cast(null as {column.kind.duckdb}) as "{column.name}"' for column in table.columns]
    return ", ".join([*own, "cast(null as bigint) as line", "cast(null as integer) as delivery_no", "cast(null as varchar) as record_rule",
                      "cast(null as varchar) as record_problem", "cast(null as varchar) as record_status"])  # fmt: skip


def joined(profile: Profile, landed: Landed, lookups: Lookups, cells: Cells) -> str:
    """The file's cells with those of its lookups: of rows that share a key, the last one of the file counts."""
    if not lookups:
        return f"{landed.relation} as t"
    numbered = landed.relation if landed.has_line else f"(select row_number() over () + {landed.first_line - 1} as line, * from {landed.relation})"
    joins = [f"{numbered} as t"]
    for name, (table, placed) in lookups.items():
        lookup = profile.lookups[name]
        keys = [f"c{placed[normalise(there)]}" for there in lookup.on.values()]
        there = Cells(placed, {}, profile.empty)
        live = f"where {condition_sql(lookup.when, there.text)}" if lookup.when is not None else ""
        newest = (
            f"(select *, true as is_found from {table} as t {live} "
            f"qualify row_number() over (partition by {', '.join(keys)} order by t.rowid desc) = 1)"
        )
        match = " and ".join(f"{cells.text(here)} = nullif(trim({name}.{key}), '')" for here, key in zip(lookup.on, keys, strict=True))
        joins.append(f"left join {newest} as {name} on {match}")
    return " ".join(joins)


def declare_source(work: Ingest, home: str, source: str, found: Sequence[Found]) -> None:
    """What is known of a source: what feeds which contract, and whether it is expected each month."""
    if home != EXPORTS:
        return
    given = {name.lower(): s for name, s in work.workspace.settings.sources.items()}.get(source)
    cadence, lateness = (given.cadence, given.lateness_days) if given else ("none", 15)
    rows = {(f.profile.table, f.profile.profile, f.profile.system) for f in found} or {(None, None, None)}
    listed = [(source, *row, cadence, lateness, cadence != "none") for row in sorted(rows, key=str)]
    audit.write(work.connection, "settings.source", listed)


def combine(work: Ingest, home: str, source: str, part: str, profiles: Sequence[Profile]) -> None:
    """Set aside what newer deliveries of a stream replace."""
    table = tables()[profiles[0].table or ""]
    if part not in work.parts.get(table.name, []):
        return
    given = work.workspace.settings.sources.get(source)
    mode = (given.mode if given else None) or profiles[0].mode
    if home != EXPORTS:
        mode = modes.Mode.SNAPSHOT
    filled = [n for n in table.names if any(n in p.columns for p in profiles)]
    modes.set_aside(work.connection, part, table, filled, mode, profiles[0].key, profiles[0].period, source)


def counted_elsewhere(work: Ingest) -> None:
    """Amortised lines are the billed ones seen again: where an account's month is there as billed, they are not counted."""
    parts = work.parts.get("spend_line", [])
    secondary = {name for name, p in work.workspace.profiles.items() if p.primary_when_absent} if parts else set()
    if not secondary:
        return
    primary = {p.primary_when_absent for p in work.workspace.profiles.values() if p.primary_when_absent}
    rows = " union all ".join(f"select '{part}' as part, rowid as row_id, delivery_no, billing_account_id, posted_on, record_status from {part}" for part in parts)
    work.connection.execute(
        f"""insert into audit.set_aside
        with spend as (select r.*, d.profile from ({rows}) as r join audit.delivery as d using (delivery_no) where r.record_status = 'loaded'),
        billed as (select distinct billing_account_id, date_trunc('month', posted_on) as month from spend where profile in ({listed(primary)}))
        select part, row_id, 'counted_elsewhere', 'amortised view of billed lines'
        from spend join billed on billed.billing_account_id is not distinct from spend.billing_account_id
            and billed.month = date_trunc('month', spend.posted_on)
        anti join audit.set_aside as gone on gone.part = spend.part and gone.row_id = spend.row_id
        where profile in ({listed(secondary)})"""
    )


def listed(names: Iterable[str]) -> str:
    """Names as SQL texts, parted by commas."""
    return ", ".join(quoted(name) for name in sorted(names))
