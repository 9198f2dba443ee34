"""The invented company: its months, units, accounts and people.

Tarnbeck Pumps makes pumps in Kassel and services them from Dayton, Ohio. Nobody and nothing here is real but the
names of well-known software and its makers.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

NAME = "Tarnbeck Pumps"
DOMAIN = "tarnbeck-pumps.example"
MONTHS = tuple(date(2024 + (10 + n) // 12, (10 + n) % 12 + 1, 1) for n in range(24))
"""The 24 months of data, 2024-11 to 2026-10, as their first days."""
AS_OF = date(2026, 10, 31)
ACTIVE_SINCE = AS_OF - timedelta(days=90)


@dataclass(frozen=True)
class Unit:
    """A department with its German cost centre, the class it has in the American books, and its people by site."""

    unit_id: str
    name: str
    cost_center: str
    kassel: int
    dayton: int


UNITS = (
    Unit("finance", "Finance", "1100", 18, 6),
    Unit("hr", "People", "1200", 9, 3),
    Unit("purchasing", "Purchasing", "2100", 15, 4),
    Unit("production", "Production", "3100", 118, 0),
    Unit("quality", "Quality", "3200", 22, 2),
    Unit("logistics", "Logistics", "3300", 31, 9),
    Unit("engineering", "Engineering", "4300", 54, 8),
    Unit("it", "Information Technology", "5100", 16, 3),
    Unit("sales", "Sales", "6100", 27, 17),
    Unit("service", "Service", "6200", 14, 24),
    Unit("marketing", "Marketing", "6300", 9, 3),
)
"""Eleven departments with 412 people."""

ACCOUNTS = {
    "0650": "Büro- und EDV-Ausstattung",
    "6310": "Miete",
    "6325": "Strom, Gas, Wasser",
    "6815": "Telekommunikation",
    "6835": "Softwaremiete und SaaS",
    "6837": "Softwarewartung",
    "6840": "IT-Beratung",
    "1610": "Computer Equipment",
    "6400": "Software & Subscriptions",
    "6420": "IT Consulting",
    "6450": "Telephone & Internet",
    "2000": "Accounts Payable",
}
"""General-ledger accounts: German ones with a leading zero among them, then the American ones."""

FIRST_NAMES = (
    "Anja", "Bernd", "Carla", "Dario", "Elif", "Florian", "Greta", "Hannes", "Ines", "Jonas", "Katrin", "Lars", "Mira",
    "Nils", "Ottilie", "Paul", "Renate", "Sören", "Tanja", "Uwe", "Vera", "Wolfram", "Yusuf", "Zoe", "Amber", "Brett",
    "Cody", "Dana", "Erin", "Gabe", "Hollis", "Jolene",
)  # fmt: skip
LAST_NAMES = (
    "Abel", "Bröker", "Claasen", "Dressler", "Eckhoff", "Faber", "Göbel", "Hartung", "Imhof", "Jessen", "Kühne", "Lorenz",
    "Möbius", "Nagel", "Oster", "Pohl", "Quandt", "Reuter", "Seidel", "Thoma", "Ulrich", "Voigt", "Wrede", "Zander",
    "Ashby", "Barlow", "Carver", "Dutton", "Ellery", "Fenwick",
)  # fmt: skip
FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True)
class Person:
    number: str
    first: str
    last: str
    email: str
    unit: Unit
    site: str
    joined_on: date
    left_on: date | None


def last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def month_text(day: date) -> str:
    return day.isoformat()[:7]


def people(rng: Random) -> list[Person]:
    """412 people who work here and 36 who left, in the order of their numbers."""
    places = [(unit, site) for unit in UNITS for site in ("kassel", "dayton") for _ in range(getattr(unit, site))]
    rng.shuffle(places)
    leavers = [rng.choice(places) for _ in range(36)]
    found: list[Person] = []
    used: set[str] = set()
    for n, (unit, site) in enumerate(places + leavers):
        first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
        login = f"{first}.{last}".lower().translate(FOLDED)
        while login in used:
            login += str(rng.randrange(2, 10))
        used.add(login)
        joined = date(2009, 1, 1) + timedelta(days=rng.randrange(5_600))
        left = date(2025, 1, 15) + timedelta(days=rng.randrange(600)) if n >= len(places) else None
        found.append(Person(f"{10_000 + n:05d}", first, last, f"{login}@{DOMAIN}", unit, site, joined, left))
    return found
