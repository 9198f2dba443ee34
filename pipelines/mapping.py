"""`plumbline map`: from an export that no profile knows to a profile, asking only what is ambiguous."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from pathlib import Path

import yaml
from pydantic import ValidationError

from connectors.amounts import Question, amount_question, moved
from connectors.mapping import diff, questions, table_question, to_yaml
from connectors.preview import ControlTotals, Seen, control_totals, preview
from connectors.profile import Profile, recognise
from connectors.reading import Dialect, Reading, Record, SetAside, open_tables
from connectors.reading.header import normalise, repeated_names
from connectors.suggest import Suggestion, suggest
from models import tables
from pipelines.errors import ConfigError, UsageError
from pipelines.recognition import near, share
from pipelines.workspace import EXPORTS, Workspace, slug

SAMPLE = 2_000
TOTALLED = 100_000
"""Records up to which control totals are of the whole file; beyond, of so many first records."""

Ask = Callable[[str], str]


@dataclass(frozen=True)
class Mapped:
    """What `map` found: the file's facts, the proposal, and the profile that came of it."""

    reading: Reading
    suggestion: Suggestion
    profile: Profile
    path: Path
    seen: Sequence[Seen]
    totals: ControlTotals
    is_whole: bool
    changes: Sequence[str]

    @property
    def unread(self) -> list[str]:
        """The headers that no column is read from: what the file says there reaches no table."""
        used = {normalise(name) for name in self.profile.headers}
        return [name for name in self.reading.layout.header if normalise(name) not in used]

    def summary(self) -> dict[str, object]:
        """As plain values."""
        layout = self.reading.layout
        return {
            "file": str(self.reading.path), "format": layout.format, "encoding": layout.encoding, "delimiter": layout.delimiter,
            "header_row": layout.header_row, "notes": list(layout.notes), "table": self.profile.table, "profile": self.profile.profile,
            "saved_to": str(self.path), "changes": list(self.changes), "missing": list(self.suggestion.missing),
            "columns": [{"column": m.column, "header": m.header, "confidence": round(m.confidence, 2), "reason": m.reason} for m in self.suggestion.matches],
            "not_read": self.unread,
            "preview": [{name: value for name, value in row.values.items() if value is not None} for row in self.seen],
            "unread": [dict(row.unread) for row in self.seen if row.unread and not row.left_out_by],
            "records": self.totals.records, "left_out": self.totals.left_out, "sums": {code: str(total) for code, total in self.totals.sums.items()},
        }  # fmt: skip

    def text(self) -> str:
        """For people: facts, proposal, five rows, control totals, where the profile is."""
        layout = self.reading.layout
        facts = [layout.format, layout.encoding, f"delimiter {layout.delimiter!r}" if layout.delimiter else None, f"header on line {layout.header_row}"]
        lines = [f"{self.reading.path.name}: {', '.join(f for f in facts if f)}", *layout.notes, ""]
        if self.changes:
            lines += ["Since the profile that this file had:", *(f"  {change}" for change in self.changes), ""]
        lines.append(f"It looks like {self.profile.table}:")
        for column, source in self.profile.columns.items():
            match, header = self.suggestion[column], ", ".join(source.headers[:1])
            said = f"{match.confidence:>4.0%}  {match.reason}" if match and match.header == header else "as you said"
            lines.append(f"  {column:<18} {header or f'always {source.value}':<28} {said}")
        if self.unread:
            lines.append(f"  not read: {', '.join(f'«{name}»' for name in self.unread)}")
        lines += ["", "As Plumbline sees the first rows:"]
        for row in self.seen:
            lines.append("  " + ", ".join(f"{name} {shown(value)}" for name, value in row.values.items() if value is not None))
            if row.left_out_by:
                lines.append(f"    left out: {row.left_out_by}")
            else:
                lines += [f"    {name}: {text!r} can't be read and would be quarantined" for name, text in row.unread.items()]
        sums = ", ".join(f"{total.normalize():,f} {code}" for code, total in self.totals.sums.items()) or "no money"
        whole = "" if self.is_whole else f" (the first {TOTALLED:,})"
        left_out = f", {self.totals.left_out:,} left out" if self.totals.left_out else ""
        lines += ["", f"Control totals{whole}: {self.totals.records:,} records, {sums}; {self.totals.unread:,} records with a cell that can't be read{left_out}."]
        lines += ["", f"The profile {self.profile.profile} is saved in {self.path}. Put the file into {EXPORTS}/<source>/ and refresh."]
        return "\n".join(lines)


def shown(value: object) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def run_map(folder: Path, file: Path, source: str | None, answers: Mapping[str, str], ask: Ask | None) -> Mapped:
    """Make and save a profile for a file. `ask` puts a question to a person; without it what is open is an error.

    Raises UsageError for what is not answered, ConfigError where a profile knows the file already, Refused for a
    file that can't be read surely.
    """
    workspace = Workspace(folder)
    if not file.is_file():
        raise UsageError(f"{file} is not there.")
    found = open_tables(file)
    reading = max(found, key=lambda r: len(r.layout.header))
    reading = once_named(file, reading) if repeated_names(list(map(normalise, reading.layout.header))) else reading
    header = reading.layout.header
    known = recognise(header, workspace.profiles.values())
    if known:
        raise ConfigError(f"{file.name} is known already: {' or '.join(sorted(p.profile for p in known))} reads it. Put it into {EXPORTS}/<source>/ and refresh; to map it anew, delete profiles/{min(known, key=lambda p: p.profile).profile}.yml first.")
    rows = [record.values for record in islice(reading.records(), SAMPLE)]
    if not rows:
        raise UsageError(f"{file.name} holds a header and no records: there is nothing to learn from. Take a file with some.")
    suggestion = chosen(header, rows, answers, ask)
    question = amount_question(suggestion, header, rows)
    said = answered([question] if question else [], answers, ask).get("amount.from")
    if said and said not in header:
        raise UsageError(f"amount: the file has no column «{said}».{near(said, header)} Answer with --answer KEY=VALUE.")
    if said:
        suggestion = moved(suggestion, "amount", said)
    if "vendor_name.from" in answers:
        answers = {"vendor": "no", **answers}
    told = answered(questions(suggestion, header, rows), answers, ask)
    before = earlier(workspace, header)
    name = free_name(workspace, slug(source or re.sub(r"[\d\W_]+", "_", file.stem)))
    try:
        text = to_yaml(suggestion, told, header, rows, profile=name, system=source or file.stem, description=f"Written by `plumbline map {file.name}`.")
    except ValidationError as error:
        wrong = "; ".join(e["msg"].removeprefix("Value error, ") for e in error.errors())
        raise UsageError(f"{file.name} as {suggestion.table}: {wrong}. Say where they stand: --answer COLUMN.from=HEADER, or another table: --answer table=...") from None
    except ValueError as error:
        raise UsageError(f"{error} Answer with --answer KEY=VALUE.") from None
    content = yaml.safe_load(text)
    if before:
        content["stream"] = before.stream or before.profile
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
    profile = Profile.model_validate(content)
    path = folder / "profiles" / f"{name}.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    counted = [record.values for record in islice(reading.records(), TOTALLED + 1)]
    totals = control_totals(profile, header, counted[:TOTALLED])
    changes = diff(before, header) if before else []
    return Mapped(reading, suggestion, profile, path, preview(profile, header, rows), totals, len(counted) <= TOTALLED, changes)


def once_named(file: Path, reading: Reading) -> Reading:
    """A file in which names repeat, with the first column of each name; a saved search writes an id, or both names of a vendor, under one."""
    place = (reading.layout.member, reading.layout.sheet)
    again = next(one for one in open_tables(file, Dialect(header=reading.layout.header)) if (one.layout.member, one.layout.sheet) == place)
    header = again.layout.header
    firsts = list({normalise(name): number for number, name in reversed(list(enumerate(header)))}.values())[::-1]
    dropped = sorted({header[number] for number in range(len(header)) if number not in firsts})

    def produce(set_aside: list[SetAside]) -> Iterator[Record]:
        for line, values in again.records():
            yield Record(line, tuple(values[number] for number in firsts))
        set_aside += again.set_aside

    note = f"of the columns with one name the first is read: {', '.join(f'«{name}»' for name in dropped)}"
    return Reading(again.path, replace(again.layout, header=tuple(header[number] for number in firsts), notes=(*again.layout.notes, note)), produce)


def chosen(header: Sequence[str], rows: Sequence[Sequence[str | None]], answers: Mapping[str, str], ask: Ask | None) -> Suggestion:
    """The best contract for a file, or the one that is named; asked where what was found would pass over most of the file."""
    if table := answers.get("table"):
        return named(header, rows, table)
    ranked = suggest(header, rows, list(tables().values()))
    if not ranked:
        raise UsageError(f"Nothing in this file looks like a table that Plumbline knows ({', '.join(tables())}). Name one: --answer table=...")
    # Currency can be answered; any other required column must be in the file.
    found = next((found for found in ranked if not set(found.missing) - {"currency"}), ranked[0])
    if question := table_question(ranked, found, header, rows):
        return named(header, rows, answered([question], {}, ask)["table"])
    return found


def named(header: Sequence[str], rows: Sequence[Sequence[str | None]], table: str) -> Suggestion:
    """A file as the contract that was named."""
    if table not in tables():
        raise UsageError(f"There is no table {table}.{near(table, tables())} There are {', '.join(sorted(tables()))}.")
    found = suggest(header, rows, [tables()[table]])
    if not found:
        raise UsageError(f"Nothing in this file looks like {table}. Say where its columns stand: --answer COLUMN.from=HEADER, or another table: --answer table=...")
    return found[0]


def answered(asked: Sequence[Question], answers: Mapping[str, str], ask: Ask | None) -> dict[str, str]:
    """The answers to all questions: given before, or by a person."""
    told = dict(answers)
    known = ("table", "currency", "scale", "rate", "sign", "exclude", "credit", "vendor", "tax", "zone")
    for key in answers:
        if key not in known and not key.endswith((".from", ".date", ".decimal")):
            raise UsageError(f"Nothing is asked under {key!r}.{near(key, known)} Answers are {', '.join(known)}, COLUMN.from, COLUMN.date and COLUMN.decimal.")
    open_ones = [q for q in asked if q.key not in told and (q.default is None or ask is not None)]
    if open_ones and ask is None:
        listed = "\n".join(f"  {q.text}\n    --answer {q.key}={'|'.join(q.options) or '...'}" for q in open_ones)
        raise UsageError(f"These can't be told from the file:\n{listed}")
    for question in open_ones:
        told[question.key] = put(question, ask) if ask else question.default or ""
    return told


def put(question: Question, ask: Ask) -> str:
    """Ask until the answer is one of the options; an empty answer takes the default."""
    options = f" [{'/'.join(question.options)}]" if question.options else ""
    default = f" ({question.default})" if question.default else ""
    while True:
        answer = ask(f"{question.text}{options}{default}").strip() or question.default or ""
        if answer and (not question.options or answer in question.options):
            return answer


def earlier(workspace: Workspace, header: Sequence[str]) -> Profile | None:
    """The workspace's own profile that this file's header came from, if it is one that changed."""
    own = {path.stem for path in (workspace.folder / "profiles").glob("*.yml")}
    alike = [p for p in workspace.profiles.values() if p.profile in own and p.table and share(p, header) >= 0.6]
    return max(alike, key=lambda p: (share(p, header), p.profile), default=None)


def free_name(workspace: Workspace, wanted: str) -> str:
    """The name, or the first one with a number behind it that no profile has."""
    names = [wanted, *(f"{wanted}_{n}" for n in range(2, 1000))]
    return next(name for name in names if name not in workspace.profiles)
