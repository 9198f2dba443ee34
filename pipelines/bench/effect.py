"""What the estimate of an effect keeps of its promises, on invented companies whose truth is known.

    python -m pipelines.bench.effect

A company has one site with an initiative and some without; all share a drift and a lean of their own, each has noise that
leans on the month before. Printed for each kind of company: how often the 90% interval holds the truth (wanted: 85 to 95 of
100), for an effect that is there at once and for one that takes six months to come, and where nothing was done, how often it is
said to have helped (wanted: at most 7 of 100). Beside it what OLS with Newey-West errors and iterated GLS of statsmodels cover.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from pipelines.functions.effect import effect

MONTHS, START = 24, 12
TRUTH = 1.5
"""The planted effect, mean of the months after, in standard deviations of a site's noise."""
SUDDEN = np.repeat([0.0, TRUTH], [START, MONTHS - START])
RISING = np.minimum(np.arange(1, MONTHS - START + 1) / 6, 1)
GRADUAL = np.concatenate([np.zeros(START), RISING * TRUTH / RISING.mean()])


@dataclass(frozen=True)
class Kind:
    """A kind of company: how strongly noise leans on the month before, and how many sites it is compared with."""

    lean: float
    sites: int


KINDS = tuple(Kind(lean, sites) for lean in (0.0, 0.3, 0.6, 0.8) for sites in (1, 3, 12))


@dataclass(frozen=True)
class Kept:
    """Shares of the companies of one kind."""

    sudden: float
    gradual: float
    alarmed: float


def leaning(rng: np.random.Generator, lean: float) -> np.ndarray:
    """Noise of standard deviation 1."""
    drawn = rng.standard_normal(MONTHS)
    found = np.empty(MONTHS)
    found[0] = drawn[0]
    for n in range(1, MONTHS):
        found[n] = lean * found[n - 1] + np.sqrt(1 - lean**2) * drawn[n]
    return found


def company(rng: np.random.Generator, kind: Kind) -> np.ndarray:
    """One row a site, the first to have the initiative, which has done nothing yet."""
    shared = leaning(rng, 0.6) + 0.05 * np.arange(MONTHS)
    return np.stack([shared + leaning(rng, kind.lean) for _ in range(kind.sites + 1)])


def planted(sites: np.ndarray, done: np.ndarray) -> np.ndarray:
    return np.concatenate([sites[:1] + done, sites[1:]])


def observations(sites: np.ndarray) -> list[dict[str, object]]:
    return [
        {"group_name": f"site {n:02d}", "month": date(2024 + m // 12, m % 12 + 1, 1), "value": float(value), "is_treated": n == 0, "is_after": m >= START}
        for n, values in enumerate(sites) for m, value in enumerate(values)
    ]  # fmt: skip


def helped(found: dict[str, object]) -> bool:
    """Whether it is said to have helped where more is better: by its interval, and no trend before."""
    against = found["against"]
    return isinstance(against, dict) and against["low"] > 0 and not against["was_moving"]


def holds_truth(found: dict[str, object]) -> bool:
    against = found["against"]
    return isinstance(against, dict) and against["low"] <= TRUTH <= against["high"]


def kept(kind: Kind, runs: int, seed: int = 1) -> Kept:
    """Over `runs` companies with a planted effect of either shape, and the same companies without one."""
    rng = np.random.default_rng([seed, int(kind.lean * 10), kind.sites])
    counts = np.zeros(3)
    for _ in range(runs):
        sites = company(rng, kind)
        shapes = [holds_truth(effect(observations(planted(sites, done)), None)) for done in (SUDDEN, GRADUAL)]
        counts += [*shapes, helped(effect(observations(sites), None))]
    return Kept(*(float(share) for share in counts / runs))


def elsewhere(kind: Kind, runs: int, seed: int = 1) -> Sequence[float]:
    """What OLS with Newey-West errors and iterated GLS with AR(1) of statsmodels cover."""
    import statsmodels.api as sm

    rng = np.random.default_rng([seed, int(kind.lean * 10), kind.sites])
    design = sm.add_constant(np.repeat([0.0, 1.0], [START, MONTHS - START]))
    covered = np.zeros(2)
    for _ in range(runs):
        sites = planted(company(rng, kind), SUDDEN)
        apart = sites[0] - sites[1:].mean(axis=0)
        fits = (
            sm.OLS(apart, design).fit(cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True),
            sm.GLSAR(apart, design, rho=1).iterative_fit(8),
        )
        for n, found in enumerate(fits):
            low, high = found.conf_int(0.1)[1]
            covered[n] += low <= TRUTH <= high
    return [float(share) for share in covered / runs]


def main() -> None:
    parser = argparse.ArgumentParser(description="What the estimate of an effect keeps of its promises.")
    parser.add_argument("--runs", type=int, default=400, help="companies of each kind")
    runs = parser.parse_args().runs
    print(f"{runs} companies of each kind, {START} months before and {MONTHS - START} after; shares of 100, which chance moves by {100 / np.sqrt(runs) / 2:.1f} or less\n")
    print("lean  sites   covers (85-95)   gradual effect   false alarms (<= 7)   Newey-West   iterated GLS")
    rows = []
    for kind in KINDS:
        found = kept(kind, runs)
        rows.append([found.sudden, found.gradual, found.alarmed, *elsewhere(kind, runs)])
        print(f"{kind.lean:4.1f}  {kind.sites:5d}   {printed(rows[-1])}", flush=True)
    print(f"  of all      {printed(np.mean(rows, axis=0))}")


def printed(shares: Iterable[float]) -> str:
    return "   ".join(f"{100 * share:{width}.1f}" for share, width in zip(shares, (14, 14, 19, 10, 12), strict=True))


if __name__ == "__main__":
    main()
