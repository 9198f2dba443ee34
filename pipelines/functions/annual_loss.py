"""Risk in money: what a year may cost, from how often a thing happens and how much it then costs.

A loss is lognormal; its 5th and 95th percentile are given, so sigma = (ln high - ln low) / 3.2897 and mu = ln low + 1.6449 sigma,
the way FAIR-style calculators such as CISO Assistant do it. Means are exact (exp(mu + sigma^2 / 2) times how often); percentiles
come from simulated years. Each risk draws from a stream of its own, seeded by its id: another risk changes no row.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipelines.functions import Function

if TYPE_CHECKING:
    import numpy as np

YEARS = 100_000
Z95 = 1.6448536269514722
PERCENTILES = (50, 90, 95, 99)


def lognormal(low: float, high: float) -> tuple[float, float]:
    """Mu and sigma of the loss whose 5th and 95th percentile these are; both above 0."""
    sigma = (math.log(high) - math.log(low)) / (2 * Z95)
    return math.log(low) + Z95 * sigma, sigma


def mean_loss(low: float, high: float) -> float:
    """What one loss costs on average."""
    mu, sigma = lognormal(low, high)
    return math.exp(mu + sigma * sigma / 2)


def years(risk: Mapping[str, Any]) -> "np.ndarray":
    """The loss of each simulated year. Once a year at most where a probability is given, any number of times where a frequency is."""
    import numpy as np

    rng = np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(risk["risk_id"].encode()).digest()[:8], "big")))
    mu, sigma = lognormal(risk["low"], risk["high"])
    often = risk["frequency"]
    times = rng.poisson(often, YEARS) if often is not None else (rng.random(YEARS) < risk["probability"]).astype(np.int64)
    return np.bincount(np.repeat(np.arange(YEARS), times), weights=rng.lognormal(mu, sigma, int(times.sum())), minlength=YEARS)


def annual_loss(risks: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    """One answer a risk, and one with the id null for a year of all of them, as if none brought another.

    A risk has `risk_id`, `probability` or `frequency` a year, and `low` and `high`, the 5th and 95th percentile of one loss.
    """
    import numpy as np

    together, expected, answers = np.zeros(YEARS), 0.0, list[dict[str, object]]()
    for risk in sorted(risks, key=lambda r: r["risk_id"]):
        losses, mean = years(risk), mean_loss(risk["low"], risk["high"])
        mean_year = mean * (risk["frequency"] if risk["frequency"] is not None else risk["probability"])
        together += losses
        expected += mean_year
        answers.append(answer(risk["risk_id"], mean, mean_year, losses))
    return [*answers, answer(None, None, expected, together)] if answers else []


def answer(risk_id: str | None, mean: float | None, expected: float, losses: "np.ndarray") -> dict[str, object]:
    import numpy as np

    values = np.percentile(losses, PERCENTILES, method="inverted_cdf")
    return {"risk_id": risk_id, "mean_loss": mean, "expected": expected, **{f"p{p}": float(v) for p, v in zip(PERCENTILES, values, strict=True)}}


FUNCTION = Function(
    "annual_loss",
    ("STRUCT(risk_id VARCHAR, probability DOUBLE, frequency DOUBLE, low DOUBLE, high DOUBLE)[]",),
    "STRUCT(risk_id VARCHAR, mean_loss DOUBLE, expected DOUBLE, p50 DOUBLE, p90 DOUBLE, p95 DOUBLE, p99 DOUBLE)[]",
    annual_loss,
)
