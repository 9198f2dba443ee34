"""From kept deliveries to raw tables, with every physical record accounted for.

Each source and contract gets one part, `parts.<source>__<table>`: a row a record, typed, with its status. What another
delivery replaces is listed in `audit.set_aside`. `raw.<table>` is a view of the records that count.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from connectors.profile import Profile
from connectors.reading import Refused
from connectors.reading.header import normalise
from models import Home, tables
from pipelines import audit, modes
from pipelines.currencies import currencies
from pipelines.deliveries import EXPORTS, Delivery, assigned, inputs
from pipelines.errors import ConfigError
from pipelines.fetch import history, left_there
from pipelines.filling import Filling
from pipelines.formats import settle
from pipelines.landing import Landed, land
from pipelines.parts import Lookups, Taken, create, fill, listed, lookups_of, part_name, together
from pipelines.products import bring_products
from pipelines.recognition import Found, find, placed
from pipelines.records import (
    check_edited,
    check_quarantine,
    check_references,
    raw_view,
    whole_parts,
    write_left_out,
    write_records,
)
from pipelines.settings import THRESHOLDS
from pipelines.shaping import positions
from pipelines.workspace import Workspace, slug


@dataclass
class Ingest:
    """What an ingest has done so far: refusals in words, the parts of each contract, the rows of each part, and notes to be written."""

    connection: duckdb.DuckDBPyConnection
    workspace: Workspace
    scratch: Path
    filling: Filling
    refused: list[tuple[str, str]] = field(default_factory=list)
    parts: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    delivered: list[Sequence[object]] = field(default_factory=list)
    left_out: list[Sequence[object]] = field(default_factory=list)
    streams: list[tuple[str, str, str, list[Profile]]] = field(default_factory=list)
    received: dict[tuple[str, str], dict[str, tuple[str, str]]] = field(default_factory=dict)
    count: int = 0
    files: int = 0

    def next_file(self) -> int:
        self.files += 1
        return self.files

    def next_no(self) -> int:
        self.count += 1
        return self.count


def ingest(connection: duckdb.DuckDBPyConnection, workspace: Workspace, deliveries: Sequence[Delivery], month: date,
           as_known_on: date | None, scratch: Path) -> Ingest:  # fmt: skip
    """Fill parts, raw, settings and the audit tables of the ingest.

    Raises ConfigError for files people edit, DataRejected where records would be counted twice or too many are bad.
    """
    audit.create(connection)
    deliveries = assigned(workspace, deliveries)
    received_by = inputs(deliveries, as_known_on)
    with Filling(connection) as filling:
        work = Ingest(connection, workspace, scratch, filling)
        write_settings(work, month, as_known_on, max((d.received_on for d in deliveries), default=None))
        for (home, source), received in received_by.items():
            if home == EXPORTS or home in (Home.STRATEGY, Home.DECISIONS):
                take_source(work, home, source, received)
    declare_absent(work, {source for home, source in received_by if home == EXPORTS})
    for twin in (d for d in deliveries if d.duplicate_of and not (as_known_on and d.received_on > as_known_on)):
        note(work, twin, None, "duplicate", message=f"the same bytes as {twin.duplicate_of}")
    audit.write(connection, "audit.delivery", work.delivered)
    audit.write(connection, "audit.left_out", work.left_out)
    with Filling(connection) as combining:
        for home, source, part, profiles in work.streams:
            combining.add(part, partial(combine, work=work, home=home, source=source, part=part, profiles=profiles))
    counted_elsewhere(work)
    whole = whole_parts(connection, work.parts)
    for table in tables().values():
        raw_view(connection, table, work.parts.get(table.name, []), whole)
    with Filling(connection) as counting:
        for name, parts in work.parts.items():
            for part in parts:
                counting.add(part, partial(write_records, table=name, part=part, is_whole=part in whole))
    write_left_out(connection)
    check_edited(connection)
    check_references(connection)
    check_quarantine(connection, workspace.settings.threshold("quarantine_share"), work.parts.get("spend_line", ()))
    return work


def write_settings(work: Ingest, month: date, as_known_on: date | None, delivered_on: date | None) -> None:
    """The settings tables, as SQL files read them."""
    settings = work.workspace.settings
    audit.write(work.connection, "settings.run", [(month, settings.currency, settings.fiscal_year_start, as_known_on, delivered_on)])
    audit.write(work.connection, "settings.currency", currencies())
    audit.write(work.connection, "settings.threshold", [(name, settings.threshold(name)) for name in sorted(THRESHOLDS)])
    bring_products(work.connection)


def take_source(work: Ingest, home: str, source: str, deliveries: Sequence[Delivery]) -> None:
    """All files of one source: recognised, their formats settled, landed and shaped, then combined."""
    work.received[home, source] = {delivery.delivery_id: (delivery.received_at, delivery.file) for delivery in deliveries}
    found: list[Found] = []
    for delivery in deliveries:
        try:
            found += find(work.workspace, delivery)
        except Refused as refused:
            refuse(work, delivery, refused)
    lookups = lookup_tables(work, source, found)
    wanted = [f for f in found if f.profile.table]
    for profile_name in dict.fromkeys(f.profile.profile for f in wanted):
        landed = landed_files(work, [f for f in wanted if f.profile.profile == profile_name])
        take_files(work, source, settled_files(work, landed, lookups), lookups)
    declare_source(work, home, source, wanted)
    for part in dict.fromkeys(part_name(source, f.profile) for f in wanted):
        work.streams.append((home, source, part, [f.profile for f in wanted if part_name(source, f.profile) == part]))


def refuse(work: Ingest, delivery: Delivery, refused: Refused) -> None:
    """A file that can't be read surely: shown, and its source's month is incomplete. In a file people edit it is an error."""
    if delivery.home != EXPORTS:
        raise ConfigError(str(placed(refused, delivery)))
    refused = placed(refused, delivery)
    note(work, delivery, None, "refused", message=str(refused))
    work.refused.append((delivery.source, str(refused)))


def note(work: Ingest, delivery: Delivery, found: Found | None, state: str, landed: Landed | None = None, part: str | None = None,
         first_row_id: int | None = None, message: str | None = None) -> int:  # fmt: skip
    """Write a file into audit.delivery; its number."""
    number = work.next_no()
    name = found.name if found else delivery.file
    work.delivered.append((
        number, delivery.delivery_id, delivery.home, delivery.source, name, delivery.sha256, delivery.size, delivery.received_on,
        found.profile.profile if found else None, found.profile.table if found else None, state, landed.record_count if landed else None,
        landed.reader if landed else None, message, part, first_row_id, landed.first_line if landed else None,
    ))  # fmt: skip
    work.left_out += [(number, name, item.line, item.rule, item.text[:500]) for item in (landed.set_aside if landed else ())]
    return number


def not_taken(work: Ingest, delivery: Delivery) -> str | None:
    """What is said of the records that a delivery left with the system it came from: those of other clients."""
    counts = left_there(history(work.workspace.folder, delivery.kept_under or delivery.source, [delivery]))
    told = [f"{counts['other_client']:,} of other clients" if counts["other_client"] else "", f"{counts['no_client']:,} that tell no client" if counts["no_client"] else ""]
    return f"records not taken: {', '.join(filter(None, told))}" if any(told) else None


def lookup_tables(work: Ingest, source: str, found: Sequence[Found]) -> dict[str, tuple[str, Mapping[str, int]]]:
    """Files that others join, kept as text, those of each profile in the order in which they came. Every file without a contract is noted."""
    asked = {lookup.profile for f in found for lookup in f.profile.lookups.values()}
    landed: dict[str, list[Landed]] = {}
    for file in found:
        item = None
        if file.profile.profile in asked:
            try:
                item = land(work.connection, file.path, file.reading, range(len(file.reading.layout.header)), work.scratch / f"{work.next_file()}.csv")
            except Refused as refused:
                if not file.profile.table:
                    refuse(work, file.delivery, refused)
                continue
            earlier = [] if file.profile.mode is modes.Mode.SNAPSHOT else landed.get(file.profile.profile, [])
            landed[file.profile.profile] = [*earlier, item]
        if not file.profile.table:
            note(work, file.delivery, file, "reference", item, message=None if item else file.profile.description)
    made: dict[str, tuple[str, Mapping[str, int]]] = {}
    for profile, items in landed.items():
        table = f'parts."{source}__{profile}_text"'
        placed = {name: place for place, name in enumerate(dict.fromkeys(name for item in items for name in positions(item.header)))}
        work.connection.execute(f"create table {table} as {' union all '.join(renumbered(item, placed) for item in items)}")
        made[profile] = (table, placed)
    return made


def renumbered(landed: Landed, placed: Mapping[str, int]) -> str:
    """A SELECT of a file's cells under the positions that several files share."""
    own = positions(landed.header)
    return f"select {', '.join(f'c{own[name]} as c{place}' if name in own else f'cast(null as varchar) as c{place}' for name, place in placed.items())} from {landed.relation}"


def landed_files(work: Ingest, files: Sequence[Found]) -> list[tuple[Found, Landed]]:
    """The files of one profile as cells to select from; refused ones and those without records are noted only."""
    landed: list[tuple[Found, Landed]] = []
    for file in files:
        header = file.reading.layout.header
        used = {place for name in file.profile.headers if (place := positions(header).get(normalise(name))) is not None}
        try:
            item = land(work.connection, file.path, file.reading, used, work.scratch / f"{work.next_file()}.csv", not file.profile.unpivot)
        except Refused as refused:
            refuse(work, file.delivery, refused)
            continue
        if item.record_count == 0:
            note(work, file.delivery, file, "empty", item)
        else:
            landed.append((file, item))
    return landed


def settled_files(work: Ingest, landed: list[tuple[Found, Landed]], lookups: Lookups) -> list[Taken]:
    """The files with the forms of their columns decided and noted as loaded; those whose forms can't be are refused."""
    while landed:
        headers = {name: header for name, (_, header) in lookups_of(landed[0][0].profile, lookups).items()}
        try:
            sources = settle(work.connection, landed, headers)
        except Refused as refused:
            culprit = next((item for item in landed if item[0].delivery.file == refused.file), landed[0])
            refuse(work, culprit[0].delivery, refused)
            landed = [item for item in landed if item is not culprit]
            continue
        taken = []
        for (file, item), columns in zip(landed, sources, strict=True):
            part = part_name(file.delivery.source, file.profile)
            number = note(work, file.delivery, file, "loaded", item, part, work.rows.get(part, 0), not_taken(work, file.delivery))
            work.rows[part] = work.rows.get(part, 0) + item.record_count
            taken.append(Taken(file, item, columns, number))
        return taken
    return []


def take_files(work: Ingest, source: str, taken: Sequence[Taken], lookups: Lookups) -> None:
    """Fill the part of files of one profile."""
    if not taken:
        return
    profile = taken[0].file.profile
    table, part = tables()[profile.table or ""], part_name(source, profile)
    if part not in work.parts.setdefault(table.name, []):
        create(work.connection, part, table)
        work.parts[table.name].append(part)
    for group in together(taken):
        work.filling.add(part, partial(fill, part=part, table=table, group=group, made=lookups, currencies=[code for code, _ in currencies()]))


def declare_source(work: Ingest, home: str, source: str, found: Sequence[Found]) -> None:
    """What is known of a source: what feeds which contract, and whether it is expected each month."""
    if home != EXPORTS:
        return
    given = work.workspace.source_settings(source)
    cadence, lateness = (given.cadence, given.lateness_days) if given else ("none", 15)
    rows = {(f.profile.table, f.profile.profile, f.profile.system) for f in found} or {(None, None, None)}
    listed = [(source, *row, cadence, lateness, cadence != "none") for row in sorted(rows, key=str)]
    audit.write(work.connection, "settings.source", listed)


def declare_absent(work: Ingest, delivered: Collection[str]) -> None:
    """The sources that the settings expect and that never delivered anything: a month without them is incomplete too."""
    for name, given in work.workspace.settings.sources.items():
        if slug(name) not in delivered and given.cadence != "none":
            profile = work.workspace.profiles.get(given.profile or "")
            row = (slug(name), profile.table if profile else None, given.profile, profile.system if profile else None)
            audit.write(work.connection, "settings.source", [(*row, given.cadence, given.lateness_days, True)])


def combine(connection: duckdb.DuckDBPyConnection, work: Ingest, home: str, source: str, part: str, profiles: Sequence[Profile]) -> None:
    """Set aside what newer deliveries of a stream replace."""
    table = tables()[profiles[0].table or ""]
    if part not in work.parts.get(table.name, []):
        return
    given = work.workspace.source_settings(source)
    mode = (given.mode if given else None) or profiles[0].mode
    if home != EXPORTS:
        mode = modes.Mode.SNAPSHOT
    filled = [n for n in table.names if any(n in p.columns for p in profiles)]
    # What a connected system gives is its newest state; files may be anything, and only the company can say that they are not.
    doubted = home == EXPORTS and not (given and (given.mode or given.connector))
    modes.set_aside(connection, part, table, filled, mode, profiles[0].key, profiles[0].period, source, work.received[home, source] if doubted else None)


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
        with spend as (
            select r.*, d.profile from ({rows}) as r join audit.delivery as d using (delivery_no)
            anti join audit.set_aside as gone on gone.part = r.part and gone.row_id = r.row_id where r.record_status = 'loaded'
        ),
        billed as (select distinct billing_account_id, date_trunc('month', posted_on) as month from spend where profile in ({listed(primary)}))
        select part, row_id, 'counted_elsewhere', 'amortised view of billed lines'
        from spend join billed on billed.billing_account_id is not distinct from spend.billing_account_id
            and billed.month = date_trunc('month', spend.posted_on)
        where profile in ({listed(secondary)})"""
    )

