"""Which initiatives to start when: the best plan that the quarters' budgets allow, with a proof that none is better.

An integer program after Hindawi 2021 (doi 10.1155/2021/4163287, project selection and scheduling): x[i,t] = 1 where initiative i
starts in quarter t. Maximise the sum of value x quarters of benefit, where every initiative starts once at most, the cost of
what runs in a quarter stays within its budget, and what must come before is done before. HiGHS solves it.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pipelines.errors import PlumblineError

TAIL = 4
"""Quarters after the last planned one in which everything that is done by then still counts; else its last quarter were worth nothing."""
SECONDS = 60.0


@dataclass(frozen=True)
class Item:
    """An initiative that could be planned.

    `value` in whole points a quarter of benefit; `costs` in whole smallest units of money for each quarter that it runs;
    `needs` the ids that must be done before it starts; `earliest` the first quarter, from 0, in which it may start. `is_fixed`:
    it runs already and goes on in that very quarter. `is_must`: it is in every plan. `days`: whole people-days for each quarter.
    """

    item_id: str
    value: int
    costs: tuple[int, ...]
    needs: frozenset[str] = frozenset()
    earliest: int = 0
    is_must: bool = False
    is_fixed: bool = False
    days: tuple[int, ...] = ()

    @property
    def duration(self) -> int:
        return len(self.costs)

    @property
    def cost(self) -> int:
        return sum(self.costs)


@dataclass(frozen=True)
class Problem:
    """Initiatives and what may be spent in each quarter, in whole smallest units. `carries_over`: what a quarter leaves, the next may spend.

    `people`: people-days that each quarter has, which none can leave to the next; empty: as many as it takes.
    """

    items: tuple[Item, ...]
    budgets: tuple[int, ...]
    carries_over: bool = False
    people: tuple[int, ...] = ()

    @property
    def quarters(self) -> int:
        return len(self.budgets)

    @cached_property
    def starts(self) -> list[tuple[Item, int]]:
        """Every start that is possible: all of the work lies within the quarters. Sorted by id, so that no order of rows counts."""
        return [
            (item, quarter)
            for item in sorted(self.items, key=lambda i: i.item_id)
            for quarter in ([item.earliest] if item.is_fixed else range(item.earliest, self.quarters))
            if quarter + item.duration <= self.quarters
        ]

    def benefit(self, item: Item, quarter: int) -> int:
        """Points that a start earns: those of all quarters after it is done."""
        return item.value * (self.quarters - quarter - item.duration + TAIL)


@dataclass(frozen=True)
class Solution:
    """The starts by id and the points they earn; no plan earns more than `bound`. `gap` is what may be missing, as a share of the bound."""

    starts: Mapping[str, int]
    value: int
    bound: int
    gap: float

    @property
    def is_proven(self) -> bool:
        return self.bound <= self.value


def solve(problem: Problem, seconds: float = SECONDS) -> Solution | None:
    """The best plan found within `seconds`; None where no plan holds all that must be in it.

    Of plans with equal points the one that HiGHS meets first in the order of ids: with a proof, the same input gives the same
    plan, whatever the order of its rows. (Ties broken by a second objective took ten times as long to prove.) Raises
    PlumblineError where the time is over before any plan is found.
    """
    starts = problem.starts
    if lost_musts(problem):
        return None
    if not starts:
        return Solution({}, 0, 0, 0)
    result = optimise([-float(problem.benefit(item, quarter)) for item, quarter in starts], [], problem, seconds)
    if result is None:
        return None
    chosen = {item.item_id: quarter for (item, quarter), x in zip(starts, result.x, strict=True) if x > 0.5}
    hold(problem, chosen)
    value = sum(problem.benefit(item, chosen[item.item_id]) for item in problem.items if item.item_id in chosen)
    # Points are whole: a bound less than one above is a proof.
    bound = max(value, math.floor(-(result.mip_dual_bound if result.mip_dual_bound is not None else result.fun) + 1e-6))
    return Solution(chosen, value, bound, (bound - value) / max(1, bound))


def extra_budget(problem: Problem, kept: Mapping[str, int], wanted: Collection[str], seconds: float = SECONDS, more: str = "money") -> int | None:
    """The least money above the budgets, in whole smallest units, with which `wanted` fit beside what is `kept` where it is; or, where `more` is people, the least days.

    None where none of it helps: the work does not fit into the quarters, what it needs is not there in time, or it lacks the other.
    """
    items = tuple(
        replace(item, is_must=True, is_fixed=item.is_fixed or item.item_id in kept, earliest=kept.get(item.item_id, item.earliest))
        for item in problem.items
        if item.item_id in kept or item.item_id in wanted
    )
    asked = replace(problem, items=items)
    if not items:
        return 0
    if lost_musts(asked):
        return None
    result = optimise([0.0] * len(asked.starts), [1.0] * asked.quarters, asked, seconds, more)
    return None if result is None else max(0, round(result.fun))


def lost_musts(problem: Problem) -> list[str]:
    """What must be in the plan and can't be: its work, or that of what it needs, does not fit into the quarters."""
    possible = {item.item_id for item, _ in problem.starts}
    while True:
        fit = {item.item_id for item in problem.items if item.item_id in possible and item.needs <= possible}
        if fit == possible:
            return sorted(item.item_id for item in problem.items if item.is_must and item.item_id not in possible)
        possible = fit


def optimise(costs: Sequence[float], over_costs: Sequence[float], problem: Problem, seconds: float, more: str = "money") -> Any:
    """HiGHS on starts (whole) and, where `over_costs` are given, what is added to each quarter, `more` money or people; None where nothing is feasible."""
    import numpy
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    starts, over = problem.starts, len(over_costs)
    entries: list[tuple[int, int, float]] = []
    low: list[float] = []
    high: list[float] = []

    def row(cells: Mapping[int, float], least: float, most: float) -> None:
        entries.extend((len(low), column, cell) for column, cell in cells.items() if cell)
        low.append(least)
        high.append(most)

    of = {item.item_id: [n for n, (other, _) in enumerate(starts) if other.item_id == item.item_id] for item in problem.items}
    for item in sorted(problem.items, key=lambda i: i.item_id):
        if of[item.item_id]:
            row(dict.fromkeys(of[item.item_id], 1.0), 1.0 if item.is_must else 0.0, 1.0)
        for need in sorted(item.needs):
            earlier = {n: starts[n][1] + starts[n][0].duration for n in of.get(need, [])}
            for quarter in range(problem.quarters):
                mine = {n: 1.0 for n in of[item.item_id] if starts[n][1] <= quarter}
                if mine and any(starts[n][1] == quarter for n in mine):
                    row(mine | {n: -1.0 for n, done in earlier.items() if done <= quarter}, -numpy.inf, 0.0)
    for quarter in range(problem.quarters):
        since = 0 if problem.carries_over else quarter
        spent = {n: float(sum(item.costs[max(0, since - start) : max(0, quarter - start + 1)])) for n, (item, start) in enumerate(starts)}
        paid = {len(starts) + k: -1.0 for k in range(since, quarter + 1)} if over and more == "money" else {}
        row(spent | paid, -numpy.inf, float(sum(problem.budgets[since : quarter + 1])))
    for quarter, days in enumerate(problem.people):
        worked = {n: float(item.days[quarter - start]) for n, (item, start) in enumerate(starts) if 0 <= quarter - start < len(item.days)}
        row(worked | ({len(starts) + quarter: -1.0} if over and more == "people" else {}), -numpy.inf, float(days))
    lines, columns, cells = zip(*entries, strict=True)
    matrix = csr_array((cells, (lines, columns)), shape=(len(low), len(starts) + over))
    result = milp(
        numpy.array([*costs, *over_costs], dtype=float),
        constraints=LinearConstraint(matrix, numpy.array(low), numpy.array(high)),
        integrality=numpy.array([1] * len(starts) + [0] * over),
        bounds=Bounds(numpy.zeros(len(starts) + over), numpy.array([1.0] * len(starts) + [numpy.inf] * over)),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if result.status == 2:
        return None
    if result.x is None:
        raise PlumblineError(f"No plan was found within {seconds:g} seconds: {result.message} Plan fewer quarters or initiatives.")
    return result


def hold(problem: Problem, chosen: Mapping[str, int]) -> None:
    """Count in whole numbers whether a plan keeps to its budgets and to what comes before what. Raises PlumblineError where not."""
    by_id = {item.item_id: item for item in problem.items}
    spent = spending(problem, chosen)
    for quarter in range(problem.quarters):
        since = 0 if problem.carries_over else quarter
        if sum(spent[since : quarter + 1]) > sum(problem.budgets[since : quarter + 1]):
            raise PlumblineError(f"The solver's plan spends {spent[quarter]} in quarter {quarter + 1}, above the budget. This is a fault of Plumbline.")
    for quarter, (worked, days) in enumerate(zip(working(problem, chosen), problem.people, strict=False)):
        if worked > days:
            raise PlumblineError(f"The solver's plan takes {worked} people-days in quarter {quarter + 1}, above the {days} there are. This is a fault of Plumbline.")
    for item_id, quarter in chosen.items():
        for need in by_id[item_id].needs:
            if need not in chosen or chosen[need] + by_id[need].duration > quarter:
                raise PlumblineError(f"The solver's plan starts {item_id} before {need} is done. This is a fault of Plumbline.")


def spending(problem: Problem, chosen: Mapping[str, int]) -> list[int]:
    """What a plan spends in each quarter, in whole smallest units."""
    return by_quarter(problem, {item.item_id: item.costs for item in problem.items}, chosen)


def working(problem: Problem, chosen: Mapping[str, int]) -> list[int]:
    """The people-days that a plan takes in each quarter."""
    return by_quarter(problem, {item.item_id: item.days for item in problem.items}, chosen)


def by_quarter(problem: Problem, parts: Mapping[str, Sequence[int]], chosen: Mapping[str, int]) -> list[int]:
    found = [0] * problem.quarters
    for item_id, start in chosen.items():
        for n, part in enumerate(parts[item_id]):
            found[start + n] += part
    return found


@dataclass(frozen=True)
class Change:
    """What would let an initiative in without taking another out: `kind` is date, dependency, people, budget, both, or none where nothing found does.

    Of both, `extra` money and `days` are each the least without a limit on the other: so much at least.
    """

    kind: str
    extra: int = 0
    quarters: int = 0
    without: tuple[str, ...] = ()
    days: int = 0


def cheapest_change(problem: Problem, solution: Solution, item_id: str) -> Change:
    """The cheapest change that lets an initiative in, found by solving again with all that is planned left where it is.

    Tried: more quarters like the last one (free), leaving out what it must wait for (free, or with money), more people-days,
    more money, both. The free ones win, a later date before a dropped dependency, and that before more people; then the least money.
    """
    by_id = {item.item_id: item for item in problem.items}
    wanted = chain(by_id, item_id)
    for more in range(1, TAIL + 1):
        longer = replace(problem, budgets=problem.budgets + problem.budgets[-1:] * more, people=problem.people + problem.people[-1:] * more)
        if extra_budget(longer, solution.starts, wanted) == 0:
            return Change("date", quarters=more)
    found: list[tuple[int, int, Change]] = []
    if extra := extra_budget(problem, solution.starts, wanted):
        found.append((extra, 1, Change("budget", extra)))
    if needs := by_id[item_id].needs:
        freed = replace(problem, items=tuple(replace(item, needs=frozenset()) if item.item_id == item_id else item for item in problem.items))
        money = extra_budget(freed, solution.starts, {item_id})
        if money is not None:
            found.append((money, 0, Change("dependency", money, without=tuple(sorted(needs)))))
    if problem.people and (days := extra_budget(problem, solution.starts, wanted, more="people")):
        found.append((0, 1, Change("people", days=days)))
    if problem.people and not found:
        unlimited = replace(problem, budgets=(sum(item.cost for item in problem.items),) * problem.quarters)
        least, days = extra_budget(replace(problem, people=()), solution.starts, wanted), extra_budget(unlimited, solution.starts, wanted, more="people")
        found += [(least, 2, Change("both", least, days=days))] if least is not None and days is not None else []
    return min(found, key=lambda f: f[:2])[2] if found else Change("none")


def chain(by_id: Mapping[str, Item], item_id: str) -> set[str]:
    """An initiative with all that must come before it."""
    found: set[str] = set()
    todo = [item_id]
    while todo:
        if (one := todo.pop()) not in found:
            found.add(one)
            todo += [need for need in by_id[one].needs if need in by_id]
    return found
