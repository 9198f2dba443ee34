"""`python -m pipelines.bench.plan`: seconds until the best plan is proven, for made-up initiatives. Nothing here passes or fails."""

import argparse
import time
from random import Random

from pipelines.functions.allocate import largest_remainder
from pipelines.plan import Item, Problem, cheapest_change, solve
from pipelines.scenarios import POINT

POINTS = (1, 2, 3, 5, 8, 13, 20)
"""What people give for value, urgency and risk."""


def company(items: int, quarters: int, seed: int, carries_over: bool = True) -> Problem:
    """Initiatives as `plumbline plan` makes them: round costs, even over 1 to 4 quarters, and points in hundredths.

    One in three waits for another, one in ten must be done; the money, round too, is enough for about 45 of 100.
    """
    rng = Random(f"plan {items} {quarters} {seed}")
    made: list[Item] = []
    for n in range(items):
        duration = rng.randint(1, 4)
        costs = tuple(largest_remainder(rng.randint(4, 60) * 5_000 * POINT, [1] * duration))
        needs = frozenset(rng.sample([m.item_id for m in made], 1)) if made and rng.random() < 0.35 else frozenset()
        value = sum(rng.choice(POINTS) for _ in range(3)) * POINT
        made.append(Item(f"i{n:02d}", value, costs, needs, rng.choice((0, 0, 0, 1, 2)), is_must=rng.random() < 0.1 and not needs))
    thousand = 1_000 * POINT
    return Problem(tuple(made), (sum(i.cost for i in made) * 45 // 100 // quarters // thousand * thousand,) * quarters, carries_over)


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds until the best plan is proven.")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    solve(company(3, 3, 0))  # imports scipy, which is not what is measured
    for items, quarters, carries_over in ((20, 8, True), (20, 8, False), (40, 12, True), (40, 12, False)):
        print(f"{items} x {quarters}, {'what a quarter leaves, later ones may spend' if carries_over else 'what a quarter leaves is lost'}")
        for seed in range(given.seeds):
            problem = company(items, quarters, seed, carries_over)
            before = time.perf_counter()
            found = solve(problem)
            seconds = time.perf_counter() - before
            if found is None:
                print(f"  seed {seed}: {seconds:6.2f} s, no plan holds what must be in it")
                continue
            left = sorted({i.item_id for i in problem.items} - found.starts.keys())
            before = time.perf_counter()
            kinds = [cheapest_change(problem, found, item).kind for item in left]
            told = f"{len(left)} left out explained in {time.perf_counter() - before:.2f} s: " + ", ".join(f"{kinds.count(k)} {k}" for k in sorted(set(kinds)))
            print(f"  seed {seed}: {seconds:6.2f} s, gap {found.gap:.2%}, {len(found.starts)} planned, {found.value} of {found.bound} points; {told}")


if __name__ == "__main__":
    main()
