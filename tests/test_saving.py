"""Savings use each euro once, whatever the company: property tests over drawn pairs, contracts, money and seats."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import sqlcase
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

TOOLS = [f"t-{n}" for n in range(6)]
PAIRS = [(one, other) for one in TOOLS for other in TOOLS if one < other]
EURO = st.integers(0, 90_000).map(lambda cents: Decimal(cents) / 100)
SEATS = st.integers(0, 60)

pair = st.fixed_dictionaries({
    "pair": st.sampled_from(PAIRS), "kind": st.sampled_from(["double_licensing", "parallel_silo", "add_on"]), "is_first_kept": st.booleans(),
    "contained": st.sampled_from([Decimal("0.6"), Decimal(1)]), "shared": st.none() | SEATS, "is_dismissed": st.sampled_from([False, False, True]),
})  # fmt: skip
contract = st.fixed_dictionaries({
    "tool": st.sampled_from(TOOLS), "annual": st.none() | EURO, "price": st.none() | EURO, "notice": st.none() | st.integers(0, 120), "renews": st.none() | st.booleans(),
    "billing": st.sampled_from([None, "yearly", "once"]), "ends": st.none() | st.dates(date(2024, 6, 1), date(2028, 6, 1)),
})  # fmt: skip
line = st.fixed_dictionaries({"tool": st.sampled_from(TOOLS), "amount": st.integers(-9_000, 90_000).map(lambda cents: Decimal(cents) / 100), "once": st.booleans()})
portfolio = st.fixed_dictionaries({
    "pairs": st.lists(pair, min_size=1, max_size=10, unique_by=lambda drawn: drawn["pair"]), "contracts": st.lists(contract, max_size=6),
    "lines": st.lists(line, max_size=10), "use": st.lists(st.tuples(SEATS, SEATS, SEATS), min_size=6, max_size=6),
    "switching": st.lists(st.tuples(st.sampled_from(PAIRS), EURO, SEATS), max_size=3),
})  # fmt: skip


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with sqlcase.empty_warehouse() as connection:
        yield connection


def fill(connection: duckdb.DuckDBPyConnection, drawn: dict[str, Any]) -> None:
    for tool, (bought, assigned, active) in zip(TOOLS, drawn["use"], strict=True):
        connection.execute("insert into core.tool (tool_id, tool_name) values (?, ?)", [tool, tool])
        connection.execute("insert into staging.tool_name (tool_name_raw, tool_id) values (?, ?)", [tool, tool])
        connection.execute("insert into marts.tool_use (tool_id, seats_purchased, seats_assigned, seats_active) values (?, ?, ?, ?)", [tool, bought, assigned, active])
    active = dict(zip(TOOLS, (seats[2] for seats in drawn["use"]), strict=True))
    for n, row in enumerate(drawn["pairs"]):
        one, other = row["pair"]
        people = (active[one], active[other], min(row["shared"], active[one], active[other])) if row["shared"] is not None else (None, None, None)
        connection.execute(
            "insert into marts.overlap_pair (finding_id, tool_id, other_tool_id, kind, kept_tool_id, contained_share, other_contained_share, user_count, "
            "other_user_count, shared_user_count, is_dismissed) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [f"pair-{n}", one, other, row["kind"], one if row["is_first_kept"] else other, row["contained"], row["contained"], *people, row["is_dismissed"]],
        )
    for n, row in enumerate(drawn["contracts"]):
        connection.execute(
            "insert into core.contract (contract_id, tool_id, annual_amount, unit_price, notice_days, notice_on, auto_renew, billing_frequency, end_on) "
            "values (?, ?, ?, ?, ?, cast(? as date) - cast(? as integer), ?, ?, ?)",
            [f"c-{n}", row["tool"], row["annual"], row["price"], row["notice"], row["ends"], row["notice"], row["renews"], row["billing"], row["ends"]],
        )
    for n, row in enumerate(drawn["lines"]):
        connection.execute(
            "insert into core.ledger (ledger_id, month, tool_id, billed_amount, provenance, one_time) values (?, '2026-02-01', ?, ?, 'invoiced', ?)",
            [f"l-{n}", row["tool"], row["amount"], row["once"]],
        )
    for (one, other), cost, seats in drawn["switching"]:
        connection.execute("insert into raw.replacement (tool_name, by_tool_name, switching_amount, seats_reclaimed) values (?, ?, ?, ?)", [one, other, cost, seats])
    for name in ("marts.renewals", "marts.saving"):
        connection.execute(f"insert into {name} by name {sqlcase.files()[name].sql}")


@settings(max_examples=40, deadline=None, derandomize=True, phases=(Phase.generate,), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=portfolio)
def test_the_sum_of_savings_stays_within_what_can_be_avoided(warehouse: duckdb.DuckDBPyConnection, drawn: dict[str, Any]) -> None:
    with warehouse.cursor() as connection:
        connection.execute("begin")
        try:
            fill(connection, drawn)
            columns = "tool_id, kept_tool_id, state, run_rate_amount, uplift_amount, net_saving_amount, counted_amount, seat_count, contract_ids, exit_on"
            found = [dict(zip(columns.split(", "), row, strict=True)) for row in connection.execute(f"select {columns} from marts.saving").fetchall()]
            broken = connection.execute(sqlcase.files()["checks.saving_uses_money_once"].sql).fetchall()
        finally:
            connection.execute("rollback")
    assert broken == []
    assert len(found) == sum(row["kind"] != "add_on" for row in drawn["pairs"])
    counted = [row for row in found if row["counted_amount"]]
    assert len({row["tool_id"] for row in counted}) == len(counted)
    assert {row["tool_id"] for row in counted}.isdisjoint(row["kept_tool_id"] for row in counted)
    ids = [one for row in counted for one in row["contract_ids"] or ()]
    assert len(set(ids)) == len(ids)
    avoidable = {row["tool_id"]: row["run_rate_amount"] or 0 for row in found}
    assert sum(row["counted_amount"] for row in counted) <= sum(avoidable.values())
    for row in found:
        assert (row["counted_amount"] > 0) == (row["state"] == "counted")
        assert row["counted_amount"] in (0, row["net_saving_amount"])
        if row["net_saving_amount"] is not None:
            assert row["net_saving_amount"] <= row["run_rate_amount"]
            assert row["exit_on"] is not None
