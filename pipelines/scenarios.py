"""`plumbline plan`: the roadmap under a budget, under less of it, and with delays, read from a published month."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb

from pipelines.errors import UsageError
from pipelines.findings import reporting_currency
from pipelines.functions.allocate import largest_remainder
from pipelines.plan import (
    SECONDS,
    TAIL,
    Change,
    Item,
    Problem,
    Solution,
    chain,
    cheapest_change,
    extra_budget,
    lost_musts,
    solve,
    spending,
    working,
)
from pipelines.publish import Run
from pipelines.recognition import near

DELAY = re.compile(r"(.+)=(\d{1,2})q")
PHASES = ("stabilize_secure", "optimize_integrate", "innovate")
OPEN = frozenset({"idea", "planned", "running", None})
POINT = 100
"""Points are kept in hundredths, so that what is solved is whole."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Roadmap:
    """What a published month says of its initiatives: rows of marts.initiative_score by id, the gaps each works on, and why some can't be planned."""

    month: date
    currency: str
    rows: Mapping[str, Row]
    gaps: Mapping[str, frozenset[tuple[str, str]]]
    gap_sizes: Mapping[tuple[str, str], Decimal]
    priorities: Mapping[str, str]
    needs: Mapping[str, frozenset[str]]
    refused: Mapping[str, str]


def read(run: Run, counts_people: bool = False) -> Roadmap:
    """The roadmap of a published month, read-only. A later phase needs what an earlier one does for the same capability, unless waived.

    `counts_people`: what is not begun and has no stated work can't be planned either.
    """
    with duckdb.connect(str(run.warehouse), read_only=True) as connection:
        asked = connection.execute("select s.*, i.end_on from marts.initiative_score as s join core.initiative as i using (initiative_id) order by s.initiative_id")
        names = [column[0] for column in asked.description]
        rows = {row["initiative_id"]: row for row in (dict(zip(names, values, strict=True)) for values in asked.fetchall())}
        gaps = connection.execute(
            "select c.initiative_id, g.capability_id, g.priority_id, coalesce(g.weighted_gap_size, 0) from core.initiative_capability as c join core.initiative as i "
            "using (initiative_id) join marts.gap as g on g.capability_id = c.capability_id and (i.priority_id is null or g.priority_id = i.priority_id) "
            "where g.state in ('gap', 'no_tool') order by all"
        ).fetchall()
        priorities = dict(connection.execute("select priority_id, priority_name from core.priority order by weight desc, priority_id").fetchall())
        (month,) = connection.execute("select month from settings.run").fetchone() or (date.min,)
        currency = reporting_currency(connection)
    works = {i: frozenset((c, p) for other, c, p, _ in gaps if other == i) for i in rows}
    needs = {i: needed(row, rows) for i, row in rows.items() if row["status"] in OPEN}
    return Roadmap(month, currency, rows, works, {(c, p): size for _, c, p, size in gaps}, priorities, needs, refusals(rows, needs, counts_people))


def needed(row: Row, rows: Mapping[str, Row]) -> frozenset[str]:
    """What must be done before an initiative starts: its predecessors, and what of an earlier phase comes first."""
    named = set(re.split(r"[\s,;]+", row["predecessor_ids"].strip())) if (row["predecessor_ids"] or "").strip() else set()
    before = set() if row["phase_waiver"] else set(row["before_ids"] or ())
    return frozenset(i for i in named | before if i not in rows or rows[i]["status"] != "done")


def refusals(rows: Mapping[str, Row], needs: Mapping[str, frozenset[str]], counts_people: bool) -> dict[str, str]:
    """Why an open initiative can't be planned at all; what waits for one of those can't be either."""
    found = {i: "the work it takes is not stated" for i in needs if counts_people and rows[i]["status"] != "running" and rows[i].get("effort_days") is None}
    found |= {i: "its cost is not stated" for i in needs if rows[i]["planned_amount"] is None}
    found |= {i: f"it waits for {', '.join(sorted(stopped))}, which is stopped" for i, n in needs.items() if (stopped := {x for x in n if x in rows and rows[x]["status"] == "stopped"})}
    while more := {i: f"it waits for {', '.join(sorted(n & found.keys()))}, which can't be planned" for i, n in needs.items() if i not in found and n & found.keys()}:
        found |= more
    return found


def problem(roadmap: Roadmap, budgets: Sequence[int], by: str, carries_over: bool, people: Sequence[int] = ()) -> Problem:
    """The program to solve. What runs goes on from the first quarter at what is left of its cost; `by` is delay_cost or gaps."""
    items = []
    for item_id, needs in roadmap.needs.items():
        if item_id in roadmap.refused:
            continue
        row = roadmap.rows[item_id]
        runs = row["status"] == "running"
        left = max(0, cents(row["planned_amount"]) - (cents(row["spent_amount"]) if runs else 0))
        quarters = quarters_until(roadmap.month, row["end_on"]) if runs and row["end_on"] else int(row["duration_quarters"] or 1)
        earliest = max(0, quarters_until(roadmap.month, row["earliest_on"]) - 1) if row["earliest_on"] else 0
        items.append(Item(
            item_id, points(row, by), tuple(largest_remainder(left, [1] * max(1, quarters))), frozenset() if runs else needs,
            0 if runs else earliest, bool(row["is_must_do"]) or runs, runs, work(row, max(1, quarters)),
        ))  # fmt: skip
    return Problem(tuple(items), tuple(budgets), carries_over, tuple(people))


def work(row: Row, quarters: int) -> tuple[int, ...]:
    """People-days of each quarter that is left: all of them spread evenly over the whole of it. Of one that runs and states none, 0."""
    whole = max(quarters, int(row["duration_quarters"] or 1))
    return tuple(largest_remainder(int(row.get("effort_days") or 0), [1] * whole)[:quarters])


def points(row: Row, by: str) -> int:
    """What a quarter of an initiative's benefit is worth, in hundredths of points; 0 where nobody has said."""
    value = row["delay_cost_points"] if by == "delay_cost" else row["weighted_gap_size"]
    return int((value or Decimal(0)) * POINT)


def cents(amount: Decimal | None) -> int:
    return int((amount or Decimal(0)) * POINT)


def quarters_until(month: date, day: date) -> int:
    """How many quarters after the month reach to the day: 1 where it lies in the three months after it, or before."""
    months = (day.year - month.year) * 12 + day.month - month.month
    return max(1, -(-months // 3))


def budgets_of(text: str, quarters: int, option: str = "--budget", unit: int = POINT) -> list[int]:
    """Budgets in whole cents, or in another `unit`, from one amount for every quarter, or one for each. Raises UsageError."""
    try:
        amounts = [int(Decimal(part.strip()) * unit) for part in text.split(",")]
    except (InvalidOperation, OverflowError):
        example = "50000 or 50000,60000,40000" if unit == POINT else "120 or 120,90,120"
        raise UsageError(f"{option} {text}: write one amount for each quarter, or one for all, such as {example}.") from None
    if len(amounts) not in (1, quarters) or min(amounts) < 0:
        raise UsageError(f"{option} {text}: {len(amounts)} amounts for {quarters} quarters. Give one for all or one for each, none below 0.")
    return amounts * quarters if len(amounts) == 1 else amounts


def cut_of(text: str) -> Decimal:
    """A cut such as 15% as a share. Raises UsageError."""
    try:
        share = Decimal(text.strip().removesuffix("%")) / 100
    except InvalidOperation:
        share = Decimal(-1)
    if not 0 < share <= 1:
        raise UsageError(f"--cut {text}: write it as 15%, above 0 and up to 100.")
    return share


def plan(run: Run, budget: str, quarters: int, cuts: Sequence[str], delays: Sequence[str], by: str, carries_over: bool, people: str = "",
         seconds: float = SECONDS) -> dict[str, Any]:  # fmt: skip
    """The plan and each scenario beside it, as `--json` prints them; amounts are texts with two decimals. Raises UsageError.

    `people`: people-days of each quarter as `budget` is given; empty: they are not looked at.
    """
    roadmap = read(run, bool(people))
    days = budgets_of(people, quarters, "--people", 1) if people else []
    base = problem(roadmap, budgets_of(budget, quarters), by, carries_over, days)
    solved = solve(base, seconds)
    first = told("as given", roadmap, base, solved)
    scenarios = [first]
    for cut in cuts:
        share = cut_of(cut)
        less = replace(base, budgets=tuple(int(amount * (1 - share)) for amount in base.budgets))
        scenarios.append(told(f"{cut} less money", roadmap, less, solve(less, seconds)))
    for delay in delays:
        found = DELAY.fullmatch(delay)
        known = [item.item_id for item in base.items]
        if not found or found[1] not in known:
            raise UsageError(f"--delay {delay}: write it as ID=2q, with an initiative that can be planned.{near(found[1], known) if found else ''}")
        later = replace(base, items=tuple(delayed(item, int(found[2]), solved) if item.item_id == found[1] else item for item in base.items))
        scenarios.append(told(f"{found[1]} {found[2]} quarters later", roadmap, later, solve(later, seconds)))
    for scenario in scenarios[1:]:
        scenario["lost"] = lost(first, scenario)
    return {
        "month": f"{roadmap.month:%Y-%m}", "run_id": run.manifest["run_id"], "currency": roadmap.currency, "by": by, "carries_over": carries_over,
        "quarters": [label(roadmap.month, n) for n in range(quarters)], "not_planned": dict(sorted(roadmap.refused.items())), "scenarios": scenarios,
    }  # fmt: skip


def delayed(item: Item, quarters: int, solved: Solution | None) -> Item:
    """An initiative that starts so much later than planned, or than it could where it is not planned."""
    start = solved.starts.get(item.item_id, item.earliest) if solved else item.earliest
    return replace(item, earliest=start + quarters)


def told(name: str, roadmap: Roadmap, asked: Problem, solved: Solution | None) -> dict[str, Any]:
    """A scenario in figures: what is planned when, what it costs and closes, and what would let the others in."""
    budgets = [money(amount) for amount in asked.budgets]
    if solved is None:
        musts = [item.item_id for item in asked.items if item.is_must]
        return {"scenario": name, "budgets": budgets, "is_feasible": False, "must": musts, **shortage(asked, musts), "never_fits": lost_musts(asked)}
    rows, starts = roadmap.rows, solved.starts
    gaps = frozenset(gap for i in starts for gap in roadmap.gaps[i])
    return {
        "scenario": name, "budgets": budgets, "is_feasible": True, "is_proven": solved.is_proven, "points": hundredths(solved.value),
        "points_bound": hundredths(solved.bound), "gap_share": f"{solved.gap:.4f}", "spending": [money(amount) for amount in spending(asked, starts)],
        "people_days": list(asked.people), "people_taken": working(asked, starts) if asked.people else [],
        "work_not_stated": sorted(i for i in starts if asked.people and rows[i].get("effort_days") is None),
        "cost_amount": money(sum(item.cost for item in asked.items if item.item_id in starts)), "gap_count": len(gaps),
        "weighted_gap_size": str(sum((roadmap.gap_sizes[g] for g in gaps), Decimal(0))),
        "risk_reduction": str(sum((rows[i]["risk_reduction"] or Decimal(0) for i in starts), Decimal(0)).normalize()),
        "initiatives": [
            {"initiative_id": i, "name": rows[i]["initiative_name"], "quarter": starts[i] + 1, "begins": label(roadmap.month, starts[i]), "priority_id": rows[i]["priority_id"],
             "cost_amount": money(next(item.cost for item in asked.items if item.item_id == i))} for i in sorted(starts, key=lambda i: (starts[i], i))
        ],
        "left_out": [left_out(asked, solved, item, rows) for item in sorted(asked.items, key=lambda i: i.item_id) if item.item_id not in starts],
        "by_priority": by_priority(roadmap, asked, starts, gaps),
    }  # fmt: skip


def shortage(asked: Problem, musts: Sequence[str]) -> dict[str, Any]:
    """The money and the people-days without which what must be done does not fit, each as if the other were there; None where it does not help."""
    by_id = {item.item_id: item for item in asked.items}
    wanted = {one for must in musts for one in chain(by_id, must)}
    extra = extra_budget(replace(asked, people=()), {}, wanted)
    rich = replace(asked, budgets=(sum(item.cost for item in asked.items),) * asked.quarters)
    days = extra_budget(rich, {}, wanted, more="people") if asked.people else None
    return {"missing_amount": None if extra is None else money(extra), "missing_days": days}


def left_out(asked: Problem, solved: Solution, item: Item, rows: Mapping[str, Row]) -> dict[str, Any]:
    change = Change("value") if item.value == 0 else cheapest_change(asked, solved, item.item_id)
    return {
        "initiative_id": item.item_id, "name": rows[item.item_id]["initiative_name"], "change": change.kind, "extra_amount": money(change.extra),
        "extra_days": change.days, "more_quarters": change.quarters, "without": list(change.without), "told": in_words(change),
    }  # fmt: skip


def in_words(change: Change) -> str:
    """A change, as a sentence says it."""
    extra = f" and {money(change.extra)} more" if change.extra else " and no more money"
    return {
        "date": f"fits if it may end {change.quarters} quarter{'s' if change.quarters > 1 else ''} after the plan, with no more money",
        "budget": f"fits with {money(change.extra)} more",
        "people": f"fits with {change.days} people-days more, and no more money",
        "both": f"takes at least {money(change.extra)} and {change.days} people-days more",
        "dependency": f"fits if it need not wait for {', '.join(change.without)}{extra}",
        "value": "nobody has stated what it is worth: business_value, time_criticality and risk_reduction, or a gap that it closes",
        "none": f"fits neither with more money nor within {TAIL} more quarters",
    }[change.kind]


def by_priority(roadmap: Roadmap, asked: Problem, starts: Mapping[str, int], gaps: frozenset[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """What each priority gets: initiatives, money, points a quarter, gaps. Initiatives without a priority stand under an empty id."""
    found = {}
    for priority in [*roadmap.priorities, ""]:
        items = [item for item in asked.items if item.item_id in starts and (roadmap.rows[item.item_id]["priority_id"] or "") == priority]
        found[priority] = {
            "initiatives": sorted(item.item_id for item in items), "cost_amount": money(sum(item.cost for item in items)),
            "points": hundredths(sum(asked.benefit(item, starts[item.item_id]) for item in items)), "gap_count": sum(p == priority for _, p in gaps),
        }  # fmt: skip
    return found


def lost(first: Row, other: Row) -> dict[str, Any]:
    """What each priority loses beside the first scenario: points, gaps left open, initiatives; only those that lose or gain."""
    if not (first["is_feasible"] and other["is_feasible"]):
        return {}
    found = {}
    for priority, had in first["by_priority"].items():
        has = other["by_priority"][priority]
        change = {
            "points": str(Decimal(had["points"]) - Decimal(has["points"])), "gap_count": had["gap_count"] - has["gap_count"],
            "initiatives": sorted({*had["initiatives"]} - {*has["initiatives"]}), "gained": sorted({*has["initiatives"]} - {*had["initiatives"]}),
        }  # fmt: skip
        if Decimal(change["points"]) or change["gap_count"] or change["initiatives"] or change["gained"]:
            found[priority] = change
    return found


def label(month: date, quarter: int) -> str:
    """First month of a planned quarter; the first begins with the month after the published one."""
    number = month.year * 12 + month.month + 3 * quarter
    return f"{number // 12}-{number % 12 + 1:02d}"


def money(amount: int) -> str:
    return f"{Decimal(amount) / POINT:.2f}"


def hundredths(value: int) -> str:
    return f"{Decimal(value) / POINT:.2f}"
