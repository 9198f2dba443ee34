"""Every line of money the sample company spends, before any export format is put on it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from pipelines.sample.company import MONTHS, last_day
from pipelines.sample.money import CENT
from pipelines.sample.tools import TOOLS, Tool
from pipelines.sample.vendors import BY_NAME

INVOICES_A_YEAR = {"monthly": 12, "quarterly": 4, "yearly": 1}
BASE_LINES = {"erp_de": 75, "ap_us": 45, "card": 60, "cloud": 150}
"""Lines of a month at scale 1; the scale adds smaller purchases."""


class Fault(StrEnum):
    """What is wrong with a planted row."""

    AMOUNT = "unreadable amount"
    DATE = "impossible date"
    CURRENCY = "missing currency"
    KIND = "unknown document type"


@dataclass(frozen=True)
class Line:
    """One line. `units`: net amount in 10^-12 of `currency`. `tool`: what it pays for, `names_tool` whether the export says so."""

    source: str
    document: str
    number: int
    kind: str
    posted_on: date
    invoiced_on: date
    vendor: str
    spelling: str
    tool: str | None
    names_tool: bool
    description: str
    units: int
    currency: str
    gl_account: str
    cost_center: str
    contract: str = ""
    initiative: str = ""
    service_start_on: date | None = None
    service_end_on: date | None = None
    fault: Fault | None = None
    left_out: str = ""
    """Rule of the profile or of the company's exclusions under which it does not count."""
    is_superseded: bool = False
    """A later delivery holds this record again."""
    copy_of: str = ""
    """Source and document of the same purchase in a ledger, which counts."""


@dataclass(frozen=True)
class Habit:
    """Purchases from a vendor that come again and again: amounts between two bounds in whole units."""

    vendor: str
    gl_account: str
    cost_center: str
    low: int
    high: int
    frequency: int
    texts: tuple[str, ...]
    tool: str | None = None
    initiatives: tuple[str, ...] = ()
    currency: str = ""


HABITS = {
    "erp_de": (
        Habit("Bechtle", "0650", "5100", 60, 1_400, 8, ("Notebook 14 Zoll", "Dockingstation", "Monitor 27 Zoll", "Zubehör Arbeitsplatz")),
        Habit("Dell", "0650", "5100", 120, 1_900, 4, ("Server-Festplatten", "Notebook Konstruktion", "Switch 48 Port")),
        Habit("Lenovo", "0650", "3100", 90, 1_700, 3, ("Terminal Fertigung", "Ersatzakku")),
        Habit("Deutsche Telekom", "6815", "5100", 35, 950, 6, ("Mobilfunk", "Company Connect Kassel", "Festnetz")),
        Habit("Vodafone", "6815", "6200", 25, 480, 4, ("Datenkarten Service", "Mobilfunk Außendienst")),
        Habit("Kehl & Brandt IT-Beratung", "6840", "5100", 320, 2_700, 4, ("Beratung nach Aufwand", "Projektleitung", "Schnittstelle"),
              initiatives=("close-auto", "aps", "zero-trust", "")),
        Habit("Rademaker Datenservice", "6840", "1100", 90, 760, 3, ("Stammdatenpflege", "Datenträgervernichtung")),
        Habit("Nordhessen Netzwerktechnik", "6840", "5100", 120, 1_150, 3, ("Verkabelung Halle 2", "Wartung WLAN")),
        Habit("Sander Kopiersysteme", "6837", "1200", 45, 620, 3, ("Drucker Miete und Klickpreis",)),
        Habit("Keller CAD-Schulung", "6840", "4300", 380, 1_450, 1, ("Seminar Flächenmodellierung", "Seminar Blechteile")),
        Habit("Gartner", "6840", "5100", 600, 3_100, 1, ("Research subscription", "Advisory session"), currency="USD"),
        Habit("Fuldablick Immobilien", "6310", "3100", 8_200, 14_800, 1, ("Miete Lagerhalle", "Nebenkosten Lagerhalle")),
        Habit("Energie Fuldatal", "6325", "3100", 2_400, 9_900, 1, ("Strom Werk 1", "Erdgas")),
    ),
    "ap_us": (
        Habit("CDW", "1610", "Dayton - Operations", 40, 1_250, 8, ("Laptop accessories", "Workstation", "Toner", "Rugged tablet")),
        Habit("Insight", "1610", "Dayton - Operations", 60, 1_100, 4, ("Monitors", "Barcode scanners")),
        Habit("Verizon", "6450", "Dayton - Service", 30, 640, 6, ("Wireless service", "Hotspots field crew")),
        Habit("AT&T", "6450", "Dayton - Service", 25, 520, 4, ("Wireless service",)),
        Habit("Buckeye Fiber", "6450", "Dayton - Operations", 240, 780, 3, ("Internet 1 Gbit",)),
        Habit("Miami Valley Tech Partners", "6420", "Dayton - Operations", 120, 1_350, 5, ("Managed services", "On-site support", "Project hours")),
        Habit("Iron Mountain", "6420", "Dayton - Finance", 60, 330, 2, ("Document storage",)),
    ),
    "card": (
        Habit("Amazon", "", "", 9, 420, 12, ("Office equipment",), currency="EUR"),
        Habit("Apple", "", "", 1, 60, 5, ("App purchase",), currency="EUR"),
        Habit("LinkedIn", "", "", 40, 290, 3, ("Recruiting",), currency="EUR"),
        Habit("Google", "", "", 12, 95, 3, ("Subscription",), currency="EUR"),
        Habit("Figma", "", "", 15, 135, 3, ("Subscription",), currency="USD"),
        Habit("Lufthansa Group", "", "", 95, 870, 7, ("Flight",), currency="EUR"),
        Habit("Microsoft", "", "", 20, 150, 2, ("Store",), currency="EUR"),
        Habit("Zoom", "", "", 14, 160, 2, ("Subscription",), "Zoom Workplace", currency="USD"),
        Habit("Atlassian", "", "", 10, 130, 2, ("Subscription",), "Jira", currency="USD"),
        Habit("Asana", "", "", 13, 140, 1, ("Subscription",), "Asana", currency="USD"),
        Habit("DocuSign", "", "", 25, 90, 1, ("Subscription",), "DocuSign", currency="EUR"),
        Habit("Adobe", "", "", 24, 75, 2, ("Subscription",), currency="EUR"),
    ),
}  # fmt: skip

FAULTS = {
    ("erp_de", 4): (Fault.AMOUNT, Fault.KIND),
    ("erp_de", 9): (Fault.DATE, Fault.CURRENCY),
    ("erp_de", 15): (Fault.AMOUNT,),
    ("erp_de", 20): (Fault.DATE,),
    ("ap_us", 3): (Fault.CURRENCY, Fault.AMOUNT),
    ("ap_us", 12): (Fault.DATE,),
    ("ap_us", 18): (Fault.AMOUNT,),
    ("card", 5): (Fault.AMOUNT, Fault.DATE),
    ("card", 11): (Fault.CURRENCY,),
    ("cloud", 10): (Fault.AMOUNT,),
}
"""(source, number of the month) -> faults of small lines of it."""
PAYMENTS, DECLINED = "payments settle bills", "declined"
"""Rules of the profiles under which a record is left out."""
LEFT_OUT = {"Fuldablick Immobilien": "Rent of buildings", "Energie Fuldatal": "Power, gas and water", "Lufthansa Group": "Travel"}
"""Vendors whose lines the company's own exclusions leave out, with the reasons given there."""
DELIVERED_AGAIN = range(14, 20)
"""Months of the card's year-to-date file. Nothing in them is left out or bad, so that no row is both that and superseded."""
CURRENCY = {"erp_de": "EUR", "ap_us": "USD"}


@dataclass
class Spellings:
    """Hands out the spellings of a vendor in turn, so that each of them occurs."""

    given: dict[tuple[str, str], int] = field(default_factory=dict)

    def next(self, vendor: str, channel: str) -> str:
        turn = self.given.get((vendor, channel), 0)
        self.given[vendor, channel] = turn + 1
        names = BY_NAME[vendor].spellings(channel)
        return names[turn % len(names)]


def contract_number(tool: Tool) -> str:
    """The number under which a tool's invoices come; tools paid by card have none."""
    if tool.books not in {"erp_de", "ap_us"}:
        return ""
    place = TOOLS.index(tool)
    return f"V-{2022 + place % 4}-{100 + place}"


def due(tool: Tool, n: int) -> tuple[int, date, date] | None:
    """Cents, first and last day of service of the tool's invoice in the n-th month, or None."""
    place = TOOLS.index(tool)
    step = 12 // INVOICES_A_YEAR[tool.billing]
    if tool.annual == 0 or (n + place) % step:
        return None
    cents = tool.annual * 100 // INVOICES_A_YEAR[tool.billing] * (1000 + tool.growth * n) // 1000
    start = MONTHS[n]
    end_year, end_month = divmod(start.year * 12 + start.month - 1 + step - 1, 12)
    return cents, start, last_day(date(end_year, end_month + 1, 1))


def lines_of(source: str, n: int, scale: int, rng: Random, spellings: Spellings) -> Iterator[Line]:
    """The lines of a ledger or card in the n-th month, in the order of its export, with the faults planted there."""
    count = 0
    for tool in TOOLS:
        if tool.books == source and (invoice := due(tool, n)):
            count += 1
            yield recurring(tool, invoice, n, document(source, n, count), rng, spellings)
    documents = count
    faults = list(FAULTS.get((source, n), ()))
    is_delivered_again = source == "card" and n in DELIVERED_AGAIN
    habits = [habit for habit in HABITS[source] if not (is_delivered_again and habit.vendor in LEFT_OUT)]
    frequencies = [habit.frequency for habit in habits]
    while count < BASE_LINES[source] * scale:
        documents += 1
        for line in purchase(source, rng.choices(habits, frequencies)[0], n, document(source, n, documents), rng, spellings):
            count += 1
            is_small = line.tool is None and not line.left_out and 0 < line.units < 2_500 * 100 * CENT
            yield replace(line, fault=faults.pop()) if faults and is_small else line
    if source == "ap_us":
        yield settlement(n, document(source, n, documents + 1), rng, spellings)


def recurring(tool: Tool, invoice: tuple[int, date, date], n: int, number: str, rng: Random, spellings: Spellings) -> Line:
    """An invoice of a tool. The German books name its contract and the months it is for, the American ones the product."""
    source = tool.books or ""
    cents, start, end = invoice
    posted = MONTHS[n] + timedelta(days=rng.randrange(1, 25))
    invoiced = posted - timedelta(days=0 if source == "ap_us" else rng.randrange(0, 6))
    account = {"erp_de": "6837" if tool.hosting == "On premise" else "6835", "ap_us": "6400", "card": ""}[source]
    centre = {"erp_de": "5100", "ap_us": "Dayton - Operations", "card": ""}[source]
    line = Line(source, number, 1, "bill", posted, invoiced, tool.vendor, spellings.next(tool.vendor, source), tool.name, source != "card",
                "Subscription" if source == "card" else f"{tool.name} {start:%m/%Y}", cents * CENT, tool.currency, account, centre)  # fmt: skip
    if source == "erp_de":
        return replace(line, contract=contract_number(tool), service_start_on=start, service_end_on=end)
    return line


def purchase(source: str, habit: Habit, n: int, number: str, rng: Random, spellings: Spellings) -> list[Line]:
    """The lines of one purchase: one on the card, up to three on an invoice or credit note."""
    month = MONTHS[n]
    posted = month + timedelta(days=rng.randrange(last_day(month).day))
    invoiced = posted - timedelta(days=0 if source == "ap_us" else rng.randrange(0, 6))
    is_credit = rng.randrange(45) == 0
    spelling = spellings.next(habit.vendor, source)
    left_out = LEFT_OUT.get(habit.vendor, "")
    if source == "card" and not left_out and n not in DELIVERED_AGAIN and rng.randrange(90) == 0:
        left_out = DECLINED
    lines = []
    for place in range(1 if source == "card" else rng.choice((1, 1, 2, 3))):
        cents = rng.randrange(habit.low * 100, habit.high * 100)
        lines.append(Line(
            source, number, place + 1, "credit_note" if is_credit else "bill", posted, invoiced, habit.vendor, spelling, habit.tool, False,
            rng.choice(habit.texts), (-cents if is_credit else cents) * CENT, habit.currency or CURRENCY[source], habit.gl_account,
            habit.cost_center, initiative=rng.choice(habit.initiatives) if habit.initiatives else "", left_out=left_out,
        ))  # fmt: skip
    return lines


def settlement(n: int, number: str, rng: Random, spellings: Spellings) -> Line:
    """A payment of earlier bills, which the American export lists among them."""
    paid = MONTHS[n] + timedelta(days=rng.randrange(5, 27))
    cents = rng.randrange(150_000, 900_000)
    return Line("ap_us", number, 1, "payment", paid, paid, "CDW", spellings.next("CDW", "ap_us"), None, False,
                "Payment", -cents * CENT, "USD", "2000", "", left_out=PAYMENTS)  # fmt: skip


def document(source: str, n: int, count: int) -> str:
    """The number of a document: unique in its source, whatever the scale."""
    start = {"erp_de": 19, "ap_us": 5, "card": 77}[source]
    return f"{start}{n:02d}{count:07d}"
