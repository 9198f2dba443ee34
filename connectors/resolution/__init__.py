"""Vendors from their spellings: names in, matches out; offline, the same every time, with what speaks for each match.

`resolve` reads every distinct spelling (`reading`), gives each a key (`matching`) and joins keys that are nearly the
same (`joining`). What is sure enough is used; what is likely is a question for a person; the rest stays apart. A
vendor wrongly merged costs more than one missed, so doubt goes to the question.
"""

import csv
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from connectors.resolution.joining import Edge, edges_of, groups_of
from connectors.resolution.matching import Corpus, Known, acronym_of, bare_words, corpus_of, key_of, known_of
from connectors.resolution.reading import Reading, classed, read
from connectors.resolution.vocabulary import TABLES

__all__ = ["ASKED", "USED", "Candidate", "Match", "Resolution", "resolve"]

USED = 0.9
"""From this confidence on a match is used."""
ASKED = 0.7
"""From this confidence on, below the one that is used, a person is asked."""


@dataclass(frozen=True, slots=True)
class Match:
    """A spelling and the key of its vendor.

    `method` is the rule that told (name, words, brand, head, known, seller, typo, spacing, said, acronym); `evidence` says it
    in words; `confidence` is 0 to 1. `maker` is who made what this vendor sold, `issuer` who sent the invoice for it,
    `parent` who owns the vendor, which stays a vendor of its own.
    """

    name: str
    vendor_key: str
    method: str
    confidence: float
    evidence: str
    maker: str | None = None
    issuer: str | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two vendors, by their keys, that may be one: too likely to forget, too unsure to merge."""

    left_key: str
    right_key: str
    method: str
    confidence: float
    evidence: str


@dataclass(frozen=True)
class Resolution:
    """Every spelling's match, in the order of the names, and the questions, the likeliest first."""

    matches: Sequence[Match]
    candidates: Sequence[Candidate]


@cache
def technology_vendors() -> tuple[tuple[str, str, str, str], ...]:
    """The shipped table: alias, vendor, relation (same, absorbed, owns or sells), source."""
    with (TABLES / "technology_vendors.csv").open(encoding="utf-8", newline="") as lines:
        return tuple((row["alias"], row["vendor"], row["relation"], row["source"]) for row in csv.DictReader(lines))


@cache
def shipped() -> Known:
    return known_of(technology_vendors())


@cache
def owners() -> Mapping[str, str]:
    """The owner's name by the key of the vendor owned."""
    return {" ".join(bare_words(read(alias))): vendor for alias, vendor, relation, _ in technology_vendors() if relation == "owns"}


LONGEST = 200
"""Letters of a name that are looked at. No vendor is called longer, and a cell of megabytes would be compared for minutes."""


def resolve(names: Collection[str], used: float = USED, asked: float = ASKED) -> Resolution:
    """Group the spellings by vendor. Their order does not matter, nor how often each is given.

    `used` and `asked` are confidences, 0 to 1: matches from `used` on are made, pairs from `asked` on are candidates.
    """
    ordered = sorted({name for name in names if name.strip()})
    readings = [replace(read(name[:LONGEST]), written=name) for name in ordered]
    corpus = corpus_of(readings)
    known = shipped()
    found = [key_of(reading, corpus, known) for reading in readings]
    keys = Counter(key.text for key in found)
    told = [edge for reading, key in zip(readings, found, strict=True) for edge in told_by(reading, key.text, keys, corpus, known)]
    edges = strongest([*edges_of(keys), *told])
    groups = groups_of(keys, edges, used)
    why = {edge.left: edge for edge in edges if edge.confidence >= used} | {edge.right: edge for edge in edges if edge.confidence >= used}
    matches = []
    for reading, key in zip(readings, found, strict=True):
        vendor = groups[key.text]
        steps = "; ".join(reading.steps)
        if vendor == key.text:
            method, confidence, evidence = key.method, key.confidence, key.evidence
        else:
            edge = why[key.text]
            method, confidence, evidence = edge.method, min(edge.confidence, key.confidence), edge.evidence
        matches.append(Match(reading.written, vendor, method, confidence, f"{evidence} ({steps})" if steps else evidence, reading.maker, reading.issuer, owners().get(vendor)))
    return Resolution(matches, questions(edges, groups, asked, used))


def told_by(reading: Reading, key: str, keys: Counter[str], corpus: Corpus, known: Known) -> list[Edge]:
    """What a spelling itself says of another name of its vendor: a former or trade name, or the first letters of its words."""
    edges = []
    if any(classed(word)[1] in "bws" for word in reading.former):
        other = key_of(read(" ".join(reading.former)), corpus, known).text
        if other in keys and other != key:
            edges.append(Edge(*sorted((key, other)), "said", 0.9, f"«{reading.written}» names both"))
    acronym = acronym_of(reading)
    if acronym and acronym in keys and acronym != key:
        edges.append(Edge(*sorted((key, acronym)), "acronym", 0.9, f"«{reading.written}» gives the name and its first letters"))
    return edges


def strongest(edges: Sequence[Edge]) -> list[Edge]:
    """Of several edges between the same keys the surest."""
    best: dict[tuple[str, str], Edge] = {}
    for edge in sorted(edges, key=lambda e: (e.confidence, e.method, e.evidence)):
        best[edge.left, edge.right] = edge
    return [best[pair] for pair in sorted(best)]


def questions(edges: Sequence[Edge], groups: dict[str, str], asked: float, used: float) -> list[Candidate]:
    """The likely pairs of vendors that stayed apart, each once."""
    best: dict[tuple[str, str], Candidate] = {}
    for edge in edges:
        left, right = sorted((groups[edge.left], groups[edge.right]))
        if left != right and asked <= edge.confidence < used and (left, right) not in best:
            best[left, right] = Candidate(left, right, edge.method, edge.confidence, edge.evidence)
    return sorted(best.values(), key=lambda c: (-c.confidence, c.left_key, c.right_key))
