"""What a company's capabilities mean: which purposes of software serve them, and which words their names hold."""

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from connectors.purpose.reading import FAINTNESS, Words, covering, serving, told_by, weight, weights, words

AREA = 0.55
"""How well a wide field means the first of its purposes; the last counts half of that."""
PART = 0.85
"""What a part of a capability's name counts: «Sales & Marketing» is both."""
NAMED = 0.75
"""How much a name must be that of an area to be taken for it."""
LONE = 0.75
"""What it counts that two wordings share one word only: product design and graphic design."""


@dataclass(frozen=True)
class Goal:
    """A capability that may be suggested. `wider`: the names of the capabilities it is part of."""

    capability_id: str
    name: str
    description: str = ""
    wider: tuple[str, ...] = ()


class Catalogue:
    """A company's capabilities: which of them hold a word, and which mean a purpose."""

    def __init__(self, goals: Sequence[Goal]) -> None:
        self.goals = goals
        self.rarity = rarity(goals)
        self.holding: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for goal in goals:
            told = weights([(words(goal.name), 1.0), (words(goal.description), 0.5), *((words(wider), 0.3) for wider in goal.wider)])
            for word, strength in self.scaled(told).items():
                self.holding[word].append((goal.capability_id, strength))
        self.meaning: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for goal in goals:
            for purpose, strength in self.meant(goal).items():
                self.meaning[purpose].append((goal.capability_id, strength))
        self.names = {goal.capability_id: goal.name for goal in goals}

    def scaled(self, counted: Mapping[str, float]) -> dict[str, float]:
        """The words by rarity, as a vector of length 1."""
        by_rarity = {word: count * self.rarity.get(word, 1.0) for word, count in counted.items()}
        length = math.sqrt(sum(count * count for count in by_rarity.values())) or 1.0
        return {word: count / length for word, count in by_rarity.items()}

    def meant(self, goal: Goal) -> dict[str, float]:
        """The purposes that a capability means, 0 to 1 how well: by a wording that serves them, by an area's name, or by a phrase of its own."""
        found = defaultdict[str, float](float)
        for share, name in readings(goal.name):
            for purpose, served in dict.fromkeys(pair for word in name for pair in serving().get(word, ())):
                found[purpose] = max(found[purpose], share * alike(served, name))
            for area, served in dict.fromkeys(pair for word in name for pair in covering().get(word, ())):
                if (likeness := alike(served, name)) >= NAMED:
                    for place, purpose in enumerate(area.purposes):
                        found[purpose] = max(found[purpose], share * AREA * likeness * (1 - place / len(area.purposes) / 2))
        for share, text in ((0.8, goal.name), (0.35, goal.description), *((0.25, wider) for wider in goal.wider)):
            for told in told_by(text):
                found[told.purpose] = max(found[told.purpose], share * told.strength)
        return {purpose: strength for purpose, strength in found.items() if strength >= 0.2}


def readings(name: str) -> list[tuple[float, Words]]:
    """A capability's name and the parts that «&», «/» and commas make of it, each with what it counts."""
    parts = [part for part in re.split(r"\s*(?:[&/,;:+()]|\band\b|\bund\b|\bet\b)\s*", name) if part.strip()]
    return [(1.0, words(name)), *((PART, words(part)) for part in parts if len(parts) > 1)]


def alike(one: Words, other: Words) -> float:
    """How far two wordings say the same: their common words by weight, against both. Faint words alone say nothing, unless they are all."""
    if one and {*one} == {*other}:
        return 1.0
    shared = sorted({*one} & {*other})
    common = sum(map(weight, shared))
    if common <= 2 * FAINTNESS:
        return 0.0
    likeness = 2 * common / (heft(one) + heft(other))
    return likeness if len(shared) > 1 else LONE * likeness


@cache
def heft(wording: Words) -> float:
    """What the words of a wording count for together."""
    return sum(map(weight, sorted({*wording})))


def rarity(goals: Sequence[Goal]) -> dict[str, float]:
    """The inverse document frequency of each word over the capabilities, smoothed, 1 for a word of all."""
    count: dict[str, int] = defaultdict(int)
    for goal in goals:
        for word in {*words(goal.name), *words(goal.description)}:
            count[word] += 1
    return {word: 1 + math.log((1 + len(goals)) / (1 + n)) for word, n in count.items()}
