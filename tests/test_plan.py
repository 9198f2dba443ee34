"""A plan is the best that the money allows, keeps to its rules, and says what would let the others in."""

import json
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise, product
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pipelines import cli
from pipelines.errors import ConfigError, UsageError
from pipelines.loops import loop_of, refuse_loop
from pipelines.plan import Change, Item, Problem, cheapest_change, extra_budget, solve, spending
from pipelines.publish import published
from pipelines.scenarios import budgets_of, cut_of, plan

if TYPE_CHECKING:
    from pipelines.refresh import Refreshed

A, B, C = Item("a", 5, (40, 40)), Item("b", 9, (60,), frozenset("a")), Item("c", 4, (50,))


def best(problem: Problem) -> int:
    """The points of the best plan, by trying them all."""
    found = 0
    items = problem.items
    for starts in product(*([None, *range(i.earliest, problem.quarters - i.duration + 1)] for i in items)):
        chosen = {i.item_id: s for i, s in zip(items, starts, strict=True) if s is not None}
        spent = spending(problem, chosen)
        kept = all(
            sum(spent[0 if problem.carries_over else q : q + 1]) <= sum(problem.budgets[0 if problem.carries_over else q : q + 1]) for q in range(problem.quarters)
        )
        done = {i.item_id: chosen[i.item_id] + i.duration for i in items if i.item_id in chosen}
        ordered = all(n in done and done[n] <= chosen[i.item_id] for i in items if i.item_id in chosen for n in i.needs)
        if kept and ordered:
            found = max(found, sum(problem.benefit(i, chosen[i.item_id]) for i in items if i.item_id in chosen))
    return found


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("carries_over", [True, False])
def test_no_plan_is_better_and_the_order_of_rows_does_not_matter(seed: int, carries_over: bool) -> None:
    rng = Random(seed)
    items = tuple(
        Item(f"i{n}", rng.randint(0, 9), tuple(rng.randint(1, 50) for _ in range(rng.randint(1, 2))), frozenset({f"i{n - 1}"} if n and rng.random() < 0.4 else ()), rng.randint(0, 1))
        for n in range(5)
    )
    problem = Problem(items, (45, 30, 60, 40), carries_over)
    found = solve(problem)
    assert found
    assert (found.value, found.is_proven, found.bound) == (best(problem), True, found.value)
    assert solve(replace(problem, items=items[::-1])) == found


@pytest.mark.parametrize(
    ("items", "budgets", "change"),
    [
        ((A, B, C), (100, 100, 100), None),
        ((A, B), (60, 60), Change("date", quarters=1)),
        ((C, Item("d", 1, (30,), frozenset("x")), Item("x", 1, (99,) * 8)), (90, 20, 20), Change("dependency", 0, without=("x",))),
        ((C, Item("d", 1, (70,))), (60, 30), Change("budget", 40)),
        ((C, Item("d", 1, (70,) * 9)), (60, 30), Change("none")),
    ],
    ids=["in", "date", "dependency", "budget", "none"],
)  # fmt: skip
def test_what_would_let_an_initiative_in(items: tuple[Item, ...], budgets: tuple[int, ...], change: Change | None) -> None:
    problem = Problem(items, budgets)
    found = solve(problem)
    assert found
    out = sorted({i.item_id for i in items} - found.starts.keys() - {"x"})
    assert [cheapest_change(problem, found, i) for i in out] == ([change] if change else [])


@pytest.mark.parametrize(
    ("people", "budget", "planned", "change"),
    [
        ((9, 9), 100, {"a": 0, "b": 0}, None),
        ((5, 5), 100, {"a": 1, "b": 0}, None),
        ((5, 3), 100, {"b": 0}, Change("people", days=1)),
        ((5, 3), 60, {"b": 0}, Change("both", 40, days=1)),
        ((2, 2), 100, {}, Change("people", days=2)),
    ],
    ids=["enough", "one after the other", "too few", "neither", "none at all"],
)  # fmt: skip
def test_people_are_a_budget_of_their_own(people: tuple[int, ...], budget: int, planned: dict[str, int], change: Change | None) -> None:
    """Both take one quarter; days that a quarter leaves are gone in the next."""
    problem = Problem((Item("a", 5, (50,), days=(4,)), Item("b", 6, (50,), days=(4,))), (budget, 0), True, people)
    found = solve(problem)
    assert found
    assert found.starts == planned
    left = sorted({"a", "b"} - found.starts.keys())
    assert ([cheapest_change(problem, found, one) for one in left][:1] or [None]) == [change]


def test_what_must_be_done_and_does_not_fit_lacks_so_much() -> None:
    problem = Problem((replace(A, is_must=True), replace(C, is_must=True)), (50, 60), carries_over=False)
    assert solve(problem) is None
    assert extra_budget(problem, {}, {"a", "c"}) == 30


@pytest.mark.parametrize(
    ("edges", "loop"),
    [([("a", "b"), ("b", "c")], []), ([("a", "b"), ("b", "a")], ["a", "b", "a"]), ([("a", "a")], ["a", "a"]), ([("x", "a"), ("a", "b"), ("b", "c"), ("c", "a")], 4)],
)  # fmt: skip
def test_a_loop_is_found(edges: list[tuple[str, str]], loop: object) -> None:
    found = loop_of(edges)
    assert (len(found) if isinstance(loop, int) else sorted(found)) == (loop if isinstance(loop, int) else sorted(loop))  # type: ignore[call-overload]
    assert all(edge in edges for edge in pairwise(found))


def test_a_loop_is_told_with_its_lines() -> None:
    with pytest.raises(ConfigError, match=r"wait: (a -> b -> a|b -> a -> b)\. To mend it, cut:\n(.*\n)*.*a -> b: f\.csv, line 2") as told:
        refuse_loop([("a", "b", "f.csv", 2), ("b", "a", "f.csv", 3)], "wait", "cut")
    assert told.value.exit_code == 3


@pytest.mark.parametrize(("text", "quarters"), [("1,2", 3), ("x", 2), ("-1", 2), ("", 1)])
def test_a_budget_that_makes_no_sense_is_told(text: str, quarters: int) -> None:
    with pytest.raises(UsageError, match="--budget"):
        budgets_of(text, quarters)


@pytest.mark.parametrize("text", ["0%", "101%", "much"])
def test_a_cut_that_makes_no_sense_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="write it as 15%"):
        cut_of(text)


def test_the_sample_company_is_planned(sample: "Refreshed") -> None:
    folder = sample.folder.parents[2]
    run = published(folder)
    assert run
    found = plan(run, "300000,90000,90000,60000,60000,60000", 6, ["40%"], ["backup-new=2q"], "delay_cost", True)
    first, less, later = found["scenarios"]
    assert first["is_proven"]
    assert {"aps", "backup-new", "crm-one"} <= {i["initiative_id"] for i in first["initiatives"]}
    assert less["is_feasible"] is False or less["cost_amount"] < first["cost_amount"]
    starts = {s["scenario"]: {i["initiative_id"]: i["quarter"] for i in s["initiatives"]} for s in (first, later)}
    assert starts["backup-new 2 quarters later"]["backup-new"] >= starts["as given"]["backup-new"] + 2
    assert later["lost"]["no-stop"]["points"] > "0"
    with pytest.raises(UsageError, match=r"--delay backup=2q.*Did you mean backup-new"):
        plan(run, "300000", 6, [], ["backup=2q"], "delay_cost", True)
    (some,) = plan(run, "300000", 6, [], [], "delay_cost", True, people="200")["scenarios"]
    assert (max(some["people_taken"]) <= 200, some["work_not_stated"]) == (True, ["pipeline-us"])
    (all_there,) = plan(run, "300000", 6, [], [], "delay_cost", True)["scenarios"]
    assert 0 < Decimal(some["points"]) < Decimal(all_there["points"])
    (few,) = plan(run, "300000", 6, [], [], "delay_cost", True, people="9")["scenarios"]
    assert (few["is_feasible"], few["missing_amount"], few["missing_days"] > 0) == (False, "0.00", True)
    told = CliRunner().invoke(cli.app, ["plan", "-C", str(folder), "--budget", "300000", "--quarters", "4", "--json"])
    assert json.loads(told.stdout)["quarters"] == ["2026-11", "2027-02", "2027-05", "2027-08"]
    assert Path(folder, "current", "warehouse.duckdb").is_file()
