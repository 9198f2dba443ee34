"""Share out pools of cost by their drivers, pool into pool, to the last cent."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import Any

from pipelines.functions import Function

Row = Mapping[str, Any]


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """A whole number in parts that add up to it: each gets the floor of its share, what is left goes one each to the largest
    remainders, ties to the first. A negative total is shared out as its positive. All weights 0 or none: all parts 0.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    size = abs(total)
    parts = [size * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda n: (-(size * weights[n] % whole), n))
    for n in order[: size - sum(parts)]:
        parts[n] += 1
    return parts if total >= 0 else [-part for part in parts]


def allocate(money: Sequence[Row] | None, weights: Sequence[Row] | None, pools: Sequence[Row] | None) -> list[Row]:
    """What every unit and capability bears of pools of cost.

    `money`: month, pool_id, units (whole smallest units of money). `weights`: pool_id, month (None: every month), to_pool_id or
    org_unit_id and capability_id, weight (units of the driver). `pools`: pool_id, capacity in units of the driver, or None.
    Pools that send to others come first. What capacity exceeds the weights by stays as cost_kind `unused`; a pool without
    any weight in a month, and one that others feed in a circle, keep theirs as `not_allocated`. Nothing is lost: the units
    of a month add up to those given.
    """
    capacity = {pool["pool_id"]: pool["capacity"] for pool in pools or ()}
    every: dict[tuple[str, date | None], list[Row]] = defaultdict(list)
    for row in weights or ():
        every[row["pool_id"], row["month"]].append(row)
    held: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in money or ():
        held[row["month"]][row["pool_id"]] += row["units"]
    order = in_order(capacity, weights or ())
    found: list[Row] = []
    for month in sorted(held):
        amounts = held[month]
        for pool in [*order, *sorted(set(amounts) - set(order))]:
            if total := amounts[pool]:
                targets = sorted((r for when in (None, month) for r in every[pool, when] if r["weight"] > 0), key=place) if pool in order else []
                found += shared(month, pool, total, targets, capacity.get(pool), amounts)
    return found


def shared(month: date, pool: str, total: int, targets: Sequence[Row], capacity: int | None, amounts: dict[str, int]) -> Iterable[Row]:
    """One pool's money of a month; what goes on to other pools is added to theirs."""
    used = sum(row["weight"] for row in targets)
    spare = max(0, (capacity or 0) - used)
    weights = [*(row["weight"] for row in targets), spare]
    parts = largest_remainder(total, weights)
    made = {"month": month, "pool_id": pool, "org_unit_id": None, "capability_id": None}
    if not sum(weights):
        yield {**made, "cost_kind": "not_allocated", "driver_units": None, "units": total}
    for row, part in zip(targets, parts, strict=False):
        if row["to_pool_id"]:
            amounts[row["to_pool_id"]] += part
        elif part:
            yield {**made, "cost_kind": "allocated", "org_unit_id": row["org_unit_id"], "capability_id": row["capability_id"], "driver_units": row["weight"], "units": part}
    if spare and parts[-1]:
        yield {**made, "cost_kind": "unused", "driver_units": spare, "units": parts[-1]}


def place(row: Row) -> tuple[str, ...]:
    """Targets in one order whatever the order of the rows, so that the last cent always goes to the same one."""
    return tuple(row[name] or "" for name in ("to_pool_id", "org_unit_id", "capability_id"))


def in_order(pools: Iterable[str], weights: Iterable[Row]) -> list[str]:
    """The pools, each after those that send money to it; none where they run in a circle."""
    feeds: dict[str, set[str]] = {pool: set() for pool in sorted(pools)}
    for row in weights:
        if row["to_pool_id"] and row["weight"] > 0:
            feeds.setdefault(row["to_pool_id"], set()).add(row["pool_id"])
    sorter = TopologicalSorter({pool: sorted(feeds[pool]) for pool in sorted(feeds)})
    try:
        return list(sorter.static_order())
    except CycleError:
        return []


FUNCTION = Function(
    "allocate",
    (
        "STRUCT(month DATE, pool_id VARCHAR, units BIGINT)[]",
        "STRUCT(pool_id VARCHAR, month DATE, to_pool_id VARCHAR, org_unit_id VARCHAR, capability_id VARCHAR, weight BIGINT)[]",
        "STRUCT(pool_id VARCHAR, capacity BIGINT)[]",
    ),
    "STRUCT(month DATE, pool_id VARCHAR, cost_kind VARCHAR, org_unit_id VARCHAR, capability_id VARCHAR, driver_units BIGINT, units BIGINT)[]",
    allocate,
)
