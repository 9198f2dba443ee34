"""How numbers, money, shares and days are written for people.

A minus is U+2212 and never a hyphen; what is not known is an en dash and never 0.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

MINUS = "−"
NONE = "–"
SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
"""Currencies whose sign means one currency to most readers; others are written with their code."""
SMALL = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
LARGE = Decimal(1_000_000)


CAUSES = {
    "new": "Bought now, not in the year before", "ended": "Paid the month before and no more", "timing": "Invoices that do not come every month", "price": "Another price",
    "volume": "More or fewer seats", "price_or_volume": "More or less, no count tells why", "currency": "Exchange rates", "late_posting": "Came or was corrected after publishing",
    "re_mapped": "Sent to other capabilities", "re_allocated": "Other shares or priorities", "own_rules": "Counted otherwise by settings or rules",
}  # fmt: skip
"""Why money changed from month to month, by the causes of marts.bridge_item."""
CLASSES = {
    "capex": "Capital", "opex": "Operating", "fixed": "Fixed: a running contract covers the tool", "variable": "Variable: metered use", "once": "Paid once",
    "run": "Run", "grow": "Grow", "transform": "Transform",
}  # fmt: skip
"""Classes of cost, by the splits of report.cost_kind."""
STAGES = {"identified": "Identified", "agreed": "Agreed", "contracted": "Contracted", "partly_seen": "Partly in the ledger", "seen": "In the ledger"}
"""How far a saving has come."""
RUNGS = {
    "beats_comparison": "beats its comparison", "changed_after_start": "changed after the start, other causes possible", "target_met": "target met, whatever the cause",
    "cannot_tell": "cannot tell",
}  # fmt: skip
"""What values prove of an initiative: the ladder of marts.outcome_effect, highest rung first."""
WEAKNESSES = {
    "no_spend_owner": "Nobody answers for the spend", "no_risk_owner": "Nobody answers for the risk", "no_outcome_owner": "Nobody answers for the outcome", "owner_left": "Who answers for it has left",
    "owns_too_much": "One person answers for too much", "link_without_business_owner": "Need of a priority without an owner in the business", "tool_without_business_owner": "Tool without an owner in the business",
    "it_metrics_only": "Initiative measured by IT alone", "tool_without_procedure": "Tool without policy or process", "no_evidence": "No evidence that it works", "no_control_owner": "Nobody answers for the control",
    "no_control": "Cell of the defence without a control", "many_tools": "Several tools for one job", "recovery_not_proven": "Recovery is not proven", "known_exploited": "Flaws known to be exploited",
    "not_embedded": "Initiative without security in it",
}  # fmt: skip
"""Kinds of holes and weaknesses, in words."""


def rung(name: str) -> str:
    """A rung with its place: 4 of 4: beats its comparison."""
    return f"{len(RUNGS) - list(RUNGS).index(name)} of {len(RUNGS)}: {RUNGS[name]}"


def rounded(value: Decimal | int | float, digits: int) -> Decimal:
    """A value to so many decimals, halves away from zero."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def plain(value: Decimal | int | float, digits: int, signed: bool = False) -> str:
    """A number with thousands apart; with `signed` a plus too, and ± where it rounds to zero."""
    number = rounded(value, digits)
    sign = MINUS if number < 0 else ("+" if number > 0 else "±") if signed else ""
    return f"{sign}{abs(number):,.{digits}f}"


def percent(share: Decimal | int | float, digits: int = 0, signed: bool = False) -> str:
    """A share of 0 to 1 as a percentage."""
    return f"{plain(Decimal(str(share)) * 100, digits, signed)}%"


def day(value: date | None) -> str:
    """1 Nov 2026."""
    return NONE if value is None else f"{value.day} {value:%b %Y}"


def month(value: date) -> str:
    """October 2026."""
    return f"{value:%B %Y}"


def months(first: date, last: date) -> str:
    """January to October 2026; both years where they differ."""
    if first == last:
        return month(last)
    return f"{first:%B} to {month(last)}" if first.year == last.year else f"{month(first)} to {month(last)}"


def count(number: int, singular: str, plural: str | None = None, word: bool = False) -> str:
    """A number with its noun: 1 tool, 2 tools, no tools; in words up to twelve where `word` is set."""
    noun = singular if number == 1 else plural or f"{singular}s"
    return f"{in_words(number) if word or number == 0 else f'{number:,}'} {noun}"


def in_words(number: int) -> str:
    """Numbers up to twelve as words."""
    return SMALL[number] if 0 <= number < len(SMALL) else f"{number:,}"


@dataclass(frozen=True)
class Money:
    """How amounts of the reporting currency are written. `in_thousands` where the company is large enough for it."""

    currency: str
    digits: int
    in_thousands: bool

    @property
    def sign(self) -> str:
        return SIGNS.get(self.currency, f"{self.currency} ")

    @property
    def unit(self) -> str:
        """What stands once above a table."""
        return f"{self.currency} thousand" if self.in_thousands else self.currency

    def exact(self, amount: Decimal) -> str:
        """€1,234.56."""
        return f"{MINUS if amount < 0 else ''}{self.sign}{plain(abs(amount), self.digits)}"

    def headline(self, amount: Decimal) -> str:
        """€1.23m, €123k or €1,234."""
        size, minus = abs(amount), MINUS if amount < 0 else ""
        if rounded(size, 0) >= LARGE:
            return f"{minus}{self.sign}{plain(size / 1_000_000, 2)}m"
        return f"{minus}{self.sign}{f'{plain(size / 1000, 0)}k' if size >= 10_000 else plain(size, 0)}"

    def cell(self, amount: Decimal, signed: bool = False) -> str:
        """A number of a table, in its unit; a decimal where thousands would hide it."""
        if not self.in_thousands:
            return plain(amount, 0, signed)
        return plain(amount / 1000, 1 if 0 < abs(amount) < 10_000 else 0, signed)
