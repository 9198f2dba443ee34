"""What `plumbline map` knows about a file whose header no profile has: which contract it is, and which column is which.

Names and values are judged together, since either alone misleads: a «Type» may be a document's or an account's,
and a column of whole numbers may be money or identifiers. Everything here is a pure function of header and rows.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from iso4217 import Currency
from models import Column, Kind, Table
from rapidfuzz import fuzz

from connectors.days import DateFormat
from connectors.preview import DAYS, NUMERIC
from connectors.reading.header import normalise
from connectors.values import NO, YES, Decision, detect_date, detect_number

PROPOSED, NEEDED = 0.5, 0.4
"""Confidence below which a column is left to the person; lower for one that the contract must have."""
ALIKE = 86
"""Similarity, of 100, from which two names are taken for spellings of one: «catergory» and «category» have 96."""

NOT_POSTED = frozenset({"due", "planned", "expected", "fällig", "fälligkeit", "fälligkeitsdatum"})
"""Words of a header whose days tell when something is to be paid, and never when it counts."""

TAX = frozenset({"tax", "vat", "gst", "hst", "pst", "mwst", "ust", "btw", "tva", "iva", "moms", "mva", "steuer", "vorsteuer"})
BESIDE_TAX = frozenset({"excl", "excluding", "exclusive", "exc", "ex", "exkl", "net", "netto", "before", "pre", "without", "ohne", "hors", "sans", "incl", "including", "inclusive",
                        "inc", "inkl", "gross", "brutto", "after", "taxable"})  # fmt: skip
"""Words of a header that make it the tax, unless one of the others tells that it is what is taxed."""

SAID_FOR: Mapping[str, tuple[str, ...]] = {
    "capex": ("capital", "capital expenditure", "capitalised"),
    "opex": ("revenue", "operating", "operating expenditure", "revenue expenditure"),
    "credit_note": ("credit memo", "vendor credit", "bill credit", "supplier credit", "gutschrift", "avoir"),
    "bill": ("vendor bill", "supplier invoice", "purchase invoice"),
    "expense": ("expense report", "expense claim"),
    "card": ("credit card", "card transaction"),
    "incident": ("bug", "fault"),
    "request": ("service request", "support", "question", "task"),
    "change": ("change request",),
    "yearly": ("annual", "annually"),
    "active": ("live", "in use", "operational", "in production"),
    "left": ("terminated", "leaver"),
}
"""Words of a contract -> what other systems say for them."""


@dataclass(frozen=True)
class Evidence:
    """What the values of one column of the file show. Shares are of its filled cells; `filled` is of its rows."""

    header: str
    texts: tuple[str, ...]
    filled: float
    unique: float
    length: float

    @cached_property
    def number(self) -> Decision:
        return detect_number(self.texts)

    @cached_property
    def day(self) -> Decision:
        return detect_date(self.texts)

    @cached_property
    def month(self) -> Decision:
        return detect_date(self.texts, months=True)

    def share(self, words: Iterable[str]) -> float:
        """Share of the cells that are among words, without case."""
        wanted = {word.lower() for word in words}
        return sum(text.lower() in wanted for text in self.texts) / max(1, len(self.texts))

    @cached_property
    def currencies(self) -> float:
        return self.share(c.code for c in Currency)

    @cached_property
    def emails(self) -> float:
        found = pd.Series(self.texts, dtype=str).str.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+")
        return float(found.mean()) if len(found) else 0.0


def evidence(header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> tuple[Evidence, ...]:
    """The value profile of each column of a sample. The name of a group, alone on its line, is no value of the column it stands in."""
    rows = [row for row in rows if len(header) < 3 or sum(bool((cell or "").strip()) for cell in row) > 1] or rows
    frame = pd.DataFrame([list(row) for row in rows], columns=range(len(header)), dtype=object).fillna("").astype(str)
    found = []
    for i, name in enumerate(header):
        cells = frame[i].str.strip()
        cells = cells[cells != ""]
        filled = len(cells) / max(1, len(frame))
        unique = cells.nunique() / max(1, len(cells))
        found.append(Evidence(name, tuple(cells), filled, unique, float(cells.str.len().mean()) if len(cells) else 0.0))
    return tuple(found)


@dataclass(frozen=True)
class Match:
    """One column of the contract and the header it would be read from, with the reason in words."""

    column: str
    header: str
    confidence: float
    reason: str
    samples: tuple[str, ...]
    values: Mapping[str, str] | None = None
    """Words of the file -> words of the contract, where they differ."""


@dataclass(frozen=True)
class Suggestion:
    """A contract that the file may be, best first in `suggest`; `missing` are its required columns without a header."""

    table: str
    confidence: float
    matches: tuple[Match, ...]
    missing: tuple[str, ...]
    rivals: Mapping[str, tuple[str, ...]]
    """Contract column -> other headers that fit it about as well as the one taken."""

    def __getitem__(self, column: str) -> Match | None:
        return next((match for match in self.matches if match.column == column), None)


def suggest(
    header: Sequence[str], sample_rows: Sequence[Sequence[str | None]], contracts: Iterable[Table]
) -> list[Suggestion]:
    """The contracts that a file may be, best first, each with the columns it would have.

    `sample_rows`: cells in the order of `header`, None or "" where empty. A contract scores by its required columns
    found and by how much of the file it explains; equal scores keep the order of `contracts`.
    """
    seen = evidence(header, sample_rows)
    found = [_fitted(table, seen) for table in contracts]
    return sorted((s for s in found if s.matches), key=lambda s: -s.confidence)


def _fitted(table: Table, seen: Sequence[Evidence]) -> Suggestion:
    scored = []
    for c, column in enumerate(table.columns):
        for e, shown in enumerate(seen):
            name, why = name_score(column, shown.header)
            confidence, because = _judged(column, shown, name, why)
            if confidence >= (NEEDED if column.required else PROPOSED):
                scored.append((-confidence, not column.required, c, e, because))
    taken: dict[str, Match] = {}
    used: set[int] = set()
    wanted = sorted(scored)
    # A column that must be there goes without its only header where an optional one fits that better: it comes first.
    single = {row[2] for row in wanted if not row[1] and sum(other[2] == row[2] for other in wanted) == 1}
    for negative, _, c, e, because in sorted(wanted, key=lambda row: row[2] not in single):
        column, shown = table.columns[c], seen[e]
        if column.name in taken or e in used:
            continue
        used.add(e)
        samples = tuple(dict.fromkeys(shown.texts))[:3]
        words = worded(column, shown)
        taken[column.name] = Match(column.name, shown.header, round(-negative, 2), because, samples, words or None)
    rivals = {
        name: others
        for name, match in taken.items()
        if (
            others := tuple(
                seen[e].header
                for negative, _, c, e, _ in sorted(scored)
                if table.columns[c].name == name
                and e not in used
                and -negative >= match.confidence - _margin(table[name])
            )
        )
    }
    required = [column for column in table.columns if column.required]
    # A currency that the file does not name can be answered once for all its rows, so its absence counts half.
    weights = {c.name: 0.5 if c.name == "currency" else 1.0 for c in required}
    have = sum(weights[c.name] * taken[c.name].confidence for c in required if c.name in taken) / sum(weights.values())
    explained = sum(match.confidence for match in taken.values()) / len(seen)
    return Suggestion(
        table.name,
        round(0.5 * have + 0.5 * explained, 3),
        tuple(taken[c.name] for c in table.columns if c.name in taken),
        tuple(c.name for c in required if c.name not in taken),
        rivals,
    )


def _margin(column: Column) -> float:
    """How much less sure another header may be and still be asked about: two columns of money are easily confused."""
    return 0.25 if column.kind is Kind.MONEY else 0.05


def name_score(column: Column, header: str) -> tuple[float, str]:
    """How far a header's name speaks for a column (0..1), and why; `BillingCurrency` is read as two words too."""
    return max(_name_score(column, header, spelt) for spelt in (header, parted(header)))


def parted(header: str) -> str:
    """`BillingCurrency` as two words."""
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", header)


def _name_score(column: Column, header: str, spelt: str) -> tuple[float, str]:
    said = normalise(spelt)
    if said == normalise(column.name):
        return 1.0, "it has the column's name"
    names = [normalise(alias) for alias in column.aliases]
    if said in names:
        # Aliases stand in the order of how surely they mean the column.
        return 0.97 - 0.01 * min(names.index(said), 10), f"«{header}» is a name of it elsewhere"
    near = [(fuzz.ratio(said, name), name) for name in (normalise(column.name), *names) if len(name) > 3]
    score, name = max(near, default=(0.0, ""))
    if score >= ALIKE:
        return 0.6 + 0.3 * (score - ALIKE) / (100 - ALIKE), f"«{header}» is nearly «{name}»"
    words = set(said.split())
    held = [name for _, name in near if set(name.split()) < words]
    if held:
        best = max(held, key=len)
        return 0.3 + 0.4 * len(best) / len(said), f"«{header}» holds «{best}»"
    return 0.0, ""


def _judged(column: Column, shown: Evidence, name: float, why: str) -> tuple[float, str]:
    words = set(normalise(parted(shown.header)).split())
    if (column.name == "posted_on" and NOT_POSTED & words) or (column.name == "amount" and TAX & words and not BESIDE_TAX & words):
        return 0.0, ""
    fit, what = value_fit(column, shown)
    alone = _by_values(column, shown) if column.required and fit >= 0.95 else 0.0
    if not name:
        return alone, f"its values are {what}"
    if not shown.texts:
        return name * 0.55, f"{why}; it is empty here"
    confidence = name * (0.4 + 0.6 * fit) * (1.0 if fit >= 0.5 else 0.5)
    # A name that says little still says more than none.
    return max(confidence, alone and alone + 0.1), f"{why}; {round(100 * fit)} % of its values are {what}"


def _by_values(column: Column, shown: Evidence) -> float:
    """Confidence from values alone, which only needed columns get: currency codes are telling, days and money less."""
    if not shown.texts:
        return 0.0
    if column.name == "currency":
        return 0.6
    money = column.kind is Kind.MONEY and any(mark in text for text in shown.texts for mark in ".,")
    return 0.42 if money or column.kind in DAYS else 0.0


def value_fit(column: Column, shown: Evidence) -> tuple[float, str]:
    """Share of the values that can be of the column's kind (0..1), and what they are."""
    if column.kind in NUMERIC:
        return shown.number.share, "numbers"
    if column.kind in DAYS:
        decision = shown.month if column.kind is Kind.MONTH else shown.day
        # Whole numbers of five digits can be serial days, and can be nearly any identifier too.
        doubt = 0.6 if decision.format == DateFormat("excel") else 1.0
        return decision.share * doubt, "months" if column.kind is Kind.MONTH else "days"
    if column.kind is Kind.YES_NO:
        return shown.share((*YES, *NO)), "yes or no"
    if column.among:
        fit = shown.share((*_plain(column.among), *(w for word in column.among for w in SAID_FOR.get(word, ()))))
        return (fit if fit >= 0.99 else fit * 0.5), "its words"
    if column.name == "currency":
        return shown.currencies, "ISO currency codes"
    if column.name == "email" or "e-mail" in column.description:
        return max(shown.emails, 0.6), "e-mail addresses" if shown.emails > 0.6 else "texts"
    if column.name.endswith(("_id", "_number")):
        money = shown.number.share > 0.9 and shown.number.examples
        unlike = money or shown.length > 60 or (shown.day.share > 0.9 and shown.number.share < 0.9)
        return (0.3 if unlike else 1.0), "like identifiers"
    typed = max(shown.number.share, shown.day.share) > 0.9
    return (0.5 if typed and "account" not in column.name else 1.0), "texts"


def _plain(words: Iterable[str]) -> list[str]:
    return [spelt for word in words for spelt in (word, word.replace("_", " "), word.replace("_", "-"))]


def worded(column: Column, shown: Evidence) -> dict[str, str]:
    """The column's words for those the file uses instead."""
    said = {other: word for word in column.among for other in SAID_FOR.get(word, ())}
    return {text: said[text.lower()] for text in sorted(set(shown.texts)) if text.lower() in said}


def renamed(old: Iterable[str], new: Iterable[str]) -> dict[str, str]:
    """New headers that are likely old ones under another spelling: new -> old, nearest pairs first."""
    news = list(new)
    pairs = sorted(
        ((-_alike(before, after), b, a, before, after) for b, before in enumerate(old) for a, after in enumerate(news)),
    )
    found: dict[str, str] = {}
    for negative, _, _, before, after in pairs:
        if -negative >= ALIKE - 6 and after not in found and before not in found.values():
            found[after] = before
    return found


def _alike(before: str, after: str) -> float:
    a, b = normalise(before), normalise(after)
    held = 82.0 if set(a.split()) < set(b.split()) or set(b.split()) < set(a.split()) else 0.0
    return max(fuzz.ratio(a, b), fuzz.token_sort_ratio(a, b), held)
