"""`python -m pipelines.bench.vendors`: how well spellings find their vendors, and what it costs.

Figures are pairwise: of the pairs of spellings put together how many are one vendor (precision), of the pairs that are
one vendor how many were put together (recall). The labels are of government vendors, by hand, not part of Plumbline;
they are looked for at PLUMBLINE_SHARED, else beside the project. They are compared with, never looked up.

Their errors were read while the rules and the table of other vendors were made, so both figures on them are too good.
What nobody read is nearer to the figures without that table; `spoilt` tells of each kind of slip what share comes back.
"""

import argparse
import csv
import os
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.resolution import FACTS, Resolution, resolve, shipped
from connectors.resolution.reading import read
from connectors.resolution.vocabulary import vocabulary

SPOILERS: Mapping[str, Callable[[str, random.Random], str]] = {
    "a letter left out": lambda name, rng: name[: (at := letter(name, rng))] + name[at + 1 :],
    "a letter too many": lambda name, rng: name[: (at := letter(name, rng))] + rng.choice("aeinorstl") + name[at:],
    "a letter for another": lambda name, rng: name[: (at := letter(name, rng))] + rng.choice("aeinorstl") + name[at + 1 :],
    "two letters swapped": lambda name, rng: name[: (at := letter(name, rng))] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
    "a space left out": lambda name, rng: name.replace(" ", "", 1),
    "written in one": lambda name, rng: name.replace(" ", ""),
    "a hyphen for a space": lambda name, rng: name.replace(" ", "-"),
    "cut at 30 letters": lambda name, rng: f"{name} Professional Services International"[:30],
    "a word for a firm before": lambda name, rng: f"{rng.choice(('Groupe', 'Le Groupe', 'Les Entreprises', 'Société', 'Les Services'))} {name}",
    "a word for a firm behind": lambda name, rng: f"{name} {rng.choice(('Group', 'International', 'Holdings', 'Consulting', 'Services'))}",
    "a legal form spoilt": lambda name, rng: f"{name} {rng.choice(('LTACE', 'LTA C E', 'LIMITAE', 'Corpora', 'Incorporat', 'Limit ed'))}",
    "a place behind": lambda name, rng: f"{name} {rng.choice(('Canada', 'du Canada', 'of Canada Ltd', 'Ottawa', 'North America'))}",
    "a trade name": lambda name, rng: f"{rng.randrange(10**6, 10**7)} Canada Inc {rng.choice(('o/a', 'dba', 'carrying on business as', 'faisant affaire sous'))} {name}",
    "a joint venture": lambda name, rng: f"{name} and Zorbalink Systems in joint venture",
    "a person behind": lambda name, rng: f"{name} c/o J Smith",
}
"""What becomes of a name on its way through forms, keyboards and systems."""
LABELS = Path("data/vendor_aliases/labelled.csv")
SYLLABLES = [c + v for c in "bcdfghklmnprstvz" for v in "aeiou"] + ["an", "el", "or", "ix", "um", "tek", "ron"]
SHOWN = 8


@dataclass(frozen=True)
class Figures:
    """Pairwise precision and recall, 0 to 1, and their harmonic mean."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall) if self.precision + self.recall else 0.0

    def __str__(self) -> str:
        return f"precision {self.precision:.4f}  recall {self.recall:.4f}  F1 {self.f1:.4f}"


def pairs(of: Iterable[Hashable]) -> int:
    """Pairs of equal things."""
    return sum(n * (n - 1) // 2 for n in Counter(of).values())


def figures(found: Mapping[str, str], truth: Mapping[str, Hashable]) -> Figures:
    """Compare groups of names with the true ones."""
    right = pairs((found[name], vendor) for name, vendor in truth.items())
    return Figures(right / max(pairs(found[name] for name in truth), 1), right / max(pairs(truth.values()), 1))


def grouped(resolution: Resolution) -> dict[str, str]:
    return {match.name: match.vendor_key for match in resolution.matches}


def labels() -> dict[str, str] | None:
    """Spelling to vendor, as people labelled them; None where the file is not there."""
    path = Path(os.environ.get("PLUMBLINE_SHARED") or Path(__file__).resolve().parents[3] / "shared") / LABELS
    if not path.is_file():
        return None
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return {row["company_name"]: row["parent_company"] for row in csv.DictReader(lines)}


def halves(truth: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The vendors in two halves by chance. The errors of both were read while the rules were made, so neither is unseen."""
    vendors = sorted(set(truth.values()))
    random.Random(4).shuffle(vendors)
    first = set(vendors[: len(vendors) // 2])
    return {n: v for n, v in truth.items() if v in first}, {n: v for n, v in truth.items() if v not in first}


def quality() -> None:
    """Print the figures on the labels, and what is wrong by kind."""
    truth = labels()
    if truth is None:
        print("labels       not there: set PLUMBLINE_SHARED to the folder that holds data/vendor_aliases")
        return
    first, second = halves(truth)
    largest = Counter(truth.values()).most_common(1)[0][0]
    rest = {name: vendor for name, vendor in truth.items() if vendor != largest}
    print("The labels below were seen while the rules and other_vendors.csv were made: on labels that nobody has seen, expect less, between the two kinds of figures.")
    for title, part in (("all", truth), ("but the largest", rest), ("first half", first), ("second half", second)):
        print(f"{title:<16} {len(part):>5} spellings, {len(set(part.values())):>3} vendors: {figures(grouped(resolve(part)), part)}")
    for title, part in (("all, fewer facts", truth), ("rest, fewer facts", rest)):
        print(f"{title:<17}{len(part):>5} spellings, without other_vendors.csv: {figures(grouped(resolve(part, known=shipped(FACTS[:1]))), part)}")
    errors(truth)


def errors(truth: Mapping[str, str]) -> None:
    """Print false pairs by the rule that made them, missed pairs by what would have been needed."""
    resolution = resolve(truth)
    match = {m.name: m for m in resolution.matches}
    groups, vendors = defaultdict(lambda: defaultdict(list)), defaultdict(lambda: defaultdict(list))
    for name, vendor in truth.items():
        groups[match[name].vendor_key][vendor].append(name)
        vendors[vendor][match[name].vendor_key].append(name)
    false: Counter[str] = Counter()
    for of in groups.values():
        main = max(of, key=lambda vendor: (len(of[vendor]), vendor))
        for vendor in of:
            for name in of[vendor] if vendor != main else ():
                false[match[name].method] += len(of[main])
    missed: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    asked = {(c.left_key, c.right_key) for c in resolution.candidates}
    for vendor, keys in vendors.items():
        ordered = sorted(keys, key=lambda key: (-len(keys[key]), key))
        for place, left in enumerate(ordered):
            for right in ordered[place + 1 :]:
                count = len(keys[left]) * len(keys[right])
                missed[kind_of(keys[left][0], keys[right][0], tuple(sorted((left, right))) in asked)] += count
                lost[vendor] += count
    print("false pairs by rule:", ", ".join(f"{kind} {count}" for kind, count in false.most_common()) or "none")
    print("missed pairs by kind:", ", ".join(f"{kind} {count}" for kind, count in missed.most_common()) or "none")
    print("most missed:", ", ".join(f"{vendor} {count}" for vendor, count in lost.most_common(SHOWN)))


def kind_of(left: str, right: str, is_asked: bool) -> str:
    """Why two spellings of one vendor stayed apart."""
    ours, theirs = ({w for w, k in read(name).content if k in "bws"} for name in (left, right))
    if is_asked:
        return "asked"
    if ours & theirs:
        return "one word in common, not enough"
    return "no word in common: another name, a spelling far off, or a joint venture"


def made_up(count: int, vendor_count: int, seed: int = 5) -> dict[str, int]:
    """Spellings of vendors that nobody has: brands of syllables, words, people's names, with trades, places, forms, numbers, typing errors."""
    rng, lists = random.Random(seed), vocabulary()
    words, people, trades = sorted(lists.words), sorted(lists.people), sorted(lists.trades)
    places = sorted(place for place in lists.places if " " not in place)
    vendors = []
    for _ in range(vendor_count):
        chance = rng.random()
        head = "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(3, 5))) if chance < 0.5 else " ".join(rng.choice(words if chance < 0.75 else people) for _ in range(2))
        vendors.append(f"{head} {rng.choice(trades)}")
    spelled: dict[str, int] = {}
    while len(spelled) < count:
        vendor = rng.randrange(vendor_count)
        name, chance, place = vendors[vendor], rng.random(), rng.randrange(1, 4)
        tail = rng.choice(("Inc", "Ltd", "GmbH", "Corp")) if chance < 0.3 else rng.choice(places) if chance < 0.6 else str(rng.randrange(10000, 99999))
        name = f"{name[:place]}{rng.choice('aeiourtns')}{name[place:]} {rng.choice(places)}" if chance > 0.9 else f"{name} {tail}"
        spelled[name.upper() if rng.random() < 0.5 else name] = vendor
    return spelled


def letter(name: str, rng: random.Random) -> int:
    """Where a letter stands, any of the name's but the last."""
    return rng.choice([at for at, sign in enumerate(name[:-1]) if sign.isalpha()])


def spoilt(vendor_count: int = 400, seed: int = 6) -> None:
    """Print for each kind of slip what share of the names comes back to its vendor, and how many vendors are merged by it."""
    shares = []
    for kind, spoil in SPOILERS.items():
        rng = random.Random(seed)
        names = sorted({vendor: name.rsplit(" ", 1)[0].upper() for name, vendor in made_up(vendor_count, vendor_count).items()}.values())
        wrong = {name: spoil(name, rng) for name in names}
        found = grouped(resolve({*names, *wrong.values()}))
        shares.append((sum(found[name] == found[wrong[name]] for name in names) / len(names), kind, len(names) - len({found[name] for name in names})))
    print("names that come back, by slip (and vendors merged):", ", ".join(f"{kind} {share:.2f} ({merged})" for share, kind, merged in sorted(shares)))


def cost(count: int, vendor_count: int) -> None:
    """Print seconds, peak memory of the process and the figures on made-up names."""
    truth = made_up(count, vendor_count)
    before = time.perf_counter()
    found = resolve(truth)
    seconds = time.perf_counter() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count:>7,} names of {vendor_count:,} made-up vendors: {seconds:.1f} s, {peak:.0f} MB; {figures(grouped(found), truth)}; {len(found.candidates):,} questions")


def main() -> None:
    parser = argparse.ArgumentParser(description="How well spellings find their vendors, and what it costs.")
    parser.add_argument("--names", type=int, default=100_000, help="names of the largest run; a tenth of it are vendors")
    given = parser.parse_args()
    quality()
    spoilt()
    for share in (4, 2, 1):
        cost(given.names // share, given.names // share // 10)


if __name__ == "__main__":
    main()
