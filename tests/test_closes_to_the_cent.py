"""Whatever comes in: a bridge explains every cent between two months, and shared cost that is passed on stays what it was."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
import sqlcase
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.functions.allocate import allocate, largest_remainder

MARCH = date(2026, 3, 1)
money = st.integers(-10**9, 10**9)
names = st.sampled_from([None, "a", "b", "c"])


@given(st.integers(-10**15, 10**15), st.lists(st.integers(0, 10**9), max_size=30))
def test_parts_add_up_and_stray_less_than_one(total: int, weights: list[int]) -> None:
    parts = largest_remainder(total, weights)
    whole = sum(weights)
    assert sum(parts) == (total if whole else 0)
    assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True) if whole)


pool = st.sampled_from(["p1", "p2", "p3", "p4"])
weight = st.fixed_dictionaries(
    {"pool_id": pool, "month": st.sampled_from([None, MARCH]), "to_pool_id": st.sampled_from([None, None, "p1", "p2", "p3", "p4"]), "org_unit_id": names,
     "capability_id": names, "weight": st.integers(0, 10**9)}
)  # fmt: skip


@given(st.lists(st.tuples(pool, money), max_size=8), st.lists(weight, max_size=12), st.tuples(*[st.one_of(st.none(), st.integers(0, 10**10))] * 4), st.randoms())
@settings(deadline=None)
def test_shared_cost_is_neither_lost_nor_made_also_in_circles(held: list[tuple[str, int]], weights: list[dict], capacity: tuple, chance) -> None:
    given_money = [{"month": MARCH, "pool_id": p, "units": units} for p, units in held]
    pools = [{"pool_id": f"p{n + 1}", "capacity": c} for n, c in enumerate(capacity)]
    found = allocate(given_money, weights, pools)
    assert sum(row["units"] for row in found) == sum(units for _, units in held)
    shuffled = [chance.sample(rows, len(rows)) for rows in (given_money, weights, pools)]
    assert allocate(*shuffled) == found


def test_pools_in_a_circle_keep_what_they_hold() -> None:
    loop = [{"pool_id": a, "month": None, "to_pool_id": b, "org_unit_id": None, "capability_id": None, "weight": 1} for a, b in pairwise(["p1", "p2", "p1"])]
    found = allocate([{"month": MARCH, "pool_id": "p1", "units": 7}], loop, [{"pool_id": "p1", "capacity": None}, {"pool_id": "p2", "capacity": None}])
    assert [(row["pool_id"], row["cost_kind"], row["units"]) for row in found] == [("p1", "not_allocated", 7)]


@pytest.fixture(scope="module")
def warehouse():
    with sqlcase.empty_warehouse() as connection:
        yield connection


share = st.sampled_from([("c1", None, 1), ("c1", "p1", 1), (None, None, 1), ("c2", "p1", 1)])
line = st.fixed_dictionaries(
    {"tool": names, "cents": st.integers(-10**8, 10**8), "original": st.integers(-10**8, 10**8), "currency": st.sampled_from(["EUR", "USD"]),
     "delivery": st.sampled_from(["000002-b", "000004-d"]), "split": st.sampled_from([None, 30, 50]), "to": share, "rate": st.sampled_from(["1", "0.9"])}
)  # fmt: skip
versions = st.tuples(st.one_of(st.none(), line), st.one_of(st.none(), line))


def rows_of(number: int, month: date, made: dict | None) -> list[tuple]:
    """Ledger rows of a line: one, or two whose amounts add up to the line's."""
    if made is None:
        return []
    parts = [(made["to"], 100)] if made["split"] is None else [(("c1", None, 1), made["split"]), (("c2", "p1", 1), 100 - made["split"])]
    cents, original = (largest_remainder(made[name], [percent for _, percent in parts]) for name in ("cents", "original"))
    return [
        (f"{number}-{capability}-{priority}", f"{number}", month, made["tool"], capability, priority, Decimal(percent) / 100, Decimal(amount) / 100,
         Decimal(foreign) / 100, made["currency"], made["rate"], "erp", made["delivery"])
        for ((capability, priority, _), percent), amount, foreign in zip(parts, cents, original, strict=True)
    ]  # fmt: skip


@given(st.lists(versions, max_size=5), st.lists(line, max_size=4), st.booleans())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_every_cent_between_two_months_has_a_cause(warehouse, before: list[tuple], this: list[dict], is_published: bool) -> None:
    files = sqlcase.files()
    with warehouse.cursor() as connection:
        connection.execute("begin")
        if is_published:
            connection.execute("insert into audit.earlier_month values ('2026-02-01', 'published', 'x', '000003-c', true)")
        connection.execute("insert into audit.record (source, delivery_id) values ('erp', '000004-d')")
        for n, (was, known) in enumerate(before):
            for row in rows_of(n, date(2026, 2, 1), was):
                connection.execute(
                    "insert into audit.earlier_line (ledger_id, spend_line_id, tool_id, capability_id, priority_id, line_share, published_amount, "
                    f"published_original_amount, original_currency, fx_rate, source, delivery_id) values ({', '.join('?' * 12)})", [*row[:2], *row[3:]]
                )  # fmt: skip
            insert(connection, rows_of(n, date(2026, 2, 1), known))
        for n, known in enumerate(this):
            insert(connection, rows_of(100 + n, MARCH, known))
        for name in ("marts.ledger_month", "marts.bridge_item", "marts.month_bridge"):
            connection.execute(f"insert into {name} by name {files[name].sql}")
        assert connection.execute(f"select * from ({files['checks.month_bridge_closes'].sql})").fetchall() == []
        change = connection.execute("select coalesce(sum(closing_amount) - sum(opening_amount), 0), coalesce((select sum(change_amount) from marts.bridge_item), 0) from marts.month_bridge").fetchone()
        published = sum(row[7] for n, (was, _) in enumerate(before) for row in rows_of(n, MARCH, was)) if is_published else sum(row[7] for n, (_, known) in enumerate(before) for row in rows_of(n, MARCH, known))
        wanted = sum(row[7] for n, known in enumerate(this) for row in rows_of(n, MARCH, known)) - published
        connection.execute("rollback")
    assert change == (wanted, wanted)


def insert(connection, rows: list[tuple]) -> None:
    for row in rows:
        connection.execute(
            "insert into core.ledger (ledger_id, spend_line_id, month, tool_id, capability_id, priority_id, share, billed_amount, original_amount, original_currency, "
            f"fx_rate, source, delivery_id) values ({', '.join('?' * 13)})", row
        )  # fmt: skip
