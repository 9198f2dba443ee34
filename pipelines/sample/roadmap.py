"""How the sample company weighs its initiatives, shares out common cost, classes it, and what it has agreed to save."""

from collections.abc import Mapping

Row = Mapping[str, object]

SCORED = "business_value time_criticality risk_reduction job_size reach impact confidence effort duration_quarters earliest_on"
SCORES: Mapping[str, tuple[object, ...]] = {
    "backup-new": (8, 13, 20, 8, 412, 2, "0.80", 10, 2, ""),
    "aps": (20, 8, 3, 20, 140, 3, "0.70", 26, "", ""),
    "service-portal": (13, 8, 1, 13, 300, 1, "0.50", 18, 3, ""),
    "crm-one": (13, 5, 1, 8, 58, 2, "0.80", 9, "", ""),
    "reports-one": (5, 3, 1, 5, 90, 1, "0.80", 6, 2, ""),
    "meetings-one": (2, 1, 1, 1, 412, "0.25", "0.90", 1, 1, "2027-02-01"),
}
"""What some initiatives are worth and take. Those that are done need no score, and one that runs has none: it shows as not assessed."""

POOLS = (
    ("workplace", "gl_account", "0650", "headcount", "", "BC-600.50", ""),
    ("telephones", "gl_account", "6815", "headcount", "", "BC-600.50", ""),
    ("platform", "tool", "VMware vSphere", "active_seats", "", "", "6000"),
    ("service-desk", "tool", "ServiceNow ITSM", "tickets", "", "", ""),
    ("consulting", "gl_account", "6840", "stated", "", "", ""),
)
"""(pool, what goes in, its name, driver, tool that drives, capability, capacity). The platform could serve more seats than it does."""
SHARES = (
    ("consulting", "platform", "", "", 3),
    ("consulting", "service-desk", "", "", 2),
    ("consulting", "", "engineering", "BC-820.20", 1),
)
"""(pool, to pool, unit, capability, weight): consulting feeds two pools that are shared out in turn."""

CLASSES = (
    ("gl_account", "6835", "software", "run"), ("gl_account", "6837", "software", "run"), ("gl_account", "0650", "hardware", "run"),
    ("gl_account", "6815", "telecom", "run"), ("gl_account", "6450", "telecom", "run"), ("gl_account", "6840", "outside_services", ""),
    ("gl_account", "1610", "hardware", "run"), ("initiative", "aps", "outside_services", "transform"), ("initiative", "close-auto", "outside_services", "grow"),
)  # fmt: skip
"""(what, its number, cost pool, run/grow/transform). Some accounts are left out: nobody has said what they are."""


SAVINGS = (
    ("pair-0a4e093b", "agreed", "tool", "Tableau", "30000.00", "2027-01-01"),
    ("pair-3c5b1851", "contracted", "tool", "Asana", "12000.00", "2026-08-01"),
)
"""(finding, stage, what costs less, its name, a year's saving, from when): one is still to come, the other should show in the ledger."""


def scores(initiative: str) -> Row:
    """The stored inputs of an initiative's scores."""
    return dict(zip(SCORED.split(), SCORES.get(initiative, ()), strict=False))


def agreed(signed: Row) -> dict[str, list[Row]]:
    """Contract name -> rows, of the decisions about savings and shared cost."""
    pools = "pool_id subject_kind subject driver driver_tool capability_id capacity"
    shares = "pool_id to_pool_id org_unit_id capability_id weight"
    classes = "subject_kind subject cost_pool run_grow_transform"
    savings = "finding_id stage subject_kind subject annual_amount effective_on"
    return {
        "saving": [dict(zip(savings.split(), row, strict=True)) | signed for row in SAVINGS],
        "allocation": [dict(zip(pools.split(), row, strict=True)) | signed for row in POOLS],
        "allocation_weight": [dict(zip(shares.split(), row, strict=True)) | signed for row in SHARES],
        "cost_class": [dict(zip(classes.split(), row, strict=True)) | signed for row in CLASSES],
    }
