"""Did it help: how much a KPI changed after a start, alone and beside groups that had no start.

The change is the mean of the months after less the mean of those before, as anybody can recount it. Beside a comparison the
series is the treated groups' mean less the others' mean, so that what happens to all falls out: difference in differences on a
controlled interrupted series. What takes thought is how sure that is. The noise of a month leans on that of the month before
(AR(1)), and from 24 months nobody knows how strongly; every estimator that takes one guess for the truth promises too much: on
invented companies the 90% interval of OLS with Newey-West errors covers 54 to 87 of 100 truths, that of iterated GLS 69 to 90. So
the error is averaged over all degrees of leaning, each weighted by how well it explains the months (restricted likelihood of
a level before, and a level with a slope after, since effects come gradually). `python -m pipelines.bench.effect` prints what
that keeps; it also chose the prior, (1 - rho^2)^-0.2, between a flat one and the reference prior of an AR(1).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from statistics import fmean
from typing import TYPE_CHECKING, Any

from pipelines.functions import Function

if TYPE_CHECKING:
    import numpy as np

SHORTEST = 8
"""Months before and after the start below which nothing is told."""
LONGEST = 36
"""Months before and after that count: the nearest to the start."""
FARTHEST = 60
"""Months ahead that are searched for the month in which more can be told."""
PLACEBOS = 20
RHO_LOW, RHO_HIGH, RHO_STEPS, PRIOR = -0.8, 0.985, 40, 0.2
POWER = 1 + 0.8416 / 1.6449
"""Least effect that shows in 80 of 100 cases, in half-widths of the 90% interval: (z80 + z95) / z95."""

Observation = Mapping[str, Any]
Series = Mapping[int, float]


@dataclass(frozen=True)
class Fit:
    """An estimate, and for each degree of leaning its weight, its standard error and the deviation of a single month."""

    size: float
    weights: "np.ndarray"
    errors: "np.ndarray"
    deviations: "np.ndarray"
    freedom: int

    def within(self, half: float) -> float:
        """The chance that the truth is at most so far away: of a mixture of t distributions."""
        from scipy.special import stdtr

        return 2 * float(self.weights @ stdtr(self.freedom, half / self.errors)) - 1

    def half(self, level: float = 0.9) -> float:
        """Half the width of the interval, by bisection."""
        low, high = 0.0, 1000 * float(self.errors.max())
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.within(middle) < level else (low, middle)
        return high

    def excludes_zero(self, level: float = 0.9) -> bool:
        return self.within(abs(self.size)) > level


@lru_cache(64)
def leaning(months: tuple[int, ...]) -> tuple["np.ndarray", "np.ndarray"]:
    """For each degree of leaning the lower root of the correlations of these months, and its inverse.

    Two months correlate by rho to the power of the months between; months left out count as distance.
    """
    import numpy as np

    at = np.array(months)
    apart = abs(at[:, None] - at[None, :])
    rho = np.linspace(RHO_LOW, RHO_HIGH, RHO_STEPS)[:, None, None]
    roots = np.linalg.cholesky(np.sign(rho) ** apart * abs(rho) ** apart)
    return roots, np.linalg.inv(roots)


def fit(series: Series, design: "np.ndarray", contrast: "np.ndarray") -> Fit | None:
    """The sum of values x contrast and how sure it is, with noise about the design; None where no noise is left to tell by."""
    import numpy as np

    months = tuple(sorted(series))
    values = np.array([series[m] for m in months])
    rest = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    if float(abs(rest).max()) < 1e-9 * max(1.0, float(abs(values).max())):
        return None
    roots, whiten = leaning(months)
    freedom = len(values) - design.shape[1]
    y, x = whiten @ values[:, None], whiten @ design
    gram = np.swapaxes(x, 1, 2) @ x
    squares = ((y - x @ np.linalg.solve(gram, np.swapaxes(x, 1, 2) @ y)) ** 2).sum(axis=(1, 2))
    determinants = np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1) + np.log(np.linalg.det(gram)) / 2
    rho = np.linspace(RHO_LOW, RHO_HIGH, RHO_STEPS)
    likelihood = -determinants - freedom / 2 * np.log(squares) - PRIOR * np.log(1 - rho**2)
    weights = np.exp(likelihood - likelihood.max())
    deviations = np.sqrt(squares / freedom)
    return Fit(float(contrast @ values), weights / weights.sum(), deviations * spread(months, contrast), deviations, freedom)


def spread(months: tuple[int, ...], contrast: "np.ndarray") -> "np.ndarray":
    """For each degree of leaning the standard error of a contrast of months that deviate by 1."""
    import numpy as np

    return np.sqrt(((contrast @ leaning(months)[0]) ** 2).sum(axis=1))


def step(months: Sequence[int], after: Callable[[int], bool]) -> "np.ndarray":
    """The contrast: the mean of the months after less the mean of those before."""
    import numpy as np

    later = np.array([after(m) for m in months])
    return np.where(later, 1 / later.sum(), -1 / (~later).sum())


def change(series: Series, after: frozenset[int]) -> Fit | None:
    """The level after less the level before."""
    import numpy as np

    months = sorted(series)
    since = np.array([m - fmean(after) if m in after else 0.0 for m in months])
    design = np.column_stack([np.ones(len(months)), [float(m in after) for m in months], since])
    return fit(series, design, step(months, after.__contains__))


def was_moving(series: Series, after: frozenset[int]) -> bool:
    """Whether the series had a trend before the start, by its 95% interval: then it would have changed anyway."""
    import numpy as np

    before = {m: value for m, value in series.items() if m not in after}
    at = np.array(sorted(before)) - fmean(before)
    trend = fit(before, np.column_stack([np.ones(len(at)), at]), at / (at**2).sum())
    return trend.excludes_zero(0.95) if trend else len(set(before.values())) > 1


def months_needed(found: Fit, months: Sequence[int], after: frozenset[int], wanted: float) -> int | None:
    """Months more until an effect of the size wanted would show in 80 of 100 cases; None: not within five years."""
    import numpy as np

    def unsure(more: int) -> float:
        until = (*months, *range(months[-1] + 1, months[-1] + 1 + more))
        errors = found.deviations * spread(until, step(until, lambda m: m in after or m > months[-1]))
        return float(np.sqrt(found.weights @ errors**2))

    allowed = wanted / (found.half() * POWER) * unsure(0)
    first, last = 0, FARTHEST + 1
    while last - first > 1:
        middle = (first + last) // 2
        first, last = (first, middle) if unsure(middle) <= allowed else (middle, last)
    return last if last <= FARTHEST else None


def told(found: Fit | None, moved: bool) -> dict[str, object] | None:
    if found is None:
        return None
    half = found.half()
    return {"size": found.size, "low": found.size - half, "high": found.size + half, "was_moving": moved}


def effect(observations: Sequence[Observation], wanted: float | None) -> dict[str, object]:
    """Months, change, effect beside the comparison, and what it would take to tell more.

    `observations`: `group_name`, `month` (its first day), `value`, `is_treated`, `is_after`. Months count in which every treated
    group has a value, and comparison groups that have one in all of these; of each side the mean of its groups is taken.
    `wanted`: the size of change that was promised, in the KPI's unit. Sizes and intervals (90%) are in that unit too.
    """
    groups: dict[tuple[bool, str], dict[int, float]] = defaultdict(dict)
    after_months: set[int] = set()
    for row in observations:
        month: date = row["month"]
        at = month.year * 12 + month.month
        groups[bool(row["is_treated"]), row["group_name"] or ""][at] = row["value"]
        if row["is_after"]:
            after_months.add(at)
    treated = [series for (is_treated, _), series in groups.items() if is_treated]
    shared = sorted(set.intersection(*map(set, treated))) if treated else []
    before, later = [m for m in shared if m not in after_months][-LONGEST:], [m for m in shared if m in after_months][:LONGEST]
    months, after = [*before, *later], frozenset(later)
    others = {name: series for (is_treated, name), series in sorted(groups.items()) if not is_treated and series.keys() >= set(months)}
    answer: dict[str, object] = {
        "before_count": len(before), "after_count": len(later), "comparison_count": len(others), "change": None, "against": None,
        "detectable_size": None, "months_needed": None, "placebo_count": 0, "placebo_alarm_count": 0,
    }  # fmt: skip
    if len(before) < SHORTEST or len(later) < SHORTEST:
        return answer | {"months_needed": SHORTEST - len(later) if len(before) >= SHORTEST else None}
    own = {m: fmean(series[m] for series in treated) for m in months}
    alone = change(own, after)
    beside, is_beside_moving = None, False
    if others:
        apart = {m: own[m] - fmean(series[m] for series in others.values()) for m in months}
        beside, is_beside_moving = change(apart, after), was_moving(apart, after)
    answer |= {"change": told(alone, was_moving(own, after)), "against": told(beside, is_beside_moving)}
    if len(others) > 1:
        alarms = [placebo(name, others, months, after) for name in list(others)[:PLACEBOS]]
        answer |= {"placebo_count": len(alarms), "placebo_alarm_count": sum(alarms)}
    if best := beside or alone:
        detectable = best.half() * POWER
        aim = wanted if wanted and wanted < detectable else abs(best.size)
        answer |= {"detectable_size": detectable, "months_needed": months_needed(best, months, after, aim)}
    return answer


def placebo(name: str, others: Mapping[str, Series], months: Sequence[int], after: frozenset[int]) -> bool:
    """Whether a group that had no start seems to have had an effect, beside the rest that had none either."""
    rest = [series for other, series in others.items() if other != name]
    found = change({m: others[name][m] - fmean(series[m] for series in rest) for m in months}, after)
    return found is not None and found.excludes_zero()


FUNCTION = Function(
    "effect",
    ("STRUCT(group_name VARCHAR, month DATE, value DOUBLE, is_treated BOOLEAN, is_after BOOLEAN)[]", "DOUBLE"),
    """STRUCT(
        before_count BIGINT, after_count BIGINT, comparison_count BIGINT,
        change STRUCT(size DOUBLE, low DOUBLE, high DOUBLE, was_moving BOOLEAN),
        against STRUCT(size DOUBLE, low DOUBLE, high DOUBLE, was_moving BOOLEAN),
        detectable_size DOUBLE, months_needed BIGINT, placebo_count BIGINT, placebo_alarm_count BIGINT
    )""",
    effect,
)
