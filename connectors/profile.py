"""Profiles: how the export of one system, recognised by its header, becomes rows of a contract.

A profile is one YAML file in `profiles/` (or in the workspace's `profiles/`, written by `plumbline map`).
It holds no code: the words it has are the fields below. What it says is compiled to SQL elsewhere.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from models import Column, Home, Kind, Table, tables
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from connectors.reading.header import normalise

HOME = Path(__file__).parent / "profiles"

BOOLEAN = "tag:yaml.org,2002:bool"


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's safe loader, in C where it is there: a hundred profiles cost a refresh 0.03 s instead of 0.2 s.

    Only `true` and `false` are booleans, as in YAML 1.2: ledgers have a column called No, and lookups the word `on`.
    """

    yaml_implicit_resolvers = {first: [found for found in resolvers if found[0] != BOOLEAN] for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


Loader.add_implicit_resolver(BOOLEAN, re.compile("true|True|TRUE|false|False|FALSE"), list("tTfF"))

Text = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value)]
"""A string; YAML's bare numbers are taken as they are written."""
OneOrMore = Annotated[tuple[Text, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str | int | float | bool) else v)]
Cells = Annotated[tuple[str, ...], BeforeValidator(lambda v: tuple(map(str, v)) if isinstance(v, list | tuple) else (str(v),))]
Condition = Mapping[str, Cells]
"""Column -> the cell texts that meet it, compared without case or outer blanks; `""` is an empty cell, `*` any other."""


class ProfileError(ValueError):
    """A profile file breaks the rules of this module; the text names file and field."""


class Mode(StrEnum):
    """How deliveries of one source combine."""

    SNAPSHOT = "snapshot"
    """The newest delivery replaces all earlier ones."""
    PERIOD = "period"
    """A delivery replaces earlier rows of the months it covers."""
    KEYED = "keyed"
    """A row replaces the earlier row of its key."""
    APPEND = "append"
    """Every delivery adds; the same bytes twice are one delivery."""


class Part(BaseModel):
    """A strict and frozen piece of a profile: an unknown word is an error, not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Part):
    """Where one contract column's value comes from.

    Exactly one of `from` (the first non-empty of these headers; `lookup.header` reaches into a lookup),
    `join` (all of them, `separator` between) or `value` (a constant) gives the text.
    """

    from_: OneOrMore | None = Field(None, alias="from")
    join: tuple[Text, ...] | None = None
    separator: str = "-"
    value: Text | None = None
    decimal: Literal[".", ",", "auto"] | None = None
    """Decimal mark of numbers; `auto` finds it by column and refuses where the column can be read two ways."""
    date: Text | None = None
    """Order of dates: `iso`, `dmy`, `mdy`, `ymd`, `auto`, `excel` (serial days), `unix` (seconds), or a strptime format."""
    exclusive: bool = False
    """The end is the instant after the span, as FOCUS writes it; the contract's last day is included."""
    zone: str | None = None
    """IANA zone of instants that carry none; they are kept in UTC."""
    values: Mapping[str, str] | None = None
    """Texts of the source -> texts of the contract, compared without case; others pass unchanged unless `otherwise` is given."""
    otherwise: str | None = None
    prefix: str = ""
    """Text before the value: bill 61 and credit 61 of one system are two documents."""
    only_when: Condition | None = None
    except_when: Condition | None = None
    """Where the condition does not hold, or holds, the value is `otherwise`, or empty: tax lines hold tax and no cost."""
    minus: OneOrMore | None = None
    """Headers whose numbers are subtracted: gross minus tax gives net."""
    minus_when: Condition | None = None
    """Subtract only where this holds: line amounts that include tax."""
    scale: Literal["minor", "percent", "thousand", "million"] | None = None
    """`minor`: the number counts minor units (cents); `percent`: 7.5 means 0.075; `thousand`: 7.5 means 7,500."""
    negate: bool = False
    negate_when: Condition | None = None

    @model_validator(mode="after")
    def one_origin(self) -> Self:
        if sum(origin is not None for origin in (self.from_, self.join, self.value)) != 1:
            raise ValueError("give exactly one of from, join and value")
        return self

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header that the column reads."""
        conditions = (self.negate_when, self.only_when, self.except_when, self.minus_when)
        asked = tuple(header for condition in conditions for header in condition or ())
        return tuple(dict.fromkeys((self.from_ or ()) + (self.join or ()) + (self.minus or ()) + asked))


ColumnSource = Annotated[Source, BeforeValidator(lambda v: {"from": v} if isinstance(v, str | list | tuple | int) else v)]


class Lookup(Part):
    """Rows of another file of the same source, joined one to one: the bill of a bill line."""

    profile: str
    on: Mapping[str, str]
    """Header here (or `lookup.header` of an earlier lookup) -> header there."""
    when: Condition | None = None
    """Only rows there that meet this: the live version of a row that is kept with its history."""
    required: bool = False
    """A record without its row there is quarantined."""


class Exclusion(Part):
    """Records left out by a declared rule; they stay visible in the books under its name."""

    rule: str
    when: Condition | None = None
    unless: Condition | None = None

    @model_validator(mode="after")
    def one_condition(self) -> Self:
        if (self.when is None) == (self.unless is None):
            raise ValueError("give one of when and unless")
        return self


class Unpivot(Part):
    """A file with a column for each of many things, turned so that each has a row: the rate tables of central banks. Or, with `each`, a list in a cell."""

    keep: OneOrMore = ()
    """Headers that stay; every other header is turned."""
    name: str = ""
    """Header that the turned headers stand under."""
    value: str = ""
    """Header that their cells stand under."""
    skip: tuple[str, ...] = ()
    """Cells that say there is nothing; they and empty ones give no row."""
    each: str = ""
    """Header of a JSON list of objects, a document's lines: each is a row with all else of its record, its members under `HEADER.member`."""

    @model_validator(mode="after")
    def one_form(self) -> Self:
        if bool(self.each) == bool(self.keep and self.name and self.value):
            raise ValueError("give keep, name and value, or each")
        return self


class FileDialect(Part):
    """What is declared about the text of the file; see `connectors.reading.Dialect`."""

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    sheet: str | None = None
    records_path: str | None = None
    quotes: bool = True
    ragged: Literal["refuse", "quarantine"] = "refuse"


class Profile(Part):
    """One kind of export. Without `table` its rows only serve as lookups for others, or are known and not read."""

    profile: str
    system: str
    description: str
    table: str | None = None
    header: tuple[Text, ...] = ()
    """Headers that must all be there; the profile with most of them present is the file's."""
    any_header: tuple[tuple[Text, ...], ...] = ()
    """Instead: several such lists, of which one must be there."""
    stream: str | None = None
    """Profiles of one stream replace each other's rows: two headers that one export had over time."""
    named: tuple[Text, ...] = ()
    """Words of the file's path that tell it where several profiles fit its header equally: two views of one bill."""
    absent: tuple[Text, ...] = ()
    """Headers that must not be there: they tell a sibling format."""
    dialect: FileDialect = FileDialect()
    empty: tuple[str, ...] = ()
    """Cell texts that mean empty, beside the empty cell."""
    mode: Mode | None = None
    """None: not declared; deliveries that overlap stop the refresh with the line that settles it."""
    key: tuple[str, ...] | None = None
    """Contract columns that identify a row; None: the contract's own key."""
    period: str | None = None
    """Contract column whose month is the period in mode `period`."""
    unpivot: Unpivot | None = None
    columns: Mapping[str, ColumnSource] = {}
    lookups: Mapping[str, Lookup] = {}
    exclude: tuple[Exclusion, ...] = ()
    primary_when_absent: str | None = None
    """Profile beside whose rows these are counted elsewhere: the amortised view of a bill that is there as invoiced."""

    @model_validator(mode="after")
    def one_header(self) -> Self:
        if bool(self.header) == bool(self.any_header):
            raise ValueError("give one of header and any_header")
        return self

    @model_validator(mode="after")
    def fits_contract(self) -> Self:
        contract = self.contract
        if contract is None:
            if self.columns:
                raise ValueError("columns need a table")
            return self
        if unknown := [name for name in self.columns if name not in contract.names]:
            raise ValueError(f"columns: {contract.name} has no column {', '.join(unknown)}; it has {', '.join(contract.names)}")
        needed = [c.name for c in contract.columns if c.required and c.name not in self.columns]
        if needed:
            raise ValueError(f"columns: {contract.name} needs {', '.join(needed)}")
        if self.mode is Mode.PERIOD and self.period not in self.columns:
            raise ValueError("mode period needs `period`, a mapped column that holds a day")
        return self

    @property
    def contract(self) -> Table | None:
        if self.table is None:
            return None
        if self.table not in tables():
            raise ValueError(f"table: there is no {self.table}; there are {', '.join(tables())}")
        return tables()[self.table]

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header or `lookup.header` that the profile reads, in order of first mention."""
        used: list[str] = []
        for source in self.columns.values():
            used += source.headers
        for lookup in self.lookups.values():
            used += lookup.on
        for exclusion in self.exclude:
            used += exclusion.when or exclusion.unless or {}
        return tuple(dict.fromkeys(used))

    def matches(self, header: Iterable[str]) -> int:
        """How many of the profile's headers a file has, or 0 where one that must be there is not."""
        found = {normalise(name) for name in header}
        if {normalise(name) for name in self.absent} & found:
            return 0
        fitting = [names for names in self.any_header or (self.header,) if {normalise(name) for name in names} <= found]
        read = {normalise(name) for name in self.headers}
        return max(map(len, fitting)) * 100 + len(read & found) if fitting else 0


def load(path: Path) -> list[Profile]:
    """The profiles of a YAML file, one a document. Raises ProfileError that names the file and each wrong field."""
    try:
        content: list[Any] = list(yaml.load_all(path.read_text(encoding="utf-8"), Loader=Loader))
        return [Profile.model_validate(document) for document in content]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: this is not YAML in UTF-8: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'profile'}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors())
        raise ProfileError(f"{path}: {wrong}") from None


@cache
def shipped() -> Mapping[str, Profile]:
    """The profiles that come with Plumbline, by name."""
    return {profile.profile: profile for path in sorted(HOME.rglob("*.yml")) for profile in load(path)}


def template(table: Table) -> Profile:
    """The profile of Plumbline's own CSV template for a contract: headers are the column names."""
    auto = () if table.home is Home.EXPORTS else (Kind.DAY, Kind.INSTANT, Kind.MONTH)  # a spreadsheet writes days as its country does
    return Profile.model_validate(
        {
            "profile": f"plumbline_{table.name}", "system": "Plumbline", "description": f"Plumbline's own template: {table.description}",
            "table": table.name, "header": [c.name for c in table.columns if c.required],
            "mode": Mode.KEYED if table.home is Home.EXPORTS else Mode.SNAPSHOT,
            "columns": {c.name: {"from": named(table, c), "decimal": ".", "date": "auto" if c.kind in auto else "iso"} for c in table.columns},
        }
    )


def named(table: Table, column: Column) -> tuple[str, ...]:
    """The headers a template column is read from: in files people edit, its common names too."""
    return (column.name, *(column.aliases if table.home is not Home.EXPORTS else ()))


def recognise(header: Iterable[str], profiles: Iterable[Profile], file: str = "") -> list[Profile]:
    """The profiles that fit a header best: one where it is certain, several where they tie, none where unknown.

    Of several that tie, those count whose `named` words are in the file's path, if any are.
    """
    header = tuple(header)
    scored = [(profile.matches(header), profile) for profile in profiles]
    best = max((score for score, _ in scored), default=0)
    fits = [profile for score, profile in scored if score == best and score]
    told = [profile for profile in fits if any(word.casefold() in file.casefold() for word in profile.named)]
    return told if len(fits) > 1 and told else fits
