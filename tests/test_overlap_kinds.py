"""On labelled portfolios the kinds of overlap are found: precision at least 0.9 at recall at least 0.8, each kind by itself.

A portfolio is drawn, not written to please: people use tools by chance with the habit of the planted kind, so that some pairs come
out on the other side of a threshold.
"""

from collections import Counter
from random import Random

import pytest
import sqlcase

KINDS = ("double_licensing", "parallel_silo", "add_on", "not_an_overlap", "cannot_tell")
HABIT = {"double_licensing": (8, 2), "parallel_silo": (2, 8)}
"""Beta distribution of the chance that a person of one tool uses the other as well; its mean is 0.8 and 0.2."""
PAIRS = 40
"""Of each kind in a portfolio."""


class Portfolio:
    """Tools, what they do, who uses them, and the kind planted for each pair."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.mapping: list[tuple[str, str, float, str]] = []
        self.usage: list[tuple[str, str]] = []
        self.planted: dict[tuple[str, str], str] = {}
        for kind in KINDS:
            for nth in range(PAIRS):
                self.plant(kind, f"{kind}-{nth:02d}")

    def plant(self, kind: str, name: str) -> None:
        """Two tools of a capability of their own, so that no pair but the planted one shares anything."""
        one, other = f"{name}-a", f"{name}-b"
        self.planted[one, other] = kind
        common = {"not_an_overlap": 0.05 + 0.3 * self.random.random()}.get(kind, 0.7 + 0.3 * self.random.random())
        weights = {one: common, other: common}
        supports = kind == "add_on" and self.random.random() < 0.5
        if kind == "add_on" and not supports:
            weights = {one: 0.1 + 0.25 * self.random.random(), other: 1.0}
        for tool, weight in weights.items():
            self.mapping.append((tool, name, weight, "supporting" if supports and tool == other else "leading"))
            if weight < 1:
                self.mapping.append((tool, f"{tool}-alone", 1 - weight, "leading"))
        if kind != "cannot_tell":
            self.use(one, other, self.random.betavariate(*HABIT.get(kind, (1, 1))))

    def use(self, one: str, other: str, habit: float) -> None:
        for person in range(self.random.randrange(5, 40)):
            self.usage.append((one, f"{one}-{person}"))
            if self.random.random() < habit:
                self.usage.append((other, f"{one}-{person}"))
        for person in range(self.random.randrange(30, 60)):
            self.usage.append((other, f"{other}-{person}"))

    def found(self) -> dict[tuple[str, str], str]:
        """What marts.overlap_pair says of it."""
        tools = sorted({tool for tool, *_ in self.mapping})
        with sqlcase.empty_warehouse() as connection:
            connection.executemany("insert into core.tool (tool_id, tool_name) values (?, ?)", [(tool, tool) for tool in tools])
            connection.executemany(
                "insert into core.tool_capability (tool_id, capability_id, weight_share, role) values (?, ?, ?, ?)", self.mapping
            )
            used, people = map(list, zip(*self.usage, strict=True))
            connection.execute("insert into core.usage (tool_id, person_key, is_active) select unnest(?), unnest(?), true", [used, people])
            connection.execute("insert into marts.tool_use (tool_id, seats_active) select tool_id, count(*) from core.usage group by all")
            connection.execute(
                "insert into core.ledger (ledger_id, month, tool_id, billed_amount, provenance) "
                "select tool_id, month, tool_id, 100, 'invoiced' from core.tool cross join settings.run"
            )
            for name in ("marts.ledger_month", "marts.overlap_pair"):
                connection.execute(f"insert into {name} by name {sqlcase.files()[name].sql}")
            rows = connection.execute("select tool_id, other_tool_id, kind from marts.overlap_pair").fetchall()
        return {(one, other): kind for one, other, kind in rows}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_kinds_are_found_with_precision_and_recall(seed: int) -> None:
    portfolio = Portfolio(seed)
    found = portfolio.found()
    assert found.keys() == portfolio.planted.keys()
    right = Counter(kind for pair, kind in portfolio.planted.items() if found[pair] == kind)
    told, planted = Counter(found.values()), Counter(portfolio.planted.values())
    quality = {kind: (right[kind] / told[kind], right[kind] / planted[kind]) for kind in KINDS}
    print(seed, {kind: f"precision {precision:.3f}, recall {recall:.3f}" for kind, (precision, recall) in quality.items()})
    assert {kind: shares for kind, shares in quality.items() if shares[0] < 0.9 or shares[1] < 0.8} == {}
