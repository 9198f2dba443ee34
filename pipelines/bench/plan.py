"""`python -m pipelines.bench.plan`: seconds until the best plan is proven, for made-up initiatives. Nothing here passes or fails."""

import argparse
import time
from random import Random

from pipelines.plan import Item, Problem, cheapest_change, solve


def company(items: int, quarters: int, seed: int) -> Problem:
    """Initiatives of 1 to 4 quarters with values, costs, a must-do in ten and dependencies; money for about 45 of 100."""
    rng = Random(f"plan {items} {quarters} {seed}")
    made: list[Item] = []
    for n in range(items):
        duration = rng.randint(1, 4)
        costs = tuple(rng.randint(500_000, 6_000_000) for _ in range(duration))
        needs = frozenset(rng.sample([m.item_id for m in made], 1)) if made and rng.random() < 0.35 else frozenset()
        made.append(Item(f"i{n:02d}", rng.randint(3, 40), costs, needs, rng.choice((0, 0, 0, 1, 2)), is_must=rng.random() < 0.1 and not needs))
    budget = sum(i.cost for i in made) * 45 // 100 // quarters
    return Problem(tuple(made), (budget,) * quarters)


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds until the best plan is proven.")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    solve(company(3, 3, 0))  # imports scipy, which is not what is measured
    for items, quarters in ((20, 8), (40, 12)):
        for seed in range(given.seeds):
            problem = company(items, quarters, seed)
            before = time.perf_counter()
            found = solve(problem)
            seconds = time.perf_counter() - before
            if found is None:
                print(f"{items} x {quarters}, seed {seed}: {seconds:6.2f} s, no plan holds what must be in it")
                continue
            left = sorted({i.item_id for i in problem.items} - found.starts.keys())
            before = time.perf_counter()
            kinds = [cheapest_change(problem, found, item).kind for item in left]
            told = f"{len(left)} left out explained in {time.perf_counter() - before:.2f} s: " + ", ".join(f"{kinds.count(k)} {k}" for k in sorted(set(kinds)))
            print(f"{items} x {quarters}, seed {seed}: {seconds:6.2f} s, gap {found.gap:.2%}, {len(found.starts)} planned, {found.value} of {found.bound} points; {told}")


if __name__ == "__main__":
    main()
