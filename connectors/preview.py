"""A few rows as a contract will see them: profiles applied in Python, for `plumbline map` to show beforehand.

`pipelines.casting` says the same in SQL for whole files; a test holds the two together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from iso4217 import Currency
from models import Column, Kind

from connectors.days import DateFormat, fits, is_sentinel, read_day, read_instant, read_month
from connectors.profile import Condition, Profile, Source
from connectors.reading.header import normalise
from connectors.values import (
    DAMAGED,
    SIGNS,
    NumberFormat,
    detect_date,
    detect_number,
    kept,
    names_another,
    read_number,
    read_share,
    read_yes_no,
)

Typed = str | int | bool | Decimal | date | datetime
SCALES: Mapping[str, int] = {"percent": -2, "thousand": 3, "million": 6}
"""Scales by which a number is multiplied, as powers of ten."""
NUMERIC = (Kind.MONEY, Kind.NUMBER, Kind.RATE, Kind.SHARE, Kind.COUNT)
DAYS = (Kind.DAY, Kind.INSTANT, Kind.MONTH)


@dataclass(frozen=True)
class Seen:
    """One mapped row: values by contract column, the texts that could not be read, and the rule that leaves it out, if one does."""

    values: Mapping[str, Typed | None]
    unread: Mapping[str, str] = field(default_factory=dict)
    left_out_by: str | None = None


@dataclass(frozen=True)
class ControlTotals:
    """What the rows come to: records, those with something unreadable, those left out by a rule, and the sum of `amount` by currency of the others."""

    records: int
    unread: int
    left_out: int
    sums: Mapping[str, Decimal]


class Cells:
    """The texts of one record by header, however the header is spelt; None where empty or a null token."""

    def __init__(self, header: Sequence[str], row: Sequence[str | None], null: Iterable[str] = ()) -> None:
        nothing = {"", *null}
        texts = ((name, (text or "").strip()) for name, text in zip(header, row, strict=True))
        self._texts = {normalise(name): text for name, text in texts if text not in nothing}

    def __call__(self, header: str) -> str | None:
        return self._texts.get(normalise(header))


def meets(condition: Condition, cell: Cells) -> bool:
    """Whether every column of a condition holds one of its texts."""
    return all(_meets(cell(header), [text.strip().lower() for text in texts]) for header, texts in condition.items())


def _meets(text: str | None, wanted: Sequence[str]) -> bool:
    return "" in wanted if text is None else "*" in wanted or text.lower() in wanted


def text_of(source: Source, cell: Cells) -> str | None:
    """The text that a source takes from a record, after its `values` map; None where there is nothing."""
    if source.value is not None:
        text: str | None = source.value
    elif source.join is not None:
        text = source.separator.join(filter(None, map(cell, source.join))) or None
    else:
        text = next(filter(None, map(cell, source.from_ or ())), None)
    if source.values is None and source.otherwise is None:
        return text
    given = {key.strip().lower(): word for key, word in (source.values or {}).items()}
    if text is None:
        return given.get("") or None
    return given.get(text.lower(), text if source.otherwise is None else source.otherwise) or None


def value_of(source: Source, column: Column, cell: Cells, currency: str | None = None) -> Typed | None:
    """The value of a contract column, None where it is empty or not readable; forms must be decided, not `auto`."""
    text = text_of(source, cell)
    if text is None:
        return None
    dates = DateFormat(source.date or "iso")
    if column.kind is Kind.TEXT:
        return _word(text, column)
    if column.kind is Kind.YES_NO:
        return read_yes_no(text)
    if column.kind in DAYS:
        if column.kind is Kind.INSTANT:
            return read_instant(text, dates, source.zone)
        return (read_month if column.kind is Kind.MONTH else read_day)(text, dates)
    number = _number(text, source, column, cell, currency)
    if number is None:
        return None
    flips = source.negate + (source.negate_when is not None and meets(source.negate_when, cell))
    number = -number if flips == 1 else number
    if column.kind is not Kind.COUNT:
        return number
    return int(number) if number == int(number) else None


def _number(text: str, source: Source, column: Column, cell: Cells, currency: str | None) -> Decimal | None:
    form = NumberFormat(source.decimal or ".")
    if column.kind is Kind.SHARE:
        return read_share(text, form, source.scale == "percent")
    if column.kind is Kind.MONEY and currency and names_another(text, currency):
        return None
    number = read_number(text, form)
    for header in source.minus or ():
        other = cell(header)
        taken = Decimal(0) if other is None else read_number(other, form)
        number = None if number is None or taken is None else number - taken
        number = None if number is None else kept(number)
    if number is not None and source.scale:
        number = number.scaleb(-_places(currency) if source.scale == "minor" else SCALES[source.scale])
    return None if number is None else kept(number, *((18, 10) if column.kind is Kind.RATE else (38, 12)))


def _places(currency: str | None) -> int:
    try:
        return Currency(currency).exponent or 0
    except ValueError:
        return 2


def _word(text: str, column: Column) -> str | None:
    if column.among:
        folded = {_folded(word): word for word in column.among}
        return folded.get(_folded(text))
    if column.name == "currency":
        code = SIGNS.get(text, text.upper())
        return code if len(code) == 3 and code.isascii() and code.isalpha() else None
    return None if column.name.endswith(("_id", "_number")) and fits(DAMAGED, text) else text


def _folded(word: str) -> str:
    return word.lower().replace(" ", "_").replace("-", "_")


def decided(profile: Profile, header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> dict[str, Source]:
    """The profile's sources with every `auto` replaced by what the rows show; without those that they leave open."""
    cells = [Cells(header, row, profile.empty) for row in rows]
    found: dict[str, Source] = {}
    for name, source in profile.columns.items():
        texts = [text for cell in cells if (text := text_of(source, cell))]
        update: dict[str, str | None] = {}
        if source.decimal == "auto":
            numbers = detect_number(texts).format
            update["decimal"] = numbers.decimal if isinstance(numbers, NumberFormat) else None
        if source.date == "auto":
            days = detect_date(texts, profile.contract is not None and profile.contract[name].kind is Kind.MONTH).format
            update["date"] = days.order if isinstance(days, DateFormat) else None
        if None not in update.values():
            found[name] = source.model_copy(update=update)
    return found


def preview(
    profile: Profile, header: Sequence[str], rows: Sequence[Sequence[str | None]], limit: int | None = 5
) -> list[Seen]:
    """The first `limit` rows (None: all) as the contract sees them; a profile without a table has none."""
    contract = profile.contract
    if contract is None:
        return []
    sources = decided(profile, header, rows)
    seen = []
    for row in rows[:limit]:
        cell = Cells(header, row, profile.empty)
        told = text_of(sources["currency"], cell) if "currency" in sources else None
        code = _word(told, contract["currency"]) if told else None
        values: dict[str, Typed | None] = {}
        unread = {}
        for name, source in sources.items():
            column, text = contract[name], text_of(source, cell)
            values[name] = value_of(source, column, cell, code)
            nothing = text is None or (column.kind in DAYS and is_sentinel(text))
            if values[name] is None and text is not None and not nothing:
                unread[name] = text
        seen.append(Seen(values, unread, left_out(profile, cell)))
    return seen


def left_out(profile: Profile, cell: Cells) -> str | None:
    """The first of the profile's rules that leaves a record out."""
    met = (rule for rule in profile.exclude if meets(rule.when or rule.unless or {}, cell) == (rule.when is not None))
    return next((rule.rule for rule in met), None)


def control_totals(profile: Profile, header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> ControlTotals:
    """Records and sums of the rows, to be held against the system they come from. Currency `?`: none was read."""
    seen = preview(profile, header, rows, limit=None)
    sums: dict[str, Decimal] = {}
    counted = [row for row in seen if row.left_out_by is None]
    for row in counted:
        amount = row.values.get("amount")
        if isinstance(amount, Decimal):
            code = str(row.values.get("currency") or "?")
            sums[code] = sums.get(code, Decimal(0)) + amount
    return ControlTotals(len(rows), sum(bool(row.unread) for row in counted), len(seen) - len(counted), dict(sorted(sums.items())))
