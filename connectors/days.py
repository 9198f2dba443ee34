"""Days, months and instants: the shapes in which texts hold them.

The grammars are regular expressions that Python's `re` and DuckDB's RE2 read alike, so that the reader
here and the SQL in `pipelines.casting` can be proven equal. Texts come without outer blanks.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from zoneinfo import ZoneInfo

BLANK = "[ \u00a0\u2009\u202f]"
PIVOT = 70
"""Years of two digits: 00-69 are 2000-2069, 70-99 are 1970-1999."""
SERIALS = (20000, 60000)
"""Excel's day numbers that count as days: 1954-10-03 to 2064-04-08, in the 1900 system."""
EXCEL_EPOCH = date(1899, 12, 30)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text is of a pattern."""
    return compiled(pattern).fullmatch(text) is not None


_MONTH_NAMES = (
    "jan january januar jänner janvier janv enero ene janeiro gennaio gen januari styczeń stycznia",
    "feb february februar febr février fevrier févr fevr fév fev febrero fevereiro febbraio februari luty lutego",
    "mar march märz maerz mrz mär mars marzo março marco maart mrt marts marzec marca",
    "apr april avril avr abril abr aprile kwiecień kwietnia",
    "may mai mayo maio mag maggio mei maj maja",
    "jun june juni juin junio junho giugno giu czerwiec czerwca",
    "jul july juli juillet juil julio julho luglio lug lipiec lipca",
    "aug august août aout agosto ago augustus augusti sierpień sierpnia",
    "sep sept september septembre septiembre set setembro settembre wrzesień września",
    "oct october oktober okt octobre octubre outubro out ottobre ott październik października",
    "nov november novembre noviembre novembro listopad listopada",
    "dec december dezember dez décembre decembre déc diciembre dic dezembro dicembre desember grudzień grudnia",
)
MONTHS: Mapping[str, int] = {name: n for n, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
"""Month names and abbreviations in English, German, French, Spanish, Portuguese, Italian, Dutch, Polish and the Scandinavian languages."""

NAME = f"(?i:{'|'.join(sorted(MONTHS, key=len, reverse=True))})"
_YEAR = "(?:19|20|21)[0-9]{2}"
_ANY_YEAR = f"(?:{_YEAR}|[0-9]{{2}})"
_MONTH = "(?:0?[1-9]|1[0-2])"
_DAY = "(?:0?[1-9]|[12][0-9]|3[01])"
_MONTH2, _DAY2 = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
_CLOCK12 = r"(?:0?[1-9]|1[0-2]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
HALF = rf"{BLANK}?[AaPp]\.?[Mm]\.?"
OFFSET = "[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?"
TIME = rf"(?:(?:T|,?{BLANK}+)(?:{CLOCK}|{_CLOCK12}{HALF})(?: ?(?:Z|UTC|GMT|{OFFSET}))?)?"
"""An optional time of day, with an optional offset from UTC."""


@dataclass(frozen=True)
class Shape:
    """One way to write a day: its look, a pattern whose groups are its parts, and what each is (y, m, d; n: a name)."""

    look: str
    groups: str
    parts: str


def _separated(*parts: str) -> str:
    return "|".join(sep.join(parts) for sep in ("/", r"\.", "-"))


_THREE = "^([0-9]+)[/.-]([0-9]+)[/.-]([0-9]+)"
ISO = Shape(f"{_YEAR}-{_MONTH2}-{_DAY2}", _THREE, "ymd")
_NAMED = Shape(
    rf"{_DAY}(?:st|nd|rd|th)?(?:[ /.-]|\. | de )?{NAME}\.?(?:,? |[/.-]| de )?{_ANY_YEAR}"
    rf"|{NAME}\.?[ -]{_DAY}(?:st|nd|rd|th)?,? {_YEAR}",
    "^[^0-9]*([0-9]+)[^0-9]+([0-9]+)",
    "dyn",
)
SHAPES: Mapping[str, tuple[Shape, ...]] = {
    "iso": (ISO,),
    "dmy": (ISO, Shape(_separated(_DAY, _MONTH, _ANY_YEAR), _THREE, "dmy"), _NAMED),
    "mdy": (ISO, Shape(_separated(_MONTH, _DAY, _ANY_YEAR), _THREE, "mdy"), _NAMED),
    "ymd": (
        ISO,
        Shape(_separated(_ANY_YEAR, _MONTH, _DAY), _THREE, "ymd"),
        Shape(f"{_YEAR}{_MONTH2}{_DAY2}", "^([0-9]{4})([0-9]{2})([0-9]{2})", "ymd"),
    ),
}
"""The shapes of each order. An ISO day is certain wherever it stands, so every order takes it."""
MONTH_SHAPES = (
    Shape(_separated(_YEAR, _MONTH), "^([0-9]{4})[/.-]([0-9]+)", "ym"),
    Shape(_separated(_MONTH, _YEAR), "^([0-9]+)[/.-]([0-9]{4})", "my"),
    Shape(f"{_YEAR}{_MONTH2}", "^([0-9]{4})([0-9]{2})", "ym"),
    Shape(rf"{NAME}\.?(?: |[/.'-]| de )?{_ANY_YEAR}", "([0-9]+)", "yn"),
)
SERIAL = r"[2-6][0-9]{4}(?:\.[0-9]+)?"
UNIX = r"[0-9]{9,10}(?:\.[0-9]{1,6})?"
SENTINEL = (
    rf"(?i:never(?: logged in)?)|/Date\(0(?:[+-]0000)?\)/"
    rf"|(?:0001-01-01|0000-00-00|9999-12-31|0?1[/.-]0?1[/.-]0001|00[/.-]00[/.-]0000|31[/.-]12[/.-]9999|12[/.-]31[/.-]9999){TIME}"
)
"""Texts by which systems write that there is no day; they are read as empty and counted."""


@dataclass(frozen=True)
class DateFormat:
    """How days are written: `iso`, `dmy`, `mdy`, `ymd`, `excel` (serials), `unix` (seconds) or a strptime pattern."""

    order: str = "iso"

    def __post_init__(self) -> None:
        if self.order not in (*SHAPES, "excel", "unix") and ("%" not in self.order or "%z" in self.order):
            orders = ", ".join((*SHAPES, "excel", "unix"))
            raise ValueError(f"a date order is {orders} or a strptime pattern without %z, not {self.order!r}")


def is_sentinel(text: str) -> bool:
    """Whether a text in a column of days says that there is none."""
    return fits(SENTINEL, text)


def _by_shape(text: str, shapes: Sequence[Shape], rest: str) -> date | None:
    for shape in shapes:
        if not fits(f"(?:{shape.look}){rest}", text):
            continue
        found = compiled(shape.groups).search(text)
        part = dict(zip(shape.parts, found.groups() if found else (), strict=False))
        name = compiled(NAME).search(text) if "n" in shape.parts else None
        month = MONTHS.get(name[0].lower(), 0) if name else int(part["m"])
        year = int(part["y"]) + (0 if len(part["y"]) == 4 else 2000 if int(part["y"]) < PIVOT else 1900)
        try:
            return date(year, month, int(part.get("d", 1)))
        except ValueError:
            return None
    return None


def _seconds(text: str) -> timedelta:
    return timedelta(microseconds=int(Decimal(text) * 1_000_000))


def _local(text: str, form: DateFormat) -> datetime | None:
    """Day and time of day as written, without regard to an offset."""
    if form.order == "excel":
        if not fits(SERIAL, text) or not SERIALS[0] <= Decimal(text) < SERIALS[1] + 1:
            return None
        # Excel keeps instants as fractions of a day in binary, so whole seconds come back a few microseconds off.
        seconds = (Decimal(text) % 1 * 86400).quantize(Decimal(1), ROUND_HALF_UP)
        return datetime.combine(EXCEL_EPOCH, time()) + timedelta(days=int(Decimal(text)), seconds=int(seconds))
    if form.order == "unix":
        return datetime(1970, 1, 1) + _seconds(text) if fits(UNIX, text) else None
    if "%" in form.order:
        try:
            return datetime.strptime(text, form.order)
        except ValueError:
            return None
    day = _by_shape(text, SHAPES[form.order], TIME)
    if day is None:
        return None
    found = compiled(CLOCK).search(text)
    if not found:
        return datetime.combine(day, time())
    hours, minutes, seconds_text = (*found[0].replace(",", ".").split(":"), "0")[:3]
    hour = int(hours)
    if half := compiled(f"[0-9]{HALF}").search(text):
        hour = hour % 12 + (12 if "p" in half[0].lower() else 0)
    return datetime.combine(day, time()) + timedelta(hours=hour, minutes=int(minutes)) + _seconds(seconds_text)


def read_day(text: str, form: DateFormat) -> date | None:
    """The day in a text, as written there: an instant gives the day before its offset is applied."""
    if form.order in SHAPES:
        return _by_shape(text, SHAPES[form.order], TIME)
    found = _local(text, form)
    return found.date() if found else None


def read_month(text: str, form: DateFormat) -> date | None:
    """The first day of the month in a text that names a month (`2026-03`, `03/2026`, `Mar 2026`) or a day in it."""
    day = _by_shape(text, MONTH_SHAPES, "") or read_day(text, form)
    return day.replace(day=1) if day else None


def read_instant(text: str, form: DateFormat, zone: str | None = None) -> datetime | None:
    """The instant in a text, in UTC without a zone. A text without offset is a local time of `zone` (None: UTC).

    None too where the local time does not exist or exists twice, on the days when clocks change.
    """
    local = _local(text, form)
    if local is None or form.order == "unix" or fits(".*[0-9] ?(?:Z|UTC|GMT)", text):
        return local
    offset = compiled(f":[0-9]{{2}}(?:[.,][0-9]+)?(?:{HALF})? ?({OFFSET})$").search(text)
    if offset:
        sign, digits = offset[1][0], f"{offset[1][1:].replace(':', '')}00"
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
        return local - shift if sign == "+" else local + shift
    if zone is None:
        return local
    folds = {local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC).replace(tzinfo=None) for fold in (0, 1)}
    return folds.pop() if len(folds) == 1 else None


_PERIODS = tuple(
    re.compile(rf"(?<![0-9])(?:{pattern})(?![0-9])")
    for pattern in (
        rf"(?P<y>{_YEAR})[-_. ]?(?P<m>{_MONTH2})(?:[-_. ]?(?P<d>{_DAY2}))?",
        rf"(?P<m>{_MONTH2})[-_. ](?P<y>{_YEAR})",
        rf"(?P<y>{_YEAR})[-_. ]*(?P<n>{NAME})(?![a-zA-Z])",
        rf"(?:(?P<d>{_DAY2})[-_. ]*)?(?<![a-zA-Z])(?P<n>{NAME})[-_. ,]*(?P<y>{_YEAR})",
        rf"(?<![a-zA-Z])(?P<n>{NAME})(?![a-zA-Z])",
    )
)


def named_period(name: str) -> tuple[int, int, int]:
    """Year, month and day that a file's name tells (`2026-03`, `20260331`, `March 2026`, `mar`), 0 for what it does not."""
    for pattern in _PERIODS:
        if found := pattern.search(name):
            told = found.groupdict()
            month = MONTHS[told["n"].lower()] if told.get("n") else int(told["m"])
            return int(told.get("y") or 0), month, int(told.get("d") or 0)
    return 0, 0, 0
