"""What the sample company's work brought and what its failures cost: planted effects, operations, time saved."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from pipelines.sample.company import MONTHS, UNITS, month_text
from pipelines.sample.security import EXPLOITED_IN_USE, PLANNED, RECOVERY, RISKS
from pipelines.sample.strategy import (
    CAPABILITIES,
    CRITICAL,
    INITIATIVES,
    KPIS,
    LINK_WITHOUT_BUSINESS_OWNER,
    LINKS,
    OWNERS,
    TRENDS,
)

Row = Mapping[str, object]

GROUPS = (
    ("close-auto", "kassel", "2025-12-01"),
    ("zero-trust", "finance", "2025-08-01"),
    ("zero-trust", "hr", "2025-08-01"),
    ("zero-trust", "it", "2025-08-01"),
    ("aps", "kassel", ""),
)
"""(initiative, site or unit where it began, day from which it works there)."""

CLICKS = (140, 9, -80)
"""Clicks in phishing tests, in tenths of a percent: level, month in which training begins everywhere, how far they fall in six months."""

EFFECTS = (
    ("close-auto", "close-days", "beats_comparison"),
    ("close-auto", "invoice-touchless", "changed_after_start"),
    ("zero-trust", "phishing-clicks", "changed_after_start"),
    ("aps", "plan-changes", "cannot_tell"),
)
"""(initiative, KPI, rung). The close became faster in Kassel alone. People click less everywhere, since all were trained: the second
factor has no part in it. Invoices have one series. The planning system works for seven full months, one too few."""

OPERATIONS = (
    ("assembly", "Assembly of pumps in Kassel", "MPDV HYDRA", "BC-720.30", "yes", 118, "0.55", "46.00", "7800.00", "0.15", "240.00", 6, 22, 5, "coo"),
    ("orders", "Taking and shipping orders", "SAP S/4HANA", "BC-520.40", "yes", 58, "0.70", "52.00", "9400.00", "0.10", "380.00", 7, 19, 5, "coo"),
    ("office", "Mail and files of all", "", "BC-850.10", "", 412, "0.20", "49.00", "", "", "", 7, 18, 5, "chro"),
)
"""What stands still when a tool fails; of the office nobody has said more than people."""
OPERATION_NAMES = ["operation_id", "name", "tool_name", "capability_id", "is_critical", "people_count", "affected_share", "hourly_cost_amount", "revenue_per_hour_amount", "dependence_share", "recovery_per_hour_amount", "opens_hour", "closes_hour", "weekday_count", "owner_id"]  # fmt: skip

SAVINGS = (
    ("close-auto", "Matching of accounts", 24, 9, "58.00", "0.5", "0.7", "0.9"),
    ("reports-one", "Collecting figures for reports", 35, 4, "55.00", "", "", ""),
)
"""What work takes less time; of the reports nobody has said who will take part."""
SAVING_NAMES = ["initiative_id", "name", "people_count", "monthly_hours", "hourly_cost_amount", "adoption_low_share", "adoption_likely_share", "adoption_high_share"]


def clicks(rng: Random) -> list[Row]:
    """Clicks in phishing tests by unit: all fall alike, noise apart."""
    level, turn, gain = CLICKS
    found: list[Row] = []
    for n, month in enumerate(MONTHS):
        moved = level + gain * min(6, max(0, n - turn)) // 6
        for unit in UNITS:
            value = moved + rng.randrange(-12, 13)
            found.append({"kpi_id": "phishing-clicks", "month": month_text(month), "value": f"{value // 10}.{value % 10}",
                          "observation_count": unit.kassel + unit.dayton, "group_name": unit.unit_id, "author": "Greta Hartung"})  # fmt: skip
    return found


def outcomes(rng: Random) -> dict[str, list[Row]]:
    """Contract name -> rows; the observations come beside those of the strategy."""
    return {
        "initiative_group": [dict(zip(("initiative_id", "group_name", "start_on"), row, strict=True)) for row in GROUPS],
        "operation": [dict(zip(OPERATION_NAMES, row, strict=True)) for row in OPERATIONS],
        "time_saving": [dict(zip(SAVING_NAMES, row, strict=True)) for row in SAVINGS],
        "kpi_observation": clicks(rng),
    }


def business_minutes(begin: datetime, end: datetime, opens: int, closes: int, weekdays: int) -> int:
    """Minutes of a span that lie in business hours, counted one by one."""
    minutes = int((end - begin).total_seconds()) // 60
    at = (begin + timedelta(minutes=n) for n in range(minutes))
    return sum(opens <= moment.hour < closes and moment.weekday() < weekdays for moment in at)


def downtime_told(spans: Mapping[str, Sequence[tuple[datetime, datetime]]]) -> list[dict[str, Any]]:
    """By operation with a tool of its own: its minutes in business hours over all months, from the tool's merged outages."""
    return [
        {"operation_id": row[0], "minutes": sum(int((end - begin).total_seconds()) // 60 for begin, end in spans[row[2]]),
         "business_minutes": sum(business_minutes(begin, end, row[11], row[12], row[13]) for begin, end in spans[row[2]])}
        for row in OPERATIONS if row[2]
    ]  # fmt: skip


def outcomes_told(spans: Mapping[str, Sequence[tuple[datetime, datetime]]]) -> dict[str, Any]:
    """What was planted beside the money: effects, downtime, recovery, flaws, owners. Sizes in the KPI's unit, after less before."""
    _, _, turn, gain = TRENDS["close-days"]
    months = range(turn, len(MONTHS))
    sizes = {"close-days": sum(gain * min(6, n - turn) // 6 for n in months) / len(months) / 10, "phishing-clicks": 0.0}
    risky, measured = {row[2] for row in RISKS}, {row[8] for row in KPIS}
    served_in_it = Counter(it for _, it in CAPABILITIES.values())
    it_owners = {row[0] for row in OWNERS if row[2] == "it"}
    return {
        "effects": [{"initiative_id": i, "kpi_id": k, "rung": rung, "effect_size": sizes.get(k)} for i, k, rung in EFFECTS],
        "downtime": downtime_told(spans),
        "recovery": RECOVERY,
        "exploited_in_use": EXPLOITED_IN_USE,
        "risks": [{"risk_id": row[0], "is_assessed": row[5] != ""} for row in RISKS],
        "planned_controls": dict(PLANNED),
        "holes": {
            "no_risk_owner": sorted(CRITICAL - risky),
            "no_outcome_owner": sorted({link[1] for link in LINKS} - measured),
            "owner_left": [row[0] for row in OWNERS if row[4]],
            "owns_too_much": [owner for owner, count in served_in_it.items() if count > 7],
            "link_without_business_owner": ["/".join(LINK_WITHOUT_BUSINESS_OWNER)],
            "it_metrics_only": sorted({row[0] for row in INITIATIVES for kpi in KPIS if kpi[8] in row[-1] and kpi[9] in it_owners}),
        },
    }
