"""Vendors from their spellings: names in, matches out; offline, the same every time, with what speaks for each match.

`resolve` reads every distinct spelling (`reading`), gives each a key (`matching`, with public facts from `known`), and joins
keys that are nearly the same (`joining`) or whose names differ by a slip (`slips`). What is sure enough is used; what is likely is a question for a person; the rest stays apart. A
vendor wrongly merged costs more than one missed, so doubt goes to the question.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from connectors.resolution.joining import Edge, edges_of, groups_of
from connectors.resolution.known import Key, Known, bare_words, known_of
from connectors.resolution.matching import Corpus, acronym_of, corpus_of, key_of
from connectors.resolution.public_bodies import with_local_places
from connectors.resolution.reading import OWNED, Reading, classed, is_numbered, read
from connectors.resolution.slips import cut_short, slips_of
from connectors.resolution.vocabulary import TABLES

__all__ = ["ASKED", "FACTS", "USED", "Candidate", "Match", "Resolution", "resolve", "shipped"]

USED = 0.9
"""From this confidence on a match is used."""
ASKED = 0.7
"""From this confidence on, below the one that is used, a person is asked."""


@dataclass(frozen=True, slots=True)
class Match:
    """A spelling and the key of its vendor.

    `method` is the rule that told (name, words, brand, head, partner, known, seller, public, typo, spacing, cut, said, acronym);
    `evidence` says it in words; `confidence` is 0 to 1. `maker` is who made what this vendor sold, `issuer` who sent the invoice for it,
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


FACTS = ("technology_vendors.csv", "other_vendors.csv")


@cache
def public_facts(files: tuple[str, ...] = FACTS) -> tuple[tuple[str, str, str, str], ...]:
    """The shipped tables: alias, vendor, relation (same, absorbed, owns or sells), source."""
    found = []
    for file in files:
        with (TABLES / file).open(encoding="utf-8", newline="") as lines:
            found += [(row["alias"], row["vendor"], row["relation"], row["source"]) for row in csv.DictReader(lines)]
    return tuple(found)


@cache
def shipped(files: tuple[str, ...] = FACTS) -> Known:
    """The vendors known from the shipped tables."""
    return known_of(public_facts(files))


@cache
def owners() -> Mapping[str, str]:
    """The owner's name by the key of the vendor owned."""
    return {" ".join(bare_words(read(alias))): vendor for alias, vendor, relation, _ in public_facts() if relation == "owns"}


MOST = 0.5
"""Share of the names beginning with a word that are known as one vendor's, before the others are his too."""
SAID_OF_SEVERAL = 0.8
"""Confidence of a name that is said of several vendors: an agency, a partner or an owner rather than a former name."""
SEVERAL = 2
"""Vendors of which a name may be said before it is doubted."""
MANY = 4
"""Names that a vendor and the owner told beside it must both have before they pass for two vendors."""
KNOWN_AS = 2
"""Names of a key that must be known as one vendor's before the key's other names are too."""
LONGEST = 200
"""Letters of a name that are looked at. No vendor is called longer, and a cell of megabytes would be compared for minutes."""


def resolve(names: Collection[str], used: float = USED, asked: float = ASKED, known: Known | None = None) -> Resolution:
    """Group the spellings by vendor. Their order does not matter, nor how often each is given.

    `used` and `asked` are confidences, 0 to 1: matches from `used` on are made, pairs from `asked` on are candidates.
    `known` are the public facts, all that are shipped unless others are given.
    """
    ordered = sorted({name for name in names if name.strip()})
    if not ordered:  # Nothing to hold the public facts against, and reading them takes a fifth of a second.
        return Resolution([], [])
    readings = with_local_places([read(name) if len(name) <= LONGEST else replace(read(name[:LONGEST]), written=name) for name in ordered])
    corpus = corpus_of(readings)
    known = known or shipped()
    found = [key_of(reading, corpus, known) for reading in readings]
    keys = Counter(key.text for key in found)
    said = doubted([edge for reading, key in zip(readings, found, strict=True) for edge in told_by(reading, key.text, keys, corpus, known)])
    edges = strongest([*edges_of(keys), *said, *followed(readings, found, keys, corpus), *slips_of(readings, [key.text for key in found], corpus)])
    groups = groups_of(keys, edges, used)
    edges = strongest([*edges, *cut_short(readings, [groups[key.text] for key in found])])
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
        told = f"{evidence} ({steps})" if steps else evidence
        matches.append(Match(reading.written, vendor, method, confidence, told, reading.maker, reading.issuer, owners().get(vendor)))
    return Resolution(matches, questions(edges, groups, asked, used))


def told_by(reading: Reading, key: str, keys: Counter[str], corpus: Corpus, known: Known) -> list[Edge]:
    """What a spelling itself says of another name of its vendor: a former or trade name, its owner, or the first letters of its words."""
    edges = []
    if is_numbered(reading.former) or any(classed(word)[1] in "bws" for word in reading.former):
        other = key_of(read(" ".join(reading.former)), corpus, known).text
        if other in keys and other != key:
            is_owner = OWNED in reading.steps and min(keys[key], keys[other]) >= MANY
            edges.append(Edge(*sorted((key, other)), "said", SAID_OF_SEVERAL if is_owner else 0.9, f"«{reading.written}» names both"))
    acronym = acronym_of(reading)
    if acronym:
        place = reading.words.index(acronym)
        words, kinds, spelt = (told[:place] + told[place + 1 :] for told in (reading.words, reading.kinds, reading.spelt))
        without = key_of(replace(reading, words=words, kinds=kinds, spelt=spelt), corpus, known).text
        edges += [
            Edge(*sorted((key, other)), "acronym", 0.9, f"«{reading.written}» gives the name and its first letters")
            for other in (acronym, without)
            if other in keys and other != key
        ]
    return edges


def doubted(edges: Sequence[Edge]) -> list[Edge]:
    """What spellings say, as a question where a name is said of several vendors."""
    partners: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        if edge.method == "said":
            partners[edge.left].add(edge.right)
            partners[edge.right].add(edge.left)

    def is_doubtful(edge: Edge) -> bool:
        left, right = edge.left, edge.right
        if edge.method != "said" or is_numbered(left.split()) or is_numbered(right.split()):
            return False
        fewer, more = sorted((len(partners[left]), len(partners[right])))
        return fewer > 1 or more > SEVERAL

    return [replace(edge, confidence=SAID_OF_SEVERAL) if is_doubtful(edge) else edge for edge in edges]


def followed(readings: Sequence[Reading], found: Sequence[Key], keys: Counter[str], corpus: Corpus) -> list[Edge]:
    """Known vendors with the group of names that only begin like them, where most that begin so are known as theirs."""
    known: Counter[tuple[str, str]] = Counter()
    own = {key.text for key in found if key.method == "known"}
    for reading, key in zip(readings, found, strict=True):
        word = reading.words[0]
        if key.method == "known" and key.text.split()[0] == reading.spelt[0] and word in keys and word not in own and (word in corpus.bare or word in corpus.alone):
            known[word, key.text] += 1
    begun = [
        Edge(*sorted((word, key)), "known", 0.9, f"most names that begin with {word} are known as {key}")
        for (word, key), count in sorted(known.items())
        if word != key and count >= MOST * corpus.first[word]
    ]
    otherwise: Counter[tuple[str, str]] = Counter()
    for reading, key in zip(readings, found, strict=True):
        if key.method == "known" and (plain := key_of(reading, corpus).text) != key.text and plain in keys and plain not in own:
            otherwise[plain, key.text] += 1
    said_of = Counter(plain for plain, _ in otherwise)
    return begun + [
        Edge(*sorted((plain, key)), "known", 0.9, f"{count} names of {plain} are known as {key}")
        for (plain, key), count in sorted(otherwise.items())
        if count >= KNOWN_AS and count >= MOST * keys[plain] and said_of[plain] == 1
    ]


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
