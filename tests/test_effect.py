"""The estimate of an effect: hand-countable, no surer than it may be, and indifferent to the order of its rows."""

from datetime import date
from random import Random
from typing import Any

import numpy as np
import pytest

from pipelines.bench.effect import GRADUAL, SUDDEN, TRUTH, Kind, company, elsewhere, kept, observations, planted
from pipelines.functions.annual_loss import annual_loss, mean_loss
from pipelines.functions.effect import RHO_HIGH, RHO_LOW, RHO_STEPS, change, effect

NOISE = (0.3, -0.1, 0.2, -0.4, 0.1, 0.0, -0.2, 0.4, -0.3, 0.1, 0.2, -0.1)


def rows(*groups: tuple[str, bool, list[float]], start: int) -> list[dict[str, Any]]:
    return [
        {"group_name": name, "month": date(2024 + m // 12, m % 12 + 1, 1), "value": value, "is_treated": treated, "is_after": m >= start}
        for name, treated, values in groups for m, value in enumerate(values)
    ]  # fmt: skip


def series(before: float, after: float, months: tuple[int, int] = (12, 12), tilt: float = 0.0) -> list[float]:
    levels = [before + tilt * m for m in range(months[0])] + [after] * months[1]
    return [level + NOISE[m % 12] for m, level in enumerate(levels)]


def test_the_size_is_the_difference_of_means_in_differences() -> None:
    found = effect(rows(("a", True, series(8, 5)), ("b", False, series(7, 6.5)), ("c", False, series(9, 8.5)), start=12), None)
    assert found["change"]["size"] == pytest.approx(-3)
    assert found["against"] is None, "groups with the same noise leave nothing to tell chance by"
    shifted = [*series(7, 6.5)[6:], *series(7, 6.5)[:6]]
    told = effect(rows(("a", True, series(8, 5)), ("b", False, shifted), start=12), None)["against"]
    assert told["size"] == pytest.approx(-3 - (np.mean(shifted[12:]) - np.mean(shifted[:12])))
    assert told["low"] < told["size"] < told["high"]


@pytest.mark.parametrize(
    ("months", "needed"),
    [((12, 7), 1), ((12, 0), 8), ((7, 12), None), ((8, 8), "told")],
)
def test_too_few_months_tell_nothing_but_how_many_more(months: tuple[int, int], needed: int | str | None) -> None:
    found = effect(rows(("", True, series(8, 5, months)), start=months[0]), 3.0)
    assert (found["before_count"], found["after_count"]) == months
    if needed == "told":
        assert found["change"]["high"] < 0
    else:
        assert (found["change"], found["detectable_size"], found["months_needed"]) == (None, None, needed)


def test_a_trend_before_the_start_is_seen() -> None:
    assert effect(rows(("", True, series(8, 12, tilt=0.3)), start=12), None)["change"]["was_moving"]
    assert not effect(rows(("", True, series(8, 12)), start=12), None)["change"]["was_moving"]


def test_a_group_that_lacks_a_month_is_no_comparison() -> None:
    given = rows(("a", True, series(8, 5)), ("b", False, series(7, 7)[::-1]), ("c", False, series(9, 9)), start=12)
    lacking = [row for row in given if row["group_name"] != "c" or row["month"] != date(2024, 3, 1)]
    assert effect(given, None)["comparison_count"] == 2
    assert effect(lacking, None)["comparison_count"] == 1


def test_more_months_are_needed_for_less() -> None:
    given = rows(("", True, series(8, 8, (12, 8))), start=12)
    unsure = effect(given, None)["detectable_size"]
    soon, later, never = (effect(given, unsure * share)["months_needed"] for share in (0.98, 0.9, 0.3))
    assert 1 <= soon < later
    assert never is None, "the months before do not become more, so some effects never show"


def test_the_order_of_rows_does_not_matter() -> None:
    given = observations(company(np.random.default_rng(4), Kind(0.5, 4)))
    mixed = Random(1).sample(given, len(given))
    assert effect(mixed, 1.0) == effect(given, 1.0)


def test_for_one_leaning_the_noise_is_that_of_generalised_least_squares() -> None:
    import statsmodels.api as sm

    values = company(np.random.default_rng(2), Kind(0.6, 1))[0]
    found = change(dict(enumerate(map(float, values))), frozenset(range(12, 24)))
    after = np.arange(24) >= 12
    design = np.column_stack([np.ones(24), after, np.where(after, np.arange(24) - 17.5, 0)])
    apart = abs(np.subtract.outer(np.arange(24), np.arange(24)))
    assert found is not None
    for n in (0, 15, RHO_STEPS - 1):
        rho = np.linspace(RHO_LOW, RHO_HIGH, RHO_STEPS)[n]
        fit = sm.GLS(values, design, sigma=np.sign(rho) ** apart * abs(rho) ** apart).fit()
        assert found.deviations[n] ** 2 == pytest.approx(fit.scale)


def test_intervals_hold_the_truth_where_common_ones_do_not() -> None:
    """Few companies with a fixed seed; `python -m pipelines.bench.effect` measures it well."""
    found = kept(Kind(0.6, 1), runs=60)
    assert 0.85 <= found.sudden <= 0.97
    assert 0.85 <= found.gradual <= 0.97
    assert found.alarmed <= 0.07
    assert max(elsewhere(Kind(0.6, 1), runs=60)) < 0.75


@pytest.mark.parametrize("done", [SUDDEN, GRADUAL], ids=["sudden", "gradual"])
def test_a_large_effect_is_found(done: np.ndarray) -> None:
    rng = np.random.default_rng(6)
    found = [effect(observations(planted(company(rng, Kind(0.3, 12)), done * 3)), None) for _ in range(5)]
    assert all(f["against"]["low"] > 0 for f in found)
    assert np.mean([f["against"]["size"] for f in found]) == pytest.approx(3 * TRUTH, rel=0.15)


def risk(risk_id: str, low: float, high: float, probability: float | None = None, frequency: float | None = None) -> dict[str, Any]:
    return {"risk_id": risk_id, "probability": probability, "frequency": frequency, "low": low, "high": high}


def test_the_percentiles_given_are_those_of_the_loss_simulated() -> None:
    """A thing that happens every year once: its year is its loss, whose 95th percentile was given."""
    (found, _) = annual_loss([risk("sure", 20_000, 500_000, probability=1.0)])
    assert found["p95"] == pytest.approx(500_000, rel=0.02)
    assert found["p50"] == pytest.approx(100_000, rel=0.02)
    assert found["expected"] == pytest.approx(mean_loss(20_000, 500_000)) == pytest.approx(161_380, rel=0.001)


@pytest.mark.parametrize(("given", "expected"), [({"probability": 0.2}, 200), ({"frequency": 3.0}, 3000)])
def test_the_mean_is_how_often_times_how_much(given: dict[str, float], expected: float) -> None:
    (found, _) = annual_loss([risk("r", 1000, 1000, **given)])
    assert found["expected"] == pytest.approx(expected)
    assert found["p99"] == pytest.approx(1000 if "probability" in given else 8000), "the 99th percentile of a Poisson of 3 is 8"


def test_another_risk_changes_no_row_and_all_add_up() -> None:
    one, two = risk("a", 100, 900, probability=0.5), risk("b", 1000, 5000, frequency=0.1)
    alone, both = annual_loss([one]), annual_loss([two, one])
    assert both[0] == alone[0]
    assert [r["risk_id"] for r in both] == ["a", "b", None]
    assert both[2]["expected"] == pytest.approx(both[0]["expected"] + both[1]["expected"])
    assert both[2]["p99"] < both[0]["p99"] + both[1]["p99"]
