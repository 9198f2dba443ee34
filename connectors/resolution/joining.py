"""Keys that are nearly the same, joined where that is sure, with what speaks for it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from connectors.resolution.matching import shortened
from connectors.resolution.reading import classed
from connectors.resolution.vocabulary import Kind

BUCKET = 40
"""Keys that are compared with one another at most, where so many share the same letters."""
OFTEN = 3
"""Names that have a key before it passes for a name of its own, not for a typing error of another."""

CERTAIN = 8
"""Letters from which on a word is taken for a known one mistyped."""
TIMES = 5
"""How many times as often a short key stands there than what must be a typing error of it."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Two keys that may be one vendor."""

    left: str
    right: str
    method: str
    confidence: float
    evidence: str


def edges_of(keys: Mapping[str, int]) -> list[Edge]:
    """Keys that are nearly the same letters, from keys with the number of names that have each.

    Only keys that share their letters, one left out, are compared, so the work grows with the number of keys, not
    with its square.
    """
    buckets: dict[str, list[str]] = defaultdict(list)
    for key in sorted(keys):
        letters = key.replace(" ", "")
        if len(letters) >= 4:
            for left_out in shortened(letters):
                buckets[left_out].append(key)
    pairs = {
        (left, right) for found in buckets.values() if len(found) > 1 for place, left in enumerate(found[:BUCKET]) for right in found[place + 1 : BUCKET]
    }
    return [edge for left, right in sorted(pairs) if (edge := edge_between(left, right, keys))]


def edge_between(left: str, right: str, keys: Mapping[str, int]) -> Edge | None:
    """The edge between two keys that are nearly the same letters."""
    letters = left.replace(" ", ""), right.replace(" ", "")
    length = min(map(len, letters))
    if letters[0] == letters[1]:
        return Edge(left, right, "spacing", 0.95 if length >= 5 else 0.85, f"the same letters: {left} and {right}")
    distance = OSA.distance(*letters)
    if distance > 2 or digits(letters[0]) != digits(letters[1]):
        return None
    pairs = differing(left, right)
    if len(pairs) == 1 and length < CERTAIN and any(classed(word)[1] != Kind.BRAND for word in pairs[0]):
        return Edge(left, right, "typo", 0.75, f"{left} and {right} differ by {distance} letters, yet one is a word")
    if pairs and all(Kind.BRAND not in (classed(a)[1], classed(b)[1]) for a, b in pairs):
        return Edge(left, right, "typo", 0.75, f"{left} and {right} differ by {distance} letters, yet both are words")
    if not pairs and length < CERTAIN:
        return Edge(left, right, "typo", 0.75, f"{left} and {right} differ by {distance} letters and a space")
    shortest = min((min(len(a), len(b)) for a, b in pairs), default=length)
    sure = (distance == 1 and (shortest >= 6 or (shortest >= 4 and length >= 11))) or (distance == 2 and (shortest >= 8 or (shortest >= 6 and length >= 14)))
    rare, often = sorted((keys[left], keys[right]))
    if distance == 1 and shortest >= 5 and often >= TIMES * rare:
        return Edge(left, right, "typo", 0.91, f"1 letter differs: {left} and {right}, {often} times as against {rare}")
    is_error = length >= 12 or rare < OFTEN
    if sure and is_error:
        return Edge(left, right, "typo", 0.92, f"{distance} letters differ: {left} and {right}")
    return Edge(left, right, "typo", 0.8 if distance == 1 else 0.7, f"{distance} letters differ: {left} and {right}")


def differing(left: str, right: str) -> list[tuple[str, str]]:
    """The words in which two keys of as many words differ."""
    ours, theirs = left.split(), right.split()
    return [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b] if len(ours) == len(theirs) else []


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def groups_of(keys: Mapping[str, int], edges: Sequence[Edge], threshold: float) -> dict[str, str]:
    """Each key with the one that stands for its vendor: of the joined ones that which most names have."""
    leader = {key: key for key in keys}

    def top(key: str) -> str:
        while leader[key] != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    for edge in sorted(edges, key=lambda e: (-e.confidence, e.left, e.right)):
        if edge.confidence >= threshold:
            one, other = sorted((top(edge.left), top(edge.right)), key=lambda k: (-keys[k], len(k), k))
            leader[other] = one
    return {key: top(key) for key in keys}
