"""Profiles as DuckDB SQL: how the cells of a row become the typed values of a contract.

A value is NULL only where its cells are empty or not readable, and `text_sql` tells which: a row whose text
is not NULL while its value is goes to quarantine.
"""

from collections.abc import Callable
from itertools import permutations

from iso4217 import Currency

from connectors.days import SENTINEL, SHAPES, DateFormat
from connectors.preview import SCALES
from connectors.profile import Condition, Source
from connectors.values import DAMAGED, PERCENT, PERCENTAGE, NumberFormat
from models import Column, Kind
from pipelines.forms import (
    USUAL_COUNT,
    USUAL_MONTH,
    among_sql,
    count_sql,
    currency_sql,
    day_sql,
    fits_currency_sql,
    instant_sql,
    matches,
    month_sql,
    number_sql,
    one_of,
    quoted,
    sentinel_sql,
    share_sql,
    shifted,
    usual_day,
    usual_instant,
    usual_number,
    yes_no_sql,
)

Cell = Callable[[str], str]
"""Header -> SQL of the trimmed text of that cell, NULL where it is empty."""


def _origin_sql(source: Source, cell: Cell) -> str:
    if source.value is not None:
        return quoted(source.value)
    if source.join is not None:
        joined = f"concat_ws({quoted(source.separator)}, {', '.join(map(cell, source.join))})"
        return f"nullif({joined}, '')"
    cells = [cell(header) for header in source.from_ or ()]
    return cells[0] if len(cells) == 1 else f"coalesce({', '.join(cells)})"


def _mapped_sql(source: Source, cell: Cell) -> str:
    text = _origin_sql(source, cell)
    if source.values is None and source.otherwise is None:
        return text
    given = {key.strip().lower(): word for key, word in (source.values or {}).items()}
    empty = f"when {text} is null then {quoted(given.pop('')) if '' in given else 'null'}"
    whens = " ".join(f"when lower({text}) = {quoted(key)} then {quoted(word)}" for key, word in given.items())
    other = text if source.otherwise is None else quoted(source.otherwise)
    return f"nullif(case {empty} {whens} else {other} end, '')"


def text_sql(source: Source, column: Column, cell: Cell, usual: bool = False) -> str:
    """VARCHAR: the text that the value is read from, as it stands in the file.

    NULL where the cells are empty or say by a declared word or a date's sentinel that there is nothing. Where
    this is not NULL and `column_sql` is, the row holds what cannot be read. `usual` as of `column_sql`: no sentinel
    has that look.
    """
    text = _origin_sql(source, cell)
    if source.minus:
        text = f"nullif(concat_ws(' minus ', {', '.join([text, *map(cell, source.minus)])}), '')"
    elif source.values is not None or source.otherwise is not None:
        text = f"case when {_mapped_sql(source, cell)} is not null then {text} end"
    if column.kind in (Kind.DAY, Kind.INSTANT, Kind.MONTH) and not usual:
        text = f"case when not {sentinel_sql(text)} then {text} end"
    return text


def usual_look(source: Source, column: Column) -> str | None:
    """The pattern of texts as programs write them, for which `column_sql` has a short way; None where there is none.

    A short way is worth a look at all of a small file: planning the long one, with every way that people write a number
    or a day, takes DuckDB up to 40 ms a column.
    """
    if len(source.from_ or ()) != 1 or source.values is not None or source.otherwise is not None:
        return None
    form, dates = NumberFormat(source.decimal or "."), DateFormat(source.date or "iso")
    match column.kind:
        case Kind.TEXT | Kind.YES_NO:
            return None
        case Kind.DAY:
            return usual_day(dates)
        case Kind.MONTH:
            return USUAL_MONTH
        case Kind.INSTANT:
            return usual_instant(dates)
        case Kind.COUNT:
            return USUAL_COUNT
    return usual_number(form)


def column_sql(source: Source, column: Column, cell: Cell, currency: str | None = None, usual: bool = False) -> str:
    """The typed value of a profile's column, of DuckDB type `column.kind.duckdb`.

    `decimal` and `date` of the source must be decided (None: `.` and `iso`). `currency`: SQL of the row's ISO
    code, by which `scale: minor` counts decimals. `usual`: all texts are known to be of `usual_look`. Raises ValueError
    for a form that is still `auto`.
    """
    if "auto" in (source.decimal, source.date):
        raise ValueError(f"{column.name}: its form is still `auto`; decide it by its values first")
    text = _mapped_sql(source, cell)
    form, dates = NumberFormat(source.decimal or "."), DateFormat(source.date or "iso")
    match column.kind:
        case Kind.TEXT:
            return _word_sql(text, column)
        case Kind.YES_NO:
            return yes_no_sql(text)
        case Kind.DAY:
            return day_sql(text, dates, usual=usual)
        case Kind.MONTH:
            return month_sql(text, dates, usual=usual)
        case Kind.INSTANT:
            return instant_sql(text, dates, source.zone, usual=usual)
        case Kind.COUNT:
            return _signed(count_sql(text, form, usual), source, cell)
        case Kind.SHARE:
            return _signed(share_sql(text, form, source.scale == "percent", usual), source, cell)
    number = number_sql(text, form, usual, fits_currency_sql(text, currency) if currency and column.kind is Kind.MONEY else None)
    for header in source.minus or ():
        other = f"case when {cell(header)} is null then 0 else {number_sql(cell(header), form)} end"
        number = f"try({number} - {other})"
    if source.scale:
        number = _minor(number, currency) if source.scale == "minor" else shifted(number, f"'e{SCALES[source.scale]}'")
    number = _signed(number, source, cell)
    plain = column.kind.duckdb == "DECIMAL(38,12)" and not source.scale and not source.minus
    return number if plain else f"try_cast({number} as {column.kind.duckdb})"


def _minor(number: str, currency: str | None) -> str:
    """Minor units as money, by the decimals of the currency in ISO 4217; two where it is not known."""
    if currency is None:
        return shifted(number, "'e-2'")
    whens = "".join(
        f" when {one_of(currency, codes)} then {quoted(f'e-{places}')}"
        for places in (0, 3, 4)
        if (codes := sorted(c.code for c in Currency if c.exponent == places))
    )
    return shifted(number, f"case{whens} else 'e-2' end")


def _word_sql(text: str, column: Column) -> str:
    if column.among:
        return among_sql(text, column.among)
    if column.name == "currency":
        return currency_sql(text)
    if column.name.endswith(("_id", "_number")):
        # The look for two letters is cheap, and hardly any text has them.
        return f"case when not (contains({text}, 'E+') and {matches(text, DAMAGED)}) then {text} end"
    return text


def _signed(number: str, source: Source, cell: Cell) -> str:
    if source.negate_when is not None:
        when = condition_sql(source.negate_when, cell)
        number = f"case when {when} then -({number}) else {number} end"
    return f"(-({number}))" if source.negate else number


def condition_sql(condition: Condition, cell: Cell) -> str:
    """BOOLEAN, never NULL: every column of the condition holds one of its texts (`""`: is empty, `*`: is not)."""
    return " and ".join(f"({_meets(cell(header), texts)})" for header, texts in condition.items()) or "true"


def _meets(text: str, wanted: tuple[str, ...]) -> str:
    words = tuple(dict.fromkeys(word.strip().lower() for word in wanted))
    tests = [f"{text} is null"] if "" in words else []
    if "*" in words:
        tests.append(f"{text} is not null")
    elif others := [word for word in words if word]:
        tests.append(f"coalesce({one_of(f'lower({text})', others)}, false)")
    return " or ".join(tests) or "false"


def witnesses_sql(relation: str, expr: str, kind: Kind) -> str:
    """A SELECT of few `text`s by which `detect_number` or `detect_date` decide as they would by all of the column's.

    One text for each way in which two forms disagree about it, so a column of a million rows is decided in DuckDB;
    counts of the decision then count the witnesses only.
    """
    if kind in (Kind.DAY, Kind.INSTANT, Kind.MONTH):
        read = month_sql if kind is Kind.MONTH else day_sql
        forms = [read("text", DateFormat(order)) for order in SHAPES]
        apart = [matches("text", SENTINEL), f"{day_sql('text', DateFormat('excel'))} is not null"]
    else:
        bare = f"case when {matches('text', PERCENTAGE)} then regexp_replace(text, {quoted(PERCENT)}, '') else text end"
        forms, apart = [number_sql("bare", NumberFormat(mark)) for mark in ".,"], ["false"]
    bare = bare if kind not in (Kind.DAY, Kind.INSTANT, Kind.MONTH) else "text"
    none = " and ".join(f"r{i} is null" for i in range(len(forms)))
    tests = [f"r{a} is not null and r{b} is null" for a, b in permutations(range(len(forms)), 2)]
    tests += [f"r{a} <> r{b}" for a, b in permutations(range(len(forms)), 2) if a < b]
    tests += ["r0 is not null", *apart, f"{none} and not ({' or '.join(apart)})"]
    readings = ", ".join(f"{form} as r{i}" for i, form in enumerate(forms))
    chosen = ", ".join(f"min(text) filter ({test})" for test in tests)
    return (
        f"with texts as (select distinct {expr} as text from {relation} where {expr} is not null), "
        f"bared as (select text, {bare} as bare from texts), "
        f"readings as (select text, {readings} from bared), "
        f"witnesses as (select unnest([{chosen}]) as text from readings) "
        "select distinct text from witnesses where text is not null order by text"
    )
