"""What ought not to matter to overlap, savings, shares and forecasts, and what ought to matter in proportion.

Beside `test_absolute.py`, which holds every mart to its rows: here the company changes in ways that a rival's scores do not
survive, and the findings are compared by what they mean.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache

import pytest
from test_absolute import Found, Raw, company, refreshed, rows

Told = Mapping[object, object]
AXES = (
    "kind", "capability_jaccard", "user_count", "other_user_count", "shared_user_count", "user_jaccard", "user_containment", "unit_jaccard",
    "contained_share", "other_contained_share", "firmness",
)  # fmt: skip


@cache
def before() -> dict[str, Found]:
    return refreshed(company())


def pairs(marts: Mapping[str, Found], names: Mapping[str, str] = {}) -> Told:
    """Both names -> the axes of the pair, turned so that the first name is the smaller one."""
    found: dict[object, object] = {}
    for row in marts["marts.overlap_pair"]:
        one, other = (names.get(str(row[name]), str(row[name])) for name in ("tool_name", "other_tool_name"))
        turned = {"user_count": "other_user_count", "contained_share": "other_contained_share"} if one > other else {}
        turned |= {there: here for here, there in turned.items()}
        found[min(one, other), max(one, other)] = {axis: row[turned.get(axis, axis)] for axis in AXES}
    return found


def savings(marts: Mapping[str, Found]) -> Told:
    return {(row["tool_name"], row["kept_tool_name"]): (row["state"], row["run_rate_amount"], row["net_saving_amount"]) for row in marts["marts.saving"]}


def test_there_is_something_to_compare() -> None:
    kinds = {key: row["kind"] for key, row in pairs(before()).items()}  # type: ignore[index]
    assert kinds == {("Blackline", "Ledger"): "cannot_tell", ("Ledger", "Zoom"): "add_on", ("Blackline", "Zoom"): "add_on", ("Webex", "Zoom"): "double_licensing"}
    assert savings(before()) == {("Webex", "Zoom"): ("counted", Decimal(60), Decimal(60))}


def with_two_more_tools(raw: Raw) -> Raw:
    """A double licence of its own: two tools that have people and money, and a capability nobody else serves."""
    raw["capability"] += rows("capability_id name", "print | Printing")
    raw["tool"] += rows("tool_id name vendor_name", "B1 | PaperCut | PaperCut", "B2 | PrinterLogic | Vasion")
    raw["mapping"] += rows(
        "subject_kind subject capability_id weight fit author decided_on",
        "tool | PaperCut | print | 1 | 1 | pl | 2026-01-01",
        "tool | PrinterLogic | print | 1 | 1 | pl | 2026-01-01",
    )
    raw["usage"] += rows(
        "tool_name person last_active_at", "PaperCut | ann@example.com | 2026-03-20 09:00:00", "PrinterLogic | ann@example.com | 2026-03-20 09:00:00"
    )
    raw["spend_line"] += rows(
        "document_id line_id posted_on vendor_name tool_name amount currency",
        "b9 | 1 | 2026-03-05 | PaperCut | PaperCut | 333.33 | EUR",
        "b9 | 2 | 2026-03-05 | Vasion | PrinterLogic | 111.11 | EUR",
    )
    return raw


def test_another_overlap_moves_neither_pairs_nor_savings() -> None:
    after = refreshed(with_two_more_tools(company()))
    new = ("PaperCut", "PrinterLogic")
    assert {key: row for key, row in pairs(after).items() if key != new} == pairs(before())
    assert pairs(after)[new]["kind"] == "double_licensing"  # type: ignore[index]
    assert {key: row for key, row in savings(after).items() if "PaperCut" not in key} == savings(before())  # type: ignore[operator]


def renamed(old: str, new: str) -> Callable[[Raw], Raw]:
    return lambda raw: {table: [{n: new if v == old else v for n, v in row.items()} for row in given] for table, given in raw.items()}


@pytest.mark.parametrize(("old", "new"), [("Zoom", "Alpha Meetings"), ("Webex", "Zulu Meetings"), ("Ledger", "Zulu Books")])
def test_the_name_of_a_tool_moves_no_axis(old: str, new: str) -> None:
    """Ids follow from names, so that a pair may turn round: each figure goes with its tool."""
    assert pairs(refreshed(renamed(old, new)(company())), {new: old}) == pairs(before())


def doubled(raw: Raw) -> Raw:
    for table, column in (("spend_line", "amount"), ("contract", "annual_amount"), ("budget", "amount")):
        for row in raw[table]:
            row[column] = str(2 * Decimal(str(row[column])))
    return raw


def test_twice_the_money_is_twice_the_amounts_and_the_same_shares() -> None:
    after = refreshed(doubled(company()))
    assert pairs(after) == pairs(before())
    assert savings(after) == {key: (state, 2 * run_rate, 2 * net) for key, (state, run_rate, net) in savings(before()).items()}  # type: ignore[misc]
    for mart, share in (("priority_share", "money_share"), ("priority_share", "alignment_index_share"), ("spend_driver", "share_of_total"),
                        ("vendor_concentration", "share_of_total")):  # fmt: skip
        found, told = (sorted(float(str(row[share] or 0)) for row in marts[f"marts.{mart}"]) for marts in (after, before()))
        assert found == pytest.approx(told, abs=1e-4)  # a cent more or less goes another way
    forecast = {row["subject_kind"]: Decimal(0) for row in before()["marts.budget_variance"]}
    for sign, marts in ((2, before()), (-1, after)):
        for row in marts["marts.budget_variance"]:
            forecast[row["subject_kind"]] += sign * Decimal(str(row["forecast_amount"]))
    assert all(abs(rest) < Decimal("0.1") for rest in forecast.values())


def mapped_to_the_parts(raw: Raw) -> Raw:
    """`talk` gets two parts; Webex stays with the whole, Zoom serves both parts instead: nothing else is said than before."""
    raw["capability"] += rows("capability_id name parent_id", "hear | Hear | talk", "see | See | talk")
    zoom = next(row for row in raw["mapping"] if (row["subject"], row["capability_id"]) == ("Zoom", "talk"))
    raw["mapping"].remove(zoom)
    raw["mapping"] += [{**zoom, "capability_id": part, "weight": "1.5"} for part in ("hear", "see")]
    return raw


def test_a_wide_capability_stands_for_its_parts() -> None:
    assert pairs(refreshed(mapped_to_the_parts(company()))) == pairs(before())
