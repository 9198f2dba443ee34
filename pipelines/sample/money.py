"""Money of the sample, in whole numbers: units of 10^-12, and cents of the reporting currency."""

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

CENT = 10**10
"""Units in a cent: amounts are whole numbers of 10^-12."""
FIRST_RATE_ON, LAST_RATE_ON = date(2024, 10, 21), date(2026, 11, 6)
RATE_DIGITS = 10

Rates = Mapping[date, int]
"""Day -> US dollars for one euro, in units of 10^-10."""


def invented_rates(rng: Random) -> Rates:
    """A rate with four decimals for each weekday but the European Central Bank's closing days at Christmas and New Year."""
    rates: dict[date, int] = {}
    rate = 10_850
    day = FIRST_RATE_ON
    while day <= LAST_RATE_ON:
        if day.weekday() < 5 and (day.month, day.day) not in {(12, 25), (12, 26), (1, 1)}:
            rate = min(12_000, max(10_200, rate + rng.randrange(-45, 48)))
            rates[day] = rate * 10 ** (RATE_DIGITS - 4)
        day += timedelta(days=1)
    return rates


def rate_on(rates: Rates, day: date) -> int:
    """The rate of the day, else the last one within seven days before. Raises KeyError where there is none."""
    for back in range(8):
        if (rate := rates.get(day - timedelta(days=back))) is not None:
            return rate
    raise KeyError(day)


def half_away(numerator: int, denominator: int) -> int:
    """The quotient, rounded to a whole number, halves away from zero; the denominator is positive."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


def euro_rate(currency: str, day: date, rates: Rates) -> int:
    """Euros for one unit of a currency, in units of 10^-10: a ledger shows its rate with ten decimals and goes by what it shows."""
    return half_away(10 ** (2 * RATE_DIGITS), rate_on(rates, day)) if currency == "USD" else 10**RATE_DIGITS


def euro_cents(units: int, currency: str, day: date, rates: Rates) -> int:
    """An amount in cents of a euro, at the rate that the ledger shows."""
    return half_away(units * euro_rate(currency, day, rates), CENT * 10**RATE_DIGITS)


def plain(units: int) -> str:
    """An amount as exact decimal text, with at least two decimals and no others that are zero."""
    whole, rest = divmod(abs(units), 10**12)
    decimals = f"{rest:012d}".rstrip("0").ljust(2, "0")
    return f"{'-' if units < 0 else ''}{whole}.{decimals}"
