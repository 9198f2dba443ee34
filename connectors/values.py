"""The forms in which texts hold numbers, days and instants, and how to tell which one a column has.

The grammars are regular expressions that Python's `re` and DuckDB's RE2 read alike, so that the reader
here and the SQL in `pipelines.casting` can be proven equal. Two readings of one text are never guessed
between: the column settles it, or the profile does. Texts come without outer blanks.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Any

import yaml
from iso4217 import Currency

from connectors.days import BLANK, SHAPES, DateFormat, compiled, fits, is_sentinel, read_day, read_month

MINUS = "[-\u2212]"

SIGNS: Mapping[str, str] = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS", "฿": "THB", "₫": "VND",
    "₴": "UAH", "zł": "PLN", "Kč": "CZK", "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD",
    "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "R$": "BRL",
}  # fmt: skip
"""Signs of one currency alone. `$`, `¥`, `kr` and `Fr` belong to several and name none."""
DOLLARS = ("USD", "ARS", "AUD", "BBD", "BMD", "BND", "BSD", "BZD", "CAD", "CLP", "COP", "CUP", "DOP", "FJD", "GYD", "HKD", "JMD", "KYD", "LRD", "MXN", "NAD", "NZD",
           "SBD", "SGD", "SRD", "TTD", "TWD", "UYU", "XCD")  # fmt: skip
SEVERAL: Mapping[str, tuple[str, ...]] = {
    "$": DOLLARS, "¥": ("JPY", "CNY"), "£": ("GBP", "EGP", "FKP", "GIP", "LBP", "SHP", "SSP", "SYP"), "kr": ("SEK", "NOK", "DKK", "ISK"),
    "Fr": ("CHF", "BIF", "CDF", "DJF", "GNF", "KMF", "RWF", "XAF", "XOF", "XPF"), "C$": ("CAD", "NIO"),
}  # fmt: skip
"""Signs -> the currencies that are written with them, where there are several."""
CODES = tuple(sorted(c.code for c in Currency))
CODE = "[A-Z]{3}"
KNOWN_CODE = "|".join(CODES)
"""Codes are matched as three letters first and then held against the list: with the list in every place where a code may
stand, compiling the grammar cost ten times as much."""
_SIGN = "|".join([*map(re.escape, sorted(SIGNS, key=len, reverse=True)), r"\$", "¥", CODE])
BEFORE = rf"(?:{_SIGN}|(?:kr|Fr)\.?{BLANK})"
AFTER = rf"(?:{_SIGN}|(?:kr|Fr)\.?)"
"""A currency before and after its number. `kr` and `Fr` stand off from it: `Fr.5` may be five francs or half of one."""

YES = ("true", "yes", "y", "t", "1", "on", "enabled", "active", "ja", "j", "oui", "vrai", "sí", "si", "sim", "wahr")
NO = ("false", "no", "n", "f", "0", "off", "disabled", "inactive", "nein", "non", "faux", "não", "nao", "falsch")


@dataclass(frozen=True)
class NumberFormat:
    """Numbers whose decimal mark is `.` or `,`; the other one, blanks and apostrophes then group thousands."""

    decimal: str = "."

    def __post_init__(self) -> None:
        if self.decimal not in (".", ","):
            raise ValueError(f"a decimal mark is '.' or ',', not {self.decimal!r}")

    @property
    def plain(self) -> str:
        """Digits, mark, exponent and a leading minus: what machines write."""
        return rf"-?[0-9]+(?:{re.escape(self.decimal)}[0-9]+)?(?:[eE][+-]?[0-9]{{1,2}})?"

    @property
    def dressed(self) -> str:
        """What people and ledgers write: groups, currency, brackets, a sign before or after, CR and DR."""
        return _dressed(self.decimal)


@cache
def _dressed(decimal: str) -> str:
    mark, other = re.escape(decimal), "," if decimal == "." else r"\."
    fraction = f"(?:{mark}[0-9]+)?"
    shapes = [rf"[0-9]+{fraction}", rf"{mark}[0-9]+"]
    shapes += [rf"[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+{fraction}" for group in (other, BLANK, "['\u2019]")]
    if decimal == ".":
        shapes.append(rf"[1-9][0-9]?(?:,[0-9]{{2}})+,[0-9]{{3}}{fraction}")
    digits = f"(?:{'|'.join(shapes)})"
    body = f"(?:(?:{BEFORE}{BLANK}*)?{digits}|{digits}{BLANK}*{AFTER})"
    signed = (
        rf"(?:[+]|{MINUS})?{BLANK}*{body}",
        rf"{BEFORE}{BLANK}*(?:[+]|{MINUS}){BLANK}*{digits}",
        rf"{body}{BLANK}*{MINUS}",
        rf"{digits}{MINUS}{BLANK}*{AFTER}",
        rf"\({BLANK}*{body}{BLANK}*\)",
        rf"{BEFORE}{BLANK}*\({digits}\)",
        rf"\({digits}\){BLANK}*{AFTER}",
        rf"(?:(?:{BEFORE}{BLANK}*)?{digits}{BLANK}*|{digits}{BLANK}*{AFTER}{BLANK})(?:CR|Cr|cr|DR|Dr|dr)\.?",
    )
    return "|".join(f"(?:{form})" for form in signed)


CORE = r"[.,]?[0-9](?:.*[0-9])?"
"""From the first to the last digit of a dressed number, with the mark of a bare fraction."""
DAMAGED = r"[0-9]\.[0-9]+E[+][0-9]+"
"""A long number as Excel leaves it in a CSV file; as an identifier it is lost."""
NEGATIVE = rf"\(|{MINUS}|[^A-Za-z](?:CR|Cr|cr)\.?$"
"""What makes a dressed number negative: a bracket, a minus, or CR for a credit."""
PERCENT = rf"{BLANK}*%"
PERCENTAGE = f"[^%]+{PERCENT}(?:[)]|{MINUS})?"


@cache
def _context(width: int) -> Context:
    return Context(prec=width, rounding=ROUND_HALF_UP)


def kept(number: Decimal, width: int = 38, places: int = 12) -> Decimal | None:
    """A number as DECIMAL(width,places) holds it, rounded half away from zero; None where it is too large."""
    try:
        return number.quantize(Decimal((0, (1,), -places)), context=_context(width))
    except InvalidOperation:
        return None


def _digits(text: str, form: NumberFormat) -> str | None:
    if fits(form.plain, text):
        return text.replace(",", ".")
    code = compiled(CODE).search(text)
    if not fits(form.dressed, text) or (code and not fits(KNOWN_CODE, code[0])):
        return None
    core = compiled(CORE).search(text)
    digits = re.sub(f"[^0-9{form.decimal}]", "", core[0] if core else "").replace(",", ".")
    return f"-{digits}" if compiled(NEGATIVE).search(text) else digits


def read_number(text: str, form: NumberFormat) -> Decimal | None:
    """The number in a text, or None where it is none of this form.

    Kept as DECIMAL(38,12): digits beyond the twelfth decimal, which only cloud bills have, are rounded half
    away from zero; a number of more than 26 integer digits is not read. A percentage is not a number here.
    """
    digits = _digits(text, form)
    return None if digits is None else kept(Decimal(digits))


def read_share(text: str, form: NumberFormat, percent: bool = False) -> Decimal | None:
    """A share as a fraction of one, DECIMAL(18,10): `7.5%` is 0.075, and with `percent` so is `7.5`."""
    marked = fits(PERCENTAGE, text)
    number = read_number(_bare(text), form)
    if number is None:
        return None
    return kept(number.scaleb(-2) if marked or percent else number, 18, 10)


def _bare(text: str) -> str:
    return re.sub(PERCENT, "", text) if fits(PERCENTAGE, text) else text


def currency_of(text: str) -> str | None:
    """ISO 4217 code beside a number, or the bare sign that belongs to several currencies (`$`, `¥`, `kr`, `Fr`)."""
    found = compiled(AFTER).search(text)
    if not found or not any(fits(NumberFormat(mark).dressed, text) for mark in ".,"):
        return None
    return SIGNS.get(found[0], found[0].rstrip("."))


def names_another(text: str, currency: str) -> bool:
    """Whether a number of the dressed look stands beside a currency that is not its row's: `$50` in a row of euros."""
    found = compiled(AFTER).search(text)
    sign = found[0].rstrip(".") if found else ""
    return bool(sign) and currency not in SEVERAL.get(sign, (SIGNS.get(sign, sign),))


def read_yes_no(text: str) -> bool | None:
    """Yes or no by the words of YES and NO, without case; None for any other."""
    word = text.lower()
    return True if word in YES else False if word in NO else None


class Verdict(StrEnum):
    """What a column's values say about their form."""

    DECIDED = "decided"
    AMBIGUOUS = "ambiguous"
    """Values can be read in several ways and none settles it."""
    CONFLICT = "conflict"
    """Some values prove one way and some another."""
    NONE = "none"
    """No value is of any form."""


@dataclass(frozen=True)
class Decision:
    """Which form a column's values have.

    `examples`: the values that speak, i.e. readable in several ways (ambiguous), one for each side (conflict), or
    the one that proves the form (decided; none where the values merely allow it).
    `choices`: the words that would settle it. `read`, `sentinels`, `misfits` count values; `misfit` is the first
    value that fits no form.
    """

    verdict: Verdict
    format: NumberFormat | DateFormat | None = None
    examples: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    read: int = 0
    sentinels: int = 0
    misfits: int = 0
    misfit: str | None = None

    @property
    def share(self) -> float:
        """Share of the values that can be read, 0 where there are none."""
        return self.read / max(1, self.read + self.misfits)

    def lines(self, column: str, header: str) -> tuple[str, ...]:
        """The profile lines of which one settles it, such as `amount: {from: Amount, decimal: ','}`."""
        word = "decimal" if set(self.choices) <= {".", ","} else "date"
        name = yaml.safe_dump([header], default_flow_style=True, width=10**6, allow_unicode=True).strip()[1:-1]
        shown = {choice: f'"{choice}"' if word == "decimal" else choice for choice in self.choices}
        return tuple(f"{column}: {{from: {name}, {word}: {text}}}" for text in shown.values())


def detect_number(values: Iterable[str]) -> Decision:
    """The decimal mark of a column.

    A mark that cannot group thousands is the decimal one. `1.234` fits both; whole numbers say nothing.
    """
    return _decide(values, (".", ","), lambda text, mark: read_number(_bare(text), NumberFormat(mark)), NumberFormat)


def detect_date(values: Iterable[str], months: bool = False) -> Decision:
    """The order of a column of days or instants; with `months`, of a column of months.

    A day above 12 settles the order of the column. A year of two digits may also stand first, so it needs a
    settling value for that too. Serial days count only where the whole column consists of them.
    """
    texts = [text for value in values if (text := value.strip())]
    days = [text for text in texts if not is_sentinel(text)]
    read = read_month if months else read_day
    found = _decide(days, tuple(SHAPES), lambda text, order: read(text, DateFormat(order)), DateFormat)
    if found.verdict is Verdict.NONE and all(read_day(text, DateFormat("excel")) for text in days):
        found = Decision(Verdict.DECIDED, DateFormat("excel"), read=len(days))
    return replace(found, sentinels=len(texts) - len(days))


def _decide(
    values: Iterable[str],
    words: tuple[str, ...],
    read: Callable[[str, str], Any],
    form: type[NumberFormat] | type[DateFormat],
) -> Decision:
    """A word is out where it cannot read a value that another one can; what is left must read every value alike."""
    out: dict[str, str] = {}
    several: dict[str, dict[str, Any]] = {}
    counts = Counter(text for value in values if (text := value.strip()))
    misfits, able = [], set[str]()
    for text in counts:
        readings = {word: reading for word in words if (reading := read(text, word)) is not None}
        if not readings:
            misfits.append(text)
            continue
        able |= readings.keys()
        for word in words:
            if word not in readings:
                out.setdefault(word, text)
        if len(set(readings.values())) > 1:
            several[text] = readings
    wrong = sum(counts[text] for text in misfits)
    found = Decision(Verdict.NONE, read=counts.total() - wrong, misfits=wrong, misfit=next(iter(misfits), None))
    left = tuple(word for word in words if word not in out)
    if wrong and not found.read:
        return found
    if not left:
        sides = {word: text for word, text in out.items() if word in able and word != "iso"}
        proofs = tuple(dict.fromkeys(sides.values()))
        return replace(found, verdict=Verdict.CONFLICT, examples=proofs, choices=tuple(w for w in words if w in sides))
    open_ = [text for text, readings in several.items() if len({readings[word] for word in left}) > 1]
    if open_:
        return replace(found, verdict=Verdict.AMBIGUOUS, examples=tuple(open_[:5]), choices=left)
    proof = tuple(text for word, text in out.items() if word != "iso")[-1:] if len(left) == 1 else ()
    return replace(found, verdict=Verdict.DECIDED, format=form(left[0]), examples=proof)
