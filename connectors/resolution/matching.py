"""Which readings mean one vendor: keys that names share, and edges between keys that are nearly the same.

A name's key is made of the name alone and of how brands stand in the other names; names with one key are one vendor.
Keys are then joined by edges, each with its method, evidence and confidence.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from connectors.resolution.reading import Reading
from connectors.resolution.vocabulary import Kind

SHORT = 3
WINDOW = 6


@dataclass(frozen=True, slots=True)
class Key:
    """What a spelling has in common with the vendor's others, and how sure that is, 0 to 1."""

    text: str
    method: str
    confidence: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Edge:
    """Two keys that may be one vendor."""

    left: str
    right: str
    method: str
    confidence: float
    evidence: str


@dataclass(frozen=True)
class Corpus:
    """What the names show together: brands that stand alone in some name, and how many names a brand leads."""

    alone: frozenset[str]
    leads: Mapping[str, int]


def corpus_of(readings: Sequence[Reading]) -> Corpus:
    """Read the names together."""
    alone: set[str] = set()
    leads: Counter[str] = Counter()
    for reading in readings:
        kinds = [k for _, k in reading.content]
        if Kind.BRAND in kinds:
            brand = reading.content[kinds.index(Kind.BRAND)][0]
            leads[brand] += 1
            if all(k in "bg" for k in kinds) and len({w for w, k in reading.content if k == Kind.BRAND}) == 1:
                alone.add(brand)
    return Corpus(frozenset(alone), leads)


def key_of(reading: Reading, corpus: Corpus) -> Key:
    """The key of a spelling, by the first rule that fits."""
    content = reading.content
    brands = [w for w, k in content if k == Kind.BRAND]
    if brands:
        return brand_key(content, brands, corpus)
    telling = [(w, k) for w, k in content if k in "ws"]
    if len(telling) >= 2:
        return phrase_key(content, telling)
    words = list(dict.fromkeys(w for w, k in zip(reading.words, reading.kinds, strict=True) if k in "wsg" or (k == Kind.PLACE and not telling)))
    words = words or [w for w, _ in content]
    return Key(" ".join(words), "name", 0.97, f"the same words: {' '.join(words)}")


def brand_key(content: Sequence[tuple[str, str]], brands: Sequence[str], corpus: Corpus) -> Key:
    """The key of a name that holds a word in no list: that word, once some name consists of it alone."""
    brand = brands[0]
    others = [w for w, k in content if k in "bws" and w != brand]
    if not others:
        return Key(brand, "name", 0.97, f"the same name: {brand}")
    if brand in corpus.alone and (len(brand) > SHORT or corpus.leads[brand] >= SHORT):
        return Key(brand, "brand", 0.92, f"begins with the brand {brand}, which stands alone elsewhere")
    pair = " ".join(dict.fromkeys([brand, others[0]] if content[0][0] == brand else [w for w, k in content if k in "bws"][:2]))
    return Key(pair, "name", 0.95, f"the same words: {pair}")


def phrase_key(content: Sequence[tuple[str, str]], telling: Sequence[tuple[str, str]]) -> Key:
    """The key of a name of common words: the first two that tell anything; of a person's name also what he does."""
    words = [w for w, _ in telling[:2]]
    if all(k == Kind.PERSON for _, k in telling[:2]):
        words += [w for w, k in content if k == Kind.TRADE][:1]
    return Key(" ".join(words), "words", 0.92, f"the same words: {' '.join(words)}")
