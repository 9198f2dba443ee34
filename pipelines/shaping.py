"""From text cells to typed rows of a contract: a profile, compiled to one SELECT."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.profile import Condition, Exclusion, Profile, Source
from connectors.reading.header import normalise
from models import Column, Kind, Table
from pipelines.casting import column_sql, condition_sql, quoted, text_sql, usual_look
from pipelines.forms import fits_currency_sql, matches, one_of

NUMERIC = {Kind.MONEY, Kind.NUMBER, Kind.COUNT, Kind.SHARE, Kind.RATE}
DATED = {Kind.DAY, Kind.INSTANT, Kind.MONTH}
IDENTIFIERS = ("_id", "_number")
"""Endings of columns that identify: a number that Excel wrote as 1.23457E+11 says no longer which."""
PIECE, FIELD = "chr(30)", "chr(31)"
"""Separators inside `record_problem`; neither can stand in a cell, since the readers refuse control characters as text."""


@dataclass(frozen=True)
class Cells:
    """The headers that can be selected from: of the file itself, and of lookups by their name."""

    positions: Mapping[str, int]
    lookups: Mapping[str, Mapping[str, int]]
    null: tuple[str, ...]
    is_trimmed: bool = False

    def has(self, header: str) -> bool:
        return self.place(header) is not None

    def place(self, header: str) -> tuple[str, int] | None:
        """Alias and position of a header, or None where the file lacks it."""
        if normalise(header) in self.positions:
            return "t", self.positions[normalise(header)]
        name, dot, rest = header.partition(".")
        if dot and name in self.lookups and normalise(rest) in self.lookups[name]:
            return name, self.lookups[name][normalise(rest)]
        return None

    def sql(self, header: str) -> str:
        """A cell by the name that `projection` gives it, or null where the file lacks it."""
        place = self.place(header)
        return f"{place[0]}_c{place[1]}" if place else "cast(null as varchar)"

    def text(self, header: str) -> str:
        """A cell as it is computed: trimmed, null where it is empty or a null token."""
        place = self.place(header)
        if place is None:
            return "cast(null as varchar)"
        cell = f'"{place[0]}".c{place[1]}'
        if place[0] != "t" or not self.is_trimmed:
            cell = f"nullif(trim({cell}, {BLANKS}), '')"
        for token in self.null:
            cell = f"nullif({cell}, {quoted(token)})"
        return cell

    def projection(self, headers: Iterable[str]) -> str:
        """Every cell of these headers, named, so that none is computed twice."""
        named = {self.sql(header): self.text(header) for header in headers if self.has(header)}
        return "".join(f", {text} as {name}" for name, text in named.items())


ADDABLE = "DECIMAL(25,12)"
"""The money that is taken: of ten trillions and more no number of lines could be added up, neither as it came nor as DECIMAL(18,4)."""
FOURTEEN = r"[0-9](?:[., '\x{2019}]?[0-9]){13}"
"""So many digits in a text make it an amount that is too large, where it is not read."""

BLANKS = "' ' || chr(9) || chr(160)"


def positions(header: Sequence[str]) -> dict[str, int]:
    """Header -> position; of headers that repeat, the first."""
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        found.setdefault(normalise(name), place)
    return found


def mapped(profile: Profile, cells: Cells) -> dict[str, Source]:
    """The profile's columns that this file can fill; of several headers, those it has."""
    found = {}
    for name, source in profile.columns.items():
        if source.value is not None:
            found[name] = source
            continue
        if source.join is not None:
            if all(cells.has(header) for header in source.join):
                found[name] = source
            continue
        present = tuple(header for header in source.from_ or () if cells.has(header))
        if present:
            found[name] = source.model_copy(update={"from_": present})
    return found


def looks(table: Table, columns: Mapping[str, Source], cells: Cells) -> dict[str, str]:
    """By column, whether all its texts have the usual look: aggregates over the relation that `shape` is given."""
    found = {name: look for name, source in columns.items() if (look := usual_look(source, table[name]))}
    return {name: f"bool_and(coalesce({matches(cells.text((columns[name].from_ or ('',))[0]), look)}, true))" for name, look in found.items()}


def shape(profile: Profile, table: Table, columns: Mapping[str, Source], cells: Cells, relation: str, currencies: Iterable[str], usual: Container[str] = ()) -> str:
    """The SELECT of typed rows of files of one layout, each with its status: loaded, quarantined or excluded, and why.

    `usual`: the columns all of whose texts are known to have the look of `usual_look`.
    """
    currency = column_sql(columns["currency"], table["currency"], cells.sql) if "currency" in columns else None
    typed = "".join(f', {value_sql(source, table[name], cells.sql, currency, name in usual)} as "{name}"' for name, source in columns.items())
    faults = [fault for column in table.columns for fault in problems(column, columns.get(column.name), cells.sql, currencies, column.name in usual, currency)]
    found = ""
    for name, lookup in profile.lookups.items():
        if lookup.required:
            here = cells.sql(next(iter(lookup.on)))
            is_found = f'"{name}".is_found is not null' if name in cells.lookups else "false"
            found += f", {is_found} as {name}_found"
            faults.append((f"not {name}_found", said(name, f"no {name}", f"coalesce({here}, '')")))
    # The texts are put together only for rows that have a fault, which in a good file is none.
    pieces = ", ".join(f"case when {when} then {text} end" for when, text in faults)
    problem = f"case when {' or '.join(when for when, _ in faults)} then concat_ws({PIECE}, {pieces}) end" if faults else "cast(null as varchar)"
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"select {names}, line, delivery_no, record_rule, {problem} as record_problem, "
        "case when record_rule is not null then 'excluded' when record_problem is not null then 'quarantined' else 'loaded' end as record_status "
        f"from (select *{typed}, {rule_sql(profile.exclude, cells.sql)} as record_rule "
        f"from (select t.line, t.delivery_no{cells.projection(profile.headers)}{found} from {relation}))"
    )


def value_sql(source: Source, column: Column, cell: Callable[[str], str], currency: str | None = None, usual: bool = False) -> str:
    """The typed value of a column, with what the profile says of when it holds. `currency`: SQL of the row's code, by which minor units are counted."""
    guarded_source, source = source, source.model_copy(update={"otherwise": None}) if is_guarded(source) else source
    value = column_sql(source, column, cell, currency, usual)
    if source.exclusive:
        value = f"cast({column_sql(source, replace(column, kind=Kind.INSTANT), cell)} - interval 1 second as date)"
    if source.minus_when is not None:
        plain = column_sql(source.model_copy(update={"minus": None}), column, cell, currency)
        value = f"case when {condition_sql(source.minus_when, cell)} then {value} else {plain} end"
    if column.kind is Kind.MONEY:
        value = f"cast(try_cast({value} as {ADDABLE}) as {column.kind.duckdb})"
    if source.prefix:
        value = f"{quoted(source.prefix)} || {value}"
    return guarded(guarded_source, cell, value, f"cast({quoted(guarded_source.otherwise or '')} as {column.kind.duckdb})")


def cell_sql(source: Source, column: Column, cell: Callable[[str], str], usual: bool = False) -> str:
    """The text that the value was read from, as a quarantine listing shows it."""
    plain = source.model_copy(update={"otherwise": None}) if is_guarded(source) else source
    return guarded(source, cell, text_sql(plain, column, cell, usual), quoted(source.otherwise or ""))


def is_guarded(source: Source) -> bool:
    """Whether `otherwise` is what stands there when a condition does not hold, and not the rest of `values`."""
    return source.only_when is not None or source.except_when is not None


def guarded(source: Source, cell: Callable[[str], str], value: str, otherwise: str) -> str:
    """The value where the profile's condition lets it stand, else what it says stands there."""
    condition: Condition | None = source.only_when if source.only_when is not None else source.except_when
    if condition is None:
        return value
    instead = otherwise if source.otherwise is not None else "null"
    met = f"coalesce({condition_sql(condition, cell)}, false)"
    return f"case when {met} then {value} else {instead} end" if source.only_when is not None else f"case when {met} then {instead} else {value} end"


Fault = tuple[str, str]
"""When a cell is wrong, in SQL, and the SQL of what is said of it."""


def problems(column: Column, source: Source | None, cell: Callable[[str], str], currencies: Iterable[str], usual: bool = False, currency: str | None = None) -> list[Fault]:
    """What can be wrong with a column's cell; an amount of the usual look that is not read can only be too large."""
    name = f'"{column.name}"'
    if source is None:
        return [("true", said(column.name, "missing", "''"))] if column.required else []
    text = cell_sql(source, column, cell, usual)
    found = []
    unread = f"{name} is null and {text} is not null"
    rule = "too large" if column.kind is Kind.MONEY and usual and not source.minus else unreadable(column)
    if column.kind is Kind.MONEY and rule != "too large":
        large = f"regexp_matches({text}, {quoted(FOURTEEN)})"
        found.append((f"{unread} and {large}", said(column.name, "too large", text)))
        unread = f"{unread} and not {large}"
        if currency:
            other = f"not {fits_currency_sql(text, currency)}"
            found.append((f"{unread} and {other}", said(column.name, "names another currency than its row", text)))
            unread = f"{unread} and not ({other})"
    if column.kind is not Kind.TEXT or column.among or column.name.endswith(IDENTIFIERS):
        found.append((unread, said(column.name, rule, text)))
    if column.name == "currency":
        found.append((f"not {one_of(name, currencies)}", said(column.name, "unknown currency", text)))
    if column.required:
        found.append((f"{name} is null and {text} is null", said(column.name, "missing", "''")))
    if column.minimum is not None:
        found.append((f"{name} < {column.minimum}", said(column.name, f"below {column.minimum}", text)))
    if column.above is not None:
        found.append((f"{name} <= {column.above}", said(column.name, f"not above {column.above}", text)))
    if column.maximum is not None:
        found.append((f"{name} > {column.maximum}", said(column.name, f"above {column.maximum}", text)))
    return found


def said(name: str, rule: str, text: str) -> str:
    """`column`, rule and the cell's text, parted by control characters."""
    return f"{quoted(name)} || {FIELD} || {quoted(rule)} || {FIELD} || {text}"


def unreadable(column: Column) -> str:
    """The rule that a cell breaks when it is not empty and yet has no value."""
    if column.among:
        return f"not one of {', '.join(column.among)}"
    return {
        Kind.DAY: "not a date", Kind.INSTANT: "not a date and time", Kind.MONTH: "not a month",
        Kind.YES_NO: "not yes or no", Kind.COUNT: "not a whole number", Kind.TEXT: "cut off by a spreadsheet",
    }.get(column.kind, "not a number")  # fmt: skip


def rule_sql(exclusions: Sequence[Exclusion], cell: Callable[[str], str]) -> str:
    """The first exclusion rule that a record meets, or null."""
    if not exclusions:
        return "cast(null as varchar)"
    cases = []
    for exclusion in exclusions:
        met = condition_sql(exclusion.when or exclusion.unless or {}, cell)
        cases.append(f"when {met if exclusion.when is not None else f'not coalesce({met}, false)'} then {quoted(exclusion.rule)}")
    return f"case {' '.join(cases)} end"
