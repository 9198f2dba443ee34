"""What the sample company has, as its systems export it: tools, contracts, licences, sign-ins and people."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from openpyxl import Workbook

from pipelines.sample.company import ACTIVE_SINCE, AS_OF, NAME, Person
from pipelines.sample.spend import contract_number
from pipelines.sample.strategy import OWNER_NAMES
from pipelines.sample.tools import BY_NAME, OTHER_NAMES, TOOLS, Tool

CRITICALITY = {1: "1 - most critical", 2: "2 - somewhat critical", 3: "3 - less critical", 4: "4 - not critical"}
TOOL_HEADER = (
    "number", "name", "vendor", "application_type", "install_type", "life_cycle_stage", "business_criticality", "owned_by",
    "it_application_owner", "short_description", "u_category", "u_functional_fit", "u_technical_fit", "u_end_of_life", "sys_updated_on",
)  # fmt: skip
CONTRACT_HEADER = (
    "Contract No.", "Title", "Supplier", "Product", "Status", "Start", "End", "Notice (days)", "Auto-renewal", "Billing", "Annual cost",
    "Currency", "Seats", "Price per seat", "Uplift cap %", "Owner", "Cost centre",
)  # fmt: skip
USAGE_HEADER = ("Application", "User", "Department", "Status", "Assigned", "Last Accessed")
M365_HEADER = ("Report Refresh Date", "Product Title", "Total Licenses", "Expired Licenses", "Assigned licenses", "Status Message")
SNIPE_HEADER = (
    "id", "Company", "Name", "Serial Number", "Purchase Date", "Purchase Cost", "Order Number", "Seats", "Created By", "Depreciation", "Updated at",
    "Deleted at", "Email", "Fully Depreciated", "Supplier", "Expiration Date", "Purchase Order Number", "Termination Date", "Maintained", "Manufacturer",
    "Category", "Min QTY", "Reassignable", "Notes", "Created at",
)  # fmt: skip
PEOPLE_HEADER = (
    "Employee Number", "First Name", "Last Name", "Display Name", "Work Email", "Department", "Cost Center", "Location", "Employment Status",
    "Hire Date", "Termination Date", "Employment Type",
)  # fmt: skip
M365_NAMES = {"Microsoft Power BI": "Power BI Pro", "Microsoft Defender for Endpoint": "Microsoft Defender for Endpoint P2"}
SNIPE_NAMES = {"SOLIDWORKS": "SOLIDWORKS Premium"}
SIGN_IN_NAMES = {"Microsoft 365 E3": "Office 365", "Jira": "Jira Software"}
CHUNK = 500
"""Rows after which Snipe-IT writes its header again."""


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def owner(owner_id: str | None) -> str:
    return OWNER_NAMES[owner_id] if owner_id else ""


def tool_rows() -> Iterator[Sequence[object]]:
    """The application register of a ServiceNow instance: field names as headers, display values in the cells."""
    for place, tool in enumerate(TOOLS):
        yield (
            f"APM{1000 + place:07d}", tool.name, tool.vendor, "Homegrown" if tool.hosting == "Homegrown" else "COTS",
            "On Premise" if tool.hosting in {"On premise", "Homegrown"} else "Cloud", tool.stage, CRITICALITY[tool.criticality],
            owner(tool.business_owner), owner(tool.it_owner), tool.purpose, tool.category, tool.functional, tool.technical, tool.end_of_life,
            "2026-10-12 07:30:00",
        )  # fmt: skip


def contract_rows() -> Iterator[Sequence[object]]:
    """One contract a tool that is paid by invoice; some end within 120 days of the last month."""
    for place, tool in enumerate(TOOLS):
        if not (number := contract_number(tool)):
            continue
        ends = date(2026 + place % 2, (place * 5) % 12 + 1, 28) + timedelta(days=35)
        if ends <= AS_OF:
            ends = date(ends.year + 1, ends.month, ends.day)
        starts = date(ends.year - (3 if place % 2 else 1), ends.month, ends.day) + timedelta(days=1)
        price = tool.annual * 100 // tool.seats if tool.seats else 0
        yield (
            number, f"{tool.name} subscription", tool.vendor, tool.name, "Active", starts, ends, (30, 60, 90)[place % 3],
            "Yes" if place % 4 else "No", tool.billing.capitalize(), tool.annual, tool.currency, tool.seats or None,
            f"{price // 100}.{price % 100:02d}" if price else None, (None, 3, 5, 7)[place % 4], owner(tool.business_owner), "5100",
        )  # fmt: skip


def write_contracts(path: Path) -> list[Sequence[object]]:
    """The contract register: a workbook with a banner above the header and real dates; its rows."""
    book = Workbook()
    book.properties.creator = NAME
    book.properties.created = datetime(2026, 11, 2, 8)
    sheet = book.active
    if sheet is None:
        raise RuntimeError("openpyxl made a workbook without a sheet")
    sheet.title = "Contracts"
    rows = list(contract_rows())
    for row in ([f"{NAME}: contract register"], ["As of", AS_OF], [], CONTRACT_HEADER, *rows):
        sheet.append(list(row))
    whole = BytesIO()
    book.save(whole)
    path.write_bytes(without_clock(whole.getvalue()))
    return rows


def without_clock(workbook: bytes) -> bytes:
    """The same workbook without the time of writing, so that the same seed gives the same bytes."""
    result = BytesIO()
    with ZipFile(BytesIO(workbook)) as given, ZipFile(result, "w", ZIP_STORED) as made:
        for name in sorted(given.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            content = given.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-11-02T08:00:00Z", content)
            made.writestr(ZipInfo(name, (2026, 11, 2, 8, 0, 0)), content)
    return result.getvalue()


def pool_of(tool: Tool, staff: Sequence[Person]) -> list[Person]:
    """The people of a tool's pool first, then the others, so that no pool is too small."""

    def belongs(person: Person) -> bool:
        if tool.pool == "customer":
            return person.unit.unit_id in {"sales", "service", "marketing"}
        return tool.pool == "all" or tool.pool in {person.unit.unit_id, person.site}

    return sorted(staff, key=lambda person: not belongs(person))


def usage_rows(staff: Sequence[Person], rng: Random) -> Iterator[Sequence[object]]:
    """Who may sign in to what, and when they last did: some weeks ago, long ago, or never."""
    present = [person for person in staff if person.left_on is None]
    for tool in TOOLS:
        if not tool.active:
            continue
        pool = pool_of(tool, present)
        for place, person in enumerate(pool[: tool.assigned]):
            assigned = datetime(2024, 1, 8, 9) + timedelta(minutes=rng.randrange(600_000))
            if place < tool.active:
                last = datetime.combine(ACTIVE_SINCE, time()) + timedelta(days=3, minutes=rng.randrange(85 * 1440))
            else:
                last = datetime(2025, 11, 1) + timedelta(minutes=rng.randrange(250 * 1440)) if rng.randrange(3) else None
            name = SIGN_IN_NAMES.get(tool.name, tool.name)
            yield name, person.email, person.unit.name, "Active", instant(assigned), instant(last) if last else ""


def instant(moment: datetime) -> str:
    return f"{moment.isoformat()}.000Z"


def is_in_m365(tool: Tool) -> bool:
    """Whether Microsoft's list of subscriptions holds it."""
    return tool.vendor == "Microsoft" and bool(tool.books)


def m365_rows() -> Iterator[Sequence[object]]:
    for tool in TOOLS:
        if is_in_m365(tool):
            yield (f"{AS_OF}", M365_NAMES.get(tool.name, tool.name), tool.seats, 0, tool.assigned, "")


def snipe_rows() -> Iterator[Sequence[object]]:
    """The other licences: one row a product, and one for each Windows that came with a laptop; the header comes again."""
    products = [tool for tool in TOOLS if tool.seats and tool.vendor != "Microsoft"]
    windows = BY_NAME["Microsoft Windows 11 Pro"]
    entries = [(tool, SNIPE_NAMES.get(tool.name, tool.name), tool.seats, "") for tool in products]
    entries += [(windows, "Windows 11 Pro OEM", 1, f"{n:05d}-OEM-{7919 * n % 100_000:05d}") for n in range(1, windows.seats + 1)]
    for n, (tool, name, seats, serial) in enumerate(entries):
        if n and n % CHUNK == 0:
            yield SNIPE_HEADER
        cents = tool.annual * 100 // seats if tool.annual else 0
        cost = f"{cents // 100:,}.{cents % 100:02d}" if cents else ""
        yield (
            n + 1, NAME, name, serial, "2024-11-15", cost, "", seats, "admin", "", f"{AS_OF} 06:00:00", "", "", "No",
            tool.vendor, "", "", "", "Yes", tool.vendor, "Software", "", "Yes", "", "2024-11-15 10:02:11",
        )  # fmt: skip


def people_rows(staff: Sequence[Person]) -> Iterator[Sequence[object]]:
    for person in staff:
        yield (
            person.number, person.first, person.last, f"{person.first} {person.last}", person.email, person.unit.name, person.unit.cost_center,
            person.site.capitalize(), "Terminated" if person.left_on else "Active", f"{person.joined_on}",
            f"{person.left_on}" if person.left_on else "", "Employee",
        )  # fmt: skip


def seats() -> dict[str, Mapping[str, int]]:
    """Tool -> seats bought, and where an export tells: seats given to somebody, and used by somebody in the last 90 days."""
    found: dict[str, dict[str, int]] = {}
    for tool in TOOLS:
        if tool.seats:
            counts = found.setdefault(tool.name, {"purchased": tool.seats})
            if tool.active or is_in_m365(tool):
                counts["assigned"] = tool.assigned
            if tool.active:
                counts["active"] = tool.active
    return found


def write_register(exports: Path, staff: Sequence[Person], rng: Random) -> list[Sequence[object]]:
    """Every file of this module; the rows of the contract register."""
    if unknown := {*M365_NAMES.values(), *SIGN_IN_NAMES.values(), *SNIPE_NAMES.values()} - OTHER_NAMES.keys():
        raise LookupError(f"no tool alias tells what {', '.join(sorted(unknown))} is")
    write_csv(exports / "servicenow_apps" / "cmdb_ci_business_app.csv", TOOL_HEADER, tool_rows())
    write_csv(exports / "okta" / "app_usage_2026-10.csv", USAGE_HEADER, usage_rows(staff, rng))
    write_csv(exports / "m365" / "products_2026-10.csv", M365_HEADER, m365_rows())
    write_csv(exports / "snipeit" / "licenses.csv", SNIPE_HEADER, snipe_rows())
    write_csv(exports / "hr" / "employees.csv", PEOPLE_HEADER, people_rows(staff), encoding="utf-8-sig")
    return write_contracts(exports / "contracts" / "contract_register.xlsx")
