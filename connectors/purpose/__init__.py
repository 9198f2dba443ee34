"""What a tool, vendor or account may be for: suggestions out of a company's own capabilities, offline, with reasons.

Four things speak for a capability: a purpose that the subject's category, description or other texts tell (`reading`) or
that the product it names is known for (`named`), and that the capability's name means (`goals`); words that both share; subjects like it that people have mapped there;
and what its vendor's other tools are for. They are added up, and the sum with its lead over the next becomes a
confidence. Who is asked sees the reason; nothing is decided here.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from connectors.purpose.goals import Catalogue, Goal
from connectors.purpose.named import HEAD, product_in
from connectors.purpose.reading import Found, Words, base, spelled, told_by, weights, words

__all__ = ["SHOWN", "Goal", "Subject", "Suggestion", "suggest"]

SHOWN = 3
FIELDS = {"category": 1.0, "name": 0.7, "description": 0.6, "text": 0.25, "unit": 0.15}
"""How much what a field says counts. Tickets and departments tell of problems and people, only by the way of a purpose."""
TURN = re.compile(r"\b(?:that|which|designed|for|to|used|helping|offering|providing|enabling|der|die|das|f[uü]r)\b")
"""Words at which a description turns from what a thing is to what is done with it."""
IS, DOES = 0.75, 0.5
"""How much these two halves of a description count for a purpose."""
NAMES = r"((?:[A-Z][\w.+-]*\w ?){1,3})"
LIKE = (
    re.compile(rf"(?:[Aa]lternatives? to|[Rr]eplacement (?:for|of)|[Cc]lone of|[Ff]ork of|[Ss]imilar to) {NAMES}"),
    re.compile(rf"{NAMES}(?:alternative|replacement|clone)\b"),
)
"""How descriptions liken a thing to a product that is better known."""
LIKENESS = 0.6
"""What the other product's purposes count then."""
SHARES = {"purpose": 1.0, "words": 0.7, "near": 0.6, "vendor": 0.15}
"""How much each kind of evidence counts in the sum."""
ELSEWHERE = 0.6
"""What remains of a sum where the subject tells a purpose plainly that the capability does not mean: design of pictures, of products."""
PLAIN = 0.6
AGAIN = 0.6
"""What a further capability counts for the same reason, when the three to be shown are chosen."""
LEAST = 0.08
"""Sums below this are chance."""
ALONE = 0.9
"""How sure a suggestion is at most that rests on a name alone: what a product can do is not what it was bought for."""
CALIBRATION = (-1.0, 0.9, 3.5)
"""Constant, weight of the sum and weight of its lead over the next: a logistic curve, see `pipelines/bench/mapping.py`."""


def halves(text: str) -> tuple[tuple[str, float], ...]:
    """A description's beginning, which says what the thing is, and what follows, each with what it counts."""
    turn = TURN.search(text)
    return ((text[: turn.start()], IS), (text[turn.start() :], DOES)) if turn else ((text, IS),)


@dataclass(frozen=True)
class Subject:
    """What is to be mapped. `texts`: tickets' titles, invoice lines; `units`: where the people are who use it."""

    subject_id: str
    name: str
    category: str = ""
    description: str = ""
    vendor: str = ""
    texts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    @cached_property
    def known(self) -> tuple[Found, ...]:
        """The purposes of the well-known product that its name tells, the main one first."""
        return product_in(self.name, self.vendor)

    @property
    def is_known(self) -> bool:
        """Whether its name is that of a well-known product, so that the words in the name tell nothing more."""
        return bool(self.known) and self.known[0].strength >= HEAD

    @cached_property
    def purposes(self) -> Mapping[str, tuple[float, str]]:
        """How plainly it tells each purpose, 0 to 1, and by what."""
        told: dict[str, tuple[float, str]] = {}
        for product in self.known:
            told[product.purpose] = (product.strength, f"{self.name} is known for {product.purpose}")
        for mention in (name.strip() for form in LIKE for name in form.findall(self.description)):
            for product in product_in(mention, None):
                told.setdefault(product.purpose, (LIKENESS * product.strength, f"its description likens it to {mention}"))
        for name, text in self.fields:
            if name == "name" and self.is_known:
                continue  # «Creative Cloud» is no cloud
            for part, share in halves(text) if name == "description" else ((text, FIELDS[name]),):
                for found in told_by(part):
                    strength, why = told.get(found.purpose, (0.0, ""))
                    more = 1 - (1 - strength) * (1 - share * found.strength)
                    told[found.purpose] = (more, why or f"its {name} says «{found.phrase}»")
        return told

    @property
    def fields(self) -> Iterable[tuple[str, str]]:
        yield from (("category", self.category), ("name", self.name), ("description", self.description))
        yield from (("text", text) for text in dict.fromkeys(self.texts))
        yield from (("unit", unit) for unit in dict.fromkeys(self.units))

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """Its words as it writes them, by how they are compared."""
        return {base(word): word for _, text in self.fields for word in reversed(spelled(text))}

    @cached_property
    def kind(self) -> Words:
        """Its category, as categories are compared."""
        return words(self.category)

    @cached_property
    def words(self) -> Mapping[str, float]:
        """Its words that a capability may share, with what they count."""
        counted = ("category", "description") if self.is_known else ("category", "name", "description")
        return weights((words(text), FIELDS[name]) for name, text in self.fields if name in counted)


@dataclass(frozen=True)
class Suggestion:
    """A capability for a subject: the 1st, 2nd or 3rd; confidence 0 to 1, and why, in words."""

    subject_id: str
    capability_id: str
    rank: int
    confidence: float
    reason: str


@dataclass
class Evidence:
    """What speaks for one capability."""

    by: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    why: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, strength: float, why: str) -> None:
        if strength > self.by[kind]:
            self.by[kind], self.why[kind] = strength, why

    @property
    def total(self) -> float:
        return sum(SHARES[kind] * strength for kind, strength in self.by.items())


def suggest(subjects: Sequence[Subject], goals: Sequence[Goal], decided: Mapping[str, Mapping[str, float]]) -> dict[str, tuple[Suggestion, ...]]:
    """Up to three capabilities for each subject that `decided` does not hold, the likeliest first.

    `decided`: what people have said, subject to capability to share; such subjects are examples for the others.
    The same input gives the same answer, in any order of rows.
    """
    catalogue = Catalogue(sorted(goals, key=lambda goal: goal.capability_id))
    examples = [subject for subject in sorted(subjects, key=lambda s: s.subject_id) if decided.get(subject.subject_id)]
    return {subject.subject_id: ranked(subject, weigh(subject, catalogue, examples, decided)) for subject in subjects if not decided.get(subject.subject_id)}


def ranked(subject: Subject, weighed: Mapping[str, Evidence]) -> tuple[Suggestion, ...]:
    """The best of what was weighed, with confidence."""
    plain = max((strength for strength, _ in subject.purposes.values()), default=0.0) >= PLAIN
    sums = {capability_id: evidence.total * (ELSEWHERE if plain and not evidence.by["purpose"] else 1.0) for capability_id, evidence in weighed.items()}
    ordered = sorted(((total, capability_id) for capability_id, total in sums.items() if total >= LEAST), key=lambda b: (-b[0], b[1]))
    said_more = bool(subject.category or subject.description or subject.texts)
    found: list[Suggestion] = []
    for place, (total, capability_id) in enumerate(varied(ordered, weighed)):
        others = ordered[1][0] if place == 0 and len(ordered) > 1 else ordered[0][0] if place else 0.0
        reason = "; ".join(weighed[capability_id].why[kind] for kind in SHARES if kind in weighed[capability_id].why)
        sure = min(confidence(total, total - others), found[-1].confidence if found else 1.0 if said_more else ALONE)
        found.append(Suggestion(subject.subject_id, capability_id, place + 1, sure, reason))
    return tuple(found)


def varied(best: Sequence[tuple[float, str]], weighed: Mapping[str, Evidence]) -> list[tuple[float, str]]:
    """The ones to show, a reason's second capability counting less: three that rest on one word help less than three readings."""
    left, chosen, used = list(best), [], set[str]()

    def worth(place: int) -> tuple[float, int]:
        total, capability_id = left[place]
        return total * (AGAIN if weighed[capability_id].why.get("purpose") in used else 1.0), -place

    while left and len(chosen) < SHOWN:
        chosen.append(left.pop(max(range(len(left)), key=worth)))
        if why := weighed[chosen[-1][1]].why.get("purpose"):
            used.add(why)
    return chosen


def confidence(total: float, lead: float) -> float:
    """How likely a suggestion is right, 0 to 1."""
    constant, of_total, of_lead = CALIBRATION
    return round(1 / (1 + math.exp(-(constant + of_total * min(total, 2.0) + of_lead * max(-1.0, min(lead, 1.0))))), 4)


def weigh(subject: Subject, catalogue: Catalogue, examples: Sequence[Subject], decided: Mapping[str, Mapping[str, float]]) -> dict[str, Evidence]:
    """All that speaks for each capability."""
    found: dict[str, Evidence] = defaultdict(Evidence)
    plainest = max((strength for strength, _ in subject.purposes.values()), default=1.0)
    for purpose, (strength, why) in subject.purposes.items():
        for capability_id, meaning in catalogue.meaning.get(purpose, ()):
            found[capability_id].add("purpose", strength * strength / plainest * meaning, why)
    shared: dict[str, dict[str, float]] = defaultdict(dict)
    for word, strength in catalogue.scaled(subject.words).items():
        for capability_id, theirs in catalogue.holding.get(word, ()):
            shared[capability_id][word] = strength * theirs
    for capability_id, common in shared.items():
        if (product := sum(sorted(common.values()))) > 0.05:
            told = ", ".join(subject.spellings[word] for word in sorted(common, key=lambda word: (-common[word], word))[:3])
            found[capability_id].add("words", product, f"both say {told}")
    for example in examples:
        near = nearness(subject, example)
        for capability_id, share in decided[example.subject_id].items():
            if capability_id not in catalogue.names:
                continue
            if near >= 0.25:
                found[capability_id].add("near", near * min(1.0, 0.5 + share / 2), f"like {example.name}, which is mapped there")
            if subject.vendor and subject.vendor == example.vendor:
                found[capability_id].add("vendor", share, f"{example.name} of the same vendor is mapped there")
    return found


def nearness(one: Subject, other: Subject) -> float:
    """How much two subjects are for the same thing, 0 to 1: one category, or the same purposes."""
    if one.kind and one.kind == other.kind:
        return 0.6
    common = one.purposes.keys() & other.purposes.keys()
    return max((min(one.purposes[purpose][0], other.purposes[purpose][0]) for purpose in common), default=0.0) * 0.9
