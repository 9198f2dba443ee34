"""Which profile reads a delivered file, and in which formats its numbers and dates are written."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from connectors.days import DateFormat
from connectors.profile import Profile, Source, recognise, template
from connectors.reading import Dialect, Reading, Refused, open_tables
from connectors.reading.header import normalise
from connectors.turning import turned
from connectors.values import Decision, NumberFormat, Verdict, detect_date, detect_number
from models import Home, Kind, Table, tables
from pipelines.deliveries import Delivery
from pipelines.errors import ConfigError
from pipelines.shaping import DATED, NUMERIC, Cells, mapped, positions
from pipelines.workspace import Workspace

SAMPLE = 2_000


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
    for reading in open_tables(path, declared(candidates[0]) if pinned else Dialect()):
        fits = recognise(reading.layout.header, candidates) if reading.layout.format != "parquet" else candidates
        if len(fits) > 1:
            names = " or ".join(sorted(profile.profile for profile in fits))
            raise Refused(
                delivery.file,
                f"its header fits several profiles: {names}",
                f"Say which in plumbline.yml: sources: {{{delivery.source}: {{profile: {fits[0].profile}}}}}",
                line=reading.layout.header_row,
            )
        if not fits:
            raise unknown(workspace, delivery, reading, pinned)
        profile = fits[0]
        again = declared(profile)
        if again != Dialect() and not pinned:
            (reading,) = [r for r in open_tables(path, again) if (r.layout.member, r.layout.sheet) == (reading.layout.member, reading.layout.sheet)]
        found.append(Found(delivery, path, turned(reading, profile.unpivot) if profile.unpivot else reading, profile))
    return found


def declared(profile: Profile) -> Dialect:
    """What a profile says of its file's text, as the readers take it."""
    given = profile.dialect
    return Dialect(encoding=given.encoding, delimiter=given.delimiter, header_row=given.header_row, sheet=given.sheet,
                   records_path=given.records_path, quotes=given.quotes, ragged=given.ragged)  # fmt: skip


def found_template(delivery: Delivery, path: Path, table: Table) -> Found:
    """A file people edit, read by its contract; every wrong column is an error that names the nearest right one."""
    try:
        (reading,) = open_tables(path)
    except Refused as refused:
        raise ConfigError(str(refused)) from None
    profile = template(table)
    known = {normalise(name) for source in profile.columns.values() for name in source.from_ or ()}
    for name in reading.layout.header:
        if normalise(name) not in known:
            raise ConfigError(f"{delivery.file}, line {reading.layout.header_row}: there is no column {name!r}.{near(name, table.names)} It has {', '.join(table.names)}.")
    header = {normalise(name) for name in reading.layout.header}
    for column in table.columns:
        if column.required and not header & {normalise(name) for name in profile.columns[column.name].from_ or ()}:
            raise ConfigError(f"{delivery.file}, line {reading.layout.header_row}: the column {column.name} is missing: {column.description}")
    return Found(delivery, path, reading, profile)


def near(name: str, known: Iterable[str]) -> str:
    """« Did you mean …?», or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]}?" if close else ""


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
    return Refused(delivery.file, why, f"Run `plumbline map {delivery.file}` and refresh again.", line=reading.layout.header_row)


def share(profile: Profile, header: Sequence[str]) -> float:
    """Share of the profile's own headers that a file has."""
    wanted = {normalise(name) for name in profile.header}
    return len(wanted & {normalise(name) for name in header}) / len(wanted) if wanted else 0.0


def settle(found: Sequence[Found], lookups: Mapping[str, Mapping[str, int]]) -> list[dict[str, Source]]:
    """Each file's column sources with formats decided: by its own values, else by its sibling files'. Raises Refused."""
    decided: list[dict[str, Source]] = []
    cells = [Cells(positions(f.reading.layout.header), lookups, f.profile.empty) for f in found]
    sources = [mapped(f.profile, c) for f, c in zip(found, cells, strict=True)]
    samples = [sample(f) for f in found]
    for number, file in enumerate(found):
        table = file.profile.contract
        settled = {}
        for name, source in sources[number].items():
            kind = table[name].kind if table else None
            if source.value is not None or kind not in NUMERIC | DATED:
                settled[name] = source
                continue
            field = "decimal" if kind in NUMERIC else "date"
            if getattr(source, field) in (None, "auto"):
                texts = [texts_of(source, c, s) for c, s in zip(cells, samples, strict=True)]
                source = source.model_copy(update={field: decide(file, name, source, field, texts[number], [t for t in texts if t])})
            settled[name] = source
        decided.append(settled)
    return decided


def sample(file: Found) -> list[tuple[str | None, ...]]:
    """The first records of a file."""
    if file.reading.layout.format == "parquet":
        return []
    return [record.values for record in islice(file.reading.records(), SAMPLE)]


def texts_of(source: Source, cells: Cells, records: Iterable[tuple[str | None, ...]]) -> list[str]:
    """The texts that a column source finds in records of the file itself."""
    places = [place[1] for header in source.from_ or () if (place := cells.place(header)) and place[0] == "t"]
    found = []
    for values in records:
        text = next((v.strip() for p in places if (v := values[p]) and v.strip() and v.strip() not in cells.null), None)
        if text:
            found.append(text)
    return found


def decide(file: Found, name: str, source: Source, field: str, own: Sequence[str], siblings: Sequence[Sequence[str]]) -> str:
    """The format of a column: from the sample, from the files beside it, from the whole file. Raises Refused."""
    if not own:
        return "." if field == "decimal" else "iso"

    def detect(texts: Iterable[str]) -> Decision:
        return detect_number(texts) if field == "decimal" else detect_date(texts, months=is_month)

    is_month = bool(file.profile.contract and file.profile.contract[name].kind is Kind.MONTH)
    decision = detect(own)
    if decision.verdict is Verdict.AMBIGUOUS:
        decision = detect(text for texts in siblings for text in texts)
    if decision.verdict is Verdict.AMBIGUOUS and len(own) >= SAMPLE:
        cells = Cells(positions(file.reading.layout.header), {}, file.profile.empty)
        decision = detect(texts_of(source, cells, (record.values for record in file.reading.records())))
    if isinstance(decision.format, NumberFormat):
        return decision.format.decimal
    if isinstance(decision.format, DateFormat):
        return decision.format.order
    header = (source.from_ or ("",))[0]
    examples = ", ".join(repr(text) for text in decision.examples[:4])
    if decision.verdict is Verdict.AMBIGUOUS:
        why = f"{examples} can be read in more than one way, and no other value of the column settles it"
    elif decision.verdict is Verdict.CONFLICT:
        why = f"the column is written in two ways: {examples}"
    else:
        return "." if field == "decimal" else "iso"
    fix = f"Say which in the profile {file.profile.profile}: {' or '.join(decision.lines(name, header))}."
    raise Refused(file.delivery.file, why, fix, column=header)
