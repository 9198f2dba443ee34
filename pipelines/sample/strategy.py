"""What the sample company wants, what that takes, and how it will know."""

from collections.abc import Iterable, Mapping
from random import Random

from turbo_ea_capabilities import get_by_id

from pipelines.sample.company import MONTHS, UNITS, month_text
from pipelines.sample.roadmap import scores
from pipelines.sample.security import OBJECTIVES

Row = Mapping[str, object]

CATALOGUE_NOTICE = (
    "Names and ids of capabilities: Turbo EA Capabilities by Vincent Verdet - Turbo EA, "
    "https://github.com/vincentmakes/turbo-ea-capabilities, CC BY 4.0 "
    "(https://creativecommons.org/licenses/by/4.0/); a selection of 24, unchanged."
)

PRIORITIES = (
    ("on-time", "Deliver 97 of 100 orders on the promised day", "growth", 4, "2027-12-31", "coo"),
    ("service-us", "Grow service sales in North America by a fifth", "growth", 3, "2027-12-31", "cso"),
    ("faster-close", "Close the books in four working days", "efficiency", 2, "2027-03-31", "cfo"),
    ("no-stop", "No production day lost to a cyber incident", "risk", 3, "2026-12-31", "coo"),
    ("parts-origin", "Prove the origin of every part before a customer asks", "compliance", 2, "2027-06-30", "cpo"),
)

CAPABILITIES = {
    "BC-150.10": ("cfo", "cio"), "BC-160.20": ("coo", "cio"), "BC-200.10": ("cfo", "apps"), "BC-200.20": ("cfo", "apps"),
    "BC-230.20": ("cfo", "apps"), "BC-300.70": ("chro", "apps"), "BC-410.30": ("cso", "apps"), "BC-410.40": ("cso", "apps"),
    "BC-430.10": ("service", "apps"), "BC-430.40": ("service", "apps"), "BC-500.30": ("cpo", "apps"), "BC-510.30": ("cpo", "apps"),
    "BC-520.20": ("coo", "apps"), "BC-520.40": ("coo", "apps"), "BC-600.30": ("cio", "infra"), "BC-600.50": ("cio", "infra"),
    "BC-610.50": ("cfo", "apps"), "BC-620.20": ("cio", "security"), "BC-620.30": ("cio", "security"), "BC-720.30": ("coo", "apps"),
    "BC-820.20": ("cto", "apps"), "BC-830.30": ("chro", "infra"), "BC-850.10": ("chro", "infra"), "BC-900.30": ("cto", "apps"),
}  # fmt: skip
"""Capability -> who answers for it in the business and in IT."""
CRITICAL = frozenset({"BC-200.10", "BC-520.40", "BC-600.50", "BC-620.20", "BC-620.30", "BC-720.30"})

LINKS = (
    ("on-time", "BC-520.20", 90, 3), ("on-time", "BC-520.40", 75, 3), ("on-time", "BC-500.30", 70, 2),
    ("on-time", "BC-720.30", 70, 3), ("on-time", "BC-820.20", 70, 1), ("on-time", "BC-610.50", 60, 1), ("on-time", "BC-600.50", 60, 1),
    ("service-us", "BC-410.30", 70, 2), ("service-us", "BC-410.40", 70, 2), ("service-us", "BC-430.10", 75, 3),
    ("service-us", "BC-430.40", 60, 2),
    ("faster-close", "BC-200.10", 75, 3), ("faster-close", "BC-200.20", 70, 2), ("faster-close", "BC-230.20", 70, 2),
    ("faster-close", "BC-610.50", 70, 2),
    ("no-stop", "BC-620.20", 80, 3), ("no-stop", "BC-620.30", 85, 3), ("no-stop", "BC-160.20", 80, 2),
    ("no-stop", "BC-600.30", 70, 1), ("no-stop", "BC-600.50", 70, 2),
    ("parts-origin", "BC-510.30", 80, 3), ("parts-origin", "BC-720.30", 60, 1),
)  # fmt: skip
"""(priority, capability, required level in percent, weight)."""
LINK_WITHOUT_BUSINESS_OWNER = ("no-stop", "BC-160.20")

OWNERS = (
    ("cfo", "Renate Oster", "business", "finance", ""), ("coo", "Wolfram Pohl", "business", "production", ""),
    ("cso", "Dana Ellery", "business", "sales", ""), ("cto", "Lars Göbel", "business", "engineering", ""),
    ("chro", "Ines Thoma", "business", "hr", ""), ("cpo", "Yusuf Nagel", "business", "purchasing", ""),
    ("service", "Cody Barlow", "business", "service", ""), ("cio", "Greta Hartung", "it", "it", ""),
    ("apps", "Nils Claasen", "it", "it", ""), ("infra", "Tanja Seidel", "it", "it", ""),
    ("security", "Uwe Kühne", "it", "it", "2026-08-31"),
)  # fmt: skip
OWNER_NAMES = {owner[0]: owner[1] for owner in OWNERS}

INITIATIVES = (
    ("close-auto", "Automate account reconciliation", "optimize_integrate", "done", "faster-close", "2025-03-01", "2025-10-31",
     "2025-03-10", "2025-11-14", 60_000, 12_000, "cfo", "", False, ("BC-200.10", "BC-200.20")),
    ("zero-trust", "Sign in with a second factor everywhere", "stabilize_secure", "done", "no-stop", "2025-01-15", "2025-06-30",
     "2025-02-01", "2025-07-31", 35_000, 9_000, "cio", "", True, ("BC-620.20",)),
    ("backup-new", "Replace the backup and rehearse recovery", "stabilize_secure", "planned", "no-stop", "2026-09-01", "2027-02-28",
     "", "", 85_000, 22_000, "cio", "", True, ("BC-160.20",)),
    ("aps", "Plan production with a real planning system", "optimize_integrate", "running", "on-time", "2026-02-01", "2027-01-31",
     "2026-03-02", "", 210_000, 48_000, "coo", "", False, ("BC-520.20",)),
    ("service-portal", "Let customers order parts and service online", "innovate", "planned", "service-us", "2026-11-01", "2027-06-30",
     "", "", 120_000, 30_000, "service", "crm-one", False, ("BC-430.40",)),
    ("crm-one", "One view of the customer on both sides of the ocean", "optimize_integrate", "running", "service-us", "2026-04-01",
     "2026-10-31", "2026-04-15", "", 70_000, 15_000, "cso", "", False, ("BC-410.30",)),
    ("meetings-one", "One way to meet", "optimize_integrate", "idea", "", "2027-01-01", "2027-04-30", "", "", 8_000, 0, "chro", "",
     False, ("BC-830.30",)),
    ("reports-one", "One set of reports", "optimize_integrate", "planned", "faster-close", "2026-12-01", "2027-05-31", "", "",
     40_000, 6_000, "cfo", "close-auto", False, ("BC-610.50",)),
    ("pipeline-us", "Sell service from one American pipeline", "optimize_integrate", "running", "service-us", "2026-06-01", "2027-03-31",
     "2026-06-08", "", 24_000, 4_000, "cso", "", False, ("BC-410.30",)),
)  # fmt: skip

KPIS = (
    ("close-days", "Working days to close the month", "days", "minimize", 9, 4, "2027-03-31", "faster-close", "BC-200.10", "cfo", "Finance calendar"),
    ("forecast-error", "Error of the three-month sales forecast", "percent", "minimize", 21, 10, "2027-03-31", "faster-close", "BC-230.20", "cfo", "Controlling"),
    ("invoice-touchless", "Invoices booked without a hand on them", "percent", "maximize", 34, 70, "2027-03-31", "faster-close", "BC-200.20", "cfo", "Basware"),
    ("on-time-share", "Orders delivered on the promised day", "percent", "maximize", 88, 97, "2027-12-31", "on-time", "BC-520.40", "coo", "SAP"),
    ("plan-changes", "Changes of the frozen production plan in a week", "changes", "minimize", 46, 15, "2027-06-30", "on-time", "BC-520.20", "coo", "Planning"),
    ("reject-share", "Pumps rejected at the final check", "percent", "minimize", 2.4, 1.5, "2027-06-30", "on-time", "BC-720.30", "coo", "MPDV HYDRA"),
    ("service-sales", "Service sales in North America", "thousand EUR", "maximize", 610, 735, "2027-12-31", "service-us", "BC-430.10", "cso", "QuickBooks"),
    ("quote-days", "Working days from request to quotation", "days", "minimize", 6.5, 3, "2027-06-30", "service-us", "BC-410.40", "cso", "Salesforce"),
    ("first-answer", "Hours to the first answer to a customer", "hours", "minimize", 11, 4, "2027-06-30", "service-us", "BC-430.10", "service", "Zendesk"),
    ("phishing-clicks", "People who click in a phishing test", "percent", "minimize", 14, 5, "2026-12-31", "no-stop", "BC-620.20", "cio", "Awareness tests"),
    ("restore-hours", "Hours to restore the order system in a rehearsal", "hours", "minimize", 38, 8, "2026-12-31", "no-stop", "BC-160.20", "cio", "Rehearsals"),
    ("origin-proof", "Parts whose origin is proven", "percent", "maximize", 22, 90, "2027-06-30", "parts-origin", "BC-510.30", "cpo", "Spreadsheet"),
)  # fmt: skip

TRENDS = {
    "close-days": (90, 5, 13, -35), "forecast-error": (210, 15, 24, 0), "invoice-touchless": (340, 20, 13, 190),
    "on-time-share": (882, 12, 24, 0), "plan-changes": (460, 40, 18, -60), "reject-share": (24, 2, 24, 0),
    "service-sales": (6100, 300, 18, 280), "quote-days": (65, 5, 19, -9), "first-answer": (110, 10, 24, 0),
    "phishing-clicks": (140, 10, 9, -80), "restore-hours": (380, 20, 24, 0), "origin-proof": (220, 10, 24, 0),
}  # fmt: skip
"""KPI -> (level in tenths, its noise, month in which it changes, how far it goes in six months): some only move by chance."""


def percent(value: int) -> str:
    """A share as decimal text."""
    return f"{value // 100}.{value % 100:02d}"


def tenths(value: int) -> str:
    return f"{value // 10}.{value % 10}"


def rows(names: str, values: Iterable[tuple[object, ...]]) -> list[Row]:
    """Rows from tuples: each is cut to the names."""
    return [dict(zip(names.split(), value, strict=False)) for value in values]


def observations(rng: Random) -> list[Row]:
    """24 months of every KPI, and of the close by site: the initiative that shortened it was in Kassel alone."""
    found: list[Row] = []
    for kpi, (level, noise, turn, gain) in TRENDS.items():
        for n, month in enumerate(MONTHS):
            moved = level + gain * min(6, max(0, n - turn)) // 6
            value = moved + rng.randrange(-noise, noise + 1)
            found.append({"kpi_id": kpi, "month": month_text(month), "value": tenths(value), "observation_count": 1, "author": "Renate Oster"})
            if kpi == "close-days":
                for site, at_site in (("kassel", value), ("dayton", level - 10 + rng.randrange(-noise, noise + 1))):
                    found.append({"kpi_id": kpi, "month": month_text(month), "value": tenths(at_site), "observation_count": 1,
                                  "group_name": site, "author": "Renate Oster"})  # fmt: skip
    return found


def org_units() -> list[Row]:
    people = sum(unit.kassel + unit.dayton for unit in UNITS)
    found: list[Row] = [{"org_unit_id": "tarnbeck", "name": "Tarnbeck Pumps", "headcount": people}]
    for unit in UNITS:
        found.append({"org_unit_id": unit.unit_id, "name": unit.name, "parent_id": "tarnbeck", "cost_center": unit.cost_center,
                      "headcount": unit.kassel + unit.dayton})  # fmt: skip
    return found


def capabilities() -> list[Row]:
    """The 24 in use; their names and parents come from the catalogue."""
    found: list[Row] = []
    for capability_id, (business, it) in CAPABILITIES.items():
        entry = get_by_id(capability_id)
        if entry is None:
            raise LookupError(f"the capability catalogue no longer has {capability_id}")
        found.append({"capability_id": entry.id, "name": entry.name, "parent_id": entry.parent_id or "",
                      "is_critical": "yes" if capability_id in CRITICAL else "no", "business_owner_id": business, "it_owner_id": it,
                      **dict(zip(("rto_hours", "rpo_hours"), OBJECTIVES.get(capability_id, ("", "")), strict=True))})  # fmt: skip
    return found


def links() -> list[Row]:
    found: list[Row] = []
    for priority, capability, required, weight in LINKS:
        business, it = CAPABILITIES[capability]
        found.append({"priority_id": priority, "capability_id": capability, "required_level": percent(required), "weight": weight,
                      "business_owner_id": "" if (priority, capability) == LINK_WITHOUT_BUSINESS_OWNER else business,
                      "it_owner_id": it})  # fmt: skip
    return found


def budgets() -> list[Row]:
    """A plan for each month by account, and from 2026 for the initiatives that run."""
    yearly = {"6835": 870_000, "6837": 210_000, "6840": 330_000, "6815": 66_000, "0650": 300_000, "6400": 250_000, "6420": 120_000, "6450": 54_000}
    found: list[Row] = []
    for month in MONTHS:
        for account, amount in yearly.items():
            planned = amount * (100 + 4 * (month.year - 2024)) // 1200
            found.append({"version": str(month.year), "kind": "budget", "month": month_text(month), "gl_account": account,
                          "capex_opex": "capex" if account == "0650" else "opex", "amount": f"{planned}.00", "currency": "EUR", "owner": "Renate Oster"})  # fmt: skip
        if month.year == 2026:
            for initiative, amount in (("aps", 17_500), ("crm-one", 10_000)):
                found.append({"version": "2026", "kind": "budget", "month": month_text(month), "initiative_id": initiative, "capex_opex": "capex",
                              "amount": f"{amount}.00", "currency": "EUR", "owner": "Greta Hartung"})  # fmt: skip
    return found


BENCHMARKS = (
    ("revenue", 2025, "88400000", "EUR", "Annual accounts 2025", "Greta Hartung"),
    ("cost_to_revenue", 2025, "0.029", "share", "Invented survey of pump makers", "Greta Hartung"),
    ("cost_per_employee", 2025, "5900", "EUR", "Invented survey of pump makers", "Greta Hartung"),
    ("run_share", 2025, "0.71", "share", "Invented survey of pump makers", "Greta Hartung"),
    ("fixed_share", 2025, "0.55", "share", "Invented survey of pump makers", "Greta Hartung"),
)  # fmt: skip


def strategy(rng: Random) -> dict[str, list[Row]]:
    """Contract name -> rows, for every strategy file but rates and control totals, which follow from the money."""
    initiative_names = ("initiative_id name phase status priority_id start_on end_on actual_start_on actual_end_on "
                        "capex_amount opex_amount owner_id predecessor_ids is_must_do")  # fmt: skip
    initiatives = [dict(row, is_must_do="yes" if row["is_must_do"] else "no", **scores(str(row["initiative_id"]))) for row in rows(initiative_names, INITIATIVES)]
    return {
        "owner": rows("owner_id name side org_unit_id left_on", OWNERS),
        "org_unit": org_units(),
        "priority": rows("priority_id name theme weight horizon_on owner_id", PRIORITIES),
        "capability": capabilities(),
        "priority_capability": links(),
        "initiative": initiatives,
        "initiative_capability": [{"initiative_id": i[0], "capability_id": capability} for i in INITIATIVES for capability in i[-1]],
        "kpi": rows("kpi_id name unit direction baseline target target_on priority_id capability_id owner_id data_source", KPIS),
        "kpi_observation": observations(rng),
        "budget": budgets(),
        "benchmark": rows("metric year value unit published_by author", BENCHMARKS),
    }  # fmt: skip
