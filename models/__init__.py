"""What the words mean: every table that comes in, column by column.

A table is described once, here. From its `Column`s come the raw table (there even when nothing
fills it), the great-expectations suite, the comments in DuckDB, the CSV template of `plumbline init`,
Dagster's column schema and the data dictionary. One module a subject; a new module is found by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

Value = str | int | float | bool


class Kind(StrEnum):
    """What a value is, and so how its text is read and how DuckDB keeps it."""

    TEXT = "text"
    DAY = "day"
    INSTANT = "instant"
    MONTH = "month"
    MONEY = "money"
    NUMBER = "number"
    COUNT = "count"
    SHARE = "share"
    RATE = "rate"
    YES_NO = "yes_no"

    @property
    def duckdb(self) -> str:
        """The DuckDB type; never a float, since sums of floats depend on their order."""
        return DUCKDB_TYPES[self]


DUCKDB_TYPES: Mapping[Kind, str] = {
    Kind.TEXT: "VARCHAR",
    Kind.DAY: "DATE",
    Kind.INSTANT: "TIMESTAMP",
    Kind.MONTH: "DATE",
    Kind.MONEY: "DECIMAL(38,12)",
    Kind.NUMBER: "DECIMAL(38,12)",
    Kind.COUNT: "BIGINT",
    Kind.SHARE: "DECIMAL(18,10)",
    Kind.RATE: "DECIMAL(18,10)",
    Kind.YES_NO: "BOOLEAN",
}


class Privacy(StrEnum):
    """Who may see a column: `personal` and `confidential` leave staging only as aggregates or pseudonyms."""

    OPEN = "open"
    PERSONAL = "personal"
    CONFIDENTIAL = "confidential"


class Home(StrEnum):
    """Where rows of a table come from: a folder of the workspace that people edit, or exports and connectors."""

    EXPORTS = "exports"
    STRATEGY = "strategy"
    DECISIONS = "decisions"


@dataclass(frozen=True)
class Column:
    """One column of an input.

    `required`: an empty cell quarantines the row. `among`: the values allowed, compared without case. `minimum` and
    `maximum` are allowed themselves, `above` is not.
    `refers_to`: `table.column` that must hold the value, where that table has rows. `aliases`: names the
    column has in other systems, which `plumbline map` proposes.
    """

    name: str
    kind: Kind
    description: str
    required: bool = False
    among: tuple[str, ...] = ()
    minimum: int | None = None
    above: int | None = None
    maximum: int | None = None
    refers_to: str | None = None
    privacy: Privacy = Privacy.OPEN
    aliases: tuple[str, ...] = ()
    example: str = ""


@dataclass(frozen=True)
class Table:
    """One kind of input row. `key` names the columns that identify a row within its source, `file` its CSV template."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    home: Home = Home.EXPORTS
    file: str = ""

    @property
    def file_name(self) -> str:
        """The CSV file people edit in the workspace; both it and the table's bare name are read."""
        return f"{self.file or self.name + 's'}.csv"

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


PROVENANCE = (
    Column("source", Kind.TEXT, "The source the record came from, as named in plumbline.yml or by its folder."),
    Column("delivery_id", Kind.TEXT, "The kept delivery that holds the record's original bytes."),
    Column("source_file", Kind.TEXT, "The file's name as delivered, with member or sheet where it has several."),
    Column("source_row", Kind.COUNT, "The physical line or row of the file on which the record starts."),
)
"""Columns that every raw table carries beside its own."""


@cache
def tables() -> Mapping[str, Table]:
    """All contracts by name, in the order of their modules and of their definition in them."""
    found: dict[str, Table] = {}
    for module in sorted(iter_modules(__path__), key=lambda m: m.name):
        members = vars(import_module(f"{__name__}.{module.name}")).values()
        found.update({member.name: member for member in members if isinstance(member, Table)})
    return found
